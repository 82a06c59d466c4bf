import { Presets, SingleBar } from 'cli-progress';
import { Clock } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';
import { CliError, EXIT, ExitCode } from '../cli-error';
import { lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** Step Functions' own page refreshes no faster; a plan of minutes needs no more. */
const POLL = 3_000;

const BAR = '{bar} {value} of {total}, {rate}/s, {eta_formatted} left';

/** What a status of Step Functions means for who waits for it. */
const ENDED: Readonly<Record<string, { readonly exit: ExitCode; readonly says: string }>> = {
  SUCCEEDED: { exit: EXIT.DONE, says: 'done' },
  FAILED: { exit: EXIT.FAILED, says: 'failed' },
  TIMED_OUT: { exit: EXIT.FAILED, says: 'ran out of time' },
  ABORTED: { exit: EXIT.FAILED, says: 'was stopped' },
};

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

/** How far an execution is; undefined where it has not said yet. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
}

export interface Watched {
  readonly execution: Execution;
  readonly exit: ExitCode;
}

/**
 * Follows an execution to its end. Ctrl-C leaves the command and not the execution, which goes on.
 */
export async function watchExecution(
  terminal: Terminal, aws: Executions, executionArn: string, clock: Clock, progress: () => Promise<Progress | undefined>,
): Promise<Watched> {
  const bar = terminal.isInteractive && terminal.format === 'text'
    ? new SingleBar({ format: BAR, stream: process.stderr }, Presets.shades_classic) : undefined;
  let isShown = false;
  let last: { readonly done: number; readonly at: number } | undefined;
  for (;;) {
    const execution = await aws.execution(executionArn);
    const ended = ENDED[execution.status];
    const now = clock.now();
    const at = ended ? undefined : await progress();
    if (at) {
      const rate = last && now > last.at ? Math.max(0, (at.done - last.done) / (now - last.at) * 1_000) : 0;
      last = { done: at.done, at: now };
      if (bar && at.total !== undefined) {
        if (isShown) bar.update(at.done, { rate: rate.toFixed(1) });
        else bar.start(at.total, at.done, { rate: rate.toFixed(1) });
        isShown = true;
      } else {
        const done = at.total === undefined ? `${at.done}` : `${at.done} of ${at.total}`;
        terminal.note(`${done} users, ${rate.toFixed(1)}/s, for ${lengthInWords(now - execution.startedAt)}`);
      }
    }
    if (ended) {
      bar?.stop();
      terminal.note(`${executionName(executionArn)} ${ended.says} after ${lengthInWords((execution.endedAt ?? now) - execution.startedAt)}`);
      const { error, cause } = execution;
      // The runbook has a line for each error, by its name.
      if (error !== undefined || cause !== undefined) terminal.note([error, cause].filter(each => each !== undefined).join(': '));
      return { execution, exit: ended.exit };
    }
    await clock.sleep(POLL);
  }
}

export function executionName(executionArn: string): string {
  return executionArn.split(':').at(-1)!;
}

/** The execution that is meant: the one that is named, or the only one that runs. */
export function chooseExecution(running: readonly { readonly machine: string; readonly executionArn: string }[], named?: string): string {
  if (named !== undefined) {
    const found = running.find(({ executionArn }) => executionArn === named || executionName(executionArn) === named);
    if (found) return found.executionArn;
    if (named.startsWith('arn:')) return named;
    throw new CliError(EXIT.NOT_FOUND, 'no-execution', `no execution named ${named} is running; give the ARN of one that has ended`);
  }
  if (running.length === 0) throw new CliError(EXIT.NOT_FOUND, 'no-execution', 'nothing is running');
  if (running.length > 1) {
    const list = running.map(({ machine, executionArn }) => `  ${machine}: ${executionName(executionArn)}`);
    throw new CliError(EXIT.USAGE, 'several-executions', `${running.length} executions are running; name one:\n${list.join('\n')}`);
  }
  return running[0].executionArn;
}
