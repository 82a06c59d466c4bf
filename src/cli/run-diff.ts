import { Ask } from './ask';
import { FailOn } from './choices';
import { CliError, EXIT, ExitCode } from './cli-error';
import {
  DescribedPart, Diff, DiffCounts, DiffSide, ListedPool, UserDifference, diffOfMoments, diffOfSettings, diffWithPool, failsOn, showDiff,
} from './commands/diff';
import { momentGiven } from './moments';
import { ReadableLedger, checkReachable, ledgerOf } from './read-ledger';
import { silentStacks } from './session';
import { CognitoSourcePool } from '../cognito/cognito-source-pool.lambda-shared';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { UserPoolId } from '../cognito/ids';
import { QuotaPacer } from '../cognito/pacing';
import { allPages } from '../cognito/page';
import { ledgerAt } from '../ledger/directory-as-of';
import { systemClock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { DynamoDbLinks } from '../state/dynamodb-links.lambda-shared';
import { StateItems } from '../state/state-items.lambda-shared';

/** Users that are named where nobody says how many: on a screen the counts, which come first, are not to be pushed off it. */
const NAMED = { text: 20, json: 1_000, jsonl: 1_000 } as const;

interface DiffOptions {
  readonly asOf?: string;
  readonly to?: string;
  readonly pool?: boolean;
  readonly standby?: boolean;
  readonly settings?: boolean;
  readonly failOn: FailOn;
  readonly limit?: number;
}

/** The copy at a moment, or now; and what it is compared with: itself at another moment, or now, or a pool. */
interface Sides {
  readonly then?: EpochMilliseconds;
  readonly of: DiffSide['of'];
  readonly to?: EpochMilliseconds;
}

/** `diff`: reads, and writes nothing anywhere. */
export async function diff(ask: Ask): Promise<ExitCode> {
  const options = ask.options as DiffOptions;
  const second = chosen(options);
  const read = await ledgerOf(ask.session);
  const now = systemClock.now();
  const moment = (given: string | undefined, option: string) => {
    const at = given === undefined || given === 'now' ? undefined : momentGiven(given, option, now);
    if (at !== undefined) checkReachable(at, option, read.source, now);
    return at;
  };
  const [then, to] = [moment(options.asOf, '--as-of'), moment(options.to, '--to')];
  if (then !== undefined && to !== undefined && to <= then) {
    throw new CliError(EXIT.USAGE, 'wrong-order', '--to: is not after --as-of; give the earlier moment as --as-of');
  }
  const found = await (options.settings ? settings : users)(ask, read, { then, of: second, to });
  showDiff(ask.terminal, found);
  ask.terminal.document(found);
  return failsOn(options.failOn, found) ? EXIT.DIFFERS : EXIT.DONE;
}

/** What the copy is compared with. */
function chosen({ asOf, to, pool, standby }: DiffOptions): DiffSide['of'] {
  const given = [to === undefined ? undefined : '--to', pool && '--pool', standby && '--standby'].filter(Boolean);
  if (given.length > 1) throw new CliError(EXIT.USAGE, 'two-sides', `${given.join(', ')}: give one of them`);
  if (pool) return 'pool';
  if (standby) return 'standby';
  if (asOf !== undefined) return 'copy';
  throw new CliError(EXIT.USAGE, 'no-side', '--as-of: give a moment, or compare the copy as it is with --pool or --standby');
}

async function users(ask: Ask, { ledger, poolId }: ReadableLedger, { then, of, to }: Sides): Promise<Diff> {
  const { terminal, options } = ask;
  const counts = new DiffCounts((options as DiffOptions).limit ?? NAMED[terminal.format]);
  const pool = of === 'copy' ? undefined : await poolOf(ask, poolId, of);
  const second = pool?.side ?? sideOfCopy(poolId, to);
  const differences: AsyncGenerator<UserDifference> = pool
    ? diffWithPool(ledgerAt(ledger, then), pool.listed, poolId)
    : diffOfMoments(ledgerAt(ledger, then), ledgerAt(ledger, to), poolId);
  for await (const one of differences) {
    counts.add(one);
    terminal.record(one);
  }
  return counts.document(sideOfCopy(poolId, then), second);
}

async function settings(ask: Ask, { ledger, poolId }: ReadableLedger, { then, of, to }: Sides): Promise<Diff> {
  const live = async (moment: EpochMilliseconds | undefined): Promise<DescribedPart[]> =>
    (await ledgerAt(ledger, moment).poolParts(poolId)).filter(({ deletedAt }) => deletedAt === undefined);
  const side = of === 'copy' ? undefined : poolSide(ask, poolId, of);
  const second = side ? await allPages(async cursor => described(ask, side).configuration(cursor)) : await live(to);
  const found = diffOfSettings(await live(then), second);
  for (const one of found) ask.terminal.record(one);
  return { schemaVersion: 1, first: sideOfCopy(poolId, then), second: side?.side ?? sideOfCopy(poolId, to), settings: found };
}

interface PoolSide {
  readonly region: string;
  readonly side: DiffSide;
}

function poolSide({ session }: Ask, poolId: UserPoolId, of: 'pool' | 'standby'): PoolSide {
  const { primaryRegion, replicaRegion, standbyUserPoolId } = session.deployment;
  if (of === 'pool') return { region: primaryRegion, side: { of, userPoolId: poolId } };
  if (standbyUserPoolId === undefined) {
    const [silent] = silentStacks(session);
    throw silent ? new CliError(EXIT.FAILED, 'stack-unread', `${silent.sentence}: its stack alone says which pool is the standby`)
      : new CliError(EXIT.NOT_FOUND, 'no-standby', 'the replica stack says of no standby pool: Standby.none() makes none');
  }
  return { region: replicaRegion, side: { of, userPoolId: standbyUserPoolId } };
}

async function poolOf(ask: Ask, poolId: UserPoolId, of: 'pool' | 'standby'): Promise<{ readonly side: DiffSide; readonly listed: ListedPool }> {
  const { session: { aws, deployment: { replicaRegion, stateTableName } } } = ask;
  const { region, side } = poolSide(ask, poolId, of);
  const pool = new CognitoTargetPool(aws.cognito(region), side.userPoolId);
  const links = new DynamoDbLinks(new StateItems(aws.table(replicaRegion), stateTableName, systemClock), poolId, side.userPoolId);
  return {
    side,
    listed: {
      of,
      listUsers: async cursor => pool.listUsers(cursor),
      listMembers: async (group, cursor) => pool.listUsersInGroup(group, cursor),
      groupNames: async () => (await allPages(async cursor => pool.listGroups(cursor))).map(({ name }) => name),
      sourceSubsOf: async subs => of === 'pool'
        ? new Map(subs.map(sub => [sub, sub]))
        : new Map([...await links.ofTargets(subs)].map(([targetSub, { sourceSub }]) => [targetSub, sourceSub])),
    },
  };
}

function described({ session: { aws } }: Ask, { region, side }: PoolSide): CognitoSourcePool {
  return new CognitoSourcePool(aws.cognito(region), side.userPoolId, new QuotaPacer({ clock: systemClock, share: 1 }));
}

function sideOfCopy(userPoolId: UserPoolId, moment: EpochMilliseconds | undefined): DiffSide {
  return { of: 'copy', userPoolId, ...moment === undefined ? {} : { asOf: new Date(moment).toISOString() } };
}
