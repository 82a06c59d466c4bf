/**
 * Alarms as CloudWatch evaluates them, over data points of a simulation. Sources of the rules:
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html (states, M of N, evaluation range)
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html (sliding unless said otherwise)
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (missing data), with the tables of
 *   https://github.com/awsdocs/amazon-cloudwatch-user-guide/blob/05fd32f63861ca6646c8aa5c94334fd6e0dfdbf5/doc_source/AlarmThatSendsEmail.md
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (expressions)
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What of a template's alarm decides. */
export interface AlarmProperties {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Period?: number;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Metrics?: readonly MetricQuery[];
  readonly Threshold: number;
  readonly ComparisonOperator: keyof typeof BREACHES;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData?: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

export type MetricName = Pick<AlarmProperties, 'Namespace' | 'MetricName' | 'Dimensions'>;

interface Dimension { readonly Name: string; readonly Value: unknown }

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: MetricName; readonly Period: number; readonly Stat: string };
  readonly ReturnData?: boolean;
}

/** One value a period, oldest first; undefined where there is none. */
export type Series = readonly (number | undefined)[];

const BREACHES = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
};

const STATISTICS: Record<string, (values: readonly number[]) => number> = {
  Sum: values => values.reduce((sum, value) => sum + value, 0),
  SampleCount: values => values.length,
  Maximum: values => Math.max(...values),
  Minimum: values => Math.min(...values),
  Average: values => values.reduce((sum, value) => sum + value, 0) / values.length,
};

const MINUTE = 60;

interface Windows {
  readonly samples: readonly Sample[];
  /** What was computed, by the minute that a window ends at. */
  readonly windows: (number | null)[];
}

interface Sample { readonly minute: number; readonly values: number[] }

/** Samples by metric. Standard resolution: CloudWatch keeps them by the minute. Times are seconds. */
export class MetricData {
  private readonly metrics = new Map<string, Sample[]>();
  private isSorted = true;
  /** Windows slide by the minute over the same samples. */
  private known = new Map<object, Record<string, Windows>>();

  /** Each dimension's value is a template's, as in an alarm of it. */
  public put(namespace: string, metricName: string, dimensions: readonly Dimension[], at: number, value: number): void {
    const key = keyOf({ Namespace: namespace, MetricName: metricName, Dimensions: dimensions });
    const samples = this.metrics.get(key) ?? [];
    samples.push({ minute: Math.floor(at / MINUTE) * MINUTE, values: [value] });
    this.metrics.set(key, samples);
    this.isSorted = false;
  }

  /** A statistic over the minutes from `from` to before `to`; undefined where there is no sample. */
  public statistic(metric: MetricName, stat: string, from: number, to: number): number | undefined {
    return this.statistics(metric, stat, to - from, 1, to)[0];
  }

  /** A statistic of each of `count` periods, the last of which ends before `to`. */
  public statistics(metric: MetricName, stat: string, period: number, count: number, to: number): Series {
    const { samples, windows } = this.windowsOf(metric, `${stat} ${period}`);
    if (samples.length === 0) return new Array<undefined>(count).fill(undefined);
    const series: (number | undefined)[] = [];
    // A loop and not Array.from, whose calls were most of what a week cost.
    for (let end = to - (count - 1) * period; end <= to; end += period) {
      const minute = end / MINUTE;
      if (minute >= 0 && windows[minute] === undefined) windows[minute] = this.compute(samples, stat, end - period, end) ?? null;
      series.push(minute < 0 ? undefined : windows[minute] ?? undefined);
    }
    return series;
  }

  private windowsOf(metric: MetricName, kind: string): Windows {
    if (!this.isSorted) {
      for (const samples of this.metrics.values()) samples.sort((a, b) => a.minute - b.minute);
      this.known = new Map();
      this.isSorted = true;
    }
    if (!this.known.has(metric)) this.known.set(metric, {});
    return this.known.get(metric)![kind] ??= { samples: this.metrics.get(keyOf(metric)) ?? [], windows: [] };
  }

  private compute(samples: readonly Sample[], stat: string, from: number, to: number): number | undefined {
    let [low, high] = [0, samples.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (samples[middle].minute < from) low = middle + 1;
      else high = middle;
    }
    const values: number[] = [];
    for (let i = low; i < samples.length && samples[i].minute < to; i++) values.push(...samples[i].values);
    if (values.length === 0) return undefined;
    return STATISTICS[stat]?.(values) ?? percentile(stat, values);
  }

  /** Names of all metrics that were put. */
  public names(): string[] {
    return [...this.metrics.keys()];
  }
}

function keyOf({ Namespace, MetricName, Dimensions = [] }: MetricName): string {
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${JSON.stringify(Value)}`).sort();
  return `${Namespace} ${MetricName} ${dimensions.join(',')}`;
}

function percentile(stat: string, values: readonly number[]): number {
  const [, share] = /^p(\d+(?:\.\d+)?)$/.exec(stat) ?? [];
  if (share === undefined) throw new Error(`no statistic ${stat}`);
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * Number(share) / 100) - 1)];
}

/** What AWS does not say. What is tested has to be right for all of it. */
export interface Assumed {
  /** How many periods before those that an alarm needs are read, which decides where data is missing: AWS's example reads five for three. */
  readonly extraPeriods: number;
  readonly fills: Filled;
}

/**
 * Where FILL gives values: everywhere, not where none of the expression's metrics has one in what is read, or not for one that has none. In the last
 * case SUM of a list passes over what is missing; else it has no value where one of them has none.
 */
type Filled = 'all' | 'besideValues' | 'gaps';

export const ASSUMED: readonly Assumed[] = [0, 2, 4].flatMap(extraPeriods =>
  (['all', 'besideValues', 'gaps'] as const).map(fills => ({ extraPeriods, fills })));

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The state of an alarm after it was evaluated at `now`, seconds, on a full minute. */
export function evaluateAlarm(alarm: AlarmProperties, data: MetricData, now: number, before: AlarmState, assumed: Assumed): AlarmState {
  const { EvaluationPeriods: periods, DatapointsToAlarm: toAlarm = periods, TreatMissingData: missing = 'missing' } = alarm;
  const series = seriesOf(alarm, data, now, periods + assumed.extraPeriods, assumed.fills);
  const isBreaching = (value: number) => BREACHES[alarm.ComparisonOperator](value, alarm.Threshold);
  // The most recent real points, as many as count. A loop, as each alarm is evaluated for every minute of a week.
  let [real, breaching] = [0, 0];
  for (let i = series.length - 1; i >= 0 && real < periods; i--) {
    const value = series[i];
    if (value === undefined) continue;
    real++;
    if (isBreaching(value)) breaching++;
  }
  // Enough real points: how missing ones are treated does not count.
  if (real === periods) return breaching >= toAlarm ? 'ALARM' : 'OK';
  const missed = periods - real;
  if (missing === 'breaching') return breaching + missed >= toAlarm ? 'ALARM' : 'OK';
  if (missing === 'notBreaching' || breaching >= toAlarm || breaching < real) return breaching >= toAlarm ? 'ALARM' : 'OK';
  // Nothing but too few breaching points, or nothing at all.
  if (missing === 'ignore') return before;
  return series[0] === undefined ? 'INSUFFICIENT_DATA' : 'ALARM';
}

function seriesOf(alarm: AlarmProperties, data: MetricData, now: number, periods: number, fills: Filled): Series {
  const read = (metric: MetricName, stat: string, period: number) => data.statistics(metric, stat, period, periods, now);
  if (!alarm.Metrics) return read(alarm, alarm.Statistic ?? alarm.ExtendedStatistic!, alarm.Period!);
  const known = Object.fromEntries(alarm.Metrics.filter(({ MetricStat }) => MetricStat)
    .map(({ Id, MetricStat }) => [Id, read(MetricStat!.Metric, MetricStat!.Stat, MetricStat!.Period)]));
  const { Expression: text } = alarm.Metrics.find(({ Expression: written, ReturnData }) => written && ReturnData !== false)!;
  return new Expression(text!, known, { periods, fills }).value();
}

interface Periods {
  /** Where the first one begins. Seconds, as all times. */
  readonly from: number;
  readonly period: number;
}

/** What a graph shows of an expression. */
export function evaluateExpression(text: string, known: Readonly<Record<string, Series>>, { from, period }: Periods): Series {
  const periods = Math.max(...Object.values(known).map(({ length }) => length));
  return new Expression(text, known, { periods, fills: 'besideValues', from, period }).value();
}

interface Read extends Partial<Periods> {
  readonly periods: number;
  readonly fills: Filled;
}

type Value = number | Series;

/** Of each expression: the same few are computed for every minute of a week. */
const TOKENS: Record<string, readonly string[]> = {};

/**
 * The part of metric math that the stacks use: numbers, names, + - * / >, brackets, FILL, SUM of a list, RUNNING_SUM, IF, EPOCH and PERIOD.
 * An operation on two series has a value where both have one, and a division by zero has none. EPOCH has one in every period, whether its metric has
 * or not.
 */
class Expression {
  private readonly tokens: readonly string[];
  private place = 0;

  constructor(
    private readonly text: string, private readonly known: Readonly<Record<string, Series>>, private readonly read: Read,
  ) {
    this.tokens = TOKENS[text] ??= text.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/(),>[\]]/g) ?? [];
  }

  public value(): Series {
    const value = this.sum();
    if (this.place < this.tokens.length || typeof value === 'number') throw new Error(`the evaluator does not read ${this.text}`);
    return value;
  }

  private sum(): Value {
    let value = this.product();
    while (['+', '-'].includes(this.tokens[this.place])) {
      value = this.tokens[this.place++] === '+' ? this.each(value, this.product(), (a, b) => a + b) : this.each(value, this.product(), (a, b) => a - b);
    }
    return value;
  }

  private product(): Value {
    let value = this.one();
    while (['*', '/'].includes(this.tokens[this.place])) {
      value = this.tokens[this.place++] === '*' ? this.each(value, this.one(), (a, b) => a * b) : this.each(value, this.one(), (a, b) => a / b);
    }
    return value;
  }

  private one(): Value {
    const token = this.tokens[this.place++];
    if (token === '(') return this.closed(this.sum());
    if (token === 'IF') return this.choose();
    if (token === 'SUM') return this.sumOfList();
    if (token === 'EPOCH' || token === 'PERIOD') {
      const { periods, from = NaN, period = NaN } = this.read;
      this.take('(');
      this.sum();
      return this.closed(token === 'PERIOD' ? period : Array.from({ length: periods }, (_, i) => from + i * period));
    }
    if (token === 'FILL' || token === 'RUNNING_SUM') {
      this.take('(');
      const series = this.sum() as Series;
      return token === 'FILL' ? this.fill(series) : this.closed(runningSum(series));
    }
    if (/^\d/.test(token)) return Number(token);
    if (!(token in this.known)) throw new Error(`the evaluator does not know ${token} in ${this.text}`);
    return this.known[token];
  }

  private fill(series: Series): Value {
    this.take(',');
    if (this.tokens[this.place] === 'REPEAT') {
      this.place++;
      let last: number | undefined;
      return this.closed(series.map(value => last = value ?? last));
    }
    const filling = this.sum() as number;
    const { fills } = this.read;
    const isEmpty = (one: Series) => one.every(value => value === undefined);
    const isLeft = fills === 'gaps' ? isEmpty(series) : fills === 'besideValues' && Object.values(this.known).every(isEmpty);
    return this.closed(isLeft ? series : series.map(value => value ?? filling));
  }

  /** IF(series > number, series): as documented without a third argument, nothing where it is false or has no value. */
  private choose(): Value {
    this.take('(');
    const compared = this.sum();
    this.take('>');
    const isTrue = this.each(compared, this.sum(), (a, b) => a > b ? 1 : 0) as Series;
    this.take(',');
    const chosen = this.sum() as Series;
    return this.closed(isTrue.map((each, i) => each === 1 ? chosen[i] ?? 0 : undefined));
  }

  private sumOfList(): Value {
    this.take('(');
    const list: Value[] = [];
    do {
      this.place++;
      list.push(this.sum());
    } while (this.tokens[this.place] === ',');
    this.take(']');
    const both = (a: number | undefined, b: number | undefined) => {
      if (a === undefined || b === undefined) return this.read.fills === 'gaps' ? a ?? b : undefined;
      return a + b;
    };
    return this.closed((list as Series[]).reduce((all, series) => all.map((value, i) => both(value, series[i]))));
  }

  private closed(value: Value): Value {
    this.take(')');
    return value;
  }

  private take(token: string): void {
    if (this.tokens[this.place++] !== token) throw new Error(`the evaluator does not read ${this.text}`);
  }

  private each(one: Value, other: Value, combine: (a: number, b: number) => number): Value {
    if (typeof one === 'number' && typeof other === 'number') return combine(one, other);
    const at = (value: Value, i: number) => typeof value === 'number' ? value : value[i];
    return Array.from({ length: this.read.periods }, (_, i) => {
      const [a, b] = [at(one, i), at(other, i)];
      const value = a === undefined || b === undefined ? undefined : combine(a, b);
      return value === undefined || !Number.isFinite(value) ? undefined : value;
    });
  }
}

function runningSum(series: Series): Series {
  let sum = 0;
  return series.map(value => value === undefined ? undefined : sum += value);
}

export interface AlarmChange { readonly at: number; readonly alarm: string; readonly state: AlarmState }

interface Watched { readonly from: number; readonly to: number }

/** Changes of all alarms. */
export function watchAlarms(alarms: Readonly<Record<string, AlarmProperties>>, data: MetricData, watched: Watched & Assumed): AlarmChange[] {
  return inOrder(Object.entries(alarms).map(([name, alarm]) => watchAlarm(name, alarm, data, watched)));
}

/** Changes of all alarms, under each thing that AWS may do. */
export function watchUnderEach(alarms: Readonly<Record<string, AlarmProperties>>, data: MetricData, watched: Watched): AlarmChange[][] {
  const each = Object.entries(alarms).map(([name, alarm]) => {
    const known = new Map<string, AlarmChange[]>();
    return ASSUMED.map(assumed => {
      // What FILL does is no question where there is none.
      const key = hasFill(alarm) ? JSON.stringify(assumed) : String(assumed.extraPeriods);
      const changes = known.get(key) ?? watchAlarm(name, alarm, data, { ...watched, ...assumed });
      known.set(key, changes);
      return changes;
    });
  });
  return ASSUMED.map((_assumed, i) => inOrder(each.map(changes => changes[i])));
}

function inOrder(changes: readonly AlarmChange[][]): AlarmChange[] {
  return changes.flat().sort((a, b) => a.at - b.at);
}

function hasFill({ Metrics = [] }: AlarmProperties): boolean {
  return Metrics.some(({ Expression: text }) => text?.includes('FILL'));
}

/** Evaluated every minute, and once an hour where the alarm looks at more than a day. `OK` is where an alarm begins. */
function watchAlarm(name: string, alarm: AlarmProperties, data: MetricData, { from, to, ...assumed }: Watched & Assumed): AlarmChange[] {
  const changes: AlarmChange[] = [];
  const period = alarm.Period ?? alarm.Metrics!.find(({ MetricStat }) => MetricStat)!.MetricStat!.Period;
  const step = period * alarm.EvaluationPeriods > DAY ? HOUR : MINUTE;
  let state: AlarmState = 'OK';
  for (let at = from; at <= to; at += step) {
    const next = evaluateAlarm(alarm, data, at, state, assumed);
    if (next !== state) changes.push({ at, alarm: name, state: next });
    state = next;
  }
  return changes;
}
