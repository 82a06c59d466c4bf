import {
  App, CfnResource, DefaultTokenResolver, Fn, IPostProcessor, IResolvable, IResolveContext, Lazy, Reference, Stack, StringConcat, Token, Tokenization,
} from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { IConstruct } from 'constructs';
import { CognitoDrReplica, Standby } from '../../src';
import { referencesIn, referencesOf } from '../../src/cdk/references';

const paths = (targets: readonly IConstruct[]) => targets.map(({ node }) => node.path).sort();

/** What the CDK meets when it renders a resource. */
function rendered(resource: CfnResource): IConstruct[] {
  const targets = new Set<IConstruct>();
  const resolver = new class extends DefaultTokenResolver {
    public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
      if (Reference.isReference(token)) targets.add(token.target);
      return super.resolveToken(token, context, postProcessor);
    }
  }(new StringConcat());
  const raw = resource as unknown as { rawOverrides: unknown; _toCloudFormation(): unknown };
  Tokenization.resolve([raw._toCloudFormation(), raw.rawOverrides], { scope: resource, resolver, preparing: true });
  return [...targets];
}

test('what is seen of each resource is what the CDK meets when it renders it', () => {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Auth', { env: { account: '111122223333', region: 'us-east-1' } });
  const userPool = new UserPool(stack, 'Users', { signInAliases: { email: true } });
  new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: 'us-west-2', standby: Standby.warm() });
  app.synth();
  const resources = app.node.findAll().filter(CfnResource.isCfnResource);
  expect(resources.length).toBeGreaterThan(100);
  const seen = resources.map(resource => [resource.node.path, paths(referencesOf(resource))]);
  expect(seen).toEqual(resources.map(resource => [resource.node.path, paths(rendered(resource))]));
  expect(seen.filter(([, targets]) => targets.length > 0).length).toBeGreaterThan(80);
});

describe('a reference is seen', () => {
  const stack = new Stack(new App(), 'Stack');
  const topic = new Topic(stack, 'Topic');
  const values: Record<string, unknown> = {
    'alone': topic.topicArn,
    'in a text': `before ${topic.topicArn} after`,
    'in a list': ['a', { b: [topic.topicName] }],
    'as a list': Token.asList(topic.topicArn),
    'in the only list of a list, beside what only looks like a list': [[[topic.topicArn]], [{ length: 5 }]],
    'as a number': Token.asNumber(topic.topicArn),
    'in a list that is joined later': Fn.join(':', ['arn', Lazy.string({ produce: () => topic.topicArn })]),
    'in a list that is taken from': Fn.select(1, Fn.split(':', topic.topicArn)),
    'in either branch of a condition': Fn.conditionIf('Condition', 'no', topic.topicArn),
    'in a text of JSON': stack.toJsonString({ a: [topic.topicArn] }),
    'in the name of a member in a text of JSON': stack.toJsonString({ [topic.topicArn]: 'a' }),
    'in a part of such a name': stack.toJsonString({ [`topic ${topic.topicArn}`]: 'a' }),
    'in a text of JSON that a token reads itself': {
      creationStack: [],
      resolve: (context: IResolveContext) =>
        JSON.parse(Tokenization.reverseString(stack.toJsonString({ a: topic.topicArn })).firstToken!.resolve(context)),
    } as IResolvable,
    'as a number in a text': `port ${Token.asNumber(topic.topicArn)}`,
    'in what is produced late': Lazy.any({ produce: () => ({ deep: Lazy.list({ produce: () => [topic.topicArn] }) }) }),
  };
  test.each(Object.entries(values))('%s', (_, value) => expect(paths(referencesIn(stack, value))).toEqual(['Stack/Topic/Resource']));

  test('in the definition of a state machine', () => {
    const publish = SnsPublish.jsonata(stack, 'Publish', { topic, message: { type: 1, value: 'x' } as never });
    const machine = new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(publish.next(new Pass(stack, 'End'))) });
    expect(paths(referencesOf(machine.node.defaultChild as CfnResource))).toContain('Stack/Topic/Resource');
  });

  test('also where it is one that the CDK refuses to make: of a resource in another Region, in a text of JSON or one that is joined', () => {
    const app = new App();
    const [here, there] = ['us-east-1', 'us-west-2'].map(region => new Stack(app, region, { env: { account: '111122223333', region } }));
    const far = new Topic(there, 'Topic');
    const json = here.toJsonString({ [far.topicName]: far.topicArn });
    for (const value of [json, Fn.join(' ', ['a', json])]) expect(paths(referencesIn(here, value))).toEqual(['us-west-2/Topic/Resource']);
  });

  test('in an override', () => {
    const other = new CfnResource(stack, 'Other', { type: 'AWS::SNS::Topic' });
    other.addPropertyOverride('DisplayName', topic.topicName);
    expect(paths(referencesOf(other))).toEqual(['Stack/Topic/Resource']);
  });
});

test('a name that every object has, and what only looks like an intrinsic function, refers to nothing and fails nothing', () => {
  const stack = new Stack(new App(), 'Stack');
  new Topic(stack, 'Topic');
  const odd = { constructor: 5, toString: 'a', valueOf: ['b'], hasOwnProperty: {}, Ref: 7 };
  for (const argument of [undefined, null, 7, '', {}, [], [[]], 'Nobody', 'Nobody.Arn', '${Nobody}']) {
    expect(referencesIn(stack, { ...odd, 'Fn::GetAtt': argument, 'Fn::Sub': argument, 'inner': { Ref: argument } })).toEqual([]);
  }
});

test('nothing is seen where nothing is referred to', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(referencesIn(stack, [stack.region, stack.account, 'text', 1, true, null, undefined, {}, [['a']], [[1, 2]], [{ length: 5 }]])).toEqual([]);
});
