import * as z from './zod.lambda-shared';

/** Reads a function's environment, which the construct wrote: a missing or malformed variable means that the deployment was tampered with. */
export function readEnv<T extends z.ZodMiniType>(schema: T): z.infer<T> {
  const read = schema.safeParse(process.env);
  if (!read.success) throw new Error(`environment of the function: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** A string that holds JSON: a variable of the environment, the body of a message. */
export function json<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(z.pipe(z.string(), z.transform((text: string, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: 'custom', message: 'is not JSON', input: text });
      return z.NEVER;
    }
  })), schema);
}
