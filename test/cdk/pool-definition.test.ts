import { App, Aws, CfnCondition, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { CfnUserPool, CfnUserPoolClient, CfnUserPoolResourceServer, UserPool, UserPoolClient, UserPoolResourceServer } from 'aws-cdk-lib/aws-cognito';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { asL1, belongsTo, clientDefinitionOf, definitionOf, isOfUnknownPool, l1Name, templateSettings } from '../../src/cdk/pool-definition';

const stack = new Stack(new App(), 'Stack');
const parameter = new CfnParameter(stack, 'Parameter').valueAsString;
const bucket = new Bucket(stack, 'Bucket');
const pool = new UserPool(stack, 'Pool');
const server = new UserPoolResourceServer(stack, 'Server', { userPool: pool, identifier: 'orders' });
let count = 0;

function settings(value: unknown) {
  return templateSettings(new CfnResource(stack, `Resource${count++}`, { type: 'Test::Some::Resource', properties: { Value: value } }));
}

test.each<[string, unknown, unknown]>([
  ['a literal', { a: [1, 'b', true] }, { a: [1, 'b', true] }],
  ['a pseudo parameter', Aws.REGION, { Ref: 'AWS::Region' }],
  ['a string with pseudo parameters', `arn:${Aws.PARTITION}:x:${Aws.ACCOUNT_ID}`, { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':x:', { Ref: 'AWS::AccountId' }]] }],
  ['part of a pseudo parameter', Fn.select(0, Fn.split('-', Aws.REGION)), { 'Fn::Select': [0, { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }] }],
  ['a reference whose value the code gives', server.userPoolResourceServerId, 'orders'],
  ['a string with such a reference', `${server.userPoolResourceServerId}/read`, 'orders/read'],
])('keeps %s', (_name, value, expected) => {
  expect(settings(value)).toEqual({ properties: { Value: expected }, unavailable: [] });
});

test.each<[string, unknown]>([
  ['a parameter', parameter],
  ['a string with a parameter', `https://${parameter}/`],
  ['an attribute', bucket.bucketArn],
  ['an import', Fn.importValue('other')],
  ['a condition', { 'Fn::If': ['c', 1, 2] }],
  ['the name of the stack', Aws.STACK_NAME],
  ['a substitution', Fn.sub('${Bucket}')],
])('leaves out %s', (_name, value) => {
  expect(settings(value)).toEqual({ properties: {}, unavailable: ['Value'] });
});

test('names what it leaves out, and keeps the rest', () => {
  expect(settings({ Urls: ['https://a/', parameter], Text: { Sms: bucket.bucketName, Email: 'e' } })).toEqual({
    properties: { Value: { Urls: ['https://a/'], Text: { Email: 'e' } } },
    unavailable: ['Value.Urls[1]', 'Value.Text.Sms'],
  });
});

test('sees property overrides and deletions', () => {
  const resource = new CfnResource(stack, 'Overridden', { type: 'Test::Some::Resource', properties: { A: 1, B: 2 } });
  resource.addPropertyOverride('C.D', 3);
  resource.addPropertyDeletionOverride('B');
  expect(templateSettings(resource).properties).toEqual({ A: 1, C: { D: 3 } });
});

test('a resource without properties has none', () => {
  expect(templateSettings(new CfnResource(stack, 'Empty', { type: 'Test::Some::Resource' }))).toEqual({ properties: {}, unavailable: [] });
});

test('names properties as the L1 does', () => {
  expect(['UserPoolTier', 'CallbackURLs', 'WebAuthnRelyingPartyID', 'AllowedOAuthFlows'].map(l1Name))
    .toEqual(['userPoolTier', 'callbackUrLs', 'webAuthnRelyingPartyId', 'allowedOAuthFlows']);
  expect(asL1([{ SMSMessage: 'm', Inner: [{ MinValue: '1' }] }, { Ref: 'AWS::Region' }, null]))
    .toEqual([{ smsMessage: 'm', inner: [{ minValue: '1' }] }, { Ref: 'AWS::Region' }, null]);
});

const own = pool.node.defaultChild as CfnUserPool;
const other = new CfnUserPool(stack, 'Other');
const condition = new CfnCondition(stack, 'InProduction');

/** Every way in which an app may say whose a client is. */
const IDS_OF_THE_POOL: [string, string][] = [
  ['the id of the L2', pool.userPoolId],
  ['the id of the L1', own.ref],
  ['an attribute of the L1', own.attrUserPoolId],
  ['a pool imported by its ARN', UserPool.fromUserPoolArn(stack, 'ByArn', pool.userPoolArn).userPoolId],
  ['a pool imported by the ARN of the L1', UserPool.fromUserPoolArn(stack, 'ByL1Arn', own.attrArn).userPoolId],
  ['a part of the ARN', Fn.select(1, Fn.split('/', own.attrArn))],
  ['its logical id: C5', Fn.ref(stack.getLogicalId(own))],
  ['an attribute by its logical id: C5', Fn.getAtt(stack.getLogicalId(own), 'UserPoolId').toString()],
  ['a substitution: C5', Fn.sub(`\${${stack.getLogicalId(own)}}`)],
];

test.each([...IDS_OF_THE_POOL, ['a condition', Fn.conditionIf(condition.logicalId, own.ref, other.ref).toString()]])(
  'a client belongs to the pool that it names by %s', (name, userPoolId) => {
    const client = new CfnUserPoolClient(stack, `Client of ${name}`, { userPoolId });
    expect(belongsTo(client, own)).toBe(true);
    const ofAnyType = new CfnResource(stack, `Any of ${name}`, { type: 'AWS::Cognito::UserPoolClient', properties: { UserPoolId: userPoolId } });
    const overridden = new CfnUserPoolClient(stack, `Overridden of ${name}`, { userPoolId: 'us-east-1_AbCdEfGhI' });
    overridden.addPropertyOverride('UserPoolId', { Ref: stack.getLogicalId(own) });
    expect([ofAnyType, overridden].map(each => [belongsTo(each, own), belongsTo(each, other), isOfUnknownPool(each)]))
      .toEqual([[true, name === 'a condition', false], [true, false, false]]);
    expect(belongsTo(new CfnUserPoolResourceServer(stack, `Server of ${name}`, { userPoolId, identifier: 'x', name: 'x' }), own)).toBe(true);
  });

test('a client of another pool, of one elsewhere and one that was moved by an override do not belong to it', () => {
  expect(belongsTo(new CfnUserPoolClient(stack, 'OfOther', { userPoolId: other.ref }), own)).toBe(false);
  expect(belongsTo(new CfnUserPoolClient(stack, 'Elsewhere', { userPoolId: 'us-east-1_AbCdEfGhI' }), own)).toBe(false);
  const moved = new CfnUserPoolClient(stack, 'Moved', { userPoolId: own.ref });
  moved.addPropertyOverride('UserPoolId', other.ref);
  expect([own, other].map(each => belongsTo(moved, each))).toEqual([false, true]);
});

test.each<[string, string, boolean]>([
  ['an import', Fn.importValue('pool'), true],
  ['a parameter', parameter, true],
  ['a pool of the app', own.ref, false],
  ['the id of a pool elsewhere', 'us-east-1_AbCdEfGhI', false],
])('of which pool a client is that names %s, is known or not: C5', (name, userPoolId, isUnknown) => {
  expect(isOfUnknownPool(new CfnUserPoolClient(stack, `Client that names ${name}`, { userPoolId }))).toBe(isUnknown);
});

test.each(IDS_OF_THE_POOL)('the definition of a pool that is imported by %s is the one in this app', (name, userPoolId) => {
  expect(definitionOf(UserPool.fromUserPoolId(stack, `Imported by ${name}`, userPoolId))).toBe(own);
});

test('a pool that is one of two, or elsewhere, has no definition', () => {
  const either = Fn.conditionIf(condition.logicalId, own.ref, other.ref).toString();
  expect(definitionOf(UserPool.fromUserPoolId(stack, 'Either', either))).toBeUndefined();
  expect(definitionOf(UserPool.fromUserPoolId(stack, 'Far', 'us-east-1_AbCdEfGhI'))).toBeUndefined();
});

test('the definition of a client that is imported by the id of one of this app', () => {
  const client = pool.addClient('Web');
  expect(clientDefinitionOf(UserPoolClient.fromUserPoolClientId(stack, 'ImportedWeb', client.userPoolClientId))).toBe(client.node.defaultChild);
  expect(clientDefinitionOf(UserPoolClient.fromUserPoolClientId(stack, 'FarWeb', '1example23456789'))).toBeUndefined();
});
