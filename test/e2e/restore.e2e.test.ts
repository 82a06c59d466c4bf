import { AdminInitiateAuthCommand, ConfirmForgotPasswordCommand, ForgotPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeployedDr, POOLS, PRIMARY, PoolName, QUOTA_SCALE, REPLICA, deployDr, drApp, federate, turnSwitchOf } from './dr-app';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { items } from '../../src/ledger/schema';
import { RestoreReport } from '../../src/restore/report';
import { GroupState, PoolState, differences, readPool, restored } from '../helpers/compare';
import { RESET_CODE } from '../local-aws/gateway/rules/recovery';
import { LocalAws } from '../local-aws/local-aws';
import { IDENTITY_PROVIDER } from '../local-aws/seed/pools';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

/** With somebody of each kind, one of whom is in twenty groups. */
const USERS = 100;
const SMS_USERS = 7;
const names = Object.keys(POOLS) as PoolName[];
const app = { stackName: 'Restore', pools: names };

let aws: LocalAws;
let drs: Record<string, DeployedDr>;
const seeded = new Map<PoolName, Seeded>();
const source = new Map<PoolName, PoolState>();

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE, trail: false });
  drs = await deployDr(aws, app);
  for (const name of names) {
    const { userPoolId, sweep } = drs[name];
    const clientId = await federate(aws, userPoolId);
    seeded.set(name, await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId, clientId, users: USERS }));
    const execution = await aws.runStateMachine(PRIMARY, sweep);
    expect((execution.output as SweepReport).users).toMatchObject({ listed: USERS, written: USERS });
    source.set(name, await readPool(aws.client(PRIMARY, { seed: true }).cognito, userPoolId));
  }
  await knowMfaOf(SMS_USERS, drs['mfa-required']);
  await aws.replication.settled();
  aws.switchOff(PRIMARY);
}, 1_200_000);

afterAll(async () => aws.stop());

/** A listing does not show MFA preferences: what a later source of the ledger will write, written by hand. */
async function knowMfaOf(users: number, { ledgerTable, userPoolId }: DeployedDr): Promise<void> {
  const ledger = new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb), ledgerTable);
  const withPhone = seeded.get('mfa-required')!.users.filter(({ state, person }) => state === 'confirmed' && person.chance > 0.3);
  const rows = await Promise.all(withPhone.map(async ({ sub }) => (await ledger.user(userPoolId, sub))!));
  // On the only way to a new password it would have to wait.
  for (const row of rows.filter(({ attributes }) => attributes.email_verified === 'true').slice(0, users)) {
    const mfa = { enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'], preferred: 'SMS_MFA' };
    expect(await ledger.write({ put: items.user({ ...row, mfa, observedAt: row.observedAt + 1 }), replacesObservedAt: row.observedAt })).toBe(true);
  }
}

async function restore(dr: DeployedDr, input: object = {}) {
  const before = aws.calls.snapshot();
  const execution = await aws.runStateMachine(REPLICA, dr.restore, input);
  return { ...execution, report: execution.output as RestoreReport, calls: aws.calls.since(before) };
}

async function target(dr: DeployedDr): Promise<PoolState> {
  return readPool(aws.client(REPLICA, { seed: true }).cognito, dr.standbyUserPoolId);
}

const generatesUsernames = (name: PoolName) => 'email' in POOLS[name].signInAliases && !('username' in POOLS[name].signInAliases)
  || 'phone' in POOLS[name].signInAliases && !('username' in POOLS[name].signInAliases);

test('the replica stacks are updated while the primary Region is off', async () => {
  const { 'RestoreReplica': outputs } = await aws.deploy(drApp({ ...app, logRetention: 30 }), { stacks: ['RestoreReplica*', '--exclusively'] });
  expect(outputs.emailRestore).toBe(drs.email.restore);
});

describe.each(names)('a pool of kind %s', name => {
  test('comes back field by field, with the primary Region off', async () => {
    const dr = drs[name];
    const { status, report, error, cause } = await restore(dr);
    expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });

    const people = [...source.get(name)!.users.values()];
    const skipped = people.filter(user => ['UNCONFIRMED', 'EXTERNAL_PROVIDER'].includes(user.status));
    expect(skipped.length).toBeGreaterThan(5);
    expect(report).toMatchObject({ users: USERS, restored: USERS - skipped.length, skipped: skipped.length, failed: 0, alreadyThere: 0 });
    expect(Object.values(report.reasons.skipped!).sort()).toEqual(
      ['UNCONFIRMED', 'EXTERNAL_PROVIDER'].map(state => skipped.filter(user => user.status === state).length).sort());

    const options = {
      user: restored({ generatedUsernames: generatesUsernames(name) }),
      // Cognito makes one for each identity provider, named after the pool.
      group: ({ roleArn: _role, ...group }: GroupState, of: string) => (of === `${dr.userPoolId}_${IDENTITY_PROVIDER}` ? undefined : group),
    };
    expect(differences(source.get(name)!, await target(dr), options)).toEqual([]);
  });

  test('a second restore makes no write call', async () => {
    const { status, report, calls } = await restore(drs[name]);
    expect(status).toBe('SUCCEEDED');
    expect(report).toMatchObject({ restored: 0, failed: 0, alreadyThere: USERS - report.skipped });
    const writes = Object.keys(calls.byOperation({ service: 'cognito-idp' })).filter(operation => !/^(Describe|List|AdminList|AdminGet)/.test(operation));
    expect(writes).toEqual([]);
  });
});

test('MFA preferences come back where the ledger knows them and Cognito takes them', async () => {
  const { users } = await readPool(aws.client(REPLICA, { seed: true }).cognito, drs['mfa-required'].standbyUserPoolId, { mfa: true });
  const preferring = [...users.values()].filter(user => user.mfa?.preferred === 'SMS_MFA');
  expect(preferring).toHaveLength(SMS_USERS);
  expect(preferring.every(user => !user.mfa!.enabled.includes('SOFTWARE_TOKEN_MFA'))).toBe(true);
});

test('a user resets the password on the standby and signs in, with the old sub in the token\'s user', async () => {
  await turnSwitchOf(aws, drs.email, { mode: 'open' });
  const { standbyClientId, standbyUserPoolId } = drs.email;
  const { cognito } = aws.client(REPLICA, { seed: true });
  const { person, sub } = seeded.get('email')!.users.find(user => user.state === 'force-change-password' && !user.person.disabled && user.person.index % 5 !== 1)!;
  const Password = 'New-Passw0rd!';
  await cognito.send(new ForgotPasswordCommand({ ClientId: standbyClientId, Username: person.email }));
  await cognito.send(new ConfirmForgotPasswordCommand({ ClientId: standbyClientId, Username: person.email, ConfirmationCode: RESET_CODE, Password }));
  const { AuthenticationResult: tokens } = await cognito.send(new AdminInitiateAuthCommand({
    UserPoolId: standbyUserPoolId, ClientId: standbyClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: person.email, PASSWORD: Password },
  }));
  const claims = JSON.parse(Buffer.from(tokens!.IdToken!.split('.')[1], 'base64url').toString());
  const user = [...(await target(drs.email)).users.values()].find(({ sub: standbySub }) => standbySub === claims.sub)!;
  expect(user.attributes['custom:source_sub']).toBe(sub);
});

test('no log line holds anything personal', async () => {
  const lines = (await aws.lambdaLogs(REPLICA)).join('\n');
  expect(lines.length).toBeGreaterThan(1_000);
  for (const { person } of [...seeded.values()].flatMap(({ users }) => users)) {
    for (const personal of [person.email, person.phone, person.attributes.name]) expect(lines.includes(personal)).toBe(false);
  }
});
