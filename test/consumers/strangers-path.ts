import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { Shell } from './shell';
import { LocalAws } from '../local-aws/local-aws';

interface Step {
  readonly language: string;
  readonly text: string;
}

/**
 * Does what the README's quick start says, literally, as somebody who has nothing but it: the commands of its consoles, and its files where
 * their first line says. Against the local AWS, and with the packed library where the README names the published one.
 */
async function main(folder: string, tarball: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const aws = await LocalAws.start();
  try {
    let working = folder;
    for (const { language, text } of quickStart()) {
      if (language === 'console') {
        await new Shell(aws, text.startsWith('cd ') || working === folder ? folder : working).run(text.replace(/^npm install cognito-dr-replica$/m, `npm install ${tarball}`));
        working = path.join(folder, 'auth');
      } else {
        const [, file] = /^\/\/ (\S+)\n/.exec(text) ?? [];
        assert.ok(file, `no file name in the first line of: ${text}`);
        readFileSync(path.join(working, file)); // `cdk init` made it
        writeFileSync(path.join(working, file), text);
      }
    }
    await itWorks(aws);
  } finally {
    await aws.stop();
  }
}

/** The blocks of the quick start that come before the other languages. */
function quickStart(): Step[] {
  const readme = readFileSync(path.resolve(__dirname, '../../README.md'), 'utf8');
  const [chapter] = readme.split('\n## Quick start\n')[1].split('\n<details>\n');
  const steps = [...chapter.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text: text.trimEnd() + '\n' }));
  assert.deepEqual(steps.map(step => step.language), ['console', 'js', 'ts', 'console']);
  return steps;
}

/** A user who is made now is in the copy, in the other Region, soon after. */
async function itWorks(aws: LocalAws): Promise<void> {
  const [{ UserPoolId }, { DrLedgerTableName: TableName }] = await Promise.all([
    aws.stackOutputs('us-east-1', 'AuthStack'), aws.stackOutputs('us-west-2', 'AuthStack-Dr-us-east-1-replica').then(outputs => ({
      DrLedgerTableName: Object.entries(outputs).find(([name]) => name.endsWith('LedgerTableName'))![1],
    })),
  ]);
  const email = 'stranger@example.com';
  await aws.client('us-east-1').cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: email, UserAttributes: [{ Name: 'email', Value: email }], MessageAction: 'SUPPRESS' }));
  const end = Date.now() + 60_000;
  for (;;) {
    const { Items = [] } = await aws.client('us-west-2').dynamodb.send(new ScanCommand({ TableName }));
    if (JSON.stringify(Items).includes(email)) break;
    assert.ok(Date.now() < end, 'the user is not in the copy after a minute');
    await new Promise(resolve => setTimeout(resolve, 500));
  }
  process.stdout.write('The user who was made after the deployment is in the copy in us-west-2.\n');
}

const [folder, tarball] = process.argv.slice(2).map(argument => path.resolve(argument));
main(folder, tarball).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
