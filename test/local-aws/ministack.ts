import { ChildProcess, execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WORK_DIRECTORY } from './paths';
import { startGroup, stopGroup } from './processes';
import { makeTemporary, removeTemporary } from './temporary';
import { pythonWithMinistack } from './venv';

const START_LIMIT_MS = 120_000;

export interface MinistackOptions {
  readonly port: number;
  /** What ministack hands to the Lambdas as AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** Factor on the waits and retry intervals of state machines. */
  readonly waitScale: number;
  /** Where Cognito asks about triggers, see the launcher. Without it no trigger's part of the gateway is asked. */
  readonly hooks?: string;
}

/** One running ministack. */
export class Ministack {
  public static async start(options: MinistackOptions): Promise<Ministack> {
    const python = await pythonWithMinistack();
    const log = path.join(WORK_DIRECTORY, 'logs', `${options.port}.log`);
    mkdirSync(path.dirname(log), { recursive: true });
    // Everything that ministack and its Lambdas write goes here, so that it can be removed, and two instances never meet.
    const directory = makeTemporary('run');
    const output = openSync(log, 'w');
    const child = startGroup(python, [path.join(__dirname, 'ministack_launcher.py')], { stdio: ['ignore', output, output], cwd: directory, env: environment(options, directory) });
    closeSync(output);
    const ministack = new Ministack(child, directory, log);
    try {
      await ministack.untilHealthy(options.port);
    } catch (error) {
      await ministack.stop();
      throw error;
    }
    return ministack;
  }

  private constructor(private readonly child: ChildProcess, private readonly directory: string, public readonly logFile: string) {}

  public async stop(): Promise<void> {
    await stopGroup(this.child);
    removeTemporary(this.directory);
  }

  /** Ids of the processes that run, or wait to run, a function. */
  public lambdaProcesses(functionName: string): number[] {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
    const mark = path.join(this.directory, `ministack-lambda-${functionName}-`);
    return table.split('\n').filter(line => line.includes(mark)).map(line => Number(line.trim().split(/\s+/)[0]));
  }

  private async untilHealthy(port: number): Promise<void> {
    const end = Date.now() + START_LIMIT_MS;
    while (Date.now() < end) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        break;
      }
      if (await healthy(port)) {
        return;
      }
      await sleep(50);
    }
    const tail = existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').split('\n').slice(-15).join('\n') : '';
    throw new Error(`ministack did not become healthy on port ${port}; the end of ${this.logFile}:\n${tail}`);
  }
}

function healthy(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const request = http.get({ host: '127.0.0.1', port, path: '/_ministack/health', agent: false, timeout: 2_000 }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function environment(options: MinistackOptions, directory: string): NodeJS.ProcessEnv {
  // Nothing of the user's own AWS set-up or of jest's options may reach ministack or a Lambda.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|NODE_PATH$|JEST_|npm_|MINISTACK_|LAMBDA_|COGNITO_|SFN_|LOCAL_AWS_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    GATEWAY_PORT: String(options.port),
    BIND_HOST: '127.0.0.1',
    AWS_ENDPOINT_URL: options.endpoint,
    ...options.hooks ? { LOCAL_AWS_HOOKS: options.hooks } : {},
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    DOCKER_HOST: `unix://${directory}/no-docker.sock`,
    LAMBDA_EXECUTOR: 'local',
    SFN_WAIT_SCALE: String(options.waitScale),
    LOG_LEVEL: 'INFO',
    TMPDIR: directory,
    STATE_DIR: path.join(directory, 'state'),
    S3_DATA_DIR: path.join(directory, 's3'),
    NODE_OPTIONS: `--require "${path.join(__dirname, 'lambda-preload.cjs')}"`,
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
