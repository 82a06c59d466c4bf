import { PublicError } from '../runtime/public-error';

/** A drill cannot go on, and trying again would not help. */
export class DrillFailedError extends PublicError {
  /** @param code said in the report as the phase's error */
  constructor(public readonly code: string, message: string) {
    super(message);
  }
}
