import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generated-files';
import { localAwsEnvironment } from '../local-aws/cdk';
import { LocalAws } from '../local-aws/local-aws';

const BIN = 'cognito-dr-replica';
/** A pseudo-terminal, as a person's: Python has one, and the local AWS needs Python anyway. */
const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
/** What Bash shows when it is ready, with the exit code of what was typed before. Given here, as `python3` may be a script of Bash, which loses it. */
const PROMPT = 'PS1=<$?> ready$ ';
const READY = /<(\d+)> ready\$ $/;
const QUESTION = /Type (\S+) to go on: $/;
/** Colours, and what moves the cursor of a progress bar. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** What somebody saw of one command. */
export interface Typed {
  readonly exit: number;
  /** As it came, without colours; a bar that was drawn again and again is there as often. */
  readonly screen: string;
}

/**
 * Somebody at a terminal, in a directory in which this package is installed: what they type goes through a real pseudo-terminal into Bash, and `npx`
 * finds the command. Questions are answered with what they ask to be typed, as by somebody who has read the plan.
 */
export class TypedShell {
  public static async open(aws: Pick<LocalAws, 'endpoint' | 'account' | 'regions'>): Promise<TypedShell> {
    const directory = mkdtempSync(path.join(tmpdir(), 'terminal-'));
    // As `npm install` does it.
    const [modules, command] = [path.join(directory, 'node_modules'), 'assets/cli/main/index.js'];
    for (const file of ['package.json', command]) cpSync(path.join(ROOT, file), path.join(modules, BIN, file), { recursive: true });
    chmodSync(path.join(modules, BIN, command), 0o755);
    mkdirSync(path.join(modules, '.bin'));
    symlinkSync(path.join('..', BIN, command), path.join(modules, '.bin', BIN));
    // The Region is what the chapter says; there is no other setting of this machine.
    const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...environment } = localAwsEnvironment({
      endpoint: aws.endpoint, account: aws.account, region: aws.regions[0],
    });
    const shell = new TypedShell(directory, spawn('python3', ['-c', PTY, 'env', PROMPT, 'bash', '--norc', '--noprofile', '--noediting', '-i'], {
      cwd: directory,
      env: { ...environment, TZ: 'UTC', TERM: 'xterm', NODE_ENV: undefined, npm_config_update_notifier: 'false' },
    }));
    TypedShell.shells.add(shell);
    await shell.seen(0);
    await shell.enter('stty cols 120');
    return shell;
  }

  /** After the tests of a suite: a test that failed leaves its shell open, and jest waits for it. */
  public static closeAll(): void {
    this.shells.forEach(shell => shell.close());
  }

  private static readonly shells = new Set<TypedShell>();

  /** Characters that were typed, with each Enter, and questions that were answered. */
  public characters = 0;
  public answers = 0;
  private screen = '';
  private wake?: () => void;

  private constructor(private readonly directory: string, private readonly child: ChildProcessWithoutNullStreams) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.screen += chunk.toString('utf8');
        this.wake?.();
      });
    }
    child.on('close', () => this.wake?.());
  }

  /** Types one command, with what its reader has to fill in, and answers what it asks. */
  public async type(command: string, filled: Readonly<Record<string, string>> = {}): Promise<Typed> {
    const typed = Object.entries(filled).reduce((text, [word, value]) => text.replaceAll(word, value), command);
    this.characters += typed.length + 1;
    return this.enter(typed);
  }

  public close(): void {
    if (!TypedShell.shells.delete(this)) return;
    this.child.stdin.end();
    this.child.kill();
    rmSync(this.directory, { recursive: true });
  }

  private async enter(command: string): Promise<Typed> {
    const from = this.screen.length;
    this.child.stdin.write(`${command}\r`);
    const exit = await this.seen(from);
    return { exit, screen: plain(this.screen.slice(from)).replace(READY, '') };
  }

  /** Waits until the shell is ready; the exit code. */
  private async seen(from: number): Promise<number> {
    let answered = from;
    for (;;) {
      const text = plain(this.screen.slice(from));
      const ready = READY.exec(text);
      if (ready) return Number(ready[1]);
      const question = QUESTION.exec(plain(this.screen.slice(answered)));
      if (question) {
        answered = this.screen.length;
        this.characters += question[1].length + 1;
        this.answers += 1;
        this.child.stdin.write(`${question[1]}\r`);
      }
      if ((this.child.exitCode ?? this.child.signalCode) !== null) throw new Error(`the shell has ended:\n${text}`);
      await new Promise<void>(resolve => { this.wake = resolve; });
    }
  }
}

function plain(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n/g, '\n');
}
