import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as ts from 'typescript';
import { ROOT } from '../../scripts/generated-files';
import { Drill, Standby } from '../../src';
import { SWEEP_MEMORY } from '../../src/capture/constants';
import { sentenceOf } from '../../src/converge/sentences';
import { ReasonCode, ReasonOf } from '../../src/state/outcome';
import { USER_DOCUMENTS, chapter, documentText } from '../helpers/documents';
import { SimulatedSweep } from '../helpers/simulated-sweep';
import { ACCOUNT, REPLICA, make } from '../helpers/templates';

/** The landing page and every chapter. */
const everything = USER_DOCUMENTS.map(documentText).join('\n');

/** Names in backticks of the cells of one column. */
function inColumn(text: string, column: number): string[] {
  return text.split('\n').filter(line => line.startsWith('|')).flatMap(line => [...line.split('|')[column].matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

test('the landing page is one: at most 250 lines and 15 KB, for people who have one minute', () => {
  const landingPage = documentText('README.md');
  expect(landingPage.split('\n').length - 1).toBeLessThanOrEqual(250);
  expect(Buffer.byteLength(landingPage)).toBeLessThanOrEqual(15 * 1_024);
});

test('the landing page has every chapter in its index', () => {
  const targets = new Set([...documentText('README.md').matchAll(/blob\/main\/(docs\/[\w-]+\.md)(?=[)\n])/g)].map(([, target]) => target));
  expect([...targets].sort()).toEqual(USER_DOCUMENTS.slice(1));
});

test.each([
  ['typescript/bin/auth.ts', '// bin/auth.ts'],
  ['typescript/lib/auth-stack.ts', '// lib/auth-stack.ts'],
  ['python/app.py', '# app.py'],
  ['python/auth/auth_stack.py', '# auth/auth_stack.py'],
  ['java/src/main/java/com/myorg/AuthApp.java', '// src/main/java/com/myorg/AuthApp.java'],
  ['java/src/main/java/com/myorg/AuthStack.java', '// src/main/java/com/myorg/AuthStack.java'],
  ['go/auth.go', '// auth.go'],
])('shows %s as it is', (file, firstLine) => {
  const source = readFileSync(path.join(ROOT, 'test/consumers', file), 'utf8').replace(/^#!.*\n/, '');
  const shown = file.startsWith('typescript/') ? chapter('README.md', '## Quick start') : documentText('docs/getting-started.md');
  expect(shown).toContain(`\n${firstLine}\n${source}\`\`\`\n`);
});

test('the configuration names properties that exist', () => {
  const api = readFileSync(path.join(ROOT, 'src/options.ts'), 'utf8');
  const named = inColumn(chapter('docs/configuration.md', '# Configuration'), 2).flatMap(code => code.match(/^[a-z]\w+(?=:|$)/) ?? []);
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter(name => !new RegExp(`readonly ${name}\\??:`).test(api))).toEqual([]);
});

test('each alarm has a chapter in the runbook, and its description leads there', () => {
  const { dr, stack } = make({
    props: (_app, own) => ({
      drill: Drill.schedule({ targetRto: Duration.hours(1), targetRpo: Duration.hours(1) }),
      standby: Standby.warm(),
      changeEvents: EventBus.fromEventBusArn(own, 'Changes', `arn:aws:events:${REPLICA}:${ACCOUNT}:event-bus/changes`),
    }),
  });
  Template.fromStack(stack);
  const made = dr.alarms.map(alarm => alarm.node.path.split('/').slice(-2).join('/'));
  expect([...chapter('docs/runbook.md', '## Alarms').matchAll(/^### (.*)$/gm)].map(([, heading]) => heading).sort()).toEqual([...made].sort());
  // Its anchor is what GitHub makes of the heading.
  const links = made.map(name => `docs/runbook.md#${name.toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-')}`);
  expect(dr.alarms.map(alarm => JSON.stringify(alarm.stack.resolve((alarm.node.defaultChild as CfnAlarm).alarmDescription)))
    .filter((description, n) => !new RegExp(` Runbook: https://\\S+/blob/main/${links[n]}"`).test(description))).toEqual([]);
});

test('every metric that it names exists', () => {
  const constants = readFileSync(path.join(ROOT, 'src/runtime/metric-names.ts'), 'utf8');
  const named = [...everything.matchAll(/(?:metric |counted \()`(\w+)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter(name => !constants.includes(`'${name}'`))).toEqual([]);
});

/** Every code with the details that the runbook shows: a code more or less does not compile. */
const REASONS: { readonly [Code in ReasonCode]: ReasonOf<Code> } = {
  'source-unconfirmed': { code: 'source-unconfirmed' },
  'source-federated': { code: 'source-federated' },
  'no-sign-in-name': { code: 'no-sign-in-name' },
  'attributes-not-in-schema': { code: 'attributes-not-in-schema', attributes: ['custom:tier', 'custom:team'] },
  'newer-namesake': { code: 'newer-namesake' },
  'deleted-in-target': { code: 'deleted-in-target', since: '2026-11-02' },
  'not-in-target': { code: 'not-in-target' },
  'moment-unknown': { code: 'moment-unknown' },
  'name-of-another': { code: 'name-of-another' },
  'name-of-unconfirmed': { code: 'name-of-unconfirmed' },
  'not-made-from-ledger': { code: 'not-made-from-ledger' },
  'not-federated-in-target': { code: 'not-federated-in-target' },
  'another-federated-user': { code: 'another-federated-user' },
  'unchanged': { code: 'unchanged' },
  'converged': { code: 'converged' },
  'would-converge': { code: 'would-converge' },
  'changed-since-copy': { code: 'changed-since-copy' },
  'left-as-it-is': { code: 'left-as-it-is' },
  'changed-on-both-sides': { code: 'changed-on-both-sides', attributes: ['email', 'name'] },
  'refused': { code: 'refused', operation: 'AdminCreateUser', error: 'UsernameExistsException' },
  'moment-uncertain': { code: 'moment-uncertain' },
  'moment-by-event': { code: 'moment-by-event' },
  'moment-coalesced': { code: 'moment-coalesced' },
  'source-status': { code: 'source-status', status: 'RESET_REQUIRED' },
  'target-status': { code: 'target-status', status: 'FORCE_CHANGE_PASSWORD' },
  'identities-not-linked': { code: 'identities-not-linked' },
  'linked-by-subject': { code: 'linked-by-subject' },
  'link-refused': { code: 'link-refused' },
  'attributes-left-out': { code: 'attributes-left-out', attributes: ['custom:tier', 'custom:team'] },
  'totp-lost': { code: 'totp-lost' },
  'passkeys-lost': { code: 'passkeys-lost' },
  'group-not-restored': { code: 'group-not-restored' },
  'name-lost': { code: 'name-lost', attribute: 'email' },
  'attribute-immutable': { code: 'attribute-immutable', attribute: 'custom:tenant' },
  'verified-in-ledger-only': { code: 'verified-in-ledger-only', attribute: 'email' },
  'unverified-address': { code: 'unverified-address', attribute: 'email' },
  'mfa-refused': { code: 'mfa-refused' },
  'mfa-withheld': { code: 'mfa-withheld' },
  'changed-since-plan': { code: 'changed-since-plan' },
  'created-since': { code: 'created-since' },
  'came-back': { code: 'came-back', sub: '2f6a9c10-1111-4222-8333-944455566677' },
  'nothing-to-write': { code: 'nothing-to-write' },
  'changed-by-others': { code: 'changed-by-others' },
  'changed-by-unknown': { code: 'changed-by-unknown' },
  'would-notify': { code: 'would-notify', attribute: 'email' },
  'mfa-gained': { code: 'mfa-gained', methods: ['SOFTWARE_TOKEN_MFA'] },
  'mfa-unknown-before': { code: 'mfa-unknown-before', methods: ['SOFTWARE_TOKEN_MFA'] },
  'name-taken': { code: 'name-taken', attribute: 'email' },
  'name-parked': { code: 'name-parked' },
  'changed-since-run': { code: 'changed-since-run', fields: ['email', 'name'] },
  'disabled-not-deleted': { code: 'disabled-not-deleted' },
  'group-role': { code: 'group-role' },
  'group-precedence': { code: 'group-precedence' },
  'group-stays': { code: 'group-stays' },
  'differs': { code: 'differs' },
  'not-in-groups': { code: 'not-in-groups', groups: 2 },
};

test('the reason codes are all there, each with its details and its sentence, and no others', () => {
  const rows = chapter('docs/runbook.md', '## Reason codes').split('\n').filter(line => line.startsWith('| `'));
  expect(rows).toEqual(Object.values(REASONS).map(reason => {
    const details = Object.keys(reason).filter(name => name !== 'code').map(name => `\`${name}\``).join(', ');
    return ['', `\`${reason.code}\``, details, sentenceOf(reason), ''].join(' | ').trim();
  }));
});

test('the tables of figures and of tests name a test or a source for each', () => {
  for (const heading of ['## At a glance', '## Measured here']) {
    const rows = chapter('docs/evidence.md', heading).split('\n').filter(line => /^\| (?!\| |---|What |Users |Memory )/.test(line));
    expect(rows.filter(row => !/test\/|bench:|the same|\]\(|^\| [\d,]+( MB.*)? \|/.test(row))).toEqual([]);
  }
});

test('the figures of the end-to-end tests are those that they run with, in the gate and with E2E=whole', () => {
  const evidence = documentText('docs/evidence.md');
  const rowWith = (text: string) => evidence.split('\n').find(line => line.startsWith('| ') && line.includes(text));
  /** What a constant of a test is in the gate, and with `E2E=whole`. */
  const sizes = (test: string, name: string) => {
    const [, whole, gate] = new RegExp(`^const ${name} = IS_WHOLE \\? ([\\d_]+) : ([\\d_]+);$`, 'm')
      .exec(readFileSync(path.join(ROOT, `test/e2e/${test}.e2e.test.ts`), 'utf8'))!;
    return { whole: whole.replace('_', ','), gate: gate.replace('_', ',') };
  };
  const [visitors, visited] = [sizes('standby', 'VISITORS'), sizes('standby', 'USERS')];
  expect(rowWith('A user can work again')).toContain(`| ${visitors.gate} of ${visited.gate} users, the median,`);
  expect(rowWith('reset their passwords on an empty standby')).toMatch(
    new RegExp(`^\\| ${visitors.gate} of ${visited.gate} users, .*with \`E2E=whole\` ${visitors.whole} of ${visited.whole} \\|$`));
  const operations = sizes('capture', 'OPERATIONS');
  expect(rowWith('random operations')).toMatch(new RegExp(`^\\| ${operations.gate} random operations of 5 clients .*with \`E2E=whole\` ${operations.whole} \\|$`));
  const swept = sizes('sweep', 'USERS');
  expect(rowWith('A sweep of')).toContain(`| A sweep of ${swept.gate} unchanged users |`);
  expect(rowWith('Ten changed users')).toContain(`| Ten changed users of ${swept.gate} |`);
  const hit = sizes('recovery', 'USERS');
  expect(rowWith('A script deletes')).toMatch(new RegExp(`of ${hit.whole} users, .*\`E2E=whole `));
});

test('what the line adds to a synthesis is said to be warm, and beside it stands what a cold one feels', () => {
  const row = chapter('docs/evidence.md', '## Measured here').split('\n').find(line => line.startsWith('| The one line in a '));
  expect(row).toMatch(/^\| The one line in a warm synthesis \| \d+ ms of processor time more, .* a cold `cdk synth` of a small app: [\d.]+ s in place of [\d.]+, .*`npm run bench:synth` \|$/);
});

test('the costs add up, and count every alarm', () => {
  const { dr, stack } = make();
  Template.fromStack(stack);
  const rows = chapter('docs/cost.md', '# What it costs').split('\n').filter(line => /^\| .*\| [\d.*]+ \|$/.test(line)).map(line => line.split(/ *\| */));
  const cents = (text: string) => Math.round(Number(text.replace(/\*/g, '')) * 100);
  const [total] = rows.slice(-1);
  expect(rows.length).toBeGreaterThan(7);
  expect(total[1]).toBe('**Sum**');
  expect(rows.slice(0, -1).reduce((sum, row) => sum + cents(row[3]), 0)).toBe(cents(total[3]));
  // CloudWatch bills an alarm on an expression for each of its metrics.
  const templates = [stack, dr.replicaStack].map(each => Template.fromStack(each).findResources('AWS::CloudWatch::Alarm'));
  const watched = templates.flatMap(found => Object.values(found)).reduce((sum, { Properties: { Metrics = [{ MetricStat: {} }] } }) =>
    sum + Metrics.filter((metric: { MetricStat?: object }) => metric.MetricStat).length, 0);
  const alarms = rows.find(([, what]) => what.startsWith('Alarms'))!;
  expect(alarms.slice(1, 4)).toEqual([`Alarms: ${dr.alarms.length}, on ${watched} metrics`, `${watched} at 0.10`, (watched * 0.1).toFixed(2)]);
});

test('the price of the sweep follows from its minutes and the memory of its function', () => {
  const [, minutes, memory, units, price] = /Sweep function: 730 × ([\d.]+) minutes × (\d+) MB, arm64 \| ([\d,]+) GB-seconds at 0\.0000133 \| ([\d.]+) \|/
    .exec(chapter('docs/cost.md', '# What it costs'))!;
  expect(Number(memory)).toBe(SWEEP_MEMORY);
  const seconds = 730 * Number(minutes) * 60 * SWEEP_MEMORY / 1_024;
  expect(Number(units.replace(',', '')) / 1_000).toBeCloseTo(seconds / 1_000, 0);
  expect(Number(price)).toBeCloseTo(seconds * 0.0000133334, 2);
});

test('the first copy and a sweep take the minutes that it says', async () => {
  const run = async (unchanged: boolean) => new SimulatedSweep({ users: 100_000, unchanged }).run();
  const [first, later] = [await run(false), await run(true)];
  expect(chapter('docs/evidence.md', '## Measured here'))
    .toContain(`\n| ${SWEEP_MEMORY} MB, as deployed | ${first.minutes.toFixed(1)} | ${later.minutes.toFixed(1)} | ${Math.round(later.busy * 100)} % |`);
});

const COMPILER_OPTIONS: ts.CompilerOptions = {
  noEmit: true, skipLibCheck: true, types: ['node'], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext,
};

/** What the reader has, such as their form. */
const NOT_IN_SCOPE = [2304, 18004];

/** What was parsed for other code with the same options: the libraries are the same each time, and large. */
const parsed = new Map<string, ts.SourceFile>();

/** TypeScript's word on code that a reader would paste: syntax, imports, and how libraries are called. */
function diagnostics(code: string, name: string, options: ts.CompilerOptions): string[] {
  const file = path.join(ROOT, name);
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists] = [host.readFile.bind(host), host.fileExists.bind(host)];
  host.readFile = each => each === file ? code : readFile(each);
  host.fileExists = each => each === file || fileExists(each);
  host.getSourceFile = (each, version) => {
    const key = JSON.stringify([name, each, version]);
    const known = each === file ? undefined : parsed.get(key);
    if (known) return known;
    const text = host.readFile(each);
    if (text === undefined) return undefined;
    const source = ts.createSourceFile(each, text, version);
    parsed.set(key, source);
    return source;
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).filter(found => !NOT_IN_SCOPE.includes(found.code))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const ofJavaScript = (code: string) => diagnostics(code, 'block.mjs', { ...COMPILER_OPTIONS, allowJs: true, checkJs: true, strict: false });
/** The library is the source, as for the TypeScript consumer. */
const ofTypeScript = (code: string) => diagnostics(code, 'block.ts', {
  ...COMPILER_OPTIONS, strict: true, paths: { 'cognito-dr-replica': [path.join(ROOT, 'src/index.ts')] },
});

const javaScript = [...everything.matchAll(/^( *)```js\n([\s\S]*?)^ *```$/gm)].map(([, indent, code]) => code.replace(new RegExp(`^${indent}`, 'gm'), ''))
  .filter(code => !code.startsWith('// bin/auth.ts')); // which the TypeScript consumer compiles

test.each(javaScript)('the JavaScript of the documents compiles: %#', code => {
  expect(ofJavaScript(code)).toEqual([]);
});

test('JavaScript that does not compile would be found', () => {
  // The app of AWS Amplify is compiled by its consumer.
  expect(javaScript).toHaveLength(4);
  const [hint, verifier, catching] = ['QueueUrl:', 'tokenUse:', 'try {'].map(part => javaScript.find(code => code.includes(part))!);
  expect(ofJavaScript(hint.replace('QueueUrl:', 'QueueURL:')).join()).toContain('QueueURL');
  expect(ofJavaScript(verifier.replace('tokenUse:', 'tokenUsed:')).join()).toContain('tokenUsed');
  expect(ofJavaScript(catching.replace('try {', 'try (')).length).toBeGreaterThan(0);
});

// Those of the README are compiled with the package, by jsii-rosetta.
const typeScript = USER_DOCUMENTS.slice(1).flatMap(name => [...documentText(name).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => [name, code]));

test.each(typeScript)('the TypeScript of %s compiles: %#', (_name, code) => {
  expect(ofTypeScript(code)).toEqual([]);
});

test('TypeScript that does not compile would be found', () => {
  expect(typeScript).toHaveLength(3);
  const [, code] = typeScript.find(([name]) => name === 'docs/configuration.md')!;
  expect(ofTypeScript(code.replace('replicaRegion:', 'region:')).join()).toContain('region');
});

test('the shell commands of the documents parse', () => {
  const shell = [...everything.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  expect(shell.length).toBeGreaterThan(5);
  const check = (code: string) => spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' }).stderr;
  expect(shell.map(check).filter(error => error !== '')).toEqual([]);
  expect(check('for each')).not.toEqual('');
});
