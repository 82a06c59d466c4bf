import { Backend } from '../backend';
import { Part } from '../part';
import { Attribute, attributesOf, Pool, Pools, SchemaAttribute } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer, claimsOf } from '../request';

const WRITING: Record<string, 'create' | 'update'> = {
  AdminCreateUser: 'create', SignUp: 'create', AdminUpdateUserAttributes: 'update', UpdateUserAttributes: 'update',
};
const ADDRESSES = ['email', 'phone_number'] as const;
/** Attributes that the schema calls so are named `dev:custom:<name>`. */
const DEVELOPER_ONLY = 'dev:';
const BY_THE_USER = new Set(['SignUp', 'UpdateUserAttributes']);
/** Answers that show attributes, and the member they are in. */
const SHOWING: Record<string, 'Users' | 'User' | undefined> = {
  ListUsers: 'Users', ListUsersInGroup: 'Users', AdminCreateUser: 'User', AdminGetUser: undefined, GetUser: undefined,
};

/**
 * User attributes against the pool's schema, the app client's permissions, and how they are deleted. DeleteUserAttributes, by which users delete their
 * own, is not known here.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUserAttributes.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html
 * @see https://github.com/jagregory/cognito-local/issues/393
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export class AttributeRules implements Part {
  public readonly name = 'rules/attributes';
  public readonly standIn = 'refuses attributes that the schema or the app client does not allow, and what users write of developers\' attributes; an attribute '
    + 'set to nothing is deleted; '
    + 'a new address is not verified unless the same call says so';
  /** Addresses that a call changes without a word about their flags. */
  private readonly unverified = new WeakMap<AwsRequest, readonly string[]>();

  constructor(private readonly backend: Backend, private readonly pools: Pools) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp') {
      return undefined;
    }
    if (request.operation === 'AdminDeleteUserAttributes') {
      const { UserAttributeNames: names, ...user } = request.input;
      await this.backend.json('cognito-idp', 'AdminUpdateUserAttributes', request.region, {
        ...user, UserAttributes: (names as string[]).map(Name => ({ Name, Value: '' })),
      });
      return jsonAnswer(200, {});
    }
    const kind = WRITING[request.operation];
    if (kind === undefined || (request.caller.kind === 'seed' && kind === 'update') || request.input.MessageAction === 'RESEND') {
      return undefined;
    }
    const pool = await this.pools.poolOf(request);
    const message = pool && (refusal(pool, kind, attributesOf(request.input.UserAttributes)) ?? missing(pool, request));
    if (message) {
      return errorAnswer('InvalidParameterException', message);
    }
    if (BY_THE_USER.has(request.operation) && namesOf(request).some(name => name.startsWith(DEVELOPER_ONLY))) {
      return errorAnswer('NotAuthorizedException', 'A client attempted to write unauthorized attribute');
    }
    const refused = BY_THE_USER.has(request.operation) ? await this.permitted(request) : undefined;
    if (!refused && kind === 'update') {
      await this.noteAddresses(request);
    }
    return refused;
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    const changed = answer.status < 300 ? this.unverified.get(request) : undefined;
    if (changed) {
      await this.unverify(request, changed);
    }
    // Looked for as text: parsing each page of a large listing for nothing would slow every sweep.
    if (request.service !== 'cognito-idp' || !(request.operation in SHOWING) || answer.status >= 300 || !/"Value": ?""/.test(answer.body.toString('utf8'))) {
      return undefined;
    }
    const content = JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>;
    const member = SHOWING[request.operation];
    const users = (member === undefined ? [content] : [content[member]].flat()) as { Attributes?: Attribute[]; UserAttributes?: Attribute[] }[];
    for (const user of users) {
      user.Attributes = user.Attributes?.filter(({ Value }) => Value !== '');
      user.UserAttributes = user.UserAttributes?.filter(({ Value }) => Value !== '');
    }
    return jsonAnswer(answer.status, content);
  }

  private async noteAddresses(request: AwsRequest): Promise<void> {
    const given = attributesOf(request.input.UserAttributes);
    const alone = ADDRESSES.filter(address => given[address] && given[`${address}_verified`] === undefined);
    const user = alone.length > 0 ? await this.pools.userOf(request) : undefined;
    const before = attributesOf(user?.UserAttributes);
    const changed = alone.filter(address => given[address] !== before[address] && before[`${address}_verified`] === 'true');
    if (user && changed.length > 0) {
      this.unverified.set(request, changed);
    }
  }

  private async unverify(request: AwsRequest, addresses: readonly string[]): Promise<void> {
    const user = await this.pools.userOf(request);
    // The call may have named the user by the address that it changed.
    const name = user?.Username ?? (await this.renamed(request, addresses));
    await this.backend.json('cognito-idp', 'AdminUpdateUserAttributes', request.region, {
      UserPoolId: await this.pools.poolIdOf(request), Username: name, UserAttributes: addresses.map(address => ({ Name: `${address}_verified`, Value: 'false' })),
    });
  }

  private async renamed(request: AwsRequest, [address]: readonly string[]): Promise<string | undefined> {
    const poolId = await this.pools.poolIdOf(request);
    return poolId && (await this.pools.user(poolId, attributesOf(request.input.UserAttributes)[address]))?.Username;
  }

  private async permitted(request: AwsRequest): Promise<AwsAnswer | void> {
    const poolId = await this.pools.poolIdOf(request);
    // A user who is signed in names the client by the token.
    const { ClientId: named, AccessToken: token } = request.input;
    const clientId = named ?? (typeof token === 'string' ? claimsOf(token)?.client_id : undefined);
    if (poolId === undefined || typeof clientId !== 'string') {
      return undefined;
    }
    const { UserPoolClient: client } = await this.backend.json<{ UserPoolClient: { WriteAttributes?: string[] } }>(
      'cognito-idp', 'DescribeUserPoolClient', request.region, { UserPoolId: poolId, ClientId: clientId });
    const writable = client.WriteAttributes ?? [];
    const refused = namesOf(request).some(name => writable.length > 0 && !writable.includes(name));
    return refused ? errorAnswer('NotAuthorizedException', 'A client attempted to write unauthorized attribute') : undefined;
  }
}

const namesOf = (request: AwsRequest): string[] => Object.keys(attributesOf(request.input.UserAttributes));

function refusal(pool: Pool, kind: 'create' | 'update', attributes: Record<string, string>): string | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'sub' || name === 'identities' || name.startsWith('cognito:')) {
      return `Cannot modify the non-mutable attribute ${name}`;
    }
    const schema = pool.SchemaAttributes.find(each => each.Name === name);
    if (!schema) {
      return `Attributes did not conform to the schema: ${name}: Attribute does not exist in the schema.\n`;
    }
    if (kind === 'update' && !schema.Mutable) {
      return `user.${name}: Attribute cannot be updated.\n`;
    }
    const wrong = value === '' ? undefined : malformed(schema, value);
    if (wrong) {
      return `Attributes did not conform to the schema: ${name}: ${wrong}\n`;
    }
  }
  return undefined;
}

/** With a temporary password an administrator may leave out what the user can add later. */
function missing(pool: Pool, request: AwsRequest): string | undefined {
  if (WRITING[request.operation] !== 'create') {
    return undefined;
  }
  const given = attributesOf(request.input.UserAttributes);
  const lacking = pool.SchemaAttributes.filter(schema => schema.Required && schema.Name !== 'sub' && !given[schema.Name])
    .filter(schema => !pool.UsernameAttributes?.includes(schema.Name))
    .filter(schema => request.operation === 'SignUp' || !schema.Mutable);
  const each = lacking.map(({ Name }) => `${Name}: The attribute ${Name} is required\n`);
  return lacking.length === 0 ? undefined : `Attributes did not conform to the schema: ${each.join('')}`;
}

function malformed(schema: SchemaAttribute, value: string): string | undefined {
  if (schema.Name === 'phone_number' && !/^\+\d{1,15}$/.test(value)) {
    return 'Invalid phone number format.';
  }
  const { AttributeDataType: type, StringAttributeConstraints: length, NumberAttributeConstraints: range } = schema;
  if (type === 'Number') {
    if (!/^-?\d+$/.test(value)) {
      return 'Attribute value is not a number.';
    }
    const outside = Number(value) < Number(range?.MinValue ?? -Infinity) || Number(value) > Number(range?.MaxValue ?? Infinity);
    return outside ? 'Attribute value is out of range.' : undefined;
  }
  if (type === 'Boolean') {
    return /^(true|false)$/i.test(value) ? undefined : 'Attribute value is not a boolean.';
  }
  if (value.length > Math.min(2048, Number(length?.MaxLength ?? 2048))) {
    return 'String must be no longer than its maximum length.';
  }
  return value.length < Number(length?.MinLength ?? 0) ? 'String must be no shorter than its minimum length.' : undefined;
}
