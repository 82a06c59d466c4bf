import { ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cdkScript } from '../local-aws/cdk';
import { PROJECT_ROOT } from '../local-aws/paths';

export interface DeployOptions {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  /** Where to write the outputs of the stacks. */
  readonly outputsFile: string;
  readonly signal: AbortSignal;
  /** Told which stack is being deployed, and which is done. */
  readonly say: (text: string) => void;
}

/** By stack name. */
export type Outputs = Record<string, Record<string, string>>;

/**
 * Deploys with the project's own CDK CLI, and the caller's environment as it is: profile, credentials, endpoint. It is no part of the terminal's
 * process group, so that Ctrl-C reaches this process alone, which then ends it in order.
 */
export async function deploy({ assembly, outputsFile, signal, say }: DeployOptions): Promise<Outputs> {
  const args = ['deploy', '--all', '--app', assembly, '--require-approval', 'never', '--outputs-file', outputsFile, '--ci', '--no-notices', '--no-color'];
  const { JEST_WORKER_ID: _, NODE_OPTIONS: __, ...environment } = process.env;
  const child = spawn(process.execPath, [cdkScript(), ...args], {
    cwd: PROJECT_ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  const end = () => stop(child);
  process.once('exit', end);
  signal.addEventListener('abort', end);
  let output = '';
  const hear = (chunk: Buffer) => {
    const text = chunk.toString('utf8');
    output += text;
    text.split('\n').filter(line => /: deploying\.\.\.|✅/.test(line)).forEach(line => say(`  ${line.trim()}\n`));
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`cdk deploy ended with code ${code}:\n${output}`);
  } finally {
    process.removeListener('exit', end);
    signal.removeEventListener('abort', end);
  }
  return JSON.parse(readFileSync(outputsFile, 'utf8')) as Outputs;
}

function stop({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
