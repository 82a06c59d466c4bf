import { Aws } from '../../src/cli/aws';
import { chooseDeployment, describedStacks } from '../../src/cli/find-deployment';
import { findSession } from '../../src/cli/session';
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
    message: 'there are 2 deployments in us-east-1; name one with --stack, by its path, or by its stack, where that has one only:\n'
      + '  A/Dr, in the stack A: us-east-1 to us-west-2\n  B/Dr, in the stack B: us-east-1 to us-west-2',
  }));
});

describe('two deployments in one stack', () => {
  const both = stack('AuthStack', described('AuthStack/DrA'), described('AuthStack/DrB'));
  const named = (given: string) => chooseDeployment(describedStacks('us-east-1', [both, stack('Other', described('Other/Dr'))]), { ...WHERE, stack: given });

  test('the stack does not say which: the sentence names both, by what can be given', () => {
    expect(() => chooseDeployment(describedStacks('us-east-1', [both]), { ...WHERE, stack: 'AuthStack' })).toThrow(expect.objectContaining({
      exit: 64,
      message: 'there are 2 deployments in us-east-1 that --stack AuthStack may mean; name one with --stack, by its path, or by its stack, where that has '
        + 'one only:\n  AuthStack/DrA, in the stack AuthStack: us-east-1 to us-west-2\n  AuthStack/DrB, in the stack AuthStack: us-east-1 to us-west-2',
    }));
  });

  test('the path of the construct does', () => {
    expect(named('AuthStack/DrB')).toEqual({ deployment: described('AuthStack/DrB'), stackNames: ['AuthStack'] });
    expect(() => named('AuthStack/DrC')).toThrow(expect.objectContaining({
      exit: 4,
      message: 'no CognitoDrReplica in us-east-1 has the path AuthStack/DrC; give another one with --stack: AuthStack/DrA, AuthStack/DrB, Other/Dr',
    }));
    expect(() => chooseDeployment([], { ...WHERE, stack: 'AuthStack/DrC' })).toThrow(expect.objectContaining({ message: expect.stringContaining('--region') }));
  });

  test('the session has that one alone, of both Regions; an ARN is of a stack', async () => {
    const asked: (string | undefined)[] = [];
    const aws = {
      account: async () => '111122223333',
      stacks: async (_region: string, stackName?: string) => { asked.push(stackName); return [both]; },
    } as unknown as Aws;
    const { deployment, stacks } = await findSession(aws, { region: 'us-east-1', stack: 'AuthStack/DrB' });
    expect([deployment.path, stacks.map(({ region, deployment: { path } }) => `${region} ${path}`)])
      .toEqual(['AuthStack/DrB', ['us-east-1 AuthStack/DrB', 'us-west-2 AuthStack/DrB']]);
    const arn = 'arn:aws:cloudformation:us-east-1:111122223333:stack/AuthStack/5e0c2a4e';
    await expect(findSession(aws, { region: 'us-east-1', stack: arn })).rejects.toMatchObject({ code: 'several-deployments' });
    // CloudFormation refuses a name with a slash.
    expect(asked).toEqual([undefined, undefined, arn]);
  });
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
