import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

export const ROOT = path.join(__dirname, '..');

/** Writes each file, or, with `--check` on the command line, fails where one is not what would be written. */
export function writeOrCheck(files: Readonly<Record<string, string>>, command: string): void {
  const isCheck = process.argv.includes('--check');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(ROOT, name);
    if (!isCheck) {
      writeFileSync(file, text);
    } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`${name} is not what its source makes: run ${command} and commit it`);
      process.exitCode = 1;
    }
  }
}
