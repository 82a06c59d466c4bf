import { pagesOf } from './in-memory';
import { allPages } from '../../../src/cognito/page';
import { UserFilter } from '../../../src/cognito/target-pool';
import { attributesIn, CountedPool } from '../../helpers/counted-pool';
import { Driver, NotModelled, PASSWORD } from '../driver';

const SIZE = 1_000;
const PAGE = 60;

const KIND = 'it is a pool whose users are called user-0, user-1, ..., and have no other name';
const MADE_UP = 'attributes are made up from the number of the user, and never change';
const ENABLED = 'everybody in it is enabled: the simulated restore disables nobody';
const NO_DELETION = 'a restore deletes nobody, and takes nobody out of a group';
const NO_GROUP_CHANGES = 'the simulated restore makes groups and changes none';
const NO_MFA = 'the simulated restore sets no MFA preference';
const NO_PASSWORDS = 'it keeps no password, and looks at none';
const NO_SELF_SERVICE = 'nobody does anything in it but the restore';
const BY_THE_PORT = 'the product\'s port asks for 60 and for nothing else';

const BY_ID: Readonly<Record<string, string>> = {
  'creation.suppress': KIND,
  'creation.attributes': KIND,
  'creation.generated-username': KIND,
  'creation.username-is-an-address': KIND,
  'creation.phone-as-username': KIND,
  'creation.address-exists': KIND,
  'creation.second-address': KIND,
  'creation.sub': MADE_UP,
  'creation.sub-never-again': NO_DELETION,
  'creation.password-policy': NO_PASSWORDS,
  'creation.passwordless': KIND,
  'creation.passwordless-with-password': KIND,
  'creation.deleted': NO_DELETION,
  'creation.writes-of-unknown-user': MADE_UP,
  'aliases.verified-is-unique': KIND,
  'aliases.unverified-is-shared': KIND,
  'aliases.update-is-refused': KIND,
  'aliases.username-attribute-update-is-refused': KIND,
  'aliases.own-address': KIND,
  'aliases.username-of-that-form': KIND,
  'aliases.name-the-user': KIND,
  'aliases.unverified-names-nobody': KIND,
  'aliases.preferred-username-at-creation': KIND,
  'names.federated-address-names-nobody': KIND,
  'names.longest': KIND,
  'listing.long-filter': KIND,
  'case.usernames': KIND,
  'case.addresses': KIND,
  'case.aliases': KIND,
  'case.sensitive': KIND,
  'flags.unverified-by-update': KIND,
  'flags.verified-by-update': KIND,
  'flags.set-alone': KIND,
  'flags.phone': MADE_UP,
  'attributes.update': MADE_UP,
  'attributes.blank-deletes': MADE_UP,
  'attributes.delete': MADE_UP,
  'attributes.immutable': MADE_UP,
  'attributes.unknown': MADE_UP,
  'attributes.sub-stays': MADE_UP,
  'attributes.identities': MADE_UP,
  'attributes.longest': MADE_UP,
  'attributes.phone-format': MADE_UP,
  'dates.attributes': MADE_UP,
  'dates.enabled': ENABLED,
  'dates.groups': NO_DELETION,
  'statuses.password-policy': NO_PASSWORDS,
  'statuses.disabled': ENABLED,
  'statuses.disabled-may-change': ENABLED,
  'statuses.reset': KIND,
  'statuses.sign-up': KIND,
  'statuses.sign-up-confirmed': KIND,
  'federated.name-and-status': KIND,
  'federated.groups': KIND,
  'groups.update': NO_GROUP_CHANGES,
  'groups.update-clears': NO_GROUP_CHANGES,
  'groups.unknown-changed': NO_GROUP_CHANGES,
  'groups.leave': NO_DELETION,
  'groups.deletion': NO_DELETION,
  'groups.deleted-user': NO_DELETION,
  'listing.empty-pages': 'its pages are full',
  'listing.limit': BY_THE_PORT,
  'listing.image': KIND,
  'listing.by-sub-of-nobody': NO_DELETION,
  'listing.by-sub-prefix': 'the product\'s port looks up by one exact value',
  'listing.by-email': KIND,
  'listing.unknown-filter': 'the product\'s port looks up by sub, user name and address',
  'listing.by-status': 'the product\'s port looks up by sub, user name and address',
  'mfa.sms-without-phone': NO_MFA,
  'mfa.totp-without-enrolment': NO_MFA,
  'mfa.sms': MADE_UP,
  'mfa.not-preferred': MADE_UP,
};

const never = (why: string) => async (): Promise<never> => { throw new NotModelled(why); };

/** The pool of the simulated restore. */
export const COUNTED_POOL: Driver = {
  name: 'CountedPool',
  cannot: BY_ID,
  open: async kind => {
    if (kind !== 'username') throw new NotModelled(KIND);
    let time = 1_000_000;
    let made = 0;
    const pool = new CountedPool(SIZE, () => time);
    return {
      newcomer: (attributes = {}) => {
        if (Object.keys(attributes).length > 0) throw new NotModelled(MADE_UP);
        return { username: `user-${made}`, attributes: attributesIn(made++), temporaryPassword: PASSWORD };
      },
      groupName: () => `group-${made++}`,
      phone: () => { throw new NotModelled(MADE_UP); },
      createUser: async user => {
        if (user.temporaryPassword !== PASSWORD) throw new NotModelled(NO_PASSWORDS);
        return pool.createUser(user);
      },
      setPassword: async (username, password) => {
        if (!password.startsWith(PASSWORD)) throw new NotModelled(NO_PASSWORDS);
        pool.setPermanentPassword(username);
      },
      resetPassword: never(NO_SELF_SERVICE),
      updateAttributes: never(MADE_UP),
      deleteAttributes: never(MADE_UP),
      enableUser: never(ENABLED),
      disableUser: never(ENABLED),
      deleteUser: never(NO_DELETION),
      setMfaPreference: never(NO_MFA),
      createGroup: async group => pool.createGroup(group),
      updateGroup: never(NO_GROUP_CHANGES),
      deleteGroup: never(NO_DELETION),
      addUserToGroup: async (username, group) => pool.addUserToGroup(username, group),
      removeUserFromGroup: never(NO_DELETION),
      signUp: never(NO_SELF_SERVICE),
      confirmSignUp: never(NO_SELF_SERVICE),
      signInFederated: never(NO_SELF_SERVICE),
      getUser: async username => pool.getUser(username),
      groupsOf: async username => pool.groupsOfUser(username).items,
      groups: async () => pool.listGroups().items,
      membersOf: async group => allPages(async cursor => pool.listUsersInGroup(group, cursor)),
      pages: async filter => {
        const [attribute, operator, value] = filter ?? [];
        if (filter && (operator !== '=' || !['sub', 'username', 'email'].includes(attribute!))) throw new NotModelled(BY_ID['listing.unknown-filter']);
        const wanted = filter && { attribute: attribute as UserFilter['attribute'], value: value! };
        return pagesOf(async cursor => pool.listUsers(cursor, wanted));
      },
      pageSize: PAGE,
      page: never(BY_THE_PORT),
      withEmptyPages: never(BY_ID['listing.empty-pages']),
      messages: never(NO_PASSWORDS),
      later: async () => { time += 2_000; },
      eventually: async look => look(),
    };
  },
};
