import { Assumption, DOCS, Observation, unobservable } from './assumption';
import { Template, templateOf } from '../deployed-template';
import { Port } from '../port';

const QUOTAS = `${DOCS}quotas.html`;
const NO_API = 'by documentation only: no API says who counts as active';

/** Operations that the developer guide lists as making their user a monthly active one, with those that do what it lists. */
export const MAKES_ACTIVE: readonly string[] = [
  'SignUp', 'ConfirmSignUp', 'AdminCreateUser', 'AdminConfirmSignUp',
  'AdminUpdateUserAttributes', 'UpdateUserAttributes', 'AdminDeleteUserAttributes', 'DeleteUserAttributes', 'VerifyUserAttribute',
  'AdminAddUserToGroup', 'AdminRemoveUserFromGroup',
  'AdminSetUserPassword', 'ChangePassword', 'ForgotPassword', 'ConfirmForgotPassword',
  'AdminInitiateAuth', 'InitiateAuth', 'AdminRespondToAuthChallenge', 'RespondToAuthChallenge',
  'AdminGetUser', 'GetUser',
];

interface PolicyDocument {
  readonly Statement: readonly { readonly Action?: string | readonly string[] }[];
}

/** Cognito's operations that the inline policies of roles allow, of those whose logical ids have this part. */
export function allowedOperations({ Resources: resources }: Template, logicalIdPart: RegExp): string[] {
  const roles = Object.entries(resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && logicalIdPart.test(id));
  const policies = roles.flatMap(([, { Properties }]) => (Properties?.Policies ?? []) as readonly { readonly PolicyDocument: PolicyDocument }[]);
  const actions = policies.flatMap(({ PolicyDocument: document }) => document.Statement).flatMap(({ Action }) => Action ?? []);
  return [...new Set(actions)].filter(action => action.startsWith('cognito-idp:')).map(action => action.slice('cognito-idp:'.length)).sort();
}

/** A policy that lets a function do what costs is seen; that what it lets it do costs nothing is AWS's word. */
async function free(port: Port, logicalIdPart: RegExp, exceptions: readonly string[]): Promise<Observation> {
  const operations = allowedOperations(await templateOf(port.source, port.names.primaryStack), logicalIdPart);
  if (operations.length === 0) return { notObserved: 'the deployed template has no policy for it' };
  const costly = operations.filter(operation => MAKES_ACTIVE.includes(operation) && !exceptions.includes(operation));
  const observed = `may call ${operations.length} operations${costly.length > 0 ? `, ${costly.join(', ')} among them` : ', none of those'}`;
  return costly.length > 0 ? { observed, holds: false } : { observed, notObserved: NO_API };
}

export const BILLING: readonly Assumption[] = [
  {
    id: 'billing.sweep',
    what: 'Monthly active users by sweeps, by the deployed policy',
    assumed: 'none: no operation that the guide lists as making a user active',
    source: QUOTAS,
    check: async port => free(port, /Sweep/, []),
  },
  {
    id: 'billing.capture',
    what: 'Monthly active users by the consumer of hints, by the deployed policy',
    assumed: 'none but by AdminGetUser, which is called for users who just were active',
    source: QUOTAS,
    check: async port => free(port, /Capture/, ['AdminGetUser']),
  },
  unobservable('billing.mfa-preference', 'AdminSetUserMFAPreference and AdminListGroupsForUser', 'the first makes a user active, the second does not',
    'docs/evidence.md, Assumed: active-users', NO_API),
];
