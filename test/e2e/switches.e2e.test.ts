import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDisableUserCommand, AdminGetUserCommand, AdminLinkProviderForUserCommand,
  AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand, ConfirmForgotPasswordCommand, CreateGroupCommand, ForgotPasswordCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeployedDr, PRIMARY, REPLICA, deployDr, federate, turnSwitchOf } from './dr-app';
import { Standby } from '../../src';
import { UserState, readPool } from '../helpers/compare';
import { RESET_CODE } from '../local-aws/gateway/rules/recovery';
import { OTHER_SETTINGS, Settings } from '../local-aws/gateway/switches';
import { LocalAws } from '../local-aws/local-aws';
import { IDENTITY_PROVIDER } from '../local-aws/seed/pools';

// What is not documented of AWS: everything that a setting touches is right under each of them. One deployment, and people of their own for each setting.
const SETTINGS = [['all', 'as assumed'] as const, ...OTHER_SETTINGS].map(([name, setting], index) => ({
  name, setting, index, settings: (name === 'all' ? {} : { [name]: setting }) as Partial<Settings>,
}));
const PASSWORD = 'A-brand-new-Passw0rd';
const NOBODY = 'nobody@example.com';
const WRONG = 'Wr0ng-password';
const GROUP = 'staff';
/** A bound on what hangs, not a claim about speed. */
const FOLLOWED_UP_MS = 150_000;

let aws: LocalAws;
let drs: Record<string, DeployedDr>;
const subs = new Map<string, string>();

const source = () => aws.client(PRIMARY, { seed: true }).cognito;
const standby = () => aws.client(REPLICA, { seed: true }).cognito;
const attributes = (values: Record<string, string>) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
const answerOf = async (call: Promise<unknown>) => call.then(() => 'ok', (error: Error) => `${error.name}: ${error.message}`);

/** The people of one setting. Names are in lower case, and typed in another where the pool ignores case. */
const peopleOf = (index: number) => ({
  visitor: `visitor-${index}@example.com`,
  signsIn: `signs-in-${index}@example.com`,
  disabled: `disabled-${index}@example.com`,
  both: { email: `both-${index}@example.com`, phone: `+1555000${String(index).padStart(4, '0')}` },
  owner: `owner-${index}`,
  stranger: `stranger-${index}`,
  contested: `contested-${index}@example.com`,
});

async function create(
  pool: string, Username: string, values: Record<string, string>, client = source(), userPoolId = drs[pool].userPoolId,
): Promise<void> {
  const { User } = await client.send(new AdminCreateUserCommand({
    UserPoolId: userPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'custom:tenant': 't', ...values }),
  }));
  await client.send(new AdminSetUserPasswordCommand({ UserPoolId: userPoolId, Username, Password: 'Old-Passw0rd', Permanent: true }));
  if (client === source()) subs.set(Username, User!.Attributes!.find(({ Name }) => Name === 'sub')!.Value!);
}

async function linked(pool: string, Username: string): Promise<void> {
  await source().send(new AdminLinkProviderForUserCommand({
    UserPoolId: drs[pool].userPoolId,
    // In such a pool the user name is the sub.
    DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: subs.get(Username)! },
    SourceUser: { ProviderName: IDENTITY_PROVIDER, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: `subject of ${Username}` },
  }));
}

async function sweep(pool: string): Promise<void> {
  expect((await aws.runStateMachine(PRIMARY, drs[pool].sweep)).status).toBe('SUCCEEDED');
  await aws.replication.settled();
}

const forgot = (pool: string, Username: string) => standby().send(new ForgotPasswordCommand({ ClientId: drs[pool].standbyClientId, Username }));
const signIn = (pool: string, USERNAME: string, password = PASSWORD) => standby().send(new InitiateAuthCommand({
  ClientId: drs[pool].standbyClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: password },
}));

async function reset(pool: string, Username: string): Promise<void> {
  await forgot(pool, Username);
  await standby().send(new ConfirmForgotPasswordCommand({
    ClientId: drs[pool].standbyClientId, Username, ConfirmationCode: RESET_CODE, Password: PASSWORD,
  }));
}

async function claimsOf(pool: string, name: string): Promise<Record<string, unknown>> {
  const { AuthenticationResult: tokens } = await signIn(pool, name);
  return JSON.parse(Buffer.from(tokens!.IdToken!.split('.')[1], 'base64url').toString()) as Record<string, unknown>;
}

const usersOf = async (pool: string): Promise<UserState[]> => [...(await readPool(standby(), drs[pool].standbyUserPoolId)).users.values()];
const made = async (pool: string, sub: string) => (await usersOf(pool)).filter(user => user.attributes['custom:source_sub'] === sub);

async function until(what: () => Promise<boolean>, problem: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + FOLLOWED_UP_MS; !await what();) {
    if (Date.now() > end) throw new Error(`not within ${FOLLOWED_UP_MS} ms: ${JSON.stringify(await problem())}`);
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}

beforeAll(async () => {
  aws = await LocalAws.start({ trail: false });
  drs = await deployDr(aws, {
    stackName: 'Switches', pools: ['email', 'email-or-phone', 'aliases'], standby: Standby.onDemand({ resetPasswordAtSignIn: true }),
  });
  for (const pool of Object.values(drs)) {
    await source().send(new CreateGroupCommand({ UserPoolId: pool.userPoolId, GroupName: GROUP }));
  }
  await federate(aws, drs.email.userPoolId);
  await federate(aws, drs.email.standbyUserPoolId);
  for (const { index } of SETTINGS) {
    const { visitor, signsIn, disabled, both, owner } = peopleOf(index);
    for (const name of [visitor, signsIn, disabled]) await create('email', name, { email: name, email_verified: 'true' });
    for (const Username of [visitor, signsIn]) {
      await source().send(new AdminAddUserToGroupCommand({ UserPoolId: drs.email.userPoolId, Username, GroupName: GROUP }));
    }
    await linked('email', visitor);
    await source().send(new AdminDisableUserCommand({ UserPoolId: drs.email.userPoolId, Username: disabled }));
    await create('email-or-phone', both.email, { email: both.email, email_verified: 'true', phone_number: both.phone, phone_number_verified: 'true' });
    await create('aliases', owner, { email: `${owner}@example.com`, email_verified: 'true' });
  }
  for (const pool of Object.keys(drs)) await sweep(pool);
  await Promise.all(Object.values(drs).map(async dr => turnSwitchOf(aws, dr, { mode: 'open' })));
  // Everybody of the last pool comes, and only then has an address at the source that somebody else has on the standby.
  for (const { index } of SETTINGS) {
    const { owner, stranger, contested } = peopleOf(index);
    await reset('aliases', owner);
    await create('aliases', stranger, { email: contested, email_verified: 'true' }, standby(), drs.aliases.standbyUserPoolId);
    await source().send(new AdminUpdateUserAttributesCommand({
      UserPoolId: drs.aliases.userPoolId, Username: owner, UserAttributes: attributes({ email: contested, email_verified: 'true' }),
    }));
  }
  await sweep('aliases');
}, 1_200_000);

afterAll(async () => aws.stop());

describe.each(SETTINGS)('$name: $setting', ({ index, settings }) => {
  const people = peopleOf(index);

  beforeAll(async () => aws.turn(settings), 60_000);
  afterAll(() => aws.switches.reset());

  test('a user resets the password, typed in another case, and is who they are; nobody sets another password afterwards', async () => {
    const { visitor } = people;
    const sub = subs.get(visitor)!;
    const before = aws.calls.snapshot();
    await reset('email', visitor.toUpperCase());
    expect(await claimsOf('email', visitor)).toMatchObject({ 'source_sub': sub, 'cognito:groups': [GROUP] });
    await until(async () => {
      const [user, ...others] = await made('email', sub);
      const identities = aws.switches.of('linkWithImmutable') === 'refused' || user.attributes.identities?.includes('subject of') === true;
      return others.length === 0 && user.groups.includes(GROUP) && user.attributes.email === visitor && identities;
    }, () => made('email', sub));
    expect((await made('email', sub))[0]).toMatchObject({ status: 'CONFIRMED', enabled: true });
    expect(aws.calls.since(before).of({ operation: 'AdminSetUserPassword', caller: 'lambda' })).toEqual([]);
    await signIn('email', visitor);
  });

  test('a user who signs in first is sent to the reset in one of two ways, and comes in by it', async () => {
    const { signsIn } = people;
    const refusal = await answerOf(signIn('email', signsIn, 'Anything-1'));
    const hidden = 'NotAuthorizedException: Incorrect username or password.';
    expect(refusal).toEqual(aws.switches.of('resetRequired') === 'NotAuthorizedException' ? hidden : expect.stringMatching('^PasswordResetRequiredException'));
    await reset('email', signsIn);
    expect(await claimsOf('email', signsIn)).toMatchObject({ source_sub: subs.get(signsIn) });
  });

  test('an unknown and a disabled user get the answers of a user who typed a wrong password', async () => {
    expect(await answerOf(signIn('email', NOBODY))).toBe(await answerOf(signIn('email', people.visitor, WRONG)));
    expect(await answerOf(signIn('email', people.disabled))).toBe(await answerOf(signIn('email', people.visitor, WRONG)));
    expect(await answerOf(forgot('email', people.disabled))).toBe(await answerOf(forgot('email', NOBODY)));
    expect(await answerOf(forgot('email', NOBODY))).not.toContain('Exception migrating');
    expect(await made('email', subs.get(people.disabled)!)).toEqual([]);
  });

  test('both addresses at once and a restore at that moment make one user', async () => {
    const { email, phone } = people.both;
    const sub = subs.get(email)!;
    const restoring = aws.runStateMachine(REPLICA, drs['email-or-phone'].restore, { subs: [sub] });
    await Promise.allSettled([email, phone, email, phone].map(async name => forgot('email-or-phone', name)));
    const { status, output } = await restoring;
    expect({ status, output }).toMatchObject({ status: 'SUCCEEDED', output: { failed: 0 } });
    expect(await made('email-or-phone', sub)).toHaveLength(1);
  });

  test('an address that somebody else on the standby signs in by stays with them, and the restore says so', async () => {
    const { owner, stranger, contested } = people;
    const { output, error } = await aws.runStateMachine(REPLICA, drs.aliases.restore, { subs: [subs.get(owner)] });
    const said = JSON.stringify(output ?? error);
    const { UserAttributes: kept } = await standby().send(new AdminGetUserCommand({ UserPoolId: drs.aliases.standbyUserPoolId, Username: stranger }));
    expect(kept).toEqual(expect.arrayContaining(attributes({ email: contested, email_verified: 'true' })));
    expect(said).toMatch(/RestoreIncomplete|"failed":1/);
    const [user] = await made('aliases', subs.get(owner)!);
    expect(user.attributes.email).toBe(`${owner}@example.com`);
  });
});

test('while the indexes are stale, an address that a user gave up opens nobody\'s account', async () => {
  const old = 'moves@example.com';
  await create('email', old, { email: old, email_verified: 'true' });
  await sweep('email');
  await aws.turn({ indexes: 'stale' });
  try {
    await source().send(new AdminUpdateUserAttributesCommand({
      UserPoolId: drs.email.userPoolId, Username: old, UserAttributes: attributes({ email: 'moved@example.com', email_verified: 'true' }),
    }));
    await sweep('email');
    expect(await answerOf(forgot('email', old))).toBe(await answerOf(forgot('email', NOBODY)));
    expect(await made('email', subs.get(old)!)).toEqual([]);
  } finally {
    aws.switches.reset();
  }
  await reset('email', 'moved@example.com');
  expect(await claimsOf('email', 'moved@example.com')).toMatchObject({ source_sub: subs.get(old) });
});

