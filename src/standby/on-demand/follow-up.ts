import { FollowUp, readFollowUp } from './follow-up-message';
import { SourceDirectory } from '../source-directory';
import { StandbyPool, identitiesOf } from '../../cognito/standby-pool';
import { Links } from '../../state/links';
import { GroupRow, UserRow } from '../../ledger/schema';
import { planGroup } from '../../restore/restore-groups';
import { RestoreRun, UserOutcome } from '../../restore/restore-run';
import { restoreUser } from '../../converge/bring-user';
import { TargetPool } from '../../cognito/target-pool';
import { PoolSettings } from '../../cognito/pool-settings';
import { forEachConcurrently } from '../../runtime/concurrency';
import { UserImage } from '../../cognito/user';
import { Clock } from '../../runtime/clock';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../../cognito/source-sub';

/** What following up on one user works with. */
export interface FollowUpContext {
  readonly directory: SourceDirectory;
  readonly links: Links;
  readonly pool: StandbyPool;
  readonly userPoolId: string;
  readonly settings: PoolSettings;
  readonly groupRow: (poolId: string, name: string) => Promise<GroupRow | undefined>;
  /** Role ARN by group name. */
  readonly groupRoles: Readonly<Record<string, string>>;
  /** Nobody but restores and this library's triggers makes users with `custom:source_sub`: the sign-up guard refuses others. */
  readonly sourceSubProves: boolean;
  readonly clock: Clock;
}

export interface FollowUpOutcome {
  /** `missing`: Cognito has no such user in the standby, or not yet. */
  readonly kind: 'done' | 'missing' | 'failed' | 'gone';
  readonly reason?: string;
}

/** Whatever is found was there before: its password is the user's own, and only differences are written. */
export const ON_DEMAND_RUN: Pick<RestoreRun, 'execution' | 'startedAt' | 'dryRun' | 'quotaShare'> = {
  execution: 'on-demand', startedAt: Infinity, dryRun: false, quotaShare: 1,
};

export interface FollowUpMessage {
  readonly id: string;
  readonly body: string;
  /** How often the queue has delivered it. */
  readonly receives: number;
}

const USERS_AT_ONCE = 8;
/** By then Cognito has made the user, or refused what the trigger answered. */
const LOOKS = 4;

/** Follows up on every message; answers the ids of those that are to be delivered again. */
export async function followUpMessages(
  context: FollowUpContext, messages: readonly FollowUpMessage[], report: (what: FollowUpOutcome & { sourceSub?: string }) => void,
): Promise<string[]> {
  const failures: string[] = [];
  await forEachConcurrently(messages, USERS_AT_ONCE, async ({ id, body, receives }) => {
    const message = readFollowUp(body);
    try {
      const outcome: FollowUpOutcome = message ? await followUp(context, message) : { kind: 'failed', reason: 'the message is no follow-up' };
      if (outcome.kind !== 'done') report({ ...outcome, sourceSub: message?.sourceSub });
      // Whoever stays refused reaches the dead-letter queue, and with it somebody who can do something.
      if (outcome.kind === 'failed' || (outcome.kind === 'missing' && receives < LOOKS)) failures.push(id);
    } catch (error) {
      report({ kind: 'failed', reason: error instanceof Error ? error.name : 'Unknown', sourceSub: message?.sourceSub });
      failures.push(id);
    }
  });
  return failures;
}

/** Brings a user whom Cognito made on the standby into line with the ledger: groups, flags, MFA, identities. Safe to do again, at any time. */
export async function followUp(context: FollowUpContext, { sourceSub, username }: FollowUp): Promise<FollowUpOutcome> {
  const { directory, links, pool } = context;
  const row = await directory.user(sourceSub);
  if (!row || row.deletedAt !== undefined) return { kind: 'gone' };
  const user = await standbyUser(pool, username ?? row.signInName);
  if (!user) return { kind: 'missing' };
  const groups = await directory.groupsOf(row);
  if (row.status === 'EXTERNAL_PROVIDER') return completeFederated(context, row, groups, user);

  // Whoever else has the name was not made for this person, and must not get what is theirs.
  if (context.settings.hasSourceSub && user.attributes[CUSTOM_SOURCE_SUB] !== firstSubOf(row)) {
    return { kind: 'failed', reason: 'the user in the standby was not made from the ledger' };
  }
  const link = (await links.linksOfTargets([user.sub])).get(user.sub);
  const record = await restoreUser({
    run: { ...ON_DEMAND_RUN, sourceUserPoolId: row.poolId, targetUserPoolId: context.userPoolId, sourceSubProves: context.sourceSubProves },
    settings: context.settings,
    target: followUpTarget(context, row.poolId),
    groups: groupRows(row.poolId, groups),
    clock: context.clock,
    state: links,
  }, { row, groups }, { user, link });
  if (record.outcome.outcome === 'failed' || record.outcome.outcome === 'skipped') return failed(record.outcome);
  await linkIdentities(pool, row, user.username);
  if (record.link) await links.write({ ...record.link, firstSub: firstSubOf(row), identities: row.attributes.identities });
  return { kind: 'done' };
}

/**
 * Whom Cognito made at a sign-in through an identity provider: what the provider says wins, what only the source pool knew is added. What is
 * immutable can no longer be set, custom:source_sub included, so the claim comes from the link.
 */
export async function completeFederated(
  context: FollowUpContext, row: UserRow, groups: readonly string[], user: UserImage,
): Promise<FollowUpOutcome> {
  const { links, settings, pool } = context;
  if (user.status !== 'EXTERNAL_PROVIDER') return { kind: 'failed', reason: 'the user in the standby is not of an identity provider' };
  // Cognito names both `<provider>_<id at the provider>`: whose name is another one is somebody else.
  if (user.username.toLowerCase() !== row.username.toLowerCase()) return { kind: 'failed', reason: 'the user in the standby is another one of an identity provider' };
  const missing = Object.entries(row.attributes).filter(([name, value]) =>
    value !== '' && !user.attributes[name] && settings.attributes.get(name)?.mutable && !NOT_WRITTEN.includes(name) && !isFlag(name));
  if (missing.length > 0) await pool.updateAttributes(user.username, Object.fromEntries(missing));
  const target = followUpTarget(context, row.poolId);
  for (const name of groups) await target.addUserToGroup(user.username, name);
  await links.write({
    sourceSub: row.sub,
    targetSub: user.sub,
    image: { attributes: Object.fromEntries(missing), enabled: row.enabled, groups },
    execution: ON_DEMAND_RUN.execution,
    restored: false,
    at: context.clock.now(),
    firstSub: firstSubOf(row),
  });
  return { kind: 'done' };
}

/** The standby may lack the provider, or the identity may be linked already: neither is a reason to keep the user waiting. */
const LINK_REFUSED = ['InvalidParameterException', 'ResourceNotFoundException', 'AliasExistsException', 'LimitExceededException'];
export const GROUP_EXISTS = ['GroupExistsException'];

const NOT_WRITTEN = ['sub', 'identities', CUSTOM_SOURCE_SUB];

/** A verified flag is the provider's to give, with the address. */
function isFlag(name: string): boolean {
  return name.endsWith('_verified');
}

/** All of them count as restored: each is made for its first member. */
export function groupRows(poolId: string, names: readonly string[]): ReadonlyMap<string, GroupRow> {
  return new Map(names.map(name => [name, { poolId, name, observedAt: 0 }]));
}

export async function linkIdentities(pool: StandbyPool, { attributes }: UserRow, username: string): Promise<void> {
  for (const identity of identitiesOf(attributes)) await unless(LINK_REFUSED, () => pool.linkProvider(username, identity));
}

export async function standbyUser(pool: TargetPool, name: string | undefined): Promise<UserImage | undefined> {
  if (name === undefined) return undefined;
  try {
    return (await pool.getUser(name)).user;
  } catch (error) {
    if (error instanceof Error && error.name === 'UserNotFoundException') return undefined;
    throw error;
  }
}

/** An empty standby has no groups: each is made for its first member. */
export function followUpTarget(context: Pick<FollowUpContext, 'pool' | 'groupRow' | 'groupRoles'>, poolId: string): TargetPool {
  const { pool, groupRow, groupRoles } = context;
  const addUserToGroup = async (username: string, name: string) => {
    try {
      await pool.addUserToGroup(username, name);
    } catch (error) {
      const row = error instanceof Error && error.name === 'ResourceNotFoundException' ? await groupRow(poolId, name) : undefined;
      if (!row) throw error;
      await unless(GROUP_EXISTS, () => pool.createGroup(planGroup(row, undefined, groupRoles[name])!));
      await pool.addUserToGroup(username, name);
    }
  };
  return new Proxy<TargetPool>(pool, {
    get: (of, name) => {
      if (name === 'addUserToGroup') return addUserToGroup;
      const value = Reflect.get(of, name) as unknown;
      return typeof value === 'function' ? value.bind(of) as unknown : value;
    },
  });
}

/** Answers whether it was done, or was one of these errors, by name. */
export async function unless(names: readonly string[], call: () => Promise<void>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof Error && names.includes(error.name))) throw error;
    return false;
  }
}

function failed({ reason }: UserOutcome): FollowUpOutcome {
  return { kind: 'failed', reason };
}
