import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DeployedDr, PRIMARY, REPLICA, deployDr } from './dr-app';
import { Standby } from '../../src';
import { SWITCH_KEPT } from '../../src/standby/switch/switch-reader';
import { readPool } from '../helpers/compare';
import { commandsOf } from '../helpers/runbook';
import { TypedShell } from '../helpers/typed-shell';
import { LocalAws } from '../local-aws/local-aws';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

let aws: LocalAws;
let dr: DeployedDr;
let seeded: Seeded;
let shell: TypedShell;

beforeAll(async () => {
  aws = await LocalAws.start();
  ({ email: dr } = await deployDr(aws, { stackName: 'Move', pools: ['email'], standby: Standby.onDemand({ verifyPasswordsAgainstSource: true }) }));
  seeded = await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: 40 });
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  await aws.replication.settled();
  shell = await TypedShell.open(aws);
}, 1_200_000);

afterAll(async () => {
  TypedShell.closeAll();
  await aws.stop();
});

const [SET_REGION, REHEARSE, END_REHEARSAL, STATUS, OPEN, UNDO] = commandsOf('## A planned move');

async function typed(command: string): Promise<string> {
  const { exit, screen } = await shell.type(command, { 'you@example.com': confirmed()[0].person.email, 'ME': 'greta' });
  expect([command, exit]).toEqual([command, 0]);
  // Each function reads the switch anew after so long.
  await new Promise(resolve => setTimeout(resolve, SWITCH_KEPT));
  return screen;
}

async function signIn(USERNAME: string, PASSWORD: string): Promise<Record<string, unknown>> {
  const { AuthenticationResult: tokens } = await aws.client(REPLICA).cognito.send(new InitiateAuthCommand({
    ClientId: dr.standbyClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD },
  }));
  return JSON.parse(Buffer.from(tokens!.IdToken!.split('.')[1], 'base64url').toString());
}

const usersOf = async () => (await readPool(aws.client(REPLICA, { seed: true }).cognito, dr.standbyUserPoolId)).users;
const confirmed = () => seeded.users.filter(({ state, person }) => state === 'confirmed' && !person.disabled);

test('the chapter, typed: rehearsed by one, who keeps their password, and closed again; then opened once the copy is new enough', async () => {
  const [one, other] = confirmed();
  const answerTo = async ({ person, password }: typeof one) =>
    signIn(person.email, password!).then(({ source_sub: sub }) => sub, (error: Error) => error.name);
  await typed(SET_REGION);
  expect(await answerTo(one)).toBe('NotAuthorizedException');
  await typed(REHEARSE);
  expect([await answerTo(one), await answerTo(other)]).toEqual([one.sub, 'NotAuthorizedException']);
  await typed(END_REHEARSAL);
  expect(await answerTo(one)).not.toBe(one.sub);
  expect(await typed(STATUS)).toContain('GOOD');
  expect(await typed(OPEN)).toContain('done after');
  expect(await answerTo(one)).toBe(one.sub);
});

test('users keep their passwords in a planned move, and their groups are in the first token', async () => {
  const { users } = await readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
  for (const { sub, person, password } of confirmed().slice(0, 10)) {
    const claims = await signIn(person.email, password!);
    expect(claims.source_sub).toBe(sub);
    expect([...claims['cognito:groups'] as string[] | undefined ?? []].sort()).toEqual(users.get(sub)!.groups);
    await signIn(person.email, password!);
  }
});

test('a wrong password, a disabled user and an unknown one are refused alike, and nobody is made', async () => {
  const before = (await usersOf()).size;
  const [{ person }] = confirmed().slice(-1);
  const disabled = seeded.users.find(user => user.person.disabled && user.state === 'confirmed')!;
  const attempts = [[person.email, 'Wr0ng-password'], [disabled.person.email, disabled.password!], ['nobody@example.com', 'Wr0ng-password']];
  const answers = new Set<string>();
  for (const [name, password] of attempts) answers.add(await signIn(name, password).then(() => 'in', (error: Error) => error.message));
  expect([...answers]).toEqual([expect.stringContaining('Incorrect')]);
  expect((await usersOf()).size).toBe(before);
});

test('with the source Region off, passwords cannot be checked, and sign-ins are refused in time', async () => {
  aws.switchOff(PRIMARY);
  const { person, password } = confirmed().slice(-2)[0];
  const start = Date.now();
  await expect(signIn(person.email, password!)).rejects.toThrow('Incorrect');
  expect(Date.now() - start).toBeLessThan(5_000);
});

test('undone as the chapter says, nobody is let in any more', async () => {
  aws.switchOn(PRIMARY);
  const [{ person, password }] = confirmed();
  expect((await signIn(person.email, password!)).source_sub).toBeDefined();
  expect(await typed(UNDO)).toContain('done after');
  await expect(signIn(person.email, password!)).rejects.toThrow();
});
