import { RecoveryCheckpoint } from './recovery-checkpoint';
import { PlanHead, RecoveryLine } from './recovery-line';
import { Page } from '../cognito/page';
import { EpochMilliseconds } from '../runtime/flavor';
import { RunState } from '../state/run-state';

/** What is kept of recoveries, in a table of the source pool's Region: plans, their lines with values, checkpoints, the right to write the pool. */
export interface RecoveryStore extends Pick<RunState<RecoveryCheckpoint>, 'begin' | 'lease' | 'release' | 'save' | 'links'> {
  /** The plan of that name, or the one that the execution of that name has executed. */
  plan(name: string): Promise<PlanHead | undefined>;
  writePlan(head: PlanHead): Promise<void>;
  /** Lets the execution be found by its name, where it executes the plan of another one. */
  writeExecutor(head: PlanHead, execution: string): Promise<void>;
  line(plan: string, id: string): Promise<RecoveryLine | undefined>;
  /** In the order of their ids. */
  lines(plan: string, cursor?: string): Promise<Page<RecoveryLine>>;
  /** `until`: when the lines go. */
  writeLines(plan: string, lines: readonly RecoveryLine[], until: EpochMilliseconds): Promise<void>;
}
