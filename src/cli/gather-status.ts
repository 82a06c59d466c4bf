import { listedDrill } from './commands/drill';
import { AlarmState, REPORTS_OF_DRILLS, SWITCH_OF_STANDBY, StatusFacts, executionsOf } from './commands/status';
import { Evidence } from './read-evidence';
import { Session, silentStacks, whyNot } from './session';
import { UserPoolId } from '../cognito/ids';
import { DynamoDbIncidentStore } from '../ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbSweepHistory } from '../ledger/dynamodb-sweep-history.lambda-shared';
import { Incident } from '../ledger/incident';
import { newestFirst } from '../ledger/newest-first';
import { SourceRow, SweepRow } from '../ledger/schema';
import { RunningExecution, machinesOf } from '../operations/deployment';
import { systemClock } from '../runtime/clock';
import { stateKeys } from '../state/keys';
import { readMoment } from '../state/moment';
import { StateItems } from '../state/state-items.lambda-shared';
import { readSwitch, SwitchState } from '../state/switch';

interface ReadLedger {
  readonly region: string;
  readonly sources: readonly SourceRow[];
  readonly incidents: (poolId: UserPoolId) => Promise<Incident[]>;
  readonly sweeps: (poolId: UserPoolId) => Promise<SweepRow[]>;
}

/** Sweeps of which the worst says how much may be lost. */
const SWEEPS = 10;

/** Reads all that a status is made of; what does not answer is named, and the rest is still told. */
export async function gatherStatus(session: Session): Promise<StatusFacts> {
  const { aws, deployment, stacks } = session;
  const unread: { what: string; why: string }[] = [];
  const unlessUnread = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      unread.push({ what, why: whyNot(error) });
      return undefined;
    }
  };
  const { primaryRegion, replicaRegion, ledgerTableName, stateTableName, standbyUserPoolId } = deployment;
  const ledgerIn = async (region: string): Promise<ReadLedger> => {
    const client = aws.table(region);
    const store = new DynamoDbIncidentStore(client, ledgerTableName);
    const sources = await new DynamoDbLedgerStore(client, ledgerTableName).sources();
    const history = new DynamoDbSweepHistory(client, ledgerTableName);
    return { region, sources, incidents: async poolId => store.incidents(poolId), sweeps: async poolId => history.newest(poolId, SWEEPS) };
  };
  const ledger = await unlessUnread(`the copy in ${replicaRegion}`, async () => ledgerIn(replicaRegion))
    ?? await unlessUnread(`the copy in ${primaryRegion}`, async () => ledgerIn(primaryRegion));
  const source = newestFirst(ledger?.sources ?? []).at(0);
  const items = new StateItems(aws.table(replicaRegion), stateTableName, systemClock);
  const standby = standbyUserPoolId === undefined || deployment.switchStateMachineArn === undefined ? undefined
    : await unlessUnread(SWITCH_OF_STANDBY, async () => readSwitch(await items.get(stateKeys.switchOf(standbyUserPoolId))));
  const heldAt = await unlessUnread('whether the standby is held', async () => readMoment(await items.get(stateKeys.moment())));
  const incidents = source && ledger ? await unlessUnread('incidents', async () => ledger.incidents(source.poolId)) : undefined;
  const sweeps = source && ledger ? await unlessUnread('the last sweeps', async () => ledger.sweeps(source.poolId)) : undefined;
  const lastDrill = deployment.drillStateMachineArn === undefined ? undefined
    : await unlessUnread(REPORTS_OF_DRILLS, async () => new Evidence(session).last());

  const alarms: AlarmState[] = [];
  for (const { region, stackName, deployment: { logicalIdPrefix } } of stacks) {
    alarms.push(...await unlessUnread(`alarms in ${region}`, async () => aws.alarms(region, stackName, logicalIdPrefix)) ?? []);
  }
  // The other Region's stack may hold the alarm that matters; the replica's alone says which pool is the standby.
  for (const { region, sentence } of silentStacks(session)) {
    unread.push({ what: `alarms in ${region}`, why: sentence });
    if (region === replicaRegion && deployment.switchStateMachineArn !== undefined) unread.push({ what: SWITCH_OF_STANDBY, why: sentence });
  }

  const running: RunningExecution[] = [];
  for (const [machine, arn] of machinesOf(deployment)) {
    running.push(...await unlessUnread(executionsOf(machine), async () => aws.running(machine, arn)) ?? []);
  }
  return {
    now: systemClock.now(),
    deployment,
    readIn: ledger?.region,
    source,
    incidents: unconfirmed(incidents ?? [], standby),
    alarms,
    running,
    standby,
    heldAt,
    sweeps,
    lastDrill: lastDrill && listedDrill(lastDrill.report),
    unread,
  };
}

function unconfirmed(incidents: readonly Incident[], standby: SwitchState | undefined): Incident[] {
  return incidents.filter(({ id }) => !standby?.confirmedIncidents?.includes(id));
}
