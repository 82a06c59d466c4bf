import { InMemoryLedger } from './in-memory-ledger';
import { Incident, incidentItem, incidentKey, incidentOf, incidentPartition, newestIncidentKey } from '../../src/ledger/incident';
import { IncidentStore } from '../../src/ledger/incident-store';
import { Item, Key } from '../../src/ledger/schema';
import { TimelineUpdate, TimelineWriter, WRITER, timelineKey, withUpdate } from '../../src/ledger/timeline';

/** Timeline and incidents on the items of a ledger in memory. */
export class InMemoryIncidents implements IncidentStore {
  public updates = 0;

  constructor(public readonly ledger = new InMemoryLedger()) {}

  /** Called before each write. */
  public beforeWrite: (what: string) => void = () => undefined;

  public async count(update: TimelineUpdate, writer: TimelineWriter): Promise<Item> {
    this.beforeWrite('count');
    const stored = this.get(update.key);
    if (Number(stored?.[WRITER + writer.id] ?? 0) >= writer.update) return stored!;
    this.updates += 1;
    const item = withUpdate(stored, update, writer);
    this.ledger.put(item);
    return item;
  }

  public async timeline(poolId: string, at: number): Promise<Item | undefined> {
    return this.get(timelineKey(poolId, at));
  }

  public async newestIncident(poolId: string, subject: string): Promise<Incident | undefined> {
    const newest = this.get(newestIncidentKey(poolId, subject));
    return newest && this.incident(poolId, newest.incident as string);
  }

  public async incident(poolId: string, id: string): Promise<Incident | undefined> {
    const item = this.get(incidentKey(poolId, id));
    return item && incidentOf(item);
  }

  public async writeIncident(incident: Incident, replaces: Incident | undefined): Promise<boolean> {
    this.beforeWrite('incident');
    const { poolId, id, subject, version } = incident;
    if (replaces?.id === id) {
      if (this.get(incidentKey(poolId, id))?.version !== version - 1) return false;
    } else {
      const key = newestIncidentKey(poolId, subject);
      const newest = this.get(key);
      if (newest?.incident !== replaces?.id) return false;
      this.ledger.put({ ...key, v: 1, incident: id });
    }
    this.ledger.put(incidentItem(incident));
    return true;
  }

  public async incidents(poolId: string): Promise<Incident[]> {
    return this.ledger.partition(incidentPartition(poolId)).flatMap(item => incidentOf(item) ?? []);
  }

  private get(key: Key): Item | undefined {
    return this.ledger.partition(key.pk).find(item => item.sk === key.sk);
  }
}
