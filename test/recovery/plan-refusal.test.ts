import { PLAN_VALID } from '../../src/recovery/constants';
import { planRefusal, undoRefusal } from '../../src/recovery/plan-refusal';
import { PlanHead } from '../../src/recovery/recovery-line';

const POOL = 'us-east-1_Source';
const PLANNED = Date.UTC(2026, 0, 15);
const whole: PlanHead = { plan: 'p', userPoolId: POOL, isDifference: false, plannedAt: PLANNED };
const begun: PlanHead = { ...whole, executor: 'run', executionBegunAt: PLANNED + 1 };
const asked = { execution: 'run', userPoolId: POOL, now: PLANNED + PLAN_VALID - 1 };

test.each<[string, PlanHead | undefined, Partial<typeof asked>, string | undefined]>([
  ['is executed within a day', whole, {}, undefined],
  ['is gone on with by the run that began it, however late', begun, { now: PLANNED + 9 * PLAN_VALID }, undefined],
  ['is gone on with by a later run, where the one that began it was stopped half-way', begun, { execution: 'later', now: PLANNED + 9 * PLAN_VALID }, undefined],
  ['is answered for again by the run that executed it', { ...begun, executedAt: PLANNED + 2 }, { now: PLANNED + 9 * PLAN_VALID }, undefined],
  ['that nobody knows is not', undefined, {}, 'plan: there is no plan p; a plan is valid for a day: make one with {"dryRun": true}'],
  [
    'of another pool is not', { ...whole, userPoolId: 'us-east-1_Other' }, {},
    'plan: p is a plan of us-east-1_Other, and this recovery writes us-east-1_Source; make a new plan',
  ],
  [
    'that is a difference is not', { ...whole, isDifference: true }, {},
    'plan: p is a difference, which is only read; make a plan with {"kind": ..., "dryRun": true}',
  ],
  [
    'that is still being made is not', { ...whole, plannedAt: undefined }, {},
    'plan: p is not whole; wait for the end of its execution, or make a new plan',
  ],
  [
    'that another run executed is not', { ...begun, executor: 'earlier', executedAt: PLANNED + 2 }, {},
    'plan: p was executed by earlier at 2026-01-15T00:00:00.002Z; make a new plan, or take it back with {"undo": "earlier"}',
  ],
  [
    'of a day before is not', whole, { now: PLANNED + PLAN_VALID },
    'plan: p expired at 2026-01-16T00:00:00.000Z, 24 hours after it was made; make a new plan',
  ],
])('a plan %s', (_what, head, more, sentence) => {
  expect(planRefusal('p', head, { ...asked, ...more })).toBe(sentence);
});

test.each<[string, PlanHead | undefined, string | undefined]>([
  ['is taken back, whole or not', begun, undefined],
  ['that nobody knows is not', undefined, 'undo: nothing is kept of a recovery run; what a run replaced is kept for as long as the history'],
  ['of another pool is not', { ...begun, userPoolId: 'us-east-1_Other' }, 'undo: run wrote us-east-1_Other, and this recovery writes us-east-1_Source'],
  ['that was only planned is not', whole, 'undo: the plan run was never executed; there is nothing to take back'],
])('a run %s', (_what, head, sentence) => {
  expect(undoRefusal('run', head, POOL)).toBe(sentence);
});
