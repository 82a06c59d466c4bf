import { Pace, Progress } from './commands/executions';
import { Session } from './session';
import { DrillCheckpoint } from '../drill/drill-checkpoint';
import { drillKeys } from '../drill/drill-keys';
import { Deployment, recoveryTableName } from '../operations/deployment';
import { RestoreCalls, bindingQuota, restoreCalls } from '../restore/restore-pace';
import { systemClock } from '../runtime/clock';
import { stateKeys } from '../state/keys';
import { StateItems } from '../state/state-items.lambda-shared';

/** What a checkpoint of a restore, or of a recovery that executes a plan, says of how far it is. */
interface Counted {
  readonly tally?: { readonly users: number };
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** What is known of an execution before it begins: users that it is about, and the quota that bounds it. */
export interface Expected {
  readonly total?: number;
  readonly pace?: Pace;
}

/** How far an execution is, as its last checkpoint says; undefined for what keeps none. */
export function progressOfExecution(
  { aws, deployment }: Session, executionArn: string, expected: Expected = {},
): () => Promise<Progress | undefined> {
  const { restoreStateMachineArn, recoveryStateMachineArn, drillStateMachineArn, drillTableName, stateTableName, ledgerTableName } = deployment;
  const { replicaRegion, primaryRegion, restoreQuotas } = deployment;
  const [machineArn, name] = [machineOf(executionArn), executionArn.split(':').at(-1)!];
  const itemsOf = (region: string, table: string) => new StateItems(aws.table(region), table, systemClock);
  const counted = async (items: StateItems) => doneIn((await items.get(stateKeys.run(name)))?.checkpoint as Counted | undefined);
  if (machineArn === drillStateMachineArn && drillTableName !== undefined) {
    const items = itemsOf(replicaRegion, drillTableName);
    return async () => {
      const checkpoint = (await items.get(drillKeys.run(name)))?.checkpoint as DrillCheckpoint | undefined;
      return checkpoint && progressOfDrill(checkpoint, await counted(items), { pace: paceOf(restoreCalls(1, 0), 1, restoreQuotas), ...expected });
    };
  }
  const items = machineArn === restoreStateMachineArn ? itemsOf(replicaRegion, stateTableName)
    : machineArn === recoveryStateMachineArn ? itemsOf(primaryRegion, recoveryTableName(ledgerTableName)) : undefined;
  if (!items) return async () => undefined;
  return async () => {
    const done = await counted(items);
    return done === undefined ? undefined : { done, ...expected };
  };
}

/** A drill counts users while it restores and while it compares. `restored`: by the restore's own checkpoint. */
export function progressOfDrill(
  { phase, compared, order: { users } }: Pick<DrillCheckpoint, 'phase' | 'compared' | 'order'>, restored: number | undefined,
  { total, pace }: Expected = {},
): Progress {
  const done = phase === 'restore' ? restored ?? 0 : phase === 'compare' ? compared?.[compared.side].users ?? 0 : undefined;
  return {
    phase: phase === 'compare' && compared ? `compare, ${compared.side}` : phase,
    done,
    total: total ?? (users === 'everybody' ? undefined : users),
    ...phase === 'restore' && pace ? { pace } : {},
  };
}

/** By the calls that so many users take together; undefined where nobody is written. */
export function paceOf(calls: RestoreCalls, users: number, quotas?: Deployment['restoreQuotas']): Pace | undefined {
  const { category, rate } = bindingQuota(calls, 1, quotas);
  return users > 0 && calls[category] > 0 ? { category, rate, perUser: calls[category] / users } : undefined;
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
