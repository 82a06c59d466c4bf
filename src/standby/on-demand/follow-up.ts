import { FollowUp } from './follow-up-message';
import { ON_DEMAND_POLICY } from './on-demand-policy';
import { isFederated } from '../../cognito/identities';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../../cognito/source-sub';
import { bringUser } from '../../converge/bring-user';
import { givenGroups } from '../../state/link';
import { Reason, ReasonCode } from '../../state/outcome';
import { StandbyContext, standbyUser, standbyUserContext } from '../standby-context';

export type FollowUpOutcome =
  /** `warnings`: what could not be kept. */
  | { readonly kind: 'done'; readonly warnings?: readonly ReasonCode[] }
  /** Cognito has no such user in the standby, or not yet. */
  | { readonly kind: 'missing' }
  /** The source pool has no such user any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: Reason };

/** Brings a user that Cognito made on the standby into line with the ledger: groups, flags, MFA, identities. Safe to repeat at any time. */
export async function followUp(context: StandbyContext, { sourceSub, username, since }: FollowUp): Promise<FollowUpOutcome> {
  const { directory, links, pool, settings, clock } = context;
  const row = await directory.user(sourceSub);
  if (!row || row.deletedAt !== undefined) return { kind: 'gone' };
  const name = username ?? row.signInName;
  const user = name === undefined ? undefined : await standbyUser(pool, name);
  if (!user) return { kind: 'missing' };
  // A user that has the name by chance was not made from this row, and must not get what is in it. An identity is compared by the engine.
  if (![row, user].some(isFederated) && settings.hasSourceSub && user.attributes[CUSTOM_SOURCE_SUB] !== firstSubOf(row)) {
    return { kind: 'failed', reason: { code: 'not-made-from-ledger' } };
  }
  const link = (await links.ofTargets([user.sub])).get(user.sub);
  if (link && link.finished !== false && since !== undefined && link.at >= since) return { kind: 'done' };
  const ledgerUser = { row, groups: await directory.groupsOf(row, givenGroups(link)) };
  const { outcome, link: given } = await bringUser(standbyUserContext(context, row.poolId, ON_DEMAND_POLICY), ledgerUser, { user, link });
  if (outcome.outcome === 'failed' || outcome.outcome === 'skipped') return { kind: 'failed', reason: outcome.reason! };
  if (given) await links.write(given);
  else if (link && since !== undefined) await links.write({ ...link, at: clock.now() });
  const warnings = (outcome.warnings ?? []).map(({ code }) => code);
  return warnings.length > 0 ? { kind: 'done', warnings } : { kind: 'done' };
}
