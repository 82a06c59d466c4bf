import { FirstSub } from '../../src/cognito/ids';
import { isSubOfAnother, withOwnFirstSub } from '../../src/ledger/claimed-sub';
import { fieldsOfReturn } from '../../src/ledger/recovered-subs';
import { digestOfUser, items, UserRow } from '../../src/ledger/schema';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const POOL = 'us-east-1_Source';

function row(sub: string, more: Partial<UserRow> = {}): UserRow {
  const image = { sub, username: sub, attributes: {}, enabled: true, status: 'CONFIRMED' as const, createdAt: 1, modifiedAt: 2, ...more };
  return { poolId: POOL, observedAt: 3, digest: digestOfUser(image), ...image };
}

class World {
  public readonly ledger = new InMemoryLedger();

  public add(...rows: UserRow[]): this {
    rows.forEach(one => this.ledger.put(items.user(one)));
    return this;
  }

  public back(replaced: string, sub: string, firstSub: string): this {
    fieldsOfReturn(POOL, { replaced, sub, firstSub, execution: 'e', at: 9 })
      .forEach(({ key, fields }) => this.ledger.put({ ...this.ledger.items.get(JSON.stringify([key.pk, key.sk])), ...key, ...fields }));
    return this;
  }
}

const claims = (sub: string, claimed: string, more: Partial<UserRow> = {}) => row(sub, { attributes: { 'custom:source_sub': claimed }, ...more });
const own = async ({ ledger }: World, of: UserRow): Promise<FirstSub | undefined> => (await withOwnFirstSub(of, ledger)).firstSub;

test('who came from an older pool is believed, and nothing is read of anybody else', async () => {
  const world = new World();
  expect(await own(world, claims('eve', 'of-an-older-pool'))).toBeUndefined();
  const silent = { user: async () => Promise.reject(new Error('read')), recoveredSub: async () => Promise.reject(new Error('read')) };
  for (const user of [row('ann'), claims('ann', 'ann'), claims('ann', ''), claims('ann-2', 'x', { firstSub: 'ann' })]) {
    expect(await withOwnFirstSub(user, silent)).toBe(user);
  }
});

test.each<[string, World]>([
  ['a live user', new World().add(row('ann'))],
  ['a deleted one', new World().add(row('ann', { deletedAt: 5, expiresAt: 9 }))],
  ['one who was brought back', new World().add(row('ann', { deletedAt: 5, expiresAt: 9 })).back('ann', 'ann-2', 'ann')],
  ['one who was brought back twice, and whose old rows are gone', new World().back('ann', 'ann-2', 'ann').back('ann-2', 'ann-3', 'ann')],
])('who claims the sub of %s is known by their own', async (_who, world) => {
  expect(await own(world, claims('eve', 'ann'))).toBe('eve');
  expect(await isSubOfAnother(row('eve'), 'ann', world.ledger)).toBe(true);
});

test('who was brought back has the first sub, noted in the row or not yet', async () => {
  const world = new World().add(row('ann', { deletedAt: 5, expiresAt: 9 })).back('ann', 'ann-2', 'ann');
  expect(await own(world, claims('ann-2', 'ann'))).toBe('ann');
  expect(await isSubOfAnother(row('ann-2'), 'ann', world.ledger)).toBe(false);
  // Known by what a recovery says, whatever the attribute does.
  expect(await own(world, claims('ann-2', 'bob'))).toBe('ann');
});

test('another pool\'s users are others', async () => {
  const world = new World().add({ ...row('ann'), poolId: 'us-east-1_Other' });
  expect(await own(world, claims('eve', 'ann'))).toBeUndefined();
});
