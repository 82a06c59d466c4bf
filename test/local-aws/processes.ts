import { ChildProcess, spawn, SpawnOptions } from 'node:child_process';

/** Process groups that this process started and that must not outlive it. */
const groups = new Set<number>();
let guarded = false;
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Starts a command as the leader of a process group, so that whatever it starts in turn can be ended with it. */
export function startGroup(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  guard();
  const child = spawn(command, args, { ...options, detached: true });
  const { pid } = child;
  if (pid !== undefined) {
    groups.add(pid);
  }
  return child;
}

/** Ends the whole group of a child: politely, then not. Resolves when its leader has exited and nobody is left in the group. */
export async function stopGroup(child: ChildProcess, graceMs = 5_000): Promise<void> {
  const { pid } = child;
  if (pid === undefined) {
    return;
  }
  signalGroup(pid, 'SIGTERM');
  const end = Date.now() + graceMs;
  while (groupIsAlive(pid) && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  signalGroup(pid, 'SIGKILL');
  groups.delete(pid);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

function groupIsAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whatever ends this process ends the groups: Ctrl-C, an error nobody caught, a test runner that calls exit. */
function guard(): void {
  if (guarded) {
    return;
  }
  guarded = true;
  process.on('exit', () => groups.forEach(pid => signalGroup(pid, 'SIGKILL')));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Leaving runs the exit handlers, those for temporary files too.
    process.once(signal, () => process.exit(128 + SIGNAL_NUMBERS[signal]));
  }
}
