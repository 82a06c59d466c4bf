import { SourceDirectory } from './source-directory';
import { UserPoolId } from '../cognito/ids';
import { PoolSettings } from '../cognito/pool-settings';
import { undefinedIfNo } from '../cognito/refusals';
import { TargetPool } from '../cognito/target-pool';
import { TargetUser } from '../cognito/user';
import { PassedNames } from '../converge/passed-names';
import { ConvergePolicy } from '../converge/policy';
import { UserContext } from '../converge/user-context';
import { LedgerReader } from '../ledger/ledger-store';
import { GroupRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { Links } from '../state/links';

/** What bringing single users of the standby into line works with. */
export interface StandbyContext<Pool extends TargetPool = TargetPool> {
  readonly directory: SourceDirectory;
  readonly links: Links;
  readonly pool: Pool;
  readonly userPoolId: UserPoolId;
  readonly settings: PoolSettings;
  readonly ledger: Pick<LedgerReader, 'subsBySignInName' | 'user'>;
  readonly groupRow: (poolId: UserPoolId, name: string) => Promise<GroupRow | undefined>;
  /** By which attribute the identities of a provider are linked, by its name. */
  readonly linkAttributes: Readonly<Record<string, string>>;
  /** Role ARN by group name. */
  readonly groupRoles: Readonly<Record<string, string>>;
  /** Only restores and this library's triggers make users with `custom:source_sub`: the sign-up guard refuses others. */
  readonly sourceSubProves: boolean;
  readonly clock: Clock;
}

/** The engine's view of the context, for users of one source pool. An empty standby has no groups: each is made for its first member. */
export function standbyUserContext(context: StandbyContext, sourceUserPoolId: UserPoolId, policy: ConvergePolicy): UserContext {
  const { links, pool, userPoolId, settings, ledger, groupRow, groupRoles, linkAttributes, sourceSubProves, clock } = context;
  return {
    policy,
    sourceUserPoolId,
    targetUserPoolId: userPoolId,
    sourceSubProves,
    targetIsEmpty: false,
    settings,
    target: pool,
    links,
    ledger,
    hasGroup: () => true,
    groupRow: name => groupRow(sourceUserPoolId, name),
    groupRoles,
    mayMove: async () => true,
    passedNames: new PassedNames(),
    linkAttributes,
    clock,
  };
}

/** The user of that name in the standby pool, whatever kind of name it is. */
export async function standbyUser(pool: TargetPool, name: string): Promise<TargetUser | undefined> {
  return (await undefinedIfNo('user', () => pool.getUser(name)))?.user;
}
