import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { RegionSwitch } from '../../../src/drill/region-switch/region-switch';
import { executionNameOf, PlanExecutions, ExecutionStatus, RegionSwitchEvent, regionSwitchStep } from '../../../src/drill/region-switch/region-switch-step';
import { SfnExecutions } from '../../../src/drill/region-switch/sfn-executions.lambda-shared';
import { OWN_LOGS } from '../../helpers/templates';

const EVENT: RegionSwitchEvent = { PlanArn: 'arn:plan', ExecutionId: 'us-west-2/abc', StepName: 'Restore users', run: 'restore', input: { dryRun: false } };

/** State machines whose executions end after so many looks. */
class FakeExecutions implements PlanExecutions {
  public readonly started: string[] = [];
  public looks = 0;

  constructor(private readonly ends: ExecutionStatus, private readonly after: number) {}

  public async start(_run: string, name: string, input: string): Promise<void> {
    if (!this.started.includes(`${name} ${input}`)) this.started.push(`${name} ${input}`);
  }

  public async status(): Promise<ExecutionStatus> {
    return ++this.looks > this.after ? this.ends : 'RUNNING';
  }
}

async function called(executions: PlanExecutions, event = EVENT) {
  let now = 0;
  const clock = { now: () => now, sleep: async (time: number) => { now += time; } };
  return regionSwitchStep(event, { executions, clock, deadline: 60_000 });
}

test('a step starts once, however often it is called, and succeeds when the restore has', async () => {
  const executions = new FakeExecutions('SUCCEEDED', 9);
  await expect(called(executions)).rejects.toThrow(/^the restore region-switch-[0-9a-f]{32} is running: Region switch asks again$/);
  expect(await called(executions)).toEqual({ execution: executionNameOf(EVENT) });
  expect(await called(executions)).toEqual({ execution: executionNameOf(EVENT) });
  expect(executions.started).toEqual([`${executionNameOf(EVENT)} {"dryRun":false}`]);
});

test.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)('a restore that ended with %s fails the step, and is not started again', async status => {
  const executions = new FakeExecutions(status, 0);
  for (let call = 0; call < 2; call++) await expect(called(executions)).rejects.toThrow(new RegExp(`ended with ${status}.*start the state machine by hand`));
  expect(executions.started).toHaveLength(1);
});

test('each step of each execution of a plan has an execution of its own', () => {
  const names = [EVENT, { ...EVENT, ExecutionId: 'other' }, { ...EVENT, StepName: 'Other' }, { ...EVENT, PlanArn: 'arn:other' }, { ...EVENT, run: 'drill' as const }]
    .map(executionNameOf);
  expect(new Set(names).size).toBe(5);
  for (const name of names) expect(name).toMatch(/^[\w.-]{1,80}$/);
});

describe('Step Functions', () => {
  const sfn = mockClient(SFNClient);
  const executions = new SfnExecutions(new SFNClient(), { restore: 'arn:aws:states:us-west-2:111122223333:stateMachine:auth-restore' });
  beforeEach(() => sfn.reset());

  test('is asked for the execution by the name of its state machine', async () => {
    sfn.on(StartExecutionCommand).resolves({}).on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await executions.start('restore', 'name', '{}');
    expect(await executions.status('restore', 'name')).toBe('RUNNING');
    expect(sfn.commandCalls(DescribeExecutionCommand)[0].args[0].input)
      .toEqual({ executionArn: 'arn:aws:states:us-west-2:111122223333:execution:auth-restore:name' });
  });

  test('may say that there was such an execution, and nothing else', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(Object.assign(new Error(), { name: 'ExecutionAlreadyExists' }))
      .rejectsOnce(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await executions.start('restore', 'name', '{}');
    await expect(executions.start('restore', 'name', '{}')).rejects.toThrow('no');
    await expect(executions.start('drill', 'name', '{}')).rejects.toThrow('run is drill, for which there is no state machine: want restore');
  });
});

test('the function may start these state machines, and look at the executions that it started', () => {
  const stack = new Stack(new App(), 'Replica', { env: { region: 'us-west-2', account: '111122223333' } });
  new RegionSwitch(stack, 'RegionSwitch', { stateMachineNames: { restore: 'auth-restore', drill: 'auth-drill' }, logRetention: RetentionDays.ONE_MONTH });
  const arn = (resource: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:states:us-west-2:111122223333:${resource}`]] });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{
      PolicyDocument: {
        Statement: [
          OWN_LOGS,
          { Effect: 'Allow', Action: 'states:StartExecution', Resource: [arn('stateMachine:auth-restore'), arn('stateMachine:auth-drill')] },
          {
            Effect: 'Allow',
            Action: 'states:DescribeExecution',
            Resource: [arn('execution:auth-restore:region-switch-*'), arn('execution:auth-drill:region-switch-*')],
          },
        ],
      },
    }],
  });
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { SLICE_SECONDS: '60', STATE_MACHINES: Match.anyValue() } } });
});
