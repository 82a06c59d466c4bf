import type { Session } from './session';
import type { Terminal } from './terminal';

/** What one run of a command has to do with. */
export interface Ask {
  readonly terminal: Terminal;
  readonly session: Session;
  /** How values of people are shown. */
  readonly masked: (value: string) => string;
  readonly options: object;
  readonly args: readonly string[];
}
