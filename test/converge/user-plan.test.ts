import * as fc from 'fast-check';
import { UserRow } from '../../src/ledger/schema';
import { poolSettingsOf, PoolSettings } from '../../src/cognito/pool-settings';
import { CreatePlan, planConvergence, PlannedImage, planUser } from '../../src/converge/user-plan';
import { UserImage } from '../../src/cognito/user';
import { firstSubOf } from '../../src/cognito/source-sub';

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
  const plan = planUser(row(user), groups, settings, new Set(['admins', 'staff']));
  if (plan.kind !== 'create') throw new Error(plan.reason);
  return plan;
}

function inTarget(user: Partial<UserImage> = {}): UserImage {
  return { sub: 't', username: 't', attributes: { email: 'a@example.com', email_verified: 'true' }, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, ...user };
}

describe('a user who is not there', () => {
  test.each([
    ['UNCONFIRMED', 'skip', /UNCONFIRMED/],
    ['EXTERNAL_PROVIDER', 'skip', /federated sign-in/],
  ])('with status %s: %s', (status, kind, reason) => {
    expect(planUser(row({ status }), [], SETTINGS, new Set())).toEqual({ kind, reason: expect.stringMatching(reason) });
  });

  test('without a sign-in name fails', () => {
    expect(planUser(row({ signInName: undefined }), [], SETTINGS, new Set())).toMatchObject({ kind: 'fail', reason: expect.stringContaining('no sign-in name') });
  });

  test('with an attribute that the target lacks fails, and the reason has no value', () => {
    expect(planUser(row({ attributes: { 'custom:other': 'secret' } }), [], SETTINGS, new Set())).toEqual({ kind: 'fail', reason: 'attributes that the target\'s schema lacks: custom:other' });
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

  test.each<[string, Partial<UserRow>, string[], string]>([
    ['status', { status: 'RESET_REQUIRED' }, [], 'status was RESET_REQUIRED'],
    ['linked identities', { attributes: { identities: '[]' } }, [], 'linked identities are not linked again'],
    ['TOTP', { mfa: { enabled: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'] } }, [], 'TOTP must be enrolled again'],
    ['passkeys', { mfa: { enabled: ['WEB_AUTHN'] } }, [], 'passkeys must be registered again'],
    ['groups', {}, ['admins', 'us-east-1_S_Google'], 'member of a group that is not restored'],
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

  test('is left alone where nothing differs', () => {
    expect(planConvergence(image(), inTarget(), undefined, SETTINGS)).toEqual({ attributes: {}, groups: [], warnings: [] });
  });

  test('keeps what they changed in the target since the last restore', () => {
    const changed = inTarget({ attributes: { email: 'new@example.com', email_verified: 'true', name: 'New' }, enabled: false });
    const base = image({ attributes: { ...image().attributes, name: 'Old' } });
    expect(planConvergence(base, changed, base, SETTINGS)).toEqual({ attributes: {}, groups: [], warnings: [] });
  });

  test('gets what the ledger changed since then, and nothing else', () => {
    const base = image({ attributes: { 'email': 'a@example.com', 'email_verified': 'true', 'name': 'Old', 'custom:tier': '1' }, groups: ['staff'] });
    const now = image({ attributes: { ...base.attributes, 'custom:tier': '2' }, groups: ['staff', 'admins'] });
    const there = inTarget({ attributes: { ...base.attributes, name: 'Changed there' } });
    expect(planConvergence(now, there, base, SETTINGS)).toEqual({ attributes: { 'custom:tier': '2' }, groups: ['admins'], warnings: [] });
  });

  test('without a base is made like the ledger', () => {
    expect(planConvergence(image({ enabled: false, groups: ['staff'] }), inTarget({ attributes: { email: 'b@example.com', email_verified: 'true', name: 'only there' } }), undefined, SETTINGS))
      .toEqual({ attributes: { email: 'a@example.com', email_verified: 'true' }, enabled: false, groups: ['staff'], warnings: [] });
  });

  test('never gets a flag without the address that it was earned for', () => {
    const base = image({ attributes: { email: 'a@example.com', email_verified: 'false' } });
    const { attributes } = planConvergence(image(), inTarget({ attributes: { email: 'mine@example.com', email_verified: 'false' } }), base, SETTINGS);
    expect(attributes).toEqual({ email: 'a@example.com', email_verified: 'true' });
  });

  test('keeps an address where writing the ledger\'s would send a code to somebody', () => {
    const unproved = image({ attributes: { email: 'a@example.com', email_verified: 'false' } });
    expect(planConvergence(unproved, inTarget({ attributes: { email: 'b@example.com' } }), undefined, SETTINGS))
      .toMatchObject({ attributes: {}, warnings: ['email differs and is not verified: left as it is in the target'] });
  });

  test('is warned about an immutable attribute that differs', () => {
    expect(planConvergence(image({ attributes: { 'custom:tenant': '1' } }), inTarget({ attributes: { 'custom:tenant': '2' } }), undefined, SETTINGS))
      .toMatchObject({ attributes: {}, warnings: ['custom:tenant differs and cannot change in the target'] });
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
      const first = planConvergence(desired, there, base, SETTINGS);
      const after = inTarget({ attributes: { ...there.attributes, ...first.attributes }, enabled: first.enabled ?? there.enabled });
      for (const nextBase of [base, desired]) {
        const second = planConvergence(desired, after, nextBase, SETTINGS);
        expect(second.attributes).toEqual({});
        expect(second.enabled).toBeUndefined();
      }
      for (const name of Object.keys(there.attributes)) expect(after.attributes).toHaveProperty([name]);
    }));
  });
});
