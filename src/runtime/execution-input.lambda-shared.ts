import * as z from './zod.lambda-shared';

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

/** The cause of a failed execution has a limit, too. */
export function cut(given: string): string {
  return given.length > 80 ? `${given.slice(0, 80)}...` : given;
}
