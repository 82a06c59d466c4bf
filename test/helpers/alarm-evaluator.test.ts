import { AlarmProperties, AlarmState, Assumed, evaluateAlarm, evaluateExpression, MetricData, Series, watchAlarms } from './alarm-evaluator';

const METRIC = { Namespace: 'N', MetricName: 'M', Dimensions: [{ Name: 'D', Value: { Ref: 'X' } }] };
const ALARM: AlarmProperties = {
  ...METRIC, Period: 60, Statistic: 'Maximum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', EvaluationPeriods: 3,
};

/** `0` within the threshold, `X` above it, `-` missing; oldest first. */
function data(points: string): MetricData {
  const made = new MetricData();
  points.split(' ').forEach((point, i) => {
    if (point !== '-') made.put('N', 'M', METRIC.Dimensions, i * 60, point === 'X' ? 1 : 0);
  });
  return made;
}

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** Of `ignore`: the state before. */
const KEPT = 'INSUFFICIENT_DATA';

// The two tables of AWS's guide, all rows; five periods are read for three.
test.each<[number, string, AlarmState, AlarmState, AlarmState, AlarmState]>([
  [3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  [3, '0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  [3, '- - - - -', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
  [3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, '- - - - X', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
  [3, 'X - - - -', 'ALARM', KEPT, 'ALARM', 'OK'],
  [2, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - - X', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
])('%i of 3, %s: missing %s, ignore %s, breaching %s, notBreaching %s', (toAlarm, points, ...expected) => {
  const alarm = { ...ALARM, DatapointsToAlarm: toAlarm };
  const assumed: Assumed = { extraPeriods: 2, fills: 'all' };
  const states = TREATMENTS.map(TreatMissingData => evaluateAlarm({ ...alarm, TreatMissingData }, data(points), 300, KEPT, assumed));
  expect(states).toEqual(expected);
});

test.each([
  ['Sum', 10], ['SampleCount', 4], ['Maximum', 4], ['Minimum', 1], ['Average', 2.5], ['p50', 2], ['p99', 4],
])('%s of four samples of one minute is %d', (Statistic, expected) => {
  const four = new MetricData();
  for (const value of [3, 1, 4, 2]) four.put('N', 'M', METRIC.Dimensions, 70, value);
  expect(four.statistic(METRIC, Statistic, 60, 120)).toBe(expected);
  // A sample belongs to the minute of its time, and to no period that begins later or ends before.
  expect([four.statistic(METRIC, Statistic, 0, 60), four.statistic(METRIC, Statistic, 120, 180)]).toEqual([undefined, undefined]);
});

test('a window slides: what breaches goes off in the next minute, and is over when its minute has left the last period that is read', () => {
  const five = { ...ALARM, Period: 300, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' as const };
  const changes = watchAlarms({ five }, data('- - - - - - - - - - X'), { from: 300, to: 3000, extraPeriods: 0, fills: 'all' });
  expect(changes).toEqual([{ at: 660, alarm: 'five', state: 'ALARM' }, { at: 960, alarm: 'five', state: 'OK' }]);
});

test.each<[string, (number | undefined)[], (number | undefined)[], (number | undefined)[]]>([
  ['100 * a / b', [1, 0], [4, 0], [25, undefined]],
  ['a - FILL(b, 0)', [3, 2], [undefined, 2], [3, 0]],
  ['a - b', [3, 2], [undefined, 2], [undefined, 0]],
  ['RUNNING_SUM(FILL(a, 0) - FILL(b, 0))', [1, undefined], [undefined, 1], [1, 0]],
  ['SUM([FILL(a, 0), FILL(b, 0)])', [1, undefined], [undefined, 2], [1, 2]],
  ['SUM([RUNNING_SUM(FILL(a, 0)), RUNNING_SUM(0 - FILL(b, 0))])', [1, undefined], [undefined, 1], [1, 0]],
  ['SUM([a, b])', [1, 1], [undefined, 2], [undefined, 3]],
])('%s', (Expression, a, b, expected) => {
  const [data2, query] = [new MetricData(), (Id: string) => ({ Id, MetricStat: { Metric: { Namespace: 'N', MetricName: Id }, Period: 60, Stat: 'Sum' }, ReturnData: false })];
  for (const [name, values] of [['a', a], ['b', b]] as const) {
    values.forEach((value, i) => {
      if (value !== undefined) data2.put('N', name, [], i * 60, value);
    });
  }
  for (const threshold of expected.filter((value): value is number => value !== undefined)) {
    const at = 60 * (expected.indexOf(threshold) + 1);
    const alarm = { ...ALARM, MetricName: undefined, Metrics: [{ Id: 'e', Expression, ReturnData: true }, query('a'), query('b')], EvaluationPeriods: 1 };
    const exact = (Threshold: number) => evaluateAlarm({ ...alarm, Threshold }, data2, at, 'OK', { extraPeriods: at / 60 - 1, fills: 'all' });
    expect([exact(threshold), exact(threshold + 0.5)]).toEqual(['ALARM', 'OK']);
  }
});

/** As AWS's page on metric math says of each function; the first two rows of IF are its own example, without the third argument. */
test.each<[string, Series, Series, Series]>([
  ['IF(a > 0, b)', [1, 1, 0, 0, undefined], [30, undefined, 0, 0, 30], [30, 0, undefined, undefined, undefined]],
  ['FILL(a, REPEAT)', [undefined, 7, undefined, undefined, 2], [], [undefined, 7, 7, 7, 2]],
  ['EPOCH(a)', [undefined, 1, undefined], [], [600, 900, 1_200]],
  ['a / PERIOD(a)', [600, undefined, 300], [], [2, undefined, 1]],
  ['(EPOCH(a) - FILL(IF(a > 0, EPOCH(a)), REPEAT)) / 60', [undefined, 1, 0, undefined, 2], [], [undefined, 0, 5, 10, 0]],
])('a graph of %s', (expression, a, b, expected) => {
  expect(evaluateExpression(expression, { a, b }, { from: 600, period: 300 })).toEqual(expected);
});

test.each<[Assumed['fills'], AlarmState, AlarmState]>([
  // A metric that nobody ever published is filled, or passed over: a sum of a list is right under both, an addition is not.
  ['all', 'ALARM', 'ALARM'],
  ['besideValues', 'ALARM', 'ALARM'],
  ['gaps', 'ALARM', 'OK'],
])('where FILL fills %s, the sum of a list with a metric that was never published is %s, and an addition %s', (fills, ofList, addition) => {
  const query = (Id: string) => ({ Id, MetricStat: { Metric: { ...METRIC, MetricName: Id }, Period: 60, Stat: 'Sum' }, ReturnData: false });
  const stateOf = (Expression: string) => evaluateAlarm({
    ...ALARM, MetricName: undefined, Metrics: [{ Id: 'e', Expression, ReturnData: true }, query('M'), query('never')], EvaluationPeriods: 1, TreatMissingData: 'notBreaching',
  }, data('X'), 60, 'OK', { extraPeriods: 0, fills });
  expect([stateOf('SUM([FILL(M, 0), FILL(never, 0)])'), stateOf('FILL(M, 0) + FILL(never, 0)')]).toEqual([ofList, addition]);
});
