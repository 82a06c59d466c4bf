import { addressesToRecoverBy, keepsFromRecovery, recoveryAddresses, restorableMfa } from '../../src/cognito/mfa';

const EMAIL = { email: 'a@b.c', email_verified: 'true' };
const PHONE = { phone_number: '+1555', phone_number_verified: 'True' };
const mfa = (...enabled: string[]) => ({ enabled });

test.each([
  [undefined, ['email', 'phone_number']], [['verified_email'], ['email']], [['verified_phone_number', 'verified_email'], ['email', 'phone_number']], [['admin_only'], []],
])('a pool with the recovery mechanisms %j sends codes to %j', (mechanisms, addresses) => {
  expect(recoveryAddresses(mechanisms)).toEqual(addresses);
});

test.each([
  [['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa(), ['email', 'phone_number']],
  [['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('SMS_MFA'), ['email']],
  [['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('EMAIL_OTP'), ['phone_number']],
  [['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('EMAIL_OTP', 'SMS_MFA'), []],
  [['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('SOFTWARE_TOKEN_MFA', 'WEB_AUTHN'), ['email', 'phone_number']],
  [['email', 'phone_number'], { ...EMAIL, ...PHONE, email_verified: 'false' }, mfa('SMS_MFA'), []],
  [['phone_number'], EMAIL, mfa(), []],
] as const)('by %j, of %j with %j: %j', (recovery, attributes, preference, addresses) => {
  expect(addressesToRecoverBy(recovery, attributes, preference)).toEqual(addresses);
});

test.each([
  ['the only way', ['phone_number'], { ...EMAIL, ...PHONE }, mfa('SMS_MFA'), true],
  ['the only way, as the other address is not verified', ['email', 'phone_number'], { ...PHONE, email: 'a@b.c' }, mfa('SMS_MFA'), true],
  ['one of two ways', ['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('SMS_MFA'), false],
  ['both ways', ['email', 'phone_number'], { ...EMAIL, ...PHONE }, mfa('SMS_MFA', 'EMAIL_OTP'), true],
  ['no way, where there is none', ['email'], PHONE, mfa('SMS_MFA'), false],
  ['no way, by an app', ['phone_number'], PHONE, mfa('SOFTWARE_TOKEN_MFA'), false],
] as const)('a second factor takes %s', (_what, recovery, attributes, preference, takes) => {
  expect(keepsFromRecovery(recovery, attributes, preference)).toBe(takes);
});

test('an administrator can set what goes to an address, and prefer it', () => {
  expect(restorableMfa(undefined)).toBeUndefined();
  expect(restorableMfa(mfa('SOFTWARE_TOKEN_MFA'))).toBeUndefined();
  expect(restorableMfa({ enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'], preferred: 'SOFTWARE_TOKEN_MFA' })).toEqual({ enabled: ['SMS_MFA'] });
  expect(restorableMfa({ enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP', readAt: 7 })).toEqual({ enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' });
});
