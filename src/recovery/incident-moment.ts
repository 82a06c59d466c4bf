import { UserPoolId } from '../cognito/ids';
import { Item, Key } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/** What a recovery takes from an incident: the moment to go back to, and whose changes to take back. */
export interface IncidentMoment {
  readonly before: EpochMilliseconds;
  readonly noticedAt: EpochMilliseconds;
  /** ARNs of the IAM roles and users whose calls it was; none where nobody is known. */
  readonly principals: readonly string[];
}

export function incidentItemKey(poolId: UserPoolId, id: string): Key {
  return { pk: `${poolId}#I`, sk: id };
}

/** Undefined for an item that is no incident. */
export function readIncidentMoment(item: Item | undefined): IncidentMoment | undefined {
  const { before, noticedAt, causes = [] } = (item ?? {}) as Partial<Pick<IncidentMoment, 'before' | 'noticedAt'>> & {
    readonly causes?: readonly { readonly principal?: string }[];
  };
  if (before === undefined || noticedAt === undefined) return undefined;
  return { before, noticedAt, principals: [...new Set(causes.flatMap(({ principal }) => principal ?? []))] };
}
