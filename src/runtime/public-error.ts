/** Adds to an error the operation that it came from: an error of the SDK does not name it. */
export async function namingOperation<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error) Object.defineProperty(error, 'operation', { value: operation, configurable: true });
    throw error;
  }
}

/**
 * The error that a function may fail with. The message of an error of AWS, or of a parser, may quote a user's values, and both the log and the
 * history of the execution would show them. This library's own errors say nothing about users.
 */
export function publicError(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error('a value that is not an Error was thrown');
  const { operation, $metadata, $fault } = error as Error & { operation?: string; $metadata?: unknown; $fault?: unknown };
  if (!operation && !$metadata && !$fault && !(error instanceof SyntaxError)) return error;
  const { name } = error;
  return Object.assign(new Error(`${operation ?? 'a call'} failed with ${name}; the message is left out, as it may quote values`), { name });
}

/** The handler, failing only with errors that anybody may read. */
export function withPublicErrors<I, O>(handler: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async input => {
    try {
      return await handler(input);
    } catch (error) {
      throw publicError(error);
    }
  };
}
