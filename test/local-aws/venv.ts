import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT, WORK_DIRECTORY } from './paths';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python3.14', 'python'];
const MINIMUM = [3, 10] as const;
/** How long a lock without a process id in it, written by a process that died at once, is believed. */
const STALE_LOCK_MS = 30_000;

/** Thrown for what the user has to put right; its message alone is worth showing. */
export class LocalAwsSetupError extends Error {
  public readonly name = 'LocalAwsSetupError';

  constructor(message: string) {
    super(message);
    // The place in our code where we noticed says nothing about the user's machine.
    this.stack = `${this.name}: ${message}`;
  }
}

/** The path of the Python of a virtual environment of the project's own that has ministack; it is made at first use. */
export async function pythonWithMinistack(): Promise<string> {
  return pythonWith(REQUIREMENTS, 'ministack');
}

/** The same for any file of requirements, pinned by hash; `what` names them in an error. */
export async function pythonWith(requirementsFile: string, what: string): Promise<string> {
  const requirements = readFileSync(requirementsFile);
  const python = findPython();
  const key = createHash('sha256').update(requirements).update(python.version).digest('hex').slice(0, 12);
  const venv = path.join(WORK_DIRECTORY, `venv-${key}`);
  const command = path.join(venv, 'bin', 'python');
  const complete = path.join(venv, 'complete');
  if (!existsSync(complete)) {
    mkdirSync(WORK_DIRECTORY, { recursive: true });
    await locked(`${venv}.lock`, () => existsSync(complete), () => {
      // Scripts in a virtual environment name its directory: it is made in place, and is not there before its marker is.
      rmSync(venv, { recursive: true, force: true });
      run(python.command, ['-m', 'venv', venv], 'Python could not make a virtual environment (on Debian and Ubuntu: apt install python3-venv)');
      run(command, [
        '-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--prefer-binary', '--require-hashes', '-r', requirementsFile,
      ], `pip could not install ${what} from the package index (the only step that needs the network)`);
      writeFileSync(complete, `${new Date().toISOString()}\n`);
    });
  }
  return command;
}

function findPython(): { command: string; version: string } {
  const override = process.env.PYTHON;
  const found: string[] = [];
  for (const command of override ? [override] : CANDIDATES) {
    let version: string;
    try {
      version = execFileSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      continue;
    }
    const [major, minor] = version.split('.').map(Number);
    if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) {
      return { command, version };
    }
    found.push(`${command} is ${version}`);
  }
  const seen = found.length > 0 ? found.join(', ') : override ? `PYTHON=${override} does not run` : 'none was found on the PATH';
  throw new LocalAwsSetupError(`The local AWS needs Python ${MINIMUM.join('.')} or newer (${seen}): install one, or name it in the environment variable PYTHON.`);
}

function run(command: string, args: string[], failure: string): void {
  try {
    execFileSync(command, args, { cwd: PROJECT_ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const said = (stderr.trim() || stdout.trim() || String(error)).split('\n').slice(-3).join(' ');
    throw new LocalAwsSetupError(`${failure}: ${said}`);
  }
}

/** Runs `work` in one process at a time; those who waited find `done` and skip it. */
async function locked(lock: string, done: () => boolean, work: () => void): Promise<void> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
      await sleep(200);
      if (done()) {
        return;
      }
      if (holderIsGone(lock)) {
        rmSync(lock, { force: true });
      }
    }
  }
  try {
    if (!done()) {
      work();
    }
  } finally {
    rmSync(lock, { force: true });
  }
}

function holderIsGone(lock: string): boolean {
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (!holder) {
      return age > STALE_LOCK_MS;
    }
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
