import { Hint } from './hint';
import { recoveryCause } from '../../ledger/incident';
import { lastBeginning, runOfCall, WritingRun, WritingRuns } from '../../ledger/writing-runs';

/** What tells this library's own recovery from everybody else. */
export interface Recoveries {
  /** ARNs of the roles by which it makes its calls. Nobody else can have their credentials. */
  readonly principals: readonly string[];
  readonly runs: WritingRuns;
}

/** What the cause of a hint's changes is called. */
export type CauseName = (hint: Hint) => string;

/**
 * What events are called: by the call, or, for those of a recovery, by its execution. Where no event of a batch is of a recovery, nothing is read;
 * else one page as a rule, however many there are.
 */
export async function causeNames(recoveries: Recoveries | undefined, hints: readonly Hint[]): Promise<CauseName> {
  const isRecovery = ({ principal }: Hint) => principal !== undefined && recoveries !== undefined && recoveries.principals.includes(principal);
  const moments = hints.filter(isRecovery).map(momentOf);
  const runs = recoveries && moments.length > 0 ? await runsOf(recoveries.runs, moments) : [];
  return hint => (isRecovery(hint) ? recoveryCause(runOfCall(runs, momentOf(hint))?.execution) : hint.eventName);
}

/** Back to the run that made the oldest of the calls. */
async function runsOf(reader: WritingRuns, moments: readonly number[]): Promise<WritingRun[]> {
  const [oldest, newest] = [Math.min(...moments), Math.max(...moments)];
  const runs: WritingRun[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.until(lastBeginning(newest), cursor);
    runs.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && !runOfCall(runs, oldest));
  return runs;
}

function momentOf({ eventTime }: Hint): number {
  return Date.parse(eventTime);
}
