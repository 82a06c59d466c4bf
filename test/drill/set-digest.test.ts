import * as fc from 'fast-check';
import { ComparedUser, digested, endOfDigest, NO_DIGEST } from '../../src/drill/set-digest';

const user = (given: Partial<ComparedUser> = {}): ComparedUser => ({
  sub: 'a', attributes: { email: 'a@example.com', name: 'A' }, enabled: true, status: 'CONFIRMED', groups: ['x', 'y'], hasSecondFactor: false, ...given,
});
const digestOf = (users: readonly ComparedUser[], salt = 'salt') => endOfDigest(digested(NO_DIGEST, salt, users), []).sha256;

test('a set has one digest in whatever order, and in whatever pages, it comes', () => {
  const users = Array.from({ length: 9 }, (_, i) => user({ sub: `user-${i}` }));
  fc.assert(fc.property(fc.shuffledSubarray(users, { minLength: 9 }), fc.nat(9), (shuffled, cut) => {
    const paged = digested(digested(NO_DIGEST, 'salt', shuffled.slice(0, cut)), 'salt', shuffled.slice(cut));
    expect(paged).toEqual(digested(NO_DIGEST, 'salt', users));
  }));
});

test('in whatever order members, groups and flags are', () => {
  expect(digestOf([user({ attributes: { name: 'A', email: 'a@example.com' }, groups: ['y', 'x'] })])).toBe(digestOf([user()]));
  expect(digestOf([user({ attributes: { ...user().attributes, email_verified: 'false', nickname: '' } })])).toBe(digestOf([user()]));
  expect(digestOf([user({ attributes: { email_verified: 'True' } })])).toBe(digestOf([user({ attributes: { email_verified: 'true' } })]));
});

test.each<[string, Partial<ComparedUser>]>([
  ['sub', { sub: 'b' }], ['attribute', { attributes: { email: 'b@example.com', name: 'A' } }], ['name of an attribute', { attributes: { mail: 'a@example.com', name: 'A' } }],
  ['enabled', { enabled: false }], ['status', { status: 'UNCONFIRMED' }], ['group', { groups: ['x'] }], ['second factor', { hasSecondFactor: true }],
])('another %s is another digest', (_what, given) => {
  expect(digestOf([user(given)])).not.toBe(digestOf([user()]));
});

test('a user who is there twice, and nobody, are told apart', () => {
  expect(new Set([digestOf([]), digestOf([user()]), digestOf([user(), user()])]).size).toBe(3);
});

test('from two drills nobody learns that a user has not changed', () => {
  expect(digestOf([user()], 'one')).not.toBe(digestOf([user()], 'other'));
});

test('groups count with their settings and in no order, and so do the sizes', () => {
  const running = digested(NO_DIGEST, 'salt', [user()]);
  const [a, b] = [{ name: 'a', description: 'd' }, { name: 'b', precedence: 1 }];
  expect(endOfDigest(running, [a, b])).toEqual(endOfDigest(running, [b, a]));
  expect(endOfDigest(running, [a, b])).toMatchObject({ users: 1, groups: 2, memberships: 2 });
  expect(endOfDigest(running, [a, { ...b, precedence: 2 }]).sha256).not.toBe(endOfDigest(running, [a, b]).sha256);
});

test('what a group has not is nothing, and what it has counts', () => {
  const of = (...groups: Parameters<typeof endOfDigest>[1]) => endOfDigest(NO_DIGEST, groups).sha256;
  expect(of({ name: 'a' })).toBe(of({ name: 'a', description: '' }));
  expect(new Set([of({ name: 'a' }), of({ name: 'a', description: 'd' }), of({ name: 'a', description: 'e' }), of({ name: 'a', precedence: 0 })]).size).toBe(4);
});

test('two releases of this library say the same of one set', () => {
  const users = [user({ attributes: { name: 'A', email: 'a@example.com', email_verified: 'True' } }), user({ sub: 'b', groups: [] })];
  const digest = endOfDigest(digested(NO_DIGEST, 'salt', users), [{ name: 'x', description: 'd' }, { name: 'y', precedence: 1 }]);
  expect(digest).toEqual({ sha256: '053c70e6acbe6cee0edec57831d5852e5e4eb9720c29f40ecd827484c72a99e3', users: 2, groups: 2, memberships: 2 });
});
