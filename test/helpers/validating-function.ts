import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';

/** The function that validates a restore, with one pool that it may fill: imported by a test file, it finds this environment and these clients. */
export const STANDBY = 'us-west-2_Standby';
export const dynamodb = mockClient(DynamoDBDocumentClient);
export const cognito = mockClient(CognitoIdentityProviderClient);

Object.assign(process.env, {
  AWS_REGION: 'us-west-2',
  LEDGER_TABLE: 'ledger',
  STANDBY_TABLE: 'state',
  STANDBY_USER_POOL_ID: STANDBY,
  TARGET_USER_POOL_IDS: JSON.stringify([STANDBY]),
  QUOTAS: '{}',
});

/** Every call that a test does not plan fails. */
export function planNothing(): void {
  [dynamodb, cognito].forEach(client => client.reset().rejects(new Error('the test did not plan this call')));
}
