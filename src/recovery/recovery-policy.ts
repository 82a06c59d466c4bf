import { RecoveryContext } from './recovery-context';
import { planIdOf } from './recovery-run';
import { PassedNames } from '../converge/passed-names';
import { Actor, ConvergePolicy } from '../converge/policy';
import { UserContext } from '../converge/user-context';
import { EpochMilliseconds } from '../runtime/flavor';

/** Cognito's clock may be so far behind ours: a user that it dates before the claim by less than this was still made after it. */
const CLOCK_BEHIND = 5_000;

/**
 * The moment is right about everything, and the pool's users are taken back to it: no baseline, nothing of what was gained since stays. Nobody is
 * deleted.
 */
const TO_THE_MOMENT = {
  setPasswords: true,
  remove: 'gained',
  delete: false,
  winner: 'ledger',
  baseline: 'none',
  recreate: true,
  find: 'look-up',
  yieldToNamesakes: true,
  groups: 'there',
  linkIdentities: false,
  unknownAttributes: 'refuse',
  completeFederated: false,
} as const satisfies Partial<ConvergePolicy>;

/** Makes users who were deleted. Somebody who has their name by now is another person, and left alone. */
export function undeletePolicy(actor: Actor, dryRun: boolean): ConvergePolicy {
  return { ...TO_THE_MOMENT, actor, dryRun, create: true, change: false };
}

/** Changes users who still exist, and makes nobody. */
export function revertPolicy(actor: Actor): ConvergePolicy {
  return { ...TO_THE_MOMENT, actor, dryRun: false, create: false, change: true };
}

/**
 * The engine's view of a recovery. The actor is the plan: another execution that goes on with it knows the users that the first one made.
 * `claimedAt`: when making the user was first tried.
 */
export function engineContext(
  context: RecoveryContext, policyOf: (actor: Actor) => ConvergePolicy, claimedAt: EpochMilliseconds,
  { hasGroup = () => true, groupRow = async () => undefined }: Partial<Pick<UserContext, 'hasGroup' | 'groupRow'>> = {},
): UserContext {
  const { run, settings, target, links, past, groupRoles, clock } = context;
  return {
    policy: policyOf({ kind: 'run', name: planIdOf(run), startedAt: claimedAt - CLOCK_BEHIND }),
    sourceUserPoolId: run.sourceUserPoolId,
    targetUserPoolId: run.targetUserPoolId,
    // Clients of the source pool are the customer's, and may let their users write the attribute.
    sourceSubProves: false,
    settings,
    targetIsEmpty: false,
    target,
    links,
    ledger: past.now,
    hasGroup,
    groupRow,
    // Each user has a line of the plan that was read.
    mayMove: async () => false,
    passedNames: new PassedNames(),
    linkAttributes: {},
    groupRoles,
    clock,
  };
}

