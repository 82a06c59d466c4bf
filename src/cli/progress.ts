import { Progress } from './commands/executions';
import { Session } from './session';
import { recoveryTableName } from '../operations/deployment';
import { systemClock } from '../runtime/clock';
import { stateKeys } from '../state/keys';
import { StateItems } from '../state/state-items.lambda-shared';

/** What a checkpoint of a restore, or of a recovery that executes a plan, says of how far it is. */
interface Counted {
  readonly tally?: { readonly users: number };
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** How far an execution is, as its last checkpoint says; undefined for what keeps none. `total`: users that it is about, where that is known. */
export function progressOfExecution({ aws, deployment }: Session, executionArn: string, total?: number): () => Promise<Progress | undefined> {
  const { restoreStateMachineArn, recoveryStateMachineArn, stateTableName, ledgerTableName, replicaRegion, primaryRegion } = deployment;
  const [machineArn, name] = [machineOf(executionArn), executionArn.split(':').at(-1)!];
  const items = machineArn === restoreStateMachineArn ? new StateItems(aws.table(replicaRegion), stateTableName, systemClock)
    : machineArn === recoveryStateMachineArn ? new StateItems(aws.table(primaryRegion), recoveryTableName(ledgerTableName), systemClock) : undefined;
  if (!items) return async () => undefined;
  return async () => {
    const done = doneIn((await items.get(stateKeys.run(name)))?.checkpoint as Counted | undefined);
    return done === undefined ? undefined : { done, total };
  };
}

/** Users or lines that are done; undefined before the first one. */
export function doneIn(checkpoint: Counted | undefined): number | undefined {
  if (checkpoint?.tally) return checkpoint.tally.users;
  if (!checkpoint?.outcomes) return undefined;
  return Object.values(checkpoint.outcomes).reduce((sum, count) => sum + count, 0);
}

/** The state machine of an execution. */
export function machineOf(executionArn: string): string {
  return executionArn.split(':').slice(0, -1).join(':').replace(':execution:', ':stateMachine:');
}
