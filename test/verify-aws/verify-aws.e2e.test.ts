import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateUserPoolCommand, DeleteUserPoolCommand, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ASSUMPTIONS } from './assumptions/all';
import { Assumption } from './assumptions/assumption';
import { UNSEEN } from './assumptions/contract';
import { Names } from './names';
import { Patience, Region } from './port';
import { Removal } from './removal';
import { EXIT, Report } from './report';
import { Run, RunOptions, RunSettings } from './run';
import { LocalAws } from '../local-aws/local-aws';
import { PROJECT_ROOT } from '../local-aws/paths';
import { makeTemporary, removeTemporary } from '../local-aws/temporary';

const REGIONS = ['us-east-1', 'us-west-2'] as const;
const OPTIONS: RunOptions = { region: REGIONS[0], replicaRegion: REGIONS[1], createTrail: false, keep: false, yes: true };
const PATIENCE: Patience = {
  event: 10_000,
  firstEvent: 10_000,
  trigger: 2_000,
  listing: 5_000,
  ledger: 150_000,
  schedule: 500,
  execution: 150_000,
  userImport: 2_000,
  stack: 150_000,
  stackPoll: 50,
  left: 500,
  leftPoll: 50,
  poll: 50,
};

/** Where the local AWS is known not to be AWS: a run there finds the difference, as it would on AWS. */
const DIFFERS_HERE = [
  'product.first-sweep', // schedules run by their clock, not at once
  'product.error-name', // Runtime.HandlerError, whatever was thrown
  'admin.mfa-required', // who has no factor gets tokens
];

const NO_SUCH_ACTION = 'check failed: InvalidAction';
const BY_CODE = 'not observed: the call takes a code that Cognito sends to the user';
const BY_DOCUMENTATION = 'not observed: by documentation only: no API says who counts as active';
const UNKNOWN_HERE: Record<string, string> = {
  ...Object.fromEntries(Object.entries(UNSEEN).map(([id, why]) => [`contract.${id}`, `not observed: ${why}`])),
  'listing.empty-page': 'not observed: no such page here, which does not say that there is none',
  'admin.suppress': 'not observed: Cognito has no API for what it sent',
  'admin.link-immutable': 'not observed: it takes an identity provider and a browser',
  'admin.index-lag': 'not observed: one run sees an ordinary lag, and no bound',
  'admin.quota-window': 'not observed: a burst would take the quota from the account\'s other user pools',
  'admin.processor': 'not observed: a first copy of many users would tell, and this run makes few',
  'admin.quota-share': 'not observed: it depends on the traffic of the account',
  'triggers.pre-authentication': 'not observed: PreAuthentication did not run',
  'triggers.reset': 'not observed: ConfirmForgotPassword takes a code that Cognito sends to the user',
  'import.header': NO_SUCH_ACTION,
  'import.status': NO_SUCH_ACTION,
  'import.triggers': NO_SUCH_ACTION,
  'quotas.source': 'check failed: Unknown', // there is no Service Quotas
  'quotas.replica': 'check failed: Unknown',
  'quotas.source-provisioned': NO_SUCH_ACTION,
  'quotas.replica-provisioned': NO_SUCH_ACTION,
  'alarms.fill': 'not observed: Step Functions published nothing of the sweep',
  'billing.sweep': BY_DOCUMENTATION,
  'billing.capture': BY_DOCUMENTATION,
  'billing.mfa-preference': BY_DOCUMENTATION,
  'cloudtrail.ConfirmSignUp': BY_CODE,
  'cloudtrail.ConfirmForgotPassword': BY_CODE,
  'cloudtrail.VerifyUserAttribute': BY_CODE,
  'cloudtrail.AdminSetUserSettings': NO_SUCH_ACTION,
  'cloudtrail.AdminDeleteSoftwareToken': NO_SUCH_ACTION,
  'cloudtrail.DeleteUserAttributes': NO_SUCH_ACTION,
  'cloudtrail.SetUserSettings': NO_SUCH_ACTION,
};
const PAGE = 'not observed: a page of managed login, which takes a domain and a browser';

let aws: LocalAws;
let directory: string;
let said: string;
let environment: NodeJS.ProcessEnv;

const settings = (more: Partial<RunSettings> = {}): RunSettings => ({
  say: text => { said += text; }, signal: new AbortController().signal, patience: PATIENCE, ...more,
});
const assumption = (id: string, check: Assumption['check']): Assumption => ({ id, what: id, assumed: 'x', source: 'a test', check });
const holding = (id: string) => assumption(id, () => Promise.resolve({ observed: 'x', holds: true }));

/** Names of everything in both Regions that a run could leave, without the bootstrap stacks'. */
async function present(): Promise<string[]> {
  const found = await Promise.all(REGIONS.map(async region => {
    const { cloudFormation, cognito, dynamodb, lambda, logs, stepFunctions } = aws.client(region, { seed: true });
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
    const { UserPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const { stateMachines = [] } = await stepFunctions.send(new ListStateMachinesCommand({}));
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
    return [
      ...Stacks.map(({ StackName }) => StackName), ...UserPools.map(({ Name }) => Name), ...TableNames,
      ...Functions.map(({ FunctionName }) => FunctionName), ...stateMachines.map(({ name }) => name),
      ...logGroups.map(({ logGroupName }) => logGroupName),
    ].map(name => `${region} ${name}`);
  }));
  const buckets = (await (await fetch(`${aws.endpoint}/`, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${aws.account}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none` },
  })).text()).match(/<Name>[^<]*/g) ?? [];
  return [...found.flat(), ...buckets].filter(name => !/CDKToolkit|<Name>cdk-/.test(name));
}

beforeAll(async () => {
  aws = await LocalAws.start({ waitScale: 0.1 });
  directory = makeTemporary('verify-aws-test');
  environment = { ...process.env };
  // As the SDKs and the CLI find an account.
  Object.assign(process.env, { AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID: aws.account, AWS_SECRET_ACCESS_KEY: 'local', AWS_EC2_METADATA_DISABLED: 'true' });
});

beforeEach(() => { said = ''; });

afterAll(async () => {
  Object.keys(process.env).filter(name => !(name in environment)).forEach(name => delete process.env[name]);
  removeTemporary(directory);
  // The contract sends a sub, to see it refused; nothing else may break a rule of ours.
  const broken = aws.violations.found.splice(0).map(({ caller, what }) => `${caller} ${what}`);
  await aws.stop();
  expect(broken.filter(rule => rule !== 'other with the attribute sub')).toEqual([]);
});

describe('before anything is changed', () => {
  test('refuses a Region that is not bootstrapped', async () => {
    await expect(new Run(OPTIONS, settings()).run()).rejects.toThrow(
      'us-east-1 is not bootstrapped for the CDK (there is no stack CDKToolkit): run npx cdk bootstrap aws://000000000000/us-east-1');
  });

  test('refuses to copy into the same Region', async () => {
    await expect(new Run({ ...OPTIONS, replicaRegion: REGIONS[0] }, settings()).run()).rejects.toThrow('give two different Regions');
  });

  test('refuses without credentials', async () => {
    const { AWS_ACCESS_KEY_ID: id } = process.env;
    delete process.env.AWS_ACCESS_KEY_ID;
    Object.assign(process.env, { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' });
    await expect(new Run(OPTIONS, settings()).run()).rejects.toThrow(/^there are no AWS credentials that work \(CredentialsProviderError\)/);
    process.env.AWS_ACCESS_KEY_ID = id;
  });

  test('without --yes it says what it would do, and does nothing', async () => {
    await aws.bootstrap();
    const before = aws.calls.snapshot();
    expect(await new Run({ ...OPTIONS, yes: false }, settings()).run()).toBe(EXIT.AS_ASSUMED);
    expect(said).toContain('Account 000000000000, Regions us-east-1 and us-west-2');
    expect(said).toContain('Nothing has been changed');
    expect(aws.calls.since(before).byOperation()).toEqual({ GetCallerIdentity: 1, DescribeStacks: 2 });
  });
});

test('a whole run: every row, and nothing is left', async () => {
  const before = await present();
  const json = path.join(directory, 'report.json');
  const more = [
    assumption('test.throws', () => Promise.reject(new TypeError('about success+x@simulator.amazonses.com'))),
    assumption('test.wrong', () => Promise.resolve({ observed: 'y', holds: false })),
    // The trail's bucket is one that CloudFormation keeps, and by then has files.
    assumption('test.file', async port => {
      const { StackResourceSummaries } = await port.source.cloudFormation.send(new ListStackResourcesCommand({ StackName: port.names.primaryStack }));
      const bucket = StackResourceSummaries?.find(({ ResourceType }) => ResourceType === 'AWS::S3::Bucket')?.PhysicalResourceId;
      const { status } = await fetch(`${aws.endpoint}/${bucket}/AWSLogs/a%20file`, { method: 'PUT', body: 'x' });
      return { observed: String(status), holds: status === 200 };
    }),
  ];
  let early: Report | undefined;
  const say = (text: string) => {
    said += text;
    if (text.includes('Removing everything')) early = JSON.parse(readFileSync(json, 'utf8')) as Report;
  };
  const code = await new Run({ ...OPTIONS, createTrail: true, json }, settings({ say, assumptions: [...more, ...ASSUMPTIONS] })).run();
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const verdicts = Object.fromEntries(report.rows.map(({ id, verdict }) => [id, verdict]));
  const page = /_(GET|POST)$/;
  expect(verdicts).toEqual({
    'test.throws': 'check failed: TypeError',
    'test.wrong': 'differs',
    'test.file': 'as assumed',
    ...Object.fromEntries(ASSUMPTIONS.map(({ id }) => [id, page.test(id) ? PAGE : UNKNOWN_HERE[id] ?? (DIFFERS_HERE.includes(id) ? 'differs' : 'as assumed')])),
    'product.removed': 'as assumed',
  });
  // Events here have request ids of their own.
  expect(report.rows.filter(({ observed }) => observed.includes('found by its name')).map(({ id }) => id)).toEqual(['cloudtrail.SignUp', 'cloudtrail.refused']);
  expect(code).toBe(EXIT.DIFFERS);
  expect(report.left).toEqual([]);
  expect(early).toEqual({ ...report, rows: report.rows.slice(0, -1), left: ['everything: its removal was not over when this was written'] });
  expect(said.indexOf('check failed: TypeError')).toBeLessThan(said.indexOf('Removing everything'));
  expect(await present()).toEqual(before);
  expect(said + JSON.stringify(report)).not.toContain('@simulator');
});

test('interrupted in the middle: the other checks are skipped, everything is removed, and what is left is said', async () => {
  const interruption = new AbortController();
  const names = new Names();
  let extra: string | undefined;
  const before = await present();
  const json = path.join(directory, 'interrupted.json');
  const code = await new Run({ ...OPTIONS, json }, settings({
    names,
    signal: interruption.signal,
    assumptions: [holding('test.first'), assumption('test.interrupts', async port => {
      const { UserPool } = await port.source.cognito.send(new CreateUserPoolCommand({ PoolName: names.pool('extra') }));
      extra = UserPool!.Id;
      interruption.abort();
      throw new Error('interrupted');
    }), holding('test.never')],
  })).run();
  const { rows, left } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  expect(rows.map(({ verdict }) => verdict)).toEqual([
    'as assumed', 'not observed: the run was interrupted', 'not observed: the run was interrupted', 'differs',
  ]);
  expect(left).toEqual([
    `user pool ${names.pool('extra')} in us-east-1: aws cognito-idp delete-user-pool --user-pool-id ${extra} --region us-east-1`,
  ]);
  expect(said).toContain(`aws cognito-idp delete-user-pool --user-pool-id ${extra} --region us-east-1`);
  expect(code).toBe(EXIT.FAILED);
  await aws.client(REGIONS[0]).cognito.send(new DeleteUserPoolCommand({ UserPoolId: extra }));
  expect(await present()).toEqual(before);
});

test('where no trail logs anything, the rows say so and how to get one; the run holds', async () => {
  const before = await present();
  const json = path.join(directory, 'no-trail.json');
  const ids = ['cloudtrail.AdminEnableUser', 'cloudtrail.lag'];
  aws.events.trail(REGIONS[0], false);
  try {
    const code = await new Run({ ...OPTIONS, json }, settings({
      assumptions: ASSUMPTIONS.filter(({ id }) => ids.includes(id)), patience: { ...PATIENCE, firstEvent: 300 },
    })).run();
    expect(code).toBe(EXIT.AS_ASSUMED);
  } finally {
    aws.events.trail(REGIONS[0], true);
  }
  const { rows } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  expect(rows.map(({ verdict }) => verdict)).toEqual([
    'not observed: no event of Cognito at all within 0 minutes: is there a trail in us-east-1 (--create-trail makes one)?',
    'not observed: no event arrived',
    'as assumed',
  ]);
  expect(await present()).toEqual(before);
});

test('with --keep everything stays, and can be removed later', async () => {
  const before = await present();
  const names = new Names();
  const json = path.join(directory, 'kept.json');
  expect(await new Run({ ...OPTIONS, keep: true, createTrail: true, json }, settings({ names, assumptions: [holding('test.holds')] })).run()).toBe(EXIT.AS_ASSUMED);
  const { rows, left } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  expect(rows.map(({ verdict }) => verdict)).toEqual(['as assumed', 'not observed: --keep']);
  for (const command of [
    `aws cloudformation delete-stack --stack-name ${names.primaryStack} --region us-east-1`,
    `aws cloudformation delete-stack --stack-name ${names.replicaStack} --region us-west-2`,
    `aws dynamodb delete-table --table-name ${names.ledgerTable} --region us-west-2`,
  ]) {
    expect(said).toContain(command);
    expect(left.join('\n')).toContain(command);
  }
  expect(said).toMatch(/; aws s3api delete-bucket --bucket cognitodrverify-\S+ --region us-east-1\n/);
  expect(said).toContain('The queue is closed to further events and emptied.');
  const [source, replica] = REGIONS.map(region => new Region(region));
  const removal = new Removal({
    names, source, replica, poolIds: [], patience: PATIENCE,
  });
  expect(await removal.remove()).toEqual([]);
  expect(await present()).toEqual(before);
});

test('Ctrl-C while the stacks are made', async () => {
  const before = await present();
  const making = aws.calls.next({ service: 'cloudformation', operation: 'ExecuteChangeSet' });
  making.catch(() => undefined);
  const args = ['--region', REGIONS[0], '--replica-region', REGIONS[1], '--yes'];
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'verify-aws.ts'), ...args], {
    cwd: PROJECT_ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: process.env,
  });
  child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
  const exited = new Promise<number | null>(resolve => child.on('close', resolve));
  await Promise.race([making, exited.then(code => { throw new Error(`ended with code ${code} before it deployed anything: ${said}`); })]);
  child.kill('SIGINT');
  expect(await exited).toBe(EXIT.FAILED);
  expect(said).toContain('Removing everything');
  expect(await present()).toEqual(before);
});
