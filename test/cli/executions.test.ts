import { EXIT } from '../../src/cli/cli-error';
import { Execution, Progress, succeeded, watchExecution } from '../../src/cli/commands/executions';
import { paceOf } from '../../src/cli/progress';
import { Terminal } from '../../src/cli/terminal';
import { restoreCalls } from '../../src/restore/restore-pace';

/** Follows an execution that answers this, one after the other, and says what was noted. */
async function noted(answers: readonly (Progress | undefined)[]): Promise<string[]> {
  const lines: string[] = [];
  const left = [...answers];
  let now = 0;
  const execution = async (executionArn: string): Promise<Execution> =>
    ({ executionArn, status: left.length > 0 ? 'RUNNING' : 'SUCCEEDED', startedAt: 0, endedAt: now, input: {} });
  const terminal = { isInteractive: false, format: 'text', note: (text: string) => { lines.push(text); } } as unknown as Terminal;
  const clock = { now: () => now, sleep: async () => { now += 10_000; } };
  await watchExecution(terminal, { execution }, 'arn:aws:states:us-west-2:1:execution:m:run', clock, async () => left.shift());
  return lines;
}

test('users, their pace, and how long it takes', async () => {
  expect(await noted([undefined, { done: 0, total: 300 }, { done: 100, total: 300 }])).toEqual([
    '0 of 300 users, for 10 s', '100 of 300 users, 10.0/s, 20 s left, for 20 s', 'run done after 30 s',
  ]);
});

test('who waits for what counts nobody, such as a plan, hears that it goes on; while nobody is done, no time is left to be told', async () => {
  expect(await noted([undefined, undefined, undefined, undefined, { done: 3, total: 9 }, { done: 3, total: 9 }])).toEqual([
    'running for 20 s', '3 of 9 users, for 40 s', '3 of 9 users, 0.0/s, for 50 s', 'run done after 60 s',
  ]);
});

test('each phase is told of once, and the pace is that of the phase', async () => {
  expect(await noted([
    { phase: 'make-pool' }, { phase: 'make-pool' }, { phase: 'restore', done: 0, total: 40 }, { phase: 'restore', done: 40, total: 40 },
    { phase: 'compare, found', done: 5, total: 40 }, { phase: 'delete-pool' },
  ])).toEqual([
    'make-pool: for 0 s', 'restore: 0 of 40 users, for 20 s', 'restore: 40 of 40 users, 4.0/s, 0 s left, for 30 s', 'compare, found: 5 of 40 users, for 40 s',
    'delete-pool: for 50 s', 'run done after 60 s',
  ]);
});

test('the share of the quota that bounds it, where one is spent', async () => {
  const pace = { category: 'UserAccountRecovery', rate: 30, perUser: 0.5 };
  expect(await noted([{ done: 0, total: 300, pace }, { done: 120, total: 300, pace }])).toEqual([
    '0 of 300 users, for 0 s', '120 of 300 users, 12.0/s, 20 % of UserAccountRecovery, 15 s left, for 10 s', 'run done after 20 s',
  ]);
  expect(paceOf(restoreCalls(100, 400), 200)).toEqual({ category: 'UserUpdate', rate: 25, perUser: 2 });
  expect(paceOf(restoreCalls(100, 0), 100, { UserAccountRecovery: 300, UserCreation: 60 })).toEqual({ category: 'UserCreation', rate: 60, perUser: 1 });
  expect(paceOf(restoreCalls(0, 0), 200)).toBeUndefined();
});

const ARN = 'arn:aws:states:us-west-2:1:execution:m:run';
const named = (name: string, more: object = {}) => Object.assign(new Error('says what AWS says'), { name, ...more });

/** Follows an execution whose looks answer this, or fail by it. */
async function followed(looks: readonly (string | Error)[], progress: () => Promise<Progress | undefined> = async () => undefined) {
  const lines: string[] = [];
  const left = [...looks];
  let now = 0;
  const execution = async (): Promise<Execution> => {
    const look = left.shift()!;
    if (typeof look !== 'string') throw look;
    return { executionArn: ARN, status: look, startedAt: 0, endedAt: now, input: {} };
  };
  const terminal = { isInteractive: false, format: 'text', note: (text: string) => { lines.push(text); } } as unknown as Terminal;
  const end = await watchExecution(terminal, { execution }, ARN, { now: () => now, sleep: async () => { now += 3_000; } }, progress)
    .catch((error: unknown) => error);
  return { end, lines };
}

test('a look that is not answered, or throttled, is no end: it is said once, and looked again', async () => {
  const { end, lines } = await followed([
    'RUNNING', named('TimeoutError'), named('ThrottlingException'), named('InternalError', { $metadata: { httpStatusCode: 503 } }), 'RUNNING', named('TimeoutError'),
    'SUCCEEDED',
  ]);
  expect(end).toMatchObject({ status: 'SUCCEEDED' });
  expect(lines).toEqual([
    'whether it has ended is not known: TimeoutError; asked again', 'whether it has ended is not known: TimeoutError; asked again', 'run done after 18 s',
  ]);
});

test('credentials that expire meanwhile end the command, which says how to come back', async () => {
  const { end } = await followed(['RUNNING', named('ExpiredTokenException'), 'SUCCEEDED']);
  expect(end).toMatchObject({
    code: 'expired-credentials',
    message: 'the AWS credentials have expired: log in again; what was started goes on: npx cognito-dr-replica watch run',
  });
});

test('how far it is may stay unknown: it is followed to its end all the same', async () => {
  const { end, lines } = await followed(['RUNNING', 'RUNNING', 'SUCCEEDED'], async () => Promise.reject(named('AccessDeniedException')));
  expect(end).toMatchObject({ status: 'SUCCEEDED' });
  expect(lines).toEqual(['how far it is is not known: AccessDeniedException; asked again', 'run done after 6 s']);
});

test.each<[string, Partial<Execution>, number, string, string]>([
  ['a guard', { status: 'FAILED', error: 'RestoreRunning', cause: 'another one fills it' }, EXIT.REFUSED, 'RestoreRunning', 'RestoreRunning: another one fills it'],
  ['an error of AWS', { status: 'FAILED', error: 'States.Timeout' }, EXIT.FAILED, 'States.Timeout', 'States.Timeout'],
  ['somebody who stopped it', { status: 'ABORTED' }, EXIT.FAILED, 'execution-ended', 'run was stopped'],
])('what did not succeed is an error with a name and an exit code: %s', (_what, ended, exit, code, message) => {
  const execution: Execution = { executionArn: ARN, status: '', startedAt: 0, input: {}, ...ended };
  expect(() => succeeded(execution)).toThrow(expect.objectContaining({ exit, code, message }));
  expect(succeeded({ ...execution, status: 'SUCCEEDED' }).status).toBe('SUCCEEDED');
});
