import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { PRIMARY, REPLICA } from './dr-app';
import { CognitoDrReplica, Standby } from '../../src';
import { chapter } from '../helpers/documents';
import { cdkScript, localAwsEnvironment } from '../local-aws/cdk';
import { LocalAws } from '../local-aws/local-aws';

/** B2: a first deployment fails once the tables are there; the runbook's way out, word for word, ends with them in the stack and nothing lost. */
const [, WAY_OUT] = /```console\n([\s\S]*?)```/.exec(chapter('docs/runbook.md', '## A deployment says AlreadyExists'))!;
const TABLES = ['AuthStack-Dr-us-east-1-ledger', 'AuthStack-Dr-us-east-1-ledger-standby'];

let aws: LocalAws;
const directory = mkdtempSync(path.join(tmpdir(), 'way-out-'));

beforeAll(async () => {
  aws = await LocalAws.start();
  // `npx cdk` is the CLI that package.json pins.
  writeFileSync(path.join(directory, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${cdkScript()}' "$@" --ci --no-color\n`, { mode: 0o755 });
  await aws.bootstrap();
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await aws.stop();
});

/** The app of the quick start, with a standby whose follower needs the stream of the ledger; it may have a resource after the tables that AWS refuses. */
function project({ refused }: { readonly refused: boolean }): void {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'AuthStack', { env: { account: LocalAws.ACCOUNT, region: PRIMARY } });
  const userPool = new UserPool(stack, 'Users', { signInAliases: { email: true }, removalPolicy: RemovalPolicy.DESTROY });
  const dr = new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: REPLICA, standby: Standby.warm() });
  if (refused) {
    // No alarm may be on a metric of its own and on metric math.
    new CfnAlarm(dr.replicaStack, 'Refused', {
      comparisonOperator: 'GreaterThanThreshold', evaluationPeriods: 1, threshold: 1, metricName: 'Errors', metrics: [{ id: 'm', expression: '1' }],
    }).node.addDependency(dr.stateTable);
  }
  const cdkJson = { app: app.synth().directory, requireApproval: 'never', notices: false, versionReporting: false };
  writeFileSync(path.join(directory, 'cdk.json'), JSON.stringify(cdkJson));
}

/** Runs commands as somebody in the app's directory would; fails with what they complain about. */
async function run(commands: string): Promise<string> {
  const environment = localAwsEnvironment({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY });
  const { stdout } = await promisify(execFile)('bash', ['-e', '-c', `exec 2>&1\n${commands}`], {
    cwd: directory, env: { ...environment, PATH: `${directory}:${environment.PATH}` }, maxBuffer: 2 ** 24,
  }).catch((error: { stdout: string }) => { throw new Error(error.stdout); });
  return stdout;
}

const key = { pk: { S: 'a pool of old' }, sk: { S: 'a row' } };
const rowIn = async (region: string, TableName: string) => (await aws.client(region).dynamodb.send(new GetItemCommand({ TableName, Key: key }))).Item;

test('a deployment that failed after its tables, whose way out is followed, goes on with them and their rows, in both Regions', async () => {
  project({ refused: true });
  await expect(run('npx cdk deploy --all')).rejects.toThrow(/with Metrics there may be no MetricName/);
  for (const TableName of TABLES) {
    await aws.client(REPLICA).dynamodb.send(new PutItemCommand({ TableName, Item: { ...key, kept: { BOOL: true } } }));
  }

  project({ refused: false });
  await expect(run('npx cdk deploy --all')).rejects.toThrow(/AlreadyExists/);
  await run(WAY_OUT);

  for (const TableName of TABLES) expect(await rowIn(REPLICA, TableName)).toMatchObject({ kept: { BOOL: true } });
  await aws.replication.settled();
  expect(await rowIn(PRIMARY, TABLES[0])).toMatchObject({ kept: { BOOL: true } });
  // They are the stack's again: it updates them, and knows of no change.
  expect(await run('npx cdk diff AuthStack/Dr/Replica')).toMatch(/no differences/i);
  expect(await run('npx cdk deploy --all')).toContain('(no changes)');
  // While the stack was rolled back, mappings still asked for roles that were gone.
  expect(aws.iam.takeDenials().filter(({ action }) => action !== 'sts:AssumeRole')).toEqual([]);
}, 300_000);
