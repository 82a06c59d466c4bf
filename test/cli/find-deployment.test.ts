import { chooseDeployment, describedStacks } from '../../src/cli/find-deployment';
import { Deployment, readDeployment } from '../../src/operations/deployment';

const described = (path: string, more: Partial<Deployment> = {}): Deployment => ({
  cognitoDrReplica: 1,
  path,
  primaryRegion: 'us-east-1',
  replicaRegion: 'us-west-2',
  ledgerTableName: `${path}-ledger`,
  stateTableName: `${path}-ledger-standby`,
  sweepStateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:sweep',
  restoreStateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:restore',
  sweepIntervalSeconds: 86_400,
  logicalIdPrefix: 'Dr',
  ...more,
});
const stack = (stackName: string, ...outputs: readonly (Deployment | string)[]) =>
  ({ stackName, outputs: outputs.map(output => typeof output === 'string' ? output : JSON.stringify(output)) });
const WHERE = { region: 'us-east-1' };
const choose = (...stacks: ReturnType<typeof stack>[]) => chooseDeployment(describedStacks('us-east-1', stacks), WHERE);

test('the one deployment of a Region is found among other stacks and outputs', () => {
  const found = choose(stack('Other', 'arn:aws:sns:us-east-1:111122223333:topic', '{"not": "ours"}', '{broken'), stack('Auth', 'x', described('Auth/Dr')));
  expect(found).toEqual({ deployment: described('Auth/Dr'), stackNames: ['Auth'] });
});

test('what two stacks of one deployment say is put together', () => {
  const { deployment, stackNames } = choose(
    stack('Auth', described('Auth/Dr', { sourceUserPoolId: 'us-east-1_a' })), stack('Auth-replica', described('Auth/Dr', { standbyUserPoolId: 'us-west-2_b' })));
  expect(deployment).toMatchObject({ sourceUserPoolId: 'us-east-1_a', standbyUserPoolId: 'us-west-2_b' });
  expect(stackNames).toEqual(['Auth', 'Auth-replica']);
});

test('two deployments: both are listed, and the option that chooses', () => {
  expect(() => choose(stack('B', described('B/Dr')), stack('A', described('A/Dr')))).toThrow(expect.objectContaining({
    exit: 64,
    code: 'several-deployments',
    message: 'there are 2 deployments in us-east-1; name one of their stacks with --stack:\n'
      + '  A: A/Dr, us-east-1 to us-west-2\n  B: B/Dr, us-east-1 to us-west-2',
  }));
});

test('none: the sentence names the Region, and the way out', () => {
  expect(() => choose(stack('Other', 'x'))).toThrow(expect.objectContaining({
    exit: 4,
    code: 'no-deployment',
    message: 'no stack in us-east-1 has a CognitoDrReplica: name the Region of the source pool or of its copy with --region, or a stack with --stack',
  }));
});

test('a description of a later release is read as far as it is known', () => {
  expect(readDeployment(JSON.stringify({ ...described('A'), cognitoDrReplica: 2, more: 1 }))).toMatchObject({ path: 'A' });
});
