import { isTrue } from '../../../src/cognito/attribute-values';
import { accepted, api, assumed, Behaviour, guide, refused, same } from '../behaviour';
import { ContractPool, UserAttributes } from '../driver';

const UPDATE = api('AdminUpdateUserAttributes');
const ATTRIBUTES = guide('user-pool-settings-attributes');
const REFUSAL = 'InvalidParameterException';

async function somebody(pool: ContractPool, attributes: UserAttributes = {}) {
  const newcomer = pool.newcomer(attributes);
  await pool.createUser(newcomer);
  return newcomer.username;
}

/** Moves a user to a new address, with the flag where it is given, and answers the attributes then; read by `sub`, as the name is another now. */
async function moved(pool: ContractPool, flag: UserAttributes) {
  const { sub } = await pool.createUser(pool.newcomer());
  const { email } = pool.newcomer().attributes;
  await pool.updateAttributes(sub, { email, ...flag });
  const { user } = await pool.getUser(sub);
  same('the new address is there', user.attributes.email === email, true);
  return user.attributes;
}

export const ATTRIBUTE_RULES: readonly Behaviour[] = [
  {
    id: 'flags.unverified-by-update',
    what: 'A new e-mail address is not verified unless the same call says so.',
    source: UPDATE,
    kind: 'email',
    check: async pool => same('verified', isTrue((await moved(pool, {})).email_verified), false),
  },
  {
    id: 'flags.verified-by-update',
    what: 'With email_verified in the same call it is verified.',
    source: UPDATE,
    kind: 'email',
    check: async pool => same('verified', isTrue((await moved(pool, { email_verified: 'true' })).email_verified), true),
  },
  {
    id: 'flags.set-alone',
    what: 'An administrator may set the flag alone.',
    source: UPDATE,
    kind: 'email',
    check: async pool => {
      const username = await somebody(pool, { email_verified: 'false' });
      await pool.updateAttributes(username, { email_verified: 'true' });
      same('verified', isTrue((await pool.getUser(username)).user.attributes.email_verified), true);
    },
  },
  {
    id: 'flags.phone',
    what: 'A new phone number is not verified unless the same call says so.',
    source: UPDATE,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { phone_number: pool.phone(), phone_number_verified: 'true' });
      await pool.updateAttributes(username, { phone_number: pool.phone() });
      same('verified', isTrue((await pool.getUser(username)).user.attributes.phone_number_verified), false);
    },
  },
  {
    id: 'attributes.update',
    what: 'An update changes what it names and leaves the rest.',
    source: UPDATE,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { 'name': 'Ann', 'custom:tenant': 't', 'custom:note': 'before' });
      await pool.updateAttributes(username, { 'custom:note': 'after', 'nickname': 'A' });
      same('attributes', (await pool.getUser(username)).user.attributes, { 'name': 'Ann', 'custom:tenant': 't', 'custom:note': 'after', 'nickname': 'A' });
    },
  },
  {
    id: 'attributes.blank-deletes',
    what: 'An attribute that is set to nothing is deleted.',
    source: UPDATE,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { name: 'Ann', nickname: 'A' });
      await pool.updateAttributes(username, { nickname: '' });
      same('attributes', (await pool.getUser(username)).user.attributes, { name: 'Ann' });
    },
  },
  {
    id: 'attributes.delete',
    what: 'AdminDeleteUserAttributes deletes what it names.',
    source: api('AdminDeleteUserAttributes'),
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { 'name': 'Ann', 'custom:note': 'n' });
      await pool.deleteAttributes(username, ['custom:note']);
      same('attributes', (await pool.getUser(username)).user.attributes, { name: 'Ann' });
    },
  },
  {
    id: 'attributes.immutable',
    what: 'An immutable custom attribute can be set at creation, and never changed.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool, { 'custom:tenant': 'first' });
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { 'custom:tenant': 'second' }), REFUSAL);
      same('attribute', (await pool.getUser(username)).user.attributes['custom:tenant'], 'first');
    },
  },
  {
    id: 'attributes.unknown',
    what: 'An attribute that the pool does not have is refused, at creation and later.',
    source: api('AdminCreateUser'),
    kind: 'username',
    check: async pool => {
      await refused('AdminCreateUser', () => pool.createUser(pool.newcomer({ 'custom:nowhere': 'x' })), REFUSAL);
      const username = await somebody(pool);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { 'custom:nowhere': 'x' }), REFUSAL);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { nowhere: 'x' }), REFUSAL);
    },
  },
  {
    id: 'attributes.sub-stays',
    what: 'The sub of a user cannot be changed.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { sub: '11111111-2222-3333-4444-555555555555' }), REFUSAL);
    },
  },
  {
    id: 'attributes.identities',
    what: 'Linked identities cannot be written as an attribute.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { identities: '[]' }), REFUSAL);
    },
  },
  {
    id: 'attributes.longest',
    what: 'A value has at most 2,048 characters.',
    source: guide('quotas'),
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { 'custom:note': 'x'.repeat(2_049) }), REFUSAL);
      await accepted('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { 'custom:note': 'x'.repeat(2_048) }));
    },
  },
  {
    id: 'attributes.phone-format',
    what: 'A phone number without a plus sign is refused.',
    source: ATTRIBUTES,
    kind: 'username',
    check: async pool => {
      const username = await somebody(pool);
      await refused('AdminUpdateUserAttributes', () => pool.updateAttributes(username, { phone_number: '2065550100' }), REFUSAL);
    },
  },
  {
    id: 'dates.attributes',
    what: 'UserLastModifiedDate moves when attributes change.',
    source: assumed('modified-date'),
    kind: 'username',
    check: async pool => moves(pool, true, username => pool.updateAttributes(username, { name: 'Ann' })),
  },
  {
    id: 'dates.enabled',
    what: 'UserLastModifiedDate moves when a user is disabled, and when they are enabled.',
    source: assumed('modified-date'),
    kind: 'username',
    check: async pool => {
      await moves(pool, true, username => pool.disableUser(username));
      await moves(pool, true, username => pool.enableUser(username), username => pool.disableUser(username));
    },
  },
  {
    id: 'dates.groups',
    what: 'UserLastModifiedDate stays when a user enters or leaves a group.',
    source: assumed('modified-date'),
    kind: 'username',
    check: async pool => {
      const name = pool.groupName();
      await pool.createGroup({ name });
      await moves(pool, false, username => pool.addUserToGroup(username, name));
      await moves(pool, false, username => pool.removeUserFromGroup(username, name), username => pool.addUserToGroup(username, name));
    },
  },
];

type Change = (username: string) => Promise<void>;

async function moves(pool: ContractPool, expected: boolean, change: Change, first: Change = async () => undefined): Promise<void> {
  const username = await somebody(pool);
  await first(username);
  const { user: before } = await pool.getUser(username);
  await pool.later();
  await change(username);
  const { user: after } = await pool.getUser(username);
  same('the date moved', after.modifiedAt > before.modifiedAt, expected);
}
