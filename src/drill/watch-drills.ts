import { ScratchPools } from './scratch-pools';
import { isScratchPool } from './scratch-settings';
import { EpochMilliseconds } from '../runtime/flavor';

const DAY = 86_400_000;

export interface DrillWatch {
  /** Seconds since the oldest pool of a drill was made; 0 where there is none. */
  readonly poolAge: number;
  /** Whether no drill has passed for twice the interval. */
  readonly isOverdue: boolean;
}

export interface DrillWatchProps {
  readonly owner: string;
  readonly pools: Pick<ScratchPools, 'named' | 'describe'>;
  /** When a drill last passed. */
  readonly passedAt: EpochMilliseconds | undefined;
  /** When somebody first looked: drills that were just deployed are not overdue. */
  readonly since: EpochMilliseconds;
  readonly intervalDays: number;
  readonly now: EpochMilliseconds;
}

/** Looks after what nobody else does once a state machine has been stopped from outside: a pool that it left, and drills that no longer pass. */
export async function watchDrills({ owner, pools, passedAt, since, intervalDays, now }: DrillWatchProps): Promise<DrillWatch> {
  let oldest = now;
  for (const { id } of await pools.named(`${owner}-`)) {
    const pool = await pools.describe(id);
    if (pool && isScratchPool(pool, owner)) oldest = Math.min(oldest, new Date(pool.CreationDate ?? now).getTime());
  }
  return { poolAge: Math.round((now - oldest) / 1_000), isOverdue: now - (passedAt ?? since) > 2 * intervalDays * DAY };
}
