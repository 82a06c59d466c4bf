import { DeployedDr, deployDr, PRIMARY } from './dr-app';
import { LocalAws } from '../local-aws/local-aws';

const MISSING = 'cognito-idp:ListUsers';

let aws: LocalAws;
let dr: DeployedDr;

beforeAll(async () => {
  // The waits between the tries of a slice are not what is tested.
  aws = await LocalAws.start({ trail: false, waitScale: 0 });
  dr = (await deployDr(aws, { stackName: 'Permissions', pools: ['email'], without: MISSING })).email;
}, 180_000);

afterAll(async () => aws?.stop());

test('an action that a role lacks is denied to its function: the execution fails, and what was missing is said', async () => {
  expect(await aws.runStateMachine(PRIMARY, dr.sweep)).toMatchObject({ status: 'FAILED' });
  const denials = aws.iam.takeDenials();
  expect(new Set(denials.map(({ action, resource }) => `${action} ${resource}`)))
    .toEqual(new Set([`${MISSING} arn:aws:cognito-idp:${PRIMARY}:${LocalAws.ACCOUNT}:userpool/${dr.userPoolId}`]));
});
