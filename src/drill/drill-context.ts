import { DrillStore } from './drill-store';
import { DrillFacts } from './evidence/drill-facts';
import { DrillVerdict } from './evidence/drill-verdict';
import { ScratchPools } from './scratch-pools';
import { UserPoolId } from '../cognito/ids';
import { QuotaPacer } from '../cognito/pacing';
import { QuotaCategory } from '../cognito/quotas';
import { TargetPool } from '../cognito/target-pool';
import { LedgerHistory } from '../ledger/ledger-store';
import { SweepHistory } from '../ledger/sweep-history';
import { Checkpoint } from '../restore/restore-run';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { RunIdentity, RunState } from '../state/run-state';

/** Everything that a drill works with. */
export interface DrillContext {
  /** Name of the execution. */
  readonly execution: string;
  /** Name of the state machine, which is the tag and the beginning of the name of every pool that it makes. */
  readonly owner: string;
  readonly region: string;
  readonly ledger: LedgerHistory;
  readonly sweeps: SweepHistory;
  readonly store: DrillStore;
  readonly pools: ScratchPools;
  /** A pool to bring users into; not paced. */
  readonly targetOf: (userPoolId: UserPoolId) => TargetPool;
  /** What a restore keeps, in the table of drills. */
  readonly stateOf: (run: RunIdentity) => RunState<Checkpoint>;
  /** For the calls of this slice, at the drill's share. */
  readonly pacer: QuotaPacer;
  readonly quotas: Partial<Record<QuotaCategory, number>>;
  /** Whether a restore is filling one of its own targets now. */
  readonly isRestoreRunning: () => Promise<boolean>;
  /** Tells once what the report shows. */
  readonly emit: (facts: DrillFacts, verdict: DrillVerdict) => void;
  readonly clock: Clock;
  readonly deadline: EpochMilliseconds;
}
