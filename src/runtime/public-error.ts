/** The error with the operation that it came from, which an error of the SDK does not know. */
export async function namingOperation<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error) Object.defineProperty(error, 'operation', { value: operation, configurable: true });
    throw error;
  }
}

/**
 * What a function may fail with: the message of an error of AWS, or of a parser, may quote what it was about, and both the log and the history
 * of the execution would show it. Errors of this library's own say nothing about anybody.
 */
export function publicError(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error('something that is no error was thrown');
  const { operation, $metadata, $fault } = error as Error & { operation?: string; $metadata?: unknown; $fault?: unknown };
  if (!operation && !$metadata && !$fault && !(error instanceof SyntaxError)) return error;
  const { name } = error;
  return Object.assign(new Error(`${operation ?? 'a call'} failed with ${name}; the message is left out, as it may quote values`), { name });
}

/** The handler, failing with nothing but what may be read by everybody. */
export function withPublicErrors<I, O>(handler: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async input => {
    try {
      return await handler(input);
    } catch (error) {
      throw publicError(error);
    }
  };
}
