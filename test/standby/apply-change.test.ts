import * as fc from 'fast-check';
import { GroupRow, UserRow, items } from '../../src/ledger/schema';
import { ChangeContext, Deletions, SetAside, applyDeletions, applyRecords } from '../../src/standby/apply-change';
import { StreamRecord, poolIdOf, subjectOf } from '../../src/standby/stream-record';
import { SOURCE, StandbyWorld } from '../helpers/standby-world';

const HOUR = 3_600_000;

class InMemoryDeletions implements Deletions {
  public readonly due = new Map<string, number>();

  public async schedule(sub: string, dueAt: number): Promise<void> {
    if (!this.due.has(sub)) this.due.set(sub, dueAt);
  }

  public async scheduled() {
    return [...this.due].map(([sourceSub, dueAt]) => ({ sourceSub, dueAt }));
  }

  public async cancel(sub: string): Promise<void> {
    this.due.delete(sub);
  }
}

class WarmWorld extends StandbyWorld {
  public readonly deletions = new InMemoryDeletions();
  public readonly setAside: SetAside[] = [];

  public async changeContext(): Promise<ChangeContext> {
    return { ...await this.context(), deletions: this.deletions, grace: 24 * HOUR, setAside: async what => { this.setAside.push(what); } };
  }

  public leave(group: string, sub: string): void {
    this.ledger.put(items.membership({ poolId: SOURCE, group, sub, observedAt: 4, deletedAt: 4, expiresAt: 9 }));
  }

  public async apply(...records: StreamRecord[]) {
    return applyRecords(await this.changeContext(), records);
  }

  public userOf(sub: string) {
    return [...this.pool.users.values()].find(user => user.attributes['custom:source_sub'] === sub);
  }
}

let sequence = 0;
function image(pk: string, sk: string, more: Record<string, { S: string }>): StreamRecord {
  const dynamodb = { Keys: { pk: { S: pk }, sk: { S: sk } }, NewImage: { poolId: { S: SOURCE }, ...more }, SequenceNumber: String(++sequence) };
  return { dynamodb };
}
const ofUser = (sub: string) => image(`${SOURCE}#U#xx`, sub, { shard: { S: 's' } });
const ofMember = (sub: string, group: string) => image(`${SOURCE}#M#${group}`, sub, { member: { S: 'm' } });
const ofGroup = (name: string) => image(`${SOURCE}#G`, name, { name: { S: name } });

test('a record names whom to look at; history, settings and expiry name nobody', () => {
  expect(subjectOf(ofUser('a').dynamodb!)).toEqual({ kind: 'user', poolId: SOURCE, id: 'a' });
  expect(subjectOf(ofMember('a', 'g').dynamodb!)).toEqual({ kind: 'user', poolId: SOURCE, id: 'a' });
  expect(subjectOf(ofGroup('g').dynamodb!)).toEqual({ kind: 'group', poolId: SOURCE, id: 'g' });
  expect(subjectOf(image(`${SOURCE}#C`, 'pool', {}).dynamodb!)).toBeUndefined();
  expect(subjectOf({ Keys: { pk: { S: 'x' }, sk: { S: 'y' } } })).toBeUndefined();
});

test('makes, changes, adds, takes away, disables; what is as it was takes no call', async () => {
  const world = new WarmWorld();
  world.group({ name: 'staff' });
  world.group({ name: 'admins' });
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann', nickname: 'A' } }, ['staff']);
  await world.apply(ofUser('ann'), ofMember('ann', 'staff'), ofGroup('staff'), ofGroup('admins'));
  const user = world.userOf('ann')!;
  expect(user).toMatchObject({ status: 'CONFIRMED', enabled: true, attributes: { name: 'Ann', nickname: 'A' } });
  expect([...user.groups]).toEqual(['staff']);

  world.user('ann', { enabled: false, attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Anna' } }, ['admins']);
  world.leave('staff', 'ann');
  await world.apply(ofMember('ann', 'admins'), ofMember('ann', 'staff'), ofUser('ann'));
  expect(world.userOf('ann')).toMatchObject({ enabled: false, attributes: { name: 'Anna' } });
  expect(world.userOf('ann')!.attributes).not.toHaveProperty('nickname');
  expect([...user.groups]).toEqual(['admins']);

  const calls = world.pool.calls.length;
  expect((await world.apply(ofUser('ann'), ofMember('ann', 'admins'))).counts).toEqual({ unchanged: 1 });
  expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['describeUserPool']);
});

test('what the user changed on the standby stays', async () => {
  const world = new WarmWorld();
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } });
  await world.apply(ofUser('ann'));
  world.userOf('ann')!.attributes.name = 'Changed here';
  world.userOf('ann')!.password = 'theirs';
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann', nickname: 'A' } });
  await world.apply(ofUser('ann'));
  expect(world.userOf('ann')).toMatchObject({ password: 'theirs', attributes: { name: 'Changed here', nickname: 'A' } });
});

test('who cannot be applied is set aside by name and holds nobody up; an error of the service comes again', async () => {
  const world = new WarmWorld();
  world.user('poison', { attributes: { 'email': 'p@example.com', 'email_verified': 'true', 'custom:unknown': 'x' } });
  world.user('ann');
  expect(await world.apply(ofUser('poison'), ofUser('ann'))).toMatchObject({ failures: [], counts: { failed: 1, applied: 1 } });
  expect(world.setAside).toEqual([{ sourceSub: 'poison', reason: expect.stringContaining('custom:unknown') }]);

  world.user('bob');
  world.pool.before = operation => { if (operation === 'createUser') throw Object.assign(new Error('down'), { name: 'InternalErrorException' }); };
  const record = ofUser('bob');
  const { failures, errors } = await world.apply(record);
  expect(failures).toEqual([record.dynamodb!.SequenceNumber]);
  expect(errors).toHaveLength(1);
  world.pool.before = undefined;
  await world.apply(record);
  expect(world.userOf('bob')).toBeDefined();
});

describe('a deletion', () => {
  async function deleted(count: number, users = count): Promise<WarmWorld> {
    const world = new WarmWorld();
    const rows: UserRow[] = [];
    for (let i = 0; i < users; i += 1) rows.push(world.user(`u${i}`));
    await world.apply(...rows.map(({ sub }) => ofUser(sub)));
    for (let i = 0; i < count; i += 1) world.user(`u${i}`, { deletedAt: world.time });
    await world.apply(...rows.slice(0, count).map(({ sub }) => ofUser(sub)));
    return world;
  }

  test('waits for the grace period', async () => {
    const world = await deleted(2, 10);
    world.time += 24 * HOUR - 1;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 0, held: 0, cancelled: 0 });
    expect(world.pool.users.size).toBe(10);
    world.time += 1;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 2, held: 0, cancelled: 0 });
    expect(world.pool.users.size).toBe(8);
    expect([world.links.all.size, world.deletions.due.size]).toEqual([8, 0]);
  });

  test('is forgotten where the user is back', async () => {
    const world = await deleted(2, 10);
    world.user('u0');
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 1, held: 0, cancelled: 1 });
    expect(world.userOf('u0')).toBeDefined();
  });

  test('of very many stops for an operator', async () => {
    const world = await deleted(300, 310);
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 310)).toEqual({ deleted: 0, held: 300, cancelled: 0 });
    expect(world.pool.users.size).toBe(310);
    expect(await applyDeletions(await world.changeContext(), 310, 299)).toMatchObject({ deleted: 0, held: 300 });
    expect(await applyDeletions(await world.changeContext(), 310, 300)).toMatchObject({ deleted: 300, held: 0 });
    expect(world.pool.users.size).toBe(10);
  });
});

test('whatever the order, the repetition and the batches of the records, the standby ends as the ledger', async () => {
  const SUBS = ['a', 'b', 'c'];
  const GROUPS = ['g', 'h'];
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('user' as const), sub: fc.constantFrom(...SUBS), name: fc.constantFrom('', 'N', 'M'), enabled: fc.boolean() }),
    fc.record({ kind: fc.constant('join' as const), sub: fc.constantFrom(...SUBS), group: fc.constantFrom(...GROUPS) }),
    fc.record({ kind: fc.constant('leave' as const), sub: fc.constantFrom(...SUBS), group: fc.constantFrom(...GROUPS) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), fc.array(fc.nat(9)), async (operations, noise) => {
    const world = new WarmWorld();
    GROUPS.forEach(name => world.group({ name }));
    const wanted = new Map(SUBS.map(sub => [sub, { name: '', enabled: true, groups: new Set<string>() }]));
    SUBS.forEach(sub => world.user(sub));
    const pending: StreamRecord[] = [...GROUPS.map(ofGroup), ...SUBS.map(ofUser)];
    for (const [i, op] of operations.entries()) {
      const user = wanted.get(op.sub)!;
      if (op.kind === 'user') {
        Object.assign(user, { name: op.name, enabled: op.enabled });
        const name: Record<string, string> = op.name ? { name: op.name } : {};
        world.user(op.sub, { enabled: op.enabled, attributes: { email: `${op.sub}@example.com`, email_verified: 'true', ...name } });
        pending.push(ofUser(op.sub));
      } else if (op.kind === 'join') {
        user.groups.add(op.group);
        world.ledger.put(items.membership({ poolId: SOURCE, group: op.group, sub: op.sub, observedAt: 3 }));
        pending.push(ofMember(op.sub, op.group));
      } else {
        user.groups.delete(op.group);
        world.leave(op.group, op.sub);
        pending.push(ofMember(op.sub, op.group));
      }
      // Records come in another order than they were made, some of them twice, in several batches, two of which may run at once.
      if (noise[i % Math.max(1, noise.length)] === 0) {
        const some = pending.splice(0, 4).reverse();
        await Promise.all([world.apply(...some, ...some.slice(0, 1)), world.apply(...some.slice(1))]);
      }
    }
    await world.apply(...pending.reverse());
    for (const [sub, { name, enabled, groups }] of wanted) {
      const user = world.userOf(sub)!;
      expect({ name: user.attributes.name ?? '', enabled: user.enabled, groups: [...user.groups].sort() })
        .toEqual({ name, enabled, groups: [...groups].sort() });
    }
    expect(world.pool.users.size).toBe(3);
  }), { numRuns: 60 });
});

test('records that overtake what says which pool is the source are followed; those of a pool that was replaced are not', async () => {
  const world = new WarmWorld();
  const rows = [...world.ledger.items];
  rows.filter(([, item]) => item.pk === 'SOURCE' || item.sk === 'pool').forEach(([key]) => world.ledger.items.delete(key));
  world.user('ann');
  const context = await world.changeContext();
  context.directory.assume(poolIdOf([ofUser('ann')])!);
  expect((await applyRecords(context, [ofUser('ann')])).counts).toEqual({ applied: 1 });
  rows.forEach(([key, item]) => world.ledger.items.set(key, item));
  const old = image('us-east-1_Old#U#xx', 'bob', { shard: { S: 's' }, poolId: { S: 'us-east-1_Old' } });
  expect((await applyRecords(context, [old])).counts).toEqual({});
});

test('groups are made, changed and deleted; those of an identity provider are the standby\'s own', async () => {
  const world = new WarmWorld();
  world.group({ name: 'staff', description: 'old' });
  world.group({ name: `${SOURCE}_Corp` });
  await world.apply(ofGroup('staff'), ofGroup(`${SOURCE}_Corp`));
  world.group({ name: 'staff', description: 'new' });
  await world.apply(ofGroup('staff'));
  expect([...world.pool.groups.values()]).toMatchObject([{ name: 'staff', description: 'new' }]);
  world.ledger.put(items.group({ poolId: SOURCE, name: 'staff', observedAt: 9, deletedAt: 9 } as GroupRow));
  await world.apply(ofGroup('staff'));
  expect(world.pool.groups.size).toBe(0);
});
