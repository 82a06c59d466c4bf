import { App, Aws, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { UserPool, UserPoolResourceServer } from 'aws-cdk-lib/aws-cognito';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { asL1, belongsTo, l1Name, referenced, templateSettings } from '../../src/cdk/pool-definition';

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

test('knows what a token refers to', () => {
  expect(referenced(pool.userPoolId)).toBe(pool.node.defaultChild);
  expect(referenced('us-east-1_AbCdEfGhI')).toBeUndefined();
  expect(referenced(`x${pool.userPoolId}`)).toBeUndefined();
  expect(belongsTo(server.node.defaultChild as CfnResource, pool.node.defaultChild as CfnResource)).toBe(true);
});
