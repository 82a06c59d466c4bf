import { Stack } from 'aws-cdk-lib';
import { UserPool, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { Standby } from '../src';
import { DEFAULT_QUOTAS } from '../src/cognito/quotas';
import { RequestQuotas } from '../src/options';
import { quotasByCategory } from '../src/validate';

test('an existing standby pool has its own sender', () => {
  const userPool = UserPool.fromUserPoolId(new Stack(), 'Pool', 'us-west-2_AbCdEfGhI');
  expect(() => Standby.onDemand({ userPool, email: UserPoolEmail.withCognito() })).toThrow('Standby.onDemand got both userPool and email');
  expect(Standby.onDemand({ userPool })).toBeInstanceOf(Standby);
});

test('every quota has the name of a category that the handlers know', () => {
  const every: Required<RequestQuotas> = {
    userCreation: 1, userAccountRecovery: 2, userRead: 3, userUpdate: 4, userResourceRead: 5, userResourceUpdate: 6, userList: 7,
  };
  for (const category of Object.keys(quotasByCategory('Dr', 'restoreQuotas', every))) {
    expect(Object.keys(DEFAULT_QUOTAS)).toContain(category);
  }
  expect(quotasByCategory('Dr', 'restoreQuotas', { userList: undefined })).toEqual({});
  expect(quotasByCategory('Dr', 'restoreQuotas', undefined)).toEqual({});
});
