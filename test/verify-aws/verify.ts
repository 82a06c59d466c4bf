import { Assumption, Observation } from './assumptions/assumption';
import { Port } from './port';

export const AS_ASSUMED = 'as assumed';
export const DIFFERS = 'differs';
const NOT_OBSERVED = 'not observed: ';
const CHECK_FAILED = 'check failed: ';
/** `not observed` is what a check decided itself; a check that could not be made, for want of a permission say, failed. */
export type Verdict = typeof AS_ASSUMED | typeof DIFFERS | `${typeof NOT_OBSERVED | typeof CHECK_FAILED}${string}`;

export interface Row {
  readonly id: string;
  readonly what: string;
  readonly assumed: string;
  readonly source: string;
  readonly observed: string;
  readonly verdict: Verdict;
}

/** One row for each assumption, whatever its check does: one that throws stops nobody else. */
export async function verify(
  assumptions: readonly Assumption[], port: Port, begins: (assumption: Assumption) => void = () => undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const assumption of assumptions) {
    if (!port.signal.aborted) begins(assumption);
    rows.push(rowOf(assumption, port.signal.aborted ? INTERRUPTED : await observe(assumption, port)));
  }
  return rows;
}

export const INTERRUPTED: Observation = { notObserved: 'the run was interrupted' };

async function observe(assumption: Assumption, port: Port): Promise<Observation> {
  try {
    return await assumption.check(port);
  } catch (error) {
    // The name only: a message of Cognito may quote an address.
    return port.signal.aborted ? INTERRUPTED : { failed: error instanceof Error ? error.name : 'something was thrown that is no error' };
  }
}

export function rowOf({ id, what, assumed, source }: Omit<Assumption, 'check'>, observation: Observation): Row {
  return { id, what, assumed, source, observed: observation.observed ?? '', verdict: verdictOf(observation) };
}

function verdictOf(observation: Observation): Verdict {
  if ('failed' in observation) return `${CHECK_FAILED}${observation.failed}`;
  if ('notObserved' in observation) return `${NOT_OBSERVED}${observation.notObserved}`;
  return observation.holds ? AS_ASSUMED : DIFFERS;
}

export function hasFailed({ verdict }: Row): boolean {
  return verdict.startsWith(CHECK_FAILED);
}
