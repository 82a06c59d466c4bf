/** How long a client of AWS waits, in milliseconds, and how often it tries. */
export interface CallLimits {
  readonly attempts: number;
  readonly connection: number;
  readonly answer: number;
}

/** What a client of the SDK takes. */
export interface LimitedClient {
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number; readonly throwOnRequestTimeout: true };
}

/** The SDK's own `requestTimeout` only warns: without the other setting, a Region that takes calls and answers none keeps its caller for ever. */
export function limitedTo({ attempts, connection, answer }: CallLimits): LimitedClient {
  return { maxAttempts: attempts, requestHandler: { connectionTimeout: connection, requestTimeout: answer, throwOnRequestTimeout: true } };
}
