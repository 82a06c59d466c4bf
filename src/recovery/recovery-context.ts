import { PastLedger } from './past-reader';
import { RecoveryCheckpoint } from './recovery-checkpoint';
import { RecoveryRun } from './recovery-run';
import { RecoveryStore } from './recovery-store';
import { PoolSettings } from '../cognito/pool-settings';
import { TargetPool } from '../cognito/target-pool';
import { RecoveredSubs } from '../ledger/recovered-subs';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { Link } from '../state/link';
import { Links } from '../state/links';

/** What every phase of a slice works with. */
export interface RecoveryContext {
  readonly run: RecoveryRun;
  readonly past: PastLedger;
  readonly store: RecoveryStore;
  readonly recovered: RecoveredSubs;
  /** Writes who came back as whom together with each link. */
  readonly links: Links;
  /** Paced: every call waits for its turn. */
  readonly target: TargetPool;
  readonly settings: PoolSettings;
  /** Role ARN by group name. */
  readonly groupRoles: Readonly<Record<string, string>>;
  /** Milliseconds for which what was replaced is kept. */
  readonly retention: number;
  readonly clock: Clock;
  /** When this slice has to hand over. */
  readonly deadline: EpochMilliseconds;
  /** Lets no further call to Cognito start. */
  readonly stop: () => void;
  /** Keeps the right to write the pool; throws where another execution has it. */
  readonly keepLease: () => Promise<void>;
}

/** Makes a checkpoint safe: whatever happens from here on, the recovery goes on from it. */
export type SaveRecovery = (checkpoint: RecoveryCheckpoint) => Promise<void>;

/** The links of the pool with itself, which say of everybody who came back as whom, from the moment that the user is made. */
export function linksOfReturns(links: Links, recovered: RecoveredSubs): Links {
  const note = async ({ sourceSub, targetSub, firstSub, execution, at }: Link) => {
    // Somebody who has the name of a deleted user, and was left alone, is linked with nobody else.
    const [replaced, sub]: string[] = [sourceSub, targetSub];
    if (replaced !== sub) await recovered.write({ replaced, sub, firstSub, execution, at });
  };
  return {
    ofTargets: async subs => links.ofTargets(subs),
    targetSubOf: async sub => links.targetSubOf(sub),
    targetSubOfFirst: async sub => links.targetSubOfFirst(sub),
    write: async link => {
      await note(link);
      return links.write(link);
    },
  };
}
