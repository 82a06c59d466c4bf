import { setTimeout as sleep } from 'node:timers/promises';
import {
  AdminConfirmSignUpCommand, CodeDeliveryDetailsType, ForgotPasswordCommand, InitiateAuthCommand, ListUsersCommand, SignUpCommand, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { answerOf, Assumption, DOCS, Observation, unobservable } from './assumption';
import { listOf, PASSWORD, valueOf } from '../people';
import { once, Port, until } from '../port';
import { MIGRATED } from '../recorder';

const TRIGGERS = `${DOCS}cognito-user-pools-working-with-lambda-triggers.html`;
const MIGRATION = `${DOCS}user-pool-lambda-migrate-user.html`;
const NO_CODE = 'ConfirmForgotPassword takes a code that Cognito sends to the user';
/** Of the time for a trigger's log line, the part that a line which is not expected gets. */
const SETTLING = 1 / 6;

const signUp = once(async (port: Port) => {
  const tag = 'order-sign-up';
  const address = port.people.address(tag);
  const { probePool, probeClient } = port.deployed;
  const { UserSub } = await port.source.cognito.send(new SignUpCommand({
    ClientId: probeClient, Username: address, Password: PASSWORD, UserAttributes: listOf({ 'email': address, 'custom:tenant': 'verify' }),
  }));
  port.people.remember(UserSub);
  await port.source.cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: probePool, Username: address }));
  return { tag };
});

const signIn = once(async (port: Port) => {
  const tag = 'order-sign-in';
  const { probePool, probeClient } = port.deployed;
  const { address, sub } = await port.people.confirmed(probePool, tag, { 'custom:note': 'verify' });
  await port.source.cognito.send(new InitiateAuthCommand({
    ClientId: probeClient, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: address, PASSWORD },
  }));
  return { tag, sub };
});

interface Reset {
  readonly answer: string;
  readonly delivery?: CodeDeliveryDetailsType;
  readonly user?: UserType;
}

const migrated = once((port: Port) => reset(port, `${MIGRATED}-reset`, 'probe', address => address));

/** "Forgot password" of somebody whom the pool does not have. */
async function reset(port: Port, tag: string, kind: 'probe' | 'aliases', typed: (address: string) => string): Promise<Reset> {
  const address = port.people.address(tag);
  const [poolId, clientId] = kind === 'probe' ? [port.deployed.probePool, port.deployed.probeClient] : [port.deployed.aliasesPool, port.deployed.aliasesClient];
  let delivery: CodeDeliveryDetailsType | undefined;
  const answer = await answerOf(port.source.cognito.send(new ForgotPasswordCommand({ ClientId: clientId, Username: typed(address) }))
    .then(({ CodeDeliveryDetails }) => { delivery = CodeDeliveryDetails; }));
  const user = answer !== 'accepted' ? undefined : await until(port, port.patience.listing, async () => {
    const { Users } = await port.source.cognito.send(new ListUsersCommand({ UserPoolId: poolId, Filter: `email = "${address}"` }));
    return Users?.[0];
  });
  port.people.remember(valueOf(user?.Attributes, 'sub'));
  return { answer, delivery, user };
}

/** Triggers of one user in their order; waits until those that have to be there are, and then a little for others. */
async function sources(port: Port, tag: string, ...expected: string[]): Promise<string[]> {
  await until(port, port.patience.trigger, async () => {
    const seen = await port.triggers.sources(tag);
    return expected.every(source => seen.includes(source)) ? seen : undefined;
  });
  await sleep(port.patience.trigger * SETTLING, undefined, { signal: port.signal });
  return port.triggers.sources(tag);
}

/** Exactly these, in this order, apart from those that are not asked about. */
async function order(port: Port, tag: string, expected: readonly string[], ignored: readonly string[] = []): Promise<Observation> {
  const seen = (await sources(port, tag, ...expected)).filter(source => !ignored.includes(source));
  return { observed: seen.join(' → ') || 'none', holds: seen.join() === expected.join() };
}

const inOrder = (expected: readonly string[]) => expected.join(' → ');
const SIGN_UP = ['PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp'];
const PRE_AUTHENTICATION = 'PreAuthentication_Authentication';
const SIGN_IN = ['PostAuthentication_Authentication', 'TokenGeneration_Authentication'];
const BY_ADMIN = ['PreSignUp_AdminCreateUser'];

export const TRIGGER_ORDER: readonly Assumption[] = [
  {
    id: 'triggers.sign-up',
    what: 'Triggers of SignUp and AdminConfirmSignUp',
    assumed: inOrder(SIGN_UP),
    source: TRIGGERS,
    check: async port => order(port, (await signUp(port)).tag, SIGN_UP),
  },
  {
    id: 'triggers.sign-in',
    what: 'Triggers of a sign-in after PreAuthentication',
    assumed: inOrder(SIGN_IN),
    source: TRIGGERS,
    check: async port => order(port, (await signIn(port)).tag, SIGN_IN, [PRE_AUTHENTICATION, ...BY_ADMIN]),
  },
  {
    id: 'triggers.pre-authentication',
    what: 'PreAuthentication at a sign-in',
    assumed: inOrder([PRE_AUTHENTICATION, SIGN_IN[0]]),
    source: TRIGGERS,
    check: async port => {
      const seen = (await sources(port, (await signIn(port)).tag, SIGN_IN[0])).filter(source => [PRE_AUTHENTICATION, SIGN_IN[0]].includes(source));
      // This library uses the slot for nothing: that it never ran says nothing against it.
      if (!seen.includes(PRE_AUTHENTICATION)) return { observed: seen.join(' → '), notObserved: 'PreAuthentication did not run' };
      return { observed: seen.join(' → '), holds: seen.join() === [PRE_AUTHENTICATION, SIGN_IN[0]].join() };
    },
  },
  {
    id: 'triggers.admin-create',
    what: 'Triggers of AdminCreateUser and AdminSetUserPassword (permanent)',
    assumed: `${inOrder(BY_ADMIN)}, no PostConfirmation`,
    source: `${DOCS}user-pool-lambda-post-confirmation.html`,
    check: async port => order(port, (await signIn(port)).tag, BY_ADMIN, [PRE_AUTHENTICATION, ...SIGN_IN]),
  },
  unobservable('triggers.reset', 'PostConfirmation after ConfirmForgotPassword, before the user can sign in', 'PostConfirmation_ConfirmForgotPassword',
    'docs/evidence.md, Assumed: reset-trigger', NO_CODE),
  {
    id: 'triggers.attributes',
    what: 'Attributes in the event of PostAuthentication, cognito:... apart',
    assumed: 'those that ListUsers shows',
    source: 'docs/evidence.md, Assumed: trigger-attributes',
    check: async port => {
      const { tag, sub } = await signIn(port);
      await sources(port, tag, SIGN_IN[0]);
      const record = (await port.triggers.records()).find(each => each.tag === tag && each.triggerSource === SIGN_IN[0]);
      if (!record) return { notObserved: 'PostAuthentication did not run' };
      const { Users } = await port.source.cognito.send(new ListUsersCommand({ UserPoolId: port.deployed.probePool, Filter: `sub = "${sub}"` }));
      const listed = (Users?.[0].Attributes ?? []).map(({ Name }) => Name!);
      const shown = record.attributes.filter(name => !name.startsWith('cognito:'));
      const [only, missing] = [shown.filter(name => !listed.includes(name)), listed.filter(name => !shown.includes(name))];
      return { observed: only.length + missing.length === 0 ? 'the same' : `more: ${only.join() || 'none'}; fewer: ${missing.join() || 'none'}`, holds: only.length + missing.length === 0 };
    },
  },
  {
    id: 'migration.stranger',
    what: 'ForgotPassword of somebody whom the pool does not have and UserMigration does not vouch for',
    assumed: 'UserMigration_ForgotPassword runs; UserNotFoundException',
    source: MIGRATION,
    check: async port => {
      const { answer } = await reset(port, 'stranger', 'probe', address => address);
      const seen = await sources(port, 'stranger', 'UserMigration_ForgotPassword');
      return { observed: `${seen.join(' → ') || 'no trigger'}; ${answer}`, holds: seen.join() === 'UserMigration_ForgotPassword' && answer === 'UserNotFoundException' };
    },
  },
  {
    id: 'migration.sign-in',
    what: 'Sign-in with a password of somebody whom the pool does not have',
    assumed: 'UserMigration_Authentication runs',
    source: MIGRATION,
    check: async port => {
      const tag = 'stranger-sign-in';
      const answer = await answerOf(port.source.cognito.send(new InitiateAuthCommand({
        ClientId: port.deployed.probeClient, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: port.people.address(tag), PASSWORD },
      })));
      const seen = await sources(port, tag, 'UserMigration_Authentication');
      return { observed: `${seen.join(' → ') || 'no trigger'}; ${answer}`, holds: seen.join() === 'UserMigration_Authentication' && answer !== 'accepted' };
    },
  },
  {
    id: 'migration.immutable',
    what: 'UserMigration answers an immutable custom attribute',
    assumed: 'the user is created with it',
    source: 'docs/evidence.md, Assumed: user-migration',
    check: async port => {
      const { answer, user } = await migrated(port);
      const value = valueOf(user?.Attributes, 'custom:tenant');
      return { observed: user ? `created ${value ? 'with' : 'without'} it` : `nobody is created: ${answer}`, holds: value === 'migrated' };
    },
  },
  {
    id: 'migration.code',
    what: 'The reset code of a user who is made by ForgotPassword',
    assumed: 'is sent by the same call',
    source: 'docs/evidence.md, Assumed: user-migration',
    check: async port => {
      const { answer, delivery } = await migrated(port);
      return { observed: delivery?.DeliveryMedium ? `sent by ${delivery.DeliveryMedium}` : `not sent: ${answer}`, holds: delivery?.DeliveryMedium !== undefined };
    },
  },
  {
    id: 'migration.status',
    what: 'The status of a user who is made by ForgotPassword, before the new password',
    assumed: 'CONFIRMED; a standby works with FORCE_CHANGE_PASSWORD as well',
    source: 'docs/evidence.md, Assumed: user-migration',
    check: async port => {
      const { answer, user } = await migrated(port);
      return { observed: user ? String(user.UserStatus) : `nobody is created: ${answer}`, holds: user?.UserStatus === 'CONFIRMED' };
    },
  },
  {
    id: 'migration.triggers',
    what: 'Other triggers when UserMigration makes somebody',
    assumed: 'none',
    source: 'docs/evidence.md, Assumed: migration-triggers',
    check: async port => {
      await migrated(port);
      return order(port, `${MIGRATED}-reset`, ['UserMigration_ForgotPassword']);
    },
  },
  {
    id: 'migration.named',
    what: 'The user name where addresses are aliases and UserMigration answers username',
    assumed: 'the one that the trigger answers',
    source: 'docs/evidence.md, Assumed: user-migration',
    check: async port => {
      const tag = `${MIGRATED}-named`;
      const { answer, user } = await reset(port, tag, 'aliases', address => address);
      const isIt = user?.Username === `${port.names.run}-${tag}`;
      return { observed: user ? (isIt ? 'the one that the trigger answers' : 'another one') : `nobody is created: ${answer}`, holds: isIt };
    },
  },
  {
    id: 'migration.case',
    what: 'Typed in capitals, answered in small letters, in a pool that ignores case',
    assumed: 'the user is created',
    source: 'docs/evidence.md, Assumed: user-migration',
    check: async port => {
      const { answer, user } = await reset(port, `${MIGRATED}-case`, 'probe', address => address.toUpperCase());
      return { observed: user ? 'the user is created' : `nobody is created: ${answer}`, holds: user !== undefined };
    },
  },
];
