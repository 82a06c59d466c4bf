import * as fc from 'fast-check';
import { poolSettingsOf, PoolSettings } from '../../src/cognito/pool-settings';
import { firstSubOf } from '../../src/cognito/source-sub';
import { UserImage } from '../../src/cognito/user';
import { Winner } from '../../src/converge/policy';
import { CreatePlan, planConvergence, planRemoval, planUser } from '../../src/converge/user-plan';
import { UserRow } from '../../src/ledger/schema';
import { PlannedImage } from '../../src/state/link';
import { Reason, ReasonCode } from '../../src/state/outcome';

const SETTINGS = poolSettingsOf({
  UsernameAttributes: ['email'],
  AutoVerifiedAttributes: ['email'],
  SchemaAttributes: [
    ...['email', 'email_verified', 'phone_number', 'phone_number_verified', 'name', 'preferred_username', 'custom:tier'].map(Name => ({ Name, Mutable: true })),
    { Name: 'custom:tenant', Mutable: false },
    { Name: 'custom:source_sub', Mutable: false },
  ],
});

function row(user: Partial<UserRow> = {}): UserRow {
  return {
    poolId: 'us-east-1_S',
    sub: 'aaaa-1',
    username: 'aaaa-1',
    signInName: 'a@example.com',
    attributes: { email: 'a@example.com', email_verified: 'true' },
    enabled: true,
    status: 'CONFIRMED',
    createdAt: 0,
    modifiedAt: 0,
    digest: '',
    observedAt: 0,
    ...user,
  };
}

function created(user: Partial<UserRow> = {}, groups: string[] = [], settings: PoolSettings = SETTINGS): CreatePlan {
  const plan = planUser(row(user), groups, settings, name => ['admins', 'staff'].includes(name));
  if (plan.kind !== 'create') throw new Error(plan.reason.code);
  return plan;
}

function inTarget(user: Partial<UserImage> = {}): UserImage {
  return { sub: 't', username: 't', attributes: { email: 'a@example.com', email_verified: 'true' }, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, ...user };
}

describe('a user who is not there', () => {
  const identity = (primary: boolean) => JSON.stringify([{ providerName: 'Corp', providerType: 'SAML', userId: 'greta', primary: String(primary) }]);
  const federated = { username: 'Corp_greta', attributes: { identities: identity(true) } };

  test.each<[string, Partial<UserRow>, ReasonCode]>([
    ['who is UNCONFIRMED', { status: 'UNCONFIRMED' }, 'source-unconfirmed'],
    ['of an identity provider', { ...federated, status: 'EXTERNAL_PROVIDER' }, 'source-federated'],
    ['of an identity provider with a password', { ...federated, status: 'CONFIRMED' }, 'source-federated'],
  ])('%s is skipped', (_who, user, code) => {
    expect(planUser(row(user), [], SETTINGS, () => false)).toEqual({ kind: 'skip', reason: { code } });
  });

  test('with a linked identity is made, also where a sign-in through the provider left EXTERNAL_PROVIDER', () => {
    const plan = created({ status: 'EXTERNAL_PROVIDER', attributes: { email: 'a@example.com', email_verified: 'true', identities: identity(false) } });
    expect(plan).toMatchObject({ signInName: 'a@example.com', attributes: { email: 'a@example.com', email_verified: 'true' } });
    expect(plan.warnings).toEqual([{ code: 'source-status', status: 'EXTERNAL_PROVIDER' }, { code: 'identities-not-linked' }]);
  });

  test.each(['COMPROMISED', 'ARCHIVED'] as const)('whom Cognito bars as %s is made, and disabled', status => {
    expect(created({ status })).toMatchObject({ image: { enabled: false }, warnings: [{ code: 'source-status', status }] });
  });

  test('gets a flag in the one form that Cognito takes, whatever form it was read in', () => {
    for (const [read, sent] of [['True', 'true'], ['TRUE', 'true'], ['true', 'true'], ['False', 'false'], ['no', 'false']]) {
      expect(created({ attributes: { email: 'a@example.com', email_verified: read } }).attributes.email_verified).toBe(sent);
    }
  });

  test('without a sign-in name fails', () => {
    expect(planUser(row({ signInName: undefined }), [], SETTINGS, () => false)).toMatchObject({ kind: 'fail', reason: { code: 'no-sign-in-name' } });
  });

  test('with an attribute that the target lacks fails, and the reason has no value', () => {
    expect(planUser(row({ attributes: { 'custom:other': 'secret' } }), [], SETTINGS, () => false)).toEqual({ kind: 'fail', reason: { code: 'attributes-not-in-schema', attributes: ['custom:other'] } });
    expect(planUser(row({ attributes: { 'email': 'a@b.c', 'custom:other': 'secret' } }), [], SETTINGS, () => false, 'leave-out')).toMatchObject({
      kind: 'create', image: { attributes: { email: 'a@b.c' } }, warnings: [{ code: 'attributes-left-out', attributes: ['custom:other'] }],
    });
  });

  test('gets all attributes, flags as they were, and the first sub', () => {
    const { attributes, signInName } = created({ attributes: { 'email': 'a@example.com', 'email_verified': 'false', 'custom:tenant': 't, "1"\n', 'name': '', 'identities': '[]', 'cognito:user_status': 'x' } });
    expect(signInName).toBe('a@example.com');
    expect(attributes).toEqual({ 'email': 'a@example.com', 'email_verified': 'false', 'custom:tenant': 't, "1"\n', 'custom:source_sub': 'aaaa-1' });
  });

  test('keeps the first sub of a chain of restores', () => {
    expect(firstSubOf(row({ attributes: { 'custom:source_sub': 'first' } }))).toBe('first');
    expect(created({ attributes: { 'custom:source_sub': 'first' } }).attributes).toEqual({ 'custom:source_sub': 'first' });
  });

  test('gets a preferred user name later where it is an alias', () => {
    const settings = poolSettingsOf({ AliasAttributes: ['preferred_username'], SchemaAttributes: [{ Name: 'preferred_username' }, { Name: 'name' }] });
    const plan = created({ attributes: { preferred_username: 'p', name: 'n' } }, [], settings);
    expect(plan).toMatchObject({ attributes: { name: 'n' }, lateAttributes: { preferred_username: 'p' }, image: { attributes: { name: 'n', preferred_username: 'p' } } });
  });

  test.each<[string, Partial<UserRow>, string[], Reason]>([
    ['status', { status: 'RESET_REQUIRED' }, [], { code: 'source-status', status: 'RESET_REQUIRED' }],
    ['linked identities', { attributes: { identities: '[{"providerName":"Corp","userId":"7"}]' } }, [], { code: 'identities-not-linked' }],
    ['TOTP', { mfa: { enabled: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'] } }, [], { code: 'totp-lost' }],
    ['passkeys', { mfa: { enabled: ['WEB_AUTHN'] } }, [], { code: 'passkeys-lost' }],
    ['groups', {}, ['admins', 'us-east-1_S_Google'], { code: 'group-not-restored' }],
  ])('is warned about: %s', (_what, user, groups, warning) => {
    expect(created(user, groups).warnings).toEqual([warning]);
  });

  test('gets the MFA preference as far as it can be set', () => {
    expect(created({ mfa: { enabled: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'], preferred: 'SOFTWARE_TOKEN_MFA' } }).image.mfa).toEqual({ enabled: ['SMS_MFA'] });
    expect(created({ mfa: { enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' } }).image.mfa).toEqual({ enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' });
    expect(created({ mfa: { enabled: [] } }).image.mfa).toBeUndefined();
  });

  test('is never sent what is Cognito\'s own', () => {
    const name = fc.oneof(fc.constantFrom('sub', 'identities', 'cognito:user_status', 'email', 'name', 'custom:tier'), fc.string().map(text => `cognito:${text}`));
    fc.assert(fc.property(fc.dictionary(name, fc.string()), attributes => {
      for (const sent of Object.keys(created({ attributes }).attributes)) expect(sent).not.toMatch(/^(sub|identities|cognito:.*)$/);
    }));
  });
});

describe('a user who is there', () => {
  const image = (more: Partial<PlannedImage> = {}): PlannedImage => ({ attributes: { email: 'a@example.com', email_verified: 'true' }, enabled: true, groups: [], ...more });

  const rules = (base?: PlannedImage, winner: Winner = 'ledger') => ({ base, winner, mayVerify: true });

  test('is left alone where nothing differs', () => {
    expect(planConvergence(image(), inTarget(), SETTINGS, rules())).toEqual({ attributes: {}, groups: [], warnings: [], conflicts: [] });
  });

  test('keeps what they changed in the target since the last restore', () => {
    const changed = inTarget({ attributes: { email: 'new@example.com', email_verified: 'true', name: 'New' }, enabled: false });
    const base = image({ attributes: { ...image().attributes, name: 'Old' } });
    expect(planConvergence(base, changed, SETTINGS, rules(base))).toEqual({ attributes: {}, groups: [], warnings: [], conflicts: [] });
  });

  test('gets what the ledger changed since then, and nothing else', () => {
    const base = image({ attributes: { 'email': 'a@example.com', 'email_verified': 'true', 'name': 'Old', 'custom:tier': '1' }, groups: ['staff'] });
    const now = image({ attributes: { ...base.attributes, 'custom:tier': '2' }, groups: ['staff', 'admins'] });
    const there = inTarget({ attributes: { ...base.attributes, name: 'Changed there' } });
    expect(planConvergence(now, there, SETTINGS, rules(base))).toEqual({ attributes: { 'custom:tier': '2' }, groups: ['admins'], warnings: [], conflicts: [] });
  });

  test('without a base is made like the ledger', () => {
    expect(planConvergence(image({ enabled: false, groups: ['staff'] }), inTarget({ attributes: { email: 'b@example.com', email_verified: 'true', name: 'only there' } }), SETTINGS, rules()))
      .toEqual({ attributes: { email: 'a@example.com', email_verified: 'true' }, enabled: false, groups: ['staff'], warnings: [], conflicts: [] });
  });

  test('never gets a flag without the address that it was earned for', () => {
    const base = image({ attributes: { email: 'a@example.com', email_verified: 'false' } });
    const { attributes } = planConvergence(image(), inTarget({ attributes: { email: 'mine@example.com', email_verified: 'false' } }), SETTINGS, rules(base));
    expect(attributes).toEqual({ email: 'a@example.com', email_verified: 'true' });
  });

  test('keeps an address where writing the ledger\'s would send a code to somebody', () => {
    const unproved = image({ attributes: { email: 'a@example.com', email_verified: 'false' } });
    expect(planConvergence(unproved, inTarget({ attributes: { email: 'b@example.com' } }), SETTINGS, rules()))
      .toMatchObject({ attributes: {}, warnings: [{ code: 'unverified-address', attribute: 'email' }] });
  });

  test('is warned about an immutable attribute that differs', () => {
    expect(planConvergence(image({ attributes: { 'custom:tenant': '1' } }), inTarget({ attributes: { 'custom:tenant': '2' } }), SETTINGS, rules()))
      .toMatchObject({ attributes: {}, warnings: [{ code: 'attribute-immutable', attribute: 'custom:tenant' }] });
  });

  test('is converged once: applied, the plan has nothing left to do', () => {
    const attributes = fc.record({
      'email': fc.constantFrom('a@example.com', 'b@example.com'),
      'email_verified': fc.constantFrom('true', 'false'),
      'phone_number': fc.constantFrom('+1', '+2'),
      'phone_number_verified': fc.constantFrom('true', 'false'),
      'name': fc.constantFrom('x', 'y'),
      'custom:tier': fc.constantFrom('1', '2'),
      'custom:tenant': fc.constantFrom('1', '2'),
    }, { requiredKeys: [] });
    const anyImage = fc.record({ attributes, enabled: fc.boolean(), groups: fc.subarray(['admins', 'staff']) });
    fc.assert(fc.property(anyImage, anyImage, fc.option(anyImage, { nil: undefined }), (desired, current, base) => {
      const there = inTarget(current);
      const first = planConvergence(desired, there, SETTINGS, rules(base));
      const after = inTarget({ attributes: { ...there.attributes, ...first.attributes }, enabled: first.enabled ?? there.enabled });
      for (const nextBase of [base, desired]) {
        const second = planConvergence(desired, after, SETTINGS, rules(nextBase));
        expect(second.attributes).toEqual({});
        expect(second.enabled).toBeUndefined();
      }
      for (const name of Object.keys(there.attributes)) expect(after.attributes).toHaveProperty([name]);
    }));
  });
});

describe('where both sides changed', () => {
  const base: PlannedImage = { attributes: { name: 'Old', email: 'a@example.com', email_verified: 'true' }, enabled: true, groups: [] };
  const ledger: PlannedImage = { ...base, attributes: { name: 'Ledger', email: 'l@example.com', email_verified: 'true' } };
  const there = inTarget({ attributes: { name: 'Target', email: 't@example.com', email_verified: 'true' } });
  const plan = (winner: Winner, of: PlannedImage | undefined, user = there) =>
    planConvergence(ledger, user, SETTINGS, { base: of, winner, mayVerify: true });

  test.each<Winner>(['ledger', 'newer'])('%s: the ledger\'s values are written', winner => {
    expect(plan(winner, base)).toMatchObject({ attributes: ledger.attributes, conflicts: [] });
  });

  test('target: the target\'s values stay, and what it did not change is written', () => {
    expect(plan('target', base)).toMatchObject({ attributes: {}, conflicts: [] });
    const half = inTarget({ attributes: { ...base.attributes, name: 'Target' } });
    expect(plan('target', base, half)).toMatchObject({ attributes: { email: 'l@example.com', email_verified: 'true' }, conflicts: [] });
  });

  test('ask: nothing is written of them, and they are named', () => {
    expect(plan('ask', base)).toMatchObject({ attributes: {}, conflicts: ['email', 'name'] });
  });

  test.each<Winner>(['ledger', 'newer', 'target', 'ask'])('%s: without a baseline the ledger is right', winner => {
    expect(plan(winner, undefined)).toMatchObject({ attributes: ledger.attributes, conflicts: [] });
  });
});

describe('what was given and the ledger no longer has', () => {
  const base: PlannedImage = { attributes: { 'name': 'N', 'custom:tier': '1', 'custom:tenant': 't' }, enabled: true, groups: ['staff', 'admins'] };
  const now: PlannedImage = { attributes: {}, enabled: true, groups: ['staff'] };

  test('is taken away, but for what is immutable or was changed in the target', () => {
    const user = inTarget({ attributes: { ...base.attributes, name: 'changed there' } });
    expect(planRemoval(now, user, base, SETTINGS)).toEqual({ groups: ['admins'], attributes: ['custom:tier'] });
  });

  test('is nothing where the ledger has it all', () => {
    expect(planRemoval(base, inTarget({ attributes: base.attributes }), base, SETTINGS)).toEqual({ groups: [], attributes: [] });
  });
});
