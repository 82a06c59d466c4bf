import { DrillMeasures } from './evidence/drill-facts';
import { QuotaCategory } from '../cognito/quotas';
import { SweepRow } from '../ledger/schema';
import { RESTORE_QUOTA_SHARE } from '../restore/constants';
import { bindingSeconds, restoreCalls } from '../restore/restore-pace';
import { EpochMilliseconds } from '../runtime/flavor';

/** Nothing is known of the pace of a restore that took less: some of its time is the start of a function. */
const SHORTEST = 0.001;

export interface Measured {
  readonly startedAt: EpochMilliseconds;
  readonly restoreStartedAt: EpochMilliseconds;
  readonly restoreEndedAt: EpochMilliseconds;
  readonly restored: number;
  readonly memberships: number;
  readonly byPassword: boolean;
  /** Live users of the ledger at the moment. */
  readonly population: number;
  readonly isSample: boolean;
  readonly quotaShare: number;
  readonly quotas: Partial<Record<QuotaCategory, number>>;
  readonly moment: EpochMilliseconds;
  /** The newest sweep that had begun by the moment and came to its end; absent where none is known. */
  readonly sweep?: Pick<SweepRow, 'startedAt'>;
  /** Until when the ledger is known to go back at least: as old as the copy can have been, where no sweep is known. */
  readonly earliest: EpochMilliseconds;
  readonly uncertainUsers: number;
}

/** What the drill took, what everybody would have taken, and how old the copy was. */
export function measures(of: Measured): DrillMeasures {
  const restoreSeconds = seconds(of.restoreEndedAt - of.restoreStartedAt);
  const recoverySeconds = seconds(of.restoreEndedAt - of.startedAt);
  return {
    restoreSeconds,
    recoverySeconds,
    usersPerSecond: round(of.restored / Math.max(SHORTEST, restoreSeconds)),
    ...of.isSample && of.restored > 0 ? { extrapolated: extrapolated(of, restoreSeconds, Math.max(0, recoverySeconds - restoreSeconds)) } : {},
    quotaShare: of.quotaShare,
    copyAgeSeconds: seconds(of.moment - (of.sweep?.startedAt ?? of.earliest)),
    uncertainUsers: of.uncertainUsers,
  };
}

/**
 * By the arithmetic of `npm run bench:restore`: the slowest quota bounds a restore, and this drill took so many times longer than its own bound,
 * which everybody's restore is taken to do as well. A sample has the groups and the start of the functions to itself, so that this says rather too
 * much.
 */
function extrapolated(
  { restored, memberships, byPassword, population, quotaShare, quotas }: Measured, restoreSeconds: number, beforeSeconds: number,
): NonNullable<DrillMeasures['extrapolated']> {
  const bound = bindingSeconds(restoreCalls(restored, memberships, byPassword), quotaShare, quotas);
  const everybody = bindingSeconds(restoreCalls(population, population * memberships / restored, byPassword), RESTORE_QUOTA_SHARE, quotas);
  const slower = Math.max(1, restoreSeconds / Math.max(SHORTEST, bound));
  return { users: population, recoverySeconds: round(beforeSeconds + everybody * slower), quotaShare: RESTORE_QUOTA_SHARE };
}

/** Two machines' clocks differ a little; nothing takes less than no time. */
function seconds(milliseconds: number): number {
  return round(Math.max(0, milliseconds) / 1_000);
}

function round(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
