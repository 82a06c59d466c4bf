import { Backend } from '../backend';
import { Part } from '../part';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

const SEARCHABLE = new Set([
  'username', 'email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username', 'cognito:user_status', 'status', 'sub',
]);

/** Characters. */
const LONGEST_FILTER = 256;

interface Page {
  readonly Users: { UserStatus: string; Attributes: { Name: string; Value: string }[] }[];
}

/**
 * ListUsers and ListUsersInGroup: what may be asked, and what is answered.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
 */
export class ListingRules implements Part {
  public readonly name = 'rules/listings';
  public readonly standIn = 'refuses a Limit above 60 and filters on attributes that cannot be searched; filters on cognito:user_status';

  constructor(private readonly backend: Backend) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || !['ListUsers', 'ListUsersInGroup'].includes(request.operation)) {
      return undefined;
    }
    const { Limit: limit, Filter: filter } = request.input;
    if (typeof limit === 'number' && (limit > 60 || limit < 0)) {
      const bound = limit > 60 ? 'less than or equal to 60' : 'greater than or equal to 0';
      return errorAnswer('InvalidParameterException',
        `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`);
    }
    if (typeof filter === 'string' && filter.length > LONGEST_FILTER) {
      return errorAnswer('InvalidParameterException',
        `1 validation error detected: Value at 'filter' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_FILTER}`);
    }
    return typeof filter === 'string' && filter !== '' ? this.filtered(request, filter) : undefined;
  }

  private async filtered(request: AwsRequest, filter: string): Promise<AwsAnswer | void> {
    const [, attribute, operator, value] = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? [];
    if (attribute === undefined) {
      return errorAnswer('InvalidParameterException', 'Error while parsing filter.');
    }
    if (!SEARCHABLE.has(attribute)) {
      return errorAnswer('InvalidParameterException', `Invalid search attribute: ${attribute}`);
    }
    if (attribute !== 'cognito:user_status') {
      return undefined;
    }
    // ministack does not read a name with a colon and would answer all users. Like AWS, a page may then hold fewer than asked for.
    const { Filter: _, ...rest } = request.input;
    const page = await this.backend.json<Page>('cognito-idp', request.operation, request.region, rest);
    const matches = (status: string) => operator === '=' ? status === value : status.startsWith(value);
    return jsonAnswer(200, { ...page, Users: page.Users.filter(user => matches(user.UserStatus)) });
  }
}
