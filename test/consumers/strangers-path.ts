import * as assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { Shell } from './shell';
import { chapter } from '../helpers/documents';
import { LocalAws } from '../local-aws/local-aws';
import { PROJECT_ROOT } from '../local-aws/paths';

const GO_MODULE = 'github.com/cognito-dr-replica/cognito-dr-replica-go/cognitodrreplica';
const MAVEN = 'mvn -q -B -ntp org.apache.maven.plugins:maven-install-plugin:3.1.1:install-file';

const { devDependencies } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };

/** What the documents install is not published yet: these put the packages of `dist` in its place. */
const PACKAGES: Record<string, (dist: string, script: string) => string> = {
  TypeScript: (dist, script) => replaced(script, /^npm install cognito-dr-replica$/m, `npm install ${only(`${dist}/js`, '.tgz')}`),
  Python: (dist, script) => replaced(script, /(?<=^pip install -r requirements.txt )cognito-dr-replica$/m, only(`${dist}/python`, '.whl')),
  Java: (dist, script) => {
    const [version] = readdirSync(`${dist}/java/io/github/cognitodrreplica/cognito-dr-replica`);
    const base = `${dist}/java/io/github/cognitodrreplica/cognito-dr-replica/${version}/cognito-dr-replica-${version}`;
    // `cdk init` asks for an aws-cdk-lib of last week, which not every mirror of Maven Central has.
    const known = `sed -i -E 's#<(cdk).version>.*#<\\1.version>${devDependencies['aws-cdk-lib']}</\\1.version>#; s#<(constructs).version>.*#<\\1.version>${devDependencies.constructs}</\\1.version>#' pom.xml`;
    return `export MAVEN_OPTS=-Dmaven.repo.local=$PWD/.m2\n${MAVEN} -Dfile=${base}.jar -DpomFile=${base}.pom\n${replaced(script, /(?<=--language java)$/m, `\n${known}`)}`;
  },
  Go: (dist, script) => {
    // `cdk init` asks for a newer aws-cdk-lib than this library was just compiled with: another 400 MB, and a minute of both cores to compile.
    const compiled = `-require github.com/aws/aws-cdk-go/awscdk/v2@v${devDependencies['aws-cdk-lib']}`;
    const module = `-require ${GO_MODULE}@v0.0.0 -replace ${GO_MODULE}=${dist}/go/cognitodrreplica`;
    return replaced(script, new RegExp(`^go get ${GO_MODULE}$`, 'm'), `go mod edit ${compiled} ${module}`);
  },
};

/**
 * Does what the quick starts say, literally, as somebody who has nothing but them, in one shell for each language: the commands of its
 * consoles, and its files where their first line says. Against the local AWS.
 */
async function main(folder: string, dist: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const aws = await LocalAws.start();
  try {
    for (const [language, text] of Object.entries(chapters())) {
      const home = path.join(folder, language);
      mkdirSync(home, { recursive: true });
      await new Shell(aws, home).run(PACKAGES[language](dist, scriptOf(text)));
      if (language === 'TypeScript') await itWorks(aws);
      process.stdout.write(`${language}: the quick start runs\n`);
    }
  } finally {
    await aws.stop();
  }
}

/** The quick start of each language. */
function chapters(): Record<string, string> {
  const others = ['Python', 'Java', 'Go'].map(language => [language, chapter('docs/getting-started.md', `## ${language}`)] as const);
  return { TypeScript: chapter('README.md', '## Quick start'), ...Object.fromEntries(others) };
}

/** Commands as they are; files are written where they are to replace something that `cdk init` made. */
function scriptOf(text: string): string {
  const blocks = [...text.matchAll(/^```(\w+)(?: nofixture)?\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code: code.trimEnd() }));
  assert.ok(blocks.length >= 3);
  return blocks.map(({ language, code }) => {
    if (language === 'console') return code;
    const [firstLine] = code.split('\n');
    const [, file] = /^(?:\/\/|#|<!--) ([^\s,]+)/.exec(firstLine)!;
    return language === 'xml'
      ? `sed -i '/^    <dependencies>/r /dev/stdin' ${file} <<'END'\n${code}\nEND`
      : `test -e ${file}\ncat > ${file} <<'END'\n${code}\nEND`;
  }).join('\n');
}

/** A user who is made now is in the copy, in the other Region, soon after. */
async function itWorks(aws: LocalAws): Promise<void> {
  const { UserPoolId } = await aws.stackOutputs('us-east-1', 'AuthStack');
  const outputs = await aws.stackOutputs('us-west-2', 'AuthStack-Dr-us-east-1-replica');
  const [, TableName] = Object.entries(outputs).find(([name]) => name.endsWith('LedgerTableName'))!;
  const email = 'stranger@example.com';
  await aws.client('us-east-1').cognito.send(new AdminCreateUserCommand({
    UserPoolId, Username: email, UserAttributes: [{ Name: 'email', Value: email }], MessageAction: 'SUPPRESS',
  }));
  const end = Date.now() + 60_000;
  for (;;) {
    const { Items = [] } = await aws.client('us-west-2').dynamodb.send(new ScanCommand({ TableName }));
    if (JSON.stringify(Items).includes(email)) break;
    assert.ok(Date.now() < end, 'the user is not in the copy after a minute');
    await new Promise(resolve => setTimeout(resolve, 500));
  }
  process.stdout.write('The user who was made after the deployment is in the copy in us-west-2.\n');
}

function replaced(script: string, published: RegExp, built: string): string {
  assert.match(script, published);
  return script.replace(published, built);
}

function only(folder: string, ending: string): string {
  const found = readdirSync(folder).filter(name => name.endsWith(ending));
  assert.equal(found.length, 1);
  return path.join(folder, found[0]);
}

const [folder, dist] = process.argv.slice(2).map(argument => path.resolve(argument));
main(folder, dist).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
