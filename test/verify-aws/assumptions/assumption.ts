import { Port } from '../port';

/** What a check saw. A check that cannot see it says why; it never guesses. One that throws, or that a call fails for, failed with the error's name. */
export type Observation =
  | { readonly observed: string; readonly holds: boolean }
  | { readonly observed?: string; readonly notObserved: string }
  | { readonly observed?: string; readonly failed: string };

/** Something about AWS that this project takes for granted. */
export interface Assumption {
  readonly id: string;
  readonly what: string;
  readonly assumed: string;
  /** Where AWS or public code says so; `inferred` where nobody does. */
  readonly source: string;
  check(port: Port): Promise<Observation>;
}

export const DOCS = 'https://docs.aws.amazon.com/cognito/latest/developerguide/';
export const API = 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_';
export const INFERRED = 'inferred';

/** One that no program can check, and why. */
export function unobservable(id: string, what: string, assumed: string, source: string, why: string): Assumption {
  return { id, what, assumed, source, check: () => Promise.resolve({ notObserved: why }) };
}

/** What a call is answered with: the name of its error, or `accepted`. */
export async function answerOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    // Only the service can refuse; all else is a failure of the check.
    if ($metadata?.httpStatusCode === undefined) throw error;
    return name;
  }
}

/** For a call that has to be refused with one of these errors. */
export async function refusedWith(call: Promise<unknown>, ...names: string[]): Promise<Observation> {
  const observed = await answerOf(call);
  return { observed, holds: names.includes(observed) };
}
