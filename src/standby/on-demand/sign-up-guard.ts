import { describedUserOf } from '../../cognito/identities';
import { UserPoolId } from '../../cognito/ids';
import { normalizedName, SignInSettings } from '../../cognito/sign-in-name';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { maySignIn } from '../../cognito/user-status';
import { Incident, incidentOfUser } from '../../ledger/incident';
import { UserRow } from '../../ledger/schema';
import { RefusalError } from '../../runtime/public-error';
import { SwitchState } from '../../state/switch';
import { openIncidents } from '../open-incidents';
import { mayEnter, SourceDirectory, SourcePoolView } from '../source-directory';
import { letsIn, namesOfRow } from '../switch/lets-in';
import { SwitchReader } from '../switch/switch-reader';

/** What this library reads of the event that Cognito gives to a PreSignUp trigger. */
export interface SignUpEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  /** The app client. */
  readonly callerContext: { readonly clientId: string };
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

export interface SignUpPorts {
  readonly switch: Pick<SwitchReader, 'of'>;
  readonly directory: SourceDirectory;
  /** Incidents of the pool, confirmed or not. */
  incidents(poolId: UserPoolId): Promise<Incident[]>;
  /** Whether a user who signs up through the client may set `custom:source_sub`. */
  mayWriteSourceSub(userPoolId: string, clientId: string): Promise<boolean>;
}

/** Cognito shows the message to the user, after words of its own. */
export class SignUpRefused extends RefusalError {
  public readonly name = 'SignUpRefused';
}

export const NO_SIGN_UP = 'Sign-up is not possible here at the moment.';
const NOT_YOURS = `${CUSTOM_SOURCE_SUB} is not yours to set.`;

/**
 * Keeps names of the source pool's users from sign-ups: a later restore would take the newcomer for that user. Users that are disabled there
 * cannot come in through an identity provider. Names of deleted users are free, and so are those of sign-ups that were never confirmed.
 * No sign-up may say which source user it is: that attribute is immutable, but a sign-up could set it.
 *
 * @throws SignUpRefused, and any other error where something could not be read
 */
export async function guardSignUp(event: SignUpEvent, ports: SignUpPorts): Promise<void> {
  const { triggerSource, userPoolId, userName, request: { userAttributes } } = event;
  const isFromProvider = triggerSource === 'PreSignUp_ExternalProvider';
  // Administrators may, and so may restores and what keeps a standby warm.
  if (!isFromProvider && triggerSource !== 'PreSignUp_SignUp') return;
  const state = await ports.switch.of(userPoolId);
  if (state.mode === 'closed') throw new SignUpRefused(NO_SIGN_UP);
  const source = await ports.directory.settledSource();
  if (isFromProvider) {
    // Cognito makes such users, and nobody marks them: a provider that sends the attribute would say of its users who they are.
    if (userAttributes[CUSTOM_SOURCE_SUB] !== undefined) throw new SignUpRefused(NOT_YOURS);
    const row = await ports.directory.findFederated(describedUserOf(event));
    if (row && row.deletedAt === undefined && !maySignIn(row)) throw new SignUpRefused('User is disabled.');
    if (!letsIn(state, source?.settings ?? NO_ALIASES, row ? namesOfRow(row) : [userName])) throw new SignUpRefused(NO_SIGN_UP);
    return;
  }
  if (await isMigrated(event, ports)) return;
  if (userAttributes[CUSTOM_SOURCE_SUB] !== undefined) throw new SignUpRefused(NOT_YOURS);
  const settings = source?.settings ?? NO_ALIASES;
  const names = takenNames(settings, userName, userAttributes);
  if (!letsIn(state, settings, [userName, ...names])) throw new SignUpRefused(NO_SIGN_UP);
  const found = await Promise.all(names.map(async name => ports.directory.find(name)));
  if (found.some(row => row && isTaken(row, settings, userName)) || (source && await isKept(names, source, userName, state, ports))) {
    throw new SignUpRefused('An account with this name already exists. Reset the password to use it.');
  }
}

/**
 * Whether Cognito asks about the very user whom UserMigration answered: it is not documented whether it does, and as what. Where the client may not
 * write `custom:source_sub`, only that answer can have set it.
 */
async function isMigrated(
  { userPoolId, userName, callerContext: { clientId }, request: { userAttributes } }: SignUpEvent, ports: SignUpPorts,
): Promise<boolean> {
  const sourceSub = userAttributes[CUSTOM_SOURCE_SUB];
  if (sourceSub === undefined || await ports.mayWriteSourceSub(userPoolId, clientId)) return false;
  const row = await ports.directory.ofStandbyUser(sourceSub, userAttributes, userName);
  return mayEnter(row);
}

const NO_ALIASES: SignInSettings = { usernameAttributes: [] };

/**
 * The names of which Cognito itself says at a sign-up that they exist. Where addresses are aliases it lets somebody sign up with one that another
 * user has, and refuses to confirm it: answering "already exists" here would tell anybody which addresses have an account. That user gets no token.
 */
function takenNames({ usernameAttributes }: SignInSettings, userName: string, attributes: Readonly<Record<string, string>>): string[] {
  return [...new Set([userName, ...usernameAttributes.flatMap(name => attributes[name] || [])])];
}

/** Whether the name is that of somebody whose deletion counts for nothing yet: whoever took it would keep them from coming back. */
async function isKept(
  names: readonly string[], { poolId, settings }: SourcePoolView, userName: string, state: SwitchState, ports: SignUpPorts,
): Promise<boolean> {
  const open = openIncidents(await ports.incidents(poolId), state);
  if (open.length === 0) return false;
  const gone = (await Promise.all(names.map(async name => ports.directory.goneWith(name)))).flat();
  return gone.some(row => incidentOfUser(open, row) && isTaken({ ...row, deletedAt: undefined }, settings, userName));
}

/** Whether a live user has the name; in a pool of user names, as a name that they chose and not as an address that others should not learn. */
function isTaken(row: UserRow, settings: SignInSettings, userName: string): boolean {
  if (row.deletedAt !== undefined || row.status === 'UNCONFIRMED') return false;
  const typed = normalizedName(settings, userName);
  const chosen = [row.username, row.lookUp?.preferredUsername].filter(name => name !== undefined);
  return settings.usernameAttributes.length > 0 || chosen.some(name => normalizedName(settings, name) === typed);
}
