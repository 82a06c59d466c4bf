import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { CliError, EXIT } from './cli-error';

/** Nobody else on the machine. */
const OWN_FILE = 0o600;

/**
 * Makes the file of an `--out` before the work whose result it takes: a result of hours, or of what cannot be done again, is not lost for a directory
 * that is not there. Nothing is overwritten. The file goes again where the work ends without a result.
 */
export async function withNewFile<T>(path: string | undefined, work: (write: (text: string) => void) => Promise<T>): Promise<T> {
  if (path === undefined) return work(() => undefined);
  const file = opened(path);
  let isWritten = false;
  const discard = () => { if (!isWritten) rmSync(path, { force: true }); };
  // Ctrl-C ends the process.
  process.once('exit', discard);
  try {
    return await work(text => {
      writeFileSync(file, text);
      isWritten = true;
    });
  } finally {
    closeSync(file);
    process.off('exit', discard);
    discard();
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx', OWN_FILE);
  } catch (error) {
    const { code = 'no file' } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.USAGE, 'no-file', code === 'EEXIST'
      ? `--out: ${path} is there already; name a file that is not`
      : `--out: ${path} cannot be made (${code}); name a file in a directory that is there and can be written`);
  }
}
