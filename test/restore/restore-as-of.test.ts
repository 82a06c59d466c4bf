import { GroupRow, HistoryKind, Item, items, membershipId, UserRow } from '../../src/ledger/schema';
import { restorePolicy } from '../../src/restore/restore-policy';
import { WorldOptions, RestoreWorld, SOURCE } from '../helpers/restore-world';

const MOMENT = 1_000;
/** When the script ran. */
const SCRIPT = { notBefore: 1_500, since: 2_000 };
const OBSERVED = 2_001;

/** Rows as capture writes them: what is replaced goes to the history. */
class World extends RestoreWorld {
  public replace(kind: HistoryKind, id: string, before: Item, after: object, began = SCRIPT): void {
    const history = items.history(SOURCE, kind, id, before, Number(before.observedAt), { cause: 'sweep:r', expiresAt: 9_999_999_999 });
    this.ledger.put({ ...history, ended: began });
    this.ledger.put({ ...before, began, observedAt: OBSERVED, replaces: history.sk, ...after } as Item);
  }

  public change(before: UserRow, after: Partial<UserRow>, began = SCRIPT): void {
    this.replace('U', before.sub, items.user(before), items.user({ ...before, observedAt: OBSERVED, ...after }), began);
    const [row] = this.ledger.partition(items.user(before).pk).filter(({ sk }) => sk === before.sub);
    this.ledger.put({ ...row, began, replaces: new Date(before.observedAt).toISOString() });
  }

  public join(group: string, sub: string): void {
    this.ledger.put(items.membership({ poolId: SOURCE, group, sub, observedAt: OBSERVED, began: SCRIPT }));
  }

  public leave(group: string, sub: string): void {
    const before = items.membership({ poolId: SOURCE, group, sub, observedAt: 3 });
    this.replace('M', membershipId(group, sub), before, { deletedAt: SCRIPT.since, expiresAt: 9_999_999_999 });
  }

  public there(sub: string) {
    return [...this.pool.users.values()].find(user => user.attributes['custom:source_sub'] === sub);
  }

  /** What the restore wrote to the target, without the reads. */
  public writes(): string[] {
    return this.pool.calls.splice(0).map(({ operation }) => operation).filter(operation => !/^(get|list|describe|groupsOf)/.test(operation));
  }
}

const address = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });

/**
 * The standby is full; then a script overwrites addresses, gives rights, disables, deletes and removes a group, somebody new comes, and the follower
 * brings all of it to the standby.
 */
async function overrun(options: WorldOptions = { usernameAttributes: ['email'] }): Promise<World> {
  const world = new World(options);
  for (const name of ['staff', 'admins', 'lost']) world.group({ name, description: 'then' });
  const victim = world.user('aa00-victim', { attributes: { ...address('victim'), name: 'Vic' } }, ['staff', 'lost']);
  const disabled = world.user('aa01-disabled', { attributes: address('disabled') });
  const deleted = world.user('aa02-deleted', { attributes: address('deleted') }, ['staff']);
  world.user('aa03-bystander', { attributes: address('bystander') }, ['staff']);
  await world.restore();
  world.pool.model.createGroup({ name: 'own' });
  world.there('aa00-victim')!.groups.add('own');

  world.change(victim, { attributes: { ...address('bad'), name: 'Bad', nickname: 'Gained' } });
  world.change(disabled, { enabled: false });
  world.change(deleted, { deletedAt: SCRIPT.since, expiresAt: 9_999_999_999 });
  world.join('admins', 'aa00-victim');
  world.leave('lost', 'aa00-victim');
  const lost: GroupRow = { poolId: SOURCE, name: 'lost', description: 'then', observedAt: 3 };
  world.replace('G', 'lost', items.group(lost), { deletedAt: SCRIPT.since, expiresAt: 9_999_999_999 });
  world.replace('G', 'staff', items.group({ ...lost, name: 'staff' }), { description: 'bad' });
  world.user('aa04-new', { attributes: address('new'), createdAt: 5_000, modifiedAt: 5_000, observedAt: 5_000, began: { notBefore: 4_000, since: 5_000 } });
  await world.restore({ removeGiven: true });
  world.pool.model.deleteUser(world.there('aa02-deleted')!.username);
  world.pool.model.deleteGroup('lost');
  world.table.deletions.clear();
  world.writes();
  return world;
}

const AS_OF = { asOf: MOMENT, setsMoment: true };

test('going back has a policy of its own: the moment wins whatever changed since, what was gained goes, and nobody is deleted', () => {
  const run = new RestoreWorld().run({ asOf: MOMENT });
  expect(restorePolicy(run)).toMatchObject({ winner: 'ledger', baseline: 'none', recreate: true, remove: 'gained', delete: false, completeFederated: true });
  expect(restorePolicy({ ...run, targetUserPoolId: SOURCE })).toMatchObject({ winner: 'ledger', remove: 'gained' });
});

test('nobody has the bad values, the deleted are back, and who came since is left alone and counted', async () => {
  const world = await overrun();
  world.ledger.put(items.source({ poolId: SOURCE, comparedAt: 100_000 }));
  expect(world.there('aa00-victim')).toMatchObject({ attributes: { name: 'Bad', ...address('bad') } });
  const { status, report } = await world.restore({ ...AS_OF });
  expect(status).toBe('complete');
  expect(world.there('aa00-victim')!.attributes).toEqual(expect.objectContaining({ name: 'Vic', ...address('victim') }));
  expect(world.there('aa00-victim')!.attributes).not.toHaveProperty('nickname');
  // A group that only the target has is not the source's to take away.
  expect([...world.there('aa00-victim')!.groups].sort()).toEqual(['lost', 'own', 'staff']);
  expect(world.there('aa01-disabled')!.enabled).toBe(true);
  expect([...world.there('aa02-deleted')!.groups]).toEqual(['staff']);
  expect(world.there('aa04-new')!.attributes).toMatchObject(address('new'));
  expect(world.pool.model.groups.get('staff')).toMatchObject({ description: 'then' });
  expect([...world.table.deletions]).toEqual([]);
  expect(report).toMatchObject({
    users: 4,
    restored: 1,
    alreadyThere: 3,
    failed: 0,
    unknownInTarget: 1,
    asOf: { moment: '1970-01-01T00:00:01.000Z', uncertain: 0, byEvent: 0, incomplete: 0, later: 1 },
  });
});

test('what no sweep has compared since the moment is not called certain', async () => {
  const { report } = await (await overrun()).restore({ ...AS_OF, dryRun: true });
  // Who was deleted and made since is known by what came after; the others, by what nobody has told otherwise.
  expect(report).toMatchObject({ users: 4, asOf: { uncertain: 0, byEvent: 3, incomplete: 0, later: 1 } });
  expect(report!.notes!.join()).toContain('no sweep has compared everything since the moment');
  expect(report!.notes!.join()).not.toContain('changed around the moment');
});

test('a group of which it is not known what it was is left alone, and the report says how many there are', async () => {
  const world = await overrun();
  const { history } = world.ledger;
  world.ledger.history = async (pool, kind, id, cursor) => id === 'staff' ? { items: [] } : history.call(world.ledger, pool, kind, id, cursor);
  const { report } = await world.restore({ ...AS_OF });
  expect(world.pool.model.groups.get('staff')).toMatchObject({ description: 'bad' });
  expect(report!.notes!.join()).toContain('1 groups are not known at that moment: an image that was replaced is not in the ledger');
  expect(report!.notes!.join()).not.toContain('changed around the moment');
});

test('once more writes nothing', async () => {
  const world = await overrun();
  await world.restore({ ...AS_OF });
  world.writes();
  const { report } = await world.restore({ ...AS_OF });
  expect(world.writes()).toEqual([]);
  expect(report).toMatchObject({ users: 4, alreadyThere: 4, groups: { created: 0, changed: 0 } });
});

test('a dry run says what the run then does, and writes neither to the target nor of the moment', async () => {
  const world = await overrun();
  const { report: planned } = await world.restore({ ...AS_OF, dryRun: true });
  expect([world.writes(), world.table.moments]).toEqual([[], []]);
  const { report } = await world.restore({ ...AS_OF });
  expect(planned!.asOf).toEqual(report!.asOf);
  expect([planned!.wouldRestore, planned!.alreadyThere, planned!.failed]).toEqual([report!.restored, report!.alreadyThere, report!.failed]);
  expect(planned!.reasons['already-there']).toEqual({ 'would be converged': 2, 'unchanged': 1 });
});

test('the standby is held at the moment before anything is written, and let go by a restore of now; the report says so', async () => {
  const world = await overrun();
  const { report } = await world.restore({ ...AS_OF, execution: 'back' });
  expect(world.table.moments).toEqual([{ asOf: MOMENT, execution: 'back', since: expect.any(Number) }]);
  expect(report!.notes!.join()).toContain('the standby is held at 1970-01-01T00:00:01.000Z');
  await world.restore({ asOf: MOMENT });
  expect(world.table.moments).toHaveLength(1);
  const { report: now } = await world.restore({ setsMoment: true, removeGiven: true, execution: 'now' });
  expect(world.table.moments[1]).toEqual({ asOf: undefined, execution: 'now', since: expect.any(Number) });
  expect(now!.notes!.join()).toContain('the standby follows the ledger as it is');
  expect(world.there('aa00-victim')!.attributes).toMatchObject(address('bad'));
});

test('a restore that is killed on the way holds the standby, and goes on', async () => {
  for (let calls = 0; calls < 25; calls += 1) {
    const world = await overrun();
    world.lives = [calls];
    expect((await world.restore({ ...AS_OF })).report).toMatchObject({ failed: 0 });
    expect(world.table.moments[0]).toMatchObject({ asOf: MOMENT });
    expect(world.there('aa00-victim')!.attributes).toMatchObject({ name: 'Vic', ...address('victim') });
    expect([...world.there('aa00-victim')!.groups].sort()).toEqual(['lost', 'own', 'staff']);
  }
});

test('who changed around the moment is taken as before and warned of; who is not known to the ledger whole is not made, and named', async () => {
  const world = new World();
  const [uncertain, tight, lost] = ['aa00-uncertain', 'aa01-tight', 'aa02-lost'].map(sub => world.user(sub, { attributes: { name: 'then' } }));
  world.change(uncertain, { attributes: { name: 'bad' } }, { notBefore: 900, since: 1_100 });
  world.change(tight, { attributes: { name: 'bad' } }, { notBefore: 900, since: 1_100, byEvent: { notBefore: 1_050, since: 1_060 } } as typeof SCRIPT);
  world.ledger.put({ ...items.user({ ...lost, observedAt: OBSERVED, attributes: { name: 'bad' } }), began: SCRIPT, replaces: '1970-01-01T00:00:00.003Z' });
  world.group({ name: 'staff' });
  world.user('aa03-member', { attributes: { name: 'then' } });
  world.ledger.put(items.membership({ poolId: SOURCE, group: 'staff', sub: 'aa03-member', observedAt: OBSERVED, began: { notBefore: 900, since: 1_100 } }));
  const twice = world.user('aa04-twice', { attributes: { name: 'then' } });
  world.change(twice, { attributes: { name: 'bad' } }, { notBefore: 900, since: 1_100, coalesced: true } as typeof SCRIPT);
  const { report } = await world.restore({ asOf: MOMENT });
  expect(report).toMatchObject({
    restored: 4,
    failed: 1,
    asOf: { uncertain: 3, byEvent: 1, incomplete: 1 },
    warnings: { 'changed more than once around the moment: what was in between is not known': 1 },
    reasons: { failed: { 'not known at that moment: an image that was replaced is not in the ledger': 1 } },
  });
  expect(['aa00-uncertain', 'aa01-tight'].map(sub => world.there(sub)!.attributes.name)).toEqual(['then', 'then']);
  expect(world.there('aa02-lost')).toBeUndefined();
  expect([...world.there('aa03-member')!.groups]).toEqual([]);
});

test('an address that cannot be written back does at least not go on as verified', async () => {
  const world = new World({ autoVerifiedAttributes: ['email'] });
  const ann = world.user('aa00-ann', { attributes: { email: 'ann@example.com', email_verified: 'false' } });
  world.change(ann, { attributes: { email: 'bad@example.com', email_verified: 'true' } });
  await world.restore();
  expect(world.there('aa00-ann')!.attributes).toMatchObject({ email: 'bad@example.com', email_verified: 'true' });
  const { report } = await world.restore({ asOf: MOMENT });
  expect(world.there('aa00-ann')!.attributes).toMatchObject({ email: 'bad@example.com', email_verified: 'false' });
  expect(report!.warnings).toEqual({ 'email differs and is not verified: the target keeps its own, as unverified where the library gave it': 1 });
});

test('of a user of an identity provider goes back what this library added; the provider\'s values stay', async () => {
  const world = new World({ usernameAttributes: ['email'] });
  world.group({ name: 'admins' });
  const greta = { username: 'Corp_greta', status: 'EXTERNAL_PROVIDER', attributes: { email: 'greta@example.com', name: 'Then' } } as const;
  const row = world.user('aa00-greta', greta);
  world.change(row, { ...greta, attributes: { ...greta.attributes, name: 'Bad', nickname: 'Gained' } });
  world.join('admins', 'aa00-greta');
  const there = world.pool.seed({ ...greta, attributes: { email: 'greta@example.com', family_name: 'Of the provider' } });
  world.table.links.set(there.sub, {
    sourceSub: 'aa00-greta', targetSub: there.sub, firstSub: 'aa00-greta', image: { attributes: {}, enabled: true, groups: [] }, execution: 'standby:on-demand', restored: false, at: 1,
  });
  await world.restore({ removeGiven: true });
  expect(there).toMatchObject({ attributes: { name: 'Bad', nickname: 'Gained' }, groups: new Set(['admins']) });
  await world.restore({ asOf: MOMENT });
  expect(there.attributes).toMatchObject({ name: 'Then', family_name: 'Of the provider' });
  expect(there.attributes).not.toHaveProperty('nickname');
  expect([...there.groups]).toEqual([]);
});

test('some users, and the members that a group had then', async () => {
  for (const who of [{ subs: ['aa00-victim'] }, { groups: ['lost'] }]) {
    const world = await overrun();
    const { report } = await world.restore({ asOf: MOMENT, ...who });
    expect(report).toMatchObject({ users: 1, alreadyThere: 1 });
    expect([...world.there('aa00-victim')!.groups].sort()).toEqual(['lost', 'own', 'staff']);
    expect(world.there('aa01-disabled')!.enabled).toBe(false);
  }
});
