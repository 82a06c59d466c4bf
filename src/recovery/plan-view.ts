import { Directory, PastLedger } from './past-reader';
import { RecoveryContext } from './recovery-context';
import { PlanOrder } from './recovery-run';
import { isProviderGroup } from '../cognito/groups';
import { UserPoolId } from '../cognito/ids';
import { allPages } from '../cognito/page';
import { PoolSettings } from '../cognito/pool-settings';
import { TargetPool } from '../cognito/target-pool';
import { GroupImage, TargetUser } from '../cognito/user';
import { GroupRow } from '../ledger/schema';

/** The users of the pool as they are, or as they were at the second moment of a difference. */
export interface Present {
  user(sub: string): Promise<TargetUser | undefined>;
  groupsOf(user: TargetUser): Promise<string[]>;
}

/** The two sides that a plan compares. */
export interface PlanView {
  readonly order: PlanOrder;
  readonly poolId: UserPoolId;
  readonly settings: PoolSettings;
  /** The moment to go back to. */
  readonly then: Directory;
  /** The ledger of the other side. */
  readonly now: Directory;
  readonly present: Present;
  /** Groups of that moment, and those of the pool, by name; without those that Cognito makes for identity providers. */
  readonly groupsThen: ReadonlyMap<string, GroupRow>;
  readonly groupsNow: ReadonlyMap<string, GroupImage>;
  /** Groups of which it is not known what they were at that moment. */
  readonly groupsUnknown: ReadonlySet<string>;
  /** Whether the pool has the group, or gets it. */
  readonly hasGroup: (name: string) => boolean;
}

export async function planView(context: Pick<RecoveryContext, 'past' | 'target' | 'run' | 'settings'>, order: PlanOrder): Promise<PlanView> {
  const { past, target, settings, run: { sourceUserPoolId: poolId } } = context;
  const then = past.at(order.asOf);
  const now = order.to === undefined ? past.now : past.at(order.to);
  const rows = await liveGroups(then, poolId);
  const present = order.to === undefined ? await allPages(cursor => target.listGroups(cursor)) : await liveGroups(now, poolId);
  const isOwn = ({ name }: GroupImage) => !isProviderGroup(poolId, name);
  const groupsThen = new Map(rows.filter(isOwn).map(row => [row.name, row]));
  const groupsNow = new Map(present.filter(isOwn).map(group => [group.name, group]));
  return {
    order,
    poolId,
    settings,
    then,
    now,
    present: order.to === undefined ? presentPool(target) : pastPool(past, order.to, poolId),
    groupsThen,
    groupsNow,
    groupsUnknown: await past.groupsUnknownAt(poolId, order.asOf),
    hasGroup: name => groupsThen.has(name) || groupsNow.has(name),
  };
}

/** The pool itself. Neither call makes a user a monthly active one. */
export function presentPool(target: Pick<TargetPool, 'listUsers' | 'groupsOfUser'>): Present {
  return {
    user: async sub => (await allPages(cursor => target.listUsers(cursor, { attribute: 'sub', value: sub })))[0],
    groupsOf: async ({ username }) => allPages(cursor => target.groupsOfUser(username, cursor)),
  };
}

function pastPool(past: PastLedger, moment: number, poolId: UserPoolId): Present {
  const directory = past.at(moment);
  return {
    user: async sub => {
      const row = await directory.user(poolId, sub);
      return row && row.deletedAt === undefined ? { ...row, sub } : undefined;
    },
    groupsOf: async ({ sub }) => [...(await past.groupsAt(poolId, sub as string, moment)).groups],
  };
}

async function liveGroups(directory: Directory, poolId: UserPoolId): Promise<GroupRow[]> {
  return (await directory.groups(poolId)).filter(({ deletedAt }) => deletedAt === undefined);
}
