import * as assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { Shell } from './shell';
import { LocalAws } from '../local-aws/local-aws';

/**
 * The sample of typescript/, installed by `check` into the folder that is given: `cdk synth`, `deploy`, `diff` and `destroy` as they stand,
 * against the local AWS.
 */
async function main(folder: string): Promise<void> {
  assert.ok(existsSync(path.join(folder, 'node_modules/.bin/cdk')), `${folder} has no sample: run test/consumers/check typescript <its parent> first`);
  const aws = await LocalAws.start();
  try {
    // The CDK's own validation saw these templates when the sample was checked.
    const shell = new Shell(aws, folder, { NODE_OPTIONS: `--require "${path.join(__dirname, 'without-cdk-validation.cjs')}"` });
    const environments = aws.regions.map(region => `aws://${aws.account}/${region}`).join(' ');
    await shell.run(`npx cdk bootstrap ${environments}\nnpx cdk synth --quiet\nnpx cdk deploy --all --app cdk.out`);
    assert.deepEqual(await stacks(aws), { 'us-east-1': ['AuthStack'], 'us-west-2': ['AuthStack-Dr-us-east-1-replica'] });

    const diff = await shell.run('npx cdk diff');
    assert.match(diff, /Number of stacks with differences: 0/);

    await shell.run('npx cdk destroy --all --force --app cdk.out');
    assert.deepEqual(await stacks(aws), { 'us-east-1': [], 'us-west-2': [] });
    // What holds people stays: both pools, the ledger in both Regions, and the table of each Region's own.
    assert.deepEqual(await kept(aws), { 'us-east-1': [1, 2], 'us-west-2': [1, 2] });
  } finally {
    await aws.stop();
  }
}

/** Names of the stacks that are there, without the CDK's own. */
async function stacks(aws: LocalAws): Promise<Record<string, string[]>> {
  const names = async (client: CloudFormationClient) => (await client.send(new DescribeStacksCommand({}))).Stacks!
    .filter(stack => stack.StackStatus !== 'DELETE_COMPLETE' && stack.StackName !== 'CDKToolkit').map(stack => stack.StackName!);
  return perRegion(aws, async region => names(aws.client(region).cloudFormation));
}

/** Number of user pools and of tables. */
async function kept(aws: LocalAws): Promise<Record<string, number[]>> {
  return perRegion(aws, async region => {
    const { cognito, dynamodb } = aws.client(region);
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
    const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
    return [UserPools!.length, TableNames!.length];
  });
}

async function perRegion<T>(aws: LocalAws, ask: (region: string) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(aws.regions.map(async region => [region, await ask(region)] as const)));
}

main(path.resolve(process.argv[2])).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
