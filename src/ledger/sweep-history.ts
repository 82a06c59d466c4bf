import { SweepRow } from './schema';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** The sweeps that came to their end. */
export interface SweepHistory {
  /** The newest one that had ended by then: what no event told of since it began, nobody knew. Undefined where none is kept. */
  lastEndedBy(poolId: UserPoolId, moment: EpochMilliseconds): Promise<SweepRow | undefined>;
}
