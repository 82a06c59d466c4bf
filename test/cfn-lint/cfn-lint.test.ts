import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { EVERYTHING, Given, make, PRIMARY } from '../helpers/templates';
import { pythonWith } from '../local-aws/venv';

/** CDK writes a DependsOn where a Ref implies it already, which is harmless. */
const IGNORED = ['W3005'];

let command: string;

beforeAll(async () => {
  command = path.join(path.dirname(await pythonWith(path.join(__dirname, 'requirements.txt'), 'cfn-lint')), 'cfn-lint');
}, 300_000);

function lint(template: string, region: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command,
    ['--non-zero-exit-code', 'informational', '--regions', region, '--ignore-checks', ...IGNORED, '--', template], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test.each<[string, Given]>([['the one line', {}], ['every feature', EVERYTHING]])('finds nothing in either template of %s', (_name, given) => {
  const templates = make(given).app.synth().stacks;
  expect(templates).toHaveLength(2);
  for (const { environment, templateFullPath } of templates) {
    expect(lint(templateFullPath, environment.region)).toEqual({ status: 0, output: '' });
  }
});

test('finds what is wrong', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'cfn-lint-'));
  try {
    const template = path.join(directory, 'wrong.json');
    writeFileSync(template, JSON.stringify({ Resources: { Pool: { Type: 'AWS::Cognito::UserPool', Properties: { MfaConfiguration: 'PERHAPS' } } } }));
    expect(lint(template, PRIMARY).output).toContain("'PERHAPS' is not one of");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
