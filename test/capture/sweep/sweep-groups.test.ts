import { SWEEP_STATUS } from '../../../src/capture/constants';
import { SweepAnswer, sweepSlice } from '../../../src/capture/sweep/sweep';
import { SweepCheckpoint } from '../../../src/capture/sweep/sweep-context';
import { QuotaPacer } from '../../../src/cognito/pacing';
import { FakeSourcePool } from '../../helpers/fake-source-pool';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';
import { VirtualClock } from '../../helpers/virtual-clock';

const POOL = 'us-east-1_AbCdEfGhI';
/** What a function has left when its slice is over. */
const GRACE = 60_000;
const GROUPS = 10_000;

/** Cognito answers in 80 ms, and puts sixty groups on a page. */
class PoolOfGroups extends FakeSourcePool {
  constructor(private readonly clock: VirtualClock) {
    super();
  }

  public async listGroups(token?: string) {
    await this.clock.sleep(80);
    const from = Number(token ?? 0);
    const names = [...this.groups.keys()].slice(from, from + 60);
    return { items: names.map(name => ({ name })), next: from + 60 < this.groups.size ? String(from + 60) : undefined };
  }
}

class World {
  public readonly clock = new VirtualClock();
  public readonly ledger = new InMemoryLedger();
  public readonly source = new PoolOfGroups(this.clock);
  public readonly lengths: number[] = [];
  /** Slices that ended in the middle of the groups. */
  public stopped = 0;

  /** One of them is killed in its middle each time that the sweep comes into it, as often as is said. */
  public async sweep(run: string, share: number, sliceLength: number, kills = 0): Promise<SweepAnswer> {
    return this.clock.run(async () => {
      let checkpoint: SweepCheckpoint | undefined;
      for (let slice = 0; slice < 10_000; slice++) {
        const [at, pacer] = [this.clock.now(), new QuotaPacer({ clock: this.clock, share })];
        const { source, ledger: store, clock } = this;
        const of = { poolId: POOL, source, store, pacer, clock, historyDays: 35, standbyAttributes: null, sliceLength };
        const kill = checkpoint?.phase === 'groups' && kills-- > 0;
        const begun = structuredClone(checkpoint);
        const answer = await sweepSlice(of, { run, checkpoint: begun });
        this.lengths.push(this.clock.now() - at);
        // What a killed slice answered, nobody heard.
        if (kill) continue;
        if (answer.status !== SWEEP_STATUS.CONTINUE) return answer;
        ({ checkpoint } = answer);
        if (checkpoint.phase === 'groups') this.stopped += 1;
      }
      throw new Error('the sweep does not end');
    });
  }
}

test.each([
  [0.5, 60, 0],
  [0.1, 60, 0],
  [0.1, 60, 3],
  [0.1, 240, 1],
])('10,000 groups are compared over slices that end in time, at the share %s of the quotas and slices of %d s, of which %d are killed', async (share, seconds, kills) => {
  const world = new World();
  for (let i = 0; i < GROUPS; i++) world.source.groups.set(`group${i}`, { name: `group${i}`, members: new Set() });
  expect(await world.sweep('first', share, seconds * 1_000, kills)).toMatchObject({
    // What a killed slice had written is there already when the next one comes.
    status: SWEEP_STATUS.COMPLETE,
    report: { groups: { listed: GROUPS, known: 0, written: kills > 0 ? expect.any(Number) : GROUPS, missing: 0, tombstoned: 0 } },
  });
  expect((await world.ledger.groups(POOL)).filter(({ deletedAt }) => deletedAt === undefined)).toHaveLength(GROUPS);
  expect(world.stopped).toBeGreaterThan(0);

  // Three that are gone, of the beginning, the middle and the end of the listing, and none besides.
  const gone = [0, GROUPS / 2, GROUPS - 1].map(i => `group${i}`);
  gone.forEach(name => world.source.groups.delete(name));
  world.stopped = 0;
  expect(await world.sweep('second', share, seconds * 1_000, kills)).toMatchObject({
    status: SWEEP_STATUS.COMPLETE, report: { groups: { listed: GROUPS - 3, known: GROUPS, written: 0, missing: 3, tombstoned: 3 } },
  });
  expect(world.stopped).toBeGreaterThan(0);
  const dead = (await world.ledger.groups(POOL)).filter(({ deletedAt }) => deletedAt !== undefined).map(({ name }) => name);
  expect(dead.sort()).toEqual([...gone].sort());
  expect(Math.max(...world.lengths)).toBeLessThan(seconds * 1_000 + GRACE);
}, 120_000);
