import { Incident } from './incident';
import { Item } from './schema';
import { TimelineUpdate, TimelineWriter } from './timeline';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** The timeline and the incidents of a pool, in this Region's replica of the ledger. */
export interface IncidentStore {
  /** Adds to the item, once however often it is tried, and answers the whole item. */
  count(update: TimelineUpdate, writer: TimelineWriter): Promise<Item>;
  /** The item with these ten minutes, read consistently. */
  timeline(poolId: UserPoolId, at: EpochMilliseconds): Promise<Item | undefined>;
  newestIncident(poolId: UserPoolId, subject: string): Promise<Incident | undefined>;
  /** Writes a new incident, or a version of it that follows the stored one; false where another writer was there before. */
  writeIncident(incident: Incident, replaces: Incident | undefined): Promise<boolean>;
  incident(poolId: UserPoolId, id: string): Promise<Incident | undefined>;
  incidents(poolId: UserPoolId): Promise<Incident[]>;
}
