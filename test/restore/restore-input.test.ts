import { ClientReader } from '../../src/cognito/client-reader';
import { PacerStoppedError } from '../../src/cognito/pacing';
import { DescribedUserPool } from '../../src/cognito/pool-settings';
import { items } from '../../src/ledger/schema';
import { validateRestore, ValidationProps } from '../../src/restore/restore-input.lambda-shared';
import { restorePolicy } from '../../src/restore/restore-policy';
import { RestoreRun } from '../../src/restore/restore-run';
import { NEVER_TURNED, SwitchMode } from '../../src/state/switch';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const SOURCE = 'us-east-1_Source';
const OLD = 'us-east-1_Old';
const STANDBY = 'us-west-2_Standby';
const OTHER = 'us-west-2_Other';
const SCHEMA = { SchemaAttributes: [{ Name: 'email' }, { Name: 'custom:tier' }, { Name: 'custom:source_sub' }] };

function ledger(): InMemoryLedger {
  const made = new InMemoryLedger();
  const user = { poolId: SOURCE, username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED' as const, createdAt: 0, modifiedAt: 0, digest: '', observedAt: 0 };
  made.put(items.source({ poolId: OLD, sweepStartedAt: 1 }));
  made.put(items.source({ poolId: SOURCE, sweptAt: 2 }));
  made.put(items.user({ ...user, sub: 'aaaa-1' }));
  made.put(items.user({ ...user, sub: 'aaaa-2', deletedAt: 1 }));
  made.put(items.group({ poolId: SOURCE, name: 'admins', observedAt: 0 }));
  made.put(items.group({ poolId: SOURCE, name: 'gone', observedAt: 0, deletedAt: 1 }));
  made.put(items.poolPart({ poolId: SOURCE, part: 'pool', digest: '', observedAt: 0, value: { UsernameAttributes: ['email'], SchemaAttributes: [{ Name: 'email' }, { Name: 'custom:tier' }] } }));
  return made;
}

/** The app clients of the target, and what each may write. */
function clients(writeAttributes: readonly (readonly string[] | undefined)[]): Pick<ClientReader, 'listClients' | 'writeAttributesOf'> {
  return {
    listClients: async cursor => {
      const at = Number(cursor ?? 0);
      return { items: at < writeAttributes.length ? [String(at)] : [], next: at + 1 < writeAttributes.length ? String(at + 1) : undefined };
    },
    writeAttributesOf: async id => writeAttributes[Number(id)],
  };
}

async function validate(input: unknown, props: Partial<ValidationProps> = {}, pool: DescribedUserPool | undefined = { ...SCHEMA, UsernameAttributes: ['email'] }) {
  return validateRestore({ execution: 'run', startedAt: '2026-01-01T00:00:00.000Z', input }, {
    ledger: ledger(), standbyUserPoolId: STANDBY, targetUserPoolIds: [STANDBY, OTHER], describeUserPool: async () => pool, clientsOf: () => clients([['email'], ['custom:tier']]), switchOf: async () => NEVER_TURNED, heldMoment: async () => undefined, ...props,
  });
}

test('the defaults: everybody of the only pool that was ever swept, into the standby pool', async () => {
  expect(await validate({})).toEqual({
    valid: true,
    run: { execution: 'run', startedAt: Date.UTC(2026, 0, 1), sourceUserPoolId: SOURCE, targetUserPoolId: STANDBY, sourceSubProves: true, dryRun: false, quotaShare: 0.8 },
  });
});

test('into a standby that is not closed, it takes away what it once gave and the ledger has not; into any other pool, nothing', async () => {
  const of = async (mode: SwitchMode) => validate({}, { switchOf: async id => ({ ...NEVER_TURNED, mode: id === STANDBY ? mode : 'closed' }) });
  expect(await of('closed')).not.toHaveProperty('run.removeGiven');
  for (const mode of ['open', 'rehearsal'] as const) {
    const validation = await of(mode);
    expect(validation).toHaveProperty('run.removeGiven', true);
    if (validation.valid) expect(restorePolicy(validation.run)).toMatchObject({ remove: 'given', delete: false });
  }
});

test('every field is passed on, doubles once', async () => {
  expect(await validate({ targetUserPoolId: OTHER, sourceUserPoolId: SOURCE, subs: ['aaaa-1', 'aaaa-1'], restoreDeleted: true, dryRun: true, quotaShare: 0.5 })).toEqual({
    valid: true,
    run: { execution: 'run', startedAt: Date.UTC(2026, 0, 1), sourceUserPoolId: SOURCE, targetUserPoolId: OTHER, subs: ['aaaa-1'], restoreDeleted: true, sourceSubProves: true, dryRun: true, quotaShare: 0.5 },
  });
  expect(await validate({ removeGiven: true })).toMatchObject({ valid: true, run: { targetUserPoolId: STANDBY, removeGiven: true } });
  expect(await validate({ groups: ['admins'] })).toMatchObject({ valid: true, run: { groups: ['admins'] } });
});

test.each<[unknown, string]>([
  [{ until: '2026-01-01' }, 'until: not a field of a restore; known fields are targetUserPoolId, sourceUserPoolId, asOf, subs, groups, restoreDeleted, removeGiven, scheduled, dryRun, quotaShare'],
  [{ until: 1, dryRun: 'x' }, 'until: not a field of a restore; known fields are targetUserPoolId, sourceUserPoolId, asOf, subs, groups, restoreDeleted, removeGiven, scheduled, dryRun, quotaShare'],
  [{ targetUserPoolId: OTHER, removeGiven: true }, `removeGiven: a restore takes nothing away from ${OTHER}, only from the standby pool ${STANDBY}; leave it out`],
  [{ dryRun: 'yes' }, 'dryRun: got "yes", want true or false'],
  [{ quotaShare: 0 }, 'quotaShare: got 0, want a number above 0 and up to 1'],
  [{ quotaShare: 2 }, 'quotaShare: got 2, want a number above 0 and up to 1'],
  [{ quotaShare: '1' }, 'quotaShare: got "1", want a number above 0 and up to 1'],
  [{ subs: 'aaaa-1' }, 'subs: got "aaaa-1", want a list of subs'],
  [{ subs: [] }, 'subs: got a list of 0, want at least one sub'],
  [{ subs: ['a', 5] }, 'subs[1]: got 5, want the sub of a user'],
  [{ subs: new Array(5_001).fill('a') }, 'subs: got a list of 5001, want at most 5000 subs: more do not fit into an execution\'s state; start several restores one after the other, or name groups'],
  [{ groups: { admins: true } }, 'groups: got {"admins":true}, want a list of group names'],
  [{ targetUserPoolId: 7 }, 'targetUserPoolId: got 7, want the id of a user pool, such as "us-west-2_AbCdEfGhI"'],
  [{ targetUserPoolId: 'us-west-2_No' }, 'targetUserPoolId: a restore may not write to "us-west-2_No"; it may to: us-west-2_Standby, us-west-2_Other; add the pool to restoreTargets of CognitoDrReplica'],
  [{ sourceUserPoolId: 'us-east-1_No' }, 'sourceUserPoolId: the ledger holds nothing of "us-east-1_No"; it holds: us-east-1_Old, us-east-1_Source'],
  [{ subs: ['aaaa-1', 'bbbb-9'] }, 'subs: the ledger has no user bbbb-9 of us-east-1_Source; name users by the sub that they have in that pool'],
  [{ subs: ['aaaa-2'] }, 'subs: deleted in us-east-1_Source: aaaa-2; a restore brings back the users of the last sweep, so leave deleted ones out'],
  [{ groups: ['gone'] }, 'groups: the ledger has no group "gone" of us-east-1_Source; names are case-sensitive'],
  [{ groups: ['admins'], subs: ['aaaa-1'] }, 'groups: cannot be given together with subs; name either users or groups'],
  [[], 'input: got a list of 0, want a JSON object, such as {}'],
  ['x', 'input: got "x", want a JSON object, such as {}'],
  [null, 'input: got null, want a JSON object, such as {}'],
])('%j is refused in one sentence', async (input, message) => {
  expect(await validate(input)).toEqual({ valid: false, message });
});

const A_MOMENT = 'want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z", or "now"';

test.each([
  '2025-12-31', '2025-12-31T10:00:00', '2025-12-31 10:00:00Z', '2025-02-30T10:00:00Z', '2025-12-31T25:00:00Z', '31.12.2025', 'yesterday', '', 1_767_000_000, null, true,
])('asOf: %j is no moment with a time zone', async asOf => {
  expect(await validate({ asOf })).toEqual({ valid: false, message: `asOf: got ${JSON.stringify(asOf)}, ${A_MOMENT}` });
});

describe('as of a moment', () => {
  const FIRST = Date.UTC(2025, 11, 1);
  const MOMENT = '2025-12-31T12:00:00+02:00';
  const AT = Date.UTC(2025, 11, 31, 10);
  const HELD = { heldMoment: async () => Date.UTC(2025, 11, 30) };
  const dated = (): InMemoryLedger => {
    const made = ledger();
    made.put(items.source({ poolId: SOURCE, sweptAt: 2, firstSweptAt: FIRST, historyDays: 35 }));
    return made;
  };
  const at = async (input: object, props: Partial<ValidationProps> = {}) => validate({ asOf: MOMENT, ...input }, { ledger: dated(), ...props });

  test('the moment is passed on, and the standby is held at it; of another pool nothing is said', async () => {
    expect(await at({})).toMatchObject({ valid: true, run: { asOf: AT, setsMoment: true } });
    expect(await at({})).not.toHaveProperty('run.removeGiven');
    const other = await at({ targetUserPoolId: OTHER });
    expect(other).toMatchObject({ valid: true, run: { asOf: AT } });
    expect(other).not.toHaveProperty('run.setsMoment');
  });

  test.each<[string, object, string]>([
    ['later than now', { asOf: '2026-01-01T00:00:01Z' },
      'asOf: 2026-01-01T00:00:01.000Z has not come yet; want a moment before the start of the restore, 2026-01-01T00:00:00.000Z'],
    ['before the ledger was whole', { asOf: '2025-11-30T00:00:00Z' },
      'asOf: the ledger goes back to 2025-12-01T00:00:00.000Z for us-east-1_Source, not to 2025-11-30T00:00:00.000Z; want that moment or a later one'],
    ['some users of a standby that is not held there', { subs: ['aaaa-1'] },
      `asOf: the standby ${STANDBY} has one moment for all of its users, and follows the ledger as it is; restore all of them, or leave asOf out`],
    ['a sub that nobody had', { targetUserPoolId: OTHER, subs: ['cccc-3'] },
      'subs: the ledger has no user cccc-3 of us-east-1_Source at 2025-12-31T10:00:00.000Z; name users by the sub that they have in that pool'],
    ['a sub that was deleted by then', { targetUserPoolId: OTHER, subs: ['aaaa-2'] },
      'subs: deleted in us-east-1_Source at 2025-12-31T10:00:00.000Z: aaaa-2; leave them out, or name a moment at which they were there'],
    ['a group that was gone by then', { targetUserPoolId: OTHER, groups: ['gone'] },
      'groups: the ledger has no group "gone" of us-east-1_Source at 2025-12-31T10:00:00.000Z; names are case-sensitive'],
  ])('%s: refused in one sentence', async (_what, input, message) => {
    expect(await at(input)).toEqual({ valid: false, message });
  });

  test('a ledger that was never swept whole, as far as is known, cannot go back', async () => {
    expect(await validate({ asOf: MOMENT })).toEqual({
      valid: false, message: 'asOf: the ledger cannot go back yet for us-east-1_Source; wait for the next complete sweep',
    });
  });

  test('who was deleted since, and a group that is gone since, can be named; who came since cannot', async () => {
    const then = dated();
    const user = { poolId: SOURCE, username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED' as const, modifiedAt: 0, digest: '', observedAt: 0, createdAt: 0 };
    const script = { notBefore: AT + 1, since: AT + 9 };
    for (const [kind, id, row] of [
      ['U', 'aaaa-5', items.user({ ...user, sub: 'aaaa-5' })], ['G', 'lost', items.group({ poolId: SOURCE, name: 'lost', observedAt: 0 })],
    ] as const) {
      const history = items.history(SOURCE, kind, id, row, 0, { cause: 'sweep:r', expiresAt: 9_999_999_999 });
      then.put({ ...history, ended: script });
      then.put({ ...row, deletedAt: AT + 9, observedAt: AT + 9, began: script, replaces: history.sk });
    }
    then.put(items.user({ ...user, sub: 'aaaa-6', createdAt: AT + 9_000, observedAt: AT + 9_000 }));
    const target = { targetUserPoolId: OTHER, asOf: MOMENT };
    expect(await validate({ ...target, subs: ['aaaa-5'] }, { ledger: then })).toMatchObject({ valid: true });
    expect(await validate({ ...target, groups: ['lost'] }, { ledger: then })).toMatchObject({ valid: true });
    expect(await validate({ ...target, subs: ['aaaa-6'] }, { ledger: then })).toMatchObject({ valid: false });
    expect(await validate({ targetUserPoolId: OTHER, subs: ['aaaa-5'] }, { ledger: then })).toMatchObject({ valid: false });
  });

  test('a standby that is held goes on at its moment, until now is asked for; some of its users can be restored there', async () => {
    const held = Date.UTC(2025, 11, 30);
    const of = async (input: object) => validate(input, { ledger: dated(), ...HELD });
    expect(await of({ quotaShare: 0.5, removeGiven: true })).toMatchObject({ valid: true, run: { asOf: held } });
    expect(await of({ subs: ['aaaa-1'] })).toMatchObject({ valid: true, run: { asOf: held } });
    expect(await of({ subs: ['aaaa-1'], asOf: new Date(held).toISOString() })).toMatchObject({ valid: true, run: { asOf: held } });
    expect(await of({})).not.toHaveProperty('run.setsMoment');
    expect(await of({ asOf: MOMENT })).toMatchObject({ valid: true, run: { asOf: AT, setsMoment: true } });
    const now = await of({ asOf: 'now' });
    expect(now).toMatchObject({ valid: true, run: { setsMoment: true, removeGiven: true } });
    expect(now).not.toHaveProperty('run.asOf');
    expect(await of({ asOf: 'now', subs: ['aaaa-1'] })).toMatchObject({ valid: false, message: expect.stringContaining('is held at 2025-12-30T00:00:00.000Z') });
    expect(await of({ targetUserPoolId: OTHER })).not.toHaveProperty('run.asOf');
    // What the history no longer has cannot be given.
    expect(await validate({}, { ledger: dated(), heldMoment: async () => FIRST - 1 })).toMatchObject({ valid: false, message: expect.stringMatching(/^asOf: the ledger goes back to/) });
  });
});

test.each([
  ['a sub of 1,025 bytes', { subs: ['a', 'x'.repeat(1_025)] }, `subs[1]: got "${'x'.repeat(79)}..., want the sub of a user, of at most 1024 bytes`],
  ['a sub of 342 characters of three bytes', { subs: ['漢'.repeat(342)] }, `subs[0]: got "${'漢'.repeat(79)}..., want the sub of a user, of at most 1024 bytes`],
  ['a sub that fits and that nobody has', { subs: ['x'.repeat(1_024)] }, `subs: the ledger has no user ${'x'.repeat(80)}... of us-east-1_Source; name users by the sub that they have in that pool`],
  ['the name of a group of 129 characters', { groups: ['g'.repeat(129)] }, `groups[0]: got "${'g'.repeat(79)}..., want the name of a group, of at most 128 characters`],
  ['a field of 40,000 characters', { ['f'.repeat(40_000)]: 1 }, `${'f'.repeat(80)}...: not a field of a restore; known fields are targetUserPoolId, sourceUserPoolId, asOf, subs, groups, restoreDeleted, removeGiven, scheduled, dryRun, quotaShare`],
])('%s is refused in one sentence that a failed execution can carry', async (_what, input, message) => {
  expect(await validate(input)).toEqual({ valid: false, message });
});

test('a target that is gone', async () => {
  const message = `targetUserPoolId: there is no user pool ${STANDBY}; it was deleted, or belongs to another account`;
  expect(await validate({}, { describeUserPool: async () => undefined })).toEqual({ valid: false, message });
});

test('no standby pool', async () => {
  expect(await validate({}, { standbyUserPoolId: '', targetUserPoolIds: [] })).toEqual({
    valid: false, message: 'targetUserPoolId: not given, and this stack has no standby pool; pools that a restore may write to: none',
  });
});

test('an empty ledger, and one whose first sweep has not ended', async () => {
  const empty = new InMemoryLedger();
  expect(await validate({}, { ledger: empty })).toEqual({ valid: false, message: 'sourceUserPoolId: the ledger holds no user pool yet; wait for the first sweep' });
  empty.put(items.source({ poolId: SOURCE, sweepStartedAt: 1 }));
  expect(await validate({}, { ledger: empty })).toMatchObject({ valid: false, message: expect.stringContaining('no sweep has completed yet') });
  expect(await validate({ sourceUserPoolId: SOURCE }, { ledger: empty })).toMatchObject({ valid: true });
});

test('a target whose schema lacks attributes of the source', async () => {
  expect(await validate({}, {}, { UsernameAttributes: ['email'], SchemaAttributes: [{ Name: 'email' }] })).toEqual({
    valid: false,
    message: `targetUserPoolId: ${STANDBY} cannot take the users of ${SOURCE}: its schema lacks custom:tier, which users of the source pool have: add it to the target pool (custom attributes can be added at any time)`,
  });
});

test('a target with other sign-in options', async () => {
  expect(await validate({}, {}, { ...SCHEMA, UsernameAttributes: ['phone_number'] })).toMatchObject({
    valid: false, message: expect.stringContaining('its users sign in by phone_number, those of the source pool by email'),
  });
  expect(await validate({}, {}, { ...SCHEMA, UsernameAttributes: ['phone_number', 'email'] })).toMatchObject({ valid: true });
  // The other way round too: an alias of the target would refuse each address as a user name.
  for (const alias of [{}, { AliasAttributes: ['email'] }]) {
    expect(await validate({}, {}, { ...SCHEMA, ...alias })).toMatchObject({
      valid: false, message: expect.stringContaining('its users sign in by a user name, those of the source pool by email'),
    });
  }
});

test.each<[string, readonly (readonly string[] | undefined)[], boolean]>([
  ['no client', [], true],
  ['no client that may write it', [['email'], ['name']], true],
  ['a client that may write it', [['email'], ['email', 'custom:source_sub']], false],
  ['a client without a list, which may write everything', [['email'], undefined], false],
  ['a client with an empty list', [[]], false],
])('custom:source_sub says who somebody is in a target with %s: %s %s', async (_what, writeAttributes, proves) => {
  const { run } = await validate({}, { clientsOf: () => clients(writeAttributes) }) as { run: RestoreRun };
  expect(run.sourceSubProves ?? false).toBe(proves);
});

test.each(['listClients', 'writeAttributesOf'] as const)('custom:source_sub says nothing where not all clients could be looked at: %s', async call => {
  const stopped = async () => Promise.reject(new PacerStoppedError('no time left'));
  const { run } = await validate({}, { clientsOf: () => ({ ...clients([['email'], ['name']]), [call]: stopped }) }) as { run: RestoreRun };
  expect(run).not.toHaveProperty('sourceSubProves');
});

test('custom:source_sub says nothing in a target without it, and nobody looks at its clients', async () => {
  const unplanned = () => Promise.reject(new Error('the test did not plan this call'));
  const validation = await validate({}, { clientsOf: () => ({ listClients: unplanned, writeAttributesOf: unplanned }) }, {
    SchemaAttributes: SCHEMA.SchemaAttributes.slice(0, 2), UsernameAttributes: ['email'],
  });
  expect(validation).toMatchObject({ valid: true, run: expect.not.objectContaining({ sourceSubProves: true }) });
});

test('a ledger that holds several pools wants to know which one is meant', async () => {
  const several = ledger();
  several.put(items.source({ poolId: OLD, sweptAt: Date.UTC(2026, 0, 1), users: 1_000 }));
  several.put(items.source({ poolId: SOURCE, sweptAt: Date.UTC(2026, 0, 2), users: 0 }));
  expect(await validate({}, { ledger: several })).toEqual({
    valid: false,
    message: 'sourceUserPoolId: not given, and the ledger holds several pools; name the one whose users are wanted: '
      + `${SOURCE} (0 users, swept 2026-01-02T00:00:00.000Z), ${OLD} (1000 users, swept 2026-01-01T00:00:00.000Z)`,
  });
  expect(await validate({ sourceUserPoolId: SOURCE }, { ledger: several })).toMatchObject({ valid: true });
});

describe('a scheduled restore', () => {
  const holding = (...pools: Parameters<typeof items.source>[0][]) => {
    const some = new InMemoryLedger();
    pools.forEach(pool => some.put(items.source(pool)));
    return some;
  };

  test('takes the pool that was swept last, as the follower and the drill do, after a pool was replaced', async () => {
    const replaced = ledger();
    replaced.put(items.source({ poolId: OLD, sweptAt: Date.UTC(2026, 0, 1), users: 1_000 }));
    replaced.put(items.source({ poolId: SOURCE, sweptAt: Date.UTC(2026, 0, 2), users: 0 }));
    const of = async (input: object) => validate({ scheduled: true, ...input }, { ledger: replaced });
    expect(await of({})).toMatchObject({ valid: true, run: { sourceUserPoolId: SOURCE, scheduled: true } });
    expect(await of({ sourceUserPoolId: OLD })).toMatchObject({ valid: true, run: { sourceUserPoolId: OLD } });
  });

  test.each([['no pool', holding()], ['a pool that no sweep has been through', holding({ poolId: SOURCE })]])('waits for the first copy where the ledger holds %s', async (_what, early) => {
    const refused = await validate({}, { ledger: early });
    expect(refused).toMatchObject({ valid: false });
    expect(refused).not.toHaveProperty('tooEarly');
    expect(await validate({ scheduled: false }, { ledger: early })).toEqual(refused);
    expect(await validate({ scheduled: true }, { ledger: early })).toEqual({ ...refused, tooEarly: true });
  });

  test('is refused what any restore is refused', async () => {
    expect(await validate({ scheduled: true, sourceUserPoolId: 'us-east-1_Nobody' }))
      .toEqual({ valid: false, message: expect.stringContaining('the ledger holds nothing of') });
    expect(await validate({ scheduled: true }, { describeUserPool: async () => undefined }))
      .toEqual({ valid: false, message: expect.stringContaining('there is no user pool') });
  });
});

describe('case', () => {
  const pool = (CaseSensitive: boolean, UsernameAttributes: string[]): DescribedUserPool =>
    ({ ...SCHEMA, UsernameAttributes, UsernameConfiguration: { CaseSensitive } });
  async function into(source: DescribedUserPool, target: DescribedUserPool) {
    const with_ = ledger();
    with_.put(items.poolPart({ poolId: SOURCE, part: 'pool', digest: '', observedAt: 0, value: source }));
    return validate({}, { ledger: with_ }, target);
  }

  test('two users who differ by case alone do not fit into a target that does not see it', async () => {
    expect(await into(pool(true, ['email']), pool(false, ['email']))).toMatchObject({
      valid: false, message: expect.stringContaining('differ by case alone'),
    });
  });

  test('users who type their names in any case could not sign in to one that does', async () => {
    expect(await into(pool(false, ['email']), pool(true, ['email']))).toMatchObject({
      valid: false, message: expect.stringContaining('could not sign in'),
    });
  });

  test('phone numbers have none', async () => {
    expect(await into(pool(false, ['phone_number']), pool(true, ['phone_number']))).toMatchObject({ valid: true });
  });
});

describe('a state machine\'s payload', () => {
  const named = (length: number) => {
    const many = ledger();
    const subs = Array.from({ length: 5_000 }, (_, i) => String(i).padStart(length, '0'));
    for (const sub of subs) {
      many.put(items.user({ poolId: SOURCE, sub, username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, digest: '', observedAt: 0 }));
    }
    return validate({ subs }, { ledger: many });
  };

  test('holds what passes validation', async () => {
    const validation = await named('aaaaaaaa-0000-4000-8000-000000000000'.length);
    expect(validation.valid).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(validation))).toBeLessThan(250_000);
  });

  test('would not hold as many longer ones, which are refused', async () => {
    expect(await named(50)).toEqual({ valid: false, message: 'subs: too long for an execution\'s state; start several restores one after the other' });
  });
});
