import { ChangeWatch } from '../../../src/capture/incidents/change-watch';
import { Observation } from '../../../src/capture/observation';
import { RowWriter } from '../../../src/capture/row-writer';
import { UserStatus } from '../../../src/cognito/user-status';
import { Cause } from '../../../src/ledger/beginning';
import { Incident, incidentDetail, recoveryInput } from '../../../src/ledger/incident';
import { keys } from '../../../src/ledger/schema';
import { timelineBucket, timelinePartition } from '../../../src/ledger/timeline';
import { ITEM_BYTES, sizeOfFields } from '../../helpers/dynamodb-limits';
import { InMemoryIncidents } from '../../helpers/in-memory-incidents';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';

const POOL = 'us-east-1_AbCdEfGhI';
const START = Date.UTC(2026, 10, 2, 10, 3);
const MINUTE = 60_000;
const SCRIPT = 'arn:aws:iam::111122223333:role/cleanup';
const RECOVERY = 'arn:aws:iam::111122223333:role/recovery';
const JOB = 'arn:aws:iam::111122223333:role/nightly';
const settings = { usernameAttributes: ['email'] };

/** A pool of so many users after its first sweep, and function instances that write what happens to it. */
class World {
  public now = START;
  public readonly ledger = new InMemoryLedger();
  public readonly incidents = new InMemoryIncidents(this.ledger);
  public readonly announced: Incident[] = [];
  public failAnnounce = false;
  private readonly watches: ChangeWatch[] = [];
  private instance = 0;

  constructor(public users: number, public readonly ignored: string[] = [], instances = 1) {
    this.swept(users);
    for (let i = 0; i < instances; i += 1) this.watches.push(this.watch(`w${i}`));
  }

  public swept(users: number): void {
    this.users = users;
    this.ledger.put({
      ...keys.source(POOL), v: 1, poolId: POOL, sweepStartedAt: this.now - 20 * MINUTE, sweptAt: this.now - 15 * MINUTE, users,
    });
  }

  public neverSwept(): void {
    this.ledger.put({ ...keys.source(POOL), v: 1, poolId: POOL });
  }

  public watch(writer: string): ChangeWatch {
    return new ChangeWatch({
      poolId: POOL,
      incidents: this.incidents,
      ledger: this.ledger,
      clock: { now: () => this.now },
      historyDays: 35,
      ignoredAttributes: this.ignored,
      writer,
      announce: async incident => {
        if (this.failAnnounce) throw new Error('the bus does not answer');
        this.announced.push(incident);
      },
    });
  }

  /** Applies a batch of changes on the next instance, as the consumer does. */
  public async batch(cause: Cause, change: (rows: RowWriter, seen: Observation) => Promise<unknown>): Promise<void> {
    const watch = this.watches[this.instance % this.watches.length];
    this.instance += 1;
    await change(new RowWriter(this.ledger, POOL, async (row, seen) => watch.note(row, seen)), this.seen(cause));
    await watch.flush();
  }

  public seen(cause: Cause = { event: 'before' }): Observation {
    this.now += 1;
    return { poolId: POOL, observedAt: this.now, answeredAt: this.now, cause, expiresAt: Math.ceil(this.now / 1_000) + 35 * 86_400 };
  }

  public async user(rows: RowWriter, seen: Observation, sub: string, attributes: Record<string, string> = {}, more: object = {}): Promise<boolean> {
    const image = {
      sub,
      username: sub,
      attributes: { email: `${sub}@example.com`, ...attributes },
      enabled: true,
      status: 'CONFIRMED' as UserStatus,
      createdAt: START - 30 * 86_400_000,
      modifiedAt: seen.observedAt,
      ...more,
    };
    return rows.user(image, true, seen, settings);
  }

  /** Users that the ledger has already. */
  public async known(count: number): Promise<string[]> {
    const rows = new RowWriter(this.ledger, POOL);
    const subs = Array.from({ length: count }, (_, i) => `${i.toString(16).padStart(8, '0')}-user`);
    for (const sub of subs) await this.user(rows, this.seen(), sub);
    return subs;
  }

  public raised(): Promise<Incident[]> {
    return this.incidents.incidents(POOL);
  }

  public counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    const all = this.ledger.partition(timelinePartition(POOL)).flatMap(item => timelineBucket(item).counts);
    for (const { kind, effect, cause: { event }, count } of all) {
      counts[`${kind} ${effect} ${event}`] = (counts[`${kind} ${effect} ${event}`] ?? 0) + count;
    }
    return counts;
  }
}

const call = (event: string, at: number, principal?: string): Cause => ({ event, id: `${event}-${at}`, at, principal });

async function deleteUsers(world: World, subs: readonly string[], principal = SCRIPT, every = 1_000, event = 'AdminDeleteUser'): Promise<void> {
  for (let i = 0; i < subs.length; i += 10) {
    const some = subs.slice(i, i + 10);
    await world.batch(call(event, Math.floor(world.now / 1_000) * 1_000, principal), async (rows, seen) => {
      for (const sub of some) await rows.buryUser(sub, seen);
    });
    world.now += every * some.length;
  }
}

async function update(
  world: World, subs: readonly string[], attributes: Record<string, string>,
  { principal = SCRIPT, event = 'AdminUpdateUserAttributes', every = 1_000 } = {},
): Promise<void> {
  for (let i = 0; i < subs.length; i += 10) {
    const some = subs.slice(i, i + 10);
    await world.batch(call(event, Math.floor(world.now / 1_000) * 1_000, principal), async (rows, seen) => {
      for (const sub of some) await world.user(rows, seen, sub, attributes);
    });
    world.now += every * some.length;
  }
}

describe('an incident', () => {
  test.each([1, 3])('is raised once where a script deletes 60 of 3,000 users, over %d function instances', async instances => {
    const world = new World(3_000, [], instances);
    const subs = await world.known(60);
    world.now = START + MINUTE;
    await deleteUsers(world, subs);
    const [incident, ...others] = await world.raised();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      kind: 'users-gone',
      counts: { deleted: 60, disabled: 0 },
      limit: 50,
      poolUsers: 3_000,
      first: START + MINUTE,
      before: START + MINUTE - 1_000,
      causes: [{ event: 'AdminDeleteUser', principal: SCRIPT, count: 60 }],
    });
    expect(world.announced.map(({ id }) => id)).toEqual([incident.id]);
    expect(incident.announcedAt).toBeDefined();
    expect(incident.id).toMatch(/^20261102T100400Z-users-gone-\w+$/);
  });

  test('counts who is deleted and who is disabled together, and each user once', async () => {
    const world = new World(100);
    const subs = await world.known(51);
    await update(world, subs.slice(0, 20), {}, { event: 'AdminUpdateUserAttributes' });
    await world.batch(call('AdminDisableUser', world.now, SCRIPT), async (rows, seen) => {
      for (const sub of subs.slice(0, 20)) await world.user(rows, seen, sub, {}, { enabled: false });
    });
    // The same ones again.
    await deleteUsers(world, subs.slice(0, 20), SCRIPT, 1);
    expect(await world.raised()).toEqual([]);
    await deleteUsers(world, subs.slice(20), SCRIPT, 1);
    expect(await world.raised()).toMatchObject([{ kind: 'users-gone', counts: { deleted: 51, disabled: 20 } }]);
  });

  test.each([
    [{ deleted: 60, disabled: 0 }, 'undelete'], [{ deleted: 0, disabled: 60 }, 'revert'], [{ deleted: 60, disabled: 20 }, 'restore'], [{ deleted: 400 }, 'undelete'],
  ])('names the recovery that takes back all of %j', (counts, kind) => {
    expect(recoveryInput({ poolId: POOL, id: 'i', kind: 'users-gone', counts })).toEqual({ before: 'i', kind, dryRun: true });
  });

  test('is raised for one attribute that one principal changed of very many', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    await update(world, subs, { 'custom:tier': 'gold', 'email': 'gone@example.com' });
    expect(await world.raised()).toMatchObject([
      { kind: 'attributes-changed', principal: SCRIPT, attributes: ['custom:tier', 'email'], counts: { changed: 60 } },
    ]);
  });

  test('tells principals apart', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    await update(world, subs.slice(0, 30), { 'custom:tier': 'gold' });
    await update(world, subs.slice(30), { 'custom:tier': 'gold' }, { principal: JOB });
    expect(await world.raised()).toEqual([]);
  });

  test('is raised where a group goes with very many members', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    const rows = new RowWriter(world.ledger, POOL);
    await rows.group({ name: 'team "a"' }, undefined, world.seen());
    for (const sub of subs) await rows.membership('team "a"', sub, world.seen());
    await world.batch(call('DeleteGroup', world.now, SCRIPT), async (writer, seen) => {
      await writer.buryGroup('team "a"', seen);
      for (const sub of subs) await writer.buryMembership('team "a"', sub, seen);
    });
    expect(await world.raised()).toMatchObject([{ kind: 'group-gone', group: 'team "a"', counts: { members: 60 }, causes: [{ event: 'DeleteGroup' }] }]);
  });

  test('goes on while the script runs, and is one', async () => {
    const world = new World(3_000, [], 2);
    const subs = await world.known(400);
    world.now = START + MINUTE;
    await deleteUsers(world, subs, SCRIPT, 6_000);
    expect(await world.raised()).toMatchObject([{ counts: { deleted: 400 }, first: START + MINUTE }]);
    expect(world.announced).toHaveLength(1);
  });

  test('counts 60 deletions of which the events are late and out of order', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    const at = world.now;
    world.now += 15 * MINUTE;
    await world.batch(call('AdminDeleteUser', at + 200_000, SCRIPT), async (rows, seen) => {
      for (const sub of subs.slice(0, 30)) await rows.buryUser(sub, seen);
    });
    await world.batch(call('AdminDeleteUser', at, SCRIPT), async (rows, seen) => {
      for (const sub of subs.slice(30)) await rows.buryUser(sub, seen);
    });
    expect(await world.raised()).toMatchObject([{ first: Math.floor(at / 1_000) * 1_000, last: Math.floor((at + 200_000) / 1_000) * 1_000 }]);
  });

  test('whose event could not be put on the bus is announced by the next sweep, if by nobody before', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    world.failAnnounce = true;
    await expect(deleteUsers(world, subs)).rejects.toThrow('does not answer');
    world.failAnnounce = false;
    world.now += 5 * MINUTE;
    await world.watch('sweep').sweepEnded({ users: 0, groups: new Map(), held: false });
    expect(world.announced).toHaveLength(1);
    // What was counted before the bus failed is not counted again.
    await deleteUsers(world, await world.known(61).then(all => all.slice(60)));
    expect(world.counts()).toEqual({ 'user deleted AdminDeleteUser': 61 });
    await world.watch('sweep').sweepEnded({ users: 0, groups: new Map(), held: false });
    expect(world.announced).toHaveLength(1);
  });

  test('names nobody: no sub, no name and no value is in it', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    await update(world, subs, { 'custom:tier': 'gold-secret' });
    const items = JSON.stringify([...world.ledger.partition(`${POOL}#I`), ...world.ledger.partition(timelinePartition(POOL))]);
    expect(items).not.toMatch(/gold-secret|@example|-user/);
  });
});

describe('a pool that is swept for the first time', () => {
  const OLD = 'us-east-1_Replaced0';
  const first = async (others: Record<string, object>) => {
    const world = new World(0);
    world.neverSwept();
    for (const [poolId, row] of Object.entries(others)) world.ledger.put({ ...keys.source(poolId), v: 1, poolId, ...row });
    for (let again = 0; again < 2; again++) await world.watch(`sweep${again}`).sweepEnded({ users: 0, groups: new Map(), held: false });
    return world;
  };

  test('in a ledger that has the users of another one has replaced it: one incident, with the input that restores them', async () => {
    const older = { users: 7, sweptAt: START - 90 * MINUTE };
    const world = await first({ [OLD]: { users: 3_000, sweptAt: START - 60 * MINUTE }, 'us-east-1_Oldest000': older });
    const [incident, ...more] = await world.raised();
    expect(more).toEqual([]);
    expect(incident).toMatchObject({
      poolId: POOL, kind: 'pool-replaced', replacedPoolId: OLD, counts: { users: 3_000 }, first: START - 60 * MINUTE, last: world.now, before: world.now,
    });
    const input = { sourceUserPoolId: OLD, targetUserPoolId: POOL, dryRun: true };
    expect(world.announced.map(incidentDetail)).toMatchObject([{ replacedPoolId: OLD, input }]);
  });

  test('is no incident where there was no other, or it had no users, or was never swept', async () => {
    const world = await first({ [OLD]: { users: 0, sweptAt: START - 60 * MINUTE }, 'us-east-1_Unswept00': { users: 5 } });
    expect(await world.raised()).toEqual([]);
  });
});

describe('what a sweep finds', () => {
  const sweep: Cause = { event: 'sweep', id: 'run' };

  test('counts where it holds the deletions, once for all the sweeps that hold them', async () => {
    const world = new World(1_000);
    const watch = world.watch('sweep');
    await watch.sweepEnded({ users: 400, groups: new Map(), held: true });
    world.now += 60 * MINUTE;
    await world.watch('sweep').sweepEnded({ users: 400, groups: new Map(), held: true });
    expect(await world.raised()).toMatchObject([
      { kind: 'users-gone', held: true, counts: { deleted: 400 }, causes: [{ event: 'sweep', count: 400 }], before: START - 21 * MINUTE - 2_000 },
    ]);
    expect(world.announced).toHaveLength(1);
  });

  test('holds nothing any more once a sweep has marked them', async () => {
    const world = new World(1_000);
    await world.watch('sweep').sweepEnded({ users: 400, groups: new Map(), held: true });
    world.now += MINUTE;
    await world.watch('sweep').sweepEnded({ users: 400, groups: new Map(), held: false });
    const [incident, ...others] = await world.raised();
    expect(others).toEqual([]);
    expect(incident).not.toHaveProperty('held');
  });

  test('goes back to before the last complete sweep, as nobody knows when it happened', async () => {
    const world = new World(1_000);
    const subs = await world.known(60);
    world.now += 10 * MINUTE;
    await world.batch(sweep, async (rows, seen) => {
      for (const sub of subs) await world.user(rows, { ...seen, isListing: true }, sub, { 'custom:tier': 'gold' }, { modifiedAt: world.now - 5 * MINUTE });
    });
    const [incident] = await world.raised();
    expect(incident).toMatchObject({ kind: 'attributes-changed', attributes: ['custom:tier'], before: START - 21 * MINUTE - 1_000 });
    expect(incident.principal).toBeUndefined();
    expect(incident.first).toBeLessThan(world.now - 4 * MINUTE);
  });

  test('of a group counts where the group is gone, and not where members left it', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    const rows = new RowWriter(world.ledger, POOL);
    for (const group of ['stays', 'goes']) {
      await rows.group({ name: group }, undefined, world.seen());
      for (const sub of subs) await rows.membership(group, sub, world.seen());
    }
    await world.batch(sweep, async (writer, seen) => {
      await writer.buryGroup('goes', seen);
      for (const group of ['stays', 'goes']) for (const sub of subs) await writer.buryMembership(group, sub, seen);
    });
    expect(await world.raised()).toMatchObject([{ kind: 'group-gone', group: 'goes', counts: { members: 60 } }]);
    await world.watch('sweep').sweepEnded({ users: 0, groups: new Map([['other', 70], ['small', 50]]), held: true });
    expect((await world.raised()).map(({ group }) => group).sort()).toEqual(['goes', 'other']);
  });
});

describe('an ordinary day raises none', () => {
  test('an import of very many users', async () => {
    const world = new World(1_000);
    await world.batch(call('AdminCreateUser', world.now, JOB), async (rows, seen) => {
      for (let i = 0; i < 500; i += 1) await world.user(rows, seen, `new-${i}`, {}, { createdAt: world.now });
    });
    expect(world.counts()).toEqual({ 'user created AdminCreateUser': 500 });
    expect(await world.raised()).toEqual([]);
  });

  test('a nightly job that sets an ignored attribute of 5 % of the users', async () => {
    const world = new World(1_000, ['custom:lastLogin']);
    const subs = await world.known(200);
    await update(world, subs, { 'custom:lastLogin': 'today' }, { principal: JOB });
    expect(await world.raised()).toEqual([]);
    expect(world.counts()).toEqual({ 'user changed AdminUpdateUserAttributes': 200 });
  });

  test('the first copy, and what happens until it is complete', async () => {
    const world = new World(0);
    world.neverSwept();
    const subs = Array.from({ length: 100 }, (_, i) => `sub-${i}`);
    await world.batch({ event: 'sweep', id: 'first' }, async (rows, seen) => {
      for (const sub of subs) await world.user(rows, { ...seen, isListing: true }, sub);
    });
    await deleteUsers(world, subs);
    await world.watch('sweep').sweepEnded({ users: 100, groups: new Map(), held: true });
    expect(world.counts()).toEqual({});
    expect(await world.raised()).toEqual([]);
  });

  test('three deletions in a pool of 60', async () => {
    const world = new World(60);
    const subs = await world.known(60);
    await deleteUsers(world, subs.slice(0, 3));
    expect(await world.raised()).toEqual([]);
    expect(world.counts()).toEqual({ 'user deleted AdminDeleteUser': 3 });
  });

  test.each(['DeleteUser', 'UpdateUserAttributes', 'PostAuthentication_Authentication', 'AdminRespondToAuthChallenge', 'recovery'])(
    'whatever comes by %s', async event => {
      const world = new World(1_000);
      const subs = await world.known(200);
      await update(world, subs.slice(0, 100), { name: 'new' }, { event });
      await deleteUsers(world, subs, undefined, 1_000, event);
      expect(await world.raised()).toEqual([]);
    });

  test('a recovery of this library, which puts right what went wrong', async () => {
    const world = new World(1_000);
    const subs = await world.known(100);
    await update(world, subs, { name: 'as before' }, { principal: RECOVERY, event: 'recovery:run' });
    expect(world.counts()).toEqual({ 'user changed recovery:run': 100 });
    expect(await world.raised()).toEqual([]);
  });

  test('one user whose attribute is set each second', async () => {
    const world = new World(1_000);
    const [sub] = await world.known(1);
    for (let i = 0; i < 300; i += 1) await update(world, [sub], { 'custom:state': String(i) });
    expect(await world.raised()).toEqual([]);
    expect(world.counts()).toEqual({ 'user changed AdminUpdateUserAttributes': 300 });
  });

  test('60 deletions over two hours', async () => {
    const world = new World(1_000);
    await deleteUsers(world, await world.known(60), SCRIPT, 120_000);
    expect(await world.raised()).toEqual([]);
  });

  test('60 users leave a group one by one', async () => {
    const world = new World(3_000);
    const subs = await world.known(60);
    const rows = new RowWriter(world.ledger, POOL);
    await rows.group({ name: 'g' }, undefined, world.seen());
    for (const sub of subs) await rows.membership('g', sub, world.seen());
    await world.batch(call('AdminRemoveUserFromGroup', world.now, JOB), async (writer, seen) => {
      for (const sub of subs) await writer.buryMembership('g', sub, seen);
    });
    expect(await world.raised()).toEqual([]);
  });

  test('a user that is deleted with their groups counts once', async () => {
    const world = new World(3_000);
    const subs = await world.known(50);
    await deleteUsers(world, subs);
    expect(await world.raised()).toEqual([]);
  });
});

describe('the timeline', () => {
  test('is written once a batch, and not at all where nothing changed', async () => {
    const world = new World(3_000);
    const subs = await world.known(10);
    await deleteUsers(world, subs);
    expect(world.incidents.updates).toBe(1);
    // The batch is delivered again.
    await deleteUsers(world, subs);
    expect(world.incidents.updates).toBe(1);
    expect(world.counts()).toEqual({ 'user deleted AdminDeleteUser': 10 });
  });

  test('is written with the next batch where it could not be', async () => {
    const world = new World(3_000);
    const subs = await world.known(20);
    world.incidents.beforeWrite = () => { throw new Error('throttled'); };
    await expect(deleteUsers(world, subs.slice(0, 10))).rejects.toThrow('throttled');
    world.incidents.beforeWrite = () => undefined;
    await deleteUsers(world, subs.slice(10));
    expect(world.counts()).toEqual({ 'user deleted AdminDeleteUser': 20 });
  });

  test('does not count a user who was there before the last comparison and is new to the ledger alone', async () => {
    const world = new World(3_000);
    await world.batch(call('AdminUpdateUserAttributes', world.now, JOB), async (rows, seen) => world.user(rows, seen, 'old'));
    expect(world.counts()).toEqual({});
  });

  test('is an item that DynamoDB takes, however many attributes of however many users a script sets', async () => {
    const world = new World(50_000);
    const subs = await world.known(2_400);
    const attributes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`custom:attribute-${i}`, 'x']));
    world.now = Math.ceil(world.now / (10 * MINUTE)) * 10 * MINUTE;
    for (let i = 0; i < subs.length; i += 500) {
      await world.batch(call('AdminUpdateUserAttributes', world.now, SCRIPT), async (rows, seen) => {
        for (const sub of subs.slice(i, i + 500)) await world.user(rows, seen, sub, attributes);
      });
      world.now += MINUTE;
    }
    // And then it deletes them.
    await world.batch(call('AdminDeleteUser', world.now, SCRIPT), async (rows, seen) => {
      for (const sub of subs.slice(0, 600)) await rows.buryUser(sub, seen);
    });
    for (const item of world.ledger.partition(timelinePartition(POOL))) {
      const plain = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value instanceof Set ? [...value] : value]));
      expect(sizeOfFields(plain)).toBeLessThan(0.9 * ITEM_BYTES);
    }
    expect(await world.raised()).toMatchObject([{ kind: 'attributes-changed', counts: { changed: 2_400 } }, { kind: 'users-gone', counts: { deleted: 600 } }]);
  });

  test('is written in as many updates as DynamoDB takes the names of', async () => {
    const world = new World(3_000);
    const subs = await world.known(20);
    const names: number[] = [];
    const { incidents } = world;
    const count = incidents.count.bind(incidents);
    incidents.count = async (change, writer) => {
      names.push(Object.keys(change.marks).length + Object.keys(change.counters).length + Object.keys(change.causes).length);
      return count(change, writer);
    };
    const watch = world.watch('many');
    const rows = new RowWriter(world.ledger, POOL, async (row, seen) => watch.note(row, seen));
    for (const [n, sub] of subs.entries()) {
      const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`custom:a${i}`, 'x']));
      await world.user(rows, world.seen(call('AdminUpdateUserAttributes', world.now, `${SCRIPT}-${n}`)), sub, attributes);
    }
    await watch.flush();
    expect(Math.max(...names)).toBeLessThan(290);
    expect(world.counts()).toEqual({ 'user changed AdminUpdateUserAttributes': 20 });
  });

  test('stays small, whoever changes what', async () => {
    const world = new World(30_000);
    const subs = await world.known(600);
    for (let i = 0; i < 200; i += 1) {
      await update(world, subs.slice(i * 3, i * 3 + 3), { [`custom:a${i % 20}`]: 'x' }, { principal: `${SCRIPT}-${i}`, every: 900 });
    }
    for (const item of world.ledger.partition(timelinePartition(POOL))) {
      expect(Object.keys(item).filter(name => name.startsWith('c:')).length).toBeLessThanOrEqual(41);
      expect(Object.values(item).reduce((sum: number, value) => sum + (value instanceof Set ? value.size * 9 : 30), 0)).toBeLessThan(30_000);
    }
  });
});
