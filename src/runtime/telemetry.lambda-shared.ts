import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from './metric-names';

/** For ids, counts, and names of errors and groups: nothing that Cognito says about a user may enter the logs. */
export function logger(serviceName: string): Logger {
  return new Logger({ serviceName });
}

/** Metrics of one CognitoDrReplica, told apart by its ledger table. */
export function metrics(ledgerTableName: string): Metrics {
  const emitted = new Metrics({ namespace: METRIC_NAMESPACE, singleMetric: false });
  // Powertools adds a dimension `service`; the alarms look for exactly one dimension.
  emitted.clearDefaultDimensions();
  return emitted.setDefaultDimensions({ [METRIC_DIMENSION]: ledgerTableName });
}
