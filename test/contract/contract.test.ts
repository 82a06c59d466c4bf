import { Deviation } from './behaviour';
import { BEHAVIOURS } from './behaviours/all';
import { ContractPool } from './driver';
import { COUNTED_POOL } from './drivers/counted-pool';
import { FAKE_POOL, FAKE_SOURCE_POOL, LIVING_POOL } from './drivers/in-memory';
import { holdToTheContract } from './hold';
import { sourceFault } from '../docs/sources';

describe('the contract', () => {
  test('every behaviour has an id of its own, one sentence and a source that there is', () => {
    const ids = BEHAVIOURS.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(BEHAVIOURS.filter(({ what }) => !/^[A-Za-z].*\.$/.test(what)).map(({ id }) => id)).toEqual([]);
    expect(BEHAVIOURS.flatMap(({ source }) => sourceFault(source) ?? [])).toEqual([]);
  });

  test('a fault of a source is found', () => {
    expect(sourceFault('docs/evidence.md, Assumed: no-such-id')).toBe('docs/evidence.md assumes nothing that is called no-such-id');
    expect(sourceFault('somebody said so')).toBe('neither documentation of AWS nor an entry of docs/evidence.md: somebody said so');
    expect(sourceFault('https://example.com/cognito')).toMatch('neither');
  });
});

describe('a model that deviates', () => {
  const deviating: readonly (readonly [string, (pool: ContractPool) => Partial<ContractPool>])[] = [
    ['creation.status', pool => ({
      getUser: async name => {
        const { user, mfa } = await pool.getUser(name);
        return { user: { ...user, status: 'CONFIRMED' }, mfa };
      },
    })],
    ['groups.unknown', () => ({ addUserToGroup: async () => undefined })],
    ['attributes.immutable', () => ({ updateAttributes: async () => undefined })],
    ['dates.groups', pool => ({
      addUserToGroup: async (name, group) => {
        await pool.addUserToGroup(name, group);
        await pool.updateAttributes(name, {});
      },
    })],
    ['listing.pages', pool => ({ pages: async filter => (await pool.pages(filter)).slice(0, -1) })],
  ];

  test.each(deviating)('fails: %s', async (id, otherwise) => {
    const { kind, check } = BEHAVIOURS.find(behaviour => behaviour.id === id)!;
    const pool = await FAKE_POOL.open(kind);
    await expect(check(pool)).resolves.toBeUndefined();
    await expect(check({ ...pool, ...otherwise(pool) })).rejects.toBeInstanceOf(Deviation);
  });

  test('is told what it did, without an address', () => {
    expect(new Deviation('email: "ann@example.com", expected nothing').message).toBe('email: "<address>", expected nothing');
  });
});

for (const driver of [FAKE_POOL, FAKE_SOURCE_POOL, LIVING_POOL, COUNTED_POOL]) holdToTheContract(() => driver, driver);
