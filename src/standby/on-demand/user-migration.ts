import { FollowUp } from './follow-up-message';
import { ON_DEMAND_POLICY } from './on-demand-policy';
import { PoolSettings } from '../../cognito/pool-settings';
import { normalizedName } from '../../cognito/sign-in-name';
import { planUser } from '../../converge/user-plan';
import { UserRow } from '../../ledger/schema';
import { SourceDirectory, isReachable, mayEnter } from '../source-directory';
import { letsIn, namesOfRow } from '../switch/lets-in';
import { SwitchReader } from '../switch/switch-reader';

/** What this library reads and answers of the event that Cognito gives to a UserMigration trigger. */
export interface UserMigrationEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  /** What the user typed. */
  readonly userName: string;
  readonly request: { readonly password?: string };
  response: MigratedUser;
}

export interface MigratedUser {
  readonly userAttributes?: Readonly<Record<string, string>>;
  readonly finalUserStatus?: 'CONFIRMED' | 'RESET_REQUIRED';
  readonly messageAction?: 'SUPPRESS';
  readonly forceAliasCreation?: boolean;
}

/** A user as the answer to a right password names them: by the token, or where a second factor is next, by the user name. */
export type PasswordOwner = { readonly sub: string } | { readonly username: string };

export interface UserMigrationPorts {
  readonly switch: Pick<SwitchReader, 'of'>;
  readonly directory: SourceDirectory;
  /** The user of the source pool whose password this is, if anybody's; absent where passwords are not checked there. */
  readonly passwordOwner?: (typed: string, password: string) => Promise<PasswordOwner | undefined>;
  /** Settings of the standby pool, read once in the life of a function instance. */
  settings(userPoolId: string): Promise<PoolSettings>;
  /** Has the user's groups, MFA preference and linked identities follow, once Cognito has made the user. */
  followUp(message: FollowUp): Promise<void>;
}

export interface UserMigrationOptions {
  /** Make users that sign in with a password that cannot be checked, and have Cognito ask for a reset. */
  readonly resetPasswordAtSignIn: boolean;
}

type Event = Omit<UserMigrationEvent, 'response'>;

const FORGOT_PASSWORD = 'UserMigration_ForgotPassword';

/**
 * The user to make, in Cognito's form; undefined where none is to be made, for whatever reason: Cognito then answers as it answers for any
 * unknown user.
 */
export async function migrateUser(
  event: Event, ports: UserMigrationPorts, options: UserMigrationOptions,
): Promise<MigratedUser | undefined> {
  const { userName, userPoolId, triggerSource } = event;
  const isReset = triggerSource === FORGOT_PASSWORD;
  // Nothing can tell a right password from a wrong one: no look-up, so that its time cannot tell which users exist.
  if (!isReset && !ports.passwordOwner && !options.resetPasswordAtSignIn) return undefined;

  // Side by side and always all: a wrong password takes as long as an unknown user, and so does everybody while the standby is closed.
  const [row, state, owner] = await Promise.all([
    ports.directory.find(userName),
    ports.switch.of(userPoolId),
    !isReset && ports.passwordOwner ? ownerOf(event, ports) : undefined,
  ]);
  if (!mayEnter(row)) return undefined;
  const source = await ports.directory.source();
  if (!source || !letsIn(state, source.settings, namesOfRow(row))) return undefined;
  const isRight = owner !== undefined && isTheOwner(row, owner, source.settings.caseSensitive === false);
  const status = isReset ? undefined : isRight ? 'CONFIRMED' : options.resetPasswordAtSignIn ? 'RESET_REQUIRED' : 'refused';
  if (status === 'refused') return undefined;
  const settings = await ports.settings(userPoolId);
  if (status !== 'CONFIRMED' && !isReachable(row, settings)) return undefined;

  const answer = newUser(row, settings, userName, status);
  if (answer) await ports.followUp({ sourceSub: row.sub, ...(status === 'CONFIRMED' ? { password: 'set' } : {}) });
  return answer;
}

/** No password leaves the Region while nobody may come in: the source pool would count wrong ones against its users. */
async function ownerOf({ userName, userPoolId, request: { password } }: Event, ports: UserMigrationPorts): Promise<PasswordOwner | undefined> {
  const { mode } = await ports.switch.of(userPoolId);
  return mode === 'closed' ? undefined : ports.passwordOwner!(userName, password ?? '');
}

/** The name may lead to another user here than at the source, where it may have passed on since: a password opens its owner's account only. */
function isTheOwner(row: UserRow, owner: PasswordOwner, ignoresCase: boolean): boolean {
  if ('sub' in owner) return owner.sub === row.sub;
  return ignoresCase ? owner.username.toLowerCase() === row.username.toLowerCase() : owner.username === row.username;
}

/** Depends on nothing but the row, the pool's settings, what was typed and what Cognito is to ask of the user. */
export function newUser(row: UserRow, settings: PoolSettings, typed: string, status?: 'CONFIRMED' | 'RESET_REQUIRED'): MigratedUser | undefined {
  // Groups follow: Cognito's answer has no room for them.
  const plan = planUser(row, [], settings, () => false, ON_DEMAND_POLICY.unknownAttributes);
  if (plan.kind !== 'create') return undefined;
  return {
    userAttributes: {
      ...plan.attributes,
      ...asTyped(plan.attributes, settings, typed),
      // Where a user name is not an address, what was typed may still be one.
      ...(settings.usernameAttributes.length === 0 ? { username: plan.signInName } : {}),
    },
    ...(status ? { finalUserStatus: status } : {}),
    messageAction: 'SUPPRESS',
    // An alias of another user stays with that user.
    forceAliasCreation: false,
  };
}

/**
 * Cognito looks for what was typed among the addresses of the answer, and nobody says that it ignores case there where the pool does. The follow-up
 * brings the ledger's spelling back.
 */
function asTyped(attributes: Readonly<Record<string, string>>, settings: PoolSettings, typed: string): Record<string, string> {
  const same = (name: string) => normalizedName(settings, name) === normalizedName(settings, typed);
  const names = settings.usernameAttributes.filter(name => attributes[name] && same(attributes[name]));
  return Object.fromEntries(names.map(name => [name, typed]));
}
