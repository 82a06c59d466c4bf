import { CfnResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SAMPLE_USERS, WATCH_HOURS } from './constants';
import { DrillAlarms } from './drill-alarms';
import { DrillWorkflow, DrillWorkflowProps } from './drill-workflow';
import { DrillEvidence } from './evidence/drill-evidence';
import { createLast } from '../cdk/created-last';
import { HandlerFunction } from '../cdk/handler-function';
import { serviceRole } from '../cdk/service-trust';
import { StateTable } from '../state/state-table';

/** What the user of the library chose; the public options say what each field means. */
export interface DrillChoice {
  readonly interval: Duration;
  readonly latest: boolean;
  readonly window?: Duration;
  readonly users?: number;
  readonly everybody: boolean;
  readonly quotaShare: number;
  readonly targetRto?: Duration;
  readonly targetRpo?: Duration;
  readonly scenario?: string;
  readonly objective?: string;
  readonly evidenceLockYears?: number;
  readonly subsRetention?: Duration;
}

export interface DrillsProps extends Omit<DrillWorkflowProps, 'drillTableName' | 'interval' | 'writer'> {
  readonly choice: DrillChoice;
  readonly encryption?: TableEncryptionV2;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly topics: readonly ITopic[];
}

/**
 * Drills of the restore, in the replica Region. What they keep is in a table of their own, which holds links of scratch pools and of no other: a
 * drill has no right to anybody else's.
 */
export class Drills extends Construct {
  public readonly stateMachine: StateMachine;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;
  /** Keeps the reports. */
  public readonly evidenceBucket: IBucket;
  public readonly alarms: readonly Alarm[];
  public readonly tableName: string;
  /** What the schedule asks of each drill. */
  public readonly scheduled: ReturnType<typeof orderOf>;

  constructor(scope: Construct, id: string, { choice, encryption, removalPolicy, deletionProtection, topics, ...props }: DrillsProps) {
    super(scope, id);
    const drillTableName = `${props.ledgerTableName}-drill`;
    this.tableName = drillTableName;
    this.scheduled = orderOf(choice);
    const { table } = new StateTable(this, 'Table', { tableName: drillTableName, removalPolicy, deletionProtection, encryption });
    createLast(scope, [table.node.defaultChild as CfnResource], { areReadByTheClock: true });
    const { interval, targetRto, targetRpo, evidenceLockYears: lockYears, subsRetention } = choice;
    const { ledgerTableName, logRetention } = props;
    const key = encryption?.tableKey;
    const { bucket, writer } = new DrillEvidence(this, 'Evidence', { drillTableName, key, lockYears, subsRetention, logRetention });
    this.evidenceBucket = bucket;
    const workflow = new DrillWorkflow(this, 'Workflow', { ...props, drillTableName, interval, writer });
    this.stateMachine = workflow.stateMachine;
    this.slice = workflow.slice;

    const role = serviceRole(this, 'ScheduleRole', 'scheduler', 'Lets the schedules start a drill, and look after drills');
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [workflow.watch.functionArn] }));
    new Schedule(this, 'Schedule', {
      description: 'Starts a drill of the restore',
      schedule: ScheduleExpression.rate(interval),
      target: new StepFunctionsStartExecution(this.stateMachine, { input: ScheduleTargetInput.fromObject(drillInputOf(choice, role.roleArn)), role }),
    });
    new Schedule(this, 'WatchSchedule', {
      description: 'Looks after drills',
      schedule: ScheduleExpression.rate(Duration.hours(WATCH_HOURS)),
      // Exactly this function: LambdaInvoke would allow its versions, too, of which there are none.
      target: { bind: () => ({ arn: workflow.watch.functionArn, role }) },
    });
    const { stateMachine } = this;
    this.alarms = new DrillAlarms(this, 'DrillAlarms', { ledgerTableName, topics, stateMachine, interval, targetRto, targetRpo }).alarms;
  }
}

/** What is drilled, in the words of an execution's input. */
function orderOf({ latest, window, users, everybody, quotaShare, targetRto, targetRpo }: DrillChoice) {
  return {
    moment: latest ? 'latest' : 'random',
    windowDays: latest ? undefined : window?.toDays(),
    users: everybody ? 'everybody' : users ?? SAMPLE_USERS,
    quotaShare,
    targetRto: targetRto?.toSeconds(),
    targetRpo: targetRpo?.toSeconds(),
  } as const;
}

/** The input of an execution, as an operator would write it. */
function drillInputOf(choice: DrillChoice, roleArn: string): object {
  const { scenario, objective } = choice;
  const input = { ...orderOf(choice), scenario, objective, startedBy: 'schedule', startedByRole: roleArn };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
