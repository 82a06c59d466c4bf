import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { chapter } from './documents';
import { localAwsEnvironment } from '../local-aws/cdk';
import { LocalAws } from '../local-aws/local-aws';
import { pythonWith } from '../local-aws/venv';

const AWS_CLI = path.join(__dirname, 'aws-cli.requirements.txt');

/** The numbered steps of the shell block of a chapter of the runbook, word for word. */
export function stepsOf(heading: string): string[] {
  const block = /```console\n([\s\S]*?)^```$/m.exec(chapter('docs/runbook.md', heading))?.[1];
  const steps = block?.split(/^(?=# \d+\. )/m) ?? [];
  if (steps.length === 0 || steps.some((step, n) => !step.startsWith(`# ${n + 1}. `))) throw new Error(`no numbered steps in ${heading}`);
  return steps;
}

/** The commands of a chapter's blocks, one a line, as somebody types them who has read it: comments are not typed. */
export function commandsOf(heading: string): string[] {
  const blocks = [...chapter('docs/runbook.md', heading).matchAll(/^```(?:console|sh)\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error(`nothing to type in ${heading}`);
  return blocks.flatMap(code => code.split('\n').filter(line => line !== '' && !line.startsWith('#')));
}

/**
 * The shell in which somebody types the steps of a chapter, with the real AWS CLI, against the local AWS. What a step sets is there in the next one.
 * It has no Region and no other setting of this machine.
 */
export class Runbook {
  public static async open(aws: Pick<LocalAws, 'endpoint' | 'account' | 'regions'>): Promise<Runbook> {
    return new Runbook(aws, path.dirname(await pythonWith(AWS_CLI, 'the AWS CLI')));
  }

  private readonly directory = mkdtempSync(path.join(tmpdir(), 'runbook-'));

  private constructor(private readonly aws: Pick<LocalAws, 'endpoint' | 'account' | 'regions'>, private readonly binaries: string) {}

  /** Answers what the step prints; fails with what it complains about. */
  public async run(step: string): Promise<string> {
    const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...environment } = localAwsEnvironment({
      endpoint: this.aws.endpoint, account: this.aws.account, region: this.aws.regions[0],
    });
    const kept = path.join(this.directory, 'kept');
    const before = existsSync(kept) ? `source '${kept}'\n` : '';
    // Variables that Bash does not let anybody set again are its own.
    const after = `\n{ declare -p | grep -Ev '^declare -[a-zA-Z]*r|^declare -- (BASH|_)'; declare -f; } > '${kept}'\n`;
    const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', `${before}${step}${after}`], {
      cwd: this.directory, env: { ...environment, PATH: `${this.binaries}:${environment.PATH}`, AWS_PAGER: '' }, maxBuffer: 2 ** 24,
    }).catch((error: { stdout: string; stderr: string }) => { throw new Error(`${step}\n${error.stdout}\n${error.stderr}`); });
    return stdout;
  }

  public close(): void {
    rmSync(this.directory, { recursive: true });
  }
}
