import { GetMetricDataCommand, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { Assumption, Observation } from './assumption';
import { METRIC_NAMESPACE } from '../../../src/runtime/metric-names';
import { Port, until } from '../port';

const HOUR = 3_600_000;
const PERIOD = 60;
const KNOWN = 'known';
const FILLED = 'filled';

const statistic = (Id: string, Namespace: string, MetricName: string, Dimensions: { Name: string; Value: string }[]): MetricDataQuery => ({
  Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: PERIOD, Stat: 'Sum' }, ReturnData: Id === KNOWN,
});

/** Whether a metric that has a value, and one that nobody ever published, have a sum as the alarms make it. */
export function fillObservation(results: readonly MetricDataResult[]): Observation | undefined {
  const valuesOf = (id: string) => results.find(({ Id }) => Id === id)?.Values ?? [];
  if (valuesOf(KNOWN).length === 0) return undefined;
  const count = valuesOf(FILLED).length;
  return { observed: `${count} values of the sum beside ${valuesOf(KNOWN).length} of the metric that is known`, holds: count >= valuesOf(KNOWN).length };
}

/** What the alarms on workflows and triggers rely on: what does not happen is a metric that was maybe never published. */
export const ALARMS: readonly Assumption[] = [{
  id: 'alarms.fill',
  what: 'SUM of a list of filled metrics, one of which nobody ever published',
  assumed: 'has a value where the other has one, so that a failure sets off its alarm where nothing ever timed out, was throttled or refused',
  source: 'docs/evidence.md, Assumed: fill-unpublished',
  check: async (port: Port) => {
    const MetricDataQueries = [
      statistic(KNOWN, 'AWS/States', 'ExecutionsStarted', [{ Name: 'StateMachineArn', Value: port.deployed.sweep }]),
      statistic('never', METRIC_NAMESPACE, 'NeverPublished', []),
      { Id: FILLED, Expression: `SUM([RUNNING_SUM(FILL(${KNOWN}, 0)), RUNNING_SUM(0 - FILL(never, 0))])` },
    ];
    const look = async () => {
      const [StartTime, EndTime] = [new Date(Date.now() - HOUR), new Date()];
      const { MetricDataResults = [] } = await port.source.cloudWatch.send(new GetMetricDataCommand({ MetricDataQueries, StartTime, EndTime }));
      return fillObservation(MetricDataResults);
    };
    return await until(port, port.patience.schedule, look) ?? { notObserved: 'Step Functions published nothing of the sweep' };
  },
}];
