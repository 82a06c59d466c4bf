import { Aspects, CfnOutput, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Capture, queueByName } from './capture/capture';
import { CAPTURE_METRIC, METRIC as SWEEP_METRIC } from './capture/constants';
import { SweepWorkflow } from './capture/sweep-workflow';
import { UserTriggers } from './capture/user-triggers';
import { Ledger } from './ledger/ledger';
import { CaptureAlarms, libraryMetric, RestoreAlarms, SweepAlarms } from './monitoring';
import { OnceAt } from './once-at';
import { CognitoDrReplicaProps, Standby } from './options';
import { replicaScopeOf, replicaStackOf, topLevelStackOf, uniqueName } from './replica-stack';
import { METRIC as RESTORE_METRIC } from './restore/constants';
import { RestoreTarget, RestoreWorkflow } from './restore/restore-workflow';
import { StandbyParts } from './standby/standby';
import { StandbyTable } from './standby/standby-table';
import {
  forbiddenDependencies, groupRoleArns, quotasByCategory, restoreTarget, sourceOf, tableKeys, validNumbers, validSource, validTableName, validTopics,
} from './validate';

/** Before the Aspects of anybody else, which then see everything that is added. */
const FIRST = 0;

/**
 * Keeps a copy of a Cognito user pool's users, groups and settings in a DynamoDB global table with a second Region, with history, and
 * brings them back there with a state machine.
 *
 * It adds to its own stack: triggers of the pool, an EventBridge rule, a queue and a function that copy changes within seconds, and a schedule, a
 * state machine and a function that list the whole pool and copy what those missed. It adds to a stack in
 * `replicaRegion`, which is deployed first and depends on nothing: the tables, an empty standby user pool with the source's settings, and the
 * state machine that restores. No CloudFormation value crosses between the two.
 */
export class CognitoDrReplica extends Construct {
  /** The stack in the replica Region. */
  public readonly replicaStack: Stack;

  /** The copy: the global table, as the replica stack owns it. */
  public readonly ledgerTable: ITableV2;

  /** What the replica Region knows by itself: whose user became whose, outcomes of restores, checkpoints. */
  public readonly standbyTable: ITableV2;

  /** The user pool that a restore fills, unless its input names another; undefined with `Standby.none()`. */
  public readonly standbyUserPool?: IUserPool;

  /** The issuer of the standby pool's tokens, as a verifier of tokens wants it; undefined with `Standby.none()`. */
  public readonly standbyIssuer?: string;

  /**
   * Beginning of the names of the SSM parameters, in the replica Region, that applications read to find the standby pool: `<prefix>/user-pool-id`,
   * `<prefix>/issuer`, `<prefix>/jwks-uri` and, for each app client of the source pool, `<prefix>/client-id/<construct path>`. A literal.
   */
  public readonly standbyParameterPrefix: string;

  /** Lists the source pool and writes what changed to the copy. */
  public readonly sweepStateMachine: IStateMachine;

  /** Takes hints that a user or a group may have changed; the README describes the message. Known by name, so that the source pool's own stack can use it. */
  public readonly captureHintsQueue: IQueue;

  /** Restores users and groups from the copy into a user pool of the replica Region. */
  public readonly restoreStateMachine: IStateMachine;

  /** Every alarm, in the Region of what it watches: for actions other than `alarmTopics`. */
  public readonly alarms: Alarm[];

  private readonly primaryRegion: string;
  /** The literal name: a token of the replica stack would make whoever uses it in a metric refer to that stack. */
  private readonly ledgerTableName: string;
  private readonly standby: StandbyParts;
  private readonly triggers?: UserTriggers;

  /**
   * @throws when the account or Region of the stack is not known at synthesis, when `replicaRegion` is the stack's own Region or in another
   * partition, when the source pool is imported and `standby` does not say what to restore into, and when a property is out of its range
   */
  constructor(scope: Construct, id: string, props: CognitoDrReplicaProps) {
    super(scope, id);
    const { path } = this.node;
    const primary = topLevelStackOf(this);
    this.replicaStack = replicaStackOf(this, props);
    this.primaryRegion = primary.region;
    const numbers = validNumbers(path, props);
    validSource(path, props.userPool, primary);
    validTopics(path, props, primary, this.replicaStack);
    const keys = tableKeys(path, props, primary, this.replicaStack);
    const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
    const ledgerTableName = this.ledgerTableName = validTableName(path, props.ledgerTableName ?? uniqueName(this, 'ledger', 247));

    // Nothing refers from one stack to the other, so CloudFormation would deploy them in any order.
    primary.addStackDependency(this.replicaStack, 'the table is made in the replica Region and replicated from there');
    const replica = replicaScopeOf(this, this.replicaStack);
    const stateful = {
      encryption: props.encryption,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      deletionProtection: props.deletionProtection ?? true,
    };
    const ledger = new Ledger(replica, 'Ledger', { ...stateful, tableName: ledgerTableName, primaryRegion: primary.region });
    this.ledgerTable = ledger.table;
    this.standbyTable = new StandbyTable(replica, 'Standby', { ...stateful, tableName: `${ledgerTableName}-standby` }).table;

    const topicsOf = (stack: Stack) => (props.alarmTopics ?? []).filter(topic => topic.env.region === stack.region);
    const regional = {
      ledgerTableName,
      standbyTableName: `${ledgerTableName}-standby`,
      tableKeyArn: keys.replicaKeyArn,
      groupRoles: groupRoleArns(path, props, this.replicaStack),
      quotas: quotasByCategory(path, 'restoreQuotas', props.restoreQuotas),
      logRetention,
    };
    this.standbyParameterPrefix = `/cognito-dr-replica/${uniqueName(this, 'standby', 200)}`;
    this.standby = new StandbyParts(this, replica, {
      ...stateful,
      ...regional,
      standby: props.standby ?? Standby.onDemand(),
      sourcePool: props.userPool,
      source: () => sourceOf(path, props.userPool),
      roleName: uniqueName(this, 'passwords', 64),
      parameterPrefix: this.standbyParameterPrefix,
      topics: topicsOf(this.replicaStack),
    });
    this.standbyUserPool = this.standby.userPool;
    this.standbyIssuer = this.standby.issuer;
    const targets = this.targets(props);

    const restore = new RestoreWorkflow(replica, 'Restore', {
      stateMachineName: uniqueName(this, 'restore', 80),
      ...regional,
      standbyUserPoolId: this.standbyUserPool?.userPoolId,
      targets,
      sliceDuration: numbers.sliceDuration,
    });
    this.restoreStateMachine = restore.stateMachine;
    this.standby.follow(replica, ledger.table, restore.stateMachine);

    const sweep = new SweepWorkflow(this, 'Sweep', {
      stateMachineName: uniqueName(this, 'sweep', 80),
      userPool: props.userPool,
      ledgerTableName,
      ledgerKeyArn: keys.primaryKeyArn,
      interval: numbers.sweepInterval,
      quotaShare: numbers.sweepQuotaShare,
      quotas: quotasByCategory(path, 'sweepQuotas', props.sweepQuotas),
      sliceDuration: numbers.sliceDuration,
      historyRetention: numbers.historyRetention,
      logRetention,
    });
    this.sweepStateMachine = sweep.stateMachine;

    const names = { queueName: uniqueName(this, 'hints', 80), ledgerTableName, ledgerKeyArn: keys.primaryKeyArn, logRetention };
    const capture = new Capture(this, 'Capture', {
      ...names,
      userPool: props.userPool,
      quotas: quotasByCategory(path, 'sweepQuotas', props.sweepQuotas),
      historyRetention: numbers.historyRetention,
      createTrail: props.createTrail ?? false,
    });
    this.captureHintsQueue = queueByName(this, 'CaptureHintsQueue', Stack.of(this), names.queueName);
    if (props.captureTriggers !== false) this.triggers = new UserTriggers(capture, { ...names, userPool: props.userPool });

    const { queue, deadLetterQueue, eventDeadLetterQueue } = capture;
    const queues = { queue, deadLetterQueue, eventDeadLetterQueue };
    this.alarms = [
      ...new SweepAlarms(this, 'SweepAlarms', { stateMachine: sweep.stateMachine, ledgerTableName, interval: numbers.sweepInterval, topics: topicsOf(primary) }).alarms,
      ...new CaptureAlarms(this, 'CaptureAlarms', { ...queues, ledgerTableName, interval: numbers.sweepInterval, topics: topicsOf(primary) }).alarms,
      ...new RestoreAlarms(replica, 'RestoreAlarms', { stateMachine: restore.stateMachine, topics: topicsOf(this.replicaStack) }).alarms,
      ...this.standby.alarms,
    ];
    this.warn(props, targets, topicsOf);
    this.output(replica);

    const stage = Stage.of(this) ?? this.node.root;
    Aspects.of(stage).add(new OnceAt(stage, () => {
      this.standby.complete(this.triggers?.attached ?? []);
      this.triggers?.attach();
    }), { priority: FIRST });
    this.node.addValidation({
      validate: () => forbiddenDependencies(primary, this.replicaStack).map(stack =>
        `stack ${this.replicaStack.node.path} came to depend on stack ${stack}, so that it could not be deployed while that one's Region is unreachable: remove what refers to it (a value of that stack in a property of this construct, or a resource that you added)`),
    });
  }

  /**
   * The app client of the standby user pool that mirrors a client of the source pool; its id, and its secret if it has one, are others.
   *
   * @throws when the standby pool is not a mirror, and when the client is imported or belongs to another user pool
   */
  public standbyClient(sourceClient: IUserPoolClient): IUserPoolClient {
    return this.standby.clientOf(sourceClient);
  }

  /** Lets `grantee`, in either Region, start a restore. */
  public grantStartRestore(grantee: IGrantable): Grant {
    return this.restoreStateMachine.grantStartExecution(grantee);
  }

  /** Lets `grantee`, in the source pool's Region, send hints to `captureHintsQueue`: for functions of yours in the pool's trigger slots. */
  public grantCaptureHints(grantee: IGrantable): Grant {
    if (this.triggers) this.triggers.isCovered = true;
    return Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [this.captureHintsQueue.queueArn] });
  }

  /** Milliseconds from an event to the copy, in the source pool's Region; the 99th percentile over 5 minutes by default. */
  public metricCaptureLag(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, CAPTURE_METRIC.CAPTURE_LAG, { statistic: 'p99', ...options });
  }

  /** Confirmations and sign-ins of which the trigger could not tell or say whether anything changed; the sum over 5 minutes by default. */
  public metricTriggerMisses(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, CAPTURE_METRIC.TRIGGER_MISSES, options);
  }

  /** Sweeps that wrote changes although CloudTrail delivered no event since the one before; the sum over 5 minutes by default. */
  public metricEventsMissing(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.EVENTS_MISSING, options);
  }

  /** Sweeps that ended complete, in the source pool's Region; the sum over 5 minutes by default. */
  public metricSweepsCompleted(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.SWEEP_COMPLETED, options);
  }

  /** Seconds from the first slice of a sweep to its end, in the source pool's Region; the sum over 5 minutes by default. */
  public metricSweepDuration(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.SWEEP_DURATION, options);
  }

  /** Users that a sweep listed, in the source pool's Region; the sum over 5 minutes by default. */
  public metricUsersListed(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.USERS_LISTED, options);
  }

  /** Rows that a sweep found changed and wrote, in the source pool's Region; the sum over 5 minutes by default. */
  public metricRowsWritten(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.ROWS_WRITTEN, options);
  }

  /** Users that a sweep found to be gone, and marked, in the source pool's Region; the sum over 5 minutes by default. */
  public metricUsersTombstoned(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.USERS_TOMBSTONED, options);
  }

  /** Users that were gone, but too many at once to be marked, in the source pool's Region; the sum over 5 minutes by default. */
  public metricDeletionsHeld(options?: MetricOptions): Metric {
    return this.metric(this.primaryRegion, SWEEP_METRIC.DELETIONS_HELD, options);
  }

  /** Users that a restore created or found to be right, in the replica Region; the sum over 5 minutes by default. */
  public metricUsersRestored(options?: MetricOptions): Metric {
    return this.metric(this.replicaStack.region, RESTORE_METRIC.USERS_RESTORED, options);
  }

  /** Users that a restore left out by Cognito's rules, in the replica Region; the sum over 5 minutes by default. */
  public metricUsersSkipped(options?: MetricOptions): Metric {
    return this.metric(this.replicaStack.region, RESTORE_METRIC.USERS_SKIPPED, options);
  }

  /** Users that the target of a restore refused, in the replica Region; the sum over 5 minutes by default. */
  public metricUsersFailed(options?: MetricOptions): Metric {
    return this.metric(this.replicaStack.region, RESTORE_METRIC.USERS_FAILED, options);
  }

  private metric(region: string, name: string, options?: MetricOptions): Metric {
    return libraryMetric(region, this.ledgerTableName, name, options);
  }

  private targets(props: CognitoDrReplicaProps): RestoreTarget[] {
    const { path } = this.node;
    const targets = (props.restoreTargets ?? []).map((pool, index) => restoreTarget(path, `restoreTargets[${index}]`, pool, this.primaryRegion, this.replicaStack));
    return this.standbyUserPool ? [restoreTarget(path, 'the standby pool', this.standbyUserPool, this.replicaStack.region, this.replicaStack), ...targets] : targets;
  }

  private warn(props: CognitoDrReplicaProps, targets: RestoreTarget[], topicsOf: (stack: Stack) => ITopic[]): void {
    const validations = Validations.of(this);
    if (targets.length === 0) {
      validations.addWarning('cognito-dr-replica:noRestoreTarget', 'there is no standby user pool and no restoreTargets, so that nothing can be restored until a deployment names one: give restoreTargets, or acknowledge this');
    }
    const silent = [topLevelStackOf(this), this.replicaStack].filter(stack => topicsOf(stack).length === 0).map(stack => stack.region);
    if (props.alarmTopics?.length && silent.length > 0) {
      validations.addWarning('cognito-dr-replica:alarmTopics', `alarmTopics has no topic in ${silent.join(', ')}, so that the alarms there tell nobody: add one, or acknowledge this`);
    }
  }

  private output(replica: Construct): void {
    new CfnOutput(replica, 'LedgerTableName', { description: 'Copy of the user pool', value: this.ledgerTable.tableName });
    new CfnOutput(replica, 'StandbyTableName', { description: 'Outcomes of restores', value: this.standbyTable.tableName });
    new CfnOutput(replica, 'RestoreStateMachineArn', { description: 'Restores the copy into a user pool', value: this.restoreStateMachine.stateMachineArn });
    new CfnOutput(this, 'SweepStateMachineArn', { description: 'Sweeps the user pool into its copy', value: this.sweepStateMachine.stateMachineArn });
  }
}
