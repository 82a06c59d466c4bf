import {
  AdminAddUserToGroupCommand, AdminDeleteUserCommand, AdminDisableUserCommand, AdminUpdateUserAttributesCommand, DeleteGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeployedDr, PRIMARY, QUOTA_SCALE, deployDr } from './dr-app';
import { RecoveryReport } from '../../src/recovery/recovery-report';
import { drained } from '../helpers/capture-watch';
import { PoolState, UserState, readPool } from '../helpers/compare';
import { LocalAws } from '../local-aws/local-aws';
import { seedUsers } from '../local-aws/seed/seed-users';

const USERS = 300;
const [DELETED, SPOILT, DISABLED] = [40, 30, 10];

let aws: LocalAws;
let dr: DeployedDr;
let before: PoolState;
let after: PoolState;
let asOf: string;
let executed: RecoveryReport;

const cognito = () => aws.client(PRIMARY).cognito;
const state = async () => readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
/** By what a copy has to bring back: the `sub`, and the user name that is one, are new for users who come back. */
const byNote = ({ users }: PoolState) => new Map([...users.values()].map(user => [user.attributes['custom:note'] ?? user.sub, user]));
const kept = ({ attributes, enabled, groups }: UserState) => ({ attributes, enabled, groups: [...groups].sort() });
const settled = async () => drained(aws, PRIMARY, dr.hintsQueue);
const pause = async (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

async function recover(input: object): Promise<RecoveryReport> {
  const { status, output, error, cause } = await aws.runStateMachine(PRIMARY, dr.recovery, input);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
  return output as RecoveryReport;
}

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE });
  dr = (await deployDr(aws, { stackName: 'Recovery', pools: ['email'] })).email;
  const { users } = await seedUsers({
    endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS, groups: 5,
  });
  // A mark that stays, by which to tell who is who.
  for (const { username } of users) {
    await cognito().send(new AdminUpdateUserAttributesCommand({
      UserPoolId: dr.userPoolId, Username: username, UserAttributes: [{ Name: 'custom:note', Value: `mark-${username}` }],
    }));
  }
  await settled();
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  // CloudTrail's times are whole seconds, and clocks differ by up to one.
  await pause(3_000);
  before = await state();
  asOf = new Date().toISOString();
  await pause(3_000);
}, 1_200_000);

afterAll(async () => aws.stop());

test('a script deletes, overwrites, disables and removes a group; the plan names exactly that, and writes nothing', async () => {
  // An address that was not verified is not written back, as Cognito would send a code to it.
  const usable = [...before.users.values()].filter(({ status, enabled, attributes }) =>
    status === 'CONFIRMED' && enabled && attributes.identities === undefined && attributes.email_verified === 'true');
  const [deleted, spoilt, disabled] = [usable.slice(0, DELETED), usable.slice(DELETED, DELETED + SPOILT), usable.slice(-DISABLED)];
  const UserPoolId = dr.userPoolId;
  for (const { username: Username } of deleted) await cognito().send(new AdminDeleteUserCommand({ UserPoolId, Username }));
  for (const { username: Username, sub } of spoilt) {
    const UserAttributes = [{ Name: 'email', Value: `spoilt-${sub}@example.net` }, { Name: 'email_verified', Value: 'true' }];
    await cognito().send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes }));
  }
  for (const { username: Username } of disabled) await cognito().send(new AdminDisableUserCommand({ UserPoolId, Username }));
  const [GroupName] = [...before.groups.keys()];
  await cognito().send(new DeleteGroupCommand({ UserPoolId, GroupName }));
  await settled();
  after = await state();

  const report = await recover({ kind: 'restore', asOf, everybody: true, dryRun: true });
  expect(report).toMatchObject({ executed: false, users: { undeleted: DELETED }, groups: { created: 1 }, enabled: DISABLED, leftAsTheyAre: {} });
  expect(report.attributes).toMatchObject({ email: SPOILT });
  expect(await state()).toEqual(after);
  executed = await recover({ plan: report.plan });
});

test('the execution of that plan leaves the pool as it was at that moment, but for new subs', async () => {
  expect(Object.keys(executed.recoveredSubs!)).toHaveLength(DELETED);
  const now = byNote(await state());
  expect(new Map([...now].map(([mark, user]) => [mark, kept(user)]))).toEqual(new Map([...byNote(before)].map(([mark, user]) => [mark, kept(user)])));
  expect(aws.iam.denied).toEqual([]);
});

test('an ordinary change since then stays, and another plan finds nothing to take back', async () => {
  const [user] = (await state()).users.values();
  const [, GroupName] = [...before.groups.keys()];
  await cognito().send(new AdminAddUserToGroupCommand({ UserPoolId: dr.userPoolId, Username: user.username, GroupName }));
  await settled();
  const { users, groups } = await recover({ kind: 'undelete', asOf, everybody: true, dryRun: true });
  expect({ users, groups }).toMatchObject({ users: { undeleted: 0, reverted: 0 }, groups: { created: 0 } });
});

test('undo brings back what the script had left, and disables whom it had deleted', async () => {
  await recover({ undo: executed.execution });
  const now = byNote(await state());
  for (const [mark, user] of byNote(after)) {
    expect([mark, now.get(mark)!.enabled, now.get(mark)!.attributes]).toEqual([mark, user.enabled, user.attributes]);
  }
  const gone = [...byNote(before)].filter(([mark]) => !byNote(after).has(mark)).map(([mark]) => now.get(mark)!.enabled);
  expect(gone).toEqual(Array(DELETED).fill(false));
});
