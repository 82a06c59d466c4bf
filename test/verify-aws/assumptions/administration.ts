import {
  AdminCreateUserCommand, AdminGetUserCommand, AdminInitiateAuthCommand, AdminResetUserPasswordCommand, AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand, CreateGroupCommand, CreateUserPoolClientCommand, ForgotPasswordCommand,
  GetGroupCommand, UpdateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { answerOf, API, Assumption, DOCS, INFERRED, refusedWith, unobservable } from './assumption';
import { listOf, PASSWORD } from '../people';
import { once, Port } from '../port';

const MFA = `${DOCS}user-pool-settings-mfa.html`;
/** From the range of numbers for films; nothing is ever sent to it. */
const PHONE = '+12065550100';

/** As a restore makes a user, up to the password. */
const created = once((port: Port) => port.people.created(port.deployed.probePool, 'admin-created'));
const confirmed = once((port: Port) => port.people.confirmed(port.deployed.probePool, 'admin-confirmed'));

const statusOf = async (port: Port, address: string) =>
  (await port.source.cognito.send(new AdminGetUserCommand({ UserPoolId: port.deployed.probePool, Username: address }))).UserStatus;
const forgotPassword = (port: Port, Username: string) =>
  port.source.cognito.send(new ForgotPasswordCommand({ ClientId: port.deployed.probeClient, Username }));

/** What a restore and a standby need Cognito to do. */
export const ADMINISTRATION: readonly Assumption[] = [
  unobservable('admin.suppress', 'AdminCreateUser with MessageAction SUPPRESS', 'sends nothing', `${API}AdminCreateUser.html`,
    'Cognito has no API for what it sent'),
  {
    id: 'admin.created',
    what: 'Status after AdminCreateUser',
    assumed: 'FORCE_CHANGE_PASSWORD',
    source: `${API}AdminCreateUser.html`,
    check: async port => {
      const observed = String(await statusOf(port, (await created(port)).address));
      return { observed, holds: observed === 'FORCE_CHANGE_PASSWORD' };
    },
  },
  {
    id: 'admin.forgot-password-refused',
    what: 'ForgotPassword in FORCE_CHANGE_PASSWORD',
    assumed: 'refused: NotAuthorizedException',
    source: 'seen in public code: aws-amplify/amplify-js#2955, aws/aws-cdk#19036',
    check: async port => refusedWith(forgotPassword(port, (await created(port)).address), 'NotAuthorizedException'),
  },
  {
    id: 'admin.permanent-password',
    what: 'Status after AdminSetUserPassword (permanent)',
    assumed: 'CONFIRMED',
    source: `${API}AdminSetUserPassword.html`,
    check: async port => {
      const observed = String(await statusOf(port, (await confirmed(port)).address));
      return { observed, holds: observed === 'CONFIRMED' };
    },
  },
  {
    id: 'admin.forgot-password',
    what: 'ForgotPassword of a confirmed user with a verified address whose password nobody knows',
    assumed: 'accepted',
    source: `${API}ForgotPassword.html`,
    check: async port => {
      const observed = await answerOf(forgotPassword(port, (await confirmed(port)).address));
      return { observed, holds: observed === 'accepted' };
    },
  },
  {
    id: 'admin.reset-required',
    what: 'Sign-in of a user in RESET_REQUIRED, by an app client that hides which users exist',
    assumed: 'PasswordResetRequiredException; a standby works with NotAuthorizedException as well',
    source: `${DOCS}cognito-user-pool-managing-errors.html`,
    check: async port => {
      const { probePool } = port.deployed;
      const { address } = await port.people.confirmed(probePool, 'admin-reset-required');
      const { UserPoolClient: client } = await port.source.cognito.send(new CreateUserPoolClientCommand({
        UserPoolId: probePool, ClientName: `${port.names.run}-hides`, ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'], PreventUserExistenceErrors: 'ENABLED',
      }));
      await port.source.cognito.send(new AdminResetUserPasswordCommand({ UserPoolId: probePool, Username: address }));
      return refusedWith(port.people.signIn(probePool, client!.ClientId!, address), 'PasswordResetRequiredException');
    },
  },
  unobservable('admin.link-immutable', 'AdminLinkProviderForUser in a pool with an immutable custom attribute', 'allowed; a standby works where it is refused',
    `${API}AdminLinkProviderForUser.html`, 'it takes an identity provider and a browser'),
  unobservable('admin.index-lag', 'From a write to what an index of DynamoDB shows', 'a fraction of a second', 'docs/evidence.md, Assumed: index-lag',
    'one run sees an ordinary lag, and no bound'),
  {
    id: 'admin.immutable',
    what: 'AdminUpdateUserAttributes of an immutable custom attribute',
    assumed: 'refused: InvalidParameterException (only AdminCreateUser can set it)',
    source: `${DOCS}user-pool-settings-attributes.html`,
    check: async port => refusedWith(update(port, (await confirmed(port)).address, { 'custom:tenant': 'changed' }), 'InvalidParameterException'),
  },
  {
    id: 'admin.same-address',
    what: 'AdminCreateUser with an address that another user signs in by',
    assumed: 'refused: UsernameExistsException',
    source: `${API}AdminCreateUser.html`,
    check: async port => {
      const { address } = await confirmed(port);
      return refusedWith(create(port, port.deployed.probePool, address, { 'email': address, 'custom:tenant': 'verify' }), 'UsernameExistsException');
    },
  },
  {
    id: 'admin.same-alias',
    what: 'AdminCreateUser with a verified e-mail address that is another user\'s alias',
    assumed: 'refused: AliasExistsException',
    source: `${API}AdminCreateUser.html`,
    check: async port => {
      const attributes = { 'email': port.people.address('alias'), 'email_verified': 'true', 'custom:tenant': 'verify' };
      await create(port, port.deployed.aliasesPool, `${port.names.run}-first`, attributes);
      return refusedWith(create(port, port.deployed.aliasesPool, `${port.names.run}-second`, attributes), 'AliasExistsException');
    },
  },
  {
    id: 'admin.either-name',
    what: 'Signing in by e-mail or by phone, where both are verified and the pool takes both',
    assumed: 'both work',
    source: 'docs/evidence.md, Assumed: either-name',
    check: async port => {
      const { eitherPool, eitherClient } = port.deployed;
      const { address } = await port.people.confirmed(eitherPool, 'either', { phone_number: PHONE, phone_number_verified: 'true' });
      const answers = await Promise.all([address, PHONE].map(async name => answerOf(port.people.signIn(eitherPool, eitherClient, name))));
      return { observed: `e-mail ${answers[0]}, phone ${answers[1]}`, holds: answers.every(answer => answer === 'accepted') };
    },
  },
  {
    id: 'admin.totp-without-enrolment',
    what: 'AdminSetUserMFAPreference: TOTP, of a user without an authenticator',
    assumed: 'refused: InvalidParameterException',
    source: MFA,
    check: async port => refusedWith(port.source.cognito.send(new AdminSetUserMFAPreferenceCommand({
      UserPoolId: port.deployed.probePool, Username: (await confirmed(port)).address, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
    })), 'InvalidParameterException'),
  },
  {
    id: 'admin.mfa-required',
    what: 'Sign-in of a restored user without a factor, in a pool that requires TOTP',
    assumed: 'the challenge MFA_SETUP: the user enrols',
    source: MFA,
    check: async port => {
      const { mfaPool, mfaClient } = port.deployed;
      const { address } = await port.people.confirmed(mfaPool, 'mfa-required');
      const { ChallengeName, AuthenticationResult } = await port.source.cognito.send(new AdminInitiateAuthCommand({
        UserPoolId: mfaPool, ClientId: mfaClient, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: address, PASSWORD },
      }));
      return { observed: ChallengeName ?? (AuthenticationResult ? 'tokens' : 'nothing'), holds: ChallengeName === 'MFA_SETUP' };
    },
  },
  {
    id: 'admin.group-description',
    what: 'UpdateGroup with an empty description',
    assumed: 'clears it',
    source: 'docs/evidence.md, Assumed: update-group',
    check: async port => {
      const group = await updated(port, 'verify-description', { Description: '' });
      return { observed: group.Description ? 'the description is still there' : 'clears it', holds: !group.Description };
    },
  },
  {
    id: 'admin.group-precedence',
    what: 'UpdateGroup without a precedence',
    assumed: 'removes it',
    source: 'docs/evidence.md, Assumed: update-group',
    check: async port => {
      const group = await updated(port, 'verify-precedence', { Description: 'Verification' });
      return { observed: group.Precedence === undefined ? 'removes it' : `it is ${group.Precedence}`, holds: group.Precedence === undefined };
    },
  },
  {
    id: 'admin.password-again',
    what: 'AdminSetUserPassword (permanent) of who had one already',
    assumed: 'accepted: the second part of a creation that was interrupted can be done again',
    source: INFERRED,
    check: async port => {
      const observed = await answerOf(port.source.cognito.send(new AdminSetUserPasswordCommand({
        UserPoolId: port.deployed.probePool, Username: (await confirmed(port)).address, Password: `${PASSWORD}-2`, Permanent: true,
      })));
      return { observed, holds: observed === 'accepted' };
    },
  },
  unobservable('admin.quota-window', 'The time over which Cognito counts a quota', 'about a second', 'docs/evidence.md, Assumed: quota-window',
    'a burst would take the quota from the account\'s other user pools'),
  unobservable('admin.processor', 'The speed of Lambda\'s processor', 'as here', 'docs/evidence.md, Assumed: processor', 'a first copy of many users would tell, and this run makes few'),
  unobservable('admin.quota-share', 'Live traffic beside a restore that fills 80 % of the quotas', 'has enough', 'docs/evidence.md, Assumed: quota-share',
    'it depends on the traffic of the account'),
];

function create(port: Port, UserPoolId: string, Username: string, attributes: Record<string, string>): Promise<unknown> {
  return port.source.cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes: listOf(attributes) }));
}

function update(port: Port, Username: string, attributes: Record<string, string>): Promise<unknown> {
  return port.source.cognito.send(new AdminUpdateUserAttributesCommand({
    UserPoolId: port.deployed.probePool, Username, UserAttributes: listOf(attributes),
  }));
}

async function updated(port: Port, GroupName: string, change: { Description?: string }) {
  const one = { UserPoolId: port.deployed.probePool, GroupName };
  await port.source.cognito.send(new CreateGroupCommand({ ...one, Description: 'Verification', Precedence: 7 }));
  await port.source.cognito.send(new UpdateGroupCommand({ ...one, ...change }));
  const { Group: group } = await port.source.cognito.send(new GetGroupCommand(one));
  return group!;
}

