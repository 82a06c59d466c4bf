import { Duration } from 'aws-cdk-lib';
import {
  Alarm, AlarmStatusWidget, AlarmStatusWidgetSortBy, Color, Column, Dashboard, GraphWidget, IMetric, IWidget, MathExpression, Metric, PeriodOverride,
  Shading, SingleValueWidget, TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { Counted, Row, Series, Widget } from './widgets';

export interface RegionDashboardProps {
  /** Concrete, and unique to the account: CloudWatch has the dashboards of all Regions in one list. */
  readonly dashboardName: string;
  /** By name: a widget without one shows the Region in which somebody looks. */
  readonly region: string;
  readonly rows: readonly Row[];
  readonly alarms: readonly Alarm[];
  /** Time that is shown at first. */
  readonly shows: Duration;
}

/** Shows a layout. */
export function regionDashboard(scope: Construct, id: string, { dashboardName, region, rows, alarms, shows }: RegionDashboardProps): Dashboard {
  const widget = (each: Widget): IWidget => {
    const { width, height } = each;
    if (each.kind === 'text') return new TextWidget({ markdown: each.markdown, width, height });
    const { title } = each;
    if (each.kind === 'alarms') {
      return new AlarmStatusWidget({ title, alarms: [...alarms], sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP, width, height });
    }
    const metrics = each.series.map(metricOf);
    const common = { title, region, width, height, start: each.days === undefined ? undefined : `-P${each.days}D` };
    if (each.kind === 'numbers') return new SingleValueWidget({ ...common, metrics, setPeriodToTimeRange: each.isSum });
    const leftAnnotations = each.limit && [{ ...each.limit, color: Color.RED, fill: Shading.ABOVE }];
    return new GraphWidget({ ...common, left: metrics, leftAnnotations, leftYAxis: { min: 0, showUnits: false } });
  };
  const cell = (each: Row[number]): IWidget => isColumn(each) ? new Column(...each.map(widget)) : widget(each);
  // The periods are the layout's: of longer ones the age of the copy would be as coarse.
  const periodOverride = PeriodOverride.INHERIT;
  return new Dashboard(scope, id, { dashboardName, defaultInterval: shows, periodOverride, widgets: rows.map(row => row.map(cell)) });
}

function isColumn(cell: Row[number]): cell is readonly Widget[] {
  return Array.isArray(cell);
}

function metricOf({ label, color, ...series }: Series): IMetric {
  if ('counted' in series) return new Metric({ ...metricProps(series.counted), label, color });
  const usingMetrics = Object.fromEntries(Object.entries(series.uses).map(([id, each]) => [id, new Metric(metricProps(each))]));
  const [{ periodMinutes }] = Object.values(series.uses);
  return new MathExpression({ expression: series.expression, usingMetrics, period: Duration.minutes(periodMinutes), label, color });
}

function metricProps({ namespace, name, dimensions, statistic, periodMinutes }: Counted) {
  return { namespace, metricName: name, dimensionsMap: { ...dimensions }, statistic, period: Duration.minutes(periodMinutes) };
}
