import * as fc from 'fast-check';
import { SWEEP_STATUS } from '../../../src/capture/constants';
import { SweepAnswer, SweepProps, SweepReport, sweepSlice } from '../../../src/capture/sweep/sweep';
import { SweepCheckpoint } from '../../../src/capture/sweep/sweep-context';
import { Pacer } from '../../../src/cognito/pacing';
import { GroupImage } from '../../../src/cognito/user';
import { RowRefusedError } from '../../../src/ledger/row-refused-error';
import { keys, rows, sweepsPartition } from '../../../src/ledger/schema';
import { FakeSourcePool } from '../../helpers/fake-source-pool';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';

const POOL = 'us-east-1_AbCdEfGhI';
const DAY = 86_400_000;
/** Like a UUID's first digits, of which some are the same for a whole Region. */
const hex = (i: number) => `0${i.toString(16).padStart(4, '0')}48c-${i}`;
/** Cognito takes 50 attributes of that length; together they are more than the 400 KB that DynamoDB takes. */
const TOO_LARGE = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`custom:${i}`, '\u{1f600}'.repeat(2_048)]));

type Options = Partial<SweepProps> & { allowDeletions?: number };

/** A sweep whose time goes on by one millisecond with every look at the clock. */
class World {
  public readonly source = new FakeSourcePool();
  public readonly ledger = new InMemoryLedger();
  public now = Date.UTC(2026, 0, 1);
  public slices = 0;
  public readonly clock = { now: () => (this.now += 1), sleep: async () => undefined };
  private readonly pacer: Pacer = { run: async (_category, call) => call() };
  private runs = 0;

  public async slice(run: string, checkpoint?: SweepCheckpoint, options: Options = {}): Promise<SweepAnswer> {
    const { allowDeletions, ...props } = options;
    this.slices += 1;
    // As the state machine does: the checkpoint travels as JSON.
    return JSON.parse(JSON.stringify(await sweepSlice({
      poolId: POOL,
      source: this.source,
      store: this.ledger,
      pacer: this.pacer,
      clock: this.clock,
      historyDays: 35,
      standbyAttributes: null,
      sliceLength: DAY,
      ...props,
    }, { run, allowDeletions, checkpoint })));
  }

  public async sweep(options: Options = {}): Promise<SweepAnswer> {
    const run = `run-${this.runs += 1}`;
    let answer = await this.slice(run, undefined, options);
    while (answer.status === SWEEP_STATUS.CONTINUE) answer = await this.slice(run, answer.checkpoint, options);
    return answer;
  }

  public seed(users: number): void {
    for (let i = 0; i < users; i += 1) this.source.add(hex(i));
  }

  public async live() {
    const items = [...this.ledger.items.values()];
    const isLive = (prefix: string) => items.filter(item => item.pk.startsWith(prefix) && item.deletedAt === undefined);
    return {
      users: new Map(isLive(`${POOL}#U#`).map(rows.user).map(row => [row.sub, row])),
      groups: isLive(keys.groups(POOL)).filter(item => item.pk === keys.groups(POOL)).map(rows.group),
      memberships: isLive(`${POOL}#M#`).map(rows.membership).map(row => `${row.group}/${row.sub}`).sort(),
    };
  }
}

const changeAll = (world: World, refused: string, modifiedAt: number) => {
  for (const { sub, attributes } of [...world.source.users.values()]) {
    world.source.add(sub, { attributes: { ...attributes, name: String(modifiedAt), ...(sub === refused ? TOO_LARGE : {}) }, modifiedAt });
  }
};

async function expectEqual(world: World): Promise<void> {
  const { users, groups, memberships } = await world.live();
  expect([...users.keys()].sort()).toEqual([...world.source.users.keys()].sort());
  for (const user of world.source.users.values()) expect(users.get(user.sub)).toMatchObject(user);
  const images = (some: Iterable<GroupImage>) => [...some].sort((x, y) => (x.name < y.name ? -1 : 1))
    .map(({ name, description, precedence, roleArn }) => ({ name, description, precedence, roleArn }));
  expect(images(groups)).toEqual(images(world.source.groups.values()));
  const inSource = [...world.source.groups.values()].flatMap(group => [...group.members].map(sub => `${group.name}/${sub}`));
  expect(memberships).toEqual(inSource.sort());
}

test('the first sweep copies everybody, the second one writes nothing', async () => {
  const world = new World();
  world.seed(50);
  world.source.add('00334455-f', { status: 'EXTERNAL_PROVIDER', username: 'Google_1', attributes: { identities: '[{"providerName":"Google"}]' } });
  world.source.addGroup({ name: 'a#b', description: 'with, "quotes"', precedence: 0, roleArn: 'arn:aws:iam::111122223333:role/a' }, [hex(1), hex(2)]);
  world.source.addGroup({ name: '__proto__' }, Array.from({ length: 20 }, (_, i) => hex(i)));
  const first = await world.sweep();
  expect(first).toMatchObject({
    status: SWEEP_STATUS.COMPLETE,
    report: { users: { listed: 51, written: 51 }, groups: { written: 2 }, memberships: { written: 22 } },
  });
  await expectEqual(world);
  expect((await world.live()).users.get(hex(1))?.signInName).toBe(`${hex(1)}@example.com`);

  const before = new Map(world.ledger.items);
  const written = world.ledger.rowsWritten;
  const second = await world.sweep();
  expect(second).toMatchObject({
    report: { users: { written: 0, known: 51, missing: 0 }, groups: { written: 0 }, memberships: { written: 0, known: 22 }, poolPartsWritten: 0 },
  });
  expect(world.ledger.rowsWritten).toBe(written);
  const changed = [...world.ledger.items].filter(([key, item]) => before.get(key) !== item);
  expect(changed.map(([, item]) => item.pk)).toEqual([keys.sources(), sweepsPartition(POOL)]);
});

test('a changed user is written once, with the image it replaced', async () => {
  const world = new World();
  world.seed(30);
  await world.sweep();
  const before = (await world.live()).users.get(hex(3));
  world.source.add(hex(3), { attributes: { email: 'new@example.com', email_verified: 'false' }, enabled: false, modifiedAt: 2 });
  expect(await world.sweep()).toMatchObject({ report: { users: { written: 1 } } });
  await expectEqual(world);
  const [history, ...more] = world.ledger.partition(keys.history(POOL, 'U', hex(3), 0).pk);
  expect(more).toEqual([]);
  expect(rows.user(history.image as never)).toEqual(before);
  expect(history.cause).toEqual({ event: 'sweep', id: 'run-2' });
  expect(history.expiresAt).toBeGreaterThan(world.now / 1_000 + 34 * 86_400);
});

test('a user with a name of 2,048 characters to sign in by is copied as any other, changed and marked as gone', async () => {
  const world = new World();
  world.seed(20);
  world.source.usernameAttributes = [];
  world.source.aliasAttributes = ['email', 'preferred_username'];
  const email = `${'x'.repeat(2_036)}@example.com`;
  world.source.add(hex(1), { attributes: { email, email_verified: 'true', preferred_username: '漢'.repeat(700) } });
  expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { refused: 0, users: { written: 20 } } });
  expect(await world.ledger.subsBySignInName(POOL, email, 'email')).toEqual([hex(1)]);
  expect(await world.ledger.subsBySignInName(POOL, '漢'.repeat(700), 'preferredUsername')).toEqual([hex(1)]);
  world.source.add(hex(1), { attributes: { email: `y${email.slice(1)}`, email_verified: 'true' }, modifiedAt: 2 });
  expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { users: { written: 1 } } });
  await expectEqual(world);
  world.source.users.delete(hex(1));
  expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { users: { tombstoned: 1 } } });
  await expectEqual(world);
});

test('an answer older than what is stored changes nothing', async () => {
  const world = new World();
  world.source.add(hex(1), { modifiedAt: 10 });
  await world.sweep();
  world.source.add(hex(1), { modifiedAt: 9, enabled: false });
  expect(await world.sweep()).toMatchObject({ report: { users: { written: 0 } } });
  expect((await world.live()).users.get(hex(1))?.enabled).toBe(true);
});

test('a user that is gone is marked after a look-up and keeps the whole row', async () => {
  const world = new World();
  world.seed(30);
  world.source.addGroup({ name: 'g' }, [hex(1), hex(2)]);
  world.source.addGroup({ name: 'gone' }, [hex(2), hex(3)]);
  await world.sweep();
  world.source.users.delete(hex(2));
  world.source.groups.get('g')!.members.delete(hex(2));
  world.source.groups.delete('gone');
  world.source.calls.length = 0;
  expect(await world.sweep()).toMatchObject({
    report: { users: { missing: 1, tombstoned: 1 }, groups: { tombstoned: 1 }, memberships: { tombstoned: 3 } },
  });
  await expectEqual(world);
  expect(world.source.calls.filter(call => call === 'userBySub')).toHaveLength(1);
  const row = await world.ledger.user(POOL, hex(2));
  expect(row).toMatchObject({ attributes: { email: `${hex(2)}@example.com` }, deletedAt: expect.any(Number), expiresAt: expect.any(Number) });

  world.source.calls.length = 0;
  expect(await world.sweep()).toMatchObject({ report: { users: { missing: 0 }, memberships: { missing: 0 } } });
  expect(world.source.calls).not.toContain('userBySub');
});

test('a user that was marked as gone and is there again is live again', async () => {
  const world = new World();
  world.seed(10);
  await world.sweep();
  const user = world.source.users.get(hex(1))!;
  world.source.users.delete(hex(1));
  await world.sweep();
  world.source.users.set(hex(1), user);
  world.now += 60_000;
  await world.sweep();
  await expectEqual(world);
  const row = await world.ledger.user(POOL, hex(1));
  expect(row?.deletedAt).toBeUndefined();
  expect(row?.expiresAt).toBeUndefined();
});

describe('a listing that does not show everything marks nobody', () => {
  test('an empty page with a token is not the end', async () => {
    const world = new World();
    world.seed(30);
    await world.sweep();
    const all = world.source.listUsers.bind(world.source);
    world.source.listUsers = async (prefix, token) => (token === undefined ? { items: [], next: '0' } : all(prefix, token));
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { users: { listed: 30, missing: 0 } } });
  });

  test('an error on page 2 fails the slice', async () => {
    const world = new World();
    world.seed(30);
    await world.sweep();
    const before = await world.live();
    world.source.onListUsers = (page, token) => {
      if (token !== undefined) throw new Error('page 2');
      return page;
    };
    await expect(world.sweep()).rejects.toThrow('page 2');
    expect(await world.live()).toEqual(before);
  });

  test('a user that the listing misses and the look-up finds stays, and is brought up to date', async () => {
    const world = new World();
    world.seed(30);
    await world.sweep();
    world.source.add(hex(4), { enabled: false, modifiedAt: 5 });
    world.source.onListUsers = page => ({ ...page, items: page.items.filter(user => user.sub !== hex(4)) });
    expect(await world.sweep()).toMatchObject({ report: { users: { missing: 1, tombstoned: 0, written: 1 } } });
    expect((await world.live()).users.get(hex(4))?.enabled).toBe(false);
  });

  test('a user that was written after the look-up began stays', async () => {
    const world = new World();
    world.seed(10);
    await world.sweep();
    const userBySub = world.source.userBySub.bind(world.source);
    const user = world.source.users.get(hex(1))!;
    world.source.users.delete(hex(1));
    world.source.userBySub = async sub => {
      const answer = await userBySub(sub);
      const [item] = world.ledger.partition(keys.user(POOL, sub).pk).filter(({ sk }) => sk === sub);
      world.ledger.put({ ...item, observedAt: world.now + 50 });
      return answer;
    };
    expect(await world.sweep()).toMatchObject({ report: { users: { missing: 1, tombstoned: 0 } } });
    expect((await world.live()).users.has(user.sub)).toBe(true);
  });

  test.each([
    ['users', (world: World) => { for (let i = 0; i < 60; i += 1) world.source.users.delete(hex(i)); }, '60 of 300 users'],
    ['memberships', (world: World) => world.source.groups.get('g')!.members.clear(), '300 of 300 memberships'],
  ])('20 %% of the %s gone at once: the breaker', async (_kind, lose, message) => {
    const world = new World();
    world.seed(300);
    world.source.addGroup({ name: 'g' }, [...world.source.users.keys()]);
    await world.sweep();
    const before = await world.live();
    lose(world);
    world.source.add(hex(299), { enabled: false, modifiedAt: 5 });
    const held = await world.sweep();
    expect(held).toMatchObject({ status: SWEEP_STATUS.DELETIONS_HELD, message: expect.stringContaining(message) });
    const after = await world.live();
    expect([...after.users.keys()]).toEqual([...before.users.keys()]);
    expect(after.memberships).toEqual(before.memberships);
    expect(after.users.get(hex(299))?.enabled).toBe(false); // what is there is still captured

    world.source.groups.get('g')!.members.clear();
    expect(await world.sweep({ allowDeletions: 300 })).toMatchObject({ status: SWEEP_STATUS.COMPLETE });
    await expectEqual(world);
  });

  test('up to 50 users may go without an operator', async () => {
    const world = new World();
    world.seed(60);
    await world.sweep();
    for (let i = 0; i < 50; i += 1) world.source.users.delete(hex(i));
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { users: { tombstoned: 50 } } });
  });
});

test('members of a group that a hint marked as gone are looked for, without asking Cognito', async () => {
  const world = new World();
  world.seed(5);
  world.source.addGroup({ name: 'gone' }, [hex(1)]);
  await world.sweep();
  world.source.groups.delete('gone');
  const [item] = world.ledger.partition(keys.groups(POOL));
  world.ledger.put({ ...item, observedAt: world.now, deletedAt: world.now });
  world.source.calls.length = 0;
  expect(await world.sweep()).toMatchObject({ report: { memberships: { missing: 1, tombstoned: 1 } } });
  expect(world.source.calls).not.toContain('listUsersInGroup');
  await expectEqual(world);
});

describe('events that never come', () => {
  const sweepAfterChange = async (world: World, enabled: boolean) => {
    world.source.add(hex(1), { enabled, modifiedAt: world.now });
    const { report } = await world.sweep() as { report: { eventsMissing: boolean } };
    return report.eventsMissing;
  };

  test('are missed by a sweep that finds changes, though not by the first one', async () => {
    const world = new World();
    world.seed(5);
    expect(await sweepAfterChange(world, true)).toBe(false);
    expect(await world.sweep()).toMatchObject({ report: { eventsMissing: false } });
    expect(await sweepAfterChange(world, false)).toBe(true);
  });

  test('are not missed where one came since the sweep before', async () => {
    const world = new World();
    world.seed(5);
    await world.sweep();
    await world.ledger.noteEvent(POOL, world.now);
    expect(await sweepAfterChange(world, false)).toBe(false);
    expect(await sweepAfterChange(world, true)).toBe(true);
  });
});

describe('one sweep at a time', () => {
  test('another execution skips while the lease holds, and takes over when it ran out', async () => {
    const world = new World();
    world.seed(30);
    const first = await world.slice('first', undefined, { sliceLength: 1 });
    expect(first.status).toBe(SWEEP_STATUS.CONTINUE);
    expect(await world.slice('second')).toEqual({ status: SWEEP_STATUS.SKIPPED });
    world.now += 10 * 60_000;
    expect((await world.slice('second')).status).toBe(SWEEP_STATUS.COMPLETE);
  });

  test('the lease is given back at the end', async () => {
    const world = new World();
    await world.sweep();
    const [source] = await world.ledger.sources();
    expect(source).toMatchObject({ poolId: POOL, users: 0, sweptAt: expect.any(Number) });
    expect(source.leaseOwner).toBeUndefined();
  });
});

describe('what the ledger knows of the past', () => {
  const known = async (world: World) => (await world.ledger.sources())[0];
  const swept = (world: World) => world.ledger.partition(sweepsPartition(POOL)).map(rows.sweep);

  test('begins with the end of the first sweep, and the last one that compared everything says what was so when it started', async () => {
    const world = new World();
    world.seed(5);
    const startedAt = world.now;
    await world.sweep();
    const { firstSweptAt, sweptAt, comparedAt, sweepStartedAt, historyDays } = await known(world);
    expect({ firstSweptAt, comparedAt, historyDays }).toEqual({ firstSweptAt: sweptAt, comparedAt: sweepStartedAt, historyDays: 35 });
    expect(comparedAt).toBeGreaterThanOrEqual(startedAt);
    world.now += 3_600_000;
    await world.sweep();
    const later = await known(world);
    expect(later).toMatchObject({ firstSweptAt, comparedAt: later.sweepStartedAt });
    expect(later.comparedAt).toBeGreaterThanOrEqual(comparedAt! + 3_600_000);
  });

  test('has one small row for each sweep that came to its end, which goes with the history, and an unchanged pool costs nothing else', async () => {
    const world = new World();
    world.seed(5);
    await world.sweep();
    world.now += 3_600_000;
    const before = world.ledger.items.size;
    const written = world.ledger.rowsWritten;
    await world.sweep();
    expect(world.ledger.items.size - before).toBe(1);
    expect(world.ledger.rowsWritten).toBe(written);
    const [first, second] = swept(world);
    expect(first).toMatchObject({ poolId: POOL, users: 5, refused: 0, written: 6 });
    expect(second).toMatchObject({ users: 5, refused: 0, written: 0 });
    expect(second.startedAt - first.startedAt).toBeGreaterThanOrEqual(3_600_000);
    expect(second.expiresAt).toBe(Math.ceil(second.endedAt / 1_000) + 35 * 86_400);
    expect(JSON.stringify(second).length).toBeLessThan(200);
  });

  test.each<[string, (world: World) => void]>([
    ['a row was refused that has no room to say so', world => {
      world.source.add(hex(3), { attributes: TOO_LARGE, modifiedAt: 9 });
      world.ledger.markRefused = async () => false;
    }],
    ['the members of a group could not be compared, because it was deleted meanwhile', world => {
      world.source.addGroup({ name: 'g' }, [hex(1)]);
      const { listUsersInGroup } = world.source;
      world.source.listUsersInGroup = async (group, token) => {
        world.source.groups.delete(group);
        return listUsersInGroup.call(world.source, group, token);
      };
    }],
    ['Cognito refused to describe its configuration', world => {
      world.source.configuration = async () => { throw Object.assign(new Error(), { name: 'AccessDeniedException', $fault: 'client' }); };
    }],
    ['deletions are held', world => [...world.source.users.keys()].forEach(sub => world.source.users.delete(sub))],
  ])('is not said to have been compared where %s', async (_why, happens) => {
    const world = new World();
    world.seed(60);
    await world.sweep();
    const { comparedAt } = await known(world);
    expect(comparedAt).toBeDefined();
    world.now += 3_600_000;
    happens(world);
    await world.sweep();
    expect((await known(world)).comparedAt).toBe(comparedAt);
  });

  test('says how late a change may have been that no hint brought: after the last sweep that compared everything', async () => {
    const world = new World();
    world.seed(3);
    world.source.addGroup({ name: 'g' }, [hex(1)]);
    await world.sweep();
    world.now += 3_600_000;
    await world.sweep();
    const { comparedAt } = await known(world);
    world.now += 3_600_000;
    world.source.add(hex(1), { enabled: false, modifiedAt: world.now });
    world.source.groups.get('g')!.members.add(hex(2));
    const changedAt = world.now;
    world.now += 60_000;
    await world.sweep();
    const notBefore = comparedAt! - 61_000;
    expect((await world.ledger.user(POOL, hex(1)))!.began).toEqual({ notBefore, since: changedAt + 1_000 });
    const { began, cause } = (await world.ledger.membership(POOL, 'g', hex(2)))!;
    expect(began).toEqual({ notBefore, since: expect.any(Number) });
    expect(began!.since).toBeLessThan(world.now + 2_000);
    expect(cause).toEqual({ event: 'sweep', id: expect.stringMatching(/^run-/) });
  });
});

describe('large pools', () => {
  const large = () => {
    const world = new World();
    for (let i = 0; i < 200; i += 1) world.source.add(`${(i * 331).toString(16).padStart(4, '0')}4444-u`);
    world.source.estimatedUsers = 7_000; // lists by one digit
    return world;
  };

  test('are listed by prefix, and searched for users that no prefix holds when the count says so', async () => {
    const world = large();
    world.source.add('ZZ-not-hexadecimal');
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE });
    expect(new Set(world.source.calls.filter(call => call.startsWith('listUsers '))))
      .toEqual(new Set(['', ...'0123456789abcdef'].map(prefix => `listUsers ${prefix}`)));
    await expectEqual(world);
  });

  test('once known, users that no prefix holds are looked for whatever the count says, also to find that they are gone', async () => {
    const world = large();
    world.source.add('ZZ-not-hexadecimal');
    await world.sweep();
    world.source.users.delete('ZZ-not-hexadecimal');
    for (let i = 200; i < 6_900; i += 1) world.source.add(`${(i * 7).toString(16).padStart(4, '0')}8888-u${i}`); // as many as estimated
    world.source.calls.length = 0;
    await world.sweep();
    expect(world.source.calls).toContain('listUsers ');
    await expectEqual(world);
  });

  test('a user that a prefix shows by chance is found without a difference in the count', async () => {
    const world = large();
    world.source.add('ab-x');
    await world.sweep();
    await expectEqual(world);
  });
});

describe('a sweep is not stopped by', () => {
  /** Every sweep changes all users of the pool; in the end one of them is as the ledger cannot hold them. */
  test.each([
    ['new', false], ['changed', true],
  ])('a %s row that DynamoDB will never take: all others are copied, and each sweep says so', async (_how, isKnown) => {
    const world = new World();
    world.seed(20);
    world.source.addGroup({ name: 'g' }, [hex(1), hex(5)]);
    const message = expect.stringContaining(`because DynamoDB refuses them or a group is too large to compare: 1 (user ${hex(5)});`);
    const refused = { status: SWEEP_STATUS.INCOMPLETE, message };
    if (isKnown) await world.sweep();
    for (const round of [1, 2]) {
      changeAll(world, hex(5), round + 1);
      expect(await world.sweep()).toMatchObject({ ...refused, report: { refused: 1, refusedRows: [`user ${hex(5)}`], users: { written: 19 } } });
      const { users, memberships } = await world.live();
      expect(users.size).toBe(isKnown ? 20 : 19);
      for (const [sub, row] of users) expect(row.attributes.name).toBe(sub === hex(5) ? undefined : String(round + 1));
      expect(memberships).toHaveLength(2);
      expect((await world.ledger.sources())[0].sweptAt).toBeDefined(); // what is there can be restored
      // The old row says since when it is not what there is.
      const { refusedAt = 0, observedAt = 0 } = await world.ledger.user(POOL, hex(5)) ?? {};
      expect(refusedAt > observedAt).toBe(isKnown);
    }
    world.source.add(hex(5), { attributes: { email: 'short@example.com' }, modifiedAt: 9 });
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE });
    await expectEqual(world);
    expect(await world.ledger.user(POOL, hex(5))).not.toHaveProperty('refusedAt');
  });

  test('rows that DynamoDB will never take, each counted once however often a shard is listed, and the first ones named', async () => {
    for (const sliceLength of [5, 60, 200, DAY]) {
      const world = new World();
      world.seed(250);
      world.source.estimatedUsers = 7_000;
      const tooLarge = new Set(Array.from({ length: 150 }, (_, i) => hex(i)));
      world.ledger.beforeWrite = ({ put }) => {
        if (tooLarge.has(put.sk)) throw new RowRefusedError(put);
      };
      const answer = await world.sweep({ sliceLength });
      expect(answer).toMatchObject({
        status: SWEEP_STATUS.INCOMPLETE,
        message: expect.stringMatching(/: 150 \(user \S+, user \S+, user \S+ and 147 more\);/),
        report: { refused: 150, users: { written: 100 } },
      });
      expect((answer as { report: { refusedRows: string[] } }).report.refusedRows).toHaveLength(100);
    }
  });

  test.each([
    ['user', `${POOL}#U#`], ['group', `${POOL}#G`], ['membership', `${POOL}#M#`], ['setting', `${POOL}#C`],
  ])('a tombstone that DynamoDB will never take, of a %s', async (kind, partition) => {
    const world = new World();
    world.seed(20);
    world.source.addGroup({ name: 'stays' }, [hex(1), hex(2)]);
    world.source.addGroup({ name: 'goes' }, [hex(1)]);
    world.source.parts = [{ part: 'pool', value: {} }, { part: 'client#1', value: {} }];
    await world.sweep();
    world.source.users.delete(hex(2));
    world.source.groups.get('stays')!.members.delete(hex(2));
    world.source.groups.delete('goes');
    world.source.parts.pop();
    world.ledger.beforeWrite = ({ put }) => {
      if (put.pk.startsWith(partition) && put.deletedAt !== undefined) throw new RowRefusedError(put);
    };
    for (const round of [1, 2]) {
      world.source.add(hex(3), { attributes: { email: `${round}@example.com` }, modifiedAt: round + 1 });
      const { status, report } = await world.sweep() as { status: string; report: SweepReport };
      expect(status).toBe(SWEEP_STATUS.INCOMPLETE);
      expect(new Set(report.refusedRows.map(row => row.split(' ')[0]))).toEqual(new Set([kind]));
      expect(report.refused).toBe(kind === 'membership' ? 2 : 1);
      expect((await world.live()).users.get(hex(3))?.attributes.email).toBe(`${round}@example.com`);
    }
    world.ledger.beforeWrite = () => undefined;
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE });
    await expectEqual(world);
  });

  test('but by any other error of a write', async () => {
    const world = new World();
    world.seed(20);
    world.ledger.beforeWrite = () => { throw Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }); };
    await expect(world.sweep()).rejects.toThrow('no');
  });

  test('a configuration that Cognito refuses to describe', async () => {
    const world = new World();
    world.seed(20);
    world.source.configuration = async () => { throw Object.assign(new Error('no'), { name: 'InvalidParameterException', $fault: 'client' }); };
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.INCOMPLETE, message: expect.stringContaining('InvalidParameterException') });
    await expectEqual(world);
    world.source.configuration = async () => { throw Object.assign(new Error('lost'), { name: 'TimeoutError' }); };
    await expect(world.sweep()).rejects.toThrow('lost');
  });
});

describe('the configuration of a pool with many clients', () => {
  const parts = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ part: `client#${from + i}`, value: { i: from + i } }));
  const liveParts = (world: World) =>
    world.ledger.partition(keys.poolParts(POOL)).filter(item => item.deletedAt === undefined).map(item => item.sk).sort();

  test.each([1, 40, 90, DAY])('is copied part by part, whatever the length of a slice (%s), and those that are gone are marked', async sliceLength => {
    const world = new World();
    world.source.parts = parts(0, 100);
    expect((await world.sweep({ sliceLength })).status).toBe(SWEEP_STATUS.COMPLETE);
    // Fifteen pages of seven, none of them twice.
    expect(world.source.calls.filter(call => call.startsWith('configuration'))).toHaveLength(15);
    expect(liveParts(world)).toEqual(parts(0, 100).map(({ part }) => part).sort());
    world.source.parts = [...parts(0, 3), ...parts(50, 120)];
    expect(await world.sweep({ sliceLength })).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { poolPartsWritten: 20 + 47 } });
    expect(liveParts(world)).toEqual(world.source.parts.map(({ part }) => part).sort());
    world.source.parts = parts(0, 120);
    await world.sweep({ sliceLength });
    expect(liveParts(world)).toEqual(parts(0, 120).map(({ part }) => part).sort());
    expect(await world.sweep({ sliceLength })).toMatchObject({ report: { poolPartsWritten: 0 } });
  });

  test('goes on after the last page that a slice handed over, however often the next one is killed', async () => {
    const world = new World();
    world.source.parts = parts(0, 100);
    let answer = await world.slice('run', undefined, { sliceLength: 1 });
    while (answer.status === SWEEP_STATUS.CONTINUE && !(answer.checkpoint.phase === 'configuration' && answer.checkpoint.pending)) answer = await world.slice('run', answer.checkpoint, { sliceLength: 1 });
    const { checkpoint } = answer as { checkpoint: SweepCheckpoint };
    const { configuration } = world.source;
    for (let i = 0; i < 3; i += 1) {
      world.source.configuration = async () => { throw new Error('killed'); };
      await expect(world.slice('run', checkpoint)).rejects.toThrow('killed');
    }
    world.source.configuration = configuration;
    world.source.calls.length = 0;
    expect((await world.slice('run', checkpoint)).status).toBe(SWEEP_STATUS.COMPLETE);
    expect(world.source.calls.filter(call => call.startsWith('configuration'))).toEqual(Array.from({ length: 14 }, (_, i) => `configuration ${7 * (i + 1)}`));
    expect(liveParts(world)).toHaveLength(100);
  });
});

test('what a killed slice found missing counts for nothing', async () => {
  const world = new World();
  world.seed(10);
  world.source.addGroup({ name: 'admins' }, [hex(1), hex(2)]);
  await world.sweep();
  // The first attempt does not see the group, keeps that, and is killed before it can say so.
  const group = world.source.groups.get('admins')!;
  world.source.groups.delete('admins');
  const describe = world.source.configuration;
  world.source.configuration = async () => { throw new Error('killed'); };
  await expect(world.slice('run-2')).rejects.toThrow('killed');
  world.source.groups.set('admins', group);
  world.source.configuration = describe;
  expect(await world.slice('run-2')).toMatchObject({
    status: SWEEP_STATUS.COMPLETE, report: { groups: { tombstoned: 0 }, memberships: { tombstoned: 0 } },
  });
  await expectEqual(world);
});

test('a group and a member that a listing does not show, but a look-up does, stay', async () => {
  const world = new World();
  world.seed(10);
  world.source.addGroup({ name: 'a' }, [hex(1), hex(2)]);
  world.source.addGroup({ name: 'b' }, [hex(1), hex(2)]);
  await world.sweep();
  const { listGroups, listUsersInGroup } = world.source;
  world.source.listGroups = async () => ({ items: [{ name: 'b' }] });
  world.source.listUsersInGroup = async () => ({ items: [hex(1)] });
  expect(await world.sweep()).toMatchObject({ report: { groups: { missing: 1, tombstoned: 0 }, memberships: { missing: 3, tombstoned: 0 } } });
  Object.assign(world.source, { listGroups, listUsersInGroup });
  await expectEqual(world);
});

test('a group that is made again while its members are being marked keeps those that a hint put there', async () => {
  const world = new World();
  world.seed(40);
  world.source.addGroup({ name: 'g' }, [...world.source.users.keys()]);
  await world.sweep();
  world.source.groups.delete('g');
  let marked = 0;
  world.ledger.beforeWrite = ({ put }) => {
    if (!put.pk.startsWith(`${POOL}#M#`)) return;
    marked += 1;
    if (marked !== 5) return;
    // A hint, in the middle of it: the group is back, with one member.
    world.source.addGroup({ name: 'g' }, [hex(39)]);
    world.ledger.put({ ...keys.group(POOL, 'g'), v: 1, poolId: POOL, name: 'g', observedAt: world.clock.now() });
    world.ledger.put({ ...keys.membership(POOL, 'g', hex(39)), v: 1, poolId: POOL, group: 'g', observedAt: world.clock.now() });
  };
  expect((await world.sweep()).status).toBe(SWEEP_STATUS.COMPLETE);
  await expectEqual(world);
});

test('subs of which some digits are always the same are split into shards that fit', async () => {
  const world = new World();
  // All of a Region begin alike: three digits of it find everybody in one shard.
  for (let i = 0; i < 30_000; i += 1) world.source.add(`0480${(i % 16).toString(16)}8${Math.floor(i / 16).toString(16).padStart(4, '0')}-${i}`);
  world.source.estimatedUsers = 0; // far behind
  world.source.pageSize = 60;
  expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { users: { listed: 30_000, written: 30_000 } } });
  world.source.calls.length = 0;
  expect(await world.sweep()).toMatchObject({ report: { users: { listed: 30_000, known: 30_000, written: 0, missing: 0 } } });
  // The ledger knows how large a prefix is: nothing is listed in vain but prefixes without users.
  expect(world.source.calls.filter(call => call.startsWith('listUsers ')).length).toBeLessThan(30_000 / 60 + 16 * 16);
});

test('the number that a held sweep asks for is enough', async () => {
  const world = new World();
  world.seed(1_000);
  for (const name of ['g', 'h']) world.source.addGroup({ name }, [...world.source.users.keys()]);
  await world.sweep();
  for (let i = 0; i < 60; i += 1) world.source.users.delete(hex(i));
  for (const { members } of world.source.groups.values()) for (let i = 0; i < 48; i += 1) members.delete(hex(i));
  const held = await world.sweep();
  const message = expect.stringMatching(/^60 of 1000 users in .*"allowDeletions": 60\}$/);
  expect(held).toMatchObject({ status: SWEEP_STATUS.DELETIONS_HELD, message });
  expect(await world.sweep({ allowDeletions: 60 })).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { memberships: { tombstoned: 96 } } });
  // The other twelve are still listed as members of groups: Cognito takes them out by itself.
  for (const { members } of world.source.groups.values()) for (let i = 48; i < 60; i += 1) members.delete(hex(i));
  await world.sweep();
  await expectEqual(world);
});

test('slices of any length end in the same ledger', async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 60 }), fc.constantFrom(undefined, 7_000, 100_000), fc.array(fc.nat(40), { maxLength: 60 }), fc.boolean(),
    async (sliceLength, estimatedUsers, members, oddSubs) => {
      const world = new World();
      world.seed(40);
      if (oddSubs) ['ZZ', 'zz-1', 'abc'].forEach(sub => world.source.add(sub));
      world.source.estimatedUsers = estimatedUsers;
      world.source.addGroup({ name: 'one' }, members.map(hex).filter(sub => world.source.users.has(sub)));
      for (let i = 0; i < 12; i += 1) world.source.addGroup({ name: `g${i}` }, [hex(i), hex(i + 1)]);
      expect((await world.sweep({ sliceLength })).status).toBe(SWEEP_STATUS.COMPLETE);
      await expectEqual(world);
      for (const i of members.slice(0, 20)) world.source.users.delete(hex(i));
      for (const { members: subs } of world.source.groups.values()) {
        [...subs].filter(sub => !world.source.users.has(sub)).forEach(sub => subs.delete(sub));
      }
      world.source.groups.delete('g3');
      expect((await world.sweep({ sliceLength })).status).toBe(SWEEP_STATUS.COMPLETE);
      await expectEqual(world);
    },
  ), { numRuns: 60 });
});

test('a slice that is killed at any write and repeated ends in the same ledger', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }), async kills => {
    const world = new World();
    world.seed(30);
    world.source.addGroup({ name: 'g' }, [hex(1), hex(2), hex(3)]);
    let writes = 0;
    world.ledger.beforeWrite = () => {
      writes += 1;
      if (kills.includes(writes)) throw new Error('killed');
    };
    let answer: SweepAnswer | undefined;
    let checkpoint: SweepCheckpoint | undefined;
    while (answer === undefined || answer.status === SWEEP_STATUS.CONTINUE) {
      answer = await world.slice('run', checkpoint, { sliceLength: 30 }).catch((error: Error) => {
        expect(error.message).toBe('killed');
        return undefined;
      });
      if (answer?.status === SWEEP_STATUS.CONTINUE) checkpoint = answer.checkpoint;
    }
    expect(answer.status).toBe(SWEEP_STATUS.COMPLETE);
    await expectEqual(world);
  }));
});

test.each<[string, string[], string[] | null, string[]]>([
  ['as in the template', ['sub', 'email', 'custom:tier', 'dev:custom:secret'], ['custom:tier', 'custom:secret'], []],
  ['with one that somebody added by hand', ['email', 'custom:tier', 'custom:added', 'dev:custom:more'], ['custom:tier'], ['custom:added', 'custom:more']],
  ['while the standby pool has more', ['email'], ['custom:tier'], []],
  ['where the standby pool is not known', ['custom:added'], null, []],
])('schema drift: a pool with attributes %s', async (_how, attributes, standbyAttributes, schemaDrift) => {
  const world = new World();
  world.source.attributes = attributes;
  expect(await world.sweep({ standbyAttributes })).toMatchObject({ status: SWEEP_STATUS.COMPLETE, report: { schemaDrift } });
});

test('who came back by a recovery, and no hint brought, has the first sub in the row', async () => {
  const world = new World();
  world.seed(2);
  const asked: string[] = [];
  const firstSubs = { of: async ({ sub }: { sub: string }) => { asked.push(sub); return sub === hex(1) ? 'first' : undefined; } };
  expect((await world.sweep({ firstSubs })).status).toBe(SWEEP_STATUS.COMPLETE);
  expect([await world.ledger.user(POOL, hex(0)), await world.ledger.user(POOL, hex(1))]).toEqual(
    [expect.not.objectContaining({ firstSub: expect.anything() }), expect.objectContaining({ firstSub: 'first' })]);
  await world.sweep({ firstSubs });
  expect(asked.sort()).toEqual([hex(0), hex(1)]);
});

describe('the moment up to which everything was compared', () => {
  const comparedAt = async (world: World) => (await world.ledger.sources())[0].comparedAt!;
  const known = async () => {
    const world = new World();
    world.seed(20);
    world.source.addGroup({ name: 'g' }, [hex(1)]);
    await world.sweep();
    return { world, before: await comparedAt(world) };
  };
  const refuse = (world: World, sub: string) => { world.ledger.beforeWrite = ({ put }) => { if (put.sk === sub) throw new RowRefusedError(put); }; };

  test('moves for all others where the row of one user is refused for good, whose row says so, round after round', async () => {
    const { world, before } = await known();
    refuse(world, hex(5));
    let last = before;
    for (const round of [2, 3]) {
      changeAll(world, hex(5), round);
      expect((await world.sweep()).status).toBe(SWEEP_STATUS.INCOMPLETE);
      expect(await comparedAt(world)).toBeGreaterThan(last);
      last = await comparedAt(world);
      expect(await world.ledger.user(POOL, hex(5))).toMatchObject({ refusedAt: expect.any(Number) });
    }
  });

  test('moves where a user is refused who never had a row: Cognito dates them', async () => {
    const { world, before } = await known();
    refuse(world, hex(30));
    world.source.add(hex(30), {});
    expect((await world.sweep()).status).toBe(SWEEP_STATUS.INCOMPLETE);
    expect(await comparedAt(world)).toBeGreaterThan(before);
  });

  test('stays where the row has no room for the mark, and where a membership is refused that has no row and no date', async () => {
    const full = await known();
    refuse(full.world, hex(5));
    full.world.ledger.markRefused = async () => false;
    changeAll(full.world, hex(5), 2);
    expect((await full.world.sweep()).status).toBe(SWEEP_STATUS.INCOMPLETE);
    expect(await comparedAt(full.world)).toBe(full.before);

    const { world, before } = await known();
    world.ledger.beforeWrite = ({ put }) => { if (put.pk === `${POOL}#M#g`) throw new RowRefusedError(put); };
    world.source.groups.get('g')!.members.add(hex(2));
    expect((await world.sweep()).status).toBe(SWEEP_STATUS.INCOMPLETE);
    expect(await comparedAt(world)).toBe(before);
  });

  test('moves for all others where Cognito refuses to look one missing user up, whose row says so', async () => {
    const { world, before } = await known();
    world.source.users.delete(hex(5));
    world.source.users.delete(hex(6));
    const find = world.source.userBySub.bind(world.source);
    world.source.userBySub = async sub => {
      if (sub === hex(5)) throw Object.assign(new Error('no'), { name: 'InvalidParameterException', $fault: 'client' });
      return find(sub);
    };
    expect(await world.sweep()).toMatchObject({ status: SWEEP_STATUS.INCOMPLETE, report: { refused: 1, refusedRows: [`user ${hex(5)}`], users: { tombstoned: 1 } } });
    expect(await comparedAt(world)).toBeGreaterThan(before);
    expect(await world.ledger.user(POOL, hex(5))).toMatchObject({ refusedAt: expect.any(Number) });
  });
});
