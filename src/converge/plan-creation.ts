import { isOutdated, lostNames } from './namesakes';
import { doubtsOf, LedgerUser, UserContext } from './user-context';
import { planUser, UserPlan, withoutNames } from './user-plan';
import { isAnyLinkGuessed } from '../cognito/identities';

/** How the user gets into the target, or why not, by what the ledger says of this user and of others with the same names. */
export async function planCreation(context: UserContext, user: LedgerUser): Promise<UserPlan> {
  const { row } = user;
  const planned = planOf(context, user);
  if (planned.kind !== 'create' || !context.policy.yieldToNamesakes) return planned;
  if (await isOutdated(context, row, planned.signInName)) return { kind: 'skip', reason: { code: 'newer-namesake' } };
  return withoutNames(planned, await lostNames(context, row), context.settings);
}

function planOf({ policy, settings, hasGroup, linkAttributes }: UserContext, user: LedgerUser): UserPlan {
  const { row, groups } = user;
  const planned = planUser(row, groups, settings, hasGroup, policy.unknownAttributes);
  const plan = planned.kind === 'create' ? { ...planned, warnings: [...planned.warnings, ...doubtsOf(user)] } : planned;
  if (plan.kind !== 'create' || !policy.linkIdentities) return plan;
  const warnings = plan.warnings.filter(({ code }) => code !== 'identities-not-linked');
  return { ...plan, warnings: isAnyLinkGuessed(row, linkAttributes) ? [...warnings, { code: 'linked-by-subject' }] : warnings };
}
