/** What the one line adds to a synthesis: warm, in one process, and cold, as `cdk synth` is felt. Run by `npm run bench:synth`, which compiles first. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { CognitoDrReplica } from '../../src';

/** What the one line may add to a warm synthesis, in milliseconds of processor time. */
const BUDGET = 300;
const ROUNDS = 15;

/** Processor time of one synthesis: what else the machine does counts little. */
function milliseconds(withReplica: boolean): number {
  const before = process.cpuUsage();
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Auth', { env: { account: '111122223333', region: 'us-east-1' } });
  const userPool = new UserPool(stack, 'Users');
  if (withReplica) new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: 'us-west-2' });
  app.synth();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

[true, true, true].forEach(milliseconds); // warms up
const added = Array.from({ length: ROUNDS }, () => milliseconds(true) - milliseconds(false)).sort((a, b) => a - b);
const median = added[Math.floor(ROUNDS / 2)];
process.stdout.write(`the one line adds ${Math.round(median)} ms to a warm synthesis (from ${Math.round(added[0])} to ${Math.round(added[ROUNDS - 1])}), `
  + `${Math.round(median / BUDGET * 100)} % of its budget of ${BUDGET} ms\n`);

const PROJECT = path.join(__dirname, '../..');
const CLI = path.join(PROJECT, 'node_modules/aws-cdk/bin/cdk');
/** Each is a whole run of the CLI, of seconds. */
const COLD_ROUNDS = 7;

/** A small app as users have it compiled: the pool in a stack, with the line and without. */
const app = (line: string) => `
  const { App, Stack } = require(${JSON.stringify(path.join(PROJECT, 'node_modules/aws-cdk-lib'))});
  const { UserPool } = require(${JSON.stringify(path.join(PROJECT, 'node_modules/aws-cdk-lib/aws-cognito'))});
  const app = new App();
  const stack = new Stack(app, 'Auth', { env: { account: '111122223333', region: 'us-east-1' } });
  const userPool = new UserPool(stack, 'Users');
  ${line}`;
const LINE = `new (require(${JSON.stringify(path.join(PROJECT, 'lib'))}).CognitoDrReplica)(stack, 'Dr', { userPool, replicaRegion: 'us-west-2' });`;

const directory = mkdtempSync(path.join(tmpdir(), 'synth-bench-'));
try {
  writeFileSync(path.join(directory, 'without.js'), app(''));
  writeFileSync(path.join(directory, 'with.js'), app(LINE));
  const seconds = (file: string) => {
    const began = process.hrtime.bigint();
    execFileSync(process.execPath, [CLI, 'synth', '--quiet', '--app', `node ${file}`, '--output', path.join(directory, `${file}.out`)],
      { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' } });
    return Number(process.hrtime.bigint() - began) / 1e9;
  };
  ['without.js', 'with.js'].forEach(seconds); // fills the caches of the file system
  const pairs = Array.from({ length: COLD_ROUNDS }, () => ({ without: seconds('without.js'), with: seconds('with.js') }));
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)].toFixed(1);
  process.stdout.write(`cdk synth of a small app, median of ${COLD_ROUNDS}: ${middle(pairs.map((pair) => pair.with))} s with the line, `
    + `${middle(pairs.map((pair) => pair.without))} s without it\n`);
} finally {
  rmSync(directory, { recursive: true });
}
