import { CheckName, DoctorFacts, ExaminedClient } from './commands/doctor';
import { ledgerOf } from './read-ledger';
import { Session, silentStacks, whyNot } from './session';
import { DEFAULT_QUOTAS, QuotaCategory } from '../cognito/quotas';
import { recoveryTableName } from '../operations/deployment';
import { definitionDigest } from '../operations/pool-definition';
import { systemClock } from '../runtime/clock';

/** What restores and sweeps wait for; the others are spent a few times a run. */
const COUNTED: readonly QuotaCategory[] = ['UserCreation', 'UserAccountRecovery', 'UserRead', 'UserUpdate', 'UserList'];

const OF_STANDBY: readonly CheckName[] = ['standby-pool-protected', 'mail-sandbox', 'sms-sandbox', 'schema'];

/** Reads what every check looks at. What does not answer makes its checks unknown, and no other. */
export async function gatherDoctor(session: Session): Promise<DoctorFacts> {
  const { aws, account, deployment, stacks } = session;
  const { primaryRegion, replicaRegion, standbyUserPoolId, recoveryStateMachineArn, drillTableName } = deployment;
  const unread = new Map<CheckName, string>();
  const unlessUnread = async <T>(checks: readonly CheckName[], read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      for (const check of checks) unread.set(check, whyNot(error));
      return undefined;
    }
  };
  const ledger = await unlessUnread(['trail', 'sessions'], async () => ledgerOf(session));
  const row = ledger?.source;
  const sourceUserPoolId = deployment.sourceUserPoolId ?? row?.poolId;
  const source = sourceUserPoolId === undefined ? undefined
    : await unlessUnread(['triggers', 'source-pool-protected', 'schema'], async () => aws.describedPool(primaryRegion, sourceUserPoolId));
  const standby = standbyUserPoolId === undefined ? undefined
    : await unlessUnread(OF_STANDBY, async () => aws.describedPool(replicaRegion, standbyUserPoolId));
  // The copy has the source's clients without their secrets; of the standby's, who only asks for the status may not see them.
  const parts = ledger && await unlessUnread(['sessions', 'definition'], async () => (await ledger.ledger.poolParts(ledger.poolId))
    .filter(({ deletedAt }) => deletedAt === undefined));
  const sourceClients = parts?.filter(({ part }) => part.startsWith('client#')).map(({ value }) => value as ExaminedClient);
  const standbyClients = standbyUserPoolId === undefined ? undefined
    : await unlessUnread(['sessions'], async () => aws.describedClients(replicaRegion, standbyUserPoolId));

  const partition = deployment.restoreStateMachineArn.split(':')[1];
  const home = stacks.find(({ region }) => region === primaryRegion);
  const functionNames = home && await unlessUnread(['triggers'], async () =>
    aws.resources(primaryRegion, home.stackName, 'AWS::Lambda::Function', home.deployment.logicalIdPrefix));
  const tables = [
    { name: deployment.ledgerTableName, region: primaryRegion },
    { name: deployment.ledgerTableName, region: replicaRegion },
    { name: deployment.stateTableName, region: replicaRegion },
    ...recoveryStateMachineArn === undefined ? [] : [{ name: recoveryTableName(deployment.ledgerTableName), region: primaryRegion }],
    ...drillTableName === undefined ? [] : [{ name: drillTableName, region: replicaRegion }],
  ];
  const alarms = await unlessUnread(['alarm-actions', 'alarm-subscribers'], async () => (await Promise.all(
    stacks.map(async ({ region, stackName, deployment: { logicalIdPrefix } }) => aws.alarmActions(region, stackName, logicalIdPrefix)),
  )).flat());
  const topics = alarms && [...new Set(alarms.flatMap(({ actions }) => actions).filter(arn => arn.split(':')[2] === 'sns'))];
  return {
    now: systemClock.now(),
    deployment,
    eventSeenAt: row?.eventSeenAt,
    source,
    standby,
    functionArns: functionNames?.map(name => `arn:${partition}:lambda:${primaryRegion}:${account}:function:${name}`),
    tables: await unlessUnread(['point-in-time-recovery', 'tables-protected'], async () =>
      Promise.all(tables.map(async table => ({ ...table, ...await aws.protection(table.region, table.name) })))),
    alarms,
    subscriptions: topics && await unlessUnread(['alarm-subscribers'], async () =>
      new Map(await Promise.all(topics.map(async arn => [arn, await aws.subscriptions(arn)] as const)))),
    quotas: await unlessUnread(['quotas'], async () => {
      const counted = [
        ...COUNTED.map(category => ({ region: primaryRegion, category, typed: deployment.sweepQuotas?.[category] })),
        ...COUNTED.map(category => ({ region: replicaRegion, category, typed: deployment.restoreQuotas?.[category] })),
      ];
      return Promise.all(counted.map(async ({ region, category, typed }) =>
        ({ region, category, typed: typed ?? DEFAULT_QUOTAS[category], provisioned: await aws.provisionedLimit(region, category) })));
    }),
    isMailSandbox: standby?.EmailConfiguration?.EmailSendingAccount === 'DEVELOPER'
      ? await unlessUnread(['mail-sandbox'], async () => aws.isMailSandbox(replicaRegion)) : undefined,
    isSmsSandbox: standby?.SmsConfiguration ? await unlessUnread(['sms-sandbox'], async () => aws.isSmsSandbox(replicaRegion)) : undefined,
    definitionDigest: parts && definitionDigest(parts),
    sourceClients,
    standbyClients,
    replicas: sourceUserPoolId === undefined ? undefined
      : await unlessUnread(['replication'], async () => aws.poolReplicas(primaryRegion, sourceUserPoolId)),
    silent: silentStacks(session),
    unread,
  };
}
