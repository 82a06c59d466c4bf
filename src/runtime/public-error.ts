import { errorName } from './error-name';

/** An error of this library whose message anybody may read: it says nothing about users. */
export class PublicError extends Error {}

/** A trigger of a user pool refuses by throwing: its answer, and no failure. */
export class RefusalError extends PublicError {}

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
 * The error that a function may fail with. The message of an error of AWS, of a parser or of the machine may quote a user's values, and the log, the
 * history of the execution and the alarm's reader would see them; so may its stack, which begins with the message, and whatever it was caused by.
 * Only this library's own errors are known to say nothing about users.
 */
export function publicError(error: unknown): Error {
  if (error instanceof PublicError) return error;
  if (!(error instanceof Error)) return new PublicError('a value that is not an Error was thrown');
  const { operation } = error as Error & { operation?: string };
  const name = errorName(error);
  return Object.assign(new PublicError(`${operation ?? 'a call'} failed with ${name}; the message is left out, as it may quote values`), { name });
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
