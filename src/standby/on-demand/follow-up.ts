import { FollowUp } from './follow-up-message';
import { ON_DEMAND_POLICY } from './on-demand-policy';
import { isFederated, userKindOf } from '../../cognito/identities';
import { PoolSettings } from '../../cognito/pool-settings';
import { undefinedIfNo } from '../../cognito/refusals';
import { CUSTOM_SOURCE_SUB, isMarkOf } from '../../cognito/source-sub';
import { MfaPreference, TargetUser } from '../../cognito/user';
import { bringUser } from '../../converge/bring-user';
import { awaitsMfa } from '../../converge/user-plan';
import { givenGroups } from '../../state/link';
import { Reason, ReasonCode } from '../../state/outcome';
import { StandbyContext, standbyUserContext } from '../standby-context';

export type FollowUpOutcome =
  /** `warnings`: what could not be kept. */
  | { readonly kind: 'done'; readonly warnings?: readonly ReasonCode[] }
  /** Cognito has no such user in the standby, or not yet. */
  | { readonly kind: 'missing' }
  /** The source pool has no such user any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: Reason };

/** Brings a user that Cognito made on the standby into line with the ledger: groups, flags, MFA, identities. Safe to repeat at any time. */
export async function followUp(context: StandbyContext, { sourceSub, username, since, password }: FollowUp): Promise<FollowUpOutcome> {
  const { directory, links, pool, settings, clock } = context;
  const row = await directory.user(sourceSub);
  if (!row || row.deletedAt !== undefined) return { kind: 'gone' };
  const name = username ?? row.signInName;
  const described = name === undefined ? undefined : await undefinedIfNo('user', () => pool.getUser(name));
  if (!described) return { kind: 'missing' };
  const { user, mfa } = described;
  // A user that has the name by chance was not made from this row, and must not get what is in it. An identity is compared by the engine.
  if (![row, user].some(isFederated) && settings.hasSourceSub && !isMarkOf(row, user.attributes[CUSTOM_SOURCE_SUB])) {
    return { kind: 'failed', reason: { code: 'not-made-from-ledger' } };
  }
  const link = (await links.ofTargets([user.sub])).get(user.sub);
  const isAsAsked = link && link.finished !== false && since !== undefined && link.at >= since;
  if (isAsAsked && !awaitsMfa(row, link)) return { kind: 'done' };
  const ledgerUser = { row, groups: await directory.groupsOf(row, givenGroups(link)) };
  const { outcome, link: given } = await bringUser(standbyUserContext(context, row.poolId, ON_DEMAND_POLICY), ledgerUser, {
    user, link, hasPassword: isPasswordKnown(password, settings, user, mfa),
  });
  if (outcome.outcome === 'failed' || outcome.outcome === 'skipped') return { kind: 'failed', reason: outcome.reason! };
  if (given) await links.write(given);
  else if (link && since !== undefined) await links.write({ ...link, at: clock.now() });
  const warnings = (outcome.warnings ?? []).map(({ code }) => code);
  return warnings.length > 0 ? { kind: 'done', warnings } : { kind: 'done' };
}

/** Nobody gets a second factor here without one: an administrator, or this library earlier, gave it on purpose. */
function isPasswordKnown(password: FollowUp['password'], settings: PoolSettings, user: TargetUser, { enabled }: MfaPreference): boolean {
  // A sign-in through a linked identity looks like any other.
  return password === 'set' || enabled.length > 0 || (password === 'used' && settings.signsInByPasswordOnly && userKindOf(user) === 'native');
}
