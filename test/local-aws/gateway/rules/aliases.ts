import { Backend } from '../backend';
import { Part } from '../part';
import { attributesOf, Pool, Pools, subOf } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer } from '../request';
import { claimedBy, holdersOf } from '../sign-in-names';
import { Switches } from '../switches';

/** Characters. */
const LONGEST_NAME = 128;

/**
 * One e-mail address, phone number or preferred user name signs in one user.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
 * @see docs/evidence.md, Assumed: taken-address
 */
export class AliasRules implements Part {
  public readonly name = 'rules/aliases';
  public readonly standIn = 'an alias belongs to one user: refused with AliasExistsException, or moved where ForceAliasCreation says so; no '
    + 'preferred_username that is an alias before confirmation';

  constructor(private readonly backend: Backend, private readonly pools: Pools, private readonly switches: Switches) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    const { operation, input } = request;
    if (request.service === 'cognito-idp' && typeof input.Username === 'string' && input.Username.length > LONGEST_NAME) {
      return errorAnswer('InvalidParameterException',
        `1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_NAME}`);
    }
    if (request.service !== 'cognito-idp' || request.caller.kind === 'seed'
      || !['AdminCreateUser', 'AdminUpdateUserAttributes', 'UpdateUserAttributes', 'ConfirmSignUp', 'AdminConfirmSignUp'].includes(operation)) {
      return undefined;
    }
    const pool = await this.pools.poolOf(request);
    if (!pool || (!pool.AliasAttributes?.length && !(pool.UsernameAttributes?.length && operation !== 'AdminCreateUser'))) {
      return undefined;
    }
    if (operation === 'AdminCreateUser' && looksLikeAlias(pool, String(input.Username))) {
      return errorAnswer('InvalidParameterException', 'Username cannot be of email format, since user pool is configured for email alias.');
    }
    // A user that UserMigration answers may be confirmed at once.
    if (operation === 'AdminCreateUser' && !input.LocalAwsAnyPassword && pool.AliasAttributes?.includes('preferred_username')
      && attributesOf(input.UserAttributes).preferred_username) {
      return errorAnswer('InvalidParameterException', 'preferred_username cannot be provided for unconfirmed account');
    }
    const self = operation === 'AdminCreateUser' ? undefined : await this.pools.userOf(request);
    const attributes = { ...(self ? attributesOf(self.UserAttributes) : {}), ...attributesOf(input.UserAttributes) };
    for (const [name, value] of Object.entries(claimedBy(pool, attributes))) {
      const holders = await holdersOf(this.backend, pool, request.region, name, value);
      const other = holders.find(user => user.sub !== (self && subOf(self)));
      if (!other) {
        continue;
      }
      const takesOver = operation === 'AdminUpdateUserAttributes' && pool.AliasAttributes?.includes(name) && this.switches.of('takenAlias') === 'taken-over';
      if (input.ForceAliasCreation !== true && !takesOver) {
        return errorAnswer('AliasExistsException', `An account with the ${name === 'email' ? 'email' : name === 'phone_number' ? 'phone_number' : name} already exists.`);
      }
      await this.backend.json('cognito-idp', 'AdminUpdateUserAttributes', request.region, {
        UserPoolId: pool.Id, Username: other.username, UserAttributes: [name === 'preferred_username' ? { Name: name, Value: '' } : { Name: `${name}_verified`, Value: 'false' }],
      });
    }
    return undefined;
  }
}

function looksLikeAlias(pool: Pool, username: string): boolean {
  return (pool.AliasAttributes?.includes('email') === true && /^[^@\s]+@[^@\s]+$/.test(username))
    || (pool.AliasAttributes?.includes('phone_number') === true && /^\+\d{7,15}$/.test(username));
}
