import {
  AdminAddUserToGroupCommand, AdminDeleteUserCommand, AdminDisableUserCommand, AdminRemoveUserFromGroupCommand, AdminUpdateUserAttributesCommand,
  ConfirmForgotPasswordCommand,
  CreateGroupCommand, ForgotPasswordCommand, InitiateAuthCommand, SignUpCommand, UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeployedDr, PRIMARY, REPLICA, deployDr, turnSwitchOf } from './dr-app';
import { RestoreReport } from '../../src/restore/report';
import { NO_SIGN_UP } from '../../src/standby/on-demand/sign-up-guard';
import { NO_TOKEN } from '../../src/standby/on-demand/token-claims';
import { MOMENT_KEPT } from '../../src/state/moment';
import { readPool } from '../helpers/compare';
import { RESET_CODE } from '../local-aws/gateway/rules/recovery';
import { LocalAws } from '../local-aws/local-aws';
import { SeededUser, seedUsers } from '../local-aws/seed/seed-users';

/** The attack, step by step: people who once had rights try to keep them, on a standby that nobody watches. */
const ADMINS = 'admins';
const PASSWORD = 'A-brand-new-Passw0rd';
const BAD = 'Overwritten by a script';

let aws: LocalAws;
let dr: DeployedDr;
/** Three administrators: one will be disabled and taken out of the group, one deleted, one only taken out of the group; and one who stays. */
let mallory: SeededUser;
let gone: SeededUser;
let demoted: SeededUser;
let ann: SeededUser;
/** Others, whose names a script overwrites, and the moment before it did. */
let victims: SeededUser[];
let moment: string;

beforeAll(async () => {
  aws = await LocalAws.start();
  ({ email: dr } = await deployDr(aws, { stackName: 'Switch', pools: ['email'] }));
  const { users } = await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: 60 });
  const { users: source } = await readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
  [mallory, gone, demoted, ann] = users.filter(({ sub, state, person }) =>
    state === 'confirmed' && !person.disabled && source.get(sub)!.attributes.email_verified === 'true' && source.get(sub)!.groups.length === 0);
  expect(ann).toBeDefined();
  victims = users.filter(user => user.state === 'confirmed' && ![mallory, gone, demoted, ann].includes(user)).slice(0, 20);
  await atSource().send(new CreateGroupCommand({ UserPoolId: dr.userPoolId, GroupName: ADMINS }));
  for (const { username: Username } of [mallory, gone, demoted, ann]) {
    await atSource().send(new AdminAddUserToGroupCommand({ UserPoolId: dr.userPoolId, Username, GroupName: ADMINS }));
  }
  await sweep();
}, 1_200_000);

afterAll(async () => aws.stop());

const atSource = () => aws.client(PRIMARY, { seed: true }).cognito;
const cognito = () => aws.client(REPLICA, { seed: true }).cognito;
const standbyUsers = async () => (await readPool(cognito(), dr.standbyUserPoolId)).users;

async function sweep(): Promise<void> {
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  await aws.replication.settled();
}

const forgotPassword = async (Username: string) => cognito().send(new ForgotPasswordCommand({ ClientId: dr.standbyClientId, Username }));

async function resetPassword({ person: { email: Username } }: SeededUser): Promise<void> {
  await forgotPassword(Username);
  const reset = { ClientId: dr.standbyClientId, Username, ConfirmationCode: RESET_CODE, Password: PASSWORD };
  await cognito().send(new ConfirmForgotPasswordCommand(reset));
}

async function tokens(flow: 'USER_PASSWORD_AUTH' | 'REFRESH_TOKEN_AUTH', parameters: Record<string, string>) {
  const { AuthenticationResult: result } = await cognito().send(new InitiateAuthCommand({
    ClientId: dr.standbyClientId, AuthFlow: flow, AuthParameters: parameters,
  }));
  const claims = JSON.parse(Buffer.from(result!.IdToken!.split('.')[1], 'base64url').toString());
  return { refresh: result!.RefreshToken!, access: result!.AccessToken!, sub: claims.source_sub as string, groups: claims['cognito:groups'] as string[] | undefined ?? [] };
}

const signIn = async ({ person: { email } }: SeededUser) => tokens('USER_PASSWORD_AUTH', { USERNAME: email, PASSWORD });
const refresh = async (token: string) => tokens('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token });
const signUp = async (Username: string) => cognito().send(new SignUpCommand({ ClientId: dr.standbyClientId, Username, Password: PASSWORD }));
const answer = async (work: Promise<unknown>) => work.then(() => 'ok', (error: Error) => `${error.name}: ${error.message}`);

const sessions: Record<string, string> = {};

test('in peace, closed: an administrator\'s reset is answered as a stranger\'s, nobody signs up, and nobody is there', async () => {
  const answers = [];
  for (const name of [mallory.person.email, 'nobody@example.com']) answers.push(await answer(forgotPassword(name)));
  expect(answers[0]).toBe(answers[1]);
  for (const name of ['new@example.com', ann.person.email]) expect(await answer(signUp(name))).toContain(NO_SIGN_UP);
  expect((await standbyUsers()).size).toBe(0);
});

test('in a rehearsal, those of the list come in, with their rights; nobody else does', async () => {
  const people = [mallory, gone, demoted];
  const report = await turnSwitchOf(aws, dr, { mode: 'rehearsal', names: people.map(({ person }) => person.email.toUpperCase()), by: 'the drill' });
  expect(report).toMatchObject({ from: 'closed', to: 'rehearsal', names: 3, by: 'the drill' });
  for (const user of people) {
    await resetPassword(user);
    const session = await signIn(user);
    expect(session).toMatchObject({ sub: user.sub, groups: [ADMINS] });
    sessions[user.sub] = session.refresh;
  }
  await answer(forgotPassword(ann.person.email));
  expect((await standbyUsers()).size).toBe(3);
});

test('closed again: no token for those who came, by password or by a session; everybody is signed out, and it is said how long tokens still live', async () => {
  const report = await turnSwitchOf(aws, dr, { mode: 'closed' });
  expect(report).toMatchObject({ from: 'rehearsal', to: 'closed' });
  expect(Date.parse(report.issuedTokensLiveUntil!) - Date.now()).toBeLessThanOrEqual(3_600_000);
  for (const user of [mallory, gone, demoted]) {
    expect(await answer(signIn(user))).toContain(NO_TOKEN);
    expect(await answer(refresh(sessions[user.sub]))).toContain(NO_TOKEN);
  }
  expect(await turnSwitchOf(aws, dr, { mode: 'closed', signOut: true })).toMatchObject({ signedOut: 3 });
});

test('opened in the outage, rights equal the ledger\'s: who was disabled, demoted or deleted meanwhile has lost them', async () => {
  const UserPoolId = dr.userPoolId;
  moment = new Date().toISOString();
  for (const { username: Username } of victims) {
    await atSource().send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes: [{ Name: 'name', Value: BAD }] }));
  }
  for (const { username: Username } of [mallory, demoted]) {
    await atSource().send(new AdminRemoveUserFromGroupCommand({ UserPoolId, Username, GroupName: ADMINS }));
  }
  await atSource().send(new AdminDisableUserCommand({ UserPoolId, Username: mallory.username }));
  await atSource().send(new AdminDeleteUserCommand({ UserPoolId, Username: gone.username }));
  await sweep();
  aws.switchOff(PRIMARY);
  await turnSwitchOf(aws, dr, { mode: 'open', by: 'ops', reason: 'outage' });

  for (const user of [mallory, gone]) {
    expect(await answer(signIn(user))).toContain(NO_TOKEN);
    // A new password changes nothing.
    await answer(resetPassword(user));
    expect(await answer(signIn(user))).toMatch(/not possible here|disabled/);
  }
  expect(await signIn(demoted)).toMatchObject({ sub: demoted.sub, groups: [] });
  await resetPassword(ann);
  expect(await signIn(ann)).toMatchObject({ sub: ann.sub, groups: [ADMINS] });
});

test('a restore while it is open takes away what was given and the ledger has not, and turns nothing', async () => {
  const { status, error, cause } = await aws.runStateMachine(REPLICA, dr.restore, {});
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
  const users = [...(await standbyUsers()).values()];
  const groupsOf = (user: SeededUser) => users.find(({ attributes }) => attributes['custom:source_sub'] === user.sub)?.groups;
  expect([groupsOf(demoted), groupsOf(ann)]).toEqual([[], [ADMINS]]);
  expect((await signIn(ann)).groups).toEqual([ADMINS]);
}, 240_000);

test('as of the moment before a script ran, with the primary Region off: nobody has the bad values, nor gets them until the standby is let go', async () => {
  const restore = async (input: object) => {
    const { status, error, cause, output } = await aws.runStateMachine(REPLICA, dr.restore, input);
    expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
    return output as RestoreReport;
  };
  const bad = async () => [...(await standbyUsers()).values()].filter(({ attributes }) => attributes.name === BAD).length;
  const groupsOf = async (user: SeededUser) => [...(await standbyUsers()).values()].find(({ attributes }) => attributes['custom:source_sub'] === user.sub)!.groups;
  expect(await bad()).toBe(victims.length);

  const planned = await restore({ asOf: moment, dryRun: true });
  expect(await bad()).toBe(victims.length);
  const done = await restore({ asOf: moment });
  expect({ ...planned.asOf, failed: planned.failed }).toEqual({ ...done.asOf, failed: done.failed });
  expect(done).toMatchObject({ failed: 0, asOf: { moment, incomplete: 0, later: 0 } });
  expect(await bad()).toBe(0);
  expect([await groupsOf(demoted), await groupsOf(gone)]).toEqual([[ADMINS], [ADMINS]]);
  expect(await signIn(demoted)).toMatchObject({ sub: demoted.sub, groups: [ADMINS] });

  // As the daily run does.
  expect((await restore({ removeGiven: true })).asOf).toMatchObject({ moment });
  expect(await bad()).toBe(0);
  expect((await restore({ asOf: 'now' })).asOf).toBeUndefined();
  expect([await bad(), await groupsOf(demoted)]).toEqual([victims.length, []]);
  await new Promise(resolve => setTimeout(resolve, MOMENT_KEPT));
  expect((await signIn(demoted)).groups).toEqual([]);
}, 300_000);

test('nobody takes a name by changing attributes', async () => {
  const { access } = await signIn(ann);
  for (const attribute of ['preferred_username', 'custom:note', 'name']) {
    const UserAttributes = [{ Name: attribute, Value: demoted.person.email }];
    // No rule of the local AWS holds what seeds to the client's permissions.
    const change = aws.client(REPLICA).cognito.send(new UpdateUserAttributesCommand({ AccessToken: access, UserAttributes }));
    expect(await answer(change)).toContain('NotAuthorizedException');
  }
});

test('closed at the end of the outage: within seconds no session is renewed', async () => {
  const { refresh: session } = await signIn(ann);
  expect(await answer(refresh(session))).toBe('ok');
  await turnSwitchOf(aws, dr, { mode: 'closed', reason: 'over' });
  expect(await answer(refresh(session))).toContain(NO_TOKEN);
});

test('no log line holds anything personal', async () => {
  const lines = (await aws.lambdaLogs(REPLICA)).join('\n');
  expect(lines).toContain('restore slice');
  for (const { person } of [mallory, gone, demoted, ann]) expect(lines.toLowerCase()).not.toContain(person.email.toLowerCase());
});
