import { randomBytes } from 'node:crypto';
import { DeleteCommand, ScanCommandOutput, UpdateCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { Ask } from './ask';
import { CliError, EXIT, ExitCode } from './cli-error';
import {
  ForgetPlan, ForgottenEvidence, ForgottenTable, LinkedUser, Person, editOf, isAboutPerson, leadsOn, linkedUsers, receiptOf, showReceipt, traceIn,
} from './commands/forget';
import { unreadExecutions } from './commands/status';
import { sweepEvidence } from './forget-evidence';
import { gatherStatus } from './gather-status';
import { withNewFile } from './new-file';
import { ledgerOf } from './read-ledger';
import { personOf } from './read-person';
import { Session, silentStacks } from './session';
import { shellQuoted } from './shell-quoted';
import { sweepQueue } from './sweep-queue';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { UserPoolId } from '../cognito/ids';
import { allPages } from '../cognito/page';
import { isException } from '../cognito/refusals';
import { UserImage } from '../cognito/user';
import { drillKeys } from '../drill/drill-keys';
import { KEY_BYTES } from '../ledger/constants';
import { Item, Key, isWithin } from '../ledger/schema';
import { recoveryTableName } from '../operations/deployment';
import { isAccepted } from '../runtime/accepted.lambda-shared';
import { systemClock } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { StateItems } from '../state/state-items.lambda-shared';

/** Pieces of a table that are read side by side. */
const SEGMENTS = 4;
const WRITES_AT_ONCE = 8;
/** The last pass has to find nothing: something may have been written meanwhile. */
const PASSES = 3;

interface ForgetOptions {
  readonly confirm?: string;
  readonly planOnly?: boolean;
  readonly out?: string;
}

interface Place {
  readonly table: string;
  readonly region: string;
}

/** `forget`: every trace of one person who is in neither pool any more. */
export async function forget(ask: Ask): Promise<ExitCode> {
  const { terminal, session, args: [sub] } = ask;
  const { confirm, planOnly, out } = ask.options as ForgetOptions;
  refuseWhileSilent(session);
  // No key can have these: DynamoDB would refuse the question.
  if (sub === '' || !isWithin(KEY_BYTES.SORT, sub)) throw unknownSub(sub);
  const read = await ledgerOf(session);
  const person = await personOf(session, read, sub);
  await refuseWhileAlive(session, person, read.poolId);
  await refuseWhileRunning(session);
  await refuseWhilePoolsAreLeft(session);

  const places = placesOf(session);
  const pools = (await read.ledger.sources()).map(({ poolId }) => poolId);
  const planned = await Promise.all(places.map(async place => scan(session, place, person)));
  const kept = planned.flatMap((traces, i) => (places[i].table === session.deployment.stateTableName ? traces.map(({ found }) => found) : []));
  const { standbyUserPoolId: standby = read.poolId } = session.deployment;
  const others = otherPools(pools, linkedUsers(kept, person), [read.poolId, standby]);
  const unread = await refuseWhileAliveElsewhere(session, others, person);
  const found = planned.map((traces, i) => tracesOf(places[i], traces));
  const named = await evidenceOf(session, person, false);
  // Texts may mention anything, such as a pool or an execution: only what is kept of a person by their sub says that it is one.
  const isKnown = found.some(({ deleted }) => deleted > 0) || (named?.deleted ?? 0) > 0;
  if (!isKnown) throw unknownSub(sub);
  const letters = await sweepQueues(session, person, false);
  terminal.table(['table', 'Region', 'to delete', 'to edit'], found.map(({ table, region, deleted, edited }) => [table, region, deleted, edited]));
  terminal.line(`messages to delete: ${letters}`);
  if (named) terminal.line(`versions of files of drills to delete: ${named.deleted}, files to write again without them: ${named.edited}`);
  for (const pool of unread) terminal.note(`the pool ${pool}, where the library put the user, could not be read: look for the user there`);
  if (planOnly) {
    const plan: ForgetPlan = { schemaVersion: 1, tables: found, messages: letters, evidence: named };
    terminal.document(plan);
    terminal.record(plan);
    return EXIT.DONE;
  }
  // Before the question: what was deleted can be proved by nothing but the receipt.
  return withNewFile(out, async write => {
    if (confirm === undefined) await terminal.confirm('Nothing of this can be brought back by this library.', sub, `--confirm ${sub}`);
    else if (confirm !== sub) throw new CliError(EXIT.REFUSED, 'not-confirmed', '--confirm: is not the sub; nothing was changed');

    // Before the tables: a message that is handled meanwhile writes rows, which the last pass has to find.
    const messages = await sweepQueues(session, person, true);
    const evidence = await evidenceOf(session, person, true);
    let done = found.map(({ table, region }): ForgottenTable => ({ table, region, deleted: 0, edited: 0 }));
    let left = planned;
    for (let pass = 1; left.some(traces => traces.length > 0); pass += 1) {
      if (pass > PASSES) throw new CliError(EXIT.FAILED, 'traces-left', 'something goes on writing traces of that sub: start again');
      for (const isLead of [false, true]) {
        await Promise.all(left.map(async (traces, i) => carryOut(session, places[i], traces.filter(({ key }) => leadsOn(key) === isLead))));
      }
      done = done.map((one, i) => plus(one, tracesOf(places[i], left[i])));
      left = await Promise.all(places.map(async place => scan(session, place, person)));
    }
    const { poolId: userPoolId, source: { historyDays } } = read;
    const salt = randomBytes(16).toString('hex');
    const receipt = receiptOf({ userPoolId, sub, salt, at: systemClock.now(), historyDays, tables: done, messages, evidence, unread });
    showReceipt(terminal, receipt);
    terminal.document(receipt);
    terminal.record(receipt);
    write(`${JSON.stringify(receipt, undefined, 2)}\n`);
    return (evidence?.kept ?? 0) > 0 ? EXIT.DIFFERS : EXIT.DONE;
  });
}

function unknownSub(sub: string): CliError {
  return new CliError(EXIT.NOT_FOUND, 'unknown-sub',
    `got "${sub}", want the sub of a user: nothing is kept of anybody by it; \`list users\` and \`show\` say the sub of each`);
}

/** Undefined without drills. */
async function evidenceOf(
  { aws, deployment: { evidenceBucketName: bucket, replicaRegion } }: Session, person: Person, deletes: boolean,
): Promise<ForgottenEvidence | undefined> {
  return bucket === undefined ? undefined : sweepEvidence(aws.objects(replicaRegion), bucket, person, deletes);
}

/** A stack that does not answer may have a standby pool with the user in it, and queues with traces: the receipt would say more than was seen. */
function refuseWhileSilent(session: Session): void {
  const [silent] = silentStacks(session);
  if (silent === undefined) return;
  throw new CliError(EXIT.REFUSED, 'stack-unread',
    `${silent.sentence}, and traces may be there: start again once these credentials can read it (cloudformation:DescribeStacks)`);
}

/** The next sweep would bring a user of the source pool back; only an operator may delete one of the standby. */
async function refuseWhileAlive(session: Session, { subs }: Person, poolId: string): Promise<void> {
  const { primaryRegion, replicaRegion, standbyUserPoolId } = session.deployment;
  if (await livingUser(session, { region: primaryRegion, poolId }, subs)) {
    throw new CliError(EXIT.REFUSED, 'user-lives',
      `the user is in the source pool ${poolId}, and the next sweep would bring every trace back: delete the user there first`);
  }
  if (standbyUserPoolId === undefined) return;
  const standby = { region: replicaRegion, poolId: standbyUserPoolId };
  const user = await livingUser(session, standby, subs);
  if (!user) return;
  throw new CliError(EXIT.REFUSED, 'user-lives-on-standby', `the user is in the standby pool: first type  ${deletionCommand(standby, user)}`);
}

/** Pools that the user may be in beside the two: those that were replaced, and those that a link names; with the `sub` that it says. */
function otherPools(known: readonly UserPoolId[], linked: readonly LinkedUser[], lookedAt: readonly UserPoolId[]): Map<UserPoolId, Set<string>> {
  const pools = new Map<UserPoolId, Set<string>>(known.map(poolId => [poolId, new Set()]));
  for (const { poolId, sub } of linked) pools.set(poolId, new Set([...pools.get(poolId) ?? [], sub]));
  for (const poolId of lookedAt) pools.delete(poolId);
  return pools;
}

/** Answers which could not be read: `grantForget` lets the source pool and the standby be read, and no other. A pool that is gone has no users. */
async function refuseWhileAliveElsewhere(
  session: Session, pools: ReadonlyMap<UserPoolId, ReadonlySet<string>>, { subs }: Person,
): Promise<UserPoolId[]> {
  const unread: UserPoolId[] = [];
  for (const [poolId, linked] of pools) {
    // The Region is the beginning of a pool's id.
    const pool = { region: poolId.split('_')[0], poolId };
    let user: UserImage | undefined;
    try {
      user = await livingUser(session, pool, new Set([...subs, ...linked]));
    } catch (error) {
      if (!isException(error, 'ResourceNotFoundException')) unread.push(poolId);
    }
    if (user) {
      throw new CliError(EXIT.REFUSED, 'user-lives-elsewhere',
        `the user is in the pool ${poolId}, which was restored or replaced: first type  ${deletionCommand(pool, user)}`);
    }
  }
  return unread;
}

interface PoolPlace {
  readonly region: string;
  readonly poolId: UserPoolId;
}

async function livingUser({ aws }: Session, { region, poolId }: PoolPlace, subs: ReadonlySet<string>): Promise<UserImage | undefined> {
  const pool = new CognitoTargetPool(aws.cognito(region), poolId);
  for (const value of subs) {
    const [user] = await allPages(async cursor => pool.listUsers(cursor, { attribute: 'sub', value }));
    if (user) return user;
  }
  return undefined;
}

/** By the `sub`, as users choose their names; Cognito takes it of everybody but users of an identity provider, whose name is quoted. */
function deletionCommand({ region, poolId }: PoolPlace, { sub, username, status }: UserImage): string {
  const name = shellQuoted(status === 'EXTERNAL_PROVIDER' ? username : sub);
  return `aws cognito-idp admin-delete-user --region ${region} --user-pool-id ${poolId} --username ${name}`;
}

/** An execution holds in its memory what is being deleted, and would write it back. */
async function refuseWhileRunning(session: Session): Promise<void> {
  const { running, unread } = await gatherStatus(session);
  const [blind] = unreadExecutions(unread);
  if (blind !== undefined) throw new CliError(EXIT.REFUSED, 'running-unknown', `${blind}; one that runs would write traces back`);
  if (running.length > 0) {
    const machines = running.map(({ machine }) => machine).join(', ');
    throw new CliError(EXIT.REFUSED, 'running', `${machines} runs and would write traces back: wait for its end`);
  }
}

/** The pool of a drill that was stopped may have the user in it, and only a drill may remove it. */
async function refuseWhilePoolsAreLeft({ aws, deployment: { drillTableName, replicaRegion } }: Session): Promise<void> {
  if (drillTableName === undefined) return;
  const { items: [left] } = await new StateItems(aws.table(replicaRegion), drillTableName, systemClock).page(drillKeys.scratches());
  if (!left) return;
  throw new CliError(EXIT.REFUSED, 'drill-pool-left', `a drill that was stopped left the pool ${left.sk}, and the user may be in it: `
    + 'the next drill removes it, which `drill` starts; then start again');
}

function placesOf({ deployment }: Session): Place[] {
  const { ledgerTableName, stateTableName, primaryRegion, replicaRegion, recoveryStateMachineArn, drillTableName } = deployment;
  return [
    { table: ledgerTableName, region: primaryRegion },
    { table: stateTableName, region: replicaRegion },
    ...recoveryStateMachineArn === undefined ? [] : [{ table: recoveryTableName(ledgerTableName), region: primaryRegion }],
    ...drillTableName === undefined ? [] : [{ table: drillTableName, region: replicaRegion }],
  ];
}

type Found = { readonly key: Key; readonly found: Item } & (ReturnType<typeof traceIn> & object);

async function scan({ aws }: Session, { table, region }: Place, person: Person): Promise<Found[]> {
  const client = aws.table(region);
  const found: Found[] = [];
  await Promise.all(Array.from({ length: SEGMENTS }, async (_, Segment) => {
    const asked = { TableName: table, Segment, TotalSegments: SEGMENTS, ConsistentRead: true };
    const pages: AsyncIterable<ScanCommandOutput> = paginateScan({ client }, asked);
    for await (const { Items = [] } of pages) {
      for (const item of Items as Item[]) {
        const trace = traceIn(item, person);
        if (trace) found.push({ key: { pk: item.pk, sk: item.sk }, found: item, ...trace });
      }
    }
  }));
  return found;
}

async function carryOut({ aws }: Session, { table: TableName, region }: Place, traces: readonly Found[]): Promise<void> {
  const client = aws.table(region);
  await forEachConcurrently(traces, WRITES_AT_ONCE, async trace => {
    if (trace.do === 'delete') await client.send(new DeleteCommand({ TableName, Key: trace.key }));
    // What has changed meanwhile is found again by the next pass.
    else await isAccepted(async () => client.send(new UpdateCommand({ TableName, Key: trace.key, ...editOf(trace.found, trace.item) })));
  });
}

/** Messages about the person in every queue of this library; answers how many there were. */
async function sweepQueues({ aws, stacks }: Session, person: Person, deletes: boolean): Promise<number> {
  let count = 0;
  for (const { region, stackName, deployment: { logicalIdPrefix } } of stacks) {
    for (const queueUrl of await aws.resources(region, stackName, 'AWS::SQS::Queue', logicalIdPrefix)) {
      count += await sweepQueue(aws.queues(region), queueUrl, body => isAboutPerson(body, person), deletes, systemClock);
    }
  }
  return count;
}

function tracesOf({ table, region }: Place, traces: readonly Found[]): ForgottenTable {
  const deleted = traces.filter(trace => trace.do === 'delete').length;
  return { table, region, deleted, edited: traces.length - deleted };
}

function plus(a: ForgottenTable, b: ForgottenTable): ForgottenTable {
  return { ...a, deleted: a.deleted + b.deleted, edited: a.edited + b.edited };
}
