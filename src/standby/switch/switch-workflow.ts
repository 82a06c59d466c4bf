import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Condition, DefinitionBody, Fail, JsonPath, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { SWITCH_COGNITO_ACTIONS, SWITCH_EVENT, SWITCH_STATUS } from './constants';
import { grantTable } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { serviceRole } from '../../cdk/service-trust';
import { RETRY_SLICE, SliceTask, sliceTimeout, stateMachineLogs } from '../../cdk/slice-task';
import {
  ENV_LEDGER_TABLE, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SLICE_SECONDS, ENV_STANDBY_GAPS, ENV_STANDBY_USER_POOL_ID, ENV_STATE_TABLE,
} from '../../runtime/environment';
import { SWITCH_TURN_ACTIONS } from '../../state/constants';
import { StandbyFunctionProps } from '../standby-function-props';

export interface SwitchWorkflowProps extends StandbyFunctionProps {
  /** A concrete name, so that grants from other stacks need no reference. */
  readonly stateMachineName: string;
  /** What the switch cannot close, known at the end of synthesis: each turn says so. */
  readonly gaps: () => readonly string[];
}

/** Long enough for the clients of a pool to be asked how long their tokens live, short enough for a sign-out to be seen to go on. */
export const TURN_SLICE = Duration.minutes(5);
/** Others need the quotas: to close is to have nobody in a hurry. */
export const TURN_QUOTA_SHARE = 0.5;

/** Turns the switch of the standby pool, tells the event bus, and ends the sessions of everybody where that was asked for. Nothing else turns it. */
export class SwitchWorkflow extends Construct {
  public readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: SwitchWorkflowProps) {
    super(scope, id);
    const turn = new HandlerFunction(this, 'Turn', {
      handler: 'standby/switch/turn-switch',
      timeout: sliceTimeout(TURN_SLICE),
      logRetention: props.logRetention,
      description: 'Opens and closes the standby user pool',
      environment: {
        [ENV_LEDGER_TABLE]: props.ledgerTableName,
        [ENV_STATE_TABLE]: props.stateTableName,
        [ENV_STANDBY_USER_POOL_ID]: props.userPool.userPoolId,
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_QUOTA_SHARE]: String(TURN_QUOTA_SHARE),
        [ENV_SLICE_SECONDS]: String(TURN_SLICE.toSeconds()),
        [ENV_STANDBY_GAPS]: Lazy.string({ produce: () => JSON.stringify(props.gaps()) }),
      },
    });
    turn.addToRolePolicy(new PolicyStatement({ actions: [...SWITCH_COGNITO_ACTIONS], resources: [props.userPool.userPoolArn] }));
    const { stateTableName: tableName, tableKeyArn: keyArn } = props;
    grantTable({ grantee: turn, stack: Stack.of(this), tableName, actions: SWITCH_TURN_ACTIONS, keyArn });

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Opens and closes the standby user pool',
      role: serviceRole(this, 'StateMachineRole', 'states', 'Lets the state machine turn the switch and tell the event bus'),
      definitionBody: DefinitionBody.fromChainable(this.definition(turn)),
      // 25 a second, of which half: 7.5 million users. What is cut short may be started again; nobody gets a token meanwhile.
      timeout: Duration.days(7),
      logs: stateMachineLogs(this, props.stateMachineName, props.logRetention),
    });
  }

  private definition(turnFunction: IFunction) {
    const is = (status: string) => Condition.stringEquals('$.status', status);
    const fail = (id: string, error: string) => new Fail(this, id, { error, causePath: '$.message' });
    const unknown = new Fail(this, 'Unknown answer', {
      error: 'UnknownStatus', cause: 'the function Turn answered a status that this state machine does not know',
    });
    const done = new Succeed(this, 'Switch turned', { outputPath: '$.report' });

    const signOut = new SliceTask(this, 'Sign a slice out', { lambdaFunction: turnFunction, payload: { 'checkpoint.$': '$.checkpoint' } });
    signOut.next(new Choice(this, 'More to sign out?')
      .when(is(SWITCH_STATUS.CONTINUE), signOut)
      .when(is(SWITCH_STATUS.COMPLETE), done)
      .otherwise(unknown));
    const tell = new EventBridgePutEvents(this, 'Tell the event bus', {
      entries: [{ source: SWITCH_EVENT.SOURCE, detailType: SWITCH_EVENT.DETAIL_TYPE, detail: TaskInput.fromJsonPathAt('$.report') }],
      resultPath: JsonPath.DISCARD,
    });
    tell.addRetry(RETRY_SLICE);
    tell.next(new Choice(this, 'Sign everybody out?').when(Condition.booleanEquals('$.signOut', true), signOut).otherwise(done));

    const turn = new SliceTask(this, 'Turn the switch', {
      lambdaFunction: turnFunction,
      payload: { 'execution.$': '$$.Execution.Name', 'startedAt.$': '$$.Execution.StartTime', 'input.$': '$$.Execution.Input' },
    });
    return turn.next(new Choice(this, 'Turned?')
      .when(is(SWITCH_STATUS.TURNED), tell)
      .when(is(SWITCH_STATUS.INVALID), fail('Input refused', 'InvalidInput'))
      .when(is(SWITCH_STATUS.SUPERSEDED), fail('Turned since', 'SwitchTurnedSince'))
      .otherwise(unknown));
  }
}
