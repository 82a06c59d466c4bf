import { CfnResource, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CognitoDrReplica } from '../../src';
import { synth } from '../helpers/templates';

const waitsOf = (stack: Stack, pattern: RegExp) => stack.node.findAll().filter(CfnResource.isCfnResource)
  .filter(({ node }) => pattern.test(node.path)).map(resource => resource.obtainDependencies().map(each => each.node.path));

describe('node.addDependency goes as far as a stack and an order of resources allow: A1', () => {
  test('what the line waits for is waited for in its own stack, and by nothing that the pool itself waits for', () => {
    const { stack, dr } = synth({
      then: made => made.dr.node.addDependency(made.userPool, new Topic(made.stack, 'First')),
    });
    expect(waitsOf(stack, /^Auth\/Dr\/Sweep\/Function\/Resource$/)).toEqual([expect.arrayContaining(['Auth/Users/Resource', 'Auth/First/Resource'])]);
    expect(waitsOf(stack, /^Auth\/Dr\/Capture\/Trigger\/Resource$/)).toEqual([expect.arrayContaining(['Auth/First/Resource'])]);
    expect(waitsOf(stack, /^Auth\/Dr\/Capture\/Trigger/).flat()).not.toContain('Auth/Users/Resource');
    expect(waitsOf(dr.replicaStack, /./).flat().filter(path => !path.startsWith('Auth/Dr/Replica/'))).toEqual([]);
  });

  test('a pool that is to wait for the line still waits for the permission to call its trigger, and for what does not need it', () => {
    const { stack } = synth({ then: ({ userPool, dr }) => userPool.node.addDependency(dr) });
    const [waits] = waitsOf(stack, /^Auth\/Users\/Resource$/);
    expect(waits).toEqual(expect.arrayContaining(['Auth/Dr/Capture/TriggerPermission', 'Auth/Dr/Sweep/FunctionLogs/Resource']));
    expect(waits).not.toContain('Auth/Dr/Sweep/Function/Resource');
    expect(waits.filter(path => !/^Auth\/(Dr\/(?!Replica)|Users\/)/.test(path))).toEqual([]);
  });

  test('two lines in one construct, for which something waits', () => {
    const { stack } = synth({
      then: ({ stack: auth, userPool }) => {
        const identity = new Construct(auth, 'Identity');
        for (const [id, replicaRegion] of [['One', 'eu-west-1'], ['Two', 'eu-central-1']]) new CognitoDrReplica(identity, id, { userPool, replicaRegion });
        new Topic(auth, 'Last').node.addDependency(identity);
      },
    });
    const [waits] = waitsOf(stack, /^Auth\/Last\/Resource$/);
    for (const id of ['One', 'Two']) expect(waits).toContain(`Auth/Identity/${id}/Sweep/Function/Resource`);
    expect(waits.filter(path => path.includes('/Replica/'))).toEqual([]);
  });
});
