type Input = Readonly<Record<string, unknown>>;

/** What a call needs to be allowed: this action on this resource. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the call itself says, and what the service says of it beside who makes it. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of the partition key, of that name, of the items that the call is about. Asked for where a policy speaks of them. */
  readonly leadingKeys?: (partitionKey: string) => readonly string[];
}

export interface Call {
  /** Signing name. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly account: string;
  readonly input: Input;
}

/** An operation of which nobody has written down what it needs. */
export class UnknownNeed extends Error {
  public readonly name = 'UnknownNeed';
}

const TRANSACTED: Readonly<Record<string, string>> = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem', Get: 'GetItem' };
const SQS_BATCHES: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage', DeleteMessageBatch: 'DeleteMessage', ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};
const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
};

/**
 * Actions and resources of a call. An action is most often called after its operation; where it is not, that is here.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 * @throws UnknownNeed rather than a guess
 */
export function needsOf(call: Call): Need[] {
  const of = NEEDS[call.service];
  const needs = of?.(call);
  if (!needs) {
    throw new UnknownNeed(`the local AWS does not know which permission ${call.service}:${call.operation} needs: add it to gateway/iam/needs.ts`);
  }
  return needs;
}

/**
 * What a call says of the tags of what it makes.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
 */
function requestTags(tags: Readonly<Record<string, string>> = {}): NonNullable<Need['context']> {
  const names = Object.keys(tags);
  return names.length === 0 ? {} : { ...Object.fromEntries(names.map(name => [`aws:RequestTag/${name}`, tags[name]])), 'aws:TagKeys': names };
}

type AttributeMap = Readonly<Record<string, Readonly<Record<string, string>>>>;
/** A part of a call that is about one item. */
interface OfItem {
  readonly Key?: AttributeMap;
  readonly Item?: AttributeMap;
}

/**
 * Values as a policy's `dynamodb:LeadingKeys` has them: of the partition key.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function keysOf(parts: readonly OfItem[]): NonNullable<Need['leadingKeys']> {
  return partitionKey => parts.flatMap(({ Key, Item }) => Object.values((Key ?? Item)?.[partitionKey] ?? {}));
}

/** A query has one partition: its condition says `<name> = :<value>` of the key. */
function keysOfQuery(input: Input): NonNullable<Need['leadingKeys']> {
  const { KeyConditionExpression: condition = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input as {
    KeyConditionExpression?: string; ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: AttributeMap;
  };
  return partitionKey => [...condition.matchAll(/(#?\w+)\s*=\s*(:\w+)/g)]
    .filter(([, name]) => (names[name] ?? name) === partitionKey).flatMap(([, , value]) => Object.values(values[value] ?? {}));
}

const NEEDS: Readonly<Record<string, (call: Call) => Need[] | undefined>> = {
  'cloudformation': ({ operation, region, account, input: { StackName } }) => operation === 'GetTemplate'
    ? [{ action: 'cloudformation:GetTemplate', resource: `arn:aws:cloudformation:${region}:${account}:stack/${String(StackName)}/local` }]
    : undefined,
  'cognito-idp': call => {
    const { operation, region, account, input: { UserPoolId, RoleArn, UserPoolTags } } = call;
    if (operation === 'CreateUserPool') {
      return [{ action: 'cognito-idp:CreateUserPool', resource: '*', context: requestTags(UserPoolTags as Readonly<Record<string, string>> | undefined) }];
    }
    const pool = typeof UserPoolId === 'string' ? `arn:aws:cognito-idp:${region}:${account}:userpool/${UserPoolId}` : '*';
    const passes = ['CreateGroup', 'UpdateGroup'].includes(operation) && typeof RoleArn === 'string';
    return [{ action: `cognito-idp:${operation}`, resource: pool }, ...passes ? [{ action: 'iam:PassRole', resource: RoleArn }] : []];
  },
  'dynamodb': call => {
    const { operation, input } = call;
    if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
      return (input.TransactItems as Record<string, { TableName: string } & OfItem>[]).flatMap(item => Object.entries(item).map(
        ([kind, of]) => ({ action: `dynamodb:${TRANSACTED[kind]}`, resource: tableArn(call, of.TableName), leadingKeys: keysOf([of]) })));
    }
    if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
      const batches = Object.entries(input.RequestItems as Record<string, { Keys?: AttributeMap[] } | Record<string, OfItem>[]>);
      return batches.map(([table, of]) => ({
        action: `dynamodb:${operation}`,
        resource: tableArn(call, table),
        leadingKeys: keysOf(Array.isArray(of) ? of.flatMap(request => Object.values(request)) : (of.Keys ?? []).map(Key => ({ Key }))),
      }));
    }
    if (operation === 'ListTables') {
      return [{ action: 'dynamodb:ListTables', resource: '*' }];
    }
    if (typeof input.TableName !== 'string') {
      return undefined;
    }
    const index = (operation === 'Query' || operation === 'Scan') && typeof input.IndexName === 'string' ? `/index/${input.IndexName}` : '';
    const leadingKeys = operation === 'Query' ? keysOfQuery(input) : keysOf([input]);
    return [{ action: `dynamodb:${operation}`, resource: `${tableArn(call, input.TableName)}${index}`, leadingKeys }];
  },
  'sqs': ({ operation, region, account, input }) => {
    if (typeof input.SourceArn === 'string') return [{ action: `sqs:${operation}`, resource: input.SourceArn }];
    const name = typeof input.QueueUrl === 'string' ? input.QueueUrl.split('/').pop()! : input.QueueName;
    return typeof name === 'string' ? [{ action: `sqs:${SQS_BATCHES[operation] ?? operation}`, resource: `arn:aws:sqs:${region}:${account}:${name}` }] : undefined;
  },
  'lambda': ({ operation, region, account, input: { FunctionName } }) => {
    const action = operation === 'Invoke' || operation === 'InvokeAsync' ? 'InvokeFunction' : operation;
    return typeof FunctionName === 'string' ? [{ action: `lambda:${action}`, resource: functionArn(FunctionName, region, account) }] : undefined;
  },
  'states': ({ operation, input: { stateMachineArn, executionArn } }) => {
    const resource = stateMachineArn ?? executionArn;
    return typeof resource === 'string' ? [{ action: `states:${operation}`, resource }] : undefined;
  },
  'events': ({ operation, region, account, input: { Entries } }) => operation === 'PutEvents'
    ? (Entries as { EventBusName?: string }[]).map(({ EventBusName = 'default' }) => ({
      action: 'events:PutEvents', resource: EventBusName.startsWith('arn:') ? EventBusName : `arn:aws:events:${region}:${account}:event-bus/${EventBusName}`,
    }))
    : undefined,
  's3': ({ operation, input: { Bucket, Key, ObjectLockMode, IfNoneMatch } }) => {
    if (typeof Bucket !== 'string') return undefined;
    const resource = `arn:aws:s3:::${Bucket}${typeof Key === 'string' ? `/${Key}` : ''}`;
    const action = `s3:${S3_ACTIONS[operation] ?? operation}`;
    const context = action === 's3:PutObject' && typeof IfNoneMatch === 'string' ? { 's3:if-none-match': IfNoneMatch } : undefined;
    const locks = operation === 'PutObject' && ObjectLockMode !== undefined;
    return [{ action, resource, ...context && { context } }, ...locks ? [{ action: 's3:PutObjectRetention', resource }] : []];
  },
  'ssm': ({ operation, region, account, input: { Name } }) => typeof Name === 'string'
    ? [{ action: `ssm:${operation}`, resource: `arn:aws:ssm:${region}:${account}:parameter/${Name.replace(/^\//, '')}` }]
    : undefined,
  // Anybody may ask for their own identity.
  'sts': ({ operation, input: { RoleArn } }) => operation === 'GetCallerIdentity' ? []
    : typeof RoleArn === 'string' ? [{ action: `sts:${operation}`, resource: RoleArn }] : undefined,
};

function tableArn({ region, account }: Call, name: string): string {
  return name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

function functionArn(name: string, region: string, account: string): string {
  return name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${account}:function:${name.split(':function:').pop()!}`;
}
