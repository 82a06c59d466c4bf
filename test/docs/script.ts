import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generated-files';

/** Runs a command of the project, and answers what it complains about: jest can load neither ES modules nor esbuild. */
export async function command(name: string, ...args: string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(path.join(ROOT, 'node_modules', '.bin', name), args, { cwd: ROOT, timeout: 60_000 }, (error, _output, complaints) => {
      resolve(error ? complaints || error.message : '');
    });
  });
}

export async function script(...args: string[]): Promise<string> {
  return command('tsx', ...args);
}
