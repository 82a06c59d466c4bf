import { allPages, Page } from '../../../src/cognito/page';
import { UserFilter } from '../../../src/cognito/target-pool';
import { FakeSourcePool } from '../../helpers/fake-source-pool';
import { LivingPool } from '../../helpers/living-pool';
import { FakeStandbyPool } from '../../helpers/standby-world';
import { UserPoolModel, UserPoolOptions } from '../../helpers/user-pool-model';
import { ContractPool, ContractPoolKind, Driver, Filter, Newcomers, NotModelled } from '../driver';

const SETTINGS: Readonly<Record<ContractPoolKind, UserPoolOptions>> = {
  'email': { usernameAttributes: ['email'] },
  'email-or-phone': { usernameAttributes: ['email', 'phone_number'] },
  'aliases': { aliasAttributes: ['email', 'preferred_username'] },
  'username': {},
  'case-sensitive': { caseSensitive: true },
  'passwordless': { usernameAttributes: ['email'], firstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] },
};
const CUSTOM = { tenant: { mutable: false }, note: {} };
/** Small, so that a few users have several pages. */
const PAGE = 2;

/** A clock that stands still unless a behaviour lets time go by. */
class Time {
  private time = 1_000_000;
  public readonly now = () => this.time;

  public async later(): Promise<void> {
    this.time += 2_000;
  }
}

type Common = Pick<ContractPool, 'newcomer' | 'groupName' | 'phone' | 'later' | 'eventually' | 'pageSize'>;

function common(kind: ContractPoolKind, time: Time): Common {
  const newcomers = new Newcomers(kind, 'contract', name => `${name}@example.com`);
  return {
    newcomer: attributes => newcomers.newcomer(attributes),
    groupName: () => newcomers.name('group'),
    phone: () => newcomers.phone(),
    pageSize: PAGE,
    later: async () => time.later(),
    eventually: async look => look(),
  };
}

/** What is part of no port of ours: users themselves, and an administrator whom the product never is. */
function beyondThePorts(model: UserPoolModel): Pick<ContractPool, 'resetPassword' | 'signUp' | 'confirmSignUp' | 'signInFederated' | 'messages'> {
  return {
    resetPassword: async username => model.resetPassword(username),
    signUp: async ({ username, attributes }, password) => { model.signUp(username, attributes, password); },
    confirmSignUp: async username => model.confirmSignUp(username),
    signInFederated: async (identity, email) => model.signInFederated(identity, { email }).username,
    messages: async () => model.messagesSent,
  };
}

/** The pages of a listing, as they come. */
export async function pagesOf<T>(list: (cursor?: string) => Promise<Page<T>>): Promise<(readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    pages.push(page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

const BY_THE_PORT = 'the product\'s port asks for 60 and for nothing else';

/** The fake of the target and of the standby pool, by the ports that the product uses. */
export const FAKE_POOL: Driver = {
  name: 'FakeStandbyPool',
  cannot: {
    'listing.limit': BY_THE_PORT,
    'listing.by-sub-prefix': 'the product\'s port looks up by one exact value',
  },
  open: async kind => {
    const time = new Time();
    const pool = new FakeStandbyPool({ ...SETTINGS[kind], customAttributes: CUSTOM, now: time.now, pageSize: PAGE });
    return {
      ...common(kind, time),
      ...beyondThePorts(pool.model),
      createUser: async user => pool.createUser(user),
      setPassword: async (username, password) => pool.setPermanentPassword(username, password),
      updateAttributes: async (username, attributes) => pool.updateAttributes(username, attributes),
      deleteAttributes: async (username, names) => pool.deleteAttributes(username, names),
      enableUser: async username => pool.enableUser(username),
      disableUser: async username => pool.disableUser(username),
      deleteUser: async username => pool.deleteUser(username),
      setMfaPreference: async (username, mfa) => pool.setMfaPreference(username, mfa),
      createGroup: async group => pool.createGroup(group),
      updateGroup: async group => pool.updateGroup(group),
      deleteGroup: async name => pool.deleteGroup(name),
      addUserToGroup: async (username, group) => pool.addUserToGroup(username, group),
      removeUserFromGroup: async (username, group) => pool.removeUserFromGroup(username, group),
      getUser: async username => pool.getUser(username),
      groupsOf: async username => allPages(async cursor => pool.groupsOfUser(username, cursor)),
      groups: async () => allPages(async cursor => pool.listGroups(cursor)),
      membersOf: async group => allPages(async cursor => pool.listUsersInGroup(group, cursor)),
      pages: async filter => pagesOf(async cursor => pool.listUsers(cursor, filter && exactly(filter))),
      page: async () => { throw new NotModelled(BY_THE_PORT); },
      withEmptyPages: async () => { pool.emptyPages = true; },
    };
  },
};

/** @param attribute in a test's hands also one that the product never asks by */
function exactly([attribute, operator, value]: Filter): UserFilter {
  if (operator !== '=') throw new NotModelled(operator);
  return { attribute: attribute as UserFilter['attribute'], value };
}

/** A source pool is only read by the product: changes are the model's, what is read comes through the port. */
function sourceDriver(name: string, make: (time: Time, options: UserPoolOptions) => Source): Driver {
  return {
    name,
    cannot: {
      'listing.limit': BY_THE_PORT,
      'listing.by-username': 'the product lists a source pool by sub only',
      'listing.by-email': 'the product lists a source pool by sub only',
      'listing.by-status': 'the product lists a source pool by sub only',
      'listing.unknown-filter': 'the product lists a source pool by sub only',
      'listing.long-filter': 'the product lists a source pool by sub only',
    },
    open: async kind => {
      const time = new Time();
      const { pool, act } = make(time, { ...SETTINGS[kind], customAttributes: CUSTOM, now: time.now });
      Object.assign(pool, {
        pageSize: PAGE,
        usernameAttributes: SETTINGS[kind].usernameAttributes ?? [],
        aliasAttributes: SETTINGS[kind].aliasAttributes ?? [],
        caseSensitive: SETTINGS[kind].caseSensitive ?? false,
      });
      const nobody = () => act(model => model.find('nobody at all'));
      return {
        ...common(kind, time),
        createUser: async user => act(model => imageNow(model.createUser(user))),
        setPassword: async (username, password) => act(model => model.setPermanentPassword(username, password)),
        resetPassword: async username => act(model => model.resetPassword(username)),
        updateAttributes: async (username, attributes) => act(model => model.updateAttributes(username, attributes)),
        deleteAttributes: async (username, names) => act(model => model.deleteAttributes(username, names)),
        enableUser: async username => act(model => model.setEnabled(username, true)),
        disableUser: async username => act(model => model.setEnabled(username, false)),
        deleteUser: async username => act(model => model.deleteUser(username)),
        setMfaPreference: async (username, mfa) => act(model => model.setMfaPreference(username, mfa)),
        createGroup: async group => act(model => model.createGroup(group)),
        updateGroup: async group => act(model => model.updateGroup(group)),
        deleteGroup: async group => act(model => model.deleteGroup(group)),
        addUserToGroup: async (username, group) => act(model => model.addUserToGroup(username, group)),
        removeUserFromGroup: async (username, group) => act(model => model.removeUserFromGroup(username, group)),
        signUp: async ({ username, attributes }, password) => { act(model => model.signUp(username, attributes, password)); },
        confirmSignUp: async username => act(model => model.confirmSignUp(username)),
        signInFederated: async (identity, email) => act(model => model.signInFederated(identity, { email }).username),
        messages: async () => act(model => model.messagesSent),
        getUser: async username => {
          const found = await pool.userByName(username) ?? nobody();
          if (!('image' in found)) throw new Error('the pool shows nobody, the model somebody');
          return { user: found.image, mfa: found.mfa };
        },
        groupsOf: async username => (await pool.groupsOfUser(username))?.map(group => group.name) ?? [...nobody().groups],
        groups: async () => allPages(async token => pool.listGroups(token)),
        membersOf: async group => allPages(async token => await pool.listUsersInGroup(group, token)
          ?? act(model => ({ items: model.membersOf(group).map(({ sub }) => sub) }))),
        pages: async filter => pagesOf(async token => {
          if (filter && filter[0] !== 'sub') throw new NotModelled('the product lists a source pool by sub only');
          if (filter?.[1] !== '=') return pool.listUsers(filter?.[2] ?? '', token);
          const user = await pool.userBySub(filter[2]);
          return { items: user ? [user] : [] };
        }),
        page: async () => { throw new NotModelled(BY_THE_PORT); },
        withEmptyPages: async () => insertEmptyPages(pool),
      };
    },
  };
}

interface Source {
  readonly pool: FakeSourcePool;
  readonly act: <T>(change: (model: UserPoolModel) => T) => T;
}

function imageNow({ sub, username, attributes, enabled, status, createdAt, modifiedAt }: ReturnType<UserPoolModel['createUser']>) {
  return { sub, username, attributes: { ...attributes }, enabled, status, createdAt, modifiedAt };
}

const EMPTY = 'empty:';

function insertEmptyPages(pool: FakeSourcePool): void {
  const listUsers = pool.listUsers.bind(pool);
  pool.listUsers = async (prefix, token) => {
    if (token?.startsWith(EMPTY)) return { items: [], next: token.slice(EMPTY.length) };
    const page = await listUsers(prefix, token);
    return { ...page, next: page.next && `${EMPTY}${page.next}` };
  };
}

export const FAKE_SOURCE_POOL = sourceDriver('FakeSourcePool', (_time, options) => {
  const [pool, model] = [new FakeSourcePool(), new UserPoolModel(options)];
  return {
    pool,
    act: change => {
      try {
        return change(model);
      } finally {
        pool.show(model);
      }
    },
  };
});

export const LIVING_POOL = sourceDriver('LivingPool', (time, options) => {
  const silent = { now: time.now, random: () => 0, event: () => undefined, trigger: () => undefined };
  const pool = new LivingPool(silent, options);
  return { pool, act: change => pool.act(change) };
});
