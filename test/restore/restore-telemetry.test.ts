import { Metrics } from '@aws-lambda-powertools/metrics';
import { RESTORE_STATUS } from '../../src/restore/constants';
import { RestoreRun } from '../../src/restore/restore-run';
import { emitRestore } from '../../src/restore/restore-telemetry.lambda-shared';
import { SliceAnswer } from '../../src/restore/restore-worker';

const RUN: RestoreRun = { execution: 'e', startedAt: 1, sourceUserPoolId: 's', targetUserPoolId: 't', dryRun: false, quotaShare: 1 };
const progress = { phase: 'users', done: 1, total: 3 } as const;
const whole = { phase: 'done', done: 10, total: 10 } as const;
const going = { status: RESTORE_STATUS.CONTINUE, progress } as SliceAnswer;
const busy = { status: RESTORE_STATUS.RUNNING, progress, message: '' } as SliceAnswer;
const done = { status: RESTORE_STATUS.COMPLETE, progress: whole, report: { restored: 2, alreadyThere: 3, skipped: 4, failed: 1 } } as SliceAnswer;
const users = { RestoreProgress: 100, UsersRestored: 5, UsersSkipped: 4, UsersFailed: 1 };

test.each<[string, Partial<RestoreRun>, SliceAnswer, Record<string, number> | undefined]>([
  ['a restore that holds the standby, from its first slice on', { asOf: 5, setsMoment: true }, going, { StandbyHeld: 1, RestoreProgress: 33 }],
  ['at its end', { asOf: 5, setsMoment: true }, done, { StandbyHeld: 1, ...users }],
  ['one that lets it go', { setsMoment: true }, done, { StandbyHeld: 0, ...users }],
  ['one that does neither', {}, done, users],
  ['one that does neither, on the way', {}, going, { RestoreProgress: 33 }],
  ['one that begins', {}, { ...going, progress: { phase: 'target', done: 2, total: 3 } }, { RestoreProgress: 0 }],
  ['one of more users than there were', {}, { ...going, progress: { phase: 'verify', done: 5, total: 3 } }, { RestoreProgress: 100 }],
  ['one of nobody knows how many', {}, { ...going, progress: { phase: 'users', done: 5 } }, undefined],
  ['one of nobody', {}, { ...going, progress: { phase: 'users', done: 0, total: 0 } }, undefined],
  ['one that another one keeps from it', { asOf: 5, setsMoment: true }, busy, undefined],
  ['a scheduled one that leaves it to another one', { scheduled: true }, { ...busy, status: RESTORE_STATUS.YIELDED } as SliceAnswer, undefined],
  ['a dry run', { asOf: 5, setsMoment: true, dryRun: true }, done, undefined],
])('%s', (_what, run, answer, expected) => {
  const values: Record<string, number> = {};
  let published = 0;
  const metrics = {
    addMetric: (name: string, _unit: string, value: number) => { values[name] = value; },
    publishStoredMetrics: () => { published++; },
  };
  emitRestore(metrics as unknown as Metrics, { ...RUN, ...run }, answer);
  expect([values, published]).toEqual(expected ? [expected, 1] : [{}, 0]);
});
