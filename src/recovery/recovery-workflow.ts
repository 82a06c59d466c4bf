import { Duration, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Choice, Condition, DefinitionBody, Fail, JsonPath, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import {
  MOST_RECOVERY_DAYS, RECOVERY_COGNITO_ACTIONS, RECOVERY_EVENT, RECOVERY_MACHINE, RECOVERY_STATUS, RECOVERY_VALIDATE_ACTIONS,
} from './constants';
import { decryptTable, grantTable, passGroupRoles } from '../cdk/grants';
import { HandlerFunction } from '../cdk/handler-function';
import { serviceRole } from '../cdk/service-trust';
import { failForReason, nextByStatus, RETRY_SLICE, SLICE_PATH, SliceTask, sliceTimeout, stateMachineLogs } from '../cdk/slice-task';
import { LEDGER, LEDGER_RESTORE_ACTIONS, LOOK_UP_INDEXES } from '../ledger/constants';
import { recoveredSubsOf } from '../ledger/recovered-subs';
import {
  ENV_GROUP_ROLES, ENV_HISTORY_DAYS, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_RECOVERY_TABLE, ENV_SLICE_SECONDS, ENV_USER_POOL_ID,
} from '../runtime/environment';
import { STATE_RESTORE_ACTIONS } from '../state/constants';

export interface RecoveryWorkflowProps {
  readonly stateMachineName: string;
  readonly userPool: IUserPool;
  readonly ledgerTableName: string;
  readonly recoveryTableName: string;
  /** The key of both tables in this Region, where a customer manages it. */
  readonly ledgerKeyArn?: string;
  /** Role ARN by group name. */
  readonly groupRoles: Record<string, string>;
  readonly quotas: Record<string, number>;
  readonly sliceDuration: Duration;
  readonly historyRetention: Duration;
  readonly logRetention: RetentionDays;
}

/** Recovers users in the very pool that they were copied from: validates its input, then works in slices until the plan is made or executed. */
export class RecoveryWorkflow extends Construct {
  public readonly stateMachine: StateMachine;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;
  /** As CloudTrail names the one that writes the pool. */
  public readonly principalArn: string;

  constructor(scope: Construct, id: string, private readonly props: RecoveryWorkflowProps) {
    super(scope, id);
    const validate = new HandlerFunction(this, 'Validate', {
      handler: 'recovery/validate-recovery',
      timeout: sliceTimeout(Duration.seconds(0)),
      logRetention: props.logRetention,
      description: 'Validates the input of a recovery of Cognito users',
      environment: {
        [ENV_LEDGER_TABLE]: props.ledgerTableName,
        [ENV_RECOVERY_TABLE]: props.recoveryTableName,
        [ENV_USER_POOL_ID]: props.userPool.userPoolId,
      },
    });
    const slice = this.slice = new HandlerFunction(this, 'Slice', {
      handler: 'recovery/recovery-slice',
      timeout: sliceTimeout(props.sliceDuration),
      logRetention: props.logRetention,
      description: 'Plans or executes a recovery of Cognito users, for one slice of time',
      environment: {
        [ENV_LEDGER_TABLE]: props.ledgerTableName,
        [ENV_RECOVERY_TABLE]: props.recoveryTableName,
        [ENV_GROUP_ROLES]: Stack.of(this).toJsonString(props.groupRoles),
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_SLICE_SECONDS]: String(props.sliceDuration.toSeconds()),
        [ENV_HISTORY_DAYS]: String(props.historyRetention.toDays()),
      },
    });
    const nameIndexes = Object.values(LOOK_UP_INDEXES).map(({ index }) => index);
    const tables = { stack: Stack.of(this), keyArn: props.ledgerKeyArn };
    grantTable({ ...tables, grantee: validate, tableName: props.ledgerTableName, actions: LEDGER_RESTORE_ACTIONS });
    grantTable({ ...tables, grantee: validate, tableName: props.recoveryTableName, actions: RECOVERY_VALIDATE_ACTIONS });
    const indexes = [LEDGER.MEMBERSHIP_INDEX, ...nameIndexes];
    grantTable({ ...tables, grantee: slice, tableName: props.ledgerTableName, actions: LEDGER_RESTORE_ACTIONS, indexes });
    grantTable({ ...tables, grantee: slice, tableName: props.recoveryTableName, actions: STATE_RESTORE_ACTIONS });
    slice.addToRolePolicy(this.onRecoveredSubs('dynamodb:UpdateItem'));
    slice.addToRolePolicy(new PolicyStatement({ actions: [...RECOVERY_COGNITO_ACTIONS], resources: [props.userPool.userPoolArn] }));
    passGroupRoles(props.groupRoles).forEach(statement => slice.addToRolePolicy(statement));
    this.principalArn = slice.role!.roleArn;

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Recovers Cognito users and groups in the pool that they were copied from',
      role: serviceRole(this, 'StateMachineRole', 'states', 'Lets the state machine call the recovery'),
      definitionBody: DefinitionBody.fromChainable(this.definition(validate, slice)),
      timeout: Duration.days(MOST_RECOVERY_DAYS),
      logs: stateMachineLogs(this, props.stateMachineName, props.logRetention),
    });
  }

  /** Lets somebody read which `sub` a user who came back had before. */
  public grantRead(grantee: IGrantable): Grant {
    const { actions, resources: resourceArns, conditions } = this.onRecoveredSubs('dynamodb:GetItem');
    if (this.props.ledgerKeyArn !== undefined) decryptTable(grantee, Stack.of(this), this.props.ledgerKeyArn);
    return Grant.addToPrincipal({ grantee, actions, resourceArns, conditions: conditions as Record<string, Record<string, unknown>> });
  }

  /** Of the ledger, only what says who came back as whom. */
  private onRecoveredSubs(action: string): PolicyStatement {
    const { ledgerTableName, userPool } = this.props;
    return new PolicyStatement({
      actions: [action],
      resources: [Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: ledgerTableName })],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${recoveredSubsOf(userPool.userPoolId)}*`] } },
    });
  }

  private definition(validateFunction: IFunction, sliceFunction: IFunction) {
    const validate = new SliceTask(this, 'Validate input', {
      lambdaFunction: validateFunction,
      payload: {
        'machine': RECOVERY_MACHINE,
        'execution.$': '$$.Execution.Name',
        'startedAt.$': '$$.Execution.StartTime',
        'input.$': '$$.Execution.Input',
      },
    });
    const slice = new SliceTask(this, 'Recover a slice', { lambdaFunction: sliceFunction, payload: { 'run.$': '$.run' }, resultPath: SLICE_PATH });
    const done = new Succeed(this, 'Recovered', { outputPath: `${SLICE_PATH}.report` });
    const unfinished = failForReason(this, 'Not everything was recovered', 'RecoveryIncomplete');
    const loop = slice.next(nextByStatus(this, 'More to recover?', 'recovery', {
      [RECOVERY_STATUS.CONTINUE]: slice,
      [RECOVERY_STATUS.PLANNED]: new Succeed(this, 'Planned', { outputPath: `${SLICE_PATH}.report` }),
      [RECOVERY_STATUS.COMPLETE]: this.announced('Announce', done),
      [RECOVERY_STATUS.INCOMPLETE]: this.announced('Announce what was recovered', unfinished),
      [RECOVERY_STATUS.RUNNING]: failForReason(this, 'Another recovery is running', 'RecoveryRunning'),
      [RECOVERY_STATUS.REFUSED]: failForReason(this, 'Plan refused', 'PlanRefused'),
    }));
    return validate.next(new Choice(this, 'Input valid?')
      .when(Condition.booleanEquals('$.valid', true), loop)
      .otherwise(new Fail(this, 'Input refused', { error: 'InvalidInput', causePath: '$.message' })));
  }

  /** The pool is written, whoever hears of it: who came back as whom is told either way. */
  private announced(id: string, end: Succeed | Fail): EventBridgePutEvents {
    const announce = new EventBridgePutEvents(this, id, {
      entries: [{
        source: RECOVERY_EVENT.SOURCE,
        detailType: RECOVERY_EVENT.DETAIL_TYPE,
        detail: TaskInput.fromJsonPathAt(`${SLICE_PATH}.report`),
      }],
      resultPath: JsonPath.DISCARD,
    });
    announce.addRetry(RETRY_SLICE);
    announce.addCatch(end, { resultPath: JsonPath.DISCARD });
    announce.next(end);
    return announce;
  }
}
