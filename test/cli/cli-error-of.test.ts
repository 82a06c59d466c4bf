import { EXIT } from '../../src/cli/cli-error';
import { cliErrorOf, isConnection } from '../../src/cli/cli-error-of';

const named = (name: string) => Object.assign(new Error('what AWS says, with an account 111122223333'), { name });

test.each([
  ['CredentialsProviderError', 'no-credentials'],
  ['ExpiredToken', 'expired-credentials'],
  ['ExpiredTokenException', 'expired-credentials'],
  ['UnrecognizedClientException', 'invalid-credentials'],
  ['AccessDeniedException', 'access-denied'],
  ['TimeoutError', 'region-dark'],
])('%s is told by a sentence with the way out, and no word of AWS', (name, code) => {
  const error = cliErrorOf(named(name));
  expect(error).toMatchObject({ code, exit: EXIT.FAILED });
  expect(error.message).not.toContain('111122223333');
});

test.each([
  ['dynamodb:Query', /^AWS denies dynamodb:Query to these credentials: dr.grantStatus/],
  ['cognito-idp:DescribeUserPoolClient', /^AWS denies cognito-idp:DescribeUserPoolClient .*no grant of this library gives it/],
])('what is denied is named: %s; and no word more of AWS', (action, sentence) => {
  const message = `User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: ${action} on resource: arn:aws:z:us-east-1:111122223333:q`;
  const error = cliErrorOf(Object.assign(new Error(message), { name: 'AccessDeniedException' }));
  expect(error.message).toMatch(sentence);
  expect(error).toMatchObject({ code: 'access-denied', message: expect.not.stringContaining('111122223333') });
});

test('nobody who answers is a Region that is dark, by whatever the socket says', () => {
  expect(cliErrorOf(Object.assign(new Error('x'), { code: 'ENOTFOUND' })).code).toBe('region-dark');
  expect([isConnection(named('TimeoutError')), isConnection(named('AccessDeniedException'))]).toEqual([true, false]);
});

test('anything else says what it is', () => {
  expect(cliErrorOf(named('OddError')).message).toMatch(/^OddError: /);
  expect(cliErrorOf('text')).toMatchObject({ code: 'unexpected' });
});
