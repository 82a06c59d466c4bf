import { Behaviour, guide, refused, same } from '../behaviour';
import { ContractPool, UserAttributes } from '../driver';

const MFA = guide('user-pool-settings-mfa');
const REFUSAL = 'InvalidParameterException';

async function somebody(pool: ContractPool, attributes: UserAttributes = {}) {
  const newcomer = pool.newcomer(attributes);
  await pool.createUser(newcomer);
  return newcomer.username;
}

export const MFA_RULES: readonly Behaviour[] = [
  {
    id: 'mfa.none',
    what: 'A user whose preference nobody set has none.',
    source: MFA,
    kind: 'username',
    check: async pool => same('preference', (await pool.getUser(await somebody(pool))).mfa, { enabled: [] }),
  },
  {
    id: 'mfa.sms-without-phone',
    what: 'A preference for SMS needs a phone number.',
    source: MFA,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminSetUserMFAPreference', () => pool.setMfaPreference(username, { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' }), REFUSAL);
    },
  },
  {
    id: 'mfa.totp-without-enrolment',
    what: 'A preference for an authenticator app needs one that is enrolled.',
    source: MFA,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminSetUserMFAPreference',
        () => pool.setMfaPreference(username, { enabled: ['SOFTWARE_TOKEN_MFA'], preferred: 'SOFTWARE_TOKEN_MFA' }), REFUSAL);
    },
  },
  {
    id: 'mfa.sms',
    what: 'A user with a phone number may prefer SMS, and AdminGetUser shows it.',
    source: MFA,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { phone_number: pool.phone(), phone_number_verified: 'true' });
      await pool.setMfaPreference(username, { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
      same('preference', (await pool.getUser(username)).mfa, { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
    },
  },
  {
    id: 'mfa.not-preferred',
    what: 'A method may be on without being preferred.',
    source: MFA,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { phone_number: pool.phone(), phone_number_verified: 'true' });
      await pool.setMfaPreference(username, { enabled: ['SMS_MFA'] });
      same('preference', (await pool.getUser(username)).mfa, { enabled: ['SMS_MFA'] });
    },
  },
];
