import { Beginning } from '../../src/ledger/beginning';
import { DirectoryAsOf, Doubted, gradeOf } from '../../src/ledger/directory-as-of';
import { earliestMoment } from '../../src/ledger/earliest-moment';
import { GroupRow, HistoryKind, Item, items, keys, membershipId, MembershipRow, PoolPartRow, shardOf, UserRow } from '../../src/ledger/schema';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const POOL = 'us-east-1_AbCdEfGhI';
const BASE = Date.UTC(2026, 0, 10);
const at = (second: number) => BASE + second * 1_000;
/** The script ran around second 100, and everything else was there from second 10 on. */
const FIRST: Beginning = { notBefore: at(9), since: at(10) };
const SCRIPT: Beginning = { notBefore: at(99), since: at(101) };

const user = (sub: string, more: Partial<UserRow> = {}): UserRow => ({
  poolId: POOL,
  sub,
  username: sub,
  signInName: sub,
  attributes: { email: `${sub}@example.com` },
  enabled: true,
  status: 'CONFIRMED',
  createdAt: at(1),
  modifiedAt: at(2),
  digest: 'd',
  observedAt: at(20),
  began: FIRST,
  ...more,
});

/** Rows as capture writes them: the replaced one goes to the history, and the new one names it. */
class Ledger extends InMemoryLedger {
  public replace<R extends { observedAt: number }>(kind: HistoryKind, id: string, toItem: (row: R) => Item, before: R, after: Partial<R>): void {
    const replaced = items.history(POOL, kind, id, toItem(before), before.observedAt, { cause: 'sweep:r', expiresAt: 99 });
    const row = { ...before, began: SCRIPT, observedAt: at(102), replaces: replaced.sk, ...after };
    this.put({ ...replaced, ended: SCRIPT });
    this.put(toItem(row));
  }

  public change(before: UserRow, after: Partial<UserRow>): void {
    this.replace('U', before.sub, items.user, before, after);
  }

  public forget(kind: HistoryKind, id: string): void {
    for (const item of this.partition(keys.historyOf(POOL, kind, id))) this.items.delete(JSON.stringify([item.pk, item.sk]));
    this.partitions.delete(keys.historyOf(POOL, kind, id));
  }
}

async function all(directory: DirectoryAsOf): Promise<{ rows: UserRow[]; later: number }> {
  const found: UserRow[] = [];
  let [later, cursor] = [0, undefined as string | undefined];
  do {
    const page = await directory.usersOfShard(POOL, shardOf('aa00-untouched'), cursor);
    found.push(...page.items);
    later += page.later ?? 0;
    cursor = page.next;
  } while (cursor !== undefined);
  return { rows: found, later };
}

/** A sweep has compared everything long after. */
const COMPARED = { poolId: POOL, comparedAt: at(10_000) };

function world(): Ledger {
  const ledger = new Ledger();
  ledger.put(items.source(COMPARED));
  ledger.put(items.user(user('aa00-untouched')));
  ledger.change(user('aa01-overwritten'), { attributes: { email: 'bad@example.com' } });
  ledger.change(user('aa02-deleted'), { deletedAt: at(101), expiresAt: 9_999_999_999 });
  ledger.put(items.user(user('aa03-created', { createdAt: at(105), modifiedAt: at(105), observedAt: at(106), began: { notBefore: at(104), since: at(106) } })));
  ledger.put(items.user(user('aa04-gone-before', { deletedAt: at(50), began: { notBefore: at(40), since: at(50) }, replaces: 'expired' })));
  return ledger;
}

test('users are as they were: overwritten, deleted, disabled or not, and who was made later is only counted', async () => {
  const { rows, later } = await all(new DirectoryAsOf(world(), at(99)));
  expect(rows.map(({ sub, attributes, deletedAt }) => [sub, attributes.email, deletedAt])).toEqual([
    ['aa00-untouched', 'aa00-untouched@example.com', undefined],
    ['aa01-overwritten', 'aa01-overwritten@example.com', undefined],
    ['aa02-deleted', 'aa02-deleted@example.com', undefined],
    ['aa04-gone-before', 'aa04-gone-before@example.com', at(50)],
  ]);
  expect(later).toBe(1);
  expect((await all(new DirectoryAsOf(world(), at(200)))).rows.map(({ attributes, deletedAt }) => [attributes.email, deletedAt])).toEqual([
    ['aa00-untouched@example.com', undefined], ['bad@example.com', undefined], ['aa02-deleted@example.com', at(101)],
    ['aa03-created@example.com', undefined], ['aa04-gone-before@example.com', at(50)],
  ]);
});

test('one query for each user who changed since, and none for any other', async () => {
  const ledger = world();
  await all(new DirectoryAsOf(ledger, at(99)));
  expect(ledger.historiesRead).toBe(2);
});

test('the history is read four images at a time, and no further than to the one that had begun', async () => {
  const ledger = new Ledger();
  let before = user('aa00-busy');
  for (let n = 1; n <= 20; n += 1) {
    const after = { began: { notBefore: at(100 + n - 1), since: at(100 + n) }, observedAt: at(100 + n), attributes: { n: String(n) } };
    ledger.change(before, after);
    before = { ...before, ...after, replaces: new Date(before.observedAt).toISOString() };
  }
  expect((await new DirectoryAsOf(ledger, at(114)).user(POOL, 'aa00-busy'))!.attributes).toEqual({ n: '14' });
  expect(ledger.historiesRead).toBe(2);
  expect((await new DirectoryAsOf(ledger, at(50)).user(POOL, 'aa00-busy'))!.attributes).toEqual({ email: 'aa00-busy@example.com' });
});

test('doubts are heard of, and the row says them: around the moment of the change, and where an image is missing', async () => {
  const ledger = world();
  const heard: Doubted[] = [];
  const row = await new DirectoryAsOf(ledger, at(100), what => heard.push(what)).user(POOL, 'aa01-overwritten');
  expect([row!.attributes.email, gradeOf(row!)]).toEqual(['aa01-overwritten@example.com', 'uncertain']);
  ledger.forget('U', 'aa01-overwritten');
  const incomplete = await new DirectoryAsOf(ledger, at(98), what => heard.push(what)).user(POOL, 'aa01-overwritten');
  expect(gradeOf(incomplete!)).toBe('incomplete');
  expect(heard).toEqual([
    { kind: 'U', id: 'aa01-overwritten', grade: 'uncertain' }, { kind: 'U', id: 'aa01-overwritten', grade: 'incomplete' },
  ]);
  expect(gradeOf((await new DirectoryAsOf(ledger, at(98)).user(POOL, 'aa00-untouched'))!)).toBe('certain');
});

test('what a sweep has not compared since is certain of nothing but the past: that is read once, before the rows, and not where nobody asks', async () => {
  const ledger = world();
  const gradeAt = async (directory: DirectoryAsOf) => gradeOf((await directory.user(POOL, 'aa00-untouched'))!);
  expect(await gradeAt(new DirectoryAsOf(ledger, at(9_939)))).toBe('certain');
  expect(await gradeAt(new DirectoryAsOf(ledger, at(9_940)))).toBe('by-event');
  // A sweep that did not compare everything, and one of a release that did not say so.
  ledger.put(items.source({ poolId: POOL, sweepStartedAt: at(10_000), sweptAt: at(10_010) }));
  expect(await gradeAt(new DirectoryAsOf(ledger, at(98)))).toBe('by-event');
  expect(gradeOf((await new DirectoryAsOf(ledger, at(98)).user(POOL, 'aa01-overwritten'))!)).toBe('certain');

  const [reads, sources, readUser] = [[] as string[], ledger.sources.bind(ledger), ledger.user.bind(ledger)];
  ledger.sources = async () => { reads.push('sources'); return sources(); };
  ledger.user = async (...of) => { reads.push('user'); return readUser(...of); };
  const then = new DirectoryAsOf(ledger, at(98));
  await then.user(POOL, 'aa00-untouched');
  await then.listening(() => undefined).user(POOL, 'aa00-untouched');
  expect(reads).toEqual(['sources', 'user', 'user']);
  expect(await gradeAt(DirectoryAsOf.withoutSweeps(ledger, at(98)))).toBe('by-event');
  expect(reads).toEqual(['sources', 'user', 'user', 'user']);
});

test('where it cannot be read what was compared, nothing is, and it is asked for again', async () => {
  const ledger = world();
  const sources = ledger.sources.bind(ledger);
  ledger.sources = async () => { throw new Error('dark'); };
  const then = new DirectoryAsOf(ledger, at(98));
  await expect(then.user(POOL, 'aa00-untouched')).rejects.toThrow('dark');
  ledger.sources = sources;
  expect(gradeOf((await then.user(POOL, 'aa00-untouched'))!)).toBe('certain');
});

test('groups and memberships are as they were; what nobody knows to have existed gives no right', async () => {
  const ledger = new Ledger();
  const group = (name: string): GroupRow => ({ poolId: POOL, name, description: 'then', observedAt: at(20), began: FIRST });
  const membership = (name: string): MembershipRow => ({ poolId: POOL, group: name, sub: 'aa00-ann', observedAt: at(20), began: FIRST });
  const replaceMembership = (name: string, after: Partial<MembershipRow>) =>
    ledger.replace('M', membershipId(name, 'aa00-ann'), items.membership, membership(name), after);
  ledger.put(items.group(group('kept')));
  ledger.replace('G', 'removed', items.group, group('removed'), { deletedAt: at(101), expiresAt: 9_999_999_999 });
  ledger.replace('G', 'changed', items.group, group('changed'), { description: 'bad' });
  ledger.put(items.group({ ...group('new'), began: SCRIPT }));
  ledger.put(items.membership(membership('kept')));
  replaceMembership('removed', { deletedAt: at(101), expiresAt: 9_999_999_999 });
  ledger.put(items.membership({ ...membership('gained'), began: SCRIPT, observedAt: at(102) }));
  replaceMembership('lost', { deletedAt: at(101), expiresAt: 9_999_999_999 });
  ledger.forget('M', membershipId('lost', 'aa00-ann'));

  const then = new DirectoryAsOf(ledger, at(99));
  expect((await then.groups(POOL)).map(({ name, description, deletedAt }) => [name, description, deletedAt]))
    .toEqual([['changed', 'then', undefined], ['kept', 'then', undefined], ['removed', 'then', undefined]]);
  expect((await then.groupsOfUser(POOL, 'aa00-ann')).sort()).toEqual(['kept', 'removed']);
  expect((await then.membersOfGroup(POOL, 'removed')).items.map(({ sub }) => sub)).toEqual(['aa00-ann']);
  expect((await then.membersOfGroup(POOL, 'gained')).items).toEqual([]);
  expect((await then.group(POOL, 'new'))).toBeUndefined();
  expect((await new DirectoryAsOf(ledger, at(200)).groupsOfUser(POOL, 'aa00-ann')).sort()).toEqual(['gained', 'kept']);
});

test('each member of a group of which it is not known what it was hears so, however many were asked about before', async () => {
  const ledger = new Ledger();
  const group: GroupRow = { poolId: POOL, name: 'lost', observedAt: at(20), began: FIRST };
  ledger.replace('G', 'lost', items.group, group, { description: 'bad' });
  ledger.forget('G', 'lost');
  const then = new DirectoryAsOf(ledger, at(99));
  for (const sub of ['aa00-ann', 'aa00-bob']) {
    ledger.put(items.membership({ poolId: POOL, group: 'lost', sub, observedAt: at(20), began: FIRST }));
    const doubts: Doubted[] = [];
    expect(await then.listening(what => doubts.push(what)).groupsOfUser(POOL, sub)).toEqual([]);
    expect(doubts.filter(({ kind }) => kind === 'G')).toEqual([{ kind: 'G', id: 'lost', grade: 'incomplete' }]);
  }
});

test('settings are as they were', async () => {
  const ledger = new Ledger();
  const part: PoolPartRow = { poolId: POOL, part: 'pool', value: { Name: 'then' }, digest: 'd', observedAt: at(20), began: FIRST };
  ledger.replace('C', 'pool', items.poolPart, part, { value: { Name: 'now' } });
  const then = new DirectoryAsOf(ledger, at(99));
  expect((await then.poolPart(POOL, 'pool'))!.value).toEqual({ Name: 'then' });
  expect((await then.poolParts(POOL)).map(({ value }) => value)).toEqual([{ Name: 'then' }]);
  expect((await new DirectoryAsOf(ledger, at(101)).poolPart(POOL, 'pool'))!.value).toEqual({ Name: 'now' });
});

test('a name leads to those who have it now and had it then, gone or not', async () => {
  const ledger = world();
  ledger.change(user('aa05-renamed'), { signInName: 'aa02-deleted' });
  expect(await new DirectoryAsOf(ledger, at(99)).subsBySignInName(POOL, 'aa02-deleted')).toEqual(['aa02-deleted']);
  expect(await new DirectoryAsOf(ledger, at(200)).subsBySignInName(POOL, 'aa02-deleted')).toEqual(['aa05-renamed']);
});

test('rows and history of earlier releases are read', async () => {
  const ledger = new Ledger();
  const before = user('aa00-old', { began: undefined });
  ledger.put(items.history(POOL, 'U', before.sub, items.user(before), before.observedAt, { cause: 'sweep:r', expiresAt: 99 }));
  ledger.put(items.user({ ...before, observedAt: at(102), attributes: { email: 'bad@example.com' } }));
  expect((await new DirectoryAsOf(ledger, at(99)).user(POOL, before.sub))!.attributes.email).toBe('aa00-old@example.com');
});

test('the ledger goes back to the first complete sweep, and no further than its history is kept', () => {
  const source = { poolId: POOL, firstSweptAt: at(0), historyDays: 30 };
  expect(earliestMoment(source, at(60))).toBe(at(0));
  expect(earliestMoment(source, at(40 * 86_400))).toBe(at(10 * 86_400));
  expect(earliestMoment({ poolId: POOL, historyDays: 30 }, at(60))).toBeUndefined();
  expect(earliestMoment({ poolId: POOL, firstSweptAt: at(0) }, at(60))).toBeUndefined();
});
