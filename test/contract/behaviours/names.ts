import { accepted, api, assumed, Behaviour, guide, refused, same } from '../behaviour';
import { ContractPool } from '../driver';

const ALIASES = guide('user-pool-settings-attributes');
const CASE = guide('user-pool-case-sensitivity');
const TAKEN = ['AliasExistsException'] as const;

const capital = (name: string) => name.toUpperCase();

/** Somebody with a verified address that is an alias. */
async function withAlias(pool: ContractPool) {
  const newcomer = pool.newcomer();
  await pool.createUser(newcomer);
  return { username: newcomer.username, email: newcomer.attributes.email };
}

export const NAMES: readonly Behaviour[] = [
  {
    id: 'aliases.verified-is-unique',
    what: 'A verified address that is an alias belongs to one user: a new user with it is refused.',
    source: api('AdminCreateUser'),
    kind: 'aliases',
    check: async pool => {
      const { email } = await withAlias(pool);
      await refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ email, email_verified: 'true' })), ...TAKEN);
    },
  },
  {
    id: 'aliases.unverified-is-shared',
    what: 'An address that is not verified is no alias: several users may have it.',
    source: ALIASES,
    kind: 'aliases',
    check: async pool => {
      const { email } = await withAlias(pool);
      await accepted('AdminCreateUser', () => pool.createUser(pool.newcomer({ email, email_verified: 'false' })));
    },
  },
  {
    id: 'aliases.update-is-refused',
    what: 'An update that gives a user the verified address of another is refused.',
    source: assumed('taken-address'),
    kind: 'aliases',
    check: async pool => {
      const [{ email }, { username }] = [await withAlias(pool), await withAlias(pool)];
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { email, email_verified: 'true' }), ...TAKEN);
    },
  },
  {
    id: 'aliases.username-attribute-update-is-refused',
    what: 'So is one that gives a user an address that another signs in by, where addresses are user names.',
    source: assumed('taken-address'),
    kind: 'email',
    check: async pool => {
      const [{ email }, { username }] = [await withAlias(pool), await withAlias(pool)];
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { email, email_verified: 'true' }), ...TAKEN);
    },
  },
  {
    id: 'aliases.own-address',
    what: 'Somebody may be given the address again that they have.',
    source: api('AdminUpdateUserAttributes'),
    kind: 'aliases',
    check: async pool => {
      const { username, email } = await withAlias(pool);
      await accepted('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { email, email_verified: 'true' }));
    },
  },
  {
    id: 'aliases.username-of-that-form',
    what: 'Where the e-mail address is an alias, a user name that looks like one is refused.',
    source: ALIASES,
    kind: 'aliases',
    check: async pool => {
      const { attributes } = pool.newcomer();
      await refused('AdminCreateUser', () => pool.createUser({ ...pool.newcomer(), username: attributes.email }), 'InvalidParameterException');
    },
  },
  {
    id: 'aliases.name-the-user',
    what: 'A verified alias names the user in an administrator\'s calls.',
    source: api('AdminGetUser'),
    kind: 'aliases',
    check: async pool => {
      const { username, email } = await withAlias(pool);
      same('user name', (await pool.getUser(email)).user.username, username);
    },
  },
  {
    id: 'aliases.unverified-names-nobody',
    what: 'One that is not verified names nobody.',
    source: ALIASES,
    kind: 'aliases',
    check: async pool => {
      const newcomer = pool.newcomer({ email_verified: 'false' });
      await pool.createUser(newcomer);
      await refused('AdminGetUser', () => pool.getUser(newcomer.attributes.email), 'UserNotFoundException');
    },
  },
  {
    id: 'aliases.preferred-username-at-creation',
    what: 'Where preferred_username is an alias, a user who is not confirmed cannot have one.',
    source: ALIASES,
    kind: 'aliases',
    check: async pool => refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ preferred_username: 'preferred-at-creation' })), 'InvalidParameterException'),
  },
  {
    id: 'names.sub-names-the-user',
    what: 'The sub of a local user names them in an administrator\'s calls.',
    source: api('AdminGetUser'),
    kind: 'username',
    check: async pool => {
      const { sub, username } = await pool.createUser(pool.newcomer());
      same('user name', (await pool.getUser(sub)).user.username, username);
    },
  },
  {
    id: 'names.federated-address-names-nobody',
    what: 'The address of a user of an identity provider is no name: it names nobody, and another user may have it.',
    source: ALIASES,
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.signInFederated({ provider: 'Corp', subject: newcomer.username }, newcomer.username);
      await refused('AdminGetUser', () => pool.getUser(newcomer.username), 'UserNotFoundException');
      await accepted('AdminCreateUser', () => pool.createUser(newcomer));
    },
  },
  {
    id: 'names.longest',
    what: 'Nobody is looked up by a name of more than 128 characters.',
    source: api('AdminGetUser'),
    kind: 'aliases',
    check: async pool => refused('AdminGetUser', () => pool.getUser('n'.repeat(129)), 'InvalidParameterException'),
  },
  {
    id: 'case.usernames',
    what: 'In a pool that is not case sensitive, a user name is the same in capital letters.',
    source: CASE,
    kind: 'aliases',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      same('the same user', (await pool.getUser(capital(newcomer.username))).user.sub === sub, true);
      await refused('AdminCreateUser', () => pool.createUser({ ...pool.newcomer(), username: capital(newcomer.username) }), 'UsernameExistsException');
    },
  },
  {
    id: 'case.addresses',
    what: 'In a pool that is not case sensitive, an address that is the user name is the same in capital letters.',
    source: CASE,
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      await pool.createUser(newcomer);
      const email = capital(newcomer.username);
      await refused('AdminCreateUser', () => pool.createUser({ ...newcomer, username: email, attributes: { email } }), 'UsernameExistsException');
    },
  },
  {
    id: 'case.aliases',
    what: 'In a pool that is not case sensitive, an alias is the same in capital letters.',
    source: CASE,
    kind: 'aliases',
    check: async pool => {
      const { email } = await withAlias(pool);
      await refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ email: capital(email), email_verified: 'true' })), ...TAKEN);
    },
  },
  {
    id: 'case.sensitive',
    what: 'In a pool that is case sensitive, a name in capital letters is another.',
    source: CASE,
    kind: 'case-sensitive',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      await refused('AdminGetUser in capital letters', () => pool.getUser(capital(newcomer.username)), 'UserNotFoundException');
      const other = await pool.createUser({ ...newcomer, username: capital(newcomer.username) });
      same('another user', other.sub !== sub, true);
    },
  },
];
