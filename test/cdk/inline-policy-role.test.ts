import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy, PermissionsBoundary, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { InlinePolicyRole } from '../../src/cdk/inline-policy-role';
import { Given, permissions, Statement, statementsOf, synth } from '../helpers/templates';

const assumedBy = new ServicePrincipal('lambda.amazonaws.com');
const statement = (action: string, ...resources: string[]) => new PolicyStatement({ actions: [action], resources });
const roleArns = (count: number) => Array.from({ length: count }, (_, index) => `arn:aws:iam::111122223333:role/${String(index).padStart(60, '0')}`);

function roleIn(stack: Stack, ...statements: PolicyStatement[]): InlinePolicyRole {
  const role = new InlinePolicyRole(stack, 'Role', { assumedBy });
  statements.forEach(each => role.addToPolicy(each));
  return role;
}

test('what a role is granted, in any way, is a part of it: there is no other resource', () => {
  const stack = new Stack(new App(), 'Stack');
  const role = roleIn(stack, statement('sns:Publish', 'arn:topic'));
  const queue = new Queue(stack, 'Queue');
  expect(queue.grantConsumeMessages(role).success).toBe(true);
  expect(role.addToPrincipalPolicy(statement('sns:Publish', 'arn:other'))).toEqual({ statementAdded: true, policyDependable: role });
  const template = Template.fromStack(stack);
  expect(permissions(statementsOf(template, 'Role'))).toEqual([
    'sns:Publish on arn:other', 'sns:Publish on arn:topic', 'sqs:ChangeMessageVisibility on ${Queue.Arn}', 'sqs:DeleteMessage on ${Queue.Arn}',
    'sqs:GetQueueAttributes on ${Queue.Arn}', 'sqs:GetQueueUrl on ${Queue.Arn}', 'sqs:ReceiveMessage on ${Queue.Arn}',
  ]);
  expect(Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type).sort()).toEqual(['AWS::IAM::Role', 'AWS::SQS::Queue']);
});

test('what waits for a grant waits for the role', () => {
  const stack = new Stack(new App(), 'Stack');
  const waiting = new CfnQueue(stack, 'Waiting');
  new Queue(stack, 'Queue').grantSendMessages(roleIn(stack)).applyBefore(waiting);
  const template = Template.fromStack(stack);
  template.hasResource('AWS::SQS::Queue', { DependsOn: Object.keys(template.findResources('AWS::IAM::Role')) });
});

test('statements that say the same are made one where the application has the CDK do so, and only there', () => {
  const statementsWhere = (context: Record<string, boolean>): Statement[] => {
    const stack = new Stack(new App({ context }), 'Stack');
    roleIn(stack, statement('sns:Publish', 'arn:topic'), statement('sns:Subscribe', 'arn:topic'), statement('sns:Publish', 'arn:topic'));
    return statementsOf(Template.fromStack(stack), 'Role');
  };
  expect(statementsWhere({ '@aws-cdk/aws-iam:minimizePolicies': true }).map(({ Action }) => Action)).toEqual([['sns:Publish', 'sns:Subscribe']]);
  // Those that are equal are one in any case.
  expect(statementsWhere({ '@aws-cdk/aws-iam:minimizePolicies': false }).map(({ Action }) => Action)).toEqual(['sns:Publish', 'sns:Subscribe']);
});

test('a role that is granted nothing is refused in our words, before CloudFormation refuses its policy without a document', () => {
  const stack = new Stack(new App(), 'Stack');
  roleIn(stack);
  expect(() => Template.fromStack(stack)).toThrow('the role is granted nothing');
});

test('statements are looked at as in any policy', () => {
  const stack = new Stack(new App(), 'Stack');
  roleIn(stack, new PolicyStatement({ actions: ['sns:Publish'] }));
  expect(() => Template.fromStack(stack)).toThrow('must specify at least one resource');
});

test('what has no room in a role goes to a managed policy, as CDK does it, for which others wait as well', () => {
  const stack = new Stack(new App(), 'Stack');
  const role = roleIn(stack, statement('sns:Publish', 'arn:topic'), statement('iam:PassRole', ...roleArns(90)));
  const { policyDependable } = role.addToPrincipalPolicy(statement('iam:GetRole', ...roleArns(30)));
  const waiting = new CfnQueue(stack, 'Waiting');
  waiting.node.addDependency(role);
  role.addToPolicy(statement('sns:Subscribe', 'arn:topic'));
  role.addToPolicy(statement('iam:ListRolePolicies', ...roleArns(20)));
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{ PolicyDocument: { Statement: ['sns:Publish', 'iam:PassRole', 'sns:Subscribe'].map(Action => Match.objectLike({ Action })) } }],
  });
  template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: { Statement: ['iam:GetRole', 'iam:ListRolePolicies'].map(Action => Match.objectLike({ Action })) },
    Roles: [{ Ref: Match.stringLikeRegexp('^Role') }],
  });
  expect(policyDependable).toBe(role.node.findChild('OverflowPolicy'));
  const [{ DependsOn: needed }] = Object.values(template.findResources('AWS::SQS::Queue')) as { DependsOn: string[] }[];
  expect([...needed].sort()).toEqual(['AWS::IAM::ManagedPolicy', 'AWS::IAM::Role'].flatMap(type => Object.keys(template.findResources(type))).sort());
  expect(JSON.stringify(Object.values(template.findResources('AWS::IAM::Role'))[0].Properties.Policies[0].PolicyDocument).length).toBeLessThan(10_240);
  template.resourceCountIs('AWS::IAM::Policy', 0);
});

test('an ARN that is known at the deployment only takes as much room as CDK thinks that it may need', () => {
  const stack = new Stack(new App(), 'Stack');
  const queues = Array.from({ length: 70 }, (_, index) => new Queue(stack, `Queue${index}`).queueArn);
  roleIn(stack, statement('sqs:SendMessage', ...queues.slice(0, 35)), statement('sqs:ReceiveMessage', ...queues.slice(35)));
  Template.fromStack(stack).resourceCountIs('AWS::IAM::ManagedPolicy', 1);
});

describe('in an application', () => {
  const rolesOf = (given: Given) => {
    const { primary, replica } = synth(given);
    return [primary, replica].flatMap(template => Object.values(template.findResources('AWS::IAM::Role'))).map(({ Properties }) => Properties);
  };

  test('only what names the standby pool, which is made after its triggers, is a policy besides', () => {
    const { primary, replica } = synth();
    primary.resourceCountIs('AWS::IAM::Policy', 0);
    expect(Object.keys(replica.findResources('AWS::IAM::Policy')).map(id => id.slice(0, -8)).sort()).toEqual([
      'StandbyTriggersFollowUpOfPool', 'StandbyTriggersMigrationOfPool', 'StandbyTriggersSignUpOfPool', 'StandbyTriggersTokensOfPool',
    ]);
  });

  test('a permissions boundary holds for every role', () => {
    const roles = rolesOf({
      then: ({ app }) => PermissionsBoundary.of(app).apply(ManagedPolicy.fromManagedPolicyArn(app, 'Boundary', 'arn:aws:iam::111122223333:policy/boundary')),
    });
    expect(roles.filter(({ PermissionsBoundary: boundary }) => boundary !== 'arn:aws:iam::111122223333:policy/boundary')).toEqual([]);
    expect(roles.length).toBeGreaterThan(15);
  });

  test('roles that somebody else makes are none of it: the CDK reports what they have to allow', () => {
    const app = new App({ analyticsReporting: false });
    Role.customizeRoles(app, { usePrecreatedRoles: { 'Stack/Role': 'theirs' } });
    const stack = new Stack(app, 'Stack');
    const role = roleIn(stack, statement('sns:Publish', 'arn:topic'));
    new CfnQueue(stack, 'Queue', { queueName: role.roleName });
    const assembly = app.synth();
    expect(assembly.getStackByName('Stack').template.Resources).toEqual({ Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'theirs' } } });
    const report = readFileSync(path.join(assembly.directory, 'iam-policy-report.json'), 'utf8');
    expect(JSON.parse(report).roles[0].identityPolicyStatements).toEqual([{ Action: 'sns:Publish', Effect: 'Allow', Resource: 'arn:topic' }]);
  });
});
