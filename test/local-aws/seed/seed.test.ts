import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { people, PersonState } from './people';
import { createPool, MadePool, POOL_KINDS } from './pools';
import { seedUsers } from './seed-users';
import { differences, readPool, restored } from '../../helpers/compare';
import { LocalAws } from '../local-aws';
import { pythonWithMinistack } from '../venv';

const REGION = 'us-east-1';
const STATUS: Record<PersonState, string> = {
  'confirmed': 'CONFIRMED',
  'force-change-password': 'FORCE_CHANGE_PASSWORD',
  'unconfirmed': 'UNCONFIRMED',
  'reset-required': 'RESET_REQUIRED',
  'federated': 'EXTERNAL_PROVIDER',
};
let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: 1 });
});

afterAll(() => aws?.stop());

const seed = (pool: MadePool, users: number) => seedUsers({ endpoint: aws.endpoint, account: aws.account, region: REGION, ...pool, users });
const read = (pool: MadePool) => readPool(aws.client(REGION, { seed: true }).cognito, pool.userPoolId, { mfa: false });

test('the same seed makes the same people', () => {
  expect(people(50, 7)).toEqual(people(50, 7));
  expect(people(50, 7)).not.toEqual(people(50, 8));
});

test.each(POOL_KINDS)('%s pools hold users of every kind', async kind => {
  const pool = await createPool(aws, REGION, kind);
  const { users, counts, memberships, mfa } = await seed(pool, 80);
  const state = await read(pool);
  expect(state.users.size).toBe(80);
  expect(Object.values(mfa).every(count => kind.startsWith('mfa-') ? count > 0 : count === 0)).toBe(true);
  expect(Object.values(counts).every(count => count > 0)).toBe(true);
  for (const { sub, username, state: kindOfUser } of users) {
    const status = STATUS[kindOfUser];
    expect(state.users.get(sub)).toMatchObject({ username, status });
  }
  const all = [...state.users.values()];
  expect(all.some(({ groups }) => groups.length >= 20)).toBe(true);
  // A federated user is in the group of the provider as well, which nobody added them to.
  expect(all.reduce((sum, { groups }) => sum + groups.length, 0)).toBe(memberships + counts.federated);
  expect(all.some(({ attributes }) => attributes['custom:note']?.includes('\n'))).toBe(true);
  expect(all.filter(({ attributes }) => attributes.identities).length).toBe(counts.federated + counts.linked);
});

test('pools are compared field by field', async () => {
  const source = await read(await seededPool(40));
  const target = await read(await seededPool(40));
  const same = { user: restored({ generatedUsernames: true }) };
  expect(differences(source, source, { user: user => user, sourceSub: user => user.sub, group: group => group })).toEqual([]);
  expect(differences(source, target, same).length).toBeGreaterThan(40);
});

async function seededPool(users: number): Promise<MadePool> {
  const pool = await createPool(aws, REGION, 'email');
  await seed(pool, users);
  return pool;
}

describe('a large pool', () => {
  test('is filled', async () => {
    const pool = await createPool(aws, REGION, 'email');
    expect((await seed(pool, 1_000)).users.length).toBe(1_000);
  });

  // ministack reads everybody's, twice: a pool would fill ever more slowly.
  test('finds a user by an address by reading the attributes of whoever changed', async () => {
    const script = `
import json
import ministack_launcher
from ministack.services import cognito

class Attributes(list):
    read = 0
    def __iter__(self):
        Attributes.read += 1
        return super().__iter__()

created = json.loads(cognito._create_user_pool({"PoolName": "pool", "UsernameAttributes": ["email"]})[2])
pool = cognito._user_pools[created["UserPool"]["Id"]]
for i in range(1000):
    pool["_users"][f"u{i}"] = {"Attributes": Attributes([{"Name": "sub", "Value": f"s{i}"}, {"Name": "email", "Value": f"{i}@example.com"}])}

def look(address):
    Attributes.read = 0
    found = cognito._resolve_user(pool, address)[0]
    return [found and found["Attributes"][1]["Value"], Attributes.read < 10]

look("999@example.com")
answers = [look("999@example.com")]
pool["_users"]["u7"]["Attributes"] = Attributes([{"Name": "sub", "Value": "s7"}, {"Name": "email", "Value": "New@example.com"}])
answers += [look("New@example.com"), look("7@example.com")]
del pool["_users"]["u7"]
answers += [look("New@example.com"), look("998@example.com")]
print(json.dumps(answers))`;
    const said = execFileSync(await pythonWithMinistack(), ['-c', script], { encoding: 'utf8', env: { ...process.env, PYTHONPATH: path.join(__dirname, '..') } });
    expect(JSON.parse(said.trim().split('\n').at(-1)!)).toEqual([
      ['999@example.com', true],
      ['New@example.com', true],
      [null, true],
      [null, true],
      ['998@example.com', true],
    ]);
  });
});
