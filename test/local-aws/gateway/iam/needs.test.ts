import { needsOf, UnknownNeed } from './needs';

const ACCOUNT = '000000000000';
const needs = (service: string, operation: string, input: object) => needsOf({ service, operation, region: 'us-east-1', account: ACCOUNT, input: input as Record<string, unknown> })
  .map(({ action, resource }) => `${action} ${resource}`);
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/items`;
const POOL = `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Abc`;

test.each<[string, string, object, string[]]>([
  ['cognito-idp', 'ListUsers', { UserPoolId: 'us-east-1_Abc' }, [`cognito-idp:ListUsers ${POOL}`]],
  ['cognito-idp', 'ListUserPools', { MaxResults: 1 }, ['cognito-idp:ListUserPools *']],
  // To give a group a role is to pass it.
  ['cognito-idp', 'CreateGroup', { UserPoolId: 'us-east-1_Abc', GroupName: 'g', RoleArn: 'arn:aws:iam::1:role/r' }, [`cognito-idp:CreateGroup ${POOL}`, 'iam:PassRole arn:aws:iam::1:role/r']],
  ['dynamodb', 'Query', { TableName: 'items' }, [`dynamodb:Query ${TABLE}`]],
  ['dynamodb', 'Query', { TableName: TABLE, IndexName: 'i' }, [`dynamodb:Query ${TABLE}/index/i`]],
  ['dynamodb', 'BatchGetItem', { RequestItems: { items: {}, others: {} } }, [`dynamodb:BatchGetItem ${TABLE}`, `dynamodb:BatchGetItem ${TABLE.replace('items', 'others')}`]],
  ['dynamodb', 'TransactWriteItems', { TransactItems: [{ Put: { TableName: 'items' } }, { ConditionCheck: { TableName: 'items' } }] }, [`dynamodb:PutItem ${TABLE}`, `dynamodb:ConditionCheckItem ${TABLE}`]],
  ['sqs', 'SendMessageBatch', { QueueUrl: 'http://127.0.0.1:1/000000000000/q' }, [`sqs:SendMessage arn:aws:sqs:us-east-1:${ACCOUNT}:q`]],
  ['sqs', 'StartMessageMoveTask', { SourceArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:q` }, [`sqs:StartMessageMoveTask arn:aws:sqs:us-east-1:${ACCOUNT}:q`]],
  ['lambda', 'Invoke', { FunctionName: 'f' }, [`lambda:InvokeFunction arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`]],
  ['lambda', 'Invoke', { FunctionName: '000000000000:function:f' }, [`lambda:InvokeFunction arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`]],
  ['states', 'StartExecution', { stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:m' }, ['states:StartExecution arn:aws:states:us-east-1:1:stateMachine:m']],
  ['events', 'PutEvents', { Entries: [{}, { EventBusName: 'b' }] }, ['default', 'b'].map(bus => `events:PutEvents arn:aws:events:us-east-1:${ACCOUNT}:event-bus/${bus}`)],
  ['s3', 'HeadObject', { Bucket: 'b', Key: 'k/l' }, ['s3:GetObject arn:aws:s3:::b/k/l']],
  // An object that is written with its lock.
  ['s3', 'PutObject', { Bucket: 'b', Key: 'k', ObjectLockMode: 'COMPLIANCE' }, ['s3:PutObject arn:aws:s3:::b/k', 's3:PutObjectRetention arn:aws:s3:::b/k']],
  ['cloudformation', 'GetTemplate', { StackName: 's' }, [`cloudformation:GetTemplate arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/s/local`]],
  ['sts', 'GetCallerIdentity', {}, []],
])('%s: %s of %j', (service, operation, input, wanted) => {
  expect(needs(service, operation, input)).toEqual(wanted);
});

test('a pool that is made is no resource yet: the call says its tags, and which there are', () => {
  const create = (input: object) => needsOf({ service: 'cognito-idp', operation: 'CreateUserPool', region: 'us-east-1', account: ACCOUNT, input: { ...input } });
  expect(create({ UserPoolTags: { a: '1', b: '2' } })).toEqual([{
    action: 'cognito-idp:CreateUserPool', resource: '*', context: { 'aws:RequestTag/a': '1', 'aws:RequestTag/b': '2', 'aws:TagKeys': ['a', 'b'] },
  }]);
  expect(create({})).toEqual([{ action: 'cognito-idp:CreateUserPool', resource: '*', context: {} }]);
});

test.each<[string, object, string[][]]>([
  ['PutItem', { TableName: 'items', Item: { pk: { S: 'a' }, sk: { S: 'b' } } }, [['a']]],
  ['GetItem', { TableName: 'items', Key: { pk: { S: 'a' } } }, [['a']]],
  ['Query', {
    TableName: 'items',
    KeyConditionExpression: '#a = :x AND pk=:p',
    ExpressionAttributeNames: { '#a': 'sk' },
    ExpressionAttributeValues: { ':x': { S: 'b' }, ':p': { S: 'a' } },
  }, [['a']]],
  ['Query', {
    TableName: 'items', KeyConditionExpression: '#p = :p', ExpressionAttributeNames: { '#p': 'pk' }, ExpressionAttributeValues: { ':p': { N: '7' } },
  }, [['7']]],
  ['BatchGetItem', { RequestItems: { items: { Keys: [{ pk: { S: 'a' } }, { pk: { S: 'b' } }] }, others: { Keys: [] } } }, [['a', 'b'], []]],
  ['BatchWriteItem', { RequestItems: { items: [{ PutRequest: { Item: { pk: { S: 'a' } } } }, { DeleteRequest: { Key: { pk: { S: 'b' } } } }] } }, [['a', 'b']]],
  ['TransactWriteItems', {
    TransactItems: [{ Put: { TableName: 'items', Item: { pk: { S: 'a' } } } }, { Delete: { TableName: 'items', Key: { pk: { S: 'b' } } } }],
  }, [['a'], ['b']]],
])('%s says which partitions it is about: %j', (operation, input, wanted) => {
  const call = { service: 'dynamodb', operation, region: 'us-east-1', account: ACCOUNT, input: { ...input } };
  expect(needsOf(call).map(({ leadingKeys }) => leadingKeys!('pk'))).toEqual(wanted);
});

test('a write to a bucket says on which condition it is made', () => {
  const put = (operation: string, input: object) =>
    needsOf({ service: 's3', operation, region: 'us-east-1', account: ACCOUNT, input: { Bucket: 'b', Key: 'k', ...input } }).map(({ context }) => context);
  expect(put('PutObject', { IfNoneMatch: '*' })).toEqual([{ 's3:if-none-match': '*' }]);
  expect(put('PutObject', {})).toEqual([undefined]);
  expect(put('CreateMultipartUpload', {})).toEqual([undefined]);
  expect(put('GetObject', { IfNoneMatch: 'etag' })).toEqual([undefined]);
});

test('of what is not written down nothing is guessed', () => {
  expect(() => needs('dynamodb', 'ExecuteStatement', { Statement: 'SELECT 1' })).toThrow(UnknownNeed);
  expect(() => needs('quicksight', 'ListDashboards', {})).toThrow('which permission quicksight:ListDashboards needs: add it to gateway/iam/needs.ts');
});
