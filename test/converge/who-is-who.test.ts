import * as fc from 'fast-check';
import { poolSettingsOf } from '../../src/cognito/pool-settings';
import { TargetUser } from '../../src/cognito/user';
import { FoundUser, identify } from '../../src/converge/identify';
import { sentenceOf } from '../../src/converge/sentences';
import { CreatePlan, planUser } from '../../src/converge/user-plan';
import { UserRow } from '../../src/ledger/schema';
import { restorePolicy } from '../../src/restore/restore-policy';
import { RestoreRun } from '../../src/restore/restore-run';
import { mayEnter } from '../../src/standby/source-directory';
import { WARM_POLICY } from '../../src/standby/warm/warm-policy';
import { Link } from '../../src/state/link';
import { cognitoError, FakeUser, Operation, WRITES } from '../helpers/fake-cognito';
import { RestoreWorld, SOURCE, WorldOptions } from '../helpers/restore-world';
import { StandbyWorld } from '../helpers/standby-world';

const VICTIM = 'aaaa-1';
const SOMEBODY_ELSE = sentenceOf({ code: 'name-of-another' });
const NOT_CONFIRMED = sentenceOf({ code: 'name-of-unconfirmed' });
const VERIFIED = { email: 'v@example.com', email_verified: 'true' };

function world(options: WorldOptions = {}): RestoreWorld {
  const made = new RestoreWorld({ usernameAttributes: ['email'], ...options });
  made.group({ name: 'admins' });
  made.user(VICTIM, { username: 'victim', attributes: { ...VERIFIED, name: 'V' } }, ['admins']);
  return made;
}

describe('whoever signed up with a name before the restore', () => {
  test.each<[string, WorldOptions, Partial<FakeUser>, string]>([
    ['has not confirmed', {}, { status: 'UNCONFIRMED', attributes: { email: 'v@example.com' } }, NOT_CONFIRMED],
    ['was confirmed without proving the address', {}, { attributes: { email: 'v@example.com', email_verified: 'false' } }, SOMEBODY_ELSE],
    ['chose the user name', { usernameAttributes: [] }, { username: 'victim', attributes: { email: 'evil@example.com', email_verified: 'true' } }, SOMEBODY_ELSE],
    ['has the address to sign in by, unverified', { usernameAttributes: [], aliasAttributes: ['email'] }, { username: 'victim', attributes: { email: 'v@example.com' } }, SOMEBODY_ELSE],
    ['was invited in the target', {}, { status: 'FORCE_CHANGE_PASSWORD', attributes: VERIFIED, createdAt: 1 }, SOMEBODY_ELSE],
    ['has to reset the password', {}, { status: 'RESET_REQUIRED', attributes: VERIFIED }, SOMEBODY_ELSE],
  ])('and %s gets nothing of the user', async (_how, options, stranger, reason) => {
    for (const run of [{}, { subs: [VICTIM] }, { dryRun: true }]) {
      const made = world(options);
      const { sub } = made.pool.seed({ username: 'stranger', password: 'their own', ...stranger });
      const { report } = await made.restore(run);
      expect(report).toMatchObject({ restored: 0, alreadyThere: 0, failed: 1, reasons: { failed: { [reason]: 1 } } });
      if (!('subs' in run)) expect(report!.unknownInTarget).toBe(1);
      expect(made.pool.users.get(sub)).toMatchObject({ password: 'their own', groups: new Set(), attributes: stranger.attributes });
      expect(made.pool.callsOf(...WRITES.filter(write => write !== 'createUser' && write !== 'createGroup'))).toBe(0);
    }
  });

  test('and named the user in an attribute that clients may write gets nothing, and the report says why it is ignored', async () => {
    const made = world();
    made.pool.seed({ username: 'stranger', password: 'own', attributes: { 'email': 'v@example.com', 'custom:source_sub': VICTIM } });
    const { report } = await made.restore({ sourceSubProves: false });
    expect(report).toMatchObject({ alreadyThere: 0, failed: 1, reasons: { failed: { [SOMEBODY_ELSE]: 1 } }, notes: [expect.stringContaining('app clients of the target may write custom:source_sub')] });
    expect([...made.pool.users.values()][0]).toMatchObject({ groups: new Set(), password: 'own' });
  });
});

describe('the same person', () => {
  test('has verified the same address', async () => {
    const made = world();
    made.pool.seed({ username: 'there', password: 'own', attributes: { ...VERIFIED, email: 'V@example.com' } });
    const { report } = await made.restore({ sourceSubProves: false });
    expect(report).toMatchObject({ alreadyThere: 1, failed: 0 });
    expect([...made.pool.users.values()]).toMatchObject([{ groups: new Set(['admins']), attributes: { name: 'V' }, password: 'own' }]);
  });

  test('but not where the target tells the case of addresses apart', async () => {
    const made = world({ caseSensitive: true, usernameAttributes: [] });
    made.pool.seed({ username: 'victim', attributes: { ...VERIFIED, email: 'V@example.com' } });
    expect((await made.restore({ sourceSubProves: false })).report).toMatchObject({ alreadyThere: 0, failed: 1 });
  });

  test('is marked with the sub, where only a restore can write it', async () => {
    const made = world();
    made.pool.seed({ username: 'there', password: 'own', attributes: { 'email': 'v@example.com', 'custom:source_sub': VICTIM } });
    const { report } = await made.restore();
    expect(report).toMatchObject({ alreadyThere: 1, failed: 0 });
  });

  test('never gets a verified flag that they did not earn', async () => {
    const made = world();
    made.user(VICTIM, { username: 'victim', attributes: { ...VERIFIED, phone_number: '+491', phone_number_verified: 'true' } });
    made.pool.seed({ username: 'there', password: 'own', attributes: { ...VERIFIED, phone_number: '+499', phone_number_verified: 'false' } });
    const { report } = await made.restore();
    expect(report).toMatchObject({ alreadyThere: 1, warnings: { 'phone_number is verified in the ledger only: left as it is in the target, where its owner can verify it': 1 } });
    expect([...made.pool.users.values()][0].attributes).toMatchObject({ phone_number: '+499', phone_number_verified: 'false' });
  });

  test('gets one where a restore made the user: nobody else knew a password', async () => {
    const made = world();
    await made.restore();
    made.user(VICTIM, { username: 'victim', attributes: { email: 'new@example.com', email_verified: 'true', name: 'V' } }, ['admins']);
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 1, reasons: { 'already-there': { converged: 1 } } });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { email: 'new@example.com', email_verified: 'true' } }]);
  });

  test('is told of a status that keeps them out', async () => {
    const made = world();
    await made.restore();
    [...made.pool.users.values()][0].status = 'FORCE_CHANGE_PASSWORD';
    const { report } = await made.restore();
    expect(report!.alreadyThere).toBe(1);
    expect(Object.keys(report!.warnings)).toEqual([expect.stringMatching(/^status in the target is FORCE_CHANGE_PASSWORD: "forgot password" is refused/)]);
  });
});

describe('users with identities', () => {
  const at = (userId: string, primary: boolean) => JSON.stringify([{ providerName: 'Corp', providerType: 'SAML', userId, primary: String(primary) }]);
  const NOT_MADE = sentenceOf({ code: 'source-federated' });

  test.each(['CONFIRMED', 'EXTERNAL_PROVIDER'] as const)('a federated user is never made, whatever the status: %s', async status => {
    const made = new RestoreWorld({});
    made.user('aaaa-1', { username: 'Corp_greta', status, attributes: { ...VERIFIED, identities: at('greta', true) } });
    for (const run of [{}, { subs: ['aaaa-1'] }, { dryRun: true }]) {
      expect((await made.restore(run)).report).toMatchObject({ restored: 0, failed: 0, skipped: 1, reasons: { skipped: { [NOT_MADE]: 1 } } });
    }
    expect(made.pool.users.size).toBe(0);
  });

  test.each(['CONFIRMED', 'EXTERNAL_PROVIDER'] as const)('a local user with a linked identity is made, whatever the status: %s', async status => {
    const made = world();
    made.user(VICTIM, { username: 'victim', status, attributes: { ...VERIFIED, identities: at('7', false) } }, ['admins']);
    expect((await made.restore()).report).toMatchObject({ restored: 1, skipped: 0 });
    expect([...made.pool.users.values()]).toMatchObject([{ status: 'CONFIRMED', attributes: VERIFIED, groups: new Set(['admins']) }]);
  });

  test('a linked user of the target is the person, also after a sign-in through the provider', async () => {
    const made = world();
    made.pool.seed({ username: 'there', status: 'EXTERNAL_PROVIDER', attributes: { ...VERIFIED, identities: at('7', false) } });
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 1, failed: 0 });
  });

  test('the profile that Cognito made for a linked identity does not stand for the local user, who is made beside it', async () => {
    for (const run of [{}, { subs: [VICTIM] }]) {
      const made = world();
      made.user(VICTIM, { username: 'victim', attributes: { ...VERIFIED, identities: at('7', false) } }, ['admins']);
      const { sub } = made.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { name: 'own', identities: at('7', true) } });
      const image = { attributes: {}, enabled: true, groups: [] };
      await made.table.stateOf('earlier').links.write({ sourceSub: VICTIM, targetSub: sub, firstSub: VICTIM, image, execution: 'standby:on-demand', restored: false, at: 0 });
      expect((await made.restore(run)).report).toMatchObject({ restored: 1, failed: 0, skipped: 0 });
      expect(made.pool.users.get(sub)).toMatchObject({ username: 'Corp_7', attributes: { name: 'own' }, groups: new Set() });
      expect((await made.restore(run)).report).toMatchObject({ restored: 0, alreadyThere: 1 });
    }
  });
});

describe('links', () => {
  test('of another user of the ledger make somebody else, also with the same name and address', async () => {
    const made = world({ customAttributes: {} });
    await made.restore();
    // Deleted in the source and signed up again.
    made.user(VICTIM, { username: 'victim', attributes: { ...VERIFIED, name: 'V' }, deletedAt: 9 });
    made.user('bbbb-2', { username: 'again', attributes: { ...VERIFIED, name: 'Somebody new' }, createdAt: 8 });
    const { report } = await made.restore();
    expect(report).toMatchObject({ users: 1, failed: 1, reasons: { failed: { [SOMEBODY_ELSE]: 1 } } });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { name: 'V' } }]);
  });

  test('win over whoever has the name now', async () => {
    const made = world({ usernameAttributes: ['email'] });
    await made.restore();
    const [person] = made.pool.users.values();
    person.attributes = { ...person.attributes, email: 'moved@example.com' };
    const { sub } = made.pool.seed({ username: 'stranger', attributes: { email: 'v@example.com', email_verified: 'false' } });
    // Listed first.
    made.pool.users.delete(person.sub);
    made.pool.users.set(person.sub, person);
    const { report } = await made.restore();
    expect(report).toMatchObject({ alreadyThere: 1, failed: 0, unknownInTarget: 1 });
    expect(made.pool.users.get(sub)!.groups.size).toBe(0);
  });
});

test.each(['before', 'after'])('a stranger with the name, listed %s the person who is marked with the sub, changes nothing', async order => {
  for (const pageSize of [60, 1]) {
    const made = world({ pageSize });
    const stranger = { username: 'stranger', sub: 'stranger', attributes: { email: 'v@example.com' } };
    if (order === 'before') made.pool.seed(stranger);
    made.pool.seed({ username: 'there', sub: 'there', attributes: { 'email': 'moved@example.com', 'custom:source_sub': VICTIM } });
    if (order === 'after') made.pool.seed(stranger);
    const { report } = await made.restore();
    // Cognito refuses the address while the stranger signs in by it: the report names the user, and an operator decides.
    expect(report).toMatchObject({ alreadyThere: 0, failed: 1, unknownInTarget: 1 });
    expect(made.pool.users.get('there')).toMatchObject({ groups: new Set(['admins']), attributes: { email: 'moved@example.com' } });
    expect(made.pool.users.get('stranger')).toMatchObject({ groups: new Set(), attributes: stranger.attributes });
  }
});

describe('identify', () => {
  const run: RestoreRun = {
    execution: 'run', startedAt: 10_000, sourceUserPoolId: SOURCE, targetUserPoolId: 'T', sourceSubProves: true, dryRun: false, quotaShare: 1,
  };
  const row: UserRow = {
    poolId: SOURCE, sub: VICTIM, username: 'u', signInName: 'v@example.com', attributes: VERIFIED, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, digest: '', observedAt: 0,
  };
  const schema = (more: string[]) => poolSettingsOf({ UsernameAttributes: ['email'], SchemaAttributes: ['email', 'email_verified', ...more].map(Name => ({ Name })) });
  const image = { attributes: {}, enabled: true, groups: [] };
  const link = { sourceSub: VICTIM, targetSub: 't', firstSub: VICTIM, image, execution: 'earlier', restored: true, at: 0 };

  function who(user: Partial<TargetUser>, more: Partial<FoundUser> = {}, given: Partial<RestoreRun> = {}, settings = schema(['custom:source_sub']), back: Partial<UserRow> = {}): string {
    const plan = planUser(row, [], settings, () => false);
    if (plan.kind !== 'create') throw new Error(plan.reason.code);
    const found: TargetUser = { sub: 't', username: 't', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, ...user };
    const { sourceSubProves = false, ...of } = { ...run, ...given };
    return identify({ ...of, sourceSubProves, settings, policy: restorePolicy(of) }, plan, { ...row, ...back }, { user: found, ...more });
  }
  /** Deleted at the source, and brought back there by a recovery. */
  const returned = (user: Partial<TargetUser>, more: Partial<FoundUser> = {}) => who(user, more, {}, schema(['custom:source_sub']), { firstSub: 'first' });
  const LINKED = '[{"providerName":"Corp","userId":"7","primary":"false"}]';
  const marked = { attributes: { 'custom:source_sub': VICTIM } };

  test.each<[string, () => string, string]>([
    ['a link', () => who({}, { link }), 'existing'],
    ['a link of this run', () => who({}, { link: { ...link, execution: 'run' } }), 'ours'],
    ['a link of a user whom an earlier run did not finish', () => who({}, { link: { ...link, finished: false } }), 'ours'],
    ['a link of somebody whom this run converged', () => who({}, { link: { ...link, execution: 'run', restored: false } }), 'existing'],
    ['a link of another row', () => who(marked, { link: { ...link, sourceSub: 'x' } }), 'other'],
    ['a link, but not confirmed', () => who({ status: 'UNCONFIRMED' }, { link }), 'unconfirmed'],
    ['the mark', () => who(marked), 'existing'],
    ['the mark of another', () => who({ attributes: { ...VERIFIED, 'custom:source_sub': 'x' } }), 'other'],
    ['the mark of another, where it proves nothing', () => who({ attributes: { ...VERIFIED, 'custom:source_sub': 'x' } }, {}, { sourceSubProves: false }), 'existing'],
    ['the mark, where it proves nothing', () => who(marked, {}, { sourceSubProves: false }), 'other'],
    ['the mark, of whoever has no own password yet', () => who({ ...marked, status: 'FORCE_CHANGE_PASSWORD' }, {}, { sourceSubProves: false }), 'ours'],
    ['the first mark of somebody who was brought back', () => returned({ attributes: { 'custom:source_sub': 'first' } }), 'existing'],
    ['the mark of such a user, from before that was known', () => returned(marked), 'existing'],
    ['the link from before such a user was deleted', () => returned({}, { link: { ...link, sourceSub: 'first', firstSub: 'first' } }), 'existing'],
    ['a link of yet another row, of such a user', () => returned(marked, { link: { ...link, sourceSub: 'x', firstSub: 'x' } }), 'other'],
    ['the mark of another, of such a user', () => returned({ attributes: { ...VERIFIED, 'custom:source_sub': 'x' } }), 'other'],
    ['the same pool and sub', () => who({ sub: VICTIM }, {}, { targetUserPoolId: SOURCE }), 'existing'],
    ['the same pool and sub, no own password yet', () => who({ ...marked, sub: VICTIM, status: 'FORCE_CHANGE_PASSWORD' }, {}, { targetUserPoolId: SOURCE }), 'existing'],
    ['the same sub in another pool', () => who({ sub: VICTIM }), 'other'],
    ['created in this run, no own password, no mark possible', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 10_000, attributes: VERIFIED }, {}, {}, schema([])), 'ours'],
    ['created in this run, but with an own password', () => who({ createdAt: 10_000, attributes: { email: 'v@example.com' } }, {}, {}, schema([])), 'other'],
    ['created in this run, no own password, but not as this run creates', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 10_000, attributes: { email: 'v@example.com' } }, {}, {}, schema([])), 'other'],
    ['the mark of another, no own password yet', () => who({ attributes: { 'custom:source_sub': 'x' }, status: 'FORCE_CHANGE_PASSWORD' }, {}, { sourceSubProves: false }), 'other'],
    ['no mark, no own password yet, created in this run', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 10_000 }), 'other'],
    ['the mark, created in this run, where nobody has a password', () => who({ createdAt: 10_000, attributes: { ...VERIFIED, ...marked.attributes } }, {}, {}, { ...schema(['custom:source_sub']), signsInByPassword: false }), 'ours'],
    ['the mark, created before this run, where nobody has a password', () => who({ createdAt: 9_000, attributes: { ...VERIFIED, ...marked.attributes } }, {}, {}, { ...schema(['custom:source_sub']), signsInByPassword: false }), 'existing'],
    ['created before this run, no own password, no mark possible', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 9_000, attributes: VERIFIED }, {}, {}, schema([])), 'other'],
    ['created in the second in which this run began', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 10_000, attributes: VERIFIED }, {}, { startedAt: 10_400 }, schema([])), 'ours'],
    ['created in this run, where nobody has a password', () => who({ createdAt: 10_000, attributes: VERIFIED }, {}, {}, { ...schema([]), signsInByPassword: false }), 'ours'],
    ['invited, where nobody has a password', () => who({ status: 'FORCE_CHANGE_PASSWORD', createdAt: 10_000, attributes: VERIFIED }, {}, {}, { ...schema([]), signsInByPassword: false }), 'other'],
    ['the same pool and another sub', () => who({}, {}, { targetUserPoolId: SOURCE }), 'other'],
    ['the address, of a profile that was signed in to through a linked identity', () => who({ status: 'EXTERNAL_PROVIDER', attributes: { ...VERIFIED, identities: LINKED } }), 'existing'],
    ['the address, of such a profile whose link is gone', () => who({ status: 'EXTERNAL_PROVIDER', attributes: VERIFIED }), 'other'],
    ['the address, of a linked profile that must reset the password', () => who({ status: 'RESET_REQUIRED', attributes: { ...VERIFIED, identities: LINKED } }), 'other'],
    [
      'an address that only the target has verified, where case is ignored',
      () => who({ attributes: VERIFIED }, {}, {}, { ...schema(['custom:source_sub']), caseSensitive: false }, { attributes: { ...VERIFIED, email_verified: 'false' } }), 'other',
    ],
    ['a federated user', () => who({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: VERIFIED }), 'other'],
    ['a federated user with a password', () => who({ username: 'Corp_7', attributes: { ...VERIFIED, identities: '[{"providerName":"Corp","userId":"7","primary":"true"}]' } }), 'other'],
    ['an address that was verified in other letters', () => who({ attributes: { ...VERIFIED, email_verified: 'True' } }), 'existing'],
  ])('%s', (_what, identity, expected) => {
    expect(identity()).toBe(expected);
  });

  test('a follower never takes a user for one that it is about to finish, unless the link says so', () => {
    const plan = planUser(row, [], schema([]), () => false) as CreatePlan;
    const as = (user: Partial<TargetUser>, known?: Partial<Link>) => identify(
      { sourceUserPoolId: SOURCE, targetUserPoolId: 'T', sourceSubProves: true, settings: schema([]), policy: WARM_POLICY }, plan, row,
      {
        user: { sub: 't', username: 't', attributes: VERIFIED, enabled: true, status: 'CONFIRMED', createdAt: 1e12, modifiedAt: 1e12, ...user },
        link: known && { ...link, execution: WARM_POLICY.actor.name, ...known },
      });
    expect(as({ status: 'FORCE_CHANGE_PASSWORD' })).toBe('other');
    expect(as({}, {})).toBe('existing');
    expect(as({}, { finished: false })).toBe('ours');
  });
});

describe('a chain of restores', () => {
  test('ends in one user, also where the name has changed and no link is left', async () => {
    const made = new RestoreWorld({ usernameAttributes: ['email'] });
    made.user('bbbb-2', { attributes: { 'email': 'new@example.com', 'name': 'N', 'custom:source_sub': 'first-1' } });
    made.pool.seed({ username: 'there', attributes: { 'email': 'old@example.com', 'custom:source_sub': 'first-1' } });
    const { status, report } = await made.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ users: 1, restored: 0, alreadyThere: 1, unknownInTarget: 0 });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { email: 'new@example.com', name: 'N' } }]);
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 1, reasons: { 'already-there': { unchanged: 1 } } });
  });

  test('does not trust a mark that anybody may write', async () => {
    const made = new RestoreWorld({ usernameAttributes: ['email'] });
    made.user('bbbb-2', { attributes: { 'email': 'new@example.com', 'custom:source_sub': 'first-1' } });
    const { sub } = made.pool.seed({ username: 'there', attributes: { 'email': 'evil@example.com', 'custom:source_sub': 'first-1' } });
    expect((await made.restore({ sourceSubProves: false })).report).toMatchObject({ restored: 1, unknownInTarget: 1 });
    expect(made.pool.users.get(sub)!.attributes.email).toBe('evil@example.com');
  });
});

test.each<[string, WorldOptions]>([
  ['with custom:source_sub', {}],
  ['without custom:source_sub', { customAttributes: {} }],
])('a user whom a restore created before it was given up is finished by any later one: %s', async (_what, options) => {
  const made = world(options);
  made.pool.before = (operation: Operation) => {
    if (operation === 'setPermanentPassword') throw cognitoError('InternalErrorException');
  };
  await expect(made.restore()).rejects.toThrow();
  expect([...made.pool.users.values()]).toMatchObject([{ status: 'FORCE_CHANGE_PASSWORD' }]);
  made.pool.before = undefined;
  await made.clock.run(() => made.clock.sleep(86_400_000));
  made.user(VICTIM, { username: 'victim', attributes: { ...VERIFIED, name: 'Changed since' }, enabled: false }, ['admins']);

  const { status, report } = await made.restore();

  expect({ status, restored: report!.restored }).toEqual({ status: 'complete', restored: 1 });
  expect([...made.pool.users.values()]).toMatchObject([{ status: 'CONFIRMED', enabled: false, groups: new Set(['admins']), attributes: { name: 'Changed since' } }]);
  expect(report!.notes).toEqual(options.customAttributes ? [expect.stringContaining('the target has no attribute custom:source_sub')] : undefined);
});

describe('two live users of the ledger with one sign-in name', () => {
  const NEWER = 'another user of the ledger was seen with this sign-in name later';

  test.each([['aaaa-1', 'bbbb-2'], ['bbbb-2', 'aaaa-1']])('%s is older than %s: the newer one is restored, whoever comes first', async (older, newer) => {
    const made = new RestoreWorld({ usernameAttributes: ['email'] });
    made.user(older, { attributes: { ...VERIFIED, name: 'old' }, createdAt: 1 });
    made.user(newer, { attributes: { ...VERIFIED, name: 'new' }, createdAt: 2 });
    const { status, report } = await made.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ users: 2, restored: 1, skipped: 1, reasons: { skipped: { [NEWER]: 1 } } });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { 'name': 'new', 'custom:source_sub': newer } }]);
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 1, skipped: 1, unknownInTarget: 0 });
  });

  test('the newer one is converged too', async () => {
    const made = new RestoreWorld({ usernameAttributes: ['email'] });
    made.user('aaaa-1', { attributes: { ...VERIFIED, name: 'old' }, createdAt: 1 });
    made.user('bbbb-2', { attributes: { ...VERIFIED, name: 'new' }, createdAt: 2 });
    made.pool.seed({ username: 'there', attributes: VERIFIED });
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 1, skipped: 1, unknownInTarget: 0 });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { name: 'new' } }]);
  });

  test.each([['aaaa-1', 'bbbb-2'], ['bbbb-2', 'aaaa-1']])('%s was seen with it before %s, who was created earlier: the standby finds the one that a restore makes', async (before, later) => {
    const made = new RestoreWorld({ usernameAttributes: ['email'] });
    const standby = new StandbyWorld({ usernameAttributes: ['email'] });
    for (const each of [made, standby]) {
      each.user(before, { attributes: VERIFIED, observedAt: 5, createdAt: 9 });
      each.user(later, { attributes: VERIFIED, observedAt: 6, createdAt: 1 });
    }
    expect((await made.restore()).report).toMatchObject({ restored: 1, skipped: 1 });
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { 'custom:source_sub': later } }]);
    expect((await standby.directory.find('v@example.com'))?.sub).toBe(later);
  });

  test.each([['aaaa-1', 'bbbb-2'], ['bbbb-2', 'aaaa-1']])('an address beside the user name is of the one who was seen with it last: %s before %s', async (before, later) => {
    const options = { aliasAttributes: ['email', 'preferred_username'] } as const;
    const [made, standby] = [new RestoreWorld({ ...options }), new StandbyWorld({ ...options })];
    const names = { email: 'v@example.com', email_verified: 'True', preferred_username: 'v' };
    for (const each of [made, standby]) {
      each.user(before, { username: before, attributes: names, observedAt: 5 });
      each.user(later, { username: later, attributes: names, observedAt: 6 });
    }
    const { report } = await made.restore();
    // Both are users of their own, and nobody is lost with the name.
    expect(report).toMatchObject({ restored: 2, failed: 0 });
    const by = new Map([...made.pool.users.values()].map(({ username, attributes: { email, email_verified, preferred_username } }) =>
      [username, [email, email_verified, preferred_username]]));
    expect(by.get(later)).toEqual(['v@example.com', 'true', 'v']);
    expect(by.get(before)).toEqual(['v@example.com', 'false', undefined]);
    expect(report!.warnings).toEqual({
      [sentenceOf({ code: 'name-lost', attribute: 'email' })]: 1, [sentenceOf({ code: 'name-lost', attribute: 'preferred_username' })]: 1,
    });
    for (const name of ['v@example.com', 'v']) expect((await standby.directory.find(name))?.sub).toBe(later);
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 2, reasons: { 'already-there': { unchanged: 2 } } });
  });

  test.each([
    ['aaaa-1', 'bbbb-2', true], ['bbbb-2', 'aaaa-1', true], ['aaaa-1', 'bbbb-2', false], ['bbbb-2', 'aaaa-1', false],
  ])('where both kinds of address are names, who was seen last has one, be it the only name or a second one: %s before %s (%s)', async (before, later, isOnlyNameOfFirst) => {
    const options = { usernameAttributes: ['email', 'phone_number'] } as const;
    const [made, standby] = [new RestoreWorld({ ...options }), new StandbyWorld({ ...options })];
    const only = { phone_number: '+4911', phone_number_verified: 'true' };
    const second = { ...only, ...VERIFIED };
    for (const each of [made, standby]) {
      each.user(before, { attributes: isOnlyNameOfFirst ? only : second, observedAt: 5 });
      each.user(later, { attributes: isOnlyNameOfFirst ? second : only, observedAt: 6 });
    }
    const { report } = await made.restore();
    expect(report).toMatchObject(isOnlyNameOfFirst ? { restored: 1, skipped: 1, failed: 0 } : { restored: 2, failed: 0 });
    const holders = [...made.pool.users.values()].filter(({ attributes }) => attributes.phone_number === '+4911');
    expect(holders.map(({ attributes }) => attributes['custom:source_sub'])).toEqual([later]);
    expect((await standby.directory.find('+4911'))?.sub).toBe(later);
  });

  test('whatever they are like, a restore and the standby choose the same one', async () => {
    const somebody = fc.record({
      observedAt: fc.integer({ min: 3, max: 5 }),
      createdAt: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom('CONFIRMED', 'RESET_REQUIRED', 'UNCONFIRMED'),
      deletedAt: fc.option(fc.constant(9), { nil: undefined }),
    });
    await fc.assert(fc.asyncProperty(fc.array(somebody, { minLength: 1, maxLength: 4 }), async people => {
      const made = new RestoreWorld({ usernameAttributes: ['email'] });
      const standby = new StandbyWorld({ usernameAttributes: ['email'] });
      for (const each of [made, standby]) people.forEach((person, i) => each.user(`aaaa-${i}`, { ...person, attributes: VERIFIED }));
      await made.restore();
      const found = await standby.directory.find('v@example.com');
      expect([...made.pool.users.values()].map(({ attributes }) => attributes['custom:source_sub'])).toEqual(mayEnter(found) ? [found.sub] : []);
    }), { numRuns: 60 });
  });

  test('a sign-up that was never confirmed takes nobody\'s name', async () => {
    const made = world();
    made.user('bbbb-2', { attributes: { email: 'v@example.com' }, status: 'UNCONFIRMED', createdAt: 9 });
    const { report } = await made.restore();
    expect(report).toMatchObject({ restored: 1, skipped: 1 });
    expect(report!.reasons.skipped).not.toHaveProperty([NEWER]);
    expect([...made.pool.users.values()]).toMatchObject([{ attributes: { name: 'V' } }]);
  });
});
