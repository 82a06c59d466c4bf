import { Dashboard, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { libraryMetric } from './cdk/alarms';
import { RegionDashboards } from './dashboards';
import { CAPTURE_METRIC, DRILL_METRIC, SWEEP_METRIC, RESTORE_METRIC } from './runtime/metric-names';

/** Where the metrics of one construct are. */
export interface MetricSource {
  /** The literal name: a token of the replica stack would make every stack that uses it in a metric refer to that one. */
  readonly ledgerTableName: string;
  readonly primary: string;
  readonly replica: string;
  /** It is made later than this. */
  readonly sweep: () => IStateMachine;
}

/**
 * The metrics of `CognitoDrReplica`, and the dashboards that show them: a hidden base class, whose members jsii shows as that class's own.
 * @internal
 */
export abstract class ReplicaMetrics extends Construct {
  /** @internal */
  protected abstract readonly _metricSource: MetricSource;
  /** @internal */
  protected _dashboards: RegionDashboards = {};

  /**
   * Shows, in the source pool's Region, whether the copy is good, what is stuck, incidents, and recoveries. Undefined with `dashboard: false`.
   *
   * @example
   * dr.dashboard!.addWidgets(new TextWidget({ markdown: 'On call: the identity team', width: 24 }));
   */
  public get dashboard(): Dashboard | undefined {
    return this._dashboards.source;
  }

  /**
   * Shows, in the replica Region, whether the copy is good, what is stuck, restores, who gets into the standby pool, and drills. Undefined with
   * `dashboard: false`.
   *
   * @example
   * dr.replicaDashboard!.addWidgets(new TextWidget({ markdown: 'On call: the identity team', width: 24 }));
   */
  public get replicaDashboard(): Dashboard | undefined {
    return this._dashboards.replica;
  }

  /**
   * Milliseconds from an event to the copy, in the source pool's Region. The 99th percentile over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   *
   * @example
   * new Alarm(this, 'CopyIsLate', {
   *   metric: dr.metricCaptureLag(),
   *   threshold: Duration.minutes(5).toMilliseconds(),
   *   evaluationPeriods: 3,
   * });
   */
  public metricCaptureLag(options?: MetricOptions): Metric {
    return this.metric('primary', CAPTURE_METRIC.CAPTURE_LAG, { statistic: 'p99', ...options });
  }

  /**
   * Confirmations and sign-ins of which the trigger could not tell or say whether anything changed. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricTriggerMisses(options?: MetricOptions): Metric {
    return this.metric('primary', CAPTURE_METRIC.TRIGGER_MISSES, options);
  }

  /**
   * Sweeps that wrote changes although CloudTrail delivered no event since the one before. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricEventsMissing(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.EVENTS_MISSING, options);
  }

  /**
   * Sweeps that ended complete, in the source pool's Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricSweepsCompleted(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.SWEEP_COMPLETED, options);
  }

  /**
   * Milliseconds that a sweep took, in the source pool's Region: Step Functions' own metric, free of charge. The longest of 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   *
   * @example
   * dr.metricSweepDuration({ period: Duration.days(1) });
   */
  public metricSweepDuration(options?: MetricOptions): Metric {
    const { sweep, primary } = this._metricSource;
    return sweep().metricTime({ statistic: Stats.MAXIMUM, region: primary, ...options });
  }

  /**
   * Users that a sweep listed, in the source pool's Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   *
   * @example
   * new Dashboard(this, 'Copy').addWidgets(new GraphWidget({ left: [dr.metricUsersListed({ period: Duration.hours(1) })] }));
   */
  public metricUsersListed(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.USERS_LISTED, options);
  }

  /**
   * Rows that a sweep found changed and wrote, in the source pool's Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricRowsWritten(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.ROWS_WRITTEN, options);
  }

  /**
   * Users that a sweep found to be gone, and marked, in the source pool's Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricUsersTombstoned(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.USERS_TOMBSTONED, options);
  }

  /**
   * Users that were gone, but too many at once to be marked, in the source pool's Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricDeletionsHeld(options?: MetricOptions): Metric {
    return this.metric('primary', SWEEP_METRIC.DELETIONS_HELD, options);
  }

  /**
   * Percent of the users to expect that a running restore has seen to, in the replica Region: told at the end of each slice, which takes some
   * minutes. The largest of 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricRestoreProgress(options?: MetricOptions): Metric {
    return this.metric('replica', RESTORE_METRIC.PROGRESS, { statistic: Stats.MAXIMUM, ...options });
  }

  /**
   * Users that a restore created or found to be right, in the replica Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricUsersRestored(options?: MetricOptions): Metric {
    return this.metric('replica', RESTORE_METRIC.USERS_RESTORED, options);
  }

  /**
   * Users that a restore left out by Cognito's rules, in the replica Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricUsersSkipped(options?: MetricOptions): Metric {
    return this.metric('replica', RESTORE_METRIC.USERS_SKIPPED, options);
  }

  /**
   * Users that the target of a restore refused, in the replica Region. The sum over 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   *
   * @example
   * new Alarm(dr.replicaStack, 'UsersFailed', { metric: dr.metricUsersFailed(), threshold: 1, evaluationPeriods: 1 });
   */
  public metricUsersFailed(options?: MetricOptions): Metric {
    return this.metric('replica', RESTORE_METRIC.USERS_FAILED, options);
  }

  /**
   * 1 for each drill that passed, and 0 for each that failed, in the replica Region. One that made way for a restore counts as neither. The sum over
   * 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   *
   * @example
   * new Dashboard(this, 'Drills').addWidgets(new GraphWidget({ left: [dr.metricDrillSucceeded({ period: Duration.days(1) })] }));
   */
  public metricDrillSucceeded(options?: MetricOptions): Metric {
    return this.metric('replica', DRILL_METRIC.SUCCEEDED, options);
  }

  /**
   * Seconds that bringing everybody back would have taken, as the last drill shows, in the replica Region. It is extrapolated where the drill was
   * about a sample. The longest of 5 minutes by default.
   * @param options other statistic, period, label or dimensions
   */
  public metricDrillRto(options?: MetricOptions): Metric {
    return this.metric('replica', DRILL_METRIC.RTO, { statistic: Stats.MAXIMUM, ...options });
  }

  /**
   * Seconds that the copy was old at the moment of a drill, in the replica Region: since the sweep before it began. The longest of 5 minutes by
   * default.
   * @param options other statistic, period, label or dimensions
   */
  public metricDrillRpo(options?: MetricOptions): Metric {
    return this.metric('replica', DRILL_METRIC.RPO, { statistic: Stats.MAXIMUM, ...options });
  }

  private metric(region: 'primary' | 'replica', name: string, options?: MetricOptions): Metric {
    return libraryMetric(this._metricSource[region], this._metricSource.ledgerTableName, name, options);
  }
}
