import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Drill, DrillScheduleOptions } from '../../src';
import {
  BEGIN_STATUS, DRILL_STATUS, DRILL_TABLE_ACTIONS, DRILL_TAG, LEASE_READ_ACTIONS, SCRATCH_POOL_ACTIONS, SCRATCH_POOL_READ_ACTIONS,
} from '../../src/drill/constants';
import { drillBeginning } from '../../src/drill/drill-input.lambda-shared';
import { LEDGER_RESTORE_ACTIONS } from '../../src/ledger/constants';
import { chosen, definitionOf, problemsOf, statesOf } from '../helpers/state-machine';
import { make, permissions, statementsOf, synth, text } from '../helpers/templates';

const drills = (options: DrillScheduleOptions = {}) => synth({ props: { drill: Drill.schedule(options) } });
const { replica } = drills({ targetRto: Duration.hours(12), targetRpo: Duration.hours(2) });
const OWNER = 'Auth-Dr-us-east-1-drill';
const TABLES = 'arn:${AWS::Partition}:dynamodb:us-west-2:111122223333:table';
const LEDGER_ARN = `${TABLES}/Auth-Dr-us-east-1-ledger`;
const POOLS = 'arn:${AWS::Partition}:cognito-idp:us-west-2:111122223333:userpool/*';

describe('the state machine', () => {
  const definition = definitionOf(replica, 'Drill');

  test('is valid Amazon States Language, in which every Choice has a Default and every Task a Retry', () => {
    expect(problemsOf(definition)).toEqual([]);
    expect(statesOf(definition, 'Choice').filter(([, state]) => !state.Default)).toEqual([]);
    expect(statesOf(definition, 'Task').filter(([, state]) => !state.Retry?.length)).toEqual([]);
  });

  test('knows every status that the function answers', () => {
    const known = definition.States['More to drill?'].Choices!.map(choice => choice.StringEquals);
    expect(known.sort()).toEqual(Object.values(DRILL_STATUS).sort());
  });

  test.each([
    [DRILL_STATUS.CONTINUE, 'Drill a slice', 'Task'],
    [DRILL_STATUS.RUNNING, 'Another drill is running', 'Succeed'],
    [DRILL_STATUS.TOO_EARLY, 'Nothing is copied yet', 'Succeed'],
    ['never heard of', 'Unknown answer', 'Fail'],
  ])('a slice that answers %s leads to "%s"', (status, next, type) => {
    expect(chosen(definition.States['More to drill?'], status)).toBe(next);
    expect(definition.States[next].Type).toBe(type);
  });

  test('refuses an input before anything is done with it', () => {
    expect(definition.StartAt).toBe('Begin the drill');
    expect(chosen(definition.States['To be drilled?'], BEGIN_STATUS.BEGUN)).toBe('Begun');
    expect(chosen(definition.States['To be drilled?'], BEGIN_STATUS.REFUSED)).toBe('Input refused');
    expect(definition.States.Begun).toMatchObject({ Parameters: { 'beginning.$': '$.slice.beginning' }, Next: 'Drill a slice' });
    expect(definition.States['Input refused']).toMatchObject({ Type: 'Fail', Error: 'InvalidInput', CausePath: '$.slice.message' });
  });

  test('has the report written before it finishes; no user goes from one step to the next', () => {
    expect(chosen(definition.States['More to drill?'], DRILL_STATUS.REPORT)).toBe('Write the report');
    expect(definition.States['Write the report']).toMatchObject({ Parameters: { 'facts.$': '$.slice.facts' }, ResultPath: '$.written', Next: 'Finish' });
    expect(definition.States.Finish).toMatchObject({ Parameters: { 'beginning.$': '$.beginning', 'written.$': '$.written' }, Next: 'Announce' });
  });

  test('cleans up after whatever fails for good, and then reports as after any other end', () => {
    expect(definition.States['Drill a slice']).toMatchObject({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Clean up' }] });
    expect(definition.States['Clean up']).toMatchObject({ Parameters: { 'failed.$': '$.failure.Error' }, Next: 'All removed?' });
    expect(chosen(definition.States['All removed?'], DRILL_STATUS.CONTINUE)).toBe('Clean up');
    expect(chosen(definition.States['All removed?'], DRILL_STATUS.REPORT)).toBe(chosen(definition.States['More to drill?'], DRILL_STATUS.REPORT));
  });

  test.each([DRILL_STATUS.RUNNING, DRILL_STATUS.TOO_EARLY, DRILL_STATUS.PASSED, DRILL_STATUS.YIELDED, DRILL_STATUS.FAILED])(
    'a clean-up that answers %s ends as a slice that does', status => {
      const end = chosen(definition.States['All removed?'], status)!;
      expect(end).toBe(chosen(definition.States['More to drill?'], status));
      expect(definition.States[end].Type).toBe(status === DRILL_STATUS.FAILED ? 'Fail' : 'Succeed');
    });

  test('reports what was found where nothing can be removed, too', () => {
    expect(definition.States['Clean up']).toMatchObject({
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.unremoved', Next: 'Leave it to the next drill' }],
    });
    expect(definition.States['Leave it to the next drill']).toMatchObject({
      Parameters: { 'failed.$': '$.failure.Error', 'unremoved.$': '$.unremoved.Error' }, Next: 'All removed?',
    });
  });

  test('tells of the end, and ends so, whoever hears of it', () => {
    expect(definition.States.Announce).toMatchObject({
      Parameters: { Entries: [{ 'Source': 'cognito-dr-replica', 'DetailType': 'Drill Completed', 'Detail.$': '$.slice.report' }] },
      Next: 'Passed?',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Passed?' }],
    });
    expect([DRILL_STATUS.PASSED, DRILL_STATUS.YIELDED, DRILL_STATUS.FAILED].map(status => chosen(definition.States['Passed?'], status)))
      .toEqual(['Passed', 'Yielded to a restore', 'Failed']);
    expect(definition.States.Failed).toMatchObject({ Type: 'Fail', Error: 'DrillFailed' });
  });

  test('has slices after which a restore is noticed, and a time within its history', () => {
    const [slice] = Object.values(replica.findResources('AWS::Lambda::Function', { Properties: { Description: 'Rehearses a restore of Cognito users, for one slice of time' } }));
    expect(slice.Properties.Environment.Variables.SLICE_SECONDS).toBe('300');
    // TaskStateEntered, LambdaFunctionScheduled, -Started, -Succeeded, TaskStateExited, ChoiceStateEntered, ChoiceStateExited.
    expect(definition.TimeoutSeconds / 300 * 7).toBeLessThan(25_000);
  });
});

describe('permissions', () => {
  const logs = (name: string) => ['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action} on \${${name}.Arn}`);
  const indexes = ['memberships', 'sign-in-names', 'emails', 'phone-numbers', 'preferred-usernames'];

  test('a drill makes pools with its own tag and no other one, and does whatever it does to pools with that tag', () => {
    const statements = statementsOf(replica, 'DrillWorkflowSliceRole');
    expect(permissions(statements)).toEqual([
      'cognito-idp:CreateUserPool on *',
      'cognito-idp:ListUserPools on *',
      ...SCRATCH_POOL_ACTIONS.map(action => `${action} on ${POOLS}`),
      ...LEDGER_RESTORE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}`),
      ...indexes.map(index => `dynamodb:Query on ${LEDGER_ARN}/index/${index}`),
      ...DRILL_TABLE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}-drill`),
      ...LEASE_READ_ACTIONS.map(action => `${action} on ${LEDGER_ARN}-standby`),
      ...logs('DrillWorkflowSliceLogs'),
    ].sort());
    const conditionOf = (action: string, resource?: string) => statements.filter(({ Action, Resource }) =>
      [Action].flat().includes(action) && (!resource || text(Resource).endsWith(resource))).map(({ Condition }) => Condition);
    expect(conditionOf('cognito-idp:CreateUserPool')).toEqual([{
      'StringEquals': { [`aws:RequestTag/${DRILL_TAG}`]: OWNER }, 'ForAllValues:StringEquals': { 'aws:TagKeys': [DRILL_TAG] },
    }]);
    expect(conditionOf('cognito-idp:DeleteUserPool')).toEqual([{ StringEquals: { [`aws:ResourceTag/${DRILL_TAG}`]: OWNER } }]);
    expect(conditionOf('dynamodb:GetItem', '-standby')).toEqual([{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['LEASE#*'] } }]);
    expect(conditionOf('cognito-idp:ListUserPools')).toEqual([undefined]);
  });

  test('nobody among the drill\'s functions may tag or untag a pool, pass a role, or call another pool', () => {
    const all = ['Slice', 'Watch', 'Begin', 'StateMachine', 'Schedule'].flatMap(name =>
      statementsOf(replica, name === 'Schedule' ? 'DrillScheduleRole' : `DrillWorkflow${name}Role`));
    expect(permissions(all).filter(permission => /Tag|PassRole|\$\{(StandbyUserPool|Users)\.Arn\}/.test(permission))).toEqual([]);
  });

  test('looking after drills reads, and reading templates reads those of the two stacks', () => {
    expect(permissions(statementsOf(replica, 'DrillWorkflowWatchRole'))).toEqual([
      'cognito-idp:ListUserPools on *', ...SCRATCH_POOL_READ_ACTIONS.map(action => `${action} on ${POOLS}`),
      `dynamodb:UpdateItem on ${LEDGER_ARN}-drill`, ...logs('DrillWorkflowWatchLogs'),
    ].sort());
    expect(permissions(statementsOf(replica, 'DrillWorkflowBeginRole'))).toEqual([
      'cloudformation:GetTemplate on arn:${AWS::Partition}:cloudformation:us-east-1:111122223333:stack/Auth/*',
      'cloudformation:GetTemplate on arn:${AWS::Partition}:cloudformation:us-west-2:111122223333:stack/Auth-Dr-us-east-1-replica/*',
      ...logs('DrillWorkflowBeginLogs'),
    ].sort());
  });

  test('the schedules start drills and the watch, and nothing else', () => {
    expect(permissions(statementsOf(replica, 'DrillScheduleRole')).map(permission => permission.replace(/\$\{[^}]*?(Watch|StateMachine)[^}]*\}/, '$1')))
      .toEqual(['lambda:InvokeFunction on Watch', 'states:StartExecution on StateMachine']);
  });
});

test('the schedule starts a drill with an input that a drill takes', () => {
  const [input] = Object.values(replica.findResources('AWS::Scheduler::Schedule')).map(({ Properties: { Target } }) => text(Target.Input))
    .filter(each => each.includes('"moment"'));
  const call = { execution: 'name', executionArn: 'arn', startedAt: '2026-11-22T04:00:00Z', input: JSON.parse(input) as unknown };
  expect(drillBeginning(call, { region: 'us-east-1', library: '0.0.0', templates: { primary: { stack: 'Auth' }, replica: { stack: 'Replica' } } })).toMatchObject({
    order: { moment: 'random', users: 1_000, quotaShare: 0.3 },
    facts: { startedBy: { how: 'schedule', roleArn: expect.stringContaining('ScheduleRole') }, targets: { rto: 43_200, rpo: 7_200 } },
  });
});

test('without drill nothing of it is in the templates, and nobody can be let start one', () => {
  const { replica: without, primary } = synth();
  for (const template of [without, primary]) expect(JSON.stringify(template.toJSON())).not.toMatch(/drill/i);
  const { dr, stack } = make();
  expect(dr.drillStateMachine).toBeUndefined();
  const grantee = new Role(stack, 'Operators', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  expect(() => dr.grantStartDrill(grantee)).toThrow('grantStartDrill was called, but there are no drills: give drill: Drill.schedule()');
});

test('starting a drill is granted apart from restores', () => {
  const { dr, stack } = make({ props: { drill: Drill.schedule() } });
  dr.grantStartDrill(new Role(stack, 'Operators', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  expect(permissions(statementsOf(Template.fromStack(Stack.of(dr)), 'Operators')))
    .toEqual(['states:StartExecution on arn:${AWS::Partition}:states:us-west-2:111122223333:stateMachine:Auth-Dr-us-east-1-drill']);
});

test.each<[DrillScheduleOptions, string]>([
  [{ interval: Duration.hours(12) }, 'Drill.schedule got interval 12 hours: give whole days, from 1 to 365'],
  [{ interval: Duration.days(366) }, 'Drill.schedule got interval 366 days: give whole days, from 1 to 365'],
  [{ users: 0 }, 'Drill.schedule got users 0: give a whole number from 1 to 5000, or everybody: true'],
  [{ users: 1.5 }, 'Drill.schedule got users 1.5: give a whole number from 1 to 5000, or everybody: true'],
  [{ users: 5, everybody: true }, 'Drill.schedule got both users and everybody: give one of them'],
  [{ quotaShare: 0 }, 'Drill.schedule got quotaShare 0: give a number above 0 and up to 1, such as 0.3'],
  [{ window: Duration.hours(1) }, 'Drill.schedule got window 1 hour: give whole days, at least 1'],
  [{ latest: true, window: Duration.days(1) }, 'Drill.schedule got both latest and window'],
  [{ targetRto: Duration.millis(1_500) }, 'Drill.schedule got targetRto 1 second 500 millis: give whole seconds, at least 1'],
])('%j is refused', (options, message) => {
  expect(() => Drill.schedule(options)).toThrow(message);
});

test('a window that is longer than the history is refused', () => {
  expect(() => make({ props: { drill: Drill.schedule({ window: Duration.days(36) }) } }))
    .toThrow('Auth/Dr: drill has a window of 36 days, but historyRetention is 35 days');
});
