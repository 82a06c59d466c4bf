import { setTimeout as sleep } from 'node:timers/promises';
import {
  AdminConfirmSignUpCommand, AdminResetUserPasswordCommand, AdminSetUserMFAPreferenceCommand, CognitoIdentityProviderClient, ListUsersCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { pagesOf } from './in-memory';
import { userImage } from '../../../src/cognito/cognito-images.lambda-shared';
import { CognitoStandbyPool } from '../../../src/cognito/cognito-standby-pool.lambda-shared';
import { allPages } from '../../../src/cognito/page';
import { MfaPreference } from '../../../src/cognito/user';
import { Deviation } from '../behaviour';
import { ContractPool, ContractPoolKind, Driver, Filter, Newcomers, NotModelled } from '../driver';

/** Small, so that a few users have several pages. */
const PAGE = 2;

export interface ApiPool {
  readonly userPoolId: string;
  readonly clientId: string;
}

export interface ApiDriverProps extends Pick<Driver, 'name' | 'cannot'> {
  readonly cognito: CognitoIdentityProviderClient;
  readonly poolOf: (kind: ContractPoolKind) => Promise<ApiPool>;
  /** Nobody else in those pools has names that begin so. */
  readonly prefix: string;
  readonly address: (name: string) => string;
  /** How long something may be late, and how long to wait between two looks; milliseconds. */
  readonly patience: number;
  readonly poll: number;
  /** How long to wait before each call, for the sake of others who share the quotas; milliseconds. */
  readonly pause?: number;
  /** What no API of Cognito offers, and how this one does. */
  readonly beyondTheApi?: (pool: ApiPool) => Pick<ContractPool, 'signInFederated' | 'withEmptyPages' | 'messages'>;
}

/** Those that call nothing, and those that pause themselves. */
const WITHOUT_PAUSE: ReadonlySet<string> = new Set<keyof ContractPool>(['newcomer', 'groupName', 'phone', 'pageSize', 'pages', 'page', 'later', 'eventually']);

const never = (what: string) => async (): Promise<never> => { throw new NotModelled(what); };
const BEYOND: Pick<ContractPool, 'signInFederated' | 'withEmptyPages' | 'messages'> = {
  signInFederated: never('it takes a provider and a browser'),
  withEmptyPages: never('Cognito makes an empty page when it likes'),
  messages: never('Cognito has no API for what it sent'),
};

/** User pools behind Cognito's API, through the adapters that the product uses where they have the call. */
export function apiDriver(props: ApiDriverProps): Driver {
  const { cognito, name, cannot } = props;
  let opened = 0;
  const phones = { made: 0 };
  return {
    name,
    cannot,
    open: async kind => {
      const made = await props.poolOf(kind);
      const { userPoolId: UserPoolId, clientId: ClientId } = made;
      const pool = new CognitoStandbyPool(cognito, UserPoolId);
      const newcomers = new Newcomers(kind, `${props.prefix}-${++opened}`, props.address, phones);
      const pause = async () => { if (props.pause) await sleep(props.pause); };
      const list = async (Limit: number, filter?: Filter, PaginationToken?: string) => {
        await pause();
        const { Users = [], PaginationToken: next } = await cognito.send(new ListUsersCommand({
          UserPoolId, Limit, PaginationToken, Filter: filter && `${filter[0]} ${filter[1]} ${JSON.stringify(filter[2])}`,
        }));
        return { items: Users.map(userImage), next };
      };
      return pausing(pause, {
        ...BEYOND,
        ...props.beyondTheApi?.(made),
        newcomer: attributes => newcomers.newcomer(attributes),
        groupName: () => newcomers.name('group'),
        phone: () => newcomers.phone(),
        pageSize: PAGE,
        createUser: async user => pool.createUser(user),
        setPassword: async (username, password) => pool.setPermanentPassword(username, password),
        resetPassword: async Username => { await cognito.send(new AdminResetUserPasswordCommand({ UserPoolId, Username })); },
        updateAttributes: async (username, attributes) => pool.updateAttributes(username, attributes),
        deleteAttributes: async (username, names) => pool.deleteAttributes(username, names),
        enableUser: async username => pool.enableUser(username),
        disableUser: async username => pool.disableUser(username),
        deleteUser: async username => pool.deleteUser(username),
        setMfaPreference: async (Username, mfa) => {
          await cognito.send(new AdminSetUserMFAPreferenceCommand({
            UserPoolId,
            Username,
            SMSMfaSettings: settingOf(mfa, 'SMS_MFA'),
            SoftwareTokenMfaSettings: settingOf(mfa, 'SOFTWARE_TOKEN_MFA'),
          }));
        },
        createGroup: async group => pool.createGroup(group),
        updateGroup: async group => pool.updateGroup(group),
        deleteGroup: async group => pool.deleteGroup(group),
        addUserToGroup: async (username, group) => pool.addUserToGroup(username, group),
        removeUserFromGroup: async (username, group) => pool.removeUserFromGroup(username, group),
        signUp: async ({ username: Username, attributes }, Password) => {
          const UserAttributes = Object.entries(attributes).filter(([attribute]) => !attribute.endsWith('_verified'))
            .map(([Name, Value]) => ({ Name, Value }));
          await cognito.send(new SignUpCommand({ ClientId, Username, Password, UserAttributes }));
        },
        confirmSignUp: async Username => { await cognito.send(new AdminConfirmSignUpCommand({ UserPoolId, Username })); },
        getUser: async username => pool.getUser(username),
        groupsOf: async username => allPages(async cursor => pool.groupsOfUser(username, cursor)),
        groups: async () => allPages(async cursor => pool.listGroups(cursor)),
        membersOf: async group => allPages(async cursor => pool.listUsersInGroup(group, cursor)),
        pages: async filter => pagesOf(async token => list(PAGE, filter, token)),
        page: async limit => (await list(limit)).items,
        later: async () => { await sleep(props.poll); },
        eventually: async look => eventually(look, props),
      });
    },
  };
}

/** The same pool, with a pause before each call. */
function pausing(pause: () => Promise<void>, pool: ContractPool): ContractPool {
  const after = (member: unknown) => async (...args: unknown[]) => {
    await pause();
    return (member as (...given: unknown[]) => unknown)(...args);
  };
  const entries = Object.entries(pool).map(([name, member]: [string, unknown]) => [name, WITHOUT_PAUSE.has(name) ? member : after(member)]);
  return Object.fromEntries(entries) as ContractPool;
}

function settingOf({ enabled, preferred }: MfaPreference, method: string) {
  return enabled.includes(method) ? { Enabled: true, PreferredMfa: preferred === method } : undefined;
}

async function eventually(look: () => Promise<void>, { patience, poll }: Pick<ApiDriverProps, 'patience' | 'poll'>): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Deviation) || Date.now() >= end) throw error;
      await sleep(poll);
    }
  }
}
