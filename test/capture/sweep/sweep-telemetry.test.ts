import { Metrics } from '@aws-lambda-powertools/metrics';
import { SWEEP_STATUS } from '../../../src/capture/constants';
import { SweepAnswer, sweepSlice } from '../../../src/capture/sweep/sweep';
import { SweepCheckpoint } from '../../../src/capture/sweep/sweep-context';
import { emitSweep } from '../../../src/capture/sweep/sweep-telemetry.lambda-shared';
import { SWEEP_METRIC } from '../../../src/runtime/metric-names';
import { FakeSourcePool } from '../../helpers/fake-source-pool';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';
import { NOTHING_NEW } from '../../helpers/sweep-reports';

/** What an answer emits, by the name of the metric. */
function emittedBy(answer: SweepAnswer): Record<string, number> {
  const values: Record<string, number> = {};
  const metrics = { addMetric: (name: string, _unit: string, value: number) => { values[name] = value; }, publishStoredMetrics: () => undefined };
  emitSweep(metrics as unknown as Metrics, answer);
  return values;
}

describe('the alarm Overdue, which counts samples of SweepCompleted,', () => {
  test('hears of a sweep that completed, and of each slice that came further', async () => {
    const source = new FakeSourcePool();
    for (let i = 0; i < 50; i += 1) source.add(`${(i * 5).toString(16).padStart(2, '0')}aaaaaa-${i}`);
    const store = new InMemoryLedger();
    let now = 0;
    const clock = { now: () => (now += 1), sleep: async () => undefined };
    let checkpoint: SweepCheckpoint | undefined;
    const samples: (number | undefined)[] = [];
    for (;;) {
      const answer = await sweepSlice({
        poolId: 'us-east-1_AbCdEfGhI',
        source,
        store,
        pacer: { run: async (_category, call) => call() },
        clock,
        historyDays: 1,
        standbyAttributes: null,
        sliceLength: 1,
      }, { run: 'run', checkpoint });
      samples.push(emittedBy(answer)[SWEEP_METRIC.SWEEP_COMPLETED]);
      if (answer.status !== SWEEP_STATUS.CONTINUE) break;
      ({ checkpoint } = answer);
    }
    expect(samples.length).toBeGreaterThan(3);
    expect(samples).toEqual([...samples.slice(1).map(() => 0), 1]);
  });

  test('hears nothing of an execution that failed or that left the pool to another one', () => {
    for (const status of [SWEEP_STATUS.DELETIONS_HELD, SWEEP_STATUS.INCOMPLETE] as const) {
      expect(emittedBy({ status, message: '', report: NOTHING_NEW })).not.toHaveProperty(SWEEP_METRIC.SWEEP_COMPLETED);
      expect(emittedBy({ status, message: '', report: NOTHING_NEW })).toMatchObject({ [SWEEP_METRIC.USERS_LISTED]: 0 });
    }
    expect(emittedBy({ status: SWEEP_STATUS.SKIPPED })).toEqual({});
  });

  test('so that the sum of SweepCompleted is the number of sweeps that completed', () => {
    expect(emittedBy({ status: SWEEP_STATUS.COMPLETE, report: NOTHING_NEW })).toEqual({
      [SWEEP_METRIC.SWEEP_COMPLETED]: 1, [SWEEP_METRIC.USERS_LISTED]: 0,
    });
  });
});
