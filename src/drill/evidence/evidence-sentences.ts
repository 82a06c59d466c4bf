import {
  DeviationCode, DifferenceCode, DrillEnd, DrillPhase, DrillStart, IsolationCheck, IsolationCode, KnownLoss, ScratchRemoval, SignInOfKind,
} from './drill-facts';
import { DrillFailure, TargetStatus, ValidationStatus } from './drill-verdict';
import { Outcome, ReasonCode } from '../../state/outcome';

type Words<Code extends string> = Readonly<Record<Code, string>>;

/** What the codes of a report say to somebody who does not know the product. Nothing may depend on the words. */
export const EVIDENCE_WORDS = {
  validation: {
    SUCCESSFUL: 'The copy was restored and compared, and nothing unexplained was found.',
    FAILED: 'This drill did not show that the copy can be restored.',
    STOPPED: 'This drill was not carried out. It says nothing about the copy, good or bad.',
  } satisfies Words<ValidationStatus>,
  failures: {
    'phase-failed': 'A step of the drill failed.',
    'part-missing': 'The drill did not reach every step, so this report lacks parts.',
    'nobody-in-scope': 'There was nobody to restore: a drill about nobody shows nothing.',
    'counts-do-not-add-up': 'Not every user who went in is accounted for.',
    'users-failed': 'Some users could not be restored.',
    'unexplained-differences': 'What was restored differs from the copy, and nothing explains why.',
    'digests-contradict': 'The fingerprints of the two sets and the list of differences contradict each other.',
    'isolation-broken': 'The drill was not isolated as it has to be.',
    'isolation-not-checked': 'It was not checked that the drill was isolated.',
    'sign-in-failed': 'A restored user could not sign in, or one who must not could.',
    'nobody-signed-in': 'No restored user was seen to sign in.',
  } satisfies Words<DrillFailure>,
  end: {
    completed: 'every step was carried out',
    yielded: 'stopped, because a real restore began and comes first',
    failed: 'a step failed',
  } satisfies Words<DrillEnd['how']>,
  starts: {
    'schedule': 'the schedule',
    'operator': 'an operator',
    'region-switch': 'a Region switch plan',
  } satisfies Words<DrillStart>,
  phases: {
    'choose': 'Choose the moment',
    'make-pool': 'Make a scratch user pool, and choose the users',
    'restore': 'Restore the users into it',
    'compare': 'Compare every user with the copy',
    'sign-in': 'Sign in as restored users',
    'delete-pool': 'Delete the scratch user pool',
    'prove-deletion': 'Look whether it is gone',
  } satisfies Words<DrillPhase>,
  targets: {
    'met': 'met',
    'missed': 'missed',
    'not-set': 'no target set',
    'not-measured': 'not measured',
  } satisfies Words<TargetStatus>,
  isolation: {
    'own-name-and-tag': 'The scratch pool has the name and the tag of a drill, so that nobody takes it for another one',
    'no-triggers': 'No function of the application is attached to it',
    'no-email-sender': 'It has no e-mail sender of the application',
    'no-sms-role': 'It cannot send text messages',
    'no-domain': 'It has no sign-in page',
    'no-message-sent': 'No message was sent to anybody',
    'source-untouched': 'The user pool in use was not changed',
    'standby-untouched': 'The standby user pool was not changed',
    'links-untouched': 'The records that link users of both pools were not changed',
  } satisfies Words<IsolationCode>,
  isolationSeen: {
    'held': 'seen to hold',
    'broken': 'NOT so',
    'by-permission': 'not looked at: the drill has no permission to change it',
  } satisfies Words<IsolationCheck['seen']>,
  outcomes: {
    'restored': 'restored',
    'would-restore': 'would be restored',
    'already-there': 'there already',
    'skipped': 'left out on purpose',
    'failed': 'failed',
  } satisfies Words<Outcome>,
  differences: {
    'user-missing': 'user of the copy is not in the scratch pool',
    'user-not-expected': 'user of the scratch pool is not in the copy',
    'attribute': 'attribute differs',
    'status': 'status differs',
    'enabled': 'enabled in one and disabled in the other',
    'second-factor': 'preferred second factor differs',
    'membership-missing': 'membership of a group is missing',
    'membership-not-expected': 'membership of a group is too many',
    'group-missing': 'group is missing',
    'group-not-expected': 'group is too many',
    'group-setting': 'setting of a group differs',
  } satisfies Words<DifferenceCode>,
  losses: {
    passwords: ['Passwords', 'Cognito shows them to nobody, so that no copy can have them. Users choose a new one.'],
    subs: ['Identifiers of users (sub)', 'Cognito gives a restored user a new one. The old one is kept beside it.'],
    totp: ['Authenticator apps', 'Users enrol them again.'],
    passkeys: ['Passkeys', 'Users register them again.'],
    devices: ['Remembered devices', 'Users are asked for their second factor once more.'],
  } satisfies Readonly<Record<KnownLoss, readonly [what: string, then: string]>>,
  deviations: {
    'setting-left-out': 'Settings of the user pool in use that the scratch pool does not have',
    'mfa-not-required': 'A second factor is not required in the scratch pool, or can only be an authenticator app',
    'sample-only': 'A sample of the users was restored, not everybody',
    'quota-share-smaller': 'The drill used a smaller share of the quotas than a real restore would',
    'messages-not-sent': 'Sign-in by codes that are sent was not rehearsed, as no message may leave',
    'app-not-rehearsed': 'The application itself was not pointed at the restored pool',
    'template-unreadable': 'A deployed template could not be read',
    'approval-missing': 'Nobody was named as having approved the drill',
  } satisfies Words<DeviationCode>,
  signInSeen: {
    'signed-in': 'signed in',
    'refused': 'refused',
    'no-such-user': 'nobody of that kind among the users',
    'failed': 'failed',
  } satisfies Words<SignInOfKind['seen']>,
  removal: {
    'proven': 'Deleted, and seen to be gone. AWS may keep it inactive for 14 days.',
    'not-proven': 'It was still seen after it should have been gone.',
    'failed': 'It could not be deleted.',
    'nothing-to-remove': 'No scratch pool had been made.',
  } satisfies Words<ScratchRemoval['how']>,
};

/** Words for a reason as a count has it, without the details that it has for one user. */
export function wordsOfReason(code: ReasonCode): string {
  return (REASONS as Partial<Record<string, string>>)[code] ?? code;
}

/** The reasons of a restore into an empty pool, and of comparing it; any other one is shown as its code. */
const REASONS: Partial<Words<ReasonCode>> = {
  'source-unconfirmed': 'the user never confirmed the sign-up, and restoring would confirm it',
  'source-federated': 'the user comes from an identity provider and is made at the next sign-in through it',
  'no-sign-in-name': 'the user has no name to sign in by',
  'attributes-not-in-schema': 'the scratch pool lacks attributes that the user has',
  'newer-namesake': 'a newer user has the same name to sign in by',
  'moment-unknown': 'the copy does not know what the user was at that moment',
  'moment-uncertain': 'the user changed around that moment',
  'moment-by-event': 'when the user changed is known by an event alone',
  'refused': 'Cognito refused the call',
  'source-status': 'the user had another status in the pool in use',
  'target-status': 'Cognito gives a restored user another status',
  'identities-not-linked': 'identities of providers are linked at the next sign-in',
  'attributes-left-out': 'the scratch pool lacks attributes that the user has',
  'totp-lost': 'authenticator apps are not copied',
  'passkeys-lost': 'passkeys are not copied',
  'group-not-restored': 'the group was not restored',
  'name-lost': 'a newer user has the same name',
  'mfa-refused': 'the scratch pool refuses the second factor',
  'mfa-withheld': 'the second factor is set once the user has a password',
  'unverified-address': 'the address is not verified',
};
