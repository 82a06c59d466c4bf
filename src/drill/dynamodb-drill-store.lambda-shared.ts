import { DrillDiffering, DrillCheckpoint } from './drill-checkpoint';
import { differingKey, drillKeys, partitionsOf } from './drill-keys';
import { DrillStore, KnownScratch } from './drill-store';
import { SourceSub } from '../cognito/ids';
import { Item } from '../ledger/schema';
import { isAccepted } from '../runtime/accepted.lambda-shared';
import { Clock } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { EpochMilliseconds } from '../runtime/flavor';
import { releaseLease, takeLease } from '../runtime/lease.lambda-shared';
import { STATE } from '../state/constants';
import { StateItems } from '../state/state-items.lambda-shared';

/** Everything is removed by the drill itself, or by the next one; what neither did goes by itself. In days. */
const KEPT_DAYS = 35;
const PARTITIONS_AT_ONCE = 8;
const DELETES_AT_ONCE = 8;

/** One drill in the table of drills of this Region. */
export class DynamoDbDrillStore implements DrillStore {
  constructor(private readonly items: StateItems, private readonly execution: string, private readonly clock: Clock) {}

  public async lock(until: EpochMilliseconds): Promise<string | undefined> {
    const taken = await isAccepted(async () => this.items.update(drillKeys.lock(), takeLease(this.execution, this.clock.now(), until)));
    if (taken) return undefined;
    return (await this.items.get(drillKeys.lock()))?.leaseOwner as string | undefined ?? 'that just ended';
  }

  public async unlock(passedAt?: EpochMilliseconds): Promise<void> {
    // An earlier slice whose answer was lost may have given it back already.
    await isAccepted(async () => this.items.update(drillKeys.lock(), releaseLease(this.execution, passedAt === undefined ? {} : { passedAt })));
  }

  public async load(): Promise<DrillCheckpoint | undefined> {
    return (await this.items.get(drillKeys.run(this.execution)))?.checkpoint as DrillCheckpoint | undefined;
  }

  public async save(checkpoint: DrillCheckpoint): Promise<void> {
    await this.items.put({ ...drillKeys.run(this.execution), checkpoint, ...this.expiry });
  }

  public async saveSample(subs: readonly SourceSub[]): Promise<void> {
    await this.items.put({ ...drillKeys.sample(this.execution), subs, ...this.expiry });
  }

  public async sample(): Promise<SourceSub[] | undefined> {
    return (await this.items.get(drillKeys.sample(this.execution)))?.subs as SourceSub[] | undefined;
  }

  public async noteScratch(scratch: KnownScratch): Promise<void> {
    await this.items.put({ pk: drillKeys.scratches(), sk: scratch.userPoolId, ...scratch });
  }

  public async scratches(): Promise<KnownScratch[]> {
    return (await this.all(drillKeys.scratches())).map(({ userPoolId, sourceUserPoolId, execution }) =>
      ({ userPoolId, sourceUserPoolId, execution }) as unknown as KnownScratch);
  }

  public async noteFound(subs: readonly SourceSub[]): Promise<void> {
    await this.items.putAll(subs.map(sub => ({ pk: drillKeys.found(this.execution), sk: sub, ...this.expiry })));
  }

  public async foundOf(subs: readonly SourceSub[]): Promise<Set<SourceSub>> {
    const found = await this.items.getAll(subs.map(sub => ({ pk: drillKeys.found(this.execution), sk: sub })));
    return new Set(found.map(({ sk }) => sk));
  }

  public async noteDiffering(users: readonly DrillDiffering[]): Promise<void> {
    await this.items.putAll(users.map(user => ({ ...differingKey(this.execution, user), ...this.expiry })));
  }

  public async forgetCompared(): Promise<void> {
    await this.remove([drillKeys.found(this.execution), drillKeys.differing(this.execution)]);
  }

  public async purge(scratch: KnownScratch): Promise<void> {
    await this.remove(partitionsOf(scratch));
    await this.items.delete(drillKeys.sample(scratch.execution));
    await this.items.delete({ pk: drillKeys.scratches(), sk: scratch.userPoolId });
  }

  private async remove(partitions: readonly string[]): Promise<void> {
    await forEachConcurrently(partitions, PARTITIONS_AT_ONCE, async pk => {
      await forEachConcurrently(await this.all(pk), DELETES_AT_ONCE, async ({ sk }) => this.items.delete({ pk, sk }));
    });
  }

  private async all(pk: string): Promise<Item[]> {
    const found: Item[] = [];
    for await (const item of this.items.all(pk)) found.push(item);
    return found;
  }

  private get expiry(): Record<string, number> {
    return { [STATE.TTL]: Math.ceil(this.clock.now() / 1_000) + KEPT_DAYS * 86_400 };
  }
}
