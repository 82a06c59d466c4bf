import * as fc from 'fast-check';
import { SWEEP_STATUS } from '../../src/capture/constants';
import { ApplyAnswer, applyHints } from '../../src/capture/hints/apply-hints';
import { Message } from '../../src/capture/hints/hint-jobs';
import { readHint } from '../../src/capture/hints/read-hint.lambda-shared';
import { UserEvent, onUserEvent } from '../../src/capture/hints/user-event';
import { SweepAnswer, sweepSlice } from '../../src/capture/sweep/sweep';
import { Pacer } from '../../src/cognito/pacing';
import { CLOCK_SKEW, Interval, MOST_LAG } from '../../src/ledger/beginning';
import { DirectoryAsOf } from '../../src/ledger/directory-as-of';
import { RowChange } from '../../src/ledger/ledger-store';
import { RowRefusedError } from '../../src/ledger/row-refused-error';
import { Dated, Item, digestOf, idOfRow, keys, rows } from '../../src/ledger/schema';
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
  /** DynamoDB takes no row of this user, the n-th who came, but the first. */
  readonly refuses?: number;
}

interface InFlight extends Message {
  readonly due: number;
}

const pacer: Pacer = { run: async (_category, call) => call() };
const kinds = Object.keys(CHANGES);
/** Jest's own limit never comes: virtual time leaves no turn to its timer. A failure is to be reported before it is made as small as can be. */
const IN_TIME = { interruptAfterTimeLimit: 170_000, markInterruptAsFailure: true };
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
  /** What was true of each row, from when on. */
  public readonly truth = new Map<string, { readonly at: number; readonly state?: string }[]>();
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
    const act = this.pool.act.bind(this.pool);
    this.pool.act = change => {
      const answer = act(change);
      this.noteTruth();
      return answer;
    };
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

  private noteTruth(): void {
    const now = new Map<string, string>([
      ...[...this.pool.users.values()].map(user => [`U ${user.sub}`, essenceOf(user)] as const),
      ...[...this.pool.groups.values()].map(group => [`G ${group.name}`, essenceOf(group)] as const),
      ...[...this.pool.groups.values()].flatMap(group => [...group.members].map(sub => [`M ${group.name}#${sub}`, 'in'] as const)),
    ]);
    for (const id of new Set([...now.keys(), ...this.truth.keys()])) {
      const versions = this.truth.get(id) ?? [];
      this.truth.set(id, versions);
      if (versions.at(-1)?.state !== now.get(id)) versions.push({ at: this.time, state: now.get(id) });
    }
  }

  public get isRefusing(): boolean {
    return this.weather.refuses !== undefined;
  }

  public isRefused(sub: string): boolean {
    return this.weather.refuses !== undefined && sub.endsWith(`-${this.weather.refuses}`);
  }

  /** No write replaces newer by older; nobody comes back. */
  private check({ put, replacesObservedAt }: RowChange): void {
    if (this.isRefused(put.sk) && put.pk.startsWith(`${POOL_ID}#U#`) && replacesObservedAt !== undefined) throw new RowRefusedError(put);
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

/** What is compared of a user or of a group. */
function essenceOf(row: object): string {
  const { username, enabled, status, attributes = {}, description, precedence } = row as Record<string, unknown>;
  return JSON.stringify([username, enabled, status, Object.entries(attributes as object).sort(), description, precedence]);
}

type Grade = 'certain' | 'by-event' | 'uncertain';

interface Past {
  readonly state?: string;
  readonly grade: Grade;
  /** From the first to the last of the moments at which the change may have been. */
  readonly around?: Required<Interval>;
}

type Image = Item & Dated & { readonly observedAt: number; readonly deletedAt?: number };

/** The images of a row, the newest first. A user's tombstone that was replaced was wrong. */
function imagesOf(ledger: InMemoryLedger, row: Item): Image[] {
  const { kind, id } = idOfRow(row);
  const replaced = ledger.partition(keys.history(POOL_ID, kind, id, 0).pk).map(item => rows.history(item).image).reverse();
  return [row, ...replaced.filter(image => kind !== 'U' || image.deletedAt === undefined)] as Image[];
}

/**
 * What the ledger says of a row at a moment, by the rule that the intervals are made for: back to the image that had begun. The row itself is certain
 * up to the last look that confirmed it. `comparedAt`: of the last sweep that compared everything.
 */
function stateAt(images: readonly Image[], moment: number, comparedAt: number, isComplete = true): Past {
  const confirmedAt = Math.max(images[0]?.refusedAt === undefined ? comparedAt : 0, images[0]?.observedAt ?? 0);
  let grade = 'certain' as Grade;
  let around: Required<Interval> | undefined;
  for (const image of images) {
    const { notBefore = -Infinity, since, byEvent } = image.began ?? { since: image.observedAt };
    const hasBegun = moment >= since || (byEvent && moment >= byEvent.since);
    if (moment < since && moment > notBefore) {
      const isTold = byEvent && (moment >= byEvent.since || moment <= byEvent.notBefore!);
      // Where an event may have been lost, what another one says may be wrong, too.
      if (!isTold || !isComplete) {
        around = { notBefore: Math.min(notBefore, around?.notBefore ?? Infinity), since: Math.max(since, around?.since ?? 0) };
      }
      grade = isTold && grade !== 'uncertain' ? 'by-event' : 'uncertain';
    }
    if (image === images[0] && hasBegun && grade === 'certain' && moment > confirmedAt - MOST_LAG - CLOCK_SKEW) grade = 'by-event';
    // What was refused since, nobody knows. The look that showed the image began at `observedAt`, and took its time.
    if (hasBegun && image.refusedAt !== undefined && moment > image.observedAt) {
      const confirmed = Math.min(image.observedAt - MOST_LAG - CLOCK_SKEW, around?.notBefore ?? Infinity);
      [grade, around] = ['uncertain', { notBefore: confirmed, since: Math.max(image.observedAt, since, around?.since ?? 0) }];
    }
    if (hasBegun) return { grade, around, ...(image.deletedAt === undefined ? { state: image.pk.startsWith(`${POOL_ID}#M#`) ? 'in' : essenceOf(image) } : {}) };
  }
  return { grade, around };
}

/** What the reader of a moment says of that row. */
async function directoryAt(world: World, id: string, moment: number): Promise<Past> {
  const [kind, ...rest] = id.split(' ');
  const of = rest.join(' ');
  let grade: Past['grade'] | 'incomplete' = 'certain';
  const directory = new DirectoryAsOf(world.ledger, moment, doubt => { if (doubt.kind === kind && doubt.id === of) grade = doubt.grade; });
  const [group, sub] = [of.slice(0, of.lastIndexOf('#')), of.slice(of.lastIndexOf('#') + 1)];
  const row = kind === 'U'
    ? await directory.user(POOL_ID, of)
    : kind === 'G' ? await directory.group(POOL_ID, of) : (await directory.membersOfGroup(POOL_ID, group)).items.find(member => member.sub === sub);
  return { grade: grade as Past['grade'], ...(row && row.deletedAt === undefined ? { state: kind === 'M' ? 'in' : essenceOf(row) } : {}) };
}

/** The reader knows besides when Cognito made a user: before, there was none; and from then on one who is not known otherwise is as first seen. */
function isAsSaid(directory: Past, state: string | undefined, grade: Past['grade'], real: string | undefined): boolean {
  if (directory.grade === grade && directory.state === state) return true;
  return grade === 'uncertain' && state === undefined && (directory.grade === 'uncertain' || directory.state === real);
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
  ), { numRuns: 300, ...IN_TIME });
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
  ), { numRuns: 300, ...IN_TIME });
});

describe('of the past', () => {
  /** Pauses beside which Cognito's lag is short, too. */
  const apart = fc.record({ kind: fc.constantFrom(...kinds), pause: fc.oneof(fc.nat(50), fc.nat(8_000), fc.nat(150_000), fc.nat(900_000)) });
  const spread = fc.array(apart, { minLength: 1, maxLength: 60, size: 'max' });

  type Truth = readonly { readonly at: number; readonly state?: string }[];
  const lastIndexOf = (truth: Truth, fits: (version: Truth[number]) => boolean) => truth.reduce((last, version, i) => (fits(version) ? i : last), -1);

  const rowsOf = (world: World) => new Map<string, Image[]>([...world.ledger.items.values()].filter(({ pk }) => /^[^#]+#[UGM](#|$)/.test(pk))
    .map(item => [`${idOfRow(item).kind} ${idOfRow(item).id}`, imagesOf(world.ledger, item)] as const));

  /** Moments at which something changed, or may have changed, or was looked at, and those right beside them. */
  const momentsOf = (images: readonly Image[], truth: readonly { readonly at: number }[], end: number) => {
    const ends = images.flatMap(({ began, observedAt }) =>
      [began?.notBefore, began?.since, began?.byEvent?.notBefore, began?.byEvent?.since, observedAt]);
    const moments = [...ends, ...truth.map(({ at }) => at)].flatMap(at => at === undefined ? [] : [at - 1_500, at - 1, at, at + 1, at + 1_500]);
    return [...new Set(moments)].filter(moment => moment <= end).sort((a, b) => a - b);
  };

  const truthAt = (truth: Truth, moment: number) => truth.filter(({ at }) => at <= moment).at(-1)?.state;

  /**
   * Whether the row had another state for a while that no look showed, between two times of the same one: it left no trace. `seenFor`: for how long
   * after a state its look may come.
   */
  const isUnseen = (images: readonly Image[], truth: Truth, moment: number, said: string | undefined, seenFor: number) => {
    const index = lastIndexOf(truth, ({ at }) => at <= moment);
    if (index < 0) return false;
    const from = lastIndexOf(truth.slice(0, index), ({ state }) => state === said);
    const until = truth.findIndex(({ state }, i) => i > index && state === said);
    if ((from < 0 && said !== undefined) || until < 0) return false;
    const between = truth.slice(from + 1, until);
    const wasSeen = (image: Image) => between.some(({ at, state }, i) => {
      const left = [...between, truth[until]][i + 1].at;
      return stateAt([{ ...image, began: { since: 0 } }], 1, 0).state === state && image.observedAt >= at && image.observedAt <= left + seenFor;
    });
    return !images.some(wasSeen);
  };

  interface Told { readonly grades: Record<Grade, number>; readonly wrong: string[] }

  /** Compares what is said of every row at every moment up to now, long after the last sweep too, with what was true. */
  const compare = async (world: World, isComplete: boolean, seenFor: number): Promise<Told> => {
    const told: Told = { grades: { 'certain': 0, 'by-event': 0, 'uncertain': 0 }, wrong: [] };
    const [{ comparedAt }] = await world.ledger.sources();
    const found = rowsOf(world);
    for (const [id, truth] of world.truth) {
      const images = found.get(id) ?? [];
      // What no look has shown yet has no row that could be in doubt.
      for (const moment of momentsOf(images, truth, images.length > 0 ? world.time : comparedAt! - MOST_LAG - CLOCK_SKEW)) {
        const { state, grade, around } = stateAt(images, moment, comparedAt!, isComplete);
        told.grades[grade] += 1;
        const real = truthAt(truth, moment);
        // Of two changes in one instant, a look in between saw what the first had made: no moment has it as its last.
        const isAround = ({ at }: Truth[number]) => at >= around!.notBefore && at <= around!.since;
        const fits = grade === 'uncertain'
          ? [truthAt(truth, around!.notBefore), ...truth.filter(isAround).map(version => version.state)].includes(state)
          : state === real || (grade === 'by-event' && !isComplete) || isUnseen(images, truth, moment, state, seenFor);
        const isSame = isUnseen(images, truth, moment, state, seenFor) || isAsSaid(await directoryAt(world, id, moment), state, grade, real);
        if (!fits || !isSame) told.wrong.push(`${isSame ? '' : `the directory says ${JSON.stringify(await directoryAt(world, id, moment))}: `}${id} at ${moment}: ${grade} ${state}, and was ${real}; was ${truth.map(({ at }) => at).join()}; observed ${images.map(({ observedAt }) => observedAt).join()}`);
      }
    }
    return told;
  };

  const weather = {
    seed: fc.integer(), duplicates: share(1), generatesNames: fc.boolean(), usersLag: fc.constantFrom(0, 1_500, 5_000),
  };
  const lastSweep = async (world: World, usersLag: number) => {
    world.time += 180_000 + usersLag;
    const before = world.time;
    expect([SWEEP_STATUS.COMPLETE, ...world.isRefusing ? [SWEEP_STATUS.INCOMPLETE] : []]).toContain((await world.sweep()).status);
    // Whoever is refused keeps nobody else from being certain.
    expect((await world.ledger.sources())[0].comparedAt).toBeGreaterThanOrEqual(before);
  };

  type Happening = { kind: string; pause: number };
  type Example = [Happening[], Happening[], Weather & { latency: 0 | 2_000; usersLag: 0; refuses: undefined }];
  const happenings = (...of: [kind: string, pause: number][]) => of.map(([kind, pause]) => ({ kind, pause }));
  /** Two changes of a user in one instant, with a look between them. */
  const ONE_INSTANT: Example = [
    happenings(
      ['created by an admin', 0], ['changes the first password', 0], ['linked to a provider', 0], ['password reset by an admin', 0],
      ['unlinked from a provider', 2_001], ['forgot the password', 0], ['unlinked from a provider', 0], ['created by an admin', 0],
    ),
    [],
    { seed: -45690702, duplicates: 0, generatesNames: true, usersLag: 0, loss: 0, delay: 1, latency: 0, sweeps: 0, refuses: undefined },
  ];

  /** Two changes between two looks, of which an event tells the second only, beside a later change that may have been at that time, too. */
  const ONE_OF_TWO_TOLD: Example = [
    happenings(
      ['deleted by an admin', 0], ['attributes changed by an admin', 0], ['password reset by an admin', 0], ['attribute removed', 0],
      ['signs up', 0], ['password reset by an admin', 0], ['attributes changed by an admin', 0], ['sets MFA', 0], ['enters a group', 3_737],
      ['unlinked from a provider', 37], ['attribute removed', 5_579], ['signs in', 7_282], ['sets MFA', 7_011], ['confirmed by an admin', 3_822],
      ['attribute removed by an admin', 21], ['forgot the password', 896_289], ['signs up', 39], ['confirms', 5_017],
      ['deleted by an admin', 817_358], ['attribute removed', 120_665], ['disabled', 48],
    ),
    [],
    { seed: 35, duplicates: 0, generatesNames: true, usersLag: 0, loss: 0, delay: 25_589, latency: 2_000, sweeps: 0, refuses: undefined },
  ];

  test('whatever becomes of the hints: what the ledger is certain of was so, and what it is uncertain of was so around that time', async () => {
    const sum: Record<Grade, number> = { 'certain': 0, 'by-event': 0, 'uncertain': 0 };
    await fc.assert(fc.asyncProperty(
      spread,
      // What happens after the last sweep, nobody may have told the ledger.
      fc.array(apart, { maxLength: 15 }),
      fc.record({
        ...weather,
        loss: share(1),
        delay: fc.nat(30_000),
        latency: fc.constantFrom(0, 50, 2_000),
        sweeps: share(0.3),
        refuses: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      }),
      async (some, unswept, how) => {
        const world = new World(how);
        await world.sweep();
        await live(world, some, how.sweeps);
        await lastSweep(world, how.usersLag);
        await live(world, unswept, 0);
        const { grades, wrong } = await compare(world, false, how.usersLag + 12 * how.latency);
        for (const grade of Object.keys(sum) as Grade[]) sum[grade] += grades[grade];
        expect(wrong).toEqual([]);
      },
    ), { numRuns: 150, examples: [ONE_INSTANT, ONE_OF_TWO_TOLD], ...IN_TIME });
    // Not by being uncertain of everything, although the moments are chosen where it is hard to tell.
    expect(sum.certain).toBeGreaterThan(sum.uncertain / 4);
    expect(sum['by-event']).toBeGreaterThan(100);
  });

  /** Each hint is looked at before something else happens to the row: one that comes later is as good as lost. */
  const inTime = fc.array(fc.record({ kind: fc.constantFrom(...kinds), pause: fc.integer({ min: 20_000, max: 900_000 }) }), { minLength: 1, maxLength: 50, size: 'max' });

  const liveCalmly = async (world: World, some: readonly { kind: string; pause: number }[], sweeps: number) => {
    for (const { kind, pause } of some) {
      CHANGES[kind](world.pool);
      if (world.random() < sweeps) await world.sweep();
      await world.work(world.time + pause);
    }
  };

  test('where no hint is lost or late, what the events say was so', async () => {
    await fc.assert(fc.asyncProperty(
      inTime,
      // An answer from before an event that moves no date is believed: the event is as good as lost.
      fc.record({ ...weather, usersLag: fc.constant(0), loss: fc.constant(0), delay: fc.constant(0), latency: fc.constant(0), sweeps: share(0.3) }),
      async (some, how) => {
        const world = new World(how);
        await world.sweep();
        await liveCalmly(world, some, how.sweeps);
        await lastSweep(world, how.usersLag);
        expect((await compare(world, true, how.usersLag)).wrong).toEqual([]);
      },
    ), { numRuns: 150, ...IN_TIME });
  });

  test('with one call between two looks, and every event delivered, an administrator\'s call is known to its second', async () => {
    let calls = 0;
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ kind: fc.constantFrom(...kinds), pause: fc.integer({ min: 70_000, max: 900_000 }) }), { minLength: 1, maxLength: 40, size: 'max' }),
      fc.record({ ...weather, loss: fc.constant(0), delay: fc.constant(0), latency: fc.constant(0), sweeps: fc.constant(0) }),
      async (some, how) => {
        const world = new World(how);
        await world.sweep();
        await liveCalmly(world, some, 0);
        for (const [id, images] of rowsOf(world)) {
          for (const { began, cause } of images.filter(image => image.cause?.principal !== undefined)) {
            calls += 1;
            const byEvent = { notBefore: expect.any(Number), since: expect.any(Number) };
            expect([id, cause, began!.coalesced, began!.byEvent]).toEqual([id, cause, undefined, byEvent]);
            const { notBefore, since } = began!.byEvent!;
            expect(since - notBefore!).toBeLessThanOrEqual(1_000 + 2 * CLOCK_SKEW);
            expect(notBefore).toBeLessThan(cause!.at! + 1_000);
            expect(since).toBeGreaterThanOrEqual(cause!.at!);
          }
        }
      },
    ), { numRuns: 60, ...IN_TIME });
    expect(calls).toBeGreaterThan(100);
  });
});
