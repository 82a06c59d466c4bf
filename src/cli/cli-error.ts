import { visibleJson } from './visible';

/** Exit codes of the command line. They are a contract: scripts and pipelines decide by them. */
export const EXIT = {
  /** Done, or nothing to do. */
  DONE: 0,
  FAILED: 1,
  /** Something differs, or somebody failed. */
  DIFFERS: 2,
  /** A guard refused, or nobody said yes. */
  REFUSED: 3,
  NOT_FOUND: 4,
  /** The copy is older than was asked for. */
  TOO_OLD: 5,
  /** As `sysexits.h` has it. */
  USAGE: 64,
  /** 128 and the number of SIGINT, as shells have it. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** What is the last line of stderr under `--json`. */
export interface CliErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly exit: ExitCode };
}

export function errorLine({ code, message, exit }: CliErrorDocument['error']): string {
  return `${visibleJson({ error: { code, message, exit } } satisfies CliErrorDocument)}\n`;
}

/** What went wrong, in one sentence with the way out. `code` is for programs. */
export class CliError extends Error {
  public readonly name = 'CliError';

  constructor(public readonly exit: ExitCode, public readonly code: string, message: string) {
    super(message);
  }
}
