/**
 * Where AWS's behaviour is not documented, or documented in two ways, the local AWS can do either. The first setting of each is what it does unless a
 * test says otherwise: the one that is documented, or assumed.
 */
export const SWITCHES = {
  /** The trigger that a user whom UserMigration makes goes through. A blog has seen a guard of names meet the very user: https://foxy.io (2023). */
  signUpAfterMigration: { settings: ['none', 'PreSignUp_AdminCreateUser', 'PreSignUp_SignUp'], source: 'docs/evidence.md, Assumed: migration-triggers' },
  /** What a user is who was made by `UserMigration_ForgotPassword`; `finalUserStatus` is documented for sign-ins only. */
  statusAfterForgotPassword: { settings: ['CONFIRMED', 'FORCE_CHANGE_PASSWORD'], source: 'docs/evidence.md, Assumed: user-migration' },
  /**
   * The answer of UserMigration that means "nobody": AWS promises it for an empty response; an event as it came has every member, and null. Seen with
   * typed events: https://repost.aws/questions/QU3VgGes1IRne3OVkCDMjrBA
   */
  nobody: { settings: ['unchanged-or-emptied', 'emptied'], source: 'docs/evidence.md, Assumed: migration-triggers' },
  /** How UserMigration's answer is compared with what was typed. */
  migratedName: { settings: ['as-the-pool', 'letter-by-letter'], source: 'docs/evidence.md, Assumed: user-migration' },
  /** `AdminUpdateUserAttributes` with a verified address, or preferred user name, that somebody else signs in by. */
  takenAlias: { settings: ['refused', 'taken-over'], source: 'docs/evidence.md, Assumed: taken-address' },
  /** The refusal of a new user whose second address somebody has. */
  secondAddress: { settings: ['UsernameExistsException', 'AliasExistsException'], source: 'docs/evidence.md, Assumed: second-address' },
  /** Whether a user of a pool with an immutable custom attribute can be linked with an identity: older texts of the SDK say no. */
  linkWithImmutable: {
    settings: ['allowed', 'refused'],
    source: 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminLinkProviderForUser.html',
  },
  /** What an app client that hides which users exist is told of one who has to reset the password. */
  resetRequired: {
    settings: ['PasswordResetRequiredException', 'NotAuthorizedException'],
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html',
  },
  /** Whether secondary indexes show a change at once, or what was there when the switch was turned. */
  indexes: {
    settings: ['current', 'stale'],
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html',
  },
} as const;

export type SwitchName = keyof typeof SWITCHES;
export type Settings = { readonly [Name in SwitchName]: (typeof SWITCHES)[Name]['settings'][number] };

const DEFAULTS = Object.fromEntries(Object.entries(SWITCHES).map(([name, { settings: [first] }]) => [name, first])) as unknown as Settings;

/** Every setting but the first of every switch: with the defaults, all that a test has to pass under. */
export const OTHER_SETTINGS: readonly (readonly [SwitchName, string])[] = Object.entries(SWITCHES)
  .flatMap(([name, { settings: [, ...others] }]) => others.map(setting => [name as SwitchName, setting] as const));

/** How the switches stand; they are turned while everything runs. */
export class Switches {
  private now: Settings;

  constructor(private readonly initial: Partial<Settings> = {}) {
    this.now = { ...DEFAULTS, ...initial };
  }

  public of<Name extends SwitchName>(name: Name): Settings[Name] {
    return this.now[name];
  }

  public turn(settings: Partial<Settings>): void {
    this.now = { ...this.now, ...settings };
  }

  /** As they were at the start. */
  public reset(): void {
    this.now = { ...DEFAULTS, ...this.initial };
  }
}
