import * as fc from 'fast-check';
import { SWEEP_STATUS } from '../../src/capture/constants';
import { ApplyAnswer, applyHints } from '../../src/capture/hints/apply-hints';
import { Message } from '../../src/capture/hints/hint-jobs';
import { readHint } from '../../src/capture/hints/read-hint.lambda-shared';
import { UserEvent, onUserEvent } from '../../src/capture/hints/user-event';
import { SweepAnswer, sweepSlice } from '../../src/capture/sweep/sweep';
import { Pacer } from '../../src/cognito/pacing';
import { RowChange } from '../../src/ledger/ledger-store';
import { digestOf, keys, rows } from '../../src/ledger/schema';
import { InMemoryLedger } from '../helpers/in-memory-ledger';
import { Audience, CHANGES, LivingPool, POOL_ID } from '../helpers/living-pool';
import { seededRandom } from '../helpers/random';

/** How hints travel. */
interface Weather {
  readonly seed: number;
  readonly loss: number;
  readonly duplicates: number;
  readonly delay: number;
  readonly usersLag: number;
  readonly generatesNames: boolean;
  /** Requests take their time and overtake each other; up to so many milliseconds. */
  readonly latency: number;
  /** How often a sweep runs in between. */
  readonly sweeps: number;
}

interface InFlight extends Message {
  readonly due: number;
}

const pacer: Pacer = { run: async (_category, call) => call() };
const kinds = Object.keys(CHANGES);
const SLOW: readonly (keyof InMemoryLedger)[] = ['user', 'group', 'membership', 'membershipsOfUser', 'write'];
const QUEUE_DELAY = 2_000;
const DELIVERIES = 10;

/** A pool, what becomes of its hints, a consumer or two, and sweeps, in a time of their own. */
class World implements Audience {
  public time = Date.UTC(2026, 0, 10);
  public readonly ledger: InMemoryLedger;
  public readonly pool: LivingPool;
  public readonly deadLetters: Message[] = [];
  public readonly answers: ApplyAnswer[] = [];
  public readonly random: () => number;
  /** What went wrong with a write, by our own rules. */
  public readonly faults: string[] = [];
  private readonly clock = { now: () => (this.time += 1), sleep: async () => undefined };
  private queue: InFlight[] = [];
  private sent = 0;
  private sweeps = 0;
  private readonly triggersInFlight: Promise<void>[] = [];
  private readonly gone = new Set<string>();

  constructor(private readonly weather: Weather) {
    this.random = seededRandom(weather.seed);
    this.pool = new LivingPool(this);
    this.pool.usersLag = weather.usersLag;
    this.pool.usernameAttributes = weather.generatesNames ? ['email'] : [];
    const ledger = new InMemoryLedger();
    ledger.beforeWrite = change => this.check(change);
    // Reads and writes of the table take their time as well.
    this.ledger = new Proxy(ledger, {
      get: (target, name: keyof InMemoryLedger) => (SLOW.includes(name)
        ? async (...args: unknown[]) => {
          await this.takeTime();
          return (target[name] as (...given: unknown[]) => unknown).apply(target, args);
        }
        : target[name]),
    });
  }

  public now(): number {
    return this.time;
  }

  public event(event: object): void {
    this.send(JSON.stringify(event));
  }

  public trigger(event: UserEvent): void {
    const ports = {
      user: async (poolId: string, sub: string) => {
        const row = await this.ledger.user(poolId, sub);
        return row && { ...row, mfaReadAt: row.mfa?.readAt ?? 0, isDeleted: row.deletedAt !== undefined };
      },
      send: async (hint: object) => this.send(JSON.stringify(hint)),
    };
    this.triggersInFlight.push(onUserEvent(event, ports, true, this.time).then(() => undefined));
  }

  /** Lets time go on, and the consumers work, until nothing is on its way any more, or until then. */
  public async work(until = Infinity): Promise<void> {
    for (;;) {
      await Promise.all(this.triggersInFlight.splice(0));
      const next = Math.min(...this.queue.map(({ due }) => due));
      if (next > until || next === Infinity) break;
      this.time = Math.max(this.time, next);
      const due = this.queue.filter(message => message.due <= this.time).sort(() => this.random() - 0.5);
      this.queue = this.queue.filter(message => message.due > this.time);
      const half = Math.ceil(due.length / 2);
      await Promise.all([due.slice(0, half), due.slice(half)].filter(batch => batch.length > 0).map(async batch => this.consume(batch)));
    }
    if (until !== Infinity) this.time = Math.max(this.time, until);
  }

  public async sweep(): Promise<SweepAnswer> {
    this.sweeps += 1;
    return sweepSlice({
      poolId: POOL_ID,
      source: this.pool,
      store: this.ledger,
      pacer,
      clock: this.clock,
      historyDays: 35,
      standbyAttributes: null,
      sliceLength: 86_400_000,
    }, { run: `run-${this.sweeps}`, allowDeletions: 1_000 });
  }

  /** Lets others go first. */
  public async takeTime(): Promise<void> {
    if (this.weather.latency === 0) return;
    this.time += Math.floor(this.random() * this.weather.latency);
    for (let turns = Math.floor(this.random() * 12); turns > 0; turns -= 1) await Promise.resolve();
  }

  private async consume(batch: InFlight[]): Promise<void> {
    const answer = await applyHints({
      poolId: POOL_ID,
      pool: this.pool,
      store: this.ledger,
      pacer,
      clock: this.clock,
      settings: { usernameAttributes: this.pool.usernameAttributes },
      historyDays: 35,
      deadline: Infinity,
      send: async () => { throw new Error('no time is over'); },
    }, batch);
    this.answers.push(answer);
    for (const { id, afterSeconds } of answer.retries) {
      const message = batch.find(sent => sent.id === id)!;
      if (message.receives >= DELIVERIES) this.deadLetters.push(message);
      else this.queue.push({ ...message, receives: message.receives + 1, due: this.time + afterSeconds * 1_000 });
    }
  }

  private send(body: string): void {
    if (this.random() < this.weather.loss) return;
    const copies = this.random() < this.weather.duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.sent += 1;
      const due = this.time + QUEUE_DELAY + this.random() * this.weather.delay;
      this.queue.push({ id: String(this.sent), read: readHint(body, POOL_ID, this.time), sentAt: this.time, receives: 1, due });
    }
  }

  /** No write replaces newer by older; nobody comes back. */
  private check({ put, replacesObservedAt }: RowChange): void {
    const [stored] = this.ledger.partition(put.pk).filter(item => item.sk === put.sk);
    // The table refuses it.
    if (stored?.observedAt !== replacesObservedAt) return;
    if (replacesObservedAt !== undefined && !(Number(put.observedAt) > replacesObservedAt)) this.faults.push(`${put.pk} ${put.sk}: observed earlier`);
    if (!put.pk.startsWith(`${POOL_ID}#U#`)) return;
    if (stored && Number(put.modifiedAt) < Number(stored.modifiedAt)) this.faults.push(`${put.sk}: an older image`);
    if (put.deletedAt === undefined && this.gone.has(put.sk)) this.faults.push(`${put.sk}: came back`);
    if (put.deletedAt !== undefined && !this.pool.users.has(put.sk)) this.gone.add(put.sk);
  }
}

/** What differs between the pool and the ledger, in words. */
function differences(world: World, options: { mfa: boolean; unconfirmed: boolean }): string[] {
  const items = [...world.ledger.items.values()].filter(item => item.deletedAt === undefined);
  const users = new Map(items.filter(item => item.pk.startsWith(`${POOL_ID}#U#`)).map(rows.user).map(row => [row.sub, row]));
  const found: string[] = [];
  for (const user of world.pool.users.values()) {
    const row = users.get(user.sub);
    users.delete(user.sub);
    const essence = (of: typeof user | undefined) => JSON.stringify(of && [of.username, of.enabled, of.status, Object.entries(of.attributes).sort()]);
    if (!row && user.status === 'UNCONFIRMED' && !options.unconfirmed) continue;
    if (essence(row) !== essence(user)) found.push(`user ${essence(user)} is ${essence(row)}`);
    const mfa = world.pool.mfa.get(user.sub);
    const { readAt: _at, ...known } = row?.mfa ?? {};
    if (options.mfa && mfa && digestOf(known) !== digestOf(mfa)) found.push(`MFA of ${user.sub}`);
  }
  found.push(...[...users.keys()].map(sub => `user ${sub} is gone`));
  const groups = items.filter(item => item.pk === keys.groups(POOL_ID)).map(rows.group)
    .map(({ name, description, precedence }) => [name, description, precedence]);
  const real = [...world.pool.groups.values()].map(({ name, description, precedence }) => [name, description, precedence]);
  if (JSON.stringify(groups.sort()) !== JSON.stringify(real.sort())) found.push(`groups ${JSON.stringify(real)} are ${JSON.stringify(groups)}`);
  const members = items.filter(item => item.pk.startsWith(`${POOL_ID}#M#`)).map(rows.membership).map(row => `${row.group}/${row.sub}`).sort();
  const realMembers = [...world.pool.groups.values()].flatMap(group => [...group.members].map(sub => `${group.name}/${sub}`)).sort();
  if (members.join() !== realMembers.join()) found.push(`members ${realMembers.join()} are ${members.join()}`);
  return found;
}

const change = fc.record({ kind: fc.constantFrom(...kinds), pause: fc.oneof(fc.nat(50), fc.nat(1_000), fc.nat(8_000)) });
const changes = fc.array(change, { minLength: 1, maxLength: 80, size: 'max' });
const share = (max: number) => fc.double({ min: 0, max, noNaN: true });

async function live(world: World, some: readonly { kind: string; pause: number }[], sweeps: number): Promise<void> {
  // Changes happen between any two requests, too.
  const pending = [...some];
  const happen = (next: { kind: string } | undefined) => next && CHANGES[next.kind](world.pool);
  world.pool.onCall = async () => {
    await world.takeTime();
    if (world.random() < 0.1) happen(pending.shift());
  };
  for (let next = pending.shift(); next; next = pending.shift()) {
    happen(next);
    const sweep = world.random() < sweeps ? world.sweep() : undefined;
    await world.work(world.time + next.pause);
    await sweep;
  }
  world.pool.onCall = async () => undefined;
  await world.work();
}

test(`the model has every kind of change: ${kinds.length}`, () => {
  expect(kinds.length).toBeGreaterThanOrEqual(21);
});

test('whatever becomes of the hints: once they stop, one sweep makes the ledger equal', async () => {
  await fc.assert(fc.asyncProperty(
    changes,
    fc.record({
      seed: fc.integer(),
      loss: share(1),
      duplicates: share(1),
      delay: fc.nat(30_000),
      usersLag: fc.constantFrom(0, 1_500, 5_000),
      generatesNames: fc.boolean(),
      latency: fc.constantFrom(0, 50, 2_000),
      sweeps: share(0.5),
    }),
    async (some, weather) => {
      const world = new World(weather);
      await live(world, some, weather.sweeps);
      world.time += 60_000 + weather.usersLag;
      expect((await world.sweep()).status).toBe(SWEEP_STATUS.COMPLETE);
      expect(differences(world, { mfa: false, unconfirmed: true })).toEqual([]);
      expect(world.faults).toEqual([]);
      expect(world.deadLetters).toEqual([]);
      expect(world.answers.flatMap(({ errors }) => errors)).toEqual([]);
    },
  ), { numRuns: 300 });
});

test('where no hint is lost, the ledger is equal without any sweep', async () => {
  await fc.assert(fc.asyncProperty(
    changes,
    fc.record({
      seed: fc.integer(),
      loss: fc.constant(0),
      duplicates: share(1),
      delay: fc.nat(30_000),
      usersLag: fc.constantFrom(0, 1_500),
      generatesNames: fc.boolean(),
      latency: fc.constant(0),
      sweeps: fc.constant(0),
    }),
    async (some, weather) => {
      const world = new World(weather);
      await live(world, some, 0);
      expect(differences(world, { mfa: true, unconfirmed: false })).toEqual([]);
      expect(world.faults).toEqual([]);
      expect(world.deadLetters).toEqual([]);
    },
  ), { numRuns: 300 });
});
