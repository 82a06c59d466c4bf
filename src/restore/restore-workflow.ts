import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Choice, Condition, DefinitionBody, Fail, StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { REMOVAL_COGNITO_ACTIONS, RESTORE_COGNITO_ACTIONS, RESTORE_MEMORY, RESTORE_STATUS, VALIDATE_COGNITO_ACTIONS } from './constants';
import { grantTable, passGroupRoles } from '../cdk/grants';
import { HandlerFunction } from '../cdk/handler-function';
import { serviceRole } from '../cdk/service-trust';
import { failForReason, nextByStatus, SLICE_PATH, SliceTask, sliceTimeout, stateMachineLogs } from '../cdk/slice-task';
import { LEDGER, LEDGER_RESTORE_ACTIONS, LOOK_UP_INDEXES } from '../ledger/constants';
import {
  ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_SLICE_SECONDS, ENV_STATE_TABLE, ENV_STANDBY_USER_POOL_ID, ENV_TARGET_USER_POOL_IDS,
} from '../runtime/environment';
import { STATE_RESTORE_ACTIONS, SWITCH_READ_ACTIONS } from '../state/constants';

export interface RestoreTarget {
  readonly userPoolId: string;
  readonly userPoolArn: string;
}

export interface RestoreWorkflowProps {
  /** A concrete name, so that grants from other stacks need no reference. */
  readonly stateMachineName: string;
  readonly ledgerTableName: string;
  readonly stateTableName: string;
  readonly tableKeyArn?: string;
  readonly standbyUserPoolId?: string;
  readonly targets: RestoreTarget[];
  /** Role ARN by group name. */
  readonly groupRoles: Record<string, string>;
  readonly quotas: Record<string, number>;
  readonly sliceDuration: Duration;
  readonly logRetention: RetentionDays;
}

/** Validates its input, then works in slices until every user has an outcome. */
export class RestoreWorkflow extends Construct {
  public readonly stateMachine: StateMachine;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;

  constructor(scope: Construct, id: string, props: RestoreWorkflowProps) {
    super(scope, id);
    const environment = {
      [ENV_LEDGER_TABLE]: props.ledgerTableName,
      [ENV_STATE_TABLE]: props.stateTableName,
      [ENV_STANDBY_USER_POOL_ID]: props.standbyUserPoolId ?? '',
      [ENV_TARGET_USER_POOL_IDS]: Stack.of(this).toJsonString(props.targets.map(target => target.userPoolId)),
      [ENV_GROUP_ROLES]: Stack.of(this).toJsonString(props.groupRoles),
      [ENV_QUOTAS]: JSON.stringify(props.quotas),
      [ENV_SLICE_SECONDS]: String(props.sliceDuration.toSeconds()),
    };
    const validate = new HandlerFunction(this, 'Validate', {
      handler: 'restore/validate-restore',
      timeout: sliceTimeout(Duration.seconds(0)),
      logRetention: props.logRetention,
      description: 'Validates the input of a restore of Cognito users',
      environment,
    });
    const slice = this.slice = new HandlerFunction(this, 'Slice', {
      handler: 'restore/restore-slice',
      memorySize: RESTORE_MEMORY,
      timeout: sliceTimeout(props.sliceDuration),
      logRetention: props.logRetention,
      description: 'Restores Cognito users from the ledger, for one slice of time',
      environment,
    });

    // Of the rows that share a name or an address, one is its owner's.
    const nameIndexes = Object.values(LOOK_UP_INDEXES).map(({ index }) => index);
    const targetArns = props.targets.map(target => target.userPoolArn);
    for (const [grantee, cognitoActions, indexes] of [
      [validate, VALIDATE_COGNITO_ACTIONS, []],
      [slice, [...RESTORE_COGNITO_ACTIONS, ...REMOVAL_COGNITO_ACTIONS], [LEDGER.MEMBERSHIP_INDEX, ...nameIndexes]],
    ] as const) {
      if (targetArns.length > 0) {
        grantee.addToRolePolicy(new PolicyStatement({ actions: [...cognitoActions], resources: targetArns }));
      }
      grantTable({
        grantee,
        stack: Stack.of(this),
        tableName: props.ledgerTableName,
        actions: LEDGER_RESTORE_ACTIONS,
        indexes,
        keyArn: props.tableKeyArn,
      });
    }
    for (const [grantee, actions] of [[validate, SWITCH_READ_ACTIONS], [slice, STATE_RESTORE_ACTIONS]] as const) {
      grantTable({ grantee, stack: Stack.of(this), tableName: props.stateTableName, actions, keyArn: props.tableKeyArn });
    }
    passGroupRoles(props.groupRoles).forEach(statement => slice.addToRolePolicy(statement));

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Restores Cognito users and groups from the ledger into a user pool of this Region',
      role: serviceRole(this, 'StateMachineRole', 'states', 'Lets the state machine call the restore'),
      definitionBody: DefinitionBody.fromChainable(this.definition(validate, slice)),
      // 40 million users with one group each take 23 days at 80 % of Cognito's default quotas. In slices of 14 minutes the execution
      // history, of at most 25,000 events, ends after 34 days.
      timeout: Duration.days(30),
      logs: stateMachineLogs(this, props.stateMachineName, props.logRetention),
    });
  }

  private definition(validateFunction: IFunction, sliceFunction: IFunction) {
    const validate = new SliceTask(this, 'Validate input', {
      lambdaFunction: validateFunction,
      payload: { 'execution.$': '$$.Execution.Name', 'startedAt.$': '$$.Execution.StartTime', 'input.$': '$$.Execution.Input' },
    });
    const slice = new SliceTask(this, 'Restore a slice', {
      lambdaFunction: sliceFunction,
      payload: { 'run.$': '$.run' },
      resultPath: SLICE_PATH,
    });

    const loop = slice.next(nextByStatus(this, 'More to restore?', 'restore', {
      [RESTORE_STATUS.CONTINUE]: slice,
      [RESTORE_STATUS.COMPLETE]: new Succeed(this, 'Restored', { outputPath: `${SLICE_PATH}.report` }),
      [RESTORE_STATUS.INCOMPLETE]: failForReason(this, 'Not everything was restored', 'RestoreIncomplete'),
      [RESTORE_STATUS.RUNNING]: failForReason(this, 'Another restore is running', 'RestoreRunning'),
      [RESTORE_STATUS.YIELDED]: new Succeed(this, 'Left to another restore', { outputPath: SLICE_PATH }),
    }));
    return validate.next(new Choice(this, 'Input valid?')
      .when(Condition.isPresent('$.tooEarly'), new Succeed(this, 'Nothing is copied yet'))
      .when(Condition.booleanEquals('$.valid', true), loop)
      .otherwise(new Fail(this, 'Input refused', { error: 'InvalidInput', causePath: '$.message' })));
  }
}
