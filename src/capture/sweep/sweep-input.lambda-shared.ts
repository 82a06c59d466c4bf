import * as z from '../../runtime/zod.lambda-shared';

const input = z.strictObject({ allowDeletions: z.optional(z.int().check(z.nonnegative())) });

/** The execution's input, or why a sweep does not take it, in a sentence. */
export function readSweepInput(given: unknown): z.infer<typeof input> | { readonly message: string } {
  const read = input.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.') || 'input';
  return { message: `${field}: ${issue.message}; a sweep takes {} or {"allowDeletions": <number of users, groups or memberships that are really gone>}` };
}
