import { ChangeEventDetail } from '../../../src/ledger/change-events/change-event';
import { ChangeRecord, putChanges } from '../../../src/ledger/change-events/put-changes';
import { GroupRow, Item, UserRow, digestOfUser, items, keys } from '../../../src/ledger/schema';
import { timelineKey } from '../../../src/ledger/timeline';

const POOL = 'us-east-1_AbCdEfGhI';
const AT = Date.UTC(2026, 10, 2, 10);

function user(more: Partial<UserRow> = {}): Item {
  const image = {
    sub: 'ann',
    username: 'ann',
    attributes: { 'email': 'ann@private.example', 'custom:tier': 'gold' },
    enabled: true,
    status: 'CONFIRMED' as const,
    createdAt: 1,
    modifiedAt: 2,
  };
  return items.user({ ...image, poolId: POOL, digest: digestOfUser(image), observedAt: AT, ...more });
}

let sequence = 0;
const record = (oldImage?: Item, newImage?: Item): ChangeRecord => ({ sequenceNumber: String(++sequence), oldImage, newImage });

/** A bus that refuses as often as it is told. */
function bus(refusals: number[][] = []) {
  const told: ChangeEventDetail[] = [];
  const pauses: number[] = [];
  return {
    told,
    pauses,
    put: async (details: readonly ChangeEventDetail[]) => {
      const refused = refusals.shift() ?? [];
      told.push(...details.filter((_, index) => !refused.includes(index)));
      return refused;
    },
    sleep: async (milliseconds: number) => { pauses.push(milliseconds); },
  };
}

async function toldOf(before: Item | undefined, after: Item | undefined): Promise<ChangeEventDetail | undefined> {
  const port = bus();
  await putChanges(port, [record(before, after)]);
  return port.told[0];
}

describe('a change is told', () => {
  test('of a user by the names of the attributes, with who caused it and without the session', async () => {
    const after = user({
      attributes: { email: 'other@private.example', name: 'Ann' },
      observedAt: AT + 5_000,
      cause: { event: 'AdminUpdateUserAttributes', id: 'e', at: AT + 1_000, principal: 'arn:aws:iam::111122223333:role/ops', session: 'ann@private.example' },
    });
    const detail = await toldOf(user(), after);
    expect(detail).toEqual({
      version: 1,
      id: expect.stringMatching(/^[\w-]{22}$/),
      userPoolId: POOL,
      kind: 'user',
      effect: 'changed',
      sub: 'ann',
      changed: ['custom:tier', 'email', 'name'],
      at: '2026-11-02T10:00:01.000Z',
      cause: { event: 'AdminUpdateUserAttributes', principal: 'arn:aws:iam::111122223333:role/ops' },
    });
    expect(JSON.stringify(detail)).not.toMatch(/private|gold/);
    expect((await toldOf(user(), after))!.id).toBe(detail!.id);
    expect((await toldOf(user(), user({ enabled: false, observedAt: AT + 6_000 })))!.id).not.toBe(detail!.id);
  });

  test.each<[string, Item | undefined, Item | undefined, Partial<ChangeEventDetail> | undefined]>([
    ['a new user', undefined, user(), { effect: 'created', changed: [] }],
    ['a disabled user', user(), user({ enabled: false }), { effect: 'disabled', changed: ['enabled'] }],
    ['an enabled user', user({ enabled: false }), user(), { effect: 'changed', changed: ['enabled'] }],
    ['a user whose preference of MFA changed', user(), user({ mfa: { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' } }), { changed: ['mfa'] }],
    ['a deleted user', user(), user({ deletedAt: AT, expiresAt: 9 }), { effect: 'deleted', changed: [] }],
    ['a user who is back', user({ deletedAt: AT, expiresAt: 9 }), user(), { effect: 'created' }],
    ['a member', undefined, items.membership({ poolId: POOL, group: 'a#b', sub: 'ann', observedAt: AT }), { kind: 'membership', effect: 'created', sub: 'ann', group: 'a#b' }],
    ['a group', items.group({ poolId: POOL, name: 'g', observedAt: AT }), items.group({ poolId: POOL, name: 'g', observedAt: AT, roleArn: 'arn' } as GroupRow), { kind: 'group', effect: 'changed', group: 'g', changed: ['roleArn'] }],
    ['nothing of a later look', user(), user({ observedAt: AT + 1, modifiedAt: 3 }), undefined],
    ['nothing of a date of MFA', user({ mfa: { enabled: [], readAt: 1 } }), user({ mfa: { enabled: [], readAt: 2 } }), undefined],
    ['nothing of what expired', user({ deletedAt: AT }), undefined, undefined],
    ['nothing of a setting', undefined, items.poolPart({ poolId: POOL, part: 'pool', value: {}, digest: 'd', observedAt: AT }), undefined],
    ['nothing of the timeline', undefined, { ...timelineKey(POOL, AT), v: 1 }, undefined],
    ['nothing of the source', undefined, { ...keys.source(POOL), v: 1, poolId: POOL }, undefined],
  ])('of %s', async (_what, before, after, wanted) => {
    const detail = await toldOf(before, after);
    if (wanted) expect(detail).toMatchObject(wanted);
    else expect(detail).toBeUndefined();
  });
});

test('what the bus does not take is put again, and comes again where it still does not', async () => {
  const records = Array.from({ length: 12 }, (_, i) => record(undefined, user({ sub: `u${i}` })));
  const once = bus([[3], [0]]);
  expect(await putChanges(once, records)).toEqual({ failures: [], put: 12 });
  expect(once.told.map(({ sub }) => sub).sort()).toEqual(records.map((_, i) => `u${i}`).sort());
  expect(once.pauses).toEqual([200]);

  const never = bus(Array.from({ length: 9 }, (_, i) => i === 1 ? [] : [0]));
  const { failures, put } = await putChanges(never, records);
  expect(failures).toEqual([records[0].sequenceNumber]);
  expect(put).toBe(11);
  expect(never.pauses.reduce((sum, pause) => sum + pause)).toBe(3_000);
});
