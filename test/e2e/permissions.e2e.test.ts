import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { Stack } from 'aws-cdk-lib';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { deployDr, PRIMARY, REPLICA } from './dr-app';
import { Backend } from '../local-aws/gateway/backend';
import { LocalAws } from '../local-aws/local-aws';

const MISSING = 'cognito-idp:ListUsers';
const DECRYPT = 'kms:Decrypt';

let aws: LocalAws;

beforeAll(async () => {
  // The waits between the tries of a slice are not what is tested.
  aws = await LocalAws.start({ trail: false, waitScale: 0 });
});

afterAll(async () => aws?.stop());

const denied = () => new Set(aws.iam.takeDenials().map(({ action, resource }) => `${action} ${resource}`));

test('an action that a role lacks is denied to its function: the execution fails, and what was missing is said', async () => {
  const { email: dr } = await deployDr(aws, { stackName: 'Permissions', pools: ['email'], without: MISSING });
  expect(await aws.runStateMachine(PRIMARY, dr.sweep)).toMatchObject({ status: 'FAILED' });
  expect(denied()).toEqual(new Set([`${MISSING} arn:aws:cognito-idp:${PRIMARY}:${LocalAws.ACCOUNT}:userpool/${dr.userPoolId}`]));
}, 180_000);

/** A key of the customer's own in each Region, whose policies leave the rest to those of the roles. */
async function keys(): Promise<Record<string, string>> {
  const admin = new Backend(Number(new URL(aws.endpoint).port), aws.account);
  const regions = await Promise.all([PRIMARY, REPLICA].map(async region => {
    const { KeyMetadata: { Arn } } = await admin.json<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', region, {});
    return [region, Arn] as const;
  }));
  return Object.fromEntries(regions);
}

describe('with a key of the customer\'s own in each Region', () => {
  let byRegion: Record<string, string>;
  const encryption = (id: string) => TableEncryptionV2.customerManagedKey(
    Key.fromKeyArn(new Stack(undefined, id, { env: { account: LocalAws.ACCOUNT, region: REPLICA } }), 'Key', byRegion[REPLICA]), { [PRIMARY]: byRegion[PRIMARY] },
  );

  beforeAll(async () => { byRegion = await keys(); });

  test('every function may use it where it needs to: a sweep and a restore go through', async () => {
    const { email: dr } = await deployDr(aws, { stackName: 'Keyed', pools: ['email'], encryption: encryption('Keyed') });
    await aws.client(PRIMARY, { seed: true }).cognito.send(new AdminCreateUserCommand({
      UserPoolId: dr.userPoolId, Username: 'ann@example.com', MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: 'ann@example.com' }],
    }));
    expect(await aws.runStateMachine(PRIMARY, dr.sweep)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await aws.runStateMachine(REPLICA, dr.restore)).toMatchObject({ status: 'SUCCEEDED', output: { restored: 1 } });
    expect(denied()).toEqual(new Set());
  }, 180_000);

  test('a role that lacks it is denied the table', async () => {
    const { email: dr } = await deployDr(aws, { stackName: 'Keyless', pools: ['email'], encryption: encryption('Keyless'), without: DECRYPT });
    expect(await aws.runStateMachine(PRIMARY, dr.sweep)).toMatchObject({ status: 'FAILED' });
    expect(denied()).toEqual(new Set([`${DECRYPT} ${byRegion[PRIMARY]}`]));
  }, 180_000);
});
