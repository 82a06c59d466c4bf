import { Properties } from '../../cdk/pool-definition';
import { ADDRESS_OF_MFA } from '../../cognito/mfa';
import { SynthesisWarning } from '../mirror/mirror-warnings';

export interface SignIn {
  /** Of the standby pool. */
  readonly pool: Properties;
  /** Of its app clients. */
  readonly clients: readonly Properties[];
  readonly hasDomain: boolean;
  /** Whether users are there before they come. */
  readonly isFilled: boolean;
  /** The options that need to be told a password. */
  readonly asksForPasswords: readonly string[];
  /** The pool of whose app clients those of the standby pool are mirrors, or itself: where one is changed. */
  readonly clientsOf: string;
}

/** Flows that tell Cognito the password itself, which is when it asks for users that it does not know. */
const PLAIN = ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'];
/** ALLOW_USER_AUTH lets the user choose a password, too. */
const BY_PASSWORD = [...PLAIN, 'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH'];
const CUSTOM = ['ALLOW_CUSTOM_AUTH', 'CUSTOM_AUTH_FLOW_ONLY'];
/** @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html */
const DEFAULT_FLOWS = ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'];

const strings = (value: unknown): string[] => (value ?? []) as string[];

/** Users that cannot come to the standby, or not get in there, as far as its settings say so. */
export function signInWarnings(signIn: SignIn): SynthesisWarning[] {
  return [passwordless, recovery, mfaChannel, customAuth, passwordFlow].map(warningOf => warningOf(signIn)).filter(warning => warning !== undefined);
}

function factorsOf(pool: Properties): string[] {
  const policies = pool.Policies as { SignInPolicy?: { AllowedFirstAuthFactors?: string[] } } | undefined;
  return policies?.SignInPolicy?.AllowedFirstAuthFactors ?? [];
}

function recoveryOf(pool: Properties): string[] {
  const setting = pool.AccountRecoverySetting as { RecoveryMechanisms?: { Name: string }[] } | undefined;
  return (setting?.RecoveryMechanisms ?? []).map(({ Name: name }) => name);
}

function passwordless({ pool, isFilled }: SignIn): SynthesisWarning | undefined {
  const factors = factorsOf(pool);
  const without = factors.filter(factor => factor !== 'PASSWORD');
  if (without.length === 0 || isFilled) return undefined;
  return {
    id: 'passwordlessSignIn',
    message: `the pool lets users sign in by ${without.join(', ')}, for which Cognito asks no trigger about users that it does not know: on the `
      + `standby they can only come in by "forgot password"${factors.includes('PASSWORD') ? '' : ', which this pool does not have'}, or after a `
      + 'restore: choose Standby.warm(), run a restore before users come, or acknowledge this',
  };
}

function recovery({ pool }: SignIn): SynthesisWarning | undefined {
  const isWithoutPassword = factorsOf(pool).length > 0 && !factorsOf(pool).includes('PASSWORD');
  if (isWithoutPassword || !recoveryOf(pool).includes('admin_only')) return undefined;
  return {
    id: 'accountRecovery',
    message: 'the standby pool lets nobody reset a password but administrators (accountRecovery), so that nobody comes by "forgot password", and '
      + 'users of a restore, whose passwords nobody knows, wait for an administrator: set another accountRecoverySetting on the L1 of the standby '
      + 'pool, or acknowledge this',
  };
}

/** Cognito sends no code for a new password by the channel that is a user's second factor: it would be the only one. */
function mfaChannel({ pool }: SignIn): SynthesisWarning | undefined {
  const channels = recoveryOf(pool).filter(name => name !== 'admin_only');
  const factors = pool.MfaConfiguration === 'ON' || pool.MfaConfiguration === 'OPTIONAL' ? strings(pool.EnabledMfas) : [];
  const refused = factors.filter(factor => ADDRESS_OF_MFA[factor]).map(factor => `verified_${ADDRESS_OF_MFA[factor]}`);
  if (channels.length === 0 || !channels.every(channel => refused.includes(channel))) return undefined;
  return {
    id: 'recoveryByMfaChannel',
    message: `the standby pool sends codes for a new password by ${channels.join(' and ')} only, which Cognito refuses to users who have it as their `
      + 'second factor: on the standby it is set once they have a password, and they get no token before; from then on, who forgets the password '
      + 'waits for an administrator, and a restore into any other pool leaves it off (mfa-withheld): add another recovery mechanism on the L1 of the '
      + 'standby pool, or acknowledge this',
  };
}

/** Whether users of the client sign in at Cognito's own pages, which take passwords. */
function isManagedLogin(client: Properties): boolean {
  return strings(client.AllowedOAuthFlows).some(flow => flow !== 'client_credentials')
    && strings(client.SupportedIdentityProviders ?? ['COGNITO']).includes('COGNITO');
}

function flowsOf(client: Properties): string[] {
  return strings(client.ExplicitAuthFlows ?? DEFAULT_FLOWS);
}

function customAuth({ clients, hasDomain, isFilled }: SignIn): SynthesisWarning | undefined {
  const byPassword = clients.some(client => flowsOf(client).some(flow => BY_PASSWORD.includes(flow)) || (hasDomain && isManagedLogin(client)));
  if (isFilled || byPassword || !clients.some(client => flowsOf(client).some(flow => CUSTOM.includes(flow)))) return undefined;
  return {
    id: 'customAuthSignIn',
    message: 'the app clients of the standby pool let users sign in by CUSTOM_AUTH only, for which Cognito asks no trigger about users that it '
      + 'does not know: nobody comes on demand: choose Standby.warm(), run a restore before users come, or acknowledge this',
  };
}

function passwordFlow({ clients, hasDomain, asksForPasswords, clientsOf }: SignIn): SynthesisWarning | undefined {
  const tells = clients.some(client => flowsOf(client).some(flow => PLAIN.includes(flow)) || (hasDomain && isManagedLogin(client)));
  if (asksForPasswords.length === 0 || clients.length === 0 || tells) return undefined;
  return {
    id: 'passwordFlow',
    message: `${asksForPasswords.join(' and ')} of the standby needs an app client that signs in by USER_PASSWORD_AUTH or `
      + 'ADMIN_USER_PASSWORD_AUTH: by any other flow Cognito asks no trigger, and it does nothing: allow one (authFlows: { userPassword: true }) on '
      + `a client of ${clientsOf}, turn it off, or acknowledge this`,
  };
}
