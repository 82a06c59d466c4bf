import * as fc from 'fast-check';
import { LookUpKind, SignInSettings, lookUpNamesOf, normalizedName, signInNameOf } from '../../src/cognito/sign-in-name';
import { LOOK_UP_INDEXES } from '../../src/ledger/constants';
import { recoveredSubKey } from '../../src/ledger/recovered-subs';
import { Key, SHARDS, UserRow, digestOfUser, historyKey, items, keys, membershipId, rows, shardOf } from '../../src/ledger/schema';
import { stateKeys } from '../../src/state/keys';
import { ITEM_BYTES, LEDGER_KEYS, PARTITION_KEY_BYTES, SORT_KEY_BYTES, isRefused } from '../helpers/dynamodb-limits';

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

const base: UserRow = {
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
};

test('fails on an item of a newer schema version', () => {
  const item = items.user(base);
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
  const seen = { username: 'u', enabled: true, status: 'CONFIRMED' as const, attributes: { a: '1', b: '2' } };
  expect(digestOfUser({ ...seen, attributes: { b: '2', a: '1' } })).toBe(digestOfUser(seen));
  for (const other of [{ username: 'v' }, { enabled: false }, { status: 'UNCONFIRMED' as const }, { attributes: { a: '1' } }]) {
    expect(digestOfUser({ ...seen, ...other })).not.toBe(digestOfUser(seen));
  }
});

/** The lengths of Cognito's API reference, in characters of any kind; a pool's id has 55 at most. */
describe('any user, group and setting that Cognito accepts has keys that DynamoDB accepts:', () => {
  const LONGEST_POOL = `us-east-1_${'A'.repeat(45)}`;
  /** Long texts of one kind of letter, of one to four bytes each, which a pool that ignores case may lengthen still. */
  const text = (most: number) => fc.tuple(fc.constantFrom('x', 'é', '漢', '\u{20bb7}', 'İ', '#', '%'), fc.oneof(fc.constant(most), fc.integer({ min: 1, max: most })), fc.string())
    .map(([letter, length, end]) => letter.repeat(length).slice(0, most - end.length) + end);
  const sub = fc.uuid();
  const image = fc.record({
    sub,
    username: text(128),
    attributes: fc.record({
      'email': text(2_048),
      'email_verified': fc.constantFrom('true', 'false'),
      'phone_number': text(2_048),
      'phone_number_verified': fc.constantFrom('true', 'false'),
      'preferred_username': text(2_048),
      'custom:source_sub': text(2_048),
    }),
    enabled: fc.boolean(),
    status: fc.constantFrom('CONFIRMED' as const, 'EXTERNAL_PROVIDER' as const),
    createdAt: fc.nat(),
    modifiedAt: fc.nat(),
  });
  const settings: fc.Arbitrary<SignInSettings> = fc.record({
    usernameAttributes: fc.subarray(['email', 'phone_number']),
    aliasAttributes: fc.subarray(['email', 'phone_number', 'preferred_username']),
    caseSensitive: fc.boolean(),
  });
  const userRow = fc.tuple(image, settings).map(([one, pool]) => ({
    pool,
    row: { ...one, poolId: LONGEST_POOL, digest: 'd', observedAt: 1, signInName: signInNameOf(pool, one), lookUp: lookUpNamesOf(pool, one) } as UserRow,
  }));
  const execution = text(80);
  const moment = { notBefore: 1_790_000_000_000, since: 1_790_000_000_000 };
  const longestBeginning = { ...moment, byEvent: moment, coalesced: true } as const;
  /** A role of 64 characters and its path of 512, and the session's 64. */
  const longestCause = { event: `recovery:${'x'.repeat(80)}`, id: 'x'.repeat(80), at: 1, principal: 'x'.repeat(612), session: 'x'.repeat(64) };
  const longestEnd = { ended: longestBeginning, cause: longestCause, expiresAt: 2 };
  const longestDated = { began: longestBeginning, cause: longestCause, replaces: historyKey(1), kept: { hour: 1, images: 20 }, refusedAt: 1 };
  const fits = ({ pk, sk }: Key) => Buffer.byteLength(pk) <= PARTITION_KEY_BYTES && Buffer.byteLength(sk) <= SORT_KEY_BYTES;

  test('users, an e-mail of 2,048 characters or 700 CJK characters of a name included', () => {
    fc.assert(fc.property(userRow, ({ row }) => {
      const item = items.user(row);
      expect(isRefused(item, LEDGER_KEYS)).toBe(false);
      expect(isRefused(items.history(LONGEST_POOL, 'U', row.sub, item, 1, longestEnd), LEDGER_KEYS)).toBe(false);
      expect(rows.user(item)).toEqual(row);
    }));
    for (const email of [`${'x'.repeat(2_036)}@example.com`, '漢'.repeat(700)]) {
      const lookUp = { name: email, email, phone: email, preferredUsername: email };
      expect(isRefused(items.user({ ...base, signInName: email, lookUp }), LEDGER_KEYS)).toBe(false);
    }
  });

  test('a user is found under the very name that the row was written with, however long, and nobody else is', () => {
    fc.assert(fc.property(userRow, text(2_048), ({ row, pool }, other) => {
      const item = items.user(row);
      for (const [kind, name] of Object.entries(row.lookUp ?? {})) {
        const { key } = LOOK_UP_INDEXES[kind as LookUpKind];
        expect(item[key]).toBe(keys.signInName(LONGEST_POOL, normalizedName(pool, name)));
        if (name !== other) expect(item[key]).not.toBe(keys.signInName(LONGEST_POOL, other));
      }
    }));
  });

  test('a name that fits is its own key, and no name can be chosen that has the key of a longer one', () => {
    const [fitting, long] = ['x'.repeat(2_048 - `${POOL}#`.length), 'x'.repeat(2_049 - `${POOL}#`.length)];
    expect(keys.signInName(POOL, fitting)).toBe(`${POOL}#${fitting}`);
    const key = keys.signInName(POOL, long);
    expect(key).toMatch(/^us-east-1_AbCdEfGhI%[\w-]{43}$/);
    expect(key).not.toBe(keys.signInName(POOL, 'y'.repeat(2_049)));
    for (const chosen of [key, key.slice(POOL.length), key.slice(POOL.length + 1)]) expect(keys.signInName(POOL, chosen)).not.toBe(key);
  });

  test('groups, memberships, settings, the lists of a sweep, and the state that a restore keeps of them', () => {
    fc.assert(fc.property(image, text(128), text(256), execution, (one, group, setting, run) => {
      const all: Key[] = [
        keys.group(LONGEST_POOL, group), keys.membership(LONGEST_POOL, group, one.sub), keys.source(LONGEST_POOL),
        // The membership index: the table's partition key is its sort key.
        { pk: keys.member(LONGEST_POOL, one.sub), sk: keys.membersOf(LONGEST_POOL, group) },
        keys.history(LONGEST_POOL, 'M', membershipId(group, one.sub), 1), keys.history(LONGEST_POOL, 'C', `client#${'x'.repeat(128)}`, 1),
        // Identifiers of resource servers are plain ASCII.
        keys.poolPart(LONGEST_POOL, `resource-server#${setting.replace(/[^ -~]/g, 'x')}`),
        keys.sweepList(LONGEST_POOL, `${run}#1790000000000#missing-members#${group}`, 999_999),
        stateKeys.run(run), stateKeys.outcome(run, one.sub), stateKeys.difference(run, one.sub), stateKeys.lease(LONGEST_POOL),
        stateKeys.groupImage(LONGEST_POOL, LONGEST_POOL, group), stateKeys.linkOfSource(LONGEST_POOL, LONGEST_POOL, one.sub),
        stateKeys.linkOfTarget(LONGEST_POOL, one.sub), stateKeys.deletion(LONGEST_POOL, membershipId(group, one.sub)),
        // Whoever may write the attribute chooses it.
        stateKeys.firstSub(LONGEST_POOL, one.attributes['custom:source_sub']), recoveredSubKey(LONGEST_POOL, one.attributes['custom:source_sub']),
      ];
      expect(all.filter(key => !fits(key))).toEqual([]);
    }));
  });

  test('a first sub that is too long for a key is told from every other one', () => {
    const long = '漢'.repeat(700);
    const { pk, sk } = stateKeys.firstSub(POOL, long);
    expect(stateKeys.firstSub(POOL, sk)).not.toEqual({ pk, sk });
    expect(stateKeys.firstSub(POOL, `${long}x`).sk).not.toBe(sk);
    expect(stateKeys.firstSub(POOL, 'ab123456-7')).toEqual({ pk: `${POOL}#F#ab`, sk: 'ab123456-7' });
    // The same of what a recovery notes of one.
    expect(recoveredSubKey(POOL, `${long}x`).sk).not.toBe(recoveredSubKey(POOL, long).sk);
    expect(recoveredSubKey(POOL, 'ab123456-7')).toEqual({ pk: `${POOL}#R#ab`, sk: 'ab123456-7' });
  });

  test('but not every one has a row that DynamoDB accepts: 400 KB are the limit', () => {
    const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`custom:${i}`, '\u{1f600}'.repeat(2_048)]));
    expect(isRefused(items.user({ ...base, attributes }), LEDGER_KEYS)).toBe(true);
    // Any row of this size can be replaced and marked as gone, too: the history's own fields, and those of a tombstone, fit into what is left.
    const half = Object.fromEntries(Object.entries(attributes).slice(0, 48));
    const live = items.user({ ...base, ...longestDated, attributes: half });
    const gone = items.user({ ...base, ...longestDated, lived: longestBeginning, attributes: half, deletedAt: 1, expiresAt: 2 });
    expect(isRefused(live, LEDGER_KEYS)).toBe(false);
    expect(isRefused(gone, LEDGER_KEYS)).toBe(false);
    expect(isRefused(items.history(POOL, 'U', base.sub, gone, 1, longestEnd), LEDGER_KEYS)).toBe(false);
    expect(ITEM_BYTES - 48 * 4 * 2_048).toBeGreaterThan(16_000);
  });
});
