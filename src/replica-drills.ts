import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Drills, DrillsProps } from './drill/drills';
import { RegionSwitch } from './drill/region-switch/region-switch';
import { CognitoDrReplicaProps } from './options';
import { Primary } from './replica-stack';
import { RestoreTarget } from './restore/restore-workflow';
import { validNumbers } from './validate';

/** What rehearses a restore, or starts one for a plan; each is absent where nobody asked for it. */
export interface Rehearsals {
  readonly drills?: Drills;
  readonly regionSwitch?: RegionSwitch;
}

type Made = 'choice' | 'sliceDuration' | 'stacks' | 'stateMachineName' | 'targetUserPoolIds';

interface RehearsalsProps extends Omit<DrillsProps, Made> {
  readonly path: string;
  readonly primary: Primary;
  readonly targets: readonly RestoreTarget[];
  /** Names of state machines. */
  readonly names: Readonly<Record<'restore' | 'drill', string>>;
}

/** All of it is in the replica Region. */
export function replicaRehearsals(
  replica: Construct, props: CognitoDrReplicaProps, { path, primary, targets, names, ...settings }: RehearsalsProps,
): Rehearsals {
  const { drill, regionSwitch } = props;
  const { logRetention } = settings;
  const stateMachineNames = { restore: names.restore, ...drill ? { drill: names.drill } : {} };
  return {
    drills: drill && new Drills(replica, 'Drill', {
      ...settings,
      ...drillNumbers(path, props),
      choice: drill._choice,
      stateMachineName: names.drill,
      targetUserPoolIds: targets.map(({ userPoolId }) => userPoolId),
      stacks: {
        primary: { stack: primary.stack.stackName, region: primary.region },
        replica: { stack: Stack.of(replica).stackName, region: Stack.of(replica).region },
      },
    }),
    regionSwitch: regionSwitch ? new RegionSwitch(replica, 'RegionSwitch', { stateMachineNames, logRetention }) : undefined,
  };
}

function drillNumbers(path: string, props: CognitoDrReplicaProps): Pick<DrillsProps, 'sliceDuration'> {
  const { sliceDuration, historyRetention } = validNumbers(path, props);
  const window = props.drill?._choice.window;
  if (window && window.toDays() > historyRetention.toDays()) {
    throw new Error(`${path}: drill has a window of ${window.toHumanString()}, but historyRetention is ${historyRetention.toHumanString()}: `
      + 'no moment before it can be gone back to; give a shorter window, or raise historyRetention');
  }
  return { sliceDuration };
}
