import { Beginning, Cause } from '../../src/ledger/beginning';
import { isCoalesced } from '../../src/ledger/directory-as-of';
import { items, keys, UserRow } from '../../src/ledger/schema';
import { difference } from '../../src/recovery/difference';
import { LedgerPast } from '../../src/recovery/ledger-past';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const POOL = 'us-east-1_Source';
const SUB = 'aaaaaaaa-1';
const SCRIPT: Cause = { event: 'AdminUpdateUserAttributes', principal: 'arn:aws:iam::111122223333:role/script' };
const CLERK: Cause = { event: 'AdminUpdateUserAttributes', principal: 'arn:aws:iam::111122223333:role/clerk' };
const at = (since: number): Beginning => ({ notBefore: since - 1, since });

const IMAGE = { username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 1, poolId: POOL, sub: SUB } as const;

/** A user who was made at 100, changed by a clerk at 200 and by a script at 300, and put into a group by the script at 400. */
function ledgerOf(): InMemoryLedger {
  const ledger = new InMemoryLedger();
  const image = (observedAt: number, digest: string, cause: Cause, replaces?: number): UserRow => ({
    ...IMAGE, digest, observedAt, began: at(observedAt), cause, ...replaces === undefined ? {} : { replaces: new Date(replaces).toISOString() },
  });
  const images = [image(100, 'a', { event: 'AdminCreateUser' }), image(200, 'b', CLERK, 100), image(300, 'c', SCRIPT, 200)];
  images.slice(0, 2).forEach((row, n) => ledger.put({
    ...keys.history(POOL, 'U', SUB, row.observedAt), v: 1, image: items.user(row), ended: images[n + 1].began, cause: images[n + 1].cause, expiresAt: 9e9,
  }));
  ledger.put(items.user(images[2]));
  ledger.put(items.group({ poolId: POOL, name: 'staff', observedAt: 50, began: at(50) }));
  ledger.put(items.membership({ poolId: POOL, group: 'staff', sub: SUB, observedAt: 400, began: at(400), cause: SCRIPT }));
  ledger.put(items.user({ ...IMAGE, sub: 'bbbbbbbb-1', digest: 'x', observedAt: 100, began: at(100), cause: CLERK }));
  return ledger;
}

test.each([
  [50, [SCRIPT, CLERK, { event: 'AdminCreateUser' }, SCRIPT]],
  [150, [SCRIPT, CLERK, SCRIPT]],
  [250, [SCRIPT, SCRIPT]],
  [350, [SCRIPT]],
  [450, []],
])('what has changed the user since %d', async (moment, causes) => {
  expect(await new LedgerPast(ledgerOf()).causesSince(POOL, SUB, moment)).toEqual(causes);
});

test('of a change that was one of several between two looks, the cause is said to be the last one\'s', async () => {
  const ledger = ledgerOf();
  const [row] = ledger.partition(items.user({ ...IMAGE, digest: 'c', observedAt: 300 }).pk);
  ledger.put({ ...row, began: { notBefore: 250, since: 300, coalesced: true } });
  expect(await new LedgerPast(ledger).causesSince(POOL, SUB, 250)).toEqual([{ ...SCRIPT, isCoalesced: true }, SCRIPT]);
});

test('groups are those of the moment', async () => {
  const past = new LedgerPast(ledgerOf());
  expect(await past.groupsAt(POOL, SUB, 450)).toEqual({ groups: ['staff'], grade: 'by-event' });
  expect((await past.groupsAt(POOL, SUB, 350)).groups).toEqual([]);
  const compared = ledgerOf();
  compared.put(items.source({ poolId: POOL, comparedAt: 100_000 }));
  expect(await new LedgerPast(compared).groupsAt(POOL, SUB, 450)).toEqual({ groups: ['staff'], grade: 'certain' });
});

test('more than one change between two looks is said of the moments in between, and of no other', async () => {
  const ledger = ledgerOf();
  const [row] = ledger.partition(items.user({ ...IMAGE, digest: 'c', observedAt: 300 }).pk);
  ledger.put({ ...row, began: { notBefore: 250, since: 300, coalesced: true } });
  ledger.put(items.membership({ poolId: POOL, group: 'staff', sub: SUB, observedAt: 400, began: { notBefore: 390, since: 400, coalesced: true } }));
  const past = new LedgerPast(ledger);
  const isSaid = async (moment: number) => isCoalesced((await past.at(moment).user(POOL, SUB))!);
  expect([await isSaid(240), await isSaid(280), await isSaid(310)]).toEqual([false, true, false]);
  expect(await past.groupsAt(POOL, SUB, 395)).toMatchObject({ groups: [], isCoalesced: true });
  expect(await past.groupsAt(POOL, SUB, 380)).not.toHaveProperty('isCoalesced');
});

test('groups of which it is not known what they were', async () => {
  const ledger = ledgerOf();
  ledger.put(items.group({ poolId: POOL, name: 'lost', observedAt: 400, began: at(400), replaces: new Date(100).toISOString() }));
  expect([...await new LedgerPast(ledger).groupsUnknownAt(POOL, 350)]).toEqual(['lost']);
  expect([...await new LedgerPast(ledger).groupsUnknownAt(POOL, 450)]).toEqual([]);
});

test('a comparison of two moments shows who differs, as a user or as a member, in the order of the keys, and goes on from anywhere', async () => {
  const past = new LedgerPast(ledgerOf());
  const changes = async (from: Parameters<typeof difference>[3]) => {
    const found = [];
    for await (const page of difference(past.at(150), past.at(450), POOL, from)) found.push(...page.changes);
    return found;
  };
  const both = [{ sub: SUB, of: 'user', change: 'changed' }, { sub: SUB, of: 'membership', change: 'created' }];
  expect(await changes(undefined)).toEqual(both);
  expect(await changes({ pass: 'users', part: 170, after: SUB })).toEqual([both[1]]);
  expect(await changes({ pass: 'memberships', part: 0 })).toEqual([both[1]]);
  expect(await changes({ pass: 'memberships', part: 0, after: SUB })).toEqual([]);
});

test('what may have happened by the end of the period is shown as uncertain: nobody who was deleted is left out because no event says when', async () => {
  const ledger = ledgerOf();
  const gone: UserRow = { ...IMAGE, sub: 'cccccccc-1', digest: 'x', observedAt: 100, began: at(100), cause: CLERK };
  const ended: Beginning = { notBefore: 350, since: 500 };
  ledger.put({ ...keys.history(POOL, 'U', gone.sub, 100), v: 1, image: items.user(gone), ended, cause: { event: 'sweep' }, expiresAt: 9e9 });
  ledger.put(items.user({ ...gone, observedAt: 499, deletedAt: 499, began: ended, replaces: new Date(100).toISOString(), cause: { event: 'sweep' } }));
  const past = new LedgerPast(ledger);
  const found = async (to: number) => {
    const changes = [];
    for await (const page of difference(past.at(320), past.at(to), POOL)) changes.push(...page.changes);
    return changes.filter(({ sub }) => sub === gone.sub);
  };
  expect(await found(340)).toEqual([]);
  expect(await found(450)).toEqual([{ sub: gone.sub, of: 'user', change: 'changed', isUncertain: true }]);
  expect(await found(500)).toEqual([{ sub: gone.sub, of: 'user', change: 'deleted' }]);
});
