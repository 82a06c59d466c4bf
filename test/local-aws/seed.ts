import { parseArgs } from 'node:util';
import { LocalAws } from './local-aws';
import { seedUsers } from './seed/seed-users';

const HELP = `Fills a user pool of a running local AWS with realistic users.

  npx tsx test/local-aws/seed.ts --endpoint http://127.0.0.1:<port> --pool <user pool id> [options]

  --endpoint <url>   the local AWS, as it printed it
  --pool <id>        the user pool
  --client <id>      an app client of the pool; without it nobody signs up and nobody is federated
  --region <name>    default: the one in the pool id
  --users <number>   default: 2000
  --groups <number>  default: 25
  --seed <number>    the same seed makes the same people; default: 1
  --json             print the users that were made, with their passwords, as JSON
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string' },
      pool: { type: 'string' },
      client: { type: 'string' },
      region: { type: 'string' },
      users: { type: 'string', default: '2000' },
      groups: { type: 'string', default: '25' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const { endpoint, pool } = values;
  if (!endpoint || !pool) {
    throw new Error('--endpoint and --pool are needed; --help says more');
  }
  const seeded = await seedUsers({
    endpoint,
    account: LocalAws.ACCOUNT,
    region: values.region ?? pool.split('_')[0],
    userPoolId: pool,
    clientId: values.client,
    users: wholeNumber('users', values.users),
    groups: wholeNumber('groups', values.groups),
    seed: wholeNumber('seed', values.seed),
  });
  const { users, ...summary } = seeded;
  process.stdout.write(`${JSON.stringify(values.json ? { ...summary, users } : summary, undefined, 2)}\n`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new Error(`--${name} is '${text}', but must be a whole number`);
  }
  return value;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
