import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { WORK_DIRECTORY } from './paths';

const ROOT = path.join(WORK_DIRECTORY, 'tmp');
const made = new Set<string>();

/** A directory that is gone when this process is, whatever ends it. */
export function makeTemporary(name: string): string {
  mkdirSync(ROOT, { recursive: true });
  if (made.size === 0) {
    removeThoseOfTheDead();
    process.on('exit', () => made.forEach(remove));
  }
  const directory = mkdtempSync(path.join(ROOT, `${process.pid}-${name}-`));
  made.add(directory);
  return directory;
}

export function removeTemporary(directory: string): void {
  remove(directory);
  made.delete(directory);
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** What a process left that had no chance to clean up. */
function removeThoseOfTheDead(): void {
  for (const name of readdirSync(ROOT)) {
    if (!isAlive(Number(name.split('-')[0]))) {
      remove(path.join(ROOT, name));
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
