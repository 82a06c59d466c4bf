import * as z from './zod.lambda-shared';

/** Step Functions carries at most 256 KB of state; a `sub` takes 39 bytes of it. */
export const MOST_STATE_BYTES = 240_000;
export const MOST_SUBS = 5_000;
export const MOST_GROUPS = 1_000;
/** Names in a message: enough to see what is wrong. */
const NAMED = 5;

const DATE_TIME = z.iso.datetime({ offset: true });
const A_SHARE = 'want a number above 0 and up to 1';

/** A text that is not empty. `what` completes "want …". */
export const text = (what: string) => z.string(`want ${what}`).check(z.minLength(1, `want ${what}`));

/** A share of the quotas. */
export const share = (unlessGiven: number) => z._default(z.number(A_SHARE).check(z.positive(A_SHARE), z.maximum(1, A_SHARE)), unlessGiven);

/** Whether it is a moment in ISO 8601 with its time zone: one without would be the operator's, or the function's. */
export function isMoment(given: string): boolean {
  return DATE_TIME.safeParse(given).success;
}

/** The input of an execution is not valid. The message says which field, what was given and what is wanted. */
export class InvalidInput extends Error {}

/** Reads the input of an execution. @param ofWhat for the message, such as `a restore` @throws InvalidInput for the most telling mistake */
export function readExecutionInput<T extends z.ZodMiniObject>(schema: T, given: unknown, ofWhat: string): z.infer<T> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  // A field that is not known is the most telling of several mistakes.
  const issue = read.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? read.error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    throw new InvalidInput(`${cut(issue.keys[0])}: not a field of ${ofWhat}; known fields are ${Object.keys(schema.shape).join(', ')}`);
  }
  const field = issue.path.map((part, i) => typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`).join('') || 'input';
  const value = issue.path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown>)?.[part], given);
  throw new InvalidInput(`${field}: got ${shortened(value)}, ${issue.message}`);
}

/** A value that a message can show. */
export function shortened(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return cut(JSON.stringify(value) ?? 'nothing');
}

/** The first of them, and how many more there are. */
export function some(values: readonly string[]): string {
  const named = values.slice(0, NAMED).map(cut).join(', ');
  return values.length > NAMED ? `${named} and ${values.length - NAMED} more` : named;
}

/** The cause of a failed execution has a limit, too. */
export function cut(given: string): string {
  return given.length > 80 ? `${given.slice(0, 80)}...` : given;
}
