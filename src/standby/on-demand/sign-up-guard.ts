import { NAME_ATTRIBUTES } from '../../cognito/attribute-values';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { maySignIn } from '../../cognito/user-status';
import { PublicError } from '../../runtime/public-error';
import { SourceDirectory } from '../source-directory';

/** What this library reads of the event that Cognito gives to a PreSignUp trigger. */
export interface SignUpEvent {
  readonly triggerSource: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
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
export async function guardSignUp(event: SignUpEvent, directory: SourceDirectory): Promise<void> {
  const { triggerSource, userName, request: { userAttributes } } = event;
  if (triggerSource === 'PreSignUp_ExternalProvider') {
    const row = await directory.findFederated(userName);
    if (row && row.deletedAt === undefined && !maySignIn(row)) throw new SignUpRefused('User is disabled.');
    return;
  }
  // Administrators may, and so may restores.
  if (triggerSource !== 'PreSignUp_SignUp') return;
  if (userAttributes[CUSTOM_SOURCE_SUB] !== undefined) throw new SignUpRefused(`${CUSTOM_SOURCE_SUB} is not yours to set.`);
  const names = [...new Set([userName, ...NAME_ATTRIBUTES.flatMap(name => userAttributes[name] || [])])];
  const found = await Promise.all(names.map(async name => directory.find(name)));
  if (found.some(row => row && row.deletedAt === undefined && row.status !== 'UNCONFIRMED')) {
    throw new SignUpRefused('An account with this name already exists. Reset the password to use it.');
  }
}
