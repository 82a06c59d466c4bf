import { CliError, EXIT } from './cli-error';
import { isConnection } from './cli-error-of';
import { inUtc } from './moments';
import { Session } from './session';
import { UserPoolId } from '../cognito/ids';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { earliestMoment } from '../ledger/earliest-moment';
import { newestFirst } from '../ledger/newest-first';
import { SourceRow } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/** The copy, in the Region that answers. */
export interface ReadableLedger {
  readonly ledger: DynamoDbLedgerStore;
  readonly source: SourceRow;
  readonly poolId: UserPoolId;
  readonly region: string;
}

/** In the replica Region: the other one is dark in most hours in which somebody reads it; where this one is dark, in the other. */
export async function ledgerOf({ aws, deployment: { replicaRegion, primaryRegion, ledgerTableName } }: Session): Promise<ReadableLedger> {
  const read = async (region: string) => {
    const ledger = new DynamoDbLedgerStore(aws.table(region), ledgerTableName);
    return { ledger, region, source: newestFirst(await ledger.sources()).at(0) };
  };
  const { ledger, region, source } = await unlessConnection(async () => read(replicaRegion), async () => read(primaryRegion));
  if (!source) throw new CliError(EXIT.NOT_FOUND, 'nothing-copied', 'the copy holds no pool yet: its first sweep has not begun');
  return { ledger, region, source, poolId: source.poolId };
}

/** Plan of the source pool, which decides what a user costs; undefined where the copy does not say it. */
export async function featurePlanOf({ ledger, poolId }: Pick<ReadableLedger, 'ledger' | 'poolId'>): Promise<string | undefined> {
  const pool = (await ledger.poolParts(poolId)).find(({ part }) => part === 'pool')?.value as { readonly UserPoolTier?: string } | undefined;
  return pool?.UserPoolTier;
}

/** @throws CliError where the history does not reach back to the moment */
export function checkReachable(moment: EpochMilliseconds, option: string, source: SourceRow, now: EpochMilliseconds): void {
  const earliest = earliestMoment(source, now);
  if (earliest === undefined) {
    throw new CliError(EXIT.USAGE, 'no-history', `${option}: the copy cannot go back yet; wait for its next complete sweep`);
  }
  if (moment < earliest) {
    throw new CliError(EXIT.USAGE, 'too-early',
      `${option}: the copy goes back to ${inUtc(earliest)}, not to ${inUtc(moment)}; give that or a later moment`);
  }
}

async function unlessConnection<T>(first: () => Promise<T>, second: () => Promise<T>): Promise<T> {
  try {
    return await first();
  } catch (error) {
    if (!isConnection(error)) throw error;
    return second();
  }
}
