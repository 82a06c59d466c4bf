import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../../../scripts/generated-files';

const document = readFileSync(path.join(ROOT, 'docs', 'drill-reports.md'), 'utf8');

/** The documented lines that verify the chain of reports. */
const verification = [...document.matchAll(/```sh\n(.*?)```/gs)].map(([, script]) => script).find(script => script.includes('sha256=$('))!;

/** What those lines say of `reports/` in the directory, run by the shell as they stand. */
export function verifyChain(directory: string): string {
  try {
    return execFileSync('sh', ['-c', verification], { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
