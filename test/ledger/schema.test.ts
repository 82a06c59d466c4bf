import * as fc from 'fast-check';
import { SHARDS, UserRow, digestOfUser, items, keys, rows, shardOf } from '../../src/ledger/schema';

const POOL = 'us-east-1_AbCdEfGhI';

const user = fc.record({
  poolId: fc.constant(POOL),
  sub: fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 40 })),
  username: fc.string({ minLength: 1 }),
  signInName: fc.string({ minLength: 1 }),
  lookUp: fc.record({ name: fc.string(), email: fc.string(), phone: fc.string(), preferredUsername: fc.string() }, { requiredKeys: [] }),
  attributes: fc.dictionary(fc.stringMatching(/^[a-z:_]{1,20}$/), fc.string()),
  enabled: fc.boolean(),
  status: fc.constantFrom('CONFIRMED', 'UNCONFIRMED', 'FORCE_CHANGE_PASSWORD', 'EXTERNAL_PROVIDER'),
  createdAt: fc.nat(),
  modifiedAt: fc.nat(),
  observedAt: fc.nat(),
  digest: fc.string(),
  mfa: fc.record({ enabled: fc.array(fc.string()), preferred: fc.string(), readAt: fc.nat() }, { requiredKeys: ['enabled'] }),
  deletedAt: fc.nat(),
  expiresAt: fc.nat(),
}, { requiredKeys: ['poolId', 'sub', 'username', 'attributes', 'enabled', 'status', 'createdAt', 'modifiedAt', 'observedAt', 'digest'] });

test('a user row survives a round trip through its item', () => {
  fc.assert(fc.property(user, row => {
    expect(rows.user(items.user(row as UserRow))).toEqual(row);
  }));
});

test('group, membership, configuration and source rows survive a round trip', () => {
  const group = { poolId: POOL, name: 'admins', description: 'a, "b"\n', precedence: 0, observedAt: 5 };
  const membership = { poolId: POOL, group: 'a#b', sub: '11', observedAt: 5, deletedAt: 6, expiresAt: 7 };
  const part = { poolId: POOL, part: 'client#1', value: { a: [1, { b: null }] }, digest: 'd', observedAt: 5 };
  const source = { poolId: POOL, sweepStartedAt: 1, sweptAt: 2, users: 3 };
  expect(rows.group(items.group(group))).toEqual(group);
  expect(rows.membership(items.membership(membership))).toEqual(membership);
  expect(rows.poolPart(items.poolPart(part))).toEqual(part);
  expect(rows.source(items.source(source))).toEqual(source);
});

test('fails on an item of a newer schema version', () => {
  const item = items.user({
    poolId: POOL,
    sub: 'aa',
    username: 'u',
    attributes: {},
    enabled: true,
    status: 'CONFIRMED',
    createdAt: 1,
    modifiedAt: 1,
    observedAt: 1,
    digest: 'd',
  });
  expect(() => rows.user({ ...item, v: 2 })).toThrow('deploy the newer release');
});

test('every sub belongs to exactly one shard', () => {
  expect(new Set(SHARDS).size).toBe(257);
  fc.assert(fc.property(fc.oneof(fc.uuid(), fc.string()), sub => {
    expect(SHARDS.filter(shard => shard === shardOf(sub))).toHaveLength(1);
  }));
  expect(keys.user(POOL, 'ab123456-7').pk).toBe(`${POOL}#U#ab`);
  for (const sub of ['AB123456', 'ab12345', 'ab12345-', '']) expect(shardOf(sub)).toBe('other');
});

test('the digest sees every copied field and no order of attributes', () => {
  const base = { username: 'u', enabled: true, status: 'CONFIRMED' as const, attributes: { a: '1', b: '2' } };
  expect(digestOfUser({ ...base, attributes: { b: '2', a: '1' } })).toBe(digestOfUser(base));
  for (const other of [{ username: 'v' }, { enabled: false }, { status: 'UNCONFIRMED' as const }, { attributes: { a: '1' } }]) {
    expect(digestOfUser({ ...base, ...other })).not.toBe(digestOfUser(base));
  }
});
