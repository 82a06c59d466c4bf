import * as fc from 'fast-check';
import { factsOf } from '../../src/capture/hints/user-events';
import { ChangeEvent, Observation } from '../../src/capture/observation';
import { groupChange, membershipChange, poolPartChange, tombstone, userChange } from '../../src/capture/row-changes';
import { RowWriter } from '../../src/capture/row-writer';
import { UserImage } from '../../src/cognito/user';
import { DirectoryAsOf } from '../../src/ledger/directory-as-of';
import { RowChange } from '../../src/ledger/ledger-store';
import { linkedIdentitiesPartition } from '../../src/ledger/linked-identities';
import {
  Dated, GroupRow, HistoryKind, Item, MembershipRow, PoolPartRow, UserRow, digestOfUser, historyKey, items, keys, membershipId, rows,
} from '../../src/ledger/schema';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const POOL = 'us-east-1_AbCdEfGhI';
const seen: Observation = { poolId: POOL, observedAt: 100, answeredAt: 110, cause: { event: 'sweep', id: 'run' }, expiresAt: 999 };
const image: UserImage = {
  sub: 'aaaa-1', username: 'aaaa-1', attributes: { email: 'a@example.com' }, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 10,
};
const names = { signInName: 'a@example.com', lookUp: { name: 'a@example.com' } };
const stored: UserRow = { ...image, poolId: POOL, digest: digestOfUser(image), observedAt: 50, ...names };
const settings = { usernameAttributes: ['email'] };
/** The row without what it says of when and why. */
const undated = <R extends Dated>({ began: _began, cause: _cause, replaces: _replaces, kept: _kept, ...row }: R) => row;

describe('the identities that a user is linked with lead to the row', () => {
  const listed = (ids: readonly string[]) => JSON.stringify(ids.map(userId => ({ providerName: 'Corp', userId, primary: 'false' })));
  const step = fc.record({ user: fc.constantFrom('aaaa-1', 'bbbb-2'), ids: fc.subarray(['1', '2', '3']), isGone: fc.boolean() });

  test('after any changes, each to the users who have it, and to nobody for longer than the history is kept', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      const ledger = new InMemoryLedger();
      const writer = new RowWriter(ledger, POOL);
      const has = new Map<string, readonly string[]>();
      let now = 100;
      for (const { user, ids, isGone } of steps) {
        now += 100_000;
        const at = { ...seen, observedAt: now, expiresAt: now };
        if (isGone) await writer.buryUser(user, at);
        else await writer.user({ ...image, sub: user, modifiedAt: now, attributes: { identities: listed(ids) } }, true, at, settings);
        if (!isGone || has.has(user)) has.set(user, isGone ? [] : ids);
        for (const id of ['1', '2', '3']) {
          const subs = await ledger.subsByFederatedName(POOL, `Corp_${id}`);
          const owners = [...has].filter(([, of]) => of.includes(id)).map(([sub]) => sub);
          expect(subs).toEqual(expect.arrayContaining(owners));
          const kept = await Promise.all(subs.map(async sub => [sub, ledger.items.get(JSON.stringify([linkedIdentitiesPartition(POOL, `Corp_${id}`), sub]))] as const));
          for (const [sub, item] of kept) expect([sub, item?.expiresAt !== undefined]).toEqual([sub, !owners.includes(sub)]);
        }
      }
    }), { numRuns: 50 });
  });

  test('in one transaction with the row', () => {
    const linked = userChange(undefined, { ...image, attributes: { ...image.attributes, identities: listed(['7']) } }, seen, settings)!;
    expect(linked.pointers).toMatchObject([{ sk: 'aaaa-1' }]);
    expect(linked.pointers![0]).not.toHaveProperty('expiresAt');
    const unlinked = userChange(rows.user(linked.put), { ...image, modifiedAt: 11 }, { ...seen, observedAt: 101 }, settings)!;
    expect(unlinked.pointers).toEqual([{ ...linked.pointers![0], expiresAt: 999 }]);
  });
});

describe('a name that a user has no more', () => {
  const ADDRESS = { usernameAttributes: ['email', 'phone_number'] };
  const at = (observedAt: number): Observation => ({ ...seen, observedAt, answeredAt: observedAt });

  test('leads to the user at a moment when it was theirs, whoever has it now, until the history goes; and to nobody at any other', async () => {
    const ledger = new InMemoryLedger();
    const writer = new RowWriter(ledger, POOL);
    const is = async (sub: string, email: string, when: number) => writer.user(
      { ...image, sub, createdAt: sub === 'aaaa-1' ? 1_000_000 : 3_000_000, modifiedAt: when, attributes: { email, email_verified: 'true', phone_number: '+4915', phone_number_verified: 'true' } },
      true, at(when), ADDRESS);
    await is('aaaa-1', 'ann@example.com', 1_000_000);
    await is('aaaa-1', 'spoilt@example.com', 2_000_000);
    await is('bbbb-2', 'ann@example.com', 3_000_000);
    await is('aaaa-1', 'other@example.com', 4_000_000);
    await writer.buryUser('aaaa-1', at(5_000_000));
    const found = async (when: number, name: string) => (await new DirectoryAsOf(ledger, when).subsBySignInName(POOL, name)).sort();
    expect(await found(1_500_000, 'ann@example.com')).toEqual(['aaaa-1']);
    expect(await found(2_500_000, 'ann@example.com')).toEqual([]);
    expect(await found(2_500_000, 'spoilt@example.com')).toEqual(['aaaa-1']);
    expect(await found(3_500_000, 'ann@example.com')).toEqual(['bbbb-2']);
    expect(await found(4_500_000, 'other@example.com')).toEqual(['aaaa-1']);
    expect(await found(5_500_000, 'other@example.com')).toEqual([]);
    expect(await ledger.subsBySignInName(POOL, 'spoilt@example.com')).toEqual([]);
    const former = [...ledger.items.values()].filter(({ pk }) => pk.startsWith(`${POOL}#N#`));
    expect(former).toHaveLength(2);
    expect(former.map(({ expiresAt }) => expiresAt)).toEqual([999, 999]);
    expect(JSON.stringify(former)).not.toMatch(/example/);
  });

  test('costs one item of each change of name, and none of any other change', () => {
    const changed = (attributes: Record<string, string>) =>
      userChange(stored, { ...image, modifiedAt: 11, attributes }, seen, settings)!.pointers ?? [];
    expect(changed({ email: 'b@example.com' })).toHaveLength(1);
    expect(changed({ email: 'a@example.com', name: 'Ann' })).toHaveLength(0);
  });
});

describe('a user', () => {
  const change = (row: Partial<UserRow> | undefined, now: Partial<UserImage>, at = seen): RowChange | undefined =>
    userChange(row && { ...stored, ...row }, { ...image, ...now }, at, settings);

  test.each<[string, Partial<UserRow> | undefined, Partial<UserImage>]>([
    ['is the same', {}, {}],
    ['was observed later by somebody else', { observedAt: 101 }, { enabled: false }],
    ['was observed at the same moment by somebody else', { observedAt: 100 }, { enabled: false }],
    ['was found gone by a later look', { observedAt: 101, deletedAt: 101 }, { modifiedAt: 12 }],
    ['is an older image than the one stored', { modifiedAt: 11 }, { enabled: false }],
  ])('is not written who %s', (_what, row, now) => {
    expect(change(row, now)).toBeUndefined();
  });

  test('a new date alone (a password change) costs a listing no write; a look-up of its own writes the dates, without history', () => {
    expect(change({}, { modifiedAt: 11 }, { ...seen, isListing: true })).toBeUndefined();
    const made = change({}, { modifiedAt: 11 })!;
    expect(undated(rows.user(made.put))).toEqual({ ...stored, modifiedAt: 11, observedAt: 100 });
    expect(made.replacesObservedAt).toBe(50);
    expect(made.history).toBeUndefined();
  });

  test('changed and changed back is not overwritten by what was read in between and comes later', () => {
    const back = rows.user(change({}, { modifiedAt: 12 })!.put);
    expect(userChange(back, { ...image, enabled: false, modifiedAt: 11 }, { ...seen, observedAt: 101, isListing: true }, settings)).toBeUndefined();
  });

  test('a new user is written without a history', () => {
    const made = change(undefined, {})!;
    expect(undated(rows.user(made.put))).toEqual({ ...stored, observedAt: 100 });
    expect(made).not.toHaveProperty('history');
    expect(made.replacesObservedAt).toBeUndefined();
  });

  test('a changed user is written over exactly the row that was read, which goes into the history', () => {
    const made = change({ mfa: { enabled: ['SMS_MFA'] } }, { enabled: false })!;
    expect(rows.user(made.put)).toMatchObject({ enabled: false, observedAt: 100, mfa: { enabled: ['SMS_MFA'] } });
    expect(made.replacesObservedAt).toBe(50);
    expect(made.history).toMatchObject({ sk: new Date(50).toISOString(), cause: seen.cause, ended: rows.user(made.put).began, expiresAt: 999 });
    expect(rows.user(made.history!.image as never)).toEqual({ ...stored, mfa: { enabled: ['SMS_MFA'] } });
  });

  test('a user marked as gone does not come back at once: a listing lags', () => {
    expect(change({ deletedAt: 60, expiresAt: 70 }, {})).toBeUndefined();
    expect(change({ deletedAt: 60, expiresAt: 70 }, { enabled: false, modifiedAt: 99 }, { ...seen, observedAt: 60_059 })).toBeUndefined();
  });

  test('is written if the image is newer by Cognito\'s own date, although it was read earlier', () => {
    const row = rows.user(change({ observedAt: 150 }, { enabled: false, modifiedAt: 11 })!.put);
    expect(row).toMatchObject({ enabled: false, modifiedAt: 11, observedAt: 151 });
  });

  test('a user marked as gone comes back if still listed a minute later', () => {
    const row = rows.user(change({ deletedAt: 60, expiresAt: 70 }, {}, { ...seen, observedAt: 60_060 })!.put);
    expect(row).not.toHaveProperty('deletedAt');
    expect(row).not.toHaveProperty('expiresAt');
  });
});

describe('an MFA preference', () => {
  const change = (mfa: UserRow['mfa'], now: UserRow['mfa']) => userChange({ ...stored, mfa }, image, seen, settings, now);

  test('is written where it differs, and only then', () => {
    expect(rows.user(change(undefined, { enabled: [] })!.put).mfa).toEqual({ enabled: [] });
    expect(change({ enabled: ['SMS_MFA'], preferred: 'SMS_MFA' }, { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' })).toBeUndefined();
    expect(rows.user(change({ enabled: ['SMS_MFA'], preferred: 'SMS_MFA' }, { enabled: [] })!.put).mfa).toEqual({ enabled: [] });
  });

  test('that is read for the first time is no change of the user', () => {
    const made = change(undefined, { enabled: [] })!;
    expect(made.history).toBeUndefined();
    expect(rows.user(made.put).began).toEqual({ since: 50 });
  });

  test('stays where a listing does not show it', () => {
    expect(change({ enabled: ['SMS_MFA'] }, undefined)).toBeUndefined();
  });
});

describe('a tombstone', () => {
  test('keeps the whole row until it expires', () => {
    const made = tombstone.user(stored, seen)!;
    expect(undated(rows.user(made.put))).toEqual({ ...stored, observedAt: 100, deletedAt: 100, expiresAt: 999 });
    expect(rows.user(made.history!.image as never)).toEqual(stored);
  });

  test('is not made twice, nor over what was seen later', () => {
    expect(tombstone.user({ ...stored, deletedAt: 60 }, seen)).toBeUndefined();
    expect(tombstone.user({ ...stored, observedAt: 100 }, seen)).toBeUndefined();
  });
});

test('a group is written where description, precedence or role differ', () => {
  const group: GroupRow = { poolId: POOL, name: 'g', description: 'd', precedence: 0, observedAt: 50 };
  expect(groupChange(group, { name: 'g', description: 'd', precedence: 0 }, seen)).toBeUndefined();
  for (const now of [{ description: 'e', precedence: 0 }, { description: 'd' }, { description: 'd', precedence: 0, roleArn: 'arn' }]) {
    expect(undated(rows.group(groupChange(group, { name: 'g', ...now }, seen)!.put))).toEqual({ poolId: POOL, name: 'g', ...now, observedAt: 100 });
  }
  expect(groupChange({ ...group, observedAt: 100 }, { name: 'g' }, seen)).toBeUndefined();
});

test('a membership is written where there is none, or none any more', () => {
  const row: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50 };
  expect(membershipChange(row, 'g', 's', seen)).toBeUndefined();
  expect(membershipChange({ ...row, deletedAt: 60, observedAt: 100 }, 'g', 's', seen)).toBeUndefined();
  expect(undated(rows.membership(membershipChange({ ...row, deletedAt: 60 }, 'g', 's', seen)!.put))).toEqual({ ...row, observedAt: 100 });
  expect(membershipChange(undefined, 'g', 's', seen)!.history).toBeUndefined();
});

test('a group or a membership that an event named is written though unchanged, so that what was read before comes too late', () => {
  const membership: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50 };
  const touched = membershipChange(membership, 'g', 's', seen, true)!;
  expect(touched.history).toBeUndefined();
  expect(tombstone.membership(rows.membership(touched.put), { ...seen, observedAt: 90 })).toBeUndefined();
  const group: GroupRow = { poolId: POOL, name: 'g', observedAt: 50 };
  expect(rows.group(groupChange(group, { name: 'g' }, seen, true)!.put).observedAt).toBe(100);
});

test('a listing does not bring back what was just found gone; a look-up does', () => {
  const gone = { observedAt: 60, deletedAt: 60 };
  const listed = { ...seen, isListing: true };
  const membership: MembershipRow = { poolId: POOL, group: 'g', sub: 's', ...gone };
  const group: GroupRow = { poolId: POOL, name: 'g', ...gone };
  expect(membershipChange(membership, 'g', 's', listed)).toBeUndefined();
  expect(groupChange(group, { name: 'g' }, listed)).toBeUndefined();
  expect(membershipChange(membership, 'g', 's', seen)).toBeDefined();
  expect(groupChange(group, { name: 'g' }, seen)).toBeDefined();
  expect(membershipChange(membership, 'g', 's', { ...listed, observedAt: 60_060 })).toBeDefined();
});

test('a part of the configuration is written where its value differs, whatever the order of its keys', () => {
  const made = poolPartChange(undefined, 'pool', { a: 1, b: 2 }, seen)!;
  const row = rows.poolPart(made.put);
  const later = { ...seen, observedAt: 200 };
  expect(poolPartChange(row, 'pool', { b: 2, a: 1 }, later)).toBeUndefined();
  expect(poolPartChange(row, 'pool', { a: 1 }, later)!.replacesObservedAt).toBe(100);
});

describe('when it became so', () => {
  const known = { notBefore: 20, since: 30, byEvent: { notBefore: 21, since: 23 } };
  const dated: UserRow = { ...stored, began: known, cause: { event: 'AdminCreateUser', id: 'e' }, replaces: historyKey(7), kept: { hour: 0, images: 3 } };
  const later = { ...seen, observedAt: 200_000, answeredAt: 200_100 };

  test('is kept by a row that is only seen again, and by one whose MFA preference is read again', () => {
    const { began, cause, replaces, kept } = rows.user(userChange(dated, { ...image, modifiedAt: 11 }, seen, settings)!.put);
    expect({ began, cause, replaces, kept }).toEqual({ began: known, cause: dated.cause, replaces: dated.replaces, kept: dated.kept });
    const member: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50, began: known };
    expect(rows.membership(membershipChange(member, 'g', 's', seen, true)!.put).began).toEqual(known);
  });

  test('is not moved by a look where an earlier release wrote the row', () => {
    expect(rows.user(userChange(stored, { ...image, modifiedAt: 11 }, seen, settings)!.put).began).toEqual({ since: 50 });
  });

  test('is said with the cause, and both end the image that it replaced, to which the row leads', () => {
    const made = userChange(dated, { ...image, enabled: false, modifiedAt: 150_000 }, later, settings)!;
    const row = rows.user(made.put);
    expect(row).toMatchObject({ began: { notBefore: 20, since: 151_000 }, cause: seen.cause, replaces: made.history!.sk });
    expect(rows.history(made.history!)).toMatchObject({ key: row.replaces, ended: row.began, cause: row.cause, expiresAt: 999 });
    expect(rows.user(rows.history(made.history!).image)).toEqual(dated);
  });

  test('a link to a provider and an MFA preference move no date of Cognito', () => {
    const since = (now: Partial<UserImage>, mfa?: UserRow['mfa']) =>
      rows.user(userChange({ ...dated, mfa: { enabled: [] } }, { ...image, modifiedAt: 150_000, ...now }, later, settings, mfa)!.put).began!.since;
    expect(since({ enabled: false })).toBe(151_000);
    expect(since({ enabled: false, attributes: { ...image.attributes, identities: '[]' } })).toBe(201_100);
    expect(since({ enabled: false }, { enabled: ['SMS_MFA'] })).toBe(201_100);
  });

  test('a user who is there although marked as gone has been there all the time', () => {
    const gone = rows.user(tombstone.user(dated, seen)!.put);
    expect(gone.lived).toEqual(known);
    const back = rows.user(userChange(gone, image, later, settings)!.put);
    expect(back.began).toEqual(known);
    expect(back).not.toHaveProperty('lived');
    expect(back.replaces).toBe(historyKey(100));
    // Something of them changed meanwhile: after what was buried, and not after it was buried.
    expect(rows.user(userChange(gone, { ...image, enabled: false, modifiedAt: 150_000 }, later, settings)!.put).began).toEqual(
      { notBefore: 20, since: 151_000 });
  });

  test('a group says it by its own dates, which a look-up keeps', () => {
    const group: GroupRow = { poolId: POOL, name: 'g', observedAt: 50, createdAt: 1, modifiedAt: 10 };
    const now = { name: 'g', description: 'd', createdAt: 1, modifiedAt: 150_000 };
    const { createdAt, modifiedAt, began } = rows.group(groupChange(group, now, later)!.put);
    expect({ createdAt, modifiedAt, began }).toEqual({ createdAt: 1, modifiedAt: 150_000, began: { notBefore: -990, since: 151_000 } });
    expect(groupChange(group, { name: 'g', createdAt: 1, modifiedAt: 11 }, later)).toBeUndefined();
    expect(rows.group(groupChange(group, { name: 'g', createdAt: 1, modifiedAt: 11 }, later, true)!.put)).toMatchObject({ modifiedAt: 11, began: { since: 50 } });
    const again = rows.group(groupChange(group, { name: 'g', createdAt: 140_000, modifiedAt: 140_000 }, later)!.put);
    expect(again.began).toEqual({ notBefore: -990, since: 141_000, coalesced: true });
  });

  test('what was refused meanwhile was compared by no sweep', () => {
    const compared = { ...later, comparedAt: 190_000 };
    const member: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50 };
    expect(tombstone.membership(member, compared)!.put.began).toMatchObject({ notBefore: 129_000 });
    const { put } = tombstone.membership({ ...member, refusedAt: 60 }, compared)!;
    expect(put.began).toMatchObject({ notBefore: -60_950 });
    expect(put).not.toHaveProperty('refusedAt');
  });
});

describe('a change is dated by the event that can make it, and by no other', () => {
  const AT = 150_000;
  const event = (name: string, more: Partial<ChangeEvent> = {}): ChangeEvent =>
    ({ name, at: AT, source: 'cloudtrail', id: name, ...factsOf(name), ...more });
  const member: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50 };
  const group: GroupRow = { poolId: POOL, name: 'g', observedAt: 50, createdAt: 1, modifiedAt: 10 };
  const part: PoolPartRow = { poolId: POOL, part: 'groups', value: 1, digest: 'x', observedAt: 50 };
  const known: UserRow = { ...stored, mfa: { enabled: [] } };
  const changed = (now: Partial<UserImage>, mfa?: UserRow['mfa']) => (at: Observation) => userChange(known, { ...image, ...now }, at, settings, mfa);
  const identities = '[{"providerName":"Corp","userId":"1"}]';
  const ofG = { group: 'g' };

  test.each<[string, boolean, ChangeEvent, ChangeEvent[], (at: Observation) => RowChange | undefined]>([
    ['a user is made', true, event('AdminCreateUser'), [event('AdminDeleteUser')],
      at => userChange(undefined, { ...image, createdAt: AT, modifiedAt: AT }, at, settings)],
    ['a user is disabled', true, event('AdminDisableUser'), [event('AdminEnableUser'), event('AdminUpdateUserAttributes')],
      changed({ enabled: false, modifiedAt: AT })],
    ['a status changes', true, event('AdminResetUserPassword'), [event('AdminDisableUser'), event('AdminUpdateUserAttributes')],
      changed({ status: 'RESET_REQUIRED', modifiedAt: AT })],
    ['an attribute changes', true, event('AdminUpdateUserAttributes'), [event('AdminDisableUser'), event('AdminSetUserPassword')],
      changed({ attributes: { email: 'b@example.com' }, modifiedAt: AT })],
    ['an identity is linked', false, event('AdminLinkProviderForUser'), [event('AdminUpdateUserAttributes')],
      changed({ attributes: { ...image.attributes, identities } })],
    ['a second factor is chosen', false, event('AdminSetUserMFAPreference'), [event('AdminUpdateUserAttributes')], changed({}, { enabled: ['SMS_MFA'] })],
    ['a user is deleted', false, event('AdminDeleteUser'), [event('AdminCreateUser'), event('AdminDisableUser')], at => tombstone.user(known, at)],
    ['a group is made', true, event('CreateGroup'), [event('DeleteGroup'), event('AdminAddUserToGroup')],
      at => groupChange(undefined, { name: 'g', createdAt: AT, modifiedAt: AT }, at)],
    ['a group is deleted', false, event('DeleteGroup'), [event('UpdateGroup')], at => tombstone.group(group, at)],
    ['a user enters a group', false, event('AdminAddUserToGroup', ofG), [event('AdminAddUserToGroup', { group: 'h' }), event('AdminRemoveUserFromGroup', ofG)],
      at => membershipChange(undefined, 'g', 's', at)],
    ['a user leaves a group', false, event('AdminRemoveUserFromGroup', ofG), [event('AdminRemoveUserFromGroup', { group: 'h' }), event('AdminAddUserToGroup', ofG)],
      at => tombstone.membership(member, at)],
    ['a user leaves a group with themselves', false, event('AdminDeleteUser'), [event('AdminCreateUser')], at => tombstone.membership(member, at)],
  ])('%s', (_, hasDate, made, others, change) => {
    const look = (...events: ChangeEvent[]): Observation => ({ ...seen, observedAt: 200_000, answeredAt: 200_100, events });
    const { cause, began } = change(look(made))!.put as unknown as Dated;
    expect(cause).toMatchObject({ event: made.name });
    // A second of the event's, one of the clocks; a date of Cognito is closer.
    expect(began!.byEvent!.since - AT).toBe(hasDate ? 1_000 : 2_000);
    for (const other of others) expect([other.name, change(look(other))!.put.cause]).toEqual([other.name, seen.cause]);
    expect(change({ ...look(), events: undefined })!.put.cause).toEqual(seen.cause);
  });

  test('the configuration has none', () => {
    const at = { ...seen, observedAt: 200_000, answeredAt: 200_100, events: [event('UpdateGroup')] };
    expect(poolPartChange(part, 'groups', 2, at)!.put.cause).toEqual(seen.cause);
    expect(tombstone.poolPart(part, at)!.put.cause).toEqual(seen.cause);
  });
});

describe('the first sub of a user who was brought back', () => {
  const before: UserRow = { ...stored, firstSub: 'first-1' };

  test.each<[string, UserRow, string | undefined, boolean]>([
    ['is written where it is learnt', stored, 'first-1', true],
    ['is written where it is another one', before, 'first-2', true],
    ['costs no write where it is known', before, 'first-1', false],
    ['stays where the answer does not have it', before, undefined, false],
  ])('%s', (_, row, firstSub, isWritten) => {
    const change = userChange(row, { ...image, firstSub }, { ...seen, isListing: true }, settings);
    expect(change !== undefined).toBe(isWritten);
    if (change) expect(change.put.firstSub).toBe(firstSub);
  });
});

test('a group without a row, although a sweep compared everything since it was made, was refused one: it began when nobody knows', () => {
  const began = (createdAt: number | undefined, comparedAt: number | undefined) =>
    groupChange(undefined, { name: 'g', createdAt, modifiedAt: createdAt }, { ...seen, observedAt: 200_000, answeredAt: 200_100, comparedAt })!.put.began;
  const [older, newer] = [began(100_000, 150_000), began(160_000, 150_000)] as { notBefore?: number }[];
  expect(older.notBefore).toBeUndefined();
  expect(newer.notBefore).toBeGreaterThan(0);
  expect(began(150_000, 150_000)).toHaveProperty('notBefore');
  expect(began(undefined, 150_000)).toHaveProperty('notBefore');
  expect(began(100_000, undefined)).not.toHaveProperty('notBefore');
});

test('a row that seems to be the same again, after another one was refused, is not taken for what it was all the time', () => {
  const later = { ...seen, observedAt: 200_000, answeredAt: 200_100, comparedAt: 190_000 };
  const made = userChange({ ...stored, refusedAt: 100_000 }, { ...image, modifiedAt: 150_000 }, later, settings)!;
  expect(rows.user(made.put)).toMatchObject({ began: { notBefore: -990, since: 151_000 }, replaces: made.history!.sk });
  expect(rows.user(made.put)).not.toHaveProperty('refusedAt');
  expect(made.history!.image).toMatchObject({ refusedAt: 100_000 });
  const group: GroupRow = { poolId: POOL, name: 'g', observedAt: 50, refusedAt: 60 };
  expect(groupChange(group, { name: 'g' }, later)!.history).toBeDefined();
});

describe('the history of one row', () => {
  /** A user who is changed so often, so many milliseconds apart. */
  const changedOften = (times: number, every: number) => {
    let row: UserRow = stored;
    const history: Item[] = [];
    for (let i = 1; i <= times; i += 1) {
      const now = { ...seen, observedAt: 100 + i * every, answeredAt: 100 + i * every };
      const made = userChange(row, { ...image, modifiedAt: 10 + i * every, attributes: { name: String(i) } }, now, settings)!;
      row = rows.user(made.put);
      if (made.history) history.push(made.history);
    }
    return { row, history };
  };

  test('keeps 20 images an hour; what is left out is said', () => {
    const { row, history } = changedOften(25, 1_000);
    expect(history).toHaveLength(20);
    expect(row.replaces).toBe(history.at(-1)!.sk);
    expect(row.began).toMatchObject({ notBefore: rows.history(history.at(-1)!).ended!.notBefore, since: 10 + 25_000 + 1_000, coalesced: true });
    expect(tombstone.user(row, { ...seen, observedAt: 26_000, answeredAt: 26_000 })!.history!.image).toEqual(items.user(row));
  });

  test('keeps all of a user who is changed less often', () => {
    expect(changedOften(60, 180_001).history).toHaveLength(60);
  });

  test('never has 35 KB that are written every second become more than 0.6 GB in 35 days', () => {
    expect(changedOften(7_200, 1_000).history.length).toBeLessThanOrEqual(3 * 20);
    expect(20 * 24 * 35 * 35_000).toBeLessThan(0.6e9);
  });
});

describe('what a write replaces is kept', () => {
  const group: GroupRow = { poolId: POOL, name: 'g', description: 'd', observedAt: 50 };
  const membership: MembershipRow = { poolId: POOL, group: 'g', sub: 's', observedAt: 50 };
  const part: PoolPartRow = { poolId: POOL, part: 'clients', value: { a: 1 }, digest: 'd', observedAt: 50 };
  const later = { ...seen, observedAt: 60_060 };

  test.each<[string, HistoryKind, string, object, () => RowChange | undefined]>([
    ['a user that changed', 'U', 'aaaa-1', items.user(stored), () => userChange(stored, { ...image, enabled: false }, seen, settings)],
    ['a user that is gone', 'U', 'aaaa-1', items.user(stored), () => tombstone.user(stored, seen)],
    ['a group that changed', 'G', 'g', items.group(group), () => groupChange(group, { name: 'g' }, seen)],
    ['a group that is gone', 'G', 'g', items.group(group), () => tombstone.group(group, seen)],
    ['a membership that came back', 'M', membershipId('g', 's'), items.membership({ ...membership, deletedAt: 50 }),
      () => membershipChange({ ...membership, deletedAt: 50 }, 'g', 's', later)],
    ['a membership that is gone', 'M', membershipId('g', 's'), items.membership(membership), () => tombstone.membership(membership, seen)],
    ['a part of the configuration that changed', 'C', 'clients', items.poolPart(part), () => poolPartChange(part, 'clients', { a: 2 }, seen)],
    ['a part of the configuration that is gone', 'C', 'clients', items.poolPart(part), () => tombstone.poolPart(part, seen)],
  ])('under its kind and its id: %s', (_what, kind, id, replaced, write) => {
    const change = write();
    expect(change!.history).toMatchObject({ ...keys.history(POOL, kind, id, 50), image: replaced });
    expect(change!.replacesObservedAt).toBe(50);
  });

  test('and nothing where there was nothing', () => {
    const made = groupChange(undefined, { name: 'g' }, seen)!;
    expect(Object.keys(made)).toEqual(['put']);
    expect(made.put).toMatchObject(items.group({ poolId: POOL, name: 'g', observedAt: 100 }));
    expect(Object.keys(userChange(undefined, image, seen, settings)!)).toEqual(['put']);
  });
});

test('a part of the configuration is not written over what was read later, and is where it was gone', () => {
  const row = rows.poolPart(poolPartChange(undefined, 'clients', { a: 1 }, seen)!.put);
  expect(poolPartChange(row, 'clients', { a: 2 }, seen)).toBeUndefined();
  expect(poolPartChange({ ...row, deletedAt: 100 }, 'clients', { a: 1 }, { ...seen, observedAt: 200 })).toBeDefined();
});

test('a user marked as gone does not come back with an image from before', () => {
  const gone = { ...stored, modifiedAt: 11, deletedAt: 60, expiresAt: 70 };
  expect(userChange(gone, image, { ...seen, observedAt: 90_000 }, settings)).toBeUndefined();
  expect(userChange(gone, { ...image, modifiedAt: 11 }, { ...seen, observedAt: 90_000 }, settings)).toBeDefined();
});
