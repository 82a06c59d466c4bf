import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Drill, Standby } from '../../src';
import { HandlerFunction } from '../../src/cdk/handler-function';
import { SliceTask, sliceTimeout, stateMachineLogs } from '../../src/cdk/slice-task';
import { definitionOf } from '../helpers/state-machine';
import { permissions, statementsOf, synth } from '../helpers/templates';

const stack = new Stack(new App(), 'Stack');
const lambdaFunction = new HandlerFunction(stack, 'Function', {
  handler: 'capture/sweep/sweep',
  description: 'A handler',
  timeout: sliceTimeout(Duration.minutes(14)),
  environment: { NAME: 'value' },
  logRetention: RetentionDays.ONE_DAY,
});
new StateMachine(stack, 'Machine', {
  definitionBody: DefinitionBody.fromChainable(new SliceTask(stack, 'Task', { lambdaFunction, payload: { 'a.$': '$.a' } })),
  logs: stateMachineLogs(stack, 'machine', RetentionDays.ONE_DAY),
});
const template = Template.fromStack(stack);

test('a function has a minute more than its slice, and a bounded memory', () => {
  template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 900, MemorySize: 256, Architectures: ['arm64'] });
});

test('Lambda calls no function a second time: not one that a clock called, and who waits for the answer is asked to', () => {
  template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 0);
  const clocked = new Stack(new App(), 'Clocked');
  new HandlerFunction(clocked, 'Function', {
    handler: 'capture/sweep/sweep', description: 'A handler', timeout: Duration.minutes(1), environment: {}, logRetention: RetentionDays.ONE_DAY, isAsynchronous: true,
  });
  Template.fromStack(clocked).hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
});

test('what a rule or a schedule calls without waiting is such a function, and nothing else is', () => {
  const { replica, primary } = synth({ props: { standby: Standby.warm(), drill: Drill.schedule({ interval: Duration.days(7) }) } });
  for (const each of [primary, replica]) {
    const called = (target: unknown) => [...JSON.stringify(target).matchAll(/"Arn":\{"Fn::GetAtt":\["([^"]+)","Arn"\]\}/g)].map(([, id]) => id);
    const functions = Object.keys(each.findResources('AWS::Lambda::Function'));
    const targets = ['AWS::Events::Rule', 'AWS::Scheduler::Schedule'].flatMap(type => Object.values(each.findResources(type)).flatMap(called));
    const configured = Object.values(each.findResources('AWS::Lambda::EventInvokeConfig')).map(({ Properties }) => Properties.FunctionName.Ref as string);
    expect(configured.sort()).toEqual([...new Set(targets.filter(id => functions.includes(id)))].sort());
  }
});

test('a function registers no runtime of its own: the CDK computes the versions of everybody\'s functions from that list', () => {
  expect(lambdaFunction.runtime).toBe(Runtime.NODEJS_24_X);
  const constants: unknown[] = Object.values(Runtime);
  expect(Runtime.ALL.filter(runtime => !constants.includes(runtime))).toEqual([]);
  template.hasResourceProperties('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Handler: 'index.handler' });
});

test('a function may write to its own log group and do nothing else', () => {
  expect(permissions(statementsOf(template, 'FunctionRole'))).toEqual(['logs:CreateLogStream on ${FunctionLogs.Arn}', 'logs:PutLogEvents on ${FunctionLogs.Arn}']);
  template.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: [] }, 0);
});

test('log groups go with the stack, after their retention', () => {
  template.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 1 } });
});

test('a task may invoke its function, none of its versions, and retries for four minutes', () => {
  expect(permissions(statementsOf(template, 'MachineRole'))).toContain('lambda:InvokeFunction on ${Function.Arn}');
  expect(definitionOf(template).States.Task.Retry).toEqual([
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 8, MaxDelaySeconds: 60, JitterStrategy: 'FULL' },
  ]);
  const waits = Array.from({ length: 8 }, (_, i) => Math.min(60, 2 * 2 ** i));
  expect(waits.reduce((sum, wait) => sum + wait)).toBe(242);
});
