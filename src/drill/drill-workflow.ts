import { readFileSync } from 'fs';
import * as path from 'path';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Choice, Condition, DefinitionBody, JsonPath, Pass, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import {
  BEGIN_STATUS, DRILL_EVENT, DRILL_STATUS, DRILL_TABLE_ACTIONS, DRILL_TAG, LEASE_READ_ACTIONS, SCRATCH_POOL_ACTIONS, SCRATCH_POOL_READ_ACTIONS,
} from './constants';
import { grantTable } from '../cdk/grants';
import { HandlerFunction } from '../cdk/handler-function';
import { serviceRole } from '../cdk/service-trust';
import { failForReason, nextByStatus, RETRY_SLICE, SLICE_PATH, SliceTask, sliceTimeout, stateMachineLogs } from '../cdk/slice-task';
import { LEDGER, LEDGER_RESTORE_ACTIONS, LOOK_UP_INDEXES } from '../ledger/constants';
import { RESTORE_MEMORY } from '../restore/constants';
import {
  ENV_DRILL_INTERVAL_DAYS, ENV_DRILL_NAME, ENV_DRILL_STACKS, ENV_DRILL_TABLE, ENV_LEDGER_TABLE, ENV_LIBRARY_VERSION, ENV_QUOTAS, ENV_SLICE_SECONDS,
  ENV_STATE_TABLE, ENV_TARGET_USER_POOL_IDS,
} from '../runtime/environment';

export interface DrillWorkflowProps {
  /** A concrete name, which is also the tag and the beginning of the name of every pool that a drill makes. */
  readonly stateMachineName: string;
  readonly ledgerTableName: string;
  readonly stateTableName: string;
  readonly drillTableName: string;
  readonly tableKeyArn?: string;
  /** Ids of the pools that a real restore may fill: a drill makes way for it. */
  readonly targetUserPoolIds: readonly string[];
  readonly quotas: Record<string, number>;
  readonly sliceDuration: Duration;
  readonly interval: Duration;
  /** Names of the stacks that are deployed by themselves, and their Regions. */
  readonly stacks: { readonly primary: DeployedIn; readonly replica: DeployedIn };
  /** Writes the report. */
  readonly writer: IFunction;
  readonly logRetention: RetentionDays;
}

interface DeployedIn {
  readonly stack: string;
  readonly region: string;
}

/** A real restore waits at most this long for a drill to notice it. */
const LONGEST_SLICE = Duration.minutes(5);
/** In slices of five minutes the history of an execution, of at most 25,000 events, ends after twelve days. */
const TIMEOUT = Duration.days(7);
/** Where the answer of what went wrong is, for the clean-up. */
const FAILURE_PATH = '$.failure';
const UNREMOVED_PATH = '$.unremoved';

/** Rehearses the restore into a pool that it makes and removes. Nothing of it may touch another pool, or anybody's links. */
export class DrillWorkflow extends Construct {
  public readonly stateMachine: StateMachine;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;
  /** Looks for pools that a drill left, and for drills that no longer pass. */
  public readonly watch: IFunction;

  constructor(scope: Construct, id: string, private readonly props: DrillWorkflowProps) {
    super(scope, id);
    const sliceDuration = Duration.seconds(Math.min(props.sliceDuration.toSeconds(), LONGEST_SLICE.toSeconds()));
    const common = {
      [ENV_LEDGER_TABLE]: props.ledgerTableName, [ENV_DRILL_TABLE]: props.drillTableName, [ENV_DRILL_NAME]: props.stateMachineName,
    };
    const slice = this.slice = new HandlerFunction(this, 'Slice', {
      handler: 'drill/drill-slice',
      memorySize: RESTORE_MEMORY,
      timeout: sliceTimeout(sliceDuration),
      logRetention: props.logRetention,
      description: 'Rehearses a restore of Cognito users, for one slice of time',
      environment: {
        ...common,
        [ENV_STATE_TABLE]: props.stateTableName,
        [ENV_TARGET_USER_POOL_IDS]: Stack.of(this).toJsonString(props.targetUserPoolIds),
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_SLICE_SECONDS]: String(sliceDuration.toSeconds()),
      },
    });
    const begin = new HandlerFunction(this, 'Begin', {
      handler: 'drill/begin-drill',
      timeout: Duration.minutes(1),
      logRetention: props.logRetention,
      description: 'Reads what a drill is to do, and which templates are deployed',
      environment: { [ENV_DRILL_STACKS]: Stack.of(this).toJsonString(props.stacks), [ENV_LIBRARY_VERSION]: libraryVersion() },
    });
    begin.addToRolePolicy(new PolicyStatement({
      actions: ['cloudformation:GetTemplate'],
      resources: Object.values(props.stacks).map(({ stack, region }) =>
        Stack.of(this).formatArn({ service: 'cloudformation', region, resource: 'stack', resourceName: `${stack}/*` })),
    }));
    this.watch = new HandlerFunction(this, 'Watch', {
      handler: 'drill/watch-drills',
      isAsynchronous: true,
      timeout: Duration.minutes(5),
      logRetention: props.logRetention,
      description: 'Looks for user pools that drills left, and for drills that no longer pass',
      environment: { ...common, [ENV_DRILL_INTERVAL_DAYS]: String(props.interval.toDays()) },
    });
    this.grantSlice(slice);
    this.watch.addToRolePolicy(this.listing());
    this.watch.addToRolePolicy(this.ofScratchPools(SCRATCH_POOL_READ_ACTIONS));
    this.grant(this.watch, props.drillTableName, ['dynamodb:UpdateItem']);

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Rehearses the restore of Cognito users into a user pool that it makes, and removes',
      role: serviceRole(this, 'StateMachineRole', 'states', 'Lets the state machine call the drill'),
      definitionBody: DefinitionBody.fromChainable(this.definition(begin, slice)),
      timeout: TIMEOUT,
      logs: stateMachineLogs(this, props.stateMachineName, props.logRetention),
    });
  }

  private grantSlice(slice: IFunction): void {
    const { ledgerTableName, stateTableName, drillTableName, stateMachineName } = this.props;
    const stack = Stack.of(this);
    const nameIndexes = Object.values(LOOK_UP_INDEXES).map(({ index }) => index);
    this.grant(slice, ledgerTableName, LEDGER_RESTORE_ACTIONS, [LEDGER.MEMBERSHIP_INDEX, ...nameIndexes]);
    this.grant(slice, drillTableName, DRILL_TABLE_ACTIONS);
    // Of the table with the standby's links, only who fills which pool now.
    slice.addToRolePolicy(new PolicyStatement({
      actions: [...LEASE_READ_ACTIONS],
      resources: [stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: stateTableName })],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['LEASE#*'] } },
    }));
    // A pool that is being made has no ARN yet: its tag, and no other one, says whose it is.
    slice.addToRolePolicy(new PolicyStatement({
      actions: ['cognito-idp:CreateUserPool'],
      resources: ['*'],
      conditions: {
        'StringEquals': { [`aws:RequestTag/${DRILL_TAG}`]: stateMachineName },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [DRILL_TAG] },
      },
    }));
    slice.addToRolePolicy(this.listing());
    slice.addToRolePolicy(this.ofScratchPools(SCRATCH_POOL_ACTIONS));
  }

  private grant(grantee: IFunction, tableName: string, actions: readonly string[], indexes: readonly string[] = []): void {
    grantTable({ grantee, stack: Stack.of(this), tableName, actions, indexes, keyArn: this.props.tableKeyArn });
  }

  /** Names and ids of all pools of the account and Region: a creation whose answer was lost is found by the name. */
  private listing(): PolicyStatement {
    return new PolicyStatement({ actions: ['cognito-idp:ListUserPools'], resources: ['*'] });
  }

  private ofScratchPools(actions: readonly string[]): PolicyStatement {
    return new PolicyStatement({
      actions: [...actions],
      resources: [Stack.of(this).formatArn({
        service: 'cognito-idp', resource: 'userpool', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      })],
      conditions: { StringEquals: { [`aws:ResourceTag/${DRILL_TAG}`]: this.props.stateMachineName } },
    });
  }

  private definition(beginFunction: IFunction, sliceFunction: IFunction) {
    const begin = new SliceTask(this, 'Begin the drill', {
      lambdaFunction: beginFunction,
      payload: {
        'execution.$': '$$.Execution.Name',
        'executionArn.$': '$$.Execution.Id',
        'startedAt.$': '$$.Execution.StartTime',
        'input.$': '$$.Execution.Input',
      },
      resultPath: SLICE_PATH,
    });
    const task = (id: string, more: Record<string, string> = {}) => new SliceTask(this, id, {
      lambdaFunction: sliceFunction, payload: { 'beginning.$': '$.beginning', ...more }, resultPath: SLICE_PATH,
    });
    const slice = task('Drill a slice');
    const failed = { 'failed.$': `${FAILURE_PATH}.Error` };
    const cleanUp = task('Clean up', failed);
    const giveUp = task('Leave it to the next drill', { ...failed, 'unremoved.$': `${UNREMOVED_PATH}.Error` });
    const finish = task('Finish', { 'written.$': '$.written' });
    // Whatever fails for good, what was made is removed, and the report says what was done.
    slice.addCatch(cleanUp, { resultPath: FAILURE_PATH });
    cleanUp.addCatch(giveUp, { resultPath: UNREMOVED_PATH });
    const report = new SliceTask(this, 'Write the report', {
      lambdaFunction: this.props.writer, payload: { 'facts.$': `${SLICE_PATH}.facts` }, resultPath: '$.written',
    });
    report.next(finish);
    const ends = {
      [DRILL_STATUS.REPORT]: report,
      [DRILL_STATUS.RUNNING]: new Succeed(this, 'Another drill is running', { outputPath: SLICE_PATH }),
      [DRILL_STATUS.TOO_EARLY]: new Succeed(this, 'Nothing is copied yet', { outputPath: SLICE_PATH }),
      // A slice that comes again after the end.
      [DRILL_STATUS.PASSED]: new Succeed(this, 'Passed before'),
      [DRILL_STATUS.YIELDED]: new Succeed(this, 'Yielded before'),
      [DRILL_STATUS.FAILED]: failForReason(this, 'Failed before', 'DrillFailed'),
    };
    // A slice may fail before anything was made, so that its clean-up is the first to find that this drill is not to be.
    const removing = new Choice(this, 'All removed?');
    Object.entries({ [DRILL_STATUS.CONTINUE]: cleanUp, ...ends }).forEach(([status, next]) => (
      removing.when(Condition.stringEquals(`${SLICE_PATH}.status`, status), next)));
    removing.otherwise(failForReason(this, 'Nothing to clean up', 'DrillFailed'));
    cleanUp.next(removing);
    giveUp.next(removing);
    finish.next(this.announcing());
    slice.next(nextByStatus(this, 'More to drill?', 'drill', { [DRILL_STATUS.CONTINUE]: slice, ...ends }));
    const begun = new Pass(this, 'Begun', { parameters: { 'beginning.$': `${SLICE_PATH}.beginning` } });
    begun.next(slice);
    return begin.next(new Choice(this, 'To be drilled?')
      .when(Condition.stringEquals(`${SLICE_PATH}.status`, BEGIN_STATUS.BEGUN), begun)
      .otherwise(failForReason(this, 'Input refused', 'InvalidInput')));
  }

  /** Tells of the end, and ends so. */
  private announcing() {
    const report = `${SLICE_PATH}.report`;
    const end = new Choice(this, 'Passed?')
      .when(Condition.stringEquals(`${SLICE_PATH}.status`, DRILL_STATUS.PASSED), new Succeed(this, 'Passed', { outputPath: report }))
      .when(Condition.stringEquals(`${SLICE_PATH}.status`, DRILL_STATUS.YIELDED), new Succeed(this, 'Yielded to a restore', { outputPath: report }))
      .otherwise(failForReason(this, 'Failed', 'DrillFailed'));
    const announce = new EventBridgePutEvents(this, 'Announce', {
      entries: [{ source: DRILL_EVENT.SOURCE, detailType: DRILL_EVENT.DETAIL_TYPE, detail: TaskInput.fromJsonPathAt(report) }],
      resultPath: JsonPath.DISCARD,
    });
    announce.addRetry(RETRY_SLICE);
    // The drill is over, whoever hears of it.
    announce.addCatch(end, { resultPath: JsonPath.DISCARD });
    return announce.next(end);
  }
}

function libraryVersion(): string {
  const file = path.join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
