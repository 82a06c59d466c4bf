import { Presets, SingleBar } from 'cli-progress';
import { Clock } from '../../runtime/clock';
import { errorName } from '../../runtime/error-name';
import { EpochMilliseconds } from '../../runtime/flavor';
import { CliError, EXIT } from '../cli-error';
import { cliErrorOf, isPassing } from '../cli-error-of';
import { lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** Step Functions' own page refreshes no faster; a plan of minutes needs no more. */
const POLL = 3_000;

/** Nobody waits longer than this without a word. */
const QUIET = 15_000;

const BAR = '{phase}{bar} {value} of {total}{pace}';

/** What a status of Step Functions means for who waits for it. */
const ENDED: Readonly<Record<string, string>> = { SUCCEEDED: 'done', FAILED: 'failed', TIMED_OUT: 'ran out of time', ABORTED: 'was stopped' };

/** Errors by which a guard of a state machine refuses what was asked: docs/runbook.md says what to do about each. */
const REFUSALS = ['InvalidInput', 'RestoreRunning', 'RecoveryRunning', 'PlanRefused', 'SwitchTurnedSince', 'DeletionsHeld'];

/** An execution of a state machine. Its input and output are that machine's own documents. */
export interface Execution {
  readonly executionArn: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: EpochMilliseconds;
  readonly endedAt?: EpochMilliseconds;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** Where executions are asked for. */
export interface Executions {
  execution(executionArn: string): Promise<Execution>;
}

/** The quota that bounds what runs, in requests per second, and how many of them a user takes. */
export interface Pace {
  readonly category: string;
  readonly rate: number;
  readonly perUser: number;
}

/** How far an execution is. */
export interface Progress {
  /** Users that are done; absent where a phase counts none. */
  readonly done?: number;
  readonly total?: number;
  /** What it does with them, where it does one thing after another. */
  readonly phase?: string;
  /** Absent where it spends none, such as a dry run, or where that is not known. */
  readonly pace?: Pace;
}

/**
 * Follows an execution to its end. Ctrl-C leaves the command, and the execution goes on. A look that fails for a moment is made again.
 * @throws CliError with the way back, where it cannot be followed any more
 */
export async function watchExecution(
  terminal: Terminal, aws: Executions, executionArn: string, clock: Clock, progress: () => Promise<Progress | undefined>,
): Promise<Execution> {
  const bar = terminal.isInteractive && terminal.format === 'text'
    // A terminal whose lines do not wrap would be left behind by Ctrl-C.
    ? new SingleBar({ format: BAR, stream: process.stderr, linewrap: true }, Presets.shades_classic) : undefined;
  let last: Progress & { readonly at: number } | undefined;
  let saidAt = clock.now();
  /** What could not be read is said once for as long as it cannot. */
  let unread: string | undefined;
  const read = async <T>(what: string, call: () => Promise<T>, mayFail: (error: unknown) => boolean): Promise<T | undefined> => {
    try {
      const found = await call();
      if (unread === what) unread = undefined;
      return found;
    } catch (error) {
      if (!mayFail(error)) {
        bar?.stop();
        const { exit, code, message } = cliErrorOf(error);
        throw new CliError(exit, code, `${message}; what was started goes on: npx cognito-dr-replica watch ${executionName(executionArn)}`);
      }
      if (unread !== what) terminal.note(`${what}: ${errorName(error)}; asked again`);
      unread = what;
      return undefined;
    }
  };
  for (;;) {
    const execution = await read('whether it has ended is not known', async () => aws.execution(executionArn), isPassing);
    if (!execution) {
      await clock.sleep(POLL);
      continue;
    }
    const ended = ENDED[execution.status];
    const now = clock.now();
    const at = ended ? undefined : await read('how far it is is not known', progress, () => true);
    if (at) {
      const isSame = last !== undefined && last.phase === at.phase;
      const { done, total, phase } = at;
      const payload = { phase: phase === undefined ? '' : `${phase}: `, pace: paceText(at, rateOf(isSame ? last : undefined, at, now)) };
      if (!isSame) bar?.stop();
      if (done === undefined) {
        if (!isSame) terminal.note(`${payload.phase}for ${lengthInWords(now - execution.startedAt)}`);
      } else if (bar && total !== undefined) {
        if (isSame) bar.update(done, payload);
        else bar.start(total, done, payload);
      } else {
        const users = total === undefined ? `${done}` : `${done} of ${total}`;
        terminal.note(`${payload.phase}${users} users${payload.pace}, for ${lengthInWords(now - execution.startedAt)}`);
      }
      last = { ...at, at: now };
      saidAt = now;
    } else if (!ended && now - saidAt >= QUIET) {
      terminal.note(`running for ${lengthInWords(now - execution.startedAt)}`);
      saidAt = now;
    }
    if (ended) {
      bar?.stop();
      terminal.note(`${executionName(executionArn)} ${ended} after ${lengthInWords((execution.endedAt ?? now) - execution.startedAt)}`);
      return execution;
    }
    await clock.sleep(POLL);
  }
}

/**
 * What has succeeded, as it is.
 * @throws CliError by the name of the error, for which the runbook has a line
 */
export function succeeded(execution: Execution): Execution {
  const { executionArn, status, error, cause } = execution;
  if (status === 'SUCCEEDED') return execution;
  const exit = error !== undefined && REFUSALS.includes(error) ? EXIT.REFUSED : EXIT.FAILED;
  const why = [error, cause].filter(each => each !== undefined).join(': ');
  throw new CliError(exit, error ?? 'execution-ended', why || `${executionName(executionArn)} ${ENDED[status] ?? status}`);
}

/** Users a second since it was last looked; undefined at the first look. */
function rateOf(last: Progress & { readonly at: number } | undefined, { done }: Progress, now: number): number | undefined {
  if (last?.done === undefined || done === undefined || now <= last.at) return undefined;
  return Math.max(0, (done - last.done) / (now - last.at) * 1_000);
}

function paceText({ done, total, pace }: Progress, rate: number | undefined): string {
  if (rate === undefined) return '';
  const share = pace && rate > 0 ? `, ${Math.round(rate * pace.perUser / pace.rate * 100)} % of ${pace.category}` : '';
  const left = done !== undefined && total !== undefined && rate > 0 ? `, ${lengthInWords((total - done) / rate * 1_000)} left` : '';
  return `, ${rate.toFixed(1)}/s${share}${left}`;
}

export function executionName(executionArn: string): string {
  return executionArn.split(':').at(-1)!;
}

/**
 * The execution that is meant: the one that is named, or the only one that runs.
 * @param unread sentences about machines of which nobody knows what they run
 */
export function chooseExecution(
  running: readonly { readonly machine: string; readonly executionArn: string }[], named?: string, unread: readonly string[] = [],
): string {
  if (named !== undefined) {
    const found = running.find(({ executionArn }) => executionArn === named || executionName(executionArn) === named);
    if (found) return found.executionArn;
    if (named.startsWith('arn:')) return named;
    throw new CliError(EXIT.NOT_FOUND, 'no-execution', unread.length > 0 ? `no execution named ${named} was seen: ${unread.join('; ')}; give its ARN`
      : `no execution named ${named} is running; give the ARN of one that has ended`);
  }
  if (running.length === 0 && unread.length > 0) {
    throw new CliError(EXIT.FAILED, 'running-unknown', `what runs is not known: ${unread.join('; ')}; give an execution's ARN, or mend that`);
  }
  if (running.length === 0) throw new CliError(EXIT.NOT_FOUND, 'no-execution', 'nothing is running');
  if (running.length > 1) {
    const list = running.map(({ machine, executionArn }) => `  ${machine}: ${executionName(executionArn)}`);
    throw new CliError(EXIT.USAGE, 'several-executions', `${running.length} executions are running; name one:\n${list.join('\n')}`);
  }
  return running[0].executionArn;
}
