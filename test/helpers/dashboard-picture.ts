/**
 * Dashboards as people see them: a body of a template, drawn over data points as the console draws it, in HTML. Sources of the rules:
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html (grid, widgets, time range)
 * - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (expressions)
 */
import { Template } from 'aws-cdk-lib/assertions';
import { AlarmState, evaluateExpression, MetricData, MetricName, Series } from './alarm-evaluator';
import { text } from './templates';

interface MetricOptions {
  readonly id?: string;
  readonly label?: string;
  readonly color?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly visible?: boolean;
  readonly expression?: string;
}

export interface ShownWidget {
  readonly type: 'text' | 'metric' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly region?: string;
    readonly view?: 'timeSeries' | 'singleValue';
    readonly setPeriodToTimeRange?: boolean;
    readonly start?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly unknown[];
    readonly annotations?: { readonly horizontal: readonly { readonly value: number; readonly label: string; readonly color: string }[] };
  };
}

export interface DashboardBody {
  readonly start: string;
  readonly periodOverride: string;
  readonly widgets: readonly ShownWidget[];
}

/** The body of the one dashboard of a template: what only CloudFormation knows alone is a value of the template, within a text it is `${...}`. */
export function bodyOf(template: Template): DashboardBody {
  const dashboards = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  if (dashboards.length !== 1) throw new Error(`want one dashboard, got ${dashboards.length}`);
  return readBody(dashboards[0].Properties.DashboardBody);
}

export function readBody(body: string | { readonly 'Fn::Join': [string, unknown[]] }): DashboardBody {
  if (typeof body === 'string') return JSON.parse(body);
  const parts = body['Fn::Join'][1];
  const joined = parts.map((part, n) => typeof part === 'string' ? part : `<<${n}>>`).join('');
  return JSON.parse(joined, (_key, value: unknown) => {
    if (typeof value !== 'string') return value;
    const [, alone] = /^<<(\d+)>>$/.exec(value) ?? [];
    return alone === undefined ? value.replace(/<<(\d+)>>/g, (_all, n: string) => text(parts[Number(n)])) : parts[Number(alone)];
  });
}

/** A metric of a widget, or an expression; `visible: false` where it is there for an expression. */
export interface ShownSeries extends MetricOptions {
  readonly metric?: MetricName;
}

export function seriesOf({ properties: { metrics = [] } }: ShownWidget): ShownSeries[] {
  return metrics.map(metric => {
    const options = metric.find((part): part is MetricOptions => typeof part === 'object' && part !== null && !isIntrinsic(part)) ?? {};
    const [namespace, name, ...rest] = metric.filter(part => part !== options);
    if (namespace === undefined) return options;
    const dimensions = rest.flatMap((part, n) => n % 2 === 0 ? [{ Name: part as string, Value: rest[n + 1] }] : []);
    return { ...options, metric: { Namespace: namespace as string, MetricName: name as string, Dimensions: dimensions } };
  });
}

function isIntrinsic(value: object): boolean {
  return Object.keys(value).some(key => key === 'Ref' || key.startsWith('Fn::'));
}

export interface Drawn {
  readonly body: DashboardBody;
  readonly data: MetricData;
  /** By the logical id of an alarm. */
  readonly states: Readonly<Record<string, AlarmState>>;
  /** Seconds, as the data has them. */
  readonly now: number;
}

/** A line of a widget, with its values; `from` is where the first of them begins. */
export interface DrawnSeries {
  readonly label: string;
  readonly color: string;
  readonly from: number;
  readonly period: number;
  readonly values: Series;
}

const DEFAULT_PERIOD = 300;
const DAY = 86_400;

/** What a widget shows: of numbers the last one of each. */
export function drawnSeries(widget: ShownWidget, { body, data, now }: Drawn): DrawnSeries[] {
  const all = seriesOf(widget);
  const range = Number(/^-P(\d+)D$/.exec(widget.properties.start ?? body.start)![1]) * DAY;
  const read = ({ metric, stat = 'Average', period = DEFAULT_PERIOD }: ShownSeries, length = period) => {
    const end = Math.ceil(now / length) * length;
    const periods = Math.ceil(range / length);
    const from = end - periods * length;
    const values = Array.from({ length: periods }, (_, n) => data.statistic(metric!, stat, from + n * length, from + (n + 1) * length));
    return { from, period: length, values };
  };
  return all.filter(({ visible }) => visible !== false).map(series => {
    const common = { label: series.label ?? '', color: series.color ?? '#1f77b4' };
    if (series.expression === undefined) {
      // One period is the whole range.
      if (widget.properties.setPeriodToTimeRange) {
        return { ...common, from: now - range, period: range, values: [data.statistic(series.metric!, series.stat ?? 'Average', now - range, now)] };
      }
      return { ...common, ...read(series) };
    }
    const used = all.filter(({ id, metric }) => id !== undefined && metric && new RegExp(`\\b${id}\\b`).test(series.expression!));
    const known = used.map(each => [each.id!, read(each, series.period ?? DEFAULT_PERIOD)] as const);
    const [[, { from, period }]] = known;
    const values = evaluateExpression(series.expression, Object.fromEntries(known.map(([id, { values: each }]) => [id, each])), { from, period });
    return { ...common, from, period, values };
  });
}

/** The newest value, as a number widget shows it. */
export function newest({ values }: DrawnSeries): number | undefined {
  return values.filter(value => value !== undefined).at(-1);
}

/** About a window of 1,700 pixels. */
const COLUMN = 70;
const UNIT = 50;
const GAP = 8;

const escaped = (value: string) => value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A page. */
export function dashboardPicture(drawn: Drawn): string {
  const { widgets } = drawn.body;
  const height = Math.max(...widgets.map(({ y, height: h }) => y + h)) * UNIT;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard</title><style>${STYLE}</style>
<body style="width:${24 * COLUMN}px;height:${height}px">
${widgets.map(widget => card(widget, drawn)).join('\n')}
</body></html>
`;
}

const STYLE = `
body { position: relative; margin: 8px; background: #f2f3f3; font: 14px/20px "Open Sans", Arial, sans-serif; color: #16191f }
.card { position: absolute; box-sizing: border-box; background: #fff; border: 1px solid #d5dbdb; border-radius: 4px; padding: 6px 12px; overflow: hidden }
.title { font-weight: bold; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
h1 { font-size: 22px; line-height: 28px; margin: 2px 0 } h2 { font-size: 18px; line-height: 24px; margin: 2px 0 } p { margin: 6px 0 }
a { color: #0073bb } .button { display: inline-block; border: 1px solid #545b64; border-radius: 2px; padding: 3px 14px; margin: 0 6px 0 0; font-weight: bold; color: #545b64; text-decoration: none }
.primary { background: #ec7211; border-color: #ec7211; color: #fff }
code { background: #f2f3f3; border: 1px solid #eaeded; font-size: 13px; padding: 0 3px }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px 8px; margin-top: 4px }
.tile { border-left: 6px solid; padding: 5px 8px; height: 30px; background: #fafafa; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.OK { border-color: #1d8102 } .ALARM { border-color: #d13212; background: #fdf3f1; font-weight: bold; color: #d13212 } .INSUFFICIENT_DATA { border-color: #879596 }
.numbers { display: flex; gap: 32px; margin-top: 8px } .number { font-size: 32px; line-height: 40px } .label { color: #545b64; font-size: 13px; line-height: 16px }
.none { color: #879596; text-align: center; padding-top: 60px }
.legend { position: absolute; bottom: 4px; left: 12px; right: 12px; font-size: 12px; line-height: 16px } .legend span { margin-right: 12px; white-space: nowrap; display: inline-block }
`;

function card(widget: ShownWidget, drawn: Drawn): string {
  const { x, y, width, height, type, properties: { title = '', markdown = '', view } } = widget;
  const place = `left:${x * COLUMN}px;top:${y * UNIT}px;width:${width * COLUMN - GAP}px;height:${height * UNIT - GAP}px`;
  const inside = type === 'text' ? marked(markdown)
    : `<div class="title">${escaped(title)}</div>${type === 'alarm' ? tiles(widget, drawn) : view === 'singleValue' ? numbers(widget, drawn) : graph(widget, drawn)}`;
  return `<div class="card" style="${place}">${inside}</div>`;
}

/** What the layouts use of Markdown, and CloudWatch's buttons. */
function marked(markdown: string): string {
  const inline = (line: string) => escaped(line)
    .replace(/\[button:(primary:)?([^\]]+)\]\(([^)]+)\)/g, (_all, primary, label, url) => `<a class="button ${primary ? 'primary' : ''}" href="${url}">${label}</a>`)
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>')
    .replace(/`([^`]+)`/g, '<code>$1</code>').replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>').replace(/\*([^*]+)\*/g, '<i>$1</i>');
  return markdown.split(/\n\n+/).map(paragraph => {
    const [, signs, heading] = /^(##?) (.*)$/.exec(paragraph) ?? [];
    return heading === undefined ? `<p>${inline(paragraph)}</p>` : `<h${signs.length}>${inline(heading)}</h${signs.length}>`;
  }).join('');
}

const ORDER: readonly AlarmState[] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

/** CloudFormation names an alarm after its logical id. */
function tiles({ properties: { alarms = [] } }: ShownWidget, { states }: Drawn): string {
  const ids = alarms.map(alarm => (alarm as { readonly 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]);
  const sorted = ORDER.flatMap(state => ids.filter(id => (states[id] ?? 'OK') === state).map(id => `<div class="tile ${state}">AuthStack-${id}-1ABC2DEF3</div>`));
  return `<div class="tiles">${sorted.join('')}</div>`;
}

function numbers(widget: ShownWidget, drawn: Drawn): string {
  const each = drawnSeries(widget, drawn).map(series => {
    const value = newest(series);
    return `<div><div class="number" style="color:${series.color}">${value === undefined ? '--' : shortly(value)}</div><div class="label">${escaped(series.label)}</div></div>`;
  });
  return `<div class="numbers">${each.join('')}</div>`;
}

function shortly(value: number): string {
  return value >= 1_000 ? `${Number((value / 1_000).toFixed(1))}k` : String(Number(value.toFixed(2)));
}

function graph(widget: ShownWidget, drawn: Drawn): string {
  const series = drawnSeries(widget, drawn);
  const legend = `<div class="legend">${series.map(({ label, color }) => `<span><b style="color:${color}">■</b> ${escaped(label)}</span>`).join('')}</div>`;
  const values = series.flatMap(each => each.values.filter(value => value !== undefined));
  if (values.length === 0) return `<div class="none">No data available.<br>Try adjusting the dashboard time range.</div>${legend}`;
  const limits = widget.properties.annotations?.horizontal ?? [];
  const width = widget.width * COLUMN - GAP - 24;
  // About seven pixels a letter.
  let [lines, used] = [1, 0];
  for (const { label } of series) {
    const needs = label.length * 7 + 28;
    if (used > 0 && used + needs > width) [lines, used] = [lines + 1, 0];
    used += needs;
  }
  const height = widget.height * UNIT - GAP - 34 - lines * 16;
  const most = Math.max(1, ...values, ...limits.map(({ value }) => value)) * 1.1;
  const [begin] = series.map(({ from }) => from);
  const [left, bottom] = [44, height - 18];
  const xOf = (at: number) => left + (at - begin) / (drawn.now - begin) * (width - left - 6);
  const yOf = (value: number) => bottom - value / most * (bottom - 6);
  const grid = [0, most / 2.2, most / 1.1].map(value => `<line x1="${left}" x2="${width}" y1="${yOf(value)}" y2="${yOf(value)}" stroke="#eaeded"/>`
    + `<text x="${left - 6}" y="${yOf(value) + 4}" text-anchor="end">${shortly(value)}</text>`);
  const hours = [0, 0.25, 0.5, 0.75].map(share => begin + share * (drawn.now - begin))
    .map(at => `<text x="${xOf(at)}" y="${height - 2}">${new Date(at * 1_000).toISOString().slice(5, 16).replace('T', ' ')}</text>`);
  const bounds = limits.map(({ value, label, color }) => `<rect x="${left}" width="${width - left}" y="0" height="${yOf(value)}" fill="${color}" opacity="0.12"/>`
    + `<line x1="${left}" x2="${width}" y1="${yOf(value)}" y2="${yOf(value)}" stroke="${color}"/><text x="${left + 6}" y="${yOf(value) + 14}" fill="${color}">${escaped(label)}</text>`);
  const drawnLines = series.map(({ from, period, values: each, color }) => {
    const runs: string[][] = [[]];
    each.forEach((value, n) => value === undefined ? runs.push([]) : runs.at(-1)!.push(`${xOf(from + n * period).toFixed(1)},${yOf(value).toFixed(1)}`));
    return runs.filter(run => run.length > 0).map(run => run.length === 1
      ? `<circle cx="${run[0].split(',')[0]}" cy="${run[0].split(',')[1]}" r="3" fill="${color}"/>`
      : `<polyline points="${run.join(' ')}" fill="none" stroke="${color}" stroke-width="1.6"/>`).join('');
  });
  return `<svg width="${width}" height="${height}" font-size="11" fill="#545b64">${[...grid, ...hours, ...bounds, ...drawnLines].join('')}</svg>${legend}`;
}
