import { Duration, JsonNull, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { DefinitionBody, Pass, StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { grantTable } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { serviceRole } from '../../cdk/service-trust';
import { failForReason, nextByStatus, SLICE_PATH, SliceTask, sliceTimeout, stateMachineLogs } from '../../cdk/slice-task';
import { LEDGER, LEDGER_SWEEP_ACTIONS } from '../../ledger/constants';
import {
  ENV_HISTORY_DAYS, ENV_IGNORED_ATTRIBUTES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_QUOTA_SHARE, ENV_SLICE_SECONDS, ENV_STANDBY_ATTRIBUTES,
  ENV_USER_POOL_ID,
} from '../../runtime/environment';
import { MOST_SWEEP_DAYS, SWEEP_COGNITO_ACTIONS, SWEEP_MEMORY, SWEEP_STATUS } from '../constants';
import { grantIncidentEvents } from '../incidents/incident-events';

export interface SweepWorkflowProps {
  readonly stateMachineName: string;
  readonly userPool: IUserPool;
  readonly ledgerTableName: string;
  readonly ledgerKeyArn?: string;
  readonly interval: Duration;
  readonly quotaShare: number;
  readonly quotas: Record<string, number>;
  readonly sliceDuration: Duration;
  readonly historyRetention: Duration;
  /** Attributes whose changes make no incident. */
  readonly ignoredAttributes: readonly string[];
  /** JSON, resolved at the end of synthesis: see {@link ENV_STANDBY_ATTRIBUTES}. */
  readonly standbyAttributes: string;
  readonly logRetention: RetentionDays;
}

/** Lists the source pool on a schedule and writes what differs to the ledger; the first run is the backfill. */
export class SweepWorkflow extends Construct {
  public readonly stateMachine: StateMachine;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;

  constructor(scope: Construct, id: string, props: SweepWorkflowProps) {
    super(scope, id);
    const sweep = this.slice = new HandlerFunction(this, 'Function', {
      handler: 'capture/sweep/sweep',
      memorySize: SWEEP_MEMORY,
      timeout: sliceTimeout(props.sliceDuration),
      logRetention: props.logRetention,
      description: 'Lists a Cognito user pool and writes what differs to the ledger',
      environment: {
        [ENV_LEDGER_TABLE]: props.ledgerTableName,
        [ENV_USER_POOL_ID]: props.userPool.userPoolId,
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_QUOTA_SHARE]: String(props.quotaShare),
        [ENV_SLICE_SECONDS]: String(props.sliceDuration.toSeconds()),
        [ENV_HISTORY_DAYS]: String(props.historyRetention.toDays()),
        [ENV_IGNORED_ATTRIBUTES]: JSON.stringify(props.ignoredAttributes),
        [ENV_STANDBY_ATTRIBUTES]: props.standbyAttributes,
      },
    });
    sweep.addToRolePolicy(new PolicyStatement({ actions: [...SWEEP_COGNITO_ACTIONS], resources: [props.userPool.userPoolArn] }));
    grantIncidentEvents(sweep);
    grantTable({
      grantee: sweep,
      stack: Stack.of(this),
      tableName: props.ledgerTableName,
      actions: LEDGER_SWEEP_ACTIONS,
      indexes: [LEDGER.DIGEST_INDEX, LEDGER.MEMBERSHIP_INDEX],
      keyArn: props.ledgerKeyArn,
    });

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Sweeps a Cognito user pool into the ledger, slice by slice',
      role: serviceRole(this, 'StateMachineRole', 'states', 'Lets the state machine call the sweep'),
      definitionBody: DefinitionBody.fromChainable(this.definition(sweep)),
      timeout: sweepTimeout(props.quotaShare),
      logs: stateMachineLogs(this, props.stateMachineName, props.logRetention),
    });

    // By default CDK shares one role among all schedules of a stack, outside of this construct.
    const role = serviceRole(this, 'ScheduleRole', 'scheduler', 'Lets the schedule start a sweep');
    // No start date: EventBridge Scheduler then invokes a rate at once, which is the backfill at the first deployment.
    new Schedule(this, 'Schedule', {
      description: 'Sweeps the source user pool into the ledger',
      schedule: ScheduleExpression.rate(props.interval),
      target: new StepFunctionsStartExecution(this.stateMachine, { input: ScheduleTargetInput.fromObject({}), role }),
    });
  }

  private definition(sweep: IFunction) {
    const slice = new SliceTask(this, 'Sweep a slice', {
      lambdaFunction: sweep,
      payload: { 'execution.$': '$$.Execution.Id', 'input.$': '$.input', 'checkpoint.$': `${SLICE_PATH}.checkpoint` },
      resultPath: SLICE_PATH,
    });
    return new Pass(this, 'Begin', { parameters: { 'input.$': '$$.Execution.Input', 'slice': { checkpoint: JsonNull.INSTANCE } } })
      .next(slice)
      .next(nextByStatus(this, 'More to sweep?', 'sweep', {
        [SWEEP_STATUS.CONTINUE]: slice,
        [SWEEP_STATUS.COMPLETE]: new Succeed(this, 'Swept', { outputPath: `${SLICE_PATH}.report` }),
        [SWEEP_STATUS.SKIPPED]: new Succeed(this, 'Another sweep is running'),
        [SWEEP_STATUS.DELETIONS_HELD]: failForReason(this, 'Too many users are gone', 'DeletionsHeld'),
        [SWEEP_STATUS.INCOMPLETE]: failForReason(this, 'Not everything was copied', 'SweepIncomplete'),
        [SWEEP_STATUS.INVALID_INPUT]: failForReason(this, 'Input refused', 'InvalidInput'),
      }));
  }
}

/**
 * Listing 40 million users, the most that a pool may have, takes 12.3 hours at half of Cognito's quota, and their memberships as long for each group
 * that all are in; their first copy waits for the processor, about two days. Four days leave room for a processor that is half as fast; with a
 * smaller share of the quotas it is as many times longer.
 */
function sweepTimeout(quotaShare: number): Duration {
  return Duration.days(Math.min(MOST_SWEEP_DAYS, Math.max(4, Math.ceil(2 / quotaShare))));
}
