import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Standby } from '../../src/index';
import { SWEEP_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE } from '../../src/runtime/metric-names';
import { ACCOUNT, make, PRIMARY, REPLICA, synth, warnings } from '../helpers/templates';

const TABLE = 'Auth-Dr-us-east-1-ledger';
const alarms = (template: Template) => Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(alarm => alarm.Properties);
const { primary, replica } = synth();
/** Goes off where nothing is heard. */
const SILENT = { Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' };

test('eleven alarms in the first Region and twelve in the second, each of which says what happened and what to do', () => {
  expect(alarms(primary)).toHaveLength(11);
  expect(alarms(replica)).toHaveLength(12);
  for (const { AlarmDescription } of [...alarms(primary), ...alarms(replica)]) {
    // One of them names the pool, by a reference.
    const text = typeof AlarmDescription === 'string' ? AlarmDescription : JSON.stringify(AlarmDescription);
    expect(text).toMatch(/\. (Read|See) /);
    // CloudWatch's limit.
    expect(text.length).toBeLessThanOrEqual(1024);
  }
});

test.each([['Sweep', primary], ['Restore', replica]])('the end of the state machine %s that is no success goes off at once', (name, template) => {
  const machine = Object.keys(template.findResources('AWS::StepFunctions::StateMachine')).find(id => id.includes(`${name}StateMachine`));
  expect(machine).toBeDefined();
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: [
      { Expression: 'SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])', Id: 'expr_1', ReturnData: true },
      ...[['failed', 'Failed'], ['timedOut', 'TimedOut'], ['aborted', 'Aborted']].map(([Id, end]) => ({
        Id,
        MetricStat: {
          Metric: { Namespace: 'AWS/States', MetricName: `Executions${end}`, Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: machine } }] },
          Stat: 'Sum',
          Period: 300,
        },
        ReturnData: false,
      })),
    ],
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
});

test.each([
  // Shorter than a slice of a large pool's sweep, of which nothing is heard before its end.
  [Duration.minutes(1), 900, 3],
  [Duration.minutes(15), 900, 3],
  [Duration.minutes(45), 2700, 3],
  [Duration.hours(1), 3600, 3],
  [Duration.minutes(90), 3600, 5],
  [Duration.days(2), 3600, 144],
])('no complete sweep in three intervals of %s, and none that came further, goes off', (sweepInterval, period, periods) => {
  synth({ props: { sweepInterval } }).primary.hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...SILENT,
    Metrics: [{ Expression: 'FILL(heard, 0)', Id: 'expr_1', ReturnData: true }, {
      Id: 'heard',
      MetricStat: {
        Metric: { Namespace: METRIC_NAMESPACE, MetricName: SWEEP_METRIC.SWEEP_COMPLETED, Dimensions: [{ Name: METRIC_DIMENSION, Value: TABLE }] },
        // A sweep of a pool of 11 million users takes more than three hours: each slice of it that came further leaves a sample of 0.
        Stat: 'SampleCount',
        Period: period,
      },
      ReturnData: false,
    }],
    EvaluationPeriods: periods,
  });
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: a day, or a week in periods of an hour.
  expect(period * periods).toBeLessThanOrEqual(period < 3600 ? 86400 : 7 * 86400);
  // A slice of 14 minutes that is repeated for all of its retries' four minutes is still heard of in time.
  expect(period * periods).toBeGreaterThan(2 * 15 * 60 + 4 * 60);
});

test('a warm standby that falls behind, or cannot delete, goes off', () => {
  const warm = synth({ props: { standby: Standby.warm() } }).replica;
  const quiet = { EvaluationPeriods: 1, TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanOrEqualToThreshold' };
  const of = (prefix: string) => [{ Name: 'FunctionName', Value: { Ref: Object.keys(warm.findResources('AWS::Lambda::Function')).find(id => id.startsWith(prefix)) } }];
  warm.hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...quiet, Namespace: 'AWS/Lambda', MetricName: 'IteratorAge', Statistic: 'Maximum', Threshold: 900_000, Dimensions: of('FollowerApplyChange'),
  });
  const silent = alarms(warm).find(({ Metrics = [] }) => Metrics[0]?.Expression === 'FILL(calls, 0) - FILL(errors, 0)');
  expect(silent).toMatchObject({ ...SILENT, EvaluationPeriods: 3 });
  expect(silent.Metrics.slice(1).map(({ MetricStat }: any) => [MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions, MetricStat.Period]))
    .toEqual(['Invocations', 'Errors'].map(name => [name, of('FollowerApplyDeletions'), 3600]));
  for (const { AlarmDescription } of alarms(warm)) expect(AlarmDescription).toMatch(/\. (Read|See) /);
});

test('a follower to which nothing comes for three sweeps goes off, as each sweep gives a sign that passes the filters', () => {
  const warm = synth({ props: { standby: Standby.warm(), sweepInterval: Duration.minutes(90) } }).replica;
  warm.hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...SILENT,
    Metrics: Match.arrayWith([Match.objectLike({ MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName: 'Invocations' }, Period: 3600, Stat: 'Sum' } })]),
    EvaluationPeriods: 5,
  });
  const [{ FilterCriteria: { Filters } }] = Object.values(warm.findResources('AWS::Lambda::EventSourceMapping'))
    .map(mapping => mapping.Properties).filter(({ StartingPosition }) => StartingPosition);
  const followed = (Filters as { Pattern: string }[]).map(({ Pattern }) => JSON.parse(Pattern).dynamodb.NewImage);
  expect(followed).toContainEqual({ sweptAt: { N: [{ exists: true }] } });
  // Lambda's limit.
  expect(followed.length).toBeLessThanOrEqual(5);
});

describe('where users are hurt', () => {
  /** What an alarm looks at, by the end of its logical id. */
  const alarmOf = (template: Template, id: string) => {
    const [found] = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([name]) => new RegExp(`Alarms${id}[0-9A-F]{8}$`).test(name));
    return found[1].Properties;
  };
  const functionOf = (template: Template, handler: string) => Object.entries(template.findResources('AWS::Lambda::Function'))
    .find(([, { Properties }]) => Properties.Description === handler)![0];

  test.each([
    ['UserMigration', 'Finds in the ledger the user that signs in or has forgotten a password'],
    ['PostConfirmation', 'Gives a user that comes for the first time their groups and attributes'],
    ['PreSignUp', 'Keeps the names of users of the source pool'],
    ['PreTokenGeneration', 'Puts the sub of the source pool and the groups of the ledger into tokens'],
    ['Trigger', 'Says which user confirmed or signed in and may have changed; never keeps a user waiting for long'],
  ])('%s: the first error and the first throttled call go off; what it refuses on purpose does not', (name, description) => {
    const template = name === 'Trigger' ? primary : replica;
    const Dimensions = [{ Name: 'FunctionName', Value: { Ref: functionOf(template, description) } }];
    const once = { Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanOrEqualToThreshold' };
    const errors = alarmOf(template, `${name}Errors`);
    const hasRefusals = ['PreSignUp', 'PreTokenGeneration'].includes(name);
    // A refusal may be counted in the minute after its error.
    expect(errors).toMatchObject({ ...once, EvaluationPeriods: hasRefusals ? 2 : 1 });
    const [expression, ...metrics] = errors.Metrics;
    expect(expression).toMatchObject({
      Expression: hasRefusals
        ? 'SUM([RUNNING_SUM(FILL(errors, 0)), RUNNING_SUM(0 - FILL(refusals, 0))])'
        : 'SUM([FILL(errors, 0), FILL(throttles, 0)])',
      ReturnData: true,
    });
    const period = hasRefusals ? 60 : 300;
    const refusals = ['refusals', name === 'PreSignUp' ? 'StandbySignUpsRefused' : 'StandbyTokensRefused', [{ Name: METRIC_DIMENSION, Value: TABLE }], period, 'Sum'];
    expect(metrics.map(({ Id, MetricStat: { Metric, Period, Stat } }: any) => [Id, Metric.MetricName, Metric.Dimensions, Period, Stat])).toEqual([
      ['errors', 'Errors', Dimensions, period, 'Sum'], hasRefusals ? refusals : ['throttles', 'Throttles', Dimensions, period, 'Sum'],
    ]);
    // For as long as for any other trigger, however late Lambda tells of it.
    if (hasRefusals) {
      expect(alarmOf(template, `${name}Throttles`)).toMatchObject({ ...once, Namespace: 'AWS/Lambda', MetricName: 'Throttles', Period: 300, Statistic: 'Sum', Dimensions });
    }
  });

  test('a trigger that answers although it failed goes off by its own count', () => {
    expect(alarmOf(replica, 'TriggerFailures')).toMatchObject({ Namespace: METRIC_NAMESPACE, MetricName: 'StandbyTriggerFailures', Threshold: 1, EvaluationPeriods: 1 });
  });

  test('a standby that is held at a moment goes off, and stays so until a restore lets it go, however little is heard meanwhile', () => {
    expect(alarmOf(replica, 'Held')).toMatchObject({
      Namespace: METRIC_NAMESPACE, MetricName: 'StandbyHeld', Period: 60, Statistic: 'Maximum', Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'ignore',
    });
    expect(Object.keys(synth({ props: { standby: Standby.none() } }).replica.findResources('AWS::CloudWatch::Alarm')).join()).not.toContain('Held');
  });

  test('the single miss of a quiet pool goes off, a hiccup of a busy one does not', () => {
    const { Metrics: [share, misses, calls], ...alarm } = alarmOf(primary, 'TriggerMisses');
    expect(alarm).toMatchObject({ Threshold: 10, EvaluationPeriods: 1, TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
    expect([share.Expression, misses.MetricStat.Metric.MetricName, calls.MetricStat.Metric.MetricName]).toEqual(['100 * misses / calls', 'TriggerMisses', 'Invocations']);
    for (const { MetricStat } of [misses, calls]) expect(MetricStat).toMatchObject({ Period: 3600, Stat: 'Sum' });
  });

  test('a trigger that is not attached has no alarm where the pool is imported, and one that counts nothing where the slots are taken', () => {
    const names = (template: Template) => Object.keys(template.findResources('AWS::CloudWatch::Alarm')).join();
    expect(names(synth({ props: { captureTriggers: false } }).primary)).not.toContain('Trigger');
  });

  test('an attribute that is in the pool and not in the standby goes off', () => {
    expect(alarmOf(primary, 'SchemaDrift')).toMatchObject({ MetricName: 'SchemaDrift', Threshold: 1, EvaluationPeriods: 2, DatapointsToAlarm: 1, Period: 3600 });
  });

  test('and says of each of the two pools how it gets the attribute: the source may have it in the app, and a standby pool of your own not', () => {
    const { AlarmDescription: said } = alarmOf(primary, 'SchemaDrift');
    expect(said).toContain('where the user pool in the app lacks them, add them to it, in the same order, and a mirror gets them as well');
    expect(said).toContain('a standby pool of your own gets them from you');
  });
});

test('alarms tell the topics of their own Region', () => {
  const { primary: here, replica: there, dr } = synth({
    props: (app, stack) => ({
      alarmTopics: [
        new Topic(stack, 'Here'),
        new Topic(new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } }), 'There', { topicName: 'there' }),
        Topic.fromTopicArn(stack, 'Imported', `arn:aws:sns:${REPLICA}:${ACCOUNT}:pager`),
      ],
    }),
  });
  expect(alarms(here).map(alarm => JSON.stringify(alarm.AlarmActions))).toEqual(Array(11).fill(expect.stringMatching(/^\[\{"Ref":"Here\w+"\}\]$/)));
  expect(alarms(there)[0].AlarmActions).toHaveLength(2);
  expect(alarms(there)[0].AlarmActions[1]).toBe(`arn:aws:sns:${REPLICA}:${ACCOUNT}:pager`);
  expect(dr.alarms).toHaveLength(23);
});

test('nobody is told by default, and a warning says where nobody would be', () => {
  expect([...alarms(primary), ...alarms(replica)].filter(alarm => alarm.AlarmActions)).toEqual([]);
  expect(warnings(make())).toEqual([]);
  expect(warnings(make({ props: (_app, stack) => ({ alarmTopics: [new Topic(stack, 'Here')] }) })))
    .toEqual([expect.stringContaining('alarmTopics has no topic in us-west-2')]);
});

test.each([
  ['metricSweepsCompleted', 'SweepCompleted', PRIMARY],
  ['metricUsersListed', 'UsersListed', PRIMARY],
  ['metricRowsWritten', 'RowsWritten', PRIMARY],
  ['metricUsersTombstoned', 'UsersTombstoned', PRIMARY],
  ['metricDeletionsHeld', 'DeletionsHeld', PRIMARY],
  ['metricUsersRestored', 'UsersRestored', REPLICA],
  ['metricUsersSkipped', 'UsersSkipped', REPLICA],
  ['metricUsersFailed', 'UsersFailed', REPLICA],
] as const)('%s is %s in %s', (method, metricName, region) => {
  const { dr } = make();
  const metric = dr[method]({ period: Duration.minutes(1) });
  expect(metric).toMatchObject({
    namespace: METRIC_NAMESPACE, metricName, region, period: Duration.minutes(1), statistic: 'Sum', dimensions: { [METRIC_DIMENSION]: TABLE },
  });
});

test('how far a restore is, is the largest of 5 minutes', () => {
  expect(make().dr.metricRestoreProgress()).toMatchObject({ metricName: 'RestoreProgress', region: REPLICA, statistic: 'Maximum', period: Duration.minutes(5) });
});

test('how long a sweep takes is a metric that Step Functions has anyway, without a charge', () => {
  const { dr } = make();
  expect(dr.metricSweepDuration({ period: Duration.minutes(1) })).toMatchObject({
    namespace: 'AWS/States',
    metricName: 'ExecutionTime',
    region: PRIMARY,
    period: Duration.minutes(1),
    statistic: 'Maximum',
    dimensions: { StateMachineArn: dr.sweepStateMachine.stateMachineArn },
  });
});
