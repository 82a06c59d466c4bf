import { EXIT } from './cli-error';
import { Terminal } from './terminal';

/** Ctrl-C leaves the command, and not the execution: from before that is started, so that no moment is without the way back. */
export async function leavingItRunning<T>(terminal: Terminal, name: string, work: () => Promise<T>): Promise<T> {
  const leave = () => {
    terminal.note(`\nwhat was started goes on; come back with: npx cognito-dr-replica watch ${name}`);
    process.exit(EXIT.INTERRUPTED);
  };
  process.once('SIGINT', leave);
  try {
    return await work();
  } finally {
    process.off('SIGINT', leave);
  }
}
