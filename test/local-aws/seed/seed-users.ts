import { createHmac } from 'node:crypto';
import { signInFederated } from './federated-sign-in';
import { Person, people, PersonState } from './people';
import { totp } from './totp';
import { Backend, BackendError } from '../gateway/backend';
import { Attribute, attributesOf, Pool, SchemaAttribute } from '../gateway/pools';
import { HEADER_SEED } from '../gateway/request';

export interface SeedOptions {
  /** Of the gateway; seeding passes it, free of quotas. */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly userPoolId: string;
  /** Signs up those who never confirm, and brings in the federated ones. Without it there are none. */
  readonly clientId?: string;
  readonly users: number;
  /** Groups in the pool. Default: 25. */
  readonly groups?: number;
  /** The same seed makes the same people. Default: 1. */
  readonly seed?: number;
  /** Default: 8. */
  readonly concurrency?: number;
  /** Attributes that the pool has for somebody else. Default: custom:source_sub. */
  readonly leaveOut?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SeededUser {
  readonly username: string;
  readonly sub: string;
  /** Absent for those who have none. */
  readonly password?: string;
  readonly state: PersonState;
  readonly person: Person;
}

export interface Seeded {
  readonly users: readonly SeededUser[];
  readonly groups: readonly string[];
  readonly memberships: number;
  readonly counts: Readonly<Record<PersonState | 'disabled' | 'linked', number>>;
  /** MFA preferences, in pools that have MFA; those with an authenticator app are enrolled the way a user is. */
  readonly mfa: Readonly<Record<MfaMethod, number>>;
}

type MfaMethod = 'sms' | 'email' | 'totp';

interface Provider {
  readonly ProviderName: string;
  readonly ProviderType: string;
}

/** Fills a pool with people of every kind that a directory has. */
export async function seedUsers(options: SeedOptions): Promise<Seeded> {
  return new Seeding(options).run();
}

class Seeding {
  private readonly api: Backend;
  private pool!: Pool;
  private provider?: Provider;
  private readonly users: SeededUser[] = [];
  private readonly groupNames: string[] = [];
  private memberships = 0;
  private linked = 0;
  private disabled = 0;
  private readonly mfa = { sms: 0, email: 0, totp: 0 };

  constructor(private readonly options: SeedOptions) {
    this.api = new Backend(Number(new URL(options.endpoint).port), options.account, { [HEADER_SEED]: '1' });
  }

  public async run(): Promise<Seeded> {
    try {
      const { UserPool } = await this.call<{ UserPool: Pool }>('DescribeUserPool', {});
      this.pool = UserPool;
      const { Providers } = await this.call<{ Providers: Provider[] }>('ListIdentityProviders', { MaxResults: 60 });
      this.provider = this.options.clientId ? Providers.find(({ ProviderType }) => ProviderType === 'SAML') : undefined;
      await this.createGroups();
      const crowd = people(this.options.users, this.options.seed ?? 1);
      let next = 0;
      await Promise.all(Array.from({ length: this.options.concurrency ?? 8 }, async () => {
        while (next < crowd.length) {
          await this.create(crowd[next++]);
          this.options.onProgress?.(this.users.length, crowd.length);
        }
      }));
      this.users.sort((a, b) => a.person.index - b.person.index);
      const counts = {
        'confirmed': 0, 'force-change-password': 0, 'unconfirmed': 0, 'reset-required': 0, 'federated': 0, 'disabled': this.disabled, 'linked': this.linked,
      };
      this.users.forEach(({ state }) => counts[state]++);
      return { users: this.users, groups: this.groupNames, memberships: this.memberships, counts, mfa: this.mfa };
    } finally {
      this.api.close();
    }
  }

  private async createGroups(): Promise<void> {
    for (let index = 0; index < (this.options.groups ?? 25); index++) {
      const name = index === 3 ? 'Prüfer & "Gäste", 監査' : `group-${String(index).padStart(2, '0')}`;
      try {
        await this.call('CreateGroup', {
          GroupName: name.replace(/ /g, '_'),
          ...index % 3 === 0 ? {} : { Description: `Group ${index}: "quoted", comma, ünïcode` },
          // 0 is the highest precedence, and none at all is something else.
          ...index % 4 === 3 ? {} : { Precedence: index % 4 === 0 ? 0 : index },
          ...index % 5 === 1 ? { RoleArn: `arn:aws:iam::${this.options.account}:role/cognito-group-${index}` } : {},
        });
      } catch (error) {
        if (!(error instanceof BackendError && error.type === 'GroupExistsException')) {
          throw error;
        }
      }
      this.groupNames.push(name.replace(/ /g, '_'));
    }
  }

  private async create(person: Person): Promise<void> {
    const user = person.state === 'federated' && this.provider ? await this.signInFederated(person)
      : person.state === 'unconfirmed' && this.options.clientId ? await this.signUp(person) : await this.createNative(person);
    const one = { Username: user.username };
    for (let count = 0; count < Math.min(person.groupCount, this.groupNames.length); count++) {
      await this.call('AdminAddUserToGroup', { ...one, GroupName: this.groupNames[(person.index + count) % this.groupNames.length] });
      this.memberships++;
    }
    if (this.pool.MfaConfiguration !== undefined && this.pool.MfaConfiguration !== 'OFF' && user.state === 'confirmed') {
      await this.preferMfa(user);
    }
    if (person.disabled) {
      await this.call('AdminDisableUser', one);
      this.disabled++;
    }
    if (person.linked && this.provider && user.state === 'confirmed') {
      await this.call('AdminLinkProviderForUser', {
        DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: user.username },
        SourceUser: {
          ProviderName: this.provider.ProviderName, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: `linked-${person.index}`,
        },
      });
      this.linked++;
    }
    this.users.push(user);
  }

  private async preferMfa({ username: Username, password, person }: SeededUser): Promise<void> {
    const attributes = attributesOf(this.attributes(person, true));
    const method: MfaMethod | undefined = person.index % 20 === 2 ? 'totp'
      : person.index % 4 === 0 && attributes.phone_number ? 'sms'
        : person.index % 4 === 1 && attributes.email ? 'email' : undefined;
    const settings = { Enabled: true, PreferredMfa: person.index % 8 < 2 };
    if (method === 'totp') {
      if (!this.options.clientId || !password) {
        return;
      }
      const signedIn = await this.call<{ AuthenticationResult: { AccessToken: string } }>('AdminInitiateAuth', {
        ClientId: this.options.clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: Username, PASSWORD: password },
      });
      const { AccessToken } = signedIn.AuthenticationResult;
      await this.enrolAuthenticator(AccessToken);
    } else if (method) {
      await this.call('AdminSetUserMFAPreference', { Username, [method === 'sms' ? 'SMSMfaSettings' : 'EmailMfaSettings']: settings });
    }
    if (method) {
      this.mfa[method]++;
    }
  }

  /** The emulator does not find the user of a token while another thread adds a user: it answers to the first call as if nothing were wrong. */
  private async enrolAuthenticator(AccessToken: string, attempts = 5): Promise<void> {
    const { SecretCode } = await this.ownCall<{ SecretCode: string }>('AssociateSoftwareToken', { AccessToken });
    try {
      await this.ownCall('VerifySoftwareToken', { AccessToken, UserCode: totp(SecretCode) });
    } catch (error) {
      if (attempts <= 1 || !(error instanceof BackendError && error.type === 'EnableSoftwareTokenMFAException')) throw error;
      await this.enrolAuthenticator(AccessToken, attempts - 1);
    }
  }

  private async createNative(person: Person): Promise<SeededUser> {
    const passwordless = this.pool.Policies?.SignInPolicy?.AllowedFirstAuthFactors?.includes('EMAIL_OTP') && person.index % 3 !== 0;
    const password = passwordless ? undefined : passwordOf(person);
    const created = await this.call<{ User: { Username: string; Attributes: Attribute[] } }>('AdminCreateUser', {
      Username: this.signInName(person), TemporaryPassword: password, MessageAction: 'SUPPRESS', UserAttributes: this.attributes(person, true),
    });
    const username = created.User.Username;
    // Without a client or a provider these two are ordinary users.
    const wanted = ['federated', 'unconfirmed'].includes(person.state) ? 'confirmed' : person.state;
    const state = passwordless ? 'confirmed' : wanted;
    if (password && state !== 'force-change-password') {
      await this.call('AdminSetUserPassword', { Username: username, Password: password, Permanent: true });
    }
    const resettable = state === 'reset-required' && this.isReachable(person);
    if (resettable) {
      await this.call('AdminResetUserPassword', { Username: username });
    }
    const reached = state === 'reset-required' && !resettable ? 'confirmed' : state;
    return { username, sub: attributesOf(created.User.Attributes).sub, password, state: reached, person };
  }

  private async signUp(person: Person): Promise<SeededUser> {
    const password = passwordOf(person);
    const { UserSub: sub } = await this.ownCall<{ UserSub: string }>('SignUp', {
      ClientId: this.options.clientId, Username: this.signInName(person), Password: password, UserAttributes: this.attributes(person, false),
    });
    const username = this.pool.UsernameAttributes?.length ? sub : this.signInName(person);
    return { username, sub, password, state: 'unconfirmed', person };
  }

  private async signInFederated(person: Person): Promise<SeededUser> {
    const provider = this.provider!.ProviderName;
    const id = `${person.username}@corp.example.com`;
    await signInFederated(this.api, {
      clientId: this.options.clientId!, provider, nameId: id, attributes: { email: person.email, name: person.attributes.name },
    });
    const username = `${provider}_${id}`;
    const user = await this.call<{ UserAttributes: Attribute[] }>('AdminGetUser', { Username: username });
    return { username, sub: attributesOf(user.UserAttributes).sub, state: 'federated', person };
  }

  private signInName(person: Person): string {
    const { UsernameAttributes: names = [] } = this.pool;
    if (names.includes('email') && names.includes('phone_number')) {
      return person.index % 2 === 0 ? person.email : person.phone;
    }
    return names.includes('email') ? person.email : names.includes('phone_number') ? person.phone : person.username;
  }

  private attributes(person: Person, byAdmin: boolean): Attribute[] {
    const { UsernameAttributes: names = [], AliasAttributes: aliases = [] } = this.pool;
    const bySignInName = names.length > 0;
    const hasEmail = !bySignInName || this.signInName(person) === person.email || person.chance < 0.5;
    const hasPhone = this.signInName(person) === person.phone || person.chance > 0.3;
    const values: Record<string, string> = {
      ...person.attributes,
      ...hasEmail ? { email: person.email, ...byAdmin ? { email_verified: String(person.index % 5 !== 1) } : {} } : {},
      ...hasPhone ? { phone_number: person.phone, ...byAdmin ? { phone_number_verified: String(person.index % 3 !== 1) } : {} } : {},
      ...aliases.includes('preferred_username') && byAdmin && person.index % 6 === 0 ? { preferred_username: `nick-${person.index}` } : {},
    };
    const leaveOut = this.options.leaveOut ?? ['custom:source_sub'];
    for (const schema of this.pool.SchemaAttributes.filter(({ Name }) => Name.startsWith('custom:') && !leaveOut.includes(Name))) {
      const value = customValue(schema, person);
      if (value !== undefined) {
        values[schema.Name] = value;
      }
    }
    return Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
  }

  private isReachable(person: Person): boolean {
    const values = attributesOf(this.attributes(person, true));
    return values.email_verified === 'true' || values.phone_number_verified === 'true';
  }

  private call<T>(operation: string, input: object): Promise<T> {
    return this.ownCall(operation, { UserPoolId: this.options.userPoolId, ...input });
  }

  /** A call that people make for themselves names no pool. */
  private ownCall<T>(operation: string, input: object): Promise<T> {
    return this.api.json<T>('cognito-idp', operation, this.options.region, input);
  }
}

function customValue(schema: SchemaAttribute, person: Person): string | undefined {
  switch (schema.AttributeDataType) {
    case 'Number':
      return String(Number(schema.NumberAttributeConstraints?.MinValue ?? 0) + person.index % 7);
    case 'Boolean':
      return String(person.index % 2 === 0);
    case 'DateTime':
      return new Date(Date.UTC(2020, 0, 1 + person.index % 365)).toISOString();
    default: {
      const longest = Number(schema.StringAttributeConstraints?.MaxLength ?? 2048);
      const value = schema.Mutable ? person.note : `tenant-${person.index % 13}`;
      return value.slice(0, longest);
    }
  }
}

/** Satisfies every password policy that Cognito has by default. */
function passwordOf(person: Person): string {
  return `Pw-${createHmac('sha256', 'local-aws').update(String(person.index)).digest('base64url').slice(0, 20)}-aA1`;
}
