import { CfnResource, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { isResource } from './cdk/pool-definition';
import { drillKeys } from './drill/drill-keys';
import { EVIDENCE_PREFIX } from './drill/evidence/constants';
import { LEDGER, LOOK_UP_INDEXES } from './ledger/constants';
import { FORGET_ACTIONS, KEY_PATTERNS, READ_ACTIONS, REDRIVE_ACTIONS, STATUS_ACTIONS } from './operations/permissions';
import { STATE } from './state/constants';
import { TableKeys } from './validate';

/** What the command line reads and starts, by concrete names: a role may be in a stack of either Region, and no value crosses. */
export interface Operated {
  readonly scope: Construct;
  readonly primaryRegion: string;
  readonly replicaStack: Stack;
  readonly ledgerTableName: string;
  readonly stateTableName: string;
  /** In the source pool's Region. */
  readonly recoveryTableName?: string;
  readonly drillTableName?: string;
  readonly evidenceBucket?: IBucket;
  readonly hintsQueueName: string;
  /** Tables whose protection `doctor` looks at, by Region. */
  readonly tables: readonly (readonly [region: string, name: string])[];
  readonly keys: TableKeys;
  readonly sourcePool: IUserPool;
  readonly standbyPool?: IUserPool;
  /** Names of the state machines, by Region. */
  readonly machines: readonly (readonly [region: string, name: string])[];
}

/** The commands that name nobody: `status`, `doctor`, `list incidents`, `list runs`, `list timeline`. */
export function grantStatusTo(operated: Operated, grantee: IGrantable): Grant {
  const { primaryRegion, replicaStack: { region: replicaRegion }, ledgerTableName, stateTableName } = operated;
  const arn = arnsOf(operated);
  const regions = [primaryRegion, replicaRegion];
  const grant = Grant.addToPrincipal({ grantee, actions: [...STATUS_ACTIONS.EVERYWHERE], resourceArns: ['*'] });
  allow(grantee, STATUS_ACTIONS.STACKS, [arn(primaryRegion, 'cloudformation', 'stack/*'), arn(replicaRegion, 'cloudformation', 'stack/*')]);
  allow(grantee, STATUS_ACTIONS.LEDGER, regions.map(region => arn(region, 'dynamodb', `table/${ledgerTableName}`)), {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': KEY_PATTERNS.LEDGER.map(key => key.replace('<pool>', `${primaryRegion}_?????????`)) },
  });
  allow(grantee, STATUS_ACTIONS.STATE, [arn(replicaRegion, 'dynamodb', `table/${stateTableName}`)], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...KEY_PATTERNS.STATE] },
  });
  allow(grantee, STATUS_ACTIONS.TABLES, operated.tables.map(([region, name]) => arn(region, 'dynamodb', `table/${name}`)));
  allow(grantee, STATUS_ACTIONS.MACHINES, operated.machines.map(([region, name]) => arn(region, 'states', `stateMachine:${name}`)));
  allow(grantee, STATUS_ACTIONS.POOLS, poolArns(operated, grantee));
  allowEvidence(operated, grantee, STATUS_ACTIONS.EVIDENCE, { 's3:prefix': EVIDENCE_PREFIX.REPORTS });
  allowEvidence(operated, grantee, STATUS_ACTIONS.REPORTS, EVIDENCE_PREFIX.REPORTS);
  decrypt(operated, grantee);
  return grant;
}

/** And those that show people: `list users`, `list groups`, `show`, `diff`, `export`, and `watch`, as an execution's input may name somebody. */
export function grantReadTo(operated: Operated, grantee: IGrantable): Grant {
  const { primaryRegion, replicaStack: { region: replicaRegion }, ledgerTableName, stateTableName, machines } = operated;
  const arn = arnsOf(operated);
  const grant = grantStatusTo(operated, grantee);
  const ledgers = [primaryRegion, replicaRegion].map(region => arn(region, 'dynamodb', `table/${ledgerTableName}`));
  const indexes = [LEDGER.MEMBERSHIP_INDEX, ...Object.values(LOOK_UP_INDEXES).map(({ index }) => index)];
  allow(grantee, READ_ACTIONS.LEDGER, ledgers);
  allow(grantee, READ_ACTIONS.INDEXES, ledgers.flatMap(table => indexes.map(index => `${table}/index/${index}`)));
  allow(grantee, READ_ACTIONS.STATE, [arn(replicaRegion, 'dynamodb', `table/${stateTableName}`)]);
  allow(grantee, READ_ACTIONS.RUNS, runTables(operated).map(([region, name]) => arn(region, 'dynamodb', `table/${name}`)));
  allowEvidence(operated, grantee, READ_ACTIONS.PAGES, EVIDENCE_PREFIX.PAGES);
  const lists = listTables(operated).map(([region, name]) => arn(region, 'dynamodb', `table/${name}/index/${STATE.OUTCOME_INDEX}`));
  allow(grantee, READ_ACTIONS.OUTCOMES, lists);
  allow(grantee, READ_ACTIONS.EXECUTIONS, machines.map(([region, name]) => arn(region, 'states', `execution:${name}:*`)));
  allow(grantee, READ_ACTIONS.POOLS, poolArns(operated, grantee));
  return grant;
}

/** And the one that deletes every trace of a person. */
export function grantForgetTo(operated: Operated, grantee: IGrantable): Grant {
  const { tables } = operated;
  const arn = arnsOf(operated);
  const grant = grantReadTo(operated, grantee);
  allow(grantee, FORGET_ACTIONS.TABLES, tables.map(([region, name]) => arn(region, 'dynamodb', `table/${name}`)));
  allow(grantee, FORGET_ACTIONS.QUEUES, queueArns(operated, grantee));
  const { drillTableName, replicaStack: { region } } = operated;
  allow(grantee, FORGET_ACTIONS.SCRATCHES, drillTableName === undefined ? [] : [arn(region, 'dynamodb', `table/${drillTableName}`)], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [drillKeys.scratches()] },
  });
  allowEvidence(operated, grantee, FORGET_ACTIONS.EVIDENCE, { 's3:prefix': EVIDENCE_PREFIX.SUBS });
  allowEvidence(operated, grantee, FORGET_ACTIONS.SUBS, EVIDENCE_PREFIX.SUBS);
  decrypt(operated, grantee, ['kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey']);
  return grant;
}

/** And those that stop what runs, and send dead letters back. Starting is granted by each machine. */
export function grantStopTo(operated: Operated, grantee: IGrantable): void {
  const arn = arnsOf(operated);
  allow(grantee, READ_ACTIONS.STOP, operated.machines.map(([region, name]) => arn(region, 'states', `execution:${name}:*`)));
  allow(grantee, REDRIVE_ACTIONS, queueArns(operated, grantee));
}

/**
 * Those of this library, and none of the app's. CloudFormation names queues of dead letters after their stack, and cuts a long name: for a role of
 * another stack, every queue that is named after the stack is meant.
 */
function queueArns(operated: Operated, grantee: IGrantable): string[] {
  const { scope, replicaStack, primaryRegion, hintsQueueName } = operated;
  const arn = arnsOf(operated);
  const home = homeOf(grantee);
  const of = (stack: Stack, region: string, names: readonly string[]) => (home === stack
    ? scope.node.findAll().filter(node => isResource(node, 'AWS::SQS::Queue') && Stack.of(node) === stack)
      .map(queue => (queue as CfnResource).getAtt('Arn').toString())
    : names.map(name => arn(region, 'sqs', name)));
  const { stackName } = Stack.of(scope);
  return [
    ...of(Stack.of(scope), primaryRegion, [hintsQueueName, `${stackName}-*`]),
    ...of(replicaStack, replicaStack.region, [`${replicaStack.stackName}-*`]),
  ];
}

/** Tables with the checkpoints of runs, besides the state table. */
function runTables({ primaryRegion, replicaStack: { region }, recoveryTableName, drillTableName }: Operated): [region: string, name: string][] {
  return [
    ...recoveryTableName === undefined ? [] : [[primaryRegion, recoveryTableName] as [string, string]],
    ...drillTableName === undefined ? [] : [[region, drillTableName] as [string, string]],
  ];
}

/** Tables that list what became of each user. */
function listTables({ primaryRegion, replicaStack: { region }, stateTableName, recoveryTableName }: Operated): [region: string, name: string][] {
  return [[region, stateTableName], ...recoveryTableName === undefined ? [] : [[primaryRegion, recoveryTableName] as [string, string]]];
}

/**
 * What the names of a stack's buckets begin with, however long both are. CloudFormation does not say where it cuts.
 * @see docs/evidence.md, Assumed: bucket-name
 */
export function beginningOfBuckets(stackName: string): string {
  return stackName.toLowerCase().slice(0, 20);
}

/**
 * On the bucket of the evidence: its objects of a prefix, or itself under a condition. Its name is a value of its stack: for a role of another stack,
 * every bucket of the account that is named after the stack is meant.
 */
function allowEvidence(operated: Operated, grantee: IGrantable, actions: readonly string[], on: string | Record<string, string>): void {
  const { scope, replicaStack, evidenceBucket } = operated;
  if (!evidenceBucket) return;
  const { partition, account } = Stack.of(scope);
  const isHome = homeOf(grantee) === replicaStack;
  const bucketArn = isHome ? evidenceBucket.bucketArn : `arn:${partition}:s3:::${beginningOfBuckets(replicaStack.stackName)}*`;
  const conditions = { ...typeof on === 'string' ? {} : on, ...isHome ? {} : { 'aws:ResourceAccount': account } };
  allow(grantee, actions, [typeof on === 'string' ? `${bucketArn}/${on}*` : bucketArn],
    Object.keys(conditions).length > 0 ? { StringEquals: conditions } : undefined);
}

function allow(grantee: IGrantable, actions: readonly string[], resources: readonly string[], conditions?: Record<string, object>): void {
  if (resources.length === 0) return;
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }));
}

/** Keys of customers decrypt for DynamoDB, for S3 where the bucket of the evidence has one, and for nothing else. */
function decrypt(operated: Operated, grantee: IGrantable, actions: readonly string[] = ['kms:Decrypt']): void {
  const { scope, primaryRegion, replicaStack, evidenceBucket, keys: { primaryKeyArn, replicaKeyArn } } = operated;
  const { urlSuffix } = Stack.of(scope);
  for (const [region, keyArn] of [[primaryRegion, primaryKeyArn], [replicaStack.region, replicaKeyArn]] as const) {
    if (keyArn === undefined) continue;
    const services = evidenceBucket && region === replicaStack.region ? ['dynamodb', 's3'] : ['dynamodb'];
    allow(grantee, actions, [keyArn], { StringEquals: { 'kms:ViaService': services.map(service => `${service}.${region}.${urlSuffix}`) } });
  }
}

/** A pool's id is a value of its stack: for a role of another stack, every pool of the Region is meant. */
function poolArns(operated: Operated, grantee: IGrantable): string[] {
  const { scope, primaryRegion, replicaStack, sourcePool, standbyPool } = operated;
  const arn = arnsOf(operated);
  const home = homeOf(grantee);
  const of = (region: string, pool: IUserPool, stack: Stack) =>
    (home === stack ? pool.userPoolArn : arn(region, 'cognito-idp', `userpool/${region}_*`));
  return [
    of(primaryRegion, sourcePool, Stack.of(scope)),
    ...standbyPool ? [of(replicaStack.region, standbyPool, replicaStack)] : [],
  ];
}

/** The stack of a role, whose values it may have. */
function homeOf({ grantPrincipal }: IGrantable): Stack | undefined {
  return Construct.isConstruct(grantPrincipal) ? Stack.of(grantPrincipal) : undefined;
}

function arnsOf({ scope }: Operated): (region: string, service: string, resource: string) => string {
  const { partition, account } = Stack.of(scope);
  return (region, service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
