import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { PROJECT_ROOT } from './paths';
import { startGroup, stopGroup } from './processes';

export class CdkError extends Error {
  public readonly name = 'CdkError';
}

export interface CdkOptions {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly timeoutMs?: number;
  /** For the app, where it is a command. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What makes the SDK, the CLI and the CDK talk to the local AWS, whatever this machine has for the real one. */
export function localAwsEnvironment({ endpoint, account, region }: Pick<CdkOptions, 'endpoint' | 'account' | 'region'>): NodeJS.ProcessEnv {
  return {
    ...withoutAws(process.env),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
  };
}

/** Runs the project's own CDK CLI against the local AWS. What it prints is shown only when it fails. */
export async function cdk(args: readonly string[], options: CdkOptions): Promise<string> {
  const child = startGroup(process.execPath, [cdkScript(), ...args, '--ci', '--no-notices', '--no-version-reporting', '--no-color'], {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...localAwsEnvironment(options), ...options.env },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => { output += chunk.toString('utf8'); });
  child.stderr?.on('data', (chunk: Buffer) => { output += chunk.toString('utf8'); });
  const timeoutMs = options.timeoutMs ?? 180_000;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void stopGroup(child, 1_000);
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  await stopGroup(child, 0);
  if (code !== 0) {
    throw new CdkError(`cdk ${args.join(' ')} ${timedOut ? `did not end within ${timeoutMs} ms` : `ended with code ${code}`}:\n${output}`);
  }
  return output;
}

/** The CLI that package.json pins, as a script for Node.js. */
export function cdkScript(): string {
  const manifest = path.join(PROJECT_ROOT, 'node_modules/aws-cdk/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { cdk: string } };
  return path.join(path.dirname(manifest), bin.cdk);
}

function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(AWS_|JEST_WORKER_ID$|NODE_OPTIONS$)/.test(name)));
}
