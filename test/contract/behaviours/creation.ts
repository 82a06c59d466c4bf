import { accepted, api, assumed, Behaviour, guide, refused, same } from '../behaviour';
import { PASSWORD } from '../driver';

const CREATE = api('AdminCreateUser');
const ATTRIBUTES = guide('user-pool-settings-attributes');

export const CREATION: readonly Behaviour[] = [
  {
    id: 'creation.status',
    what: 'A user whom an administrator creates with a temporary password has to change it: FORCE_CHANGE_PASSWORD, and enabled.',
    source: CREATE,
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { status, enabled } = await pool.createUser(newcomer);
      same('the answer', { status, enabled }, { status: 'FORCE_CHANGE_PASSWORD', enabled: true });
      const { user } = await pool.getUser(newcomer.username);
      same('read again', [user.status, user.enabled], ['FORCE_CHANGE_PASSWORD', true]);
    },
  },
  {
    id: 'creation.suppress',
    what: 'With MessageAction SUPPRESS nothing is sent to the new user.',
    source: CREATE,
    kind: 'email',
    check: async pool => {
      const before = await pool.messages();
      await pool.createUser(pool.newcomer());
      same('messages sent', await pool.messages() - before, 0);
    },
  },
  {
    id: 'creation.attributes',
    what: 'A new user has the attributes that were given, verified flags and custom ones among them, and a sub.',
    source: CREATE,
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer({ 'name': 'Ann', 'custom:tenant': 't', 'custom:note': 'n' });
      const { sub } = await pool.createUser(newcomer);
      const { user } = await pool.getUser(newcomer.username);
      same('attributes', user.attributes, newcomer.attributes);
      same('sub is the one that the creation answered', user.sub === sub && sub !== '', true);
    },
  },
  {
    id: 'creation.generated-username',
    what: 'Where addresses are the user names, the real one is generated, and is the sub.',
    source: ATTRIBUTES,
    kind: 'email',
    check: async pool => {
      const { username, sub } = await pool.createUser(pool.newcomer());
      same('user name is the sub', username === sub, true);
    },
  },
  {
    id: 'creation.username-is-an-address',
    what: 'Where addresses are the user names, one that is no address is refused.',
    source: CREATE,
    kind: 'email',
    check: async pool => refused('AdminCreateUser', () => pool.createUser({ ...pool.newcomer(), username: 'somebody', attributes: {} }), 'InvalidParameterException'),
  },
  {
    id: 'creation.phone-as-username',
    what: 'Where e-mail addresses and phone numbers are user names, either may be given; it becomes the attribute.',
    source: ATTRIBUTES,
    kind: 'email-or-phone',
    check: async pool => {
      const phone = pool.phone();
      const { attributes } = await pool.createUser({ username: phone, attributes: { phone_number_verified: 'true' }, temporaryPassword: PASSWORD });
      same('phone number', attributes.phone_number === phone, true);
    },
  },
  {
    id: 'creation.chosen-username',
    what: 'Where users choose their names, the name stays as it was given, and the sub is another.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { username, sub } = await pool.createUser(newcomer);
      same('user name', username, newcomer.username);
      same('sub is another', sub !== username, true);
    },
  },
  {
    id: 'creation.username-exists',
    what: 'A user name that somebody has is refused: UsernameExistsException.',
    source: CREATE,
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.createUser(newcomer);
      await refused('AdminCreateUser', () => pool.createUser(newcomer), 'UsernameExistsException');
    },
  },
  {
    id: 'creation.address-exists',
    what: 'An address that is somebody\'s user name is refused: UsernameExistsException.',
    source: CREATE,
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.createUser(newcomer);
      await refused('AdminCreateUser', () => pool.createUser(newcomer), 'UsernameExistsException');
    },
  },
  {
    id: 'creation.second-address',
    what: 'Where both addresses are user names, a new user cannot have the second address of another, as an attribute either.',
    source: assumed('second-address'),
    kind: 'email-or-phone',
    check: async pool => {
      const phone_number = pool.phone();
      await pool.createUser(pool.newcomer({ phone_number, phone_number_verified: 'true' }));
      await refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ phone_number, phone_number_verified: 'true' })), 'UsernameExistsException', 'AliasExistsException');
    },
  },
  {
    id: 'creation.sub',
    what: 'Nobody can say which sub a new user gets.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ sub: '11111111-2222-3333-4444-555555555555' })), 'InvalidParameterException'),
  },
  {
    id: 'creation.sub-never-again',
    what: 'A user who is created again under the name of one who was deleted gets another sub.',
    source: assumed('listing-lag'),
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      await pool.deleteUser(newcomer.username);
      same('sub is another', (await pool.createUser(newcomer)).sub !== sub, true);
    },
  },
  {
    id: 'creation.password-policy',
    what: 'A temporary password that the policy does not allow is refused.',
    source: CREATE,
    kind: 'username',
    check: async pool => refused('AdminCreateUser', () => pool.createUser({ ...pool.newcomer(), temporaryPassword: 'short' }), 'InvalidPasswordException'),
  },
  {
    id: 'creation.passwordless',
    what: 'Where one-time codes are a first factor, a user who is created without a password has none and is CONFIRMED.',
    source: guide('how-to-create-user-accounts'),
    kind: 'passwordless',
    check: async pool => same('status', (await pool.createUser(pool.newcomer())).status, 'CONFIRMED'),
  },
  {
    id: 'creation.passwordless-with-password',
    what: 'There too, a user who is created with a temporary password has to change it.',
    source: guide('how-to-create-user-accounts'),
    kind: 'passwordless',
    check: async pool => same('status', (await pool.createUser({ ...pool.newcomer(), temporaryPassword: PASSWORD })).status, 'FORCE_CHANGE_PASSWORD'),
  },
  {
    id: 'creation.deleted',
    what: 'Somebody who was deleted is not found any more, and the name is free.',
    source: api('AdminDeleteUser'),
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.createUser(newcomer);
      await pool.deleteUser(newcomer.username);
      await refused('AdminGetUser', () => pool.getUser(newcomer.username), 'UserNotFoundException');
      await refused('AdminDeleteUser', () => pool.deleteUser(newcomer.username), 'UserNotFoundException');
      await accepted('AdminCreateUser', () => pool.createUser(newcomer));
    },
  },
  {
    id: 'creation.unknown-user',
    what: 'A user who never was is not found, neither by AdminGetUser nor by AdminListGroupsForUser.',
    source: api('AdminGetUser'),
    kind: 'username',
    check: async pool => {
      const { username } = pool.newcomer();
      await refused('AdminGetUser', () => pool.getUser(username), 'UserNotFoundException');
      await refused('AdminListGroupsForUser', () => pool.groupsOf(username), 'UserNotFoundException');
    },
  },
  {
    id: 'creation.writes-of-unknown-user',
    what: 'Nor by what changes a user.',
    source: api('AdminUpdateUserAttributes'),
    kind: 'username',
    check: async pool => {
      const { username } = pool.newcomer();
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { name: 'x' }), 'UserNotFoundException');
      await refused('AdminSetUserPassword', () => pool.setPassword(username, PASSWORD), 'UserNotFoundException');
      await refused('AdminDisableUser', () => pool.disableUser(username), 'UserNotFoundException');
      await refused('AdminEnableUser', () => pool.enableUser(username), 'UserNotFoundException');
    },
  },
];
