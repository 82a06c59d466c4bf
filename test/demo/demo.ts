import { parseArgs } from 'node:util';
import { Demo, DemoResult } from './run-demo';

const HELP = `Deploys a CDK app with one CognitoDrReplica into two Regions of a local AWS, loses one Region, restores in the other.

  npm run demo [-- options]

  --users <number>   users to seed; default: 2000
  --json             print the result as one JSON object on the last line
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { users: { type: 'string', default: '2000' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const users = Number(values.users);
  if (!Number.isInteger(users) || users < 50) throw new Error(`--users is '${values.users}', but must be a whole number of at least 50`);
  const result = await new Demo(users).run();
  if (values.json) process.stdout.write(`${JSON.stringify(asJson(result))}\n`);
  if (result.lost > 0 || !result.signedIn) process.exitCode = 1;
}

function asJson({ users, captured, restored, skipped, failed, lost, rtoSeconds, signedIn }: DemoResult): object {
  return { users, captured, restored, skipped, failed, lost, rtoSeconds, signedIn };
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
