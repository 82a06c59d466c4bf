import { Aspects, CfnResource, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { IUserPool, IUserPoolClient, UserPool } from 'aws-cdk-lib/aws-cognito';
import { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Capture, queueByName } from './capture/hints/capture';
import { CaptureAlarms } from './capture/hints/capture-alarms';
import { capturingTriggers, UserTriggers } from './capture/hints/user-triggers';
import { SweepAlarms } from './capture/sweep/sweep-alarms';
import { SweepWorkflow } from './capture/sweep/sweep-workflow';
import { createLast } from './cdk/created-last';
import { mendDependencies } from './cdk/dependencies';
import { explainFindings } from './cdk/findings';
import { uniqueName } from './cdk/names';
import { OnceAt } from './cdk/once-at';
import { regionDashboards } from './dashboards';
import { ChangeEvents } from './ledger/change-events/change-events';
import { Ledger } from './ledger/ledger';
import { MetricSource } from './metrics';
import { LEDGER_NAME_LENGTH, stateTableNameOf } from './operations/deployment';
import { CognitoDrReplicaProps, Standby } from './options';
import { addOutputs } from './outputs';
import { Rehearsals, replicaRehearsals } from './replica-drills';
import { ReplicaGrants } from './replica-grants';
import { checkAfterAspects, primaryOf, replicaScopeOf, replicaStackOf } from './replica-stack';
import { RestoreAlarms } from './restore/restore-alarms';
import { RestoreWorkflow } from './restore/restore-workflow';
import { sourceRecovery } from './source-recovery';
import { StandbyParts } from './standby/standby';
import { StateTable } from './state/state-table';
import {
  groupRoleArns, poolProblems, quotasByCategory, refuseDependencies, sourceOf, tableKeys, targetsOf, topicsByRegion,
  validChangeEvents, validLinkAttributes, validNumbers, validPools, validSource, validTableName, warnOfSilence,
} from './validate';

/** Runs before all other Aspects, which then see everything that is added. */
const FIRST = 0;

/**
 * Keeps a copy of a Cognito user pool's users, groups and settings in a DynamoDB global table with a second Region, with history, and
 * brings them back there with a state machine.
 *
 * It adds to its own stack: triggers of the pool, an EventBridge rule, a queue and a function that copy changes within seconds, and a schedule, a
 * state machine and a function that list the whole pool and copy what those missed. It adds to a stack in
 * `replicaRegion`, which is deployed first and depends on nothing: the tables, an empty standby user pool with the source's settings, and the
 * state machine that restores. No CloudFormation value crosses between the two.
 *
 * Throws at synthesis when the Region of the stack is not known and `primaryRegion` does not say it, when `replicaRegion` is the stack's own
 * Region or in another partition, when the source pool is imported and `standby` does not say what to restore into, and when a property is out
 * of its range.
 *
 * Costs about 22 USD a month for a million users, 1 % of which change a day, at list prices and with the defaults. `docs/cost.md` has the sum.
 *
 * @example
 * const copied = new UserPool(this, 'Users', { signInAliases: { email: true } });
 * new CognitoDrReplica(this, 'Dr', { userPool: copied, replicaRegion: 'us-west-2' });
 */
export class CognitoDrReplica extends ReplicaGrants {
  /** The stack in the replica Region. */
  public readonly replicaStack: Stack;

  /**
   * The copy: the global table, as the replica stack owns it.
   *
   * @example
   * dr.ledgerTable.grantReadData(operators);
   */
  public readonly ledgerTable: ITableV2;

  /**
   * What the replica Region learns by itself: which user of a standby pool was which one of the source, outcomes of restores, checkpoints.
   *
   * @example
   * dr.stateTable.grantReadData(operators);
   */
  public readonly stateTable: ITableV2;

  /**
   * The user pool that a restore fills, unless its input names another. Undefined with `Standby.none()`.
   *
   * @example
   * new CfnOutput(dr.replicaStack, 'PoolId', { value: dr.standbyUserPool!.userPoolId });
   */
  public readonly standbyUserPool?: IUserPool;

  /**
   * The standby user pool where the construct made it, as a mirror of the source pool: to give it what belongs to a Region. Undefined with a pool of
   * your own and with `Standby.none()`.
   *
   * @example
   * dr.mirrorUserPool!.addDomain('Domain', { cognitoDomain: { domainPrefix: 'auth-standby' } });
   */
  public readonly mirrorUserPool?: UserPool;

  /**
   * The issuer of the standby pool's tokens, as a verifier of tokens wants it. Undefined with `Standby.none()`.
   *
   * @example
   * new CfnOutput(dr.replicaStack, 'Issuer', { value: dr.standbyIssuer! });
   */
  public readonly standbyIssuer?: string;

  /**
   * Beginning of the names of the SSM parameters, in the replica Region, that applications read to find the standby pool: `<prefix>/user-pool-id`,
   * `<prefix>/issuer`, `<prefix>/jwks-uri` and, for each app client of the source pool, `<prefix>/client-id/<construct path>`. A literal.
   *
   * @example
   * const poolId = StringParameter.valueForStringParameter(replicaStack, `${dr.standbyParameterPrefix}/user-pool-id`);
   */
  public readonly standbyParameterPrefix: string;

  /**
   * Lists the source pool and writes what changed to the copy.
   *
   * @example
   * dr.sweepStateMachine.grantStartExecution(operators);
   */
  public readonly sweepStateMachine: IStateMachine;

  /**
   * Takes hints that a user or a group may have changed. `docs/capture.md` describes the message. The queue is known by its name, so that the source
   * pool's own stack can use it.
   *
   * @example
   * afterConfirmation.addEnvironment('HINTS_QUEUE_URL', dr.captureHintsQueue.queueUrl);
   * dr.grantCaptureHints(afterConfirmation);
   */
  public readonly captureHintsQueue: IQueue;

  /** Restores users and groups from the copy into the standby user pool, or into one of `restoreTargets`. */
  public readonly restoreStateMachine: IStateMachine;

  /**
   * Every alarm, in the Region of what it watches: for actions other than `alarmTopics`.
   *
   * @example
   * for (const alarm of dr.alarms) {
   *   if (alarm.env.region === 'us-west-2') alarm.addOkAction(new SnsAction(westTopic));
   * }
   */
  public readonly alarms: Alarm[];

  /** @internal */
  protected readonly _metricSource: MetricSource;
  /** @internal */
  protected readonly _standby: StandbyParts;
  /** @internal */
  protected readonly _recovery: ReturnType<typeof sourceRecovery>;
  /** @internal */
  protected readonly _rehearsals: Rehearsals;
  private readonly triggers?: UserTriggers;

  /**
   * @param scope the stack of the source pool, or a construct in it
   * @param id unique in `scope`, and part of the names of what is made
   * @param props the source pool, the other Region, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: CognitoDrReplicaProps) {
    super(scope, id, props);
    const { path } = this.node;
    validPools(path, props);
    const primary = primaryOf(this, props);
    this.replicaStack = replicaStackOf(this, primary, props);
    const nameOf = (what: string, maxLength: number) => uniqueName(this, what, maxLength, primary.region);
    const numbers = validNumbers(path, props);
    validSource(this, props.userPool, primary);
    const topics = topicsByRegion(path, props, primary, this.replicaStack);
    const keys = tableKeys(path, props, primary, this.replicaStack);
    const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
    const ledgerTableName = validTableName(path, props.ledgerTableName ?? nameOf('ledger', LEDGER_NAME_LENGTH));
    this._metricSource = { ledgerTableName, primary: primary.region, replica: this.replicaStack.region, sweep: () => this.sweepStateMachine };

    // Nothing refers from one stack to the other, so CloudFormation would deploy them in any order.
    primary.stack.addStackDependency(this.replicaStack, 'the table is made in the replica Region and replicated from there');
    const replica = replicaScopeOf(this, this.replicaStack);
    const { encryption, removalPolicy = RemovalPolicy.RETAIN, deletionProtection = true } = props;
    const stateful = { encryption, removalPolicy, deletionProtection };
    const ledger = new Ledger(replica, 'Ledger', { ...stateful, tableName: ledgerTableName, primaryRegion: primary.region });
    this.ledgerTable = ledger.table;
    const state = new StateTable(replica, 'Standby', { ...stateful, tableName: stateTableNameOf(ledgerTableName) });
    this.stateTable = state.table;
    createLast(replica, [ledger, state].map(({ table }) => table.node.defaultChild as CfnResource), { areReadByTheClock: true });

    const regional = {
      ledgerTableName,
      stateTableName: stateTableNameOf(ledgerTableName),
      tableKeyArn: keys.replicaKeyArn,
      groupRoles: groupRoleArns(path, 'groupRoles', props, this.replicaStack),
      quotas: quotasByCategory(path, 'restoreQuotas', props.restoreQuotas),
      logRetention,
      topics: topics[this.replicaStack.region],
    };
    this.standbyParameterPrefix = `/cognito-dr-replica/${nameOf('standby', 200)}`;
    this._standby = new StandbyParts(this, replica, {
      ...stateful,
      ...regional,
      choice: (props.standby ?? Standby.onDemand())._choice,
      sourcePool: props.userPool,
      source: () => sourceOf(path, props),
      roleName: nameOf(`${props.replicaRegion}-passwords`, 64),
      parameterPrefix: this.standbyParameterPrefix,
      switchName: nameOf('switch', 80),
      linkAttributes: validLinkAttributes(path, props),
    });
    this.standbyUserPool = this._standby.userPool;
    this.mirrorUserPool = this._standby.mirrorUserPool;
    this.standbyIssuer = this._standby.issuer;
    const targets = targetsOf(path, props, primary.region, this.replicaStack, this.standbyUserPool);

    const { historyRetention, ignoredAttributes, sliceDuration, sweepInterval: interval, sweepQuotaShare: quotaShare } = numbers;
    const names = { restore: nameOf('restore', 80), drill: nameOf('drill', 80) };
    const restore = new RestoreWorkflow(replica, 'Restore', {
      ...regional, stateMachineName: names.restore, standbyUserPoolId: this.standbyUserPool?.userPoolId, targets, sliceDuration,
    });
    this.restoreStateMachine = restore.stateMachine;
    this._standby.follow(replica, ledger.table, restore.stateMachine, numbers);
    this._rehearsals = replicaRehearsals(replica, props, { ...stateful, ...regional, path, primary, targets, names });

    const local = { ledgerTableName, ledgerKeyArn: keys.primaryKeyArn, logRetention };
    const quotas = quotasByCategory(path, 'sweepQuotas', props.sweepQuotas);
    const followed = { ...local, userPool: props.userPool, quotas, historyRetention, ignoredAttributes };
    const sweep = new SweepWorkflow(this, 'Sweep', {
      ...followed, stateMachineName: nameOf('sweep', 80), interval, quotaShare, sliceDuration, standbyAttributes: this._standby.attributes,
    });
    this.sweepStateMachine = sweep.stateMachine;

    const watched = { ledgerTableName, interval, topics: topics[primary.region] };
    this._recovery = sourceRecovery(this, props, { ...stateful, ...local, stateMachineName: nameOf('recovery', 80), topics: watched.topics });

    const heard = { ...followed, queueName: nameOf('hints', 80) };
    const capture = new Capture(this, 'Capture', {
      ...heard,
      recoveryPrincipals: this._recovery && [this._recovery.principalArn],
      createTrail: props.createTrail ?? false,
      primaryRegion: primary.region,
    });
    this.captureHintsQueue = queueByName(this, 'CaptureHintsQueue', Stack.of(this), heard.queueName);
    if (props.captureTriggers !== false) this.triggers = new UserTriggers(capture, heard);

    const bus = validChangeEvents(path, props, this.replicaStack);
    const changeEvents = bus && new ChangeEvents(replica, 'ChangeEvents', { ...regional, ledgerTable: ledger.table, bus });
    this.alarms = [
      ...new SweepAlarms(this, 'SweepAlarms', { ...watched, stateMachine: sweep.stateMachine, slice: sliceDuration }).alarms,
      ...new CaptureAlarms(this, 'CaptureAlarms', { ...watched, userPool: props.userPool, capture, triggerName: this.triggers?.functionName }).alarms,
      ...new RestoreAlarms(replica, 'RestoreAlarms', { ledgerTableName, topics: regional.topics, stateMachine: restore.stateMachine }).alarms,
      ...this._standby.alarms, ...this._recovery?.alarms ?? [], ...this._rehearsals.drills?.alarms ?? [], ...changeEvents?.alarms ?? [],
    ];
    const built = { sweep, capture, restore, changeEvents, recovery: this._recovery, standby: this._standby, drills: this._rehearsals.drills };
    const told = { given: props, nameOf, primaryRegion: primary.region, ledgerTableName, triggerName: this.triggers?.functionName };
    this._dashboards = regionDashboards(this, replica, { ...numbers, ...told, ...built, alarms: this.alarms });
    warnOfSilence(this, targets.length, topics);
    const outputs = { ledgerTableName, primaryRegion: primary.region, sweepInterval: interval, gaps: () => this._standby.gaps };
    addOutputs(this, replica, { ...props, ...outputs, drills: this._rehearsals.drills });

    const made = [this, replica].flatMap(({ node }) => node.children).filter(child => !Stack.isStack(child));
    const stage = Stage.of(this) ?? this.node.root;
    Aspects.of(stage).add(new OnceAt(stage, () => {
      this._standby.complete(capturingTriggers(props.userPool));
      this.triggers?.attach();
      explainFindings(made);
    }), { priority: FIRST });
    checkAfterAspects(this, replica, this.replicaStack);
    mendDependencies(this);
    this.node.addValidation({ validate: () => poolProblems(props) });
    refuseDependencies(this, primary.stack, this.replicaStack);
  }

  /**
   * The app client of the standby user pool that mirrors a client of the source pool. Its id, and its secret if it has one, are others.
   *
   * Throws when the standby pool is not a mirror, and when the client is imported or belongs to another user pool.
   *
   * @param sourceClient an app client of the source pool, defined in this app
   *
   * @example
   * new CfnOutput(dr.replicaStack, 'ClientId', { value: dr.standbyClient(web).userPoolClientId });
   */
  public standbyClient(sourceClient: IUserPoolClient): IUserPoolClient {
    return this._standby.clientOf(sourceClient);
  }

  /**
   * Lets functions of yours in the source pool's trigger slots send hints to `captureHintsQueue`.
   * @param grantee a function, or its role, in the source pool's Region
   *
   * @example
   * afterConfirmation.addEnvironment('HINTS_QUEUE_URL', dr.captureHintsQueue.queueUrl);
   * dr.grantCaptureHints(afterConfirmation);
   */
  public grantCaptureHints(grantee: IGrantable): Grant {
    if (this.triggers) this.triggers.isCovered = true;
    return Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [this.captureHintsQueue.queueArn] });
  }
}
