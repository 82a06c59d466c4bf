import { Counted, Panel, Series } from './widgets';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from '../runtime/metric-names';

/** As the CDK's `Color` has them: what is fine, what happens, what waits, what is wrong. */
export const COLOR = { GREEN: '#2ca02c', BLUE: '#1f77b4', ORANGE: '#ff7f0e', RED: '#d62728', PURPLE: '#9467bd' } as const;

/** Sums of what is rare are read by the hour, all else as often as CloudWatch's alarms look. */
const HOUR = 60;
const OFTEN = 5;

/** Minutes that wait for nothing, by the alarms on what is late. */
export const LATE_MINUTES = 15;

export function ofService(namespace: string, name: string, dimensions: Counted['dimensions'], statistic: string, periodMinutes: number): Counted {
  return { namespace, name, dimensions, statistic, periodMinutes };
}

/** What handlers emit of one deployment, by the hour unless said otherwise. */
export function ofLedger(ledgerTableName: string, name: string, statistic = 'Sum', periodMinutes = HOUR): Counted {
  return ofService(METRIC_NAMESPACE, name, { [METRIC_DIMENSION]: ledgerTableName }, statistic, periodMinutes);
}

export function ofFunction(functionName: string, name: string, statistic = 'Sum', periodMinutes = OFTEN): Counted {
  return ofService('AWS/Lambda', name, { FunctionName: functionName }, statistic, periodMinutes);
}

export function ofQueue(queueName: string, name: string): Counted {
  return ofService('AWS/SQS', name, { QueueName: queueName }, 'Maximum', OFTEN);
}

export function line(label: string, color: string, each: Counted): Series {
  return { label, color, counted: each };
}

type Count = 'Started' | 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted';

export function ofExecutions(stateMachineArn: string, name: Count, periodMinutes = OFTEN): Counted {
  return ofService('AWS/States', `Executions${name}`, { StateMachineArn: stateMachineArn }, 'Sum', periodMinutes);
}

/** Of a state machine: what was started, and how it ended. */
export function executions(title: string, stateMachineArn: string, periodMinutes = OFTEN): Panel {
  const of = (name: Count) => ofExecutions(stateMachineArn, name, periodMinutes);
  return {
    kind: 'graph',
    title,
    series: [
      line('started', COLOR.BLUE, of('Started')), line('succeeded', COLOR.GREEN, of('Succeeded')), line('failed', COLOR.RED, of('Failed')),
      line('timed out', COLOR.ORANGE, of('TimedOut')), line('stopped by somebody', COLOR.PURPLE, of('Aborted')),
    ],
  };
}

/** A machine that works on users writes about each to its table. */
export function writes(title: string, tableName: string): Panel {
  const units = ofService('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', { TableName: tableName }, 'Sum', OFTEN);
  return {
    kind: 'graph',
    title,
    series: [{ label: 'write units a second', color: COLOR.BLUE, expression: 'units / PERIOD(units)', uses: { units } }],
  };
}

/** Queues where anything at all waits for an operator. */
export function deadLetters(title: string, queues: Readonly<Record<string, string>>): Panel {
  const colors = [COLOR.RED, COLOR.ORANGE, COLOR.PURPLE];
  return {
    kind: 'graph',
    title,
    series: Object.entries(queues).map(([label, queueName], n) => line(label, colors[n], ofQueue(queueName, 'ApproximateNumberOfMessagesVisible'))),
  };
}
