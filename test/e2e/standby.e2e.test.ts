import {
  AdminAddUserToGroupCommand, AdminDeleteUserCommand, AdminGetUserCommand, AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand,
  ConfirmForgotPasswordCommand, ForgotPasswordCommand, InitiateAuthCommand, RespondToAuthChallengeCommand, SetUserPoolMfaConfigCommand, SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { JwtVerifier } from 'aws-jwt-verify';
import { Jwks } from 'aws-jwt-verify/jwk';
import { DeployedDr, POOLS, PRIMARY, PoolName, QUOTA_SCALE, REPLICA, deployDr, federate, turnSwitchOf } from './dr-app';
import { IS_WHOLE } from './scale';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { items } from '../../src/ledger/schema';
import { RestoreReport } from '../../src/restore/report';
import { forEachConcurrently } from '../../src/runtime/concurrency';
import { drained } from '../helpers/capture-watch';
import { PoolState, UserState, differences, readPool, restored } from '../helpers/compare';
import { Backend } from '../local-aws/gateway/backend';
import { HEADER_REGION, HEADER_SEED } from '../local-aws/gateway/request';
import { SMS_CODE } from '../local-aws/gateway/rules/mfa';
import { RESET_CODE } from '../local-aws/gateway/rules/recovery';
import { LocalAws } from '../local-aws/local-aws';
import { exchangeCode, signInFederated } from '../local-aws/seed/federated-sign-in';
import { IDENTITY_PROVIDER } from '../local-aws/seed/pools';
import { Seeded, SeededUser, seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 5_000 : 600;
/** Those who come. */
const VISITORS = IS_WHOLE ? 200 : 120;
const DELETED = 5;
const AT_ONCE = 4;
const PASSWORD = 'A-brand-new-Passw0rd';
/** The last one has users of an identity provider. */
const pools = ['email', 'email-or-phone', 'phone'] as const satisfies PoolName[];
const app = { stackName: 'Standby', pools };

let aws: LocalAws;
let drs: Record<string, DeployedDr>;
const seeded = new Map<PoolName, Seeded>();
const source = new Map<PoolName, PoolState>();

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE });
  drs = await deployDr(aws, app);
  for (const name of pools) {
    const { userPoolId, sweep } = drs[name];
    const users = name === 'email' ? USERS : 60;
    const clientId = name === 'phone' ? await federate(aws, userPoolId) : undefined;
    // The first sweep copies the many, as where the construct is added to a pool that has users; of the few, and of what follows, there are events.
    aws.events.configure({ seeding: name !== 'email' });
    seeded.set(name, await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId, clientId, users }));
    aws.events.configure({ seeding: true });
    if (clientId) await giveFederatedMore(userPoolId);
    const execution = await aws.runStateMachine(PRIMARY, sweep);
    expect((execution.output as SweepReport).users).toMatchObject({ listed: users });
    if (name === 'email') await deleteSome(drs.email);
    source.set(name, await readPool(aws.client(PRIMARY, { seed: true }).cognito, userPoolId));
  }
  // A hint that is still on its way would have the consumer read the source pool, which has no MFA, and write over this.
  for (const name of pools) await drained(aws, PRIMARY, drs[name].hintsQueue, 600_000);
  await knowMfaOfSmsUsers(drs.phone);
  await aws.replication.settled();
}, 1_200_000);

afterAll(async () => aws.stop());

const deleted: SeededUser[] = [];

async function deleteSome({ userPoolId, sweep }: DeployedDr): Promise<void> {
  const { users } = seeded.get('email')!;
  deleted.push(...users.filter(({ state, person }) => state === 'confirmed' && !person.disabled && person.index % 5 !== 1).slice(-DELETED));
  for (const { username } of deleted) {
    await aws.client(PRIMARY, { seed: true }).cognito.send(new AdminDeleteUserCommand({ UserPoolId: userPoolId, Username: username }));
  }
  expect((await aws.runStateMachine(PRIMARY, sweep)).status).toBe('SUCCEEDED');
}

const federated = () => seeded.get('phone')!.users.filter(({ state }) => state === 'federated');

/** What a provider does not say of its users: an attribute, two groups. */
async function giveFederatedMore(UserPoolId: string): Promise<void> {
  const client = aws.client(PRIMARY, { seed: true }).cognito;
  for (const { username: Username } of federated()) {
    await client.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes: [{ Name: 'custom:note', Value: 'kept' }] }));
    for (const GroupName of ['group-01', 'group-04']) await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
  }
}

/** Codes reach them by SMS alone. */
const smsUsers = () => seeded.get('phone')!.users.filter(({ sub, state, person }) => {
  const { attributes } = source.get('phone')!.users.get(sub)!;
  return state === 'confirmed' && !person.disabled && attributes.phone_number_verified === 'true' && attributes.email_verified !== 'true';
}).sort((a, b) => groupsOf(b).length - groupsOf(a).length).slice(0, 2);
const groupsOf = ({ sub }: SeededUser) => source.get('phone')!.users.get(sub)!.groups;

/** What an event of the MFA preference would bring, written by hand: no listing shows it. */
async function knowMfaOfSmsUsers({ ledgerTable, userPoolId }: DeployedDr): Promise<void> {
  const ledger = new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb), ledgerTable);
  for (const { sub } of smsUsers()) {
    const row = (await ledger.user(userPoolId, sub))!;
    const mfa = { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' };
    expect(await ledger.write({ put: items.user({ ...row, mfa, observedAt: row.observedAt + 1 }), replacesObservedAt: row.observedAt })).toBe(true);
  }
}

const cognito = () => aws.client(REPLICA, { seed: true }).cognito;
const standbyState = async (dr: DeployedDr) => readPool(cognito(), dr.standbyUserPoolId);

async function forgotPassword(dr: DeployedDr, Username: string): Promise<void> {
  await cognito().send(new ForgotPasswordCommand({ ClientId: dr.standbyClientId, Username }));
}

async function resetPassword(dr: DeployedDr, Username: string, Password = PASSWORD): Promise<void> {
  await forgotPassword(dr, Username);
  await cognito().send(new ConfirmForgotPasswordCommand({ ClientId: dr.standbyClientId, Username, ConfirmationCode: RESET_CODE, Password }));
}

async function signIn(dr: DeployedDr, USERNAME: string, password = PASSWORD): Promise<{ id: string; access: string }> {
  const { AuthenticationResult: tokens } = await cognito().send(new InitiateAuthCommand({
    ClientId: dr.standbyClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: password },
  }));
  return { id: tokens!.IdToken!, access: tokens!.AccessToken! };
}

/** As in docs/switching-applications.md: one verifier for the tokens of either pool. */
async function verifier(dr: DeployedDr) {
  const issuers = [[PRIMARY, dr.userPoolId], [REPLICA, dr.standbyUserPoolId]].map(([region, id]) => ({
    issuer: `https://cognito-idp.${region}.amazonaws.com/${id}`, audience: null,
  }));
  const made = JwtVerifier.create(issuers);
  const keys = await (await fetch(`${aws.endpoint}/${dr.standbyUserPoolId}/.well-known/jwks.json`, { headers: { [HEADER_REGION]: REPLICA } })).json() as Jwks;
  made.cacheJwks(keys, issuers[1].issuer);
  return made;
}

function mayReset(user: SeededUser): boolean {
  const { attributes } = source.get('email')!.users.get(user.sub) ?? {};
  return attributes !== undefined && user.state !== 'unconfirmed' && !user.person.disabled && (attributes.email_verified === 'true' || attributes.phone_number_verified === 'true');
}

async function eventually(what: () => Promise<unknown[]>, timeoutMs = 150_000): Promise<void> {
  const start = Date.now();
  for (;;) {
    const left = await what();
    if (left.length === 0 || Date.now() - start > timeoutMs) return expect(left).toEqual([]);
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

function some(state: PoolState, users: Iterable<UserState>): PoolState {
  return { ...state, users: new Map([...users].map(user => [user.sub, user])) };
}

test('a day of source activity makes no call to the standby pool', () => {
  expect(aws.calls.all.of({ service: 'cognito-idp', region: REPLICA, caller: 'lambda' })).toEqual([]);
  expect(aws.triggers.filter(({ userPoolId }) => userPoolId === drs.email.standbyUserPoolId)).toEqual([]);
});

describe('with the primary Region off', () => {
  /** Any of them: whose number happens to be small. */
  const visitors = () => seeded.get('email')!.users.filter(mayReset).sort((a, b) => a.person.chance - b.person.chance).slice(0, VISITORS);

  beforeAll(async () => {
    aws.switchOff(PRIMARY);
    await Promise.all(Object.values(drs).map(async dr => turnSwitchOf(aws, dr, { mode: 'open', reason: 'the primary Region is off' })));
  });

  test('a wrong password, an unknown, a deleted and a disabled user get the same answer in the same time, and nothing is written', async () => {
    const dr = drs.email;
    const of = (which: (user: SeededUser) => boolean) => seeded.get('email')!.users.filter(which).slice(-5).map(({ person }) => person.email);
    const kinds = {
      'a wrong password': of(mayReset),
      'an unknown user': [1, 2, 3, 4, 5].map(i => `nobody-${i}@example.com`),
      'a deleted user': deleted.map(({ person }) => person.email),
      'a disabled user': of(({ person, state }) => person.disabled && state === 'confirmed'),
    };
    const before = aws.calls.snapshot();
    const answers = new Map<string, Set<string>>();
    const times = new Map<string, number[]>();
    await forgotPassword(dr, 'warm-up@example.com').catch(() => undefined);
    for (const [kind, names] of Object.entries(kinds)) {
      for (const name of names) {
        for (const [call, work] of [['sign-in', () => signIn(dr, name, 'Wr0ng-password')], ['forgot', () => forgotPassword(dr, name)]] as const) {
          if (call === 'forgot' && kind === 'a wrong password') continue;
          const start = Date.now();
          const answer = await work().then(() => 'ok', (error: Error) => `${error.name}: ${error.message}`);
          answers.set(call, (answers.get(call) ?? new Set()).add(answer));
          times.set(`${call} of ${kind}`, [...times.get(`${call} of ${kind}`) ?? [], Date.now() - start]);
        }
      }
    }
    console.info([...times].map(([what, ms]) => `${what}: ${median(ms)} ms`).join('\n'));
    expect([...answers.values()].map(set => set.size)).toEqual([1, 1]);
    const medians = [...times.values()].map(median);
    expect(Math.max(...medians)).toBeLessThan(3 * Math.min(...medians) + 100);
    const writes = aws.calls.since(before).of({ caller: 'lambda', region: REPLICA }).filter(({ operation }) => !/^(Get|Query|BatchGet|Describe|List)/.test(operation));
    expect(writes.map(({ operation }) => operation)).toEqual([]);
    expect((await standbyState(dr)).users.size).toBe(0);
  });

  test('nobody takes the name of a user who has not come yet', async () => {
    const [{ person }] = visitors();
    await expect(cognito().send(new SignUpCommand({ ClientId: drs.email.standbyClientId, Username: person.email, Password: PASSWORD })))
      .rejects.toThrow('already exists');
  });

  test(`${VISITORS} users reset their passwords on the empty standby and sign in as who they are`, async () => {
    const dr = drs.email;
    const [verify, times] = [await verifier(dr), [] as number[]];
    const state = source.get('email')!;
    const found: string[] = [];
    await forEachConcurrently(visitors(), AT_ONCE, async ({ sub, person: { email } }) => {
      const start = Date.now();
      await resetPassword(dr, email);
      const tokens = await signIn(dr, email);
      times.push(Date.now() - start);
      for (const token of [tokens.id, tokens.access]) {
        const claims = await verify.verify(token);
        if (claims.source_sub !== sub) found.push(`${sub}: source_sub is ${String(claims.source_sub)} in the ${String(claims.token_use)} token`);
      }
      const groups = (await verify.verify(tokens.id))['cognito:groups'] as string[] | undefined ?? [];
      const wanted = state.users.get(sub)!.groups;
      if ([...groups].sort().join() !== [...wanted].sort().join()) found.push(`${sub}: groups are ${groups.join()}, expected ${wanted.join()}`);
    });
    console.info(`forgot password, new password, sign-in: median ${median(times)} ms, slowest ${Math.max(...times)} ms, ${AT_ONCE} users at once`);
    expect(found).toEqual([]);

    const wanted = some(state, visitors().map(({ sub }) => state.users.get(sub)!));
    const users = new Map([...wanted.groups].filter(([name]) => [...wanted.users.values()].some(user => user.groups.includes(name))));
    await eventually(async () => differences({ ...wanted, groups: users }, await standbyState(dr), { user: restored({ generatedUsernames: true }) }));
  }, 300_000);

  test('a token of a user who is settled takes reads of two tables, and nothing else', async () => {
    const settled = visitors().slice(0, 20);
    const before = aws.calls.snapshot();
    for (const { person } of settled) await signIn(drs.email, person.email);
    // A follow-up that found nobody yet comes again after a minute.
    const calls = aws.calls.since(before).of({ caller: 'lambda', region: REPLICA }).filter(({ caller }) => !caller.functionName!.includes('FollowU'));
    const operations = new Set(calls.map(({ operation }) => operation));
    expect([...operations].sort()).toEqual(['BatchGetItem', 'GetItem', 'Query']);
    // The user, the link, the groups that there may be, those that there are, and whether the address is another's by now; the switch once in a few
    // seconds for each instance.
    expect(calls.length).toBeLessThan(6 * settled.length);
  });

  test('two devices at once, the e-mail address and the phone number at once, and a restore at that moment: one user', async () => {
    const dr = drs['email-or-phone'];
    const state = source.get('email-or-phone')!;
    const both = seeded.get('email-or-phone')!.users.filter(({ sub, state: is, person }) => {
      const { attributes } = state.users.get(sub)!;
      return is === 'confirmed' && !person.disabled && attributes.email_verified === 'true' && attributes.phone_number_verified === 'true';
    });
    expect(both.length).toBeGreaterThan(3);
    const restoring = aws.runStateMachine(REPLICA, dr.restore, {});
    await Promise.allSettled(both.flatMap(({ sub }) => {
      const { attributes } = state.users.get(sub)!;
      return [attributes.email, attributes.email, attributes.phone_number, attributes.phone_number].map(async name => forgotPassword(dr, name));
    }));
    expect((await restoring).status).toBe('SUCCEEDED');
    for (const { sub } of both) {
      const { attributes } = state.users.get(sub)!;
      await resetPassword(dr, attributes.phone_number);
      await signIn(dr, attributes.email);
    }
    await eventually(async () => differences(state, await standbyState(dr), { user: restored({ generatedUsernames: 'email' in POOLS[pools[1]].signInAliases }) }));
  }, 180_000);

  test('users of an identity provider get what is theirs at their first sign-in', async () => {
    const dr = drs.phone;
    expect(federated().length).toBeGreaterThan(0);
    const clientId = await federate(aws, dr.standbyUserPoolId);
    const api = new Backend(Number(new URL(aws.endpoint).port), aws.account, { [HEADER_SEED]: '1', [HEADER_REGION]: REPLICA });
    try {
      for (const { sub, username, person: { username: name, email, attributes } } of federated()) {
        const code = await signInFederated(api, {
          clientId, provider: IDENTITY_PROVIDER, nameId: `${name}@corp.example.com`, attributes: { email, name: attributes.name },
        });
        const tokens = await exchangeCode(api, clientId, code);
        const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
        expect(claims.source_sub).toBe(sub);
        expect(claims['cognito:groups']).toEqual(expect.arrayContaining(['group-01', 'group-04']));
        await eventually(async () => {
          const user = [...(await standbyState(dr)).users.values()].find(one => one.username === username);
          const wanted = source.get('phone')!.users.get(sub)!;
          const groups = wanted.groups.filter(group => !group.endsWith(`_${IDENTITY_PROVIDER}`));
          return user?.status === 'EXTERNAL_PROVIDER' && user.attributes['custom:note'] === 'kept' && groups.every(group => user.groups.includes(group))
            ? [] : [`${sub}: ${JSON.stringify(user)}`];
        });
      }
    } finally {
      api.close();
    }
  });

  test('a second factor by the only way to a new password is set once the password is, no token before, and is asked for at the next sign-in', async () => {
    const { standbyUserPoolId: UserPoolId, standbyClientId: ClientId } = drs.phone;
    await cognito().send(new SetUserPoolMfaConfigCommand({
      UserPoolId,
      MfaConfiguration: 'OPTIONAL',
      SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: `arn:aws:iam::${aws.account}:role/sms`, ExternalId: 'local' } },
    }));
    const factorsOf = async (Username: string) => (await cognito().send(new AdminGetUserCommand({ UserPoolId, Username }))).UserMFASettingList ?? [];
    const attempt = async (USERNAME: string) => cognito().send(new InitiateAuthCommand({
      ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD },
    }));
    const [first, other] = smsUsers();
    const phone = first.person.phone;
    await forgotPassword(drs.phone, phone);
    // The queue was served, and did not shut the user out: a code that got lost can be sent again.
    const groups = groupsOf(first);
    expect(groups.length).toBeGreaterThan(0);
    await eventually(async () => {
      const there = [...(await standbyState(drs.phone)).users.values()].find(({ attributes }) => attributes.phone_number === phone);
      return groups.filter(group => !there?.groups.includes(group));
    });
    expect(await factorsOf(phone)).toEqual([]);
    await resetPassword(drs.phone, phone);
    // What the trigger has no time for on a busy machine, the queue does; until then there is no token.
    await eventually(async () => (await factorsOf(phone)).length > 0 ? [] : ['no second factor yet']);
    expect(await factorsOf(phone)).toEqual(['SMS_MFA']);
    const { ChallengeName, Session } = await attempt(phone);
    expect(ChallengeName).toBe('SMS_MFA');
    const { AuthenticationResult: tokens } = await cognito().send(new RespondToAuthChallengeCommand({
      ClientId, ChallengeName: 'SMS_MFA', Session, ChallengeResponses: { USERNAME: phone, SMS_MFA_CODE: SMS_CODE },
    }));
    expect(JSON.parse(Buffer.from(tokens!.IdToken!.split('.')[1], 'base64url').toString()).source_sub).toBe(first.sub);
    await expect(forgotPassword(drs.phone, phone)).rejects.toThrow('no registered/verified email or phone_number');

    // A password that an administrator set is one factor, too: the attempt has the other set.
    const otherPhone = other.person.phone;
    await forgotPassword(drs.phone, otherPhone);
    await cognito().send(new AdminSetUserPasswordCommand({ UserPoolId, Username: otherPhone, Password: PASSWORD, Permanent: true }));
    await expect(attempt(otherPhone)).rejects.toThrow('not possible here');
    await eventually(async () => (await factorsOf(otherPhone)).length > 0 ? [] : ['no second factor yet']);
    expect((await attempt(otherPhone)).ChallengeName).toBe('SMS_MFA');
  });

  test('the restore fills the rest: nobody is doubled, and new passwords still work', async () => {
    const dr = drs.email;
    const { status, output, error, cause } = await aws.runStateMachine(REPLICA, dr.restore, {}, { timeoutMs: 480_000 });
    expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
    const report = output as RestoreReport;
    // The reasons first: where somebody failed, the difference says why.
    expect(report.reasons.failed ?? {}).toEqual({});
    expect(report).toMatchObject({ users: USERS - DELETED, alreadyThere: VISITORS, failed: 0 });
    expect(differences(source.get('email')!, await standbyState(dr), { user: restored({ generatedUsernames: true }) })).toEqual([]);
    for (const { person } of visitors()) await signIn(dr, person.email);
  }, 540_000);

  test('no log line holds anything personal', async () => {
    const lines = (await aws.lambdaLogs(REPLICA)).join('\n');
    expect(lines).toContain('restore slice');
    for (const { person } of seeded.get('email')!.users) {
      for (const personal of [person.email, person.phone, person.attributes.name]) expect(lines.includes(personal)).toBe(false);
    }
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
