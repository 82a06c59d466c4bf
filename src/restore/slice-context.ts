import { Checkpoint, RestoreRun } from './restore-run';
import { PoolSettings } from '../cognito/pool-settings';
import { TargetPool } from '../cognito/target-pool';
import { PassedNames } from '../converge/passed-names';
import { ConvergePolicy } from '../converge/policy';
import { KnownSubs } from '../ledger/claimed-sub';
import { LedgerReader } from '../ledger/ledger-store';
import { GroupRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { RunState } from '../state/run-state';

/** What every phase of a slice works with. */
export interface SliceContext {
  readonly run: RestoreRun;
  /** As it is, or as it was at the moment of the run. */
  readonly ledger: LedgerReader;
  /** As it is. */
  readonly present: KnownSubs;
  readonly state: RunState<Checkpoint>;
  /** Paced: every call waits for its turn. */
  readonly target: TargetPool;
  readonly settings: PoolSettings;
  /** Groups that the target has or gets from the ledger, by name. */
  readonly groups: ReadonlyMap<string, GroupRow>;
  /** Role ARN by group name. */
  readonly groupRoles: Readonly<Record<string, string>>;
  readonly passedNames: PassedNames;
  /** What the engine may do: `targetWasEmpty` where the target held no users when the run began. */
  readonly policyOf: (run: RestoreRun, targetWasEmpty: boolean) => ConvergePolicy;
  readonly clock: Clock;
  /** When this slice has to hand over. */
  readonly deadline: EpochMilliseconds;
  /** Lets no further call to Cognito start: something failed that is not the failure of one user. */
  readonly stop: () => void;
}

/** Makes a checkpoint safe: whatever happens from here on, the restore goes on from it. */
export type Save<C extends Checkpoint = Checkpoint> = (checkpoint: C) => Promise<void>;
