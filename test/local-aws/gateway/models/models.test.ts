import { pythonWithMinistack } from '../../venv';
import { AwsRequest, parseHead, parseInput } from '../request';
import { Models } from './models';
import { ServiceModels } from './service-models';

let models: Models;
let service: ServiceModels;

beforeAll(async () => {
  service = ServiceModels.of(await pythonWithMinistack());
  models = new Models(service);
}, 300_000);

interface Sent {
  readonly target?: string;
  readonly method?: string;
  readonly url?: string;
  readonly type?: string;
}

function request(signingName: string, body: object | string, { target, method = 'POST', url = '/', type = 'application/x-amz-json-1.1' }: Sent = {}): AwsRequest {
  const headers = {
    'authorization': `AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/${signingName}/aws4_request`,
    'content-type': type,
    ...target ? { 'x-amz-target': target } : {},
  };
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const input = parseInput(bytes, type);
  const head = parseHead(url, headers);
  const operation = head.target ?? (typeof input.Action === 'string' ? input.Action : `${method} ${url.split('?')[0]}`);
  return { service: head.service!, operation, region: 'us-east-1', account: '000000000000', caller: head.caller, method, url, headers, body: bytes, input };
}

const refused = (sent: AwsRequest): string => {
  const answer = models.before(sent);
  if (!answer) return 'passed';
  const text = answer.body.toString();
  const { __type: type, message } = text.startsWith('<')
    ? { __type: /<Code>(.*?)</.exec(text)![1], message: /<Message>(.*?)</.exec(text)![1] } : JSON.parse(text) as { __type: string; message: string };
  return `${type}: ${message}`;
};
const cognito = (operation: string, input: object) => refused(request('cognito-idp', input, { target: `AWSCognitoIdentityProviderService.${operation}` }));
const dynamodb = (operation: string, input: object) => refused(request('dynamodb', input, { target: `DynamoDB_20120810.${operation}` }));
const POOL = 'us-east-1_AbCdEf123';

test('a request as its model wants it passes, with characters beyond ASCII and all', () => {
  expect(cognito('AdminCreateUser', {
    UserPoolId: POOL, Username: 'zoë', MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'name', Value: '' }, { Name: 'custom:note', Value: null }],
  })).toBe('passed');
  expect(dynamodb('PutItem', { TableName: 'items', Item: { pk: { S: '' }, list: { L: [{ N: '1' }, { M: { a: { BOOL: true } } }, { NULL: true }] } } })).toBe('passed');
});

test('CloudWatch speaks JSON to the SDK, and is refused in it', () => {
  const alarms = (input: object) => refused(request('monitoring', input, { target: 'GraniteServiceVersion20100801.DescribeAlarms', type: 'application/x-amz-json-1.0' }));
  expect(alarms({ AlarmNames: ['a'], StateValue: 'ALARM' })).toBe('passed');
  expect(alarms({ MaxRecords: 0 })).toBe("ValidationException: 1 validation error detected: Value '0' at 'maxRecords' failed to satisfy constraint: "
    + 'Member must have value greater than or equal to 1');
});

test.each<[string, string, object, string]>([
  ['a required member', 'AdminGetUser', { UserPoolId: POOL }, "Value null at 'username' failed to satisfy constraint: Member must not be null"],
  ['a pattern', 'ListUsers', { UserPoolId: 'nowhere' }, "Value 'nowhere' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"],
  ['a user name with a space', 'AdminCreateUser', { UserPoolId: POOL, Username: 'two words' }, "Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"],
  ['the name of a group with a space', 'CreateGroup', { UserPoolId: POOL, GroupName: 'two words' }, "Value 'two words' at 'groupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"],
  ['a length', 'AdminGetUser', { UserPoolId: POOL, Username: 'x'.repeat(129) }, 'Value at \'username\' failed to satisfy constraint: Member must have length less than or equal to 128'],
  ['a range', 'ListUsers', { UserPoolId: POOL, Limit: 61 }, "Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"],
  ['a type', 'ListUsers', { UserPoolId: POOL, Limit: '60' }, "Value at 'limit' is not an integer"],
  ['a member that there is not', 'ListUsers', { UserPoolId: POOL, Filtre: 'x' }, "Unknown member 'filtre'"],
  ['within a list', 'AdminUpdateUserAttributes', { UserPoolId: POOL, Username: 'a', UserAttributes: [{ Value: 'b' }] }, "Value null at 'userAttributes.1.member.name' failed to satisfy constraint: Member must not be null"],
])('Cognito: %s', (_what, operation, input, fault) => {
  expect(cognito(operation, input)).toBe(`InvalidParameterException: 1 validation error detected: ${fault}`);
});

test('an enumeration, and more than one fault at once', () => {
  expect(cognito('AdminCreateUser', { Username: 'a', MessageAction: 'NOBODY' })).toMatch(
    /^InvalidParameterException: 2 validation errors detected: Value null at 'userPoolId' .*; Value 'NOBODY' at 'messageAction' .*enum value set: \[RESEND, SUPPRESS\]$/);
});

test('what is secret is not shown', () => {
  expect(cognito('AdminSetUserPassword', { UserPoolId: POOL, Username: 'a', Password: '' })).not.toContain("Value ''");
});

test('DynamoDB, Step Functions, SQS, Lambda, EventBridge: each in its own protocol', () => {
  expect(dynamodb('BatchWriteItem', { RequestItems: { items: [] } })).toContain('ValidationException: 1 validation error detected');
  expect(dynamodb('GetRecords', { ShardIterator: 'x' })).toContain('no operation GetRecords');
  expect(refused(request('dynamodb', { ShardIterator: 'x' }, { target: 'DynamoDBStreams_20120810.GetRecords' }))).toBe('passed');
  expect(refused(request('states', { stateMachineArn: 'x', input: 1 }, { target: 'AWSStepFunctions.StartExecution' }))).toContain("Value at 'input' is not a string");
  expect(refused(request('sqs', { MessageBody: 'x' }, { target: 'AmazonSQS.SendMessage' }))).toContain("Value null at 'queueUrl'");
  expect(refused(request('lambda', {}, { method: 'GET', url: '/2015-03-31/functions/f%20g/configuration' }))).toContain("Value 'f g' at 'functionName'");
  expect(refused(request('lambda', '"anything"', { url: '/2015-03-31/functions/f/invocations' }))).toBe('passed');
  expect(refused(request('lambda', { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', FunctionName: 'f', BatchSize: 20_000 }, { url: '/2015-03-31/event-source-mappings' })))
    .toContain("Value '20000' at 'batchSize'");
  expect(refused(request('scheduler', { ScheduleExpression: 'rate(1 hour)' }, { url: '/schedules/hourly' }))).toContain("Value null at 'target'");
});

test('the query protocol, with its lists and structures', () => {
  const send = (parameters: Record<string, string>) => refused(request('cloudformation', new URLSearchParams(parameters).toString(), { type: 'application/x-www-form-urlencoded' }));
  const create = { 'Action': 'CreateStack', 'Version': '2010-05-15', 'StackName': 's', 'Capabilities.member.1': 'CAPABILITY_IAM', 'Tags.member.1.Key': 'k', 'Tags.member.1.Value': 'v' };
  expect(send(create)).toBe('passed');
  expect(send({ ...create, 'Capabilities.member.2': 'CAPABILITY_ALL' })).toContain("ValidationError: 1 validation error detected: Value 'CAPABILITY_ALL' at 'capabilities.2.member'");
  expect(send({ ...create, 'Tags.member.2.Key': 'k' })).toContain("Value null at 'tags.2.member.value'");
  expect(send({ ...create, Tag: 'x' })).toContain("Unknown member 'Tag'");
});

test('S3, whose bodies are not looked at', () => {
  const s3 = (method: string, url: string) => request('s3', '', { method, url, type: 'application/octet-stream' });
  expect(refused(s3('PUT', '/bucket/key/of/an/object'))).toBe('passed');
  expect(service.call(s3('PUT', '/bucket/key/of/an/object'))).toMatchObject({ operation: { name: 'PutObject' }, input: { Bucket: 'bucket', Key: 'key/of/an/object' } });
  expect(service.call(s3('GET', '/bucket?list-type=2'))?.operation.name).toBe('ListObjectsV2');
  expect(service.call(s3('PUT', '/bucket?policy'))?.operation.name).toBe('PutBucketPolicy');
  expect(service.call(s3('HEAD', '/bucket'))?.operation.name).toBe('HeadBucket');
});

test('a service of which there is no model is refused, and every refusal is kept', () => {
  models.takeViolations();
  expect(refused(request('nothing-of-the-kind', {}, { target: 'Nothing.Do' }))).toContain('nothing-of-the-kind has no operation Do');
  expect(models.takeViolations()).toMatchObject([{ service: 'nothing-of-the-kind', operation: 'Do', caller: 'other' }]);
});
