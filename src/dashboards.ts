import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Capture } from './capture/hints/capture';
import { OVERDUE_INTERVALS } from './capture/sweep/sweep-alarms';
import { SweepWorkflow } from './capture/sweep/sweep-workflow';
import { ConsoleLinks } from './cdk/console';
import { HandlerFunction } from './cdk/handler-function';
import { regionDashboard } from './dashboard/region-dashboard';
import { Machine, RegionFacts } from './dashboard/region-facts';
import { ReplicaFacts, replicaLayout } from './dashboard/replica-layout';
import { SourceFacts, sourceLayout } from './dashboard/source-layout';
import { Drills } from './drill/drills';
import { ChangeEvents } from './ledger/change-events/change-events';
import { stateTableNameOf } from './operations/deployment';
import { CognitoDrReplicaProps } from './options';
import { Recovery } from './recovery/recovery';
import { RestoreWorkflow } from './restore/restore-workflow';
import { StandbyParts } from './standby/standby';

/** One of each Region; neither where nobody wants them. */
export interface RegionDashboards {
  readonly source?: Dashboard;
  readonly replica?: Dashboard;
}

interface Parts {
  readonly given: Pick<CognitoDrReplicaProps, 'dashboard' | 'drill'>;
  /** Makes concrete names. */
  readonly nameOf: (what: string, maxLength: number) => string;
  readonly primaryRegion: string;
  readonly ledgerTableName: string;
  readonly sweepInterval: Duration;
  /** Of both Regions. */
  readonly alarms: readonly Alarm[];
  readonly sweep: SweepWorkflow;
  readonly capture: Capture;
  readonly triggerName?: string;
  readonly recovery?: Recovery;
  readonly restore: RestoreWorkflow;
  readonly standby: StandbyParts;
  readonly changeEvents?: ChangeEvents;
  readonly drills?: Drills;
}

/** CloudWatch's limit of a name. */
const MOST_CHARACTERS = 255;

/** The dashboard in the stack of the source pool's side, and the one in the replica stack. Each knows its own stack only, and the other's name. */
export function regionDashboards(owner: Construct, replica: Construct, parts: Parts): RegionDashboards {
  if (parts.given.dashboard === false) return {};
  const { primaryRegion, sweepInterval } = parts;
  const here = { scope: owner, region: primaryRegion, dashboardName: parts.nameOf('source-dashboard', MOST_CHARACTERS) };
  const there = { scope: replica, region: Stack.of(replica).region, dashboardName: parts.nameOf('replica-dashboard', MOST_CHARACTERS) };
  // Where a sweep is overdue, the last one is still seen.
  const shows = Duration.days(Math.max(1, Math.ceil((OVERDUE_INTERVALS + 1) * sweepInterval.toDays({ integral: false }))));
  const common = ({ scope, region }: typeof here, other: typeof here): RegionFacts & { readonly own: Alarm[] } => {
    const { account, urlSuffix } = Stack.of(scope);
    const { ledgerTableName } = parts;
    const own = parts.alarms.filter(alarm => Stack.of(alarm) === Stack.of(scope));
    return { path: owner.node.path, region, account, urlSuffix, console: new ConsoleLinks(region), other, ledgerTableName, own, alarms: own.length };
  };
  const [ofSource, ofReplica] = [common(here, there), common(there, here)];
  return {
    source: regionDashboard(owner, ID, { ...here, shows, alarms: ofSource.own, rows: sourceLayout({ ...ofSource, ...sourceParts(parts) }) }),
    replica: regionDashboard(replica, ID, { ...there, shows, alarms: ofReplica.own, rows: replicaLayout({ ...ofReplica, ...replicaParts(parts) }) }),
  };
}

/** An application may have a `Dashboard` of its own in the replica stack. */
const ID = 'RegionDashboard';

interface SlicedWork {
  readonly stateMachine: IStateMachine;
  readonly slice: HandlerFunction;
}

function machineFacts({ stateMachine, slice }: SlicedWork): Machine {
  return { stateMachineArn: stateMachine.stateMachineArn, logGroupName: slice.logGroup.logGroupName };
}

function sourceParts({ sweep, sweepInterval, capture, triggerName, recovery }: Parts): Omit<SourceFacts, keyof RegionFacts> {
  return {
    sweepIntervalMinutes: sweepInterval.toMinutes(),
    overdueIntervals: OVERDUE_INTERVALS,
    sweep: machineFacts(sweep),
    hints: { queueName: capture.queue.queueName, logGroupName: capture.consumer.logGroup.logGroupName },
    deadLetters: { hints: capture.deadLetterQueue.queueName, events: capture.eventDeadLetterQueue.queueName },
    triggerName,
    recovery: recovery && { ...machineFacts(recovery), tableName: recovery.tableName },
  };
}

function replicaParts(
  { restore, ledgerTableName, standby: { userPool, switch: turned, triggers, follower }, changeEvents, drills, given }: Parts,
): Omit<ReplicaFacts, keyof RegionFacts> {
  const choice = given.drill?._choice;
  return {
    restore: { ...machineFacts(restore), stateTableName: stateTableNameOf(ledgerTableName) },
    standbyUserPoolId: userPool?.userPoolId,
    standby: turned && triggers && {
      switchArn: turned.stateMachineArn,
      deadLetters: triggers.deadLetterQueue.queueName,
      triggers: {
        UserMigration: triggers.functions.UserMigration.functionName,
        PreSignUp: triggers.functions.PreSignUp.functionName,
        PostConfirmation: triggers.functions.PostConfirmation.functionName,
        PreTokenGeneration: triggers.functions.PreTokenGeneration.functionName,
      },
    },
    warm: follower && { changesName: follower.changes.functionName, setAside: follower.setAsideQueue.queueName },
    changeEvents: changeEvents && { putName: changeEvents.put.functionName, deadLetters: changeEvents.deadLetterQueue.queueName },
    drill: drills && choice && {
      ...machineFacts(drills),
      evidenceBucketName: drills.evidenceBucket.bucketName,
      intervalDays: choice.interval.toDays(),
      targetRtoSeconds: choice.targetRto?.toSeconds(),
      targetRpoSeconds: choice.targetRpo?.toSeconds(),
    },
  };
}
