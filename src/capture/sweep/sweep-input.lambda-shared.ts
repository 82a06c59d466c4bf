import * as z from '../../runtime/zod.lambda-shared';

const input = z.strictObject({ allowDeletions: z.optional(z.int().check(z.nonnegative())) });

/** The input of the execution, or a sentence that says why a sweep does not take it. */
export function readSweepInput(given: unknown): z.infer<typeof input> | { readonly message: string } {
  const read = input.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.') || 'input';
  const taken = '{} or {"allowDeletions": <number of users, groups or memberships that are really gone>}';
  return { message: `${field}: ${issue.message}; a sweep takes ${taken}` };
}
