import { accepted, api, Behaviour, guide, refused, same } from '../behaviour';
import { ContractPool, PASSWORD } from '../driver';

const PROVIDER = 'Corp';
const FEDERATED = guide('cognito-user-pools-identity-federation');
const SIGN_UP = guide('signing-up-users-in-your-app');

async function confirmed(pool: ContractPool) {
  const newcomer = pool.newcomer();
  await pool.createUser(newcomer);
  await pool.setPassword(newcomer.username, PASSWORD);
  return newcomer.username;
}

const statusOf = async (pool: ContractPool, username: string) => (await pool.getUser(username)).user.status;

async function federated(pool: ContractPool) {
  const subject = pool.groupName();
  const { email } = pool.newcomer().attributes;
  return { subject, username: await pool.signInFederated({ provider: PROVIDER, subject }, email) };
}

export const STATUSES: readonly Behaviour[] = [
  {
    id: 'statuses.permanent-password',
    what: 'A permanent password makes a user CONFIRMED.',
    source: api('AdminSetUserPassword'),
    kind: 'username',
    check: async pool => same('status', await statusOf(pool, await confirmed(pool)), 'CONFIRMED'),
  },
  {
    id: 'statuses.permanent-password-again',
    what: 'A confirmed user may be given another permanent password, and stays CONFIRMED.',
    source: api('AdminSetUserPassword'),
    kind: 'username',
    check: async pool => {
      const username = await confirmed(pool);
      await accepted('AdminSetUserPassword', () => pool.setPassword(username, `${PASSWORD}-2`));
      same('status', await statusOf(pool, username), 'CONFIRMED');
    },
  },
  {
    id: 'statuses.password-policy',
    what: 'A permanent password that the policy does not allow is refused, and the status stays.',
    source: api('AdminSetUserPassword'),
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.createUser(newcomer);
      await refused('AdminSetUserPassword', () => pool.setPassword(newcomer.username, 'short'), 'InvalidPasswordException');
      same('status', await statusOf(pool, newcomer.username), 'FORCE_CHANGE_PASSWORD');
    },
  },
  {
    id: 'statuses.disabled',
    what: 'A disabled user is there, with their status, and may be enabled again; both may be done twice.',
    source: api('AdminDisableUser'),
    kind: 'username',
    check: async pool => {
      const username = await confirmed(pool);
      const shown = async () => {
        const { user: { enabled, status } } = await pool.getUser(username);
        return { enabled, status };
      };
      await pool.disableUser(username);
      await accepted('AdminDisableUser again', () => pool.disableUser(username));
      same('disabled', await shown(), { enabled: false, status: 'CONFIRMED' });
      await pool.enableUser(username);
      await accepted('AdminEnableUser again', () => pool.enableUser(username));
      same('enabled', await shown(), { enabled: true, status: 'CONFIRMED' });
    },
  },
  {
    id: 'statuses.disabled-may-change',
    what: 'Attributes and groups of a disabled user may be changed.',
    source: api('AdminDisableUser'),
    kind: 'username',
    check: async pool => {
      const [username, name] = [await confirmed(pool), pool.groupName()];
      await pool.createGroup({ name });
      await pool.disableUser(username);
      await accepted('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { name: 'Ann' }));
      await accepted('AdminAddUserToGroup', () => pool.addUserToGroup(username, name));
      same('enabled', (await pool.getUser(username)).user.enabled, false);
    },
  },
  {
    id: 'statuses.reset',
    what: 'AdminResetUserPassword makes a confirmed user with a verified address RESET_REQUIRED.',
    source: api('AdminResetUserPassword'),
    kind: 'email',
    check: async pool => {
      const username = await confirmed(pool);
      await pool.resetPassword(username);
      same('status', await statusOf(pool, username), 'RESET_REQUIRED');
    },
  },
  {
    id: 'statuses.sign-up',
    what: 'A user who signs up is UNCONFIRMED.',
    source: SIGN_UP,
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.signUp(newcomer, PASSWORD);
      same('status', await statusOf(pool, newcomer.username), 'UNCONFIRMED');
    },
  },
  {
    id: 'statuses.sign-up-confirmed',
    what: 'AdminConfirmSignUp makes such a user CONFIRMED, once.',
    source: api('AdminConfirmSignUp'),
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.signUp(newcomer, PASSWORD);
      await pool.confirmSignUp(newcomer.username);
      same('status', await statusOf(pool, newcomer.username), 'CONFIRMED');
      await refused('AdminConfirmSignUp', () => pool.confirmSignUp(newcomer.username), 'NotAuthorizedException');
    },
  },
  {
    id: 'federated.name-and-status',
    what: 'A user of an identity provider is called by its name and theirs there, is EXTERNAL_PROVIDER, and shows the identity.',
    source: FEDERATED,
    kind: 'email',
    check: async pool => {
      const { subject, username } = await federated(pool);
      const { user } = await pool.getUser(username);
      const [identity] = JSON.parse(user.attributes.identities || '[{}]') as { providerName?: string; userId?: string }[];
      same('the user', [user.username, user.status, user.enabled], [`${PROVIDER}_${subject}`, 'EXTERNAL_PROVIDER', true]);
      same('the identity', { providerName: identity.providerName, userId: identity.userId }, { providerName: PROVIDER, userId: subject });
    },
  },
  {
    id: 'federated.groups',
    what: 'Such a user may be in groups, be disabled and be deleted, under that name.',
    source: api('AdminGetUser'),
    kind: 'email',
    check: async pool => {
      const [{ username }, name] = [await federated(pool), pool.groupName()];
      await pool.createGroup({ name });
      await pool.addUserToGroup(username, name);
      same('groups', (await pool.groupsOf(username)).includes(name), true);
      await pool.disableUser(username);
      same('enabled', (await pool.getUser(username)).user.enabled, false);
      await pool.deleteUser(username);
      await refused('AdminGetUser', () => pool.getUser(username), 'UserNotFoundException');
    },
  },
];
