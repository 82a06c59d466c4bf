import { costText } from './cost';
import { ActiveUsersCost, activeUsersCost } from '../../cognito/prices';
import { sentenceOf } from '../../converge/sentences';
import { RECOVERY_QUOTA_SHARE } from '../../recovery/constants';
import { RecoveryReport } from '../../recovery/recovery-report';
import { Scope } from '../../recovery/recovery-run';
import { RESTORE_QUOTA_SHARE } from '../../restore/constants';
import { RestoreReport } from '../../restore/report';
import { bindingQuota, restoreCalls } from '../../restore/restore-pace';
import { CliError, EXIT, ExitCode } from '../cli-error';
import { inUtcAndLocal, lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** What a person, or `--max-users`, has to agree to before a pool is written. */
export interface Agreement {
  /** Users that would be written. */
  readonly users: number;
  /** Words that are typed to go on: the number says that the plan was read. */
  readonly words: string;
}

export interface Confirmation {
  readonly yes?: boolean;
  readonly maxUsers?: number;
}

/** Where nobody can be asked, the most users were said beforehand. Asking is the terminal's. */
export function agreedBeforehand({ yes, maxUsers }: Confirmation, { users }: Agreement): boolean {
  if (maxUsers !== undefined && users > maxUsers) {
    throw new CliError(EXIT.REFUSED, 'too-many-users', `the plan writes ${users} users, and --max-users says ${maxUsers}: nothing was changed`);
  }
  if (yes && maxUsers === undefined) throw new CliError(EXIT.USAGE, 'no-max-users', '--yes: needs --max-users, the most users that may be written');
  return yes ?? false;
}

export function recoveryAgreement({ users, groups }: RecoveryReport): Agreement {
  const written = users.undeleted + users.reverted;
  return { users: written, words: String(written > 0 ? written : groups.created + groups.reverted) };
}

export function isNothingToDo({ users, groups }: RecoveryReport): boolean {
  return users.undeleted + users.reverted + groups.created + groups.reverted === 0;
}

/** Calls to the pool that a plan takes, by the quota that they spend. */
export function recoveryCalls({ users: { undeleted, reverted }, memberships: { given, taken } }: Pick<RecoveryReport, 'users' | 'memberships'>) {
  return { ...restoreCalls(undeleted, 0), UserUpdate: reverted + given + taken };
}

/** A user that a recovery makes or changes counts as active in that month: at most so many more than without it. */
export function recoveryEstimate(
  plan: Pick<RecoveryReport, 'users' | 'memberships'>, { quotaShare = RECOVERY_QUOTA_SHARE, quotas, featurePlan }: EstimateProps,
): RestoreEstimate {
  const { users: { undeleted, reverted } } = plan;
  const { category, seconds } = bindingQuota(recoveryCalls(plan), quotaShare, quotas);
  return { seconds: Math.ceil(seconds), boundBy: category, quotaShare, cost: activeUsersCost(undeleted + reverted, featurePlan) };
}

/** Words for whom a plan is about. */
const SCOPES: Readonly<Record<Scope['of'], string>> = {
  'everybody': 'every user',
  'subs': 'the users that were named',
  'groups': 'members of the groups that were named, and the groups',
  'deleted': 'users who were deleted in a period',
  'changed': 'users who changed in a period',
  'changed-by': 'users whom the callers that are meant have changed since',
};

/** A plan for people: what it does, what it leaves, how sure it is. */
export function showRecoveryPlan(terminal: Terminal, report: RecoveryReport, estimate?: RestoreEstimate): void {
  const { users, groups, memberships, asOf, validUntil, undoes, deletionsHeld, userPoolId, scope } = report;
  terminal.line();
  terminal.line(terminal.strong(`Plan ${report.plan}`) + (asOf === undefined ? '' : `: back to ${inUtcAndLocal(Date.parse(asOf))}`)
    + (undoes === undefined ? '' : `: takes back ${undoes}`));
  terminal.table([], [
    ['writes', `the source pool ${userPoolId}`],
    ...scope === undefined ? [] : [['is about', SCOPES[scope]]],
    ['users to bring back', users.undeleted],
    ['users to revert', users.reverted],
    ['  to disable, to enable', `${report.disabled}, ${report.enabled}`],
    ['groups to make again, to revert', `${groups.created}, ${groups.reverted}`],
    ['memberships to give, to take', `${memberships.given}, ${memberships.taken}`],
    ['left as they are', users.leftAsTheyAre + groups.leftAsTheyAre],
    ...estimate && !isNothingToDo(report) ? [
      ['takes', durationText(estimate)],
      ['costs', costText(estimate.cost)],
      ['', 'and nothing for each who is active in that month anyway'],
    ] : [],
    ...validUntil === undefined ? [] : [['can be executed until', inUtcAndLocal(Date.parse(validUntil))]],
  ]);
  if (deletionsHeld !== undefined) {
    terminal.line();
    terminal.line(`${terminal.doubtful('not whole')}: a sweep holds the deletions of the incident ${deletionsHeld}, so that the copy has everybody `
      + 'who went in it, and this plan has none of them; start a sweep that allows them (runbook, SweepAlarms/Failed, DeletionsHeld), and make a new '
      + 'plan');
  }
  showCounts(terminal, 'What has become of users since', report.changes);
  showCounts(terminal, 'Attributes that change', report.attributes);
  showCounts(terminal, 'Second factors that are switched off', report.secondFactors);
  showCounts(terminal, 'How sure it is what there was', report.certainty);
  showCounts(terminal, 'Left as they are', report.leftAsTheyAre);
  showCounts(terminal, 'To know', report.warnings);
}

export function showRecoveryResult(terminal: Terminal, report: RecoveryReport): void {
  showCounts(terminal, 'Outcomes', report.outcomes ?? {});
  for (const [outcome, reasons] of Object.entries(report.reasons ?? {})) showCounts(terminal, outcome, reasons);
  const [shown, more] = [Object.keys(report.recoveredSubs ?? {}).length, report.moreRecoveredSubs ?? 0];
  if (shown === 0) return;
  // The output of an execution has no room for all of very many.
  const whose = more === 0
    ? '--json says which, by the old one'
    : `--json says which ${shown} of them have, by the old one; \`show\` with an old sub says the new one of any`;
  terminal.line(`${shown + more} came back with a new sub: ${whose}`);
}

/** A recovery in which somebody failed is done, and a pipeline should hear of it. */
export function exitOfRecovery({ outcomes = {} }: RecoveryReport): ExitCode {
  return (outcomes.failed ?? 0) > 0 ? EXIT.DIFFERS : EXIT.DONE;
}

/** Users that are made, and those already there that are changed. One that writes nobody may still hold the standby at a moment, or let it go. */
export function restoreAgreement({ wouldRestore = 0, reasons, targetUserPoolId }: RestoreReport): Agreement {
  const users = wouldRestore + (reasons['already-there']?.[sentenceOf({ code: 'would-converge' })] ?? 0);
  return { users, words: users > 0 ? String(users) : targetUserPoolId };
}

/** What a restore, or a recovery, takes and costs. */
export interface RestoreEstimate {
  /** At least. */
  readonly seconds: number;
  /** The quota that bounds it, and the share of it that it takes. */
  readonly boundBy: string;
  readonly quotaShare: number;
  /** Of the users that a restore makes: of those already there, each that it changes counts, too. Of those that a recovery makes or changes. */
  readonly cost: ActiveUsersCost;
}

export interface EstimateProps {
  readonly quotaShare?: number;
  readonly quotas?: Readonly<Record<string, number>>;
  readonly featurePlan?: string;
}

/** By the plan's counts: the calls that the slowest quota takes, and a monthly active user for each user that is made. */
export function restoreEstimate(
  { wouldRestore = 0, memberships }: Pick<RestoreReport, 'wouldRestore' | 'memberships'>,
  { quotaShare = RESTORE_QUOTA_SHARE, quotas, featurePlan }: EstimateProps,
): RestoreEstimate {
  const { category, seconds } = bindingQuota(restoreCalls(wouldRestore, memberships), quotaShare, quotas);
  return { seconds: Math.ceil(seconds), boundBy: category, quotaShare, cost: activeUsersCost(wouldRestore, featurePlan) };
}

/** A restore fills a copy: its plan is counts. */
export function showRestore(terminal: Terminal, report: RestoreReport, estimate?: RestoreEstimate): void {
  terminal.line();
  const { dryRun, users, wouldRestore = 0, restored, alreadyThere, skipped, failed, memberships, targetUserPoolId } = report;
  terminal.table([], [
    [dryRun ? 'would be restored' : 'restored', `${dryRun ? wouldRestore : restored} of ${users} users, into ${targetUserPoolId}`],
    ['already there', alreadyThere],
    ['skipped', skipped],
    ['failed', failed],
    ['memberships', memberships],
    ...estimate ? [
      ['takes', durationText(estimate)],
      ['costs', costText(estimate.cost)],
      ...alreadyThere > 0 ? [['', 'and as much for each who is there already, and is changed']] : [],
    ] : [],
  ]);
  for (const [outcome, reasons] of Object.entries(report.reasons)) showCounts(terminal, outcome, reasons);
  showCounts(terminal, 'To know', report.warnings);
  const { groups, asOf, unknownInTarget, goneMeanwhile = 0, verified } = report;
  const refused = Object.entries(groups.failed ?? {}).map(([why, names]) => [why, names.length] as const);
  showCounts(terminal, 'Groups that the target refuses', Object.fromEntries(refused));
  if (asOf) {
    const { moment, uncertain, byEvent, incomplete, later } = asOf;
    showCounts(terminal, `As of ${inUtcAndLocal(Date.parse(moment))}`, {
      'changed around it: as before that change': uncertain,
      'as the events say: right unless one was lost': byEvent,
      'failed: what they were is not known': incomplete,
      'made since: left alone': later,
    });
  }
  showCounts(terminal, 'Besides', {
    'users of the target that the copy does not know: left alone': unknownInTarget,
    'users who went while it ran': goneMeanwhile,
    'users who are not as the copy has them': verified?.different ?? 0,
    'users who have changed since': verified?.changedSince ?? 0,
  });
  report.notes?.forEach(note => terminal.line(`- ${note}`));
}

function durationText({ seconds, quotaShare, boundBy }: RestoreEstimate): string {
  return `at least ${lengthInWords(seconds * 1_000)}, at ${Math.round(quotaShare * 1_000) / 10} % of ${boundBy}`;
}

export function exitOfRestore({ failed, verified }: RestoreReport): ExitCode {
  return failed > 0 || (verified?.different ?? 0) > 0 ? EXIT.DIFFERS : EXIT.DONE;
}

function showCounts(terminal: Terminal, title: string, counts: Readonly<Record<string, number>>): void {
  const all = Object.entries(counts).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  if (all.length === 0) return;
  terminal.line();
  terminal.table([title, ''], all.map(([what, count]) => [what, count]));
}
