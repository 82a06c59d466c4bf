import * as z from 'zod';

/** Reads a function's environment, which the construct wrote: a missing or malformed variable means that the deployment was tampered with. */
export function readEnv<T extends z.ZodType>(schema: T): z.infer<T> {
  const read = schema.safeParse(process.env);
  if (!read.success) throw new Error(`environment of the function: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** A variable that holds JSON. */
export function json<T extends z.ZodType>(schema: T) {
  return z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  }).pipe(schema);
}
