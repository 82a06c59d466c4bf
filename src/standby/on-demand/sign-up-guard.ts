import { NAME_ATTRIBUTES } from '../../cognito/attribute-values';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { maySignIn } from '../../cognito/user-status';
import { PublicError } from '../../runtime/public-error';
import { mayEnter, SourceDirectory } from '../source-directory';

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
  readonly directory: SourceDirectory;
  /** Whether a user who signs up through the client may set `custom:source_sub`. */
  mayWriteSourceSub(userPoolId: string, clientId: string): Promise<boolean>;
}

/** Cognito shows the message to the user, after words of its own. */
export class SignUpRefused extends PublicError {
  public readonly name = 'SignUpRefused';
}

/**
 * Keeps names of the source pool's users from sign-ups: a later restore would take the newcomer for that user. Users that are disabled there
 * cannot come in through an identity provider. Names of deleted users are free, and so are those of sign-ups that were never confirmed.
 * No sign-up may say which source user it is: that attribute is immutable, but a sign-up could set it.
 *
 * @throws SignUpRefused
 */
export async function guardSignUp(event: SignUpEvent, ports: SignUpPorts): Promise<void> {
  const { triggerSource, userName, request: { userAttributes } } = event;
  const { directory } = ports;
  if (triggerSource === 'PreSignUp_ExternalProvider') {
    const row = await directory.findFederated(userName);
    if (row && row.deletedAt === undefined && !maySignIn(row)) throw new SignUpRefused('User is disabled.');
    return;
  }
  // Administrators may, and so may restores.
  if (triggerSource !== 'PreSignUp_SignUp') return;
  if (await isMigrated(event, ports)) return;
  if (userAttributes[CUSTOM_SOURCE_SUB] !== undefined) throw new SignUpRefused(`${CUSTOM_SOURCE_SUB} is not yours to set.`);
  const names = [...new Set([userName, ...NAME_ATTRIBUTES.flatMap(name => userAttributes[name] || [])])];
  const found = await Promise.all(names.map(async name => directory.find(name)));
  if (found.some(row => row && row.deletedAt === undefined && row.status !== 'UNCONFIRMED')) {
    throw new SignUpRefused('An account with this name already exists. Reset the password to use it.');
  }
}

/**
 * Whether Cognito asks about the very user whom UserMigration answered: it is not documented whether it does, and as what. Where the client may not
 * write `custom:source_sub`, only that answer can have set it.
 */
async function isMigrated({ userPoolId, userName, callerContext: { clientId }, request: { userAttributes } }: SignUpEvent, ports: SignUpPorts): Promise<boolean> {
  const sourceSub = userAttributes[CUSTOM_SOURCE_SUB];
  if (sourceSub === undefined || await ports.mayWriteSourceSub(userPoolId, clientId)) return false;
  const row = await ports.directory.ofStandbyUser(sourceSub, userAttributes, userName);
  return mayEnter(row);
}
