import { CLOCK_SKEW } from './beginning';
import { recoveredSubsOf } from './recovered-subs';
import { Item, Key } from './schema';
import { UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { EpochMilliseconds } from '../runtime/flavor';

/** A run of a recovery that writes the pool. */
export interface WritingRun {
  /** Name of the state machine's execution. */
  readonly execution: string;
  readonly begunAt: EpochMilliseconds;
}

/**
 * Milliseconds from the mark of a run to its first call. CloudTrail says of a call whose role made it, which is the same for every run, and its times
 * are whole seconds of another clock. No two runs write the pool at once; with this between them, no call of one is taken for another one's.
 */
export const RUN_AHEAD = 1_000 + 2 * CLOCK_SKEW;

/** Ordered by the moment when they began. Beside the items of who came back as whom: a recovery may write no others of the ledger. */
export function writingRunKey(poolId: UserPoolId, begunAt: EpochMilliseconds): Key {
  return { pk: `${recoveredSubsOf(poolId)}run`, sk: new Date(begunAt).toISOString() };
}

export function readWritingRun({ sk, execution }: Item): WritingRun {
  return { execution: execution as string, begunAt: Date.parse(sk) };
}

/** The run that made a call which CloudTrail dates at that moment; undefined where none is known. `runs`: the newest first. */
export function runOfCall(runs: readonly WritingRun[], at: EpochMilliseconds): WritingRun | undefined {
  return runs.find(({ begunAt }) => begunAt <= lastBeginning(at));
}

/** A run that began later did not make a call of that moment. */
export function lastBeginning(at: EpochMilliseconds): EpochMilliseconds {
  return at - CLOCK_SKEW;
}

/** Reads which runs there were. */
export interface WritingRuns {
  /** Those that had begun by the moment, the newest first. A consistent read: a run is marked before its first call. */
  until(moment: EpochMilliseconds, cursor?: string): Promise<Page<WritingRun>>;
  /** The first one that is known. */
  oldest(): Promise<WritingRun | undefined>;
}
