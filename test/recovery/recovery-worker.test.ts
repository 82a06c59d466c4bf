import { RecoveryReport } from '../../src/recovery/recovery-report';
import { Scope } from '../../src/recovery/recovery-run';
import { RecoveryAnswer } from '../../src/recovery/recovery-worker';
import { cognitoError } from '../helpers/fake-cognito';
import { CLERK, RecoveryWorld, SCRIPT } from '../helpers/recovery-world';

const [DELETED, OVERWRITTEN, DISABLED, MEMBERS, ORDINARY, OTHERS] = [8, 6, 4, 5, 10, 5];
const BY_SCRIPT: Scope = { of: 'changed-by', principals: [SCRIPT] };

interface Before {
  readonly moment: number;
  readonly state: Record<string, any>;
}

const name = (kind: string, n: number) => `${kind}-${n}`;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function people(world: RecoveryWorld): void {
  world.pool.model.createGroup({ name: 'staff', description: 'all', precedence: 2 });
  world.pool.model.createGroup({ name: 'others' });
  const add = (kind: string, count: number, groups: (n: number) => string[] = () => []) => range(count).forEach(n => world.user(name(kind, n), {
    attributes: { email: `${name(kind, n)}@example.com`, email_verified: 'true', name: `Name of ${name(kind, n)} Ωé` },
  }, groups(n)));
  add('deleted', DELETED, n => n % 2 ? ['others'] : []);
  add('overwritten', OVERWRITTEN, () => ['others']);
  add('disabled', DISABLED);
  add('member', MEMBERS, () => ['staff']);
  add('ordinary', ORDINARY);
  add('other', OTHERS);
  world.named(name('deleted', 0))!.enabled = false;
  // One whose codes go elsewhere than the code for a new password, and one whose do not.
  Object.assign(world.named(name('deleted', 1))!.attributes, { phone_number: '+491234567', phone_number_verified: 'true' });
  world.named(name('deleted', 1))!.mfa = { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' };
  world.named(name('deleted', 2))!.mfa = { enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' };
}

/** The script of the issue, and what ordinary people do meanwhile. */
async function disaster(world: RecoveryWorld): Promise<Before> {
  people(world);
  const moment = await world.capture();
  const state = world.state();
  const { model } = world.pool;
  range(DELETED).forEach(n => model.deleteUser(name('deleted', n)));
  range(OVERWRITTEN).forEach(n => model.updateAttributes(name('overwritten', n), { email: `evil-${n}@example.org`, email_verified: 'true', nickname: 'x' }));
  range(DISABLED).forEach(n => model.setEnabled(name('disabled', n), false));
  model.deleteGroup('staff');
  await world.capture(SCRIPT);
  range(ORDINARY).forEach(n => model.updateAttributes(name('ordinary', n), { name: 'Other name' }));
  world.user('newcomer', { attributes: { email: 'newcomer@example.com', email_verified: 'true' } });
  await world.capture();
  return { moment, state };
}

function reportOf(answer: RecoveryAnswer): RecoveryReport {
  if (!('report' in answer)) throw new Error(`no report: ${JSON.stringify(answer)}`);
  return answer.report;
}

/** The state before, with what ordinary people did since. */
function expected(world: RecoveryWorld, { state }: Before): Record<string, unknown> {
  const now = world.state();
  const kept = Object.entries(now).filter(([username]) => username === 'newcomer' || username.startsWith('ordinary'));
  return Object.fromEntries(Object.entries({ ...state, ...Object.fromEntries(kept) }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('the plan names exactly what the script did; executing it leaves the pool as before, but for new subs and what ordinary people did', async () => {
  const world = new RecoveryWorld();
  const before = await disaster(world);
  const script = world.state();
  const subs = new Map(world.table.subs);
  expect(subs.size).toBe(0);
  const calls = world.pool.calls.length;
  const plan = await world.plan({ asOf: before.moment, scope: BY_SCRIPT });
  expect(plan.status).toBe('planned');
  expect(world.state()).toEqual(script);
  expect(world.pool.calls.slice(calls).filter(({ operation }) => !/^(describe|list|get|groupsOf)/.test(operation))).toEqual([]);
  expect(reportOf(plan)).toMatchObject({
    executed: false,
    kind: 'restore',
    scope: 'changed-by',
    users: { undeleted: DELETED, reverted: OVERWRITTEN + DISABLED + MEMBERS, leftAsTheyAre: 0 },
    groups: { created: 1, reverted: 0 },
    changes: { deleted: DELETED, changed: OVERWRITTEN + DISABLED + MEMBERS },
    attributes: { email: OVERWRITTEN, email_verified: OVERWRITTEN, nickname: OVERWRITTEN },
    enabled: DISABLED,
    disabled: 0,
    memberships: { given: MEMBERS + DELETED / 2, taken: 0 },
  });
  const named = world.table.linesOf(plan.plan).flatMap(line => line.of === 'user' ? [line.sub] : []);
  expect(new Set(named).size).toBe(DELETED + OVERWRITTEN + DISABLED + MEMBERS);

  const done = await world.execute(world.run({ do: 'execute', plan: plan.plan }, 'executed'));
  expect(done.status).toBe('complete');
  expect(world.table.runs.map(({ execution }) => execution)).toEqual(['executed']);
  // CloudTrail's times are whole seconds of another clock: the first call comes so much later that none of a run before is taken for one of this.
  const [{ begunAt }] = world.table.runs;
  const written = [...world.pool.users.values()].map(({ modifiedAt }) => modifiedAt).filter(modifiedAt => modifiedAt >= begunAt);
  expect(written.length).toBeGreaterThan(OVERWRITTEN);
  expect(Math.min(...written)).toBeGreaterThanOrEqual(begunAt + 3_000);
  expect(world.state()).toEqual(expected(world, before));
  expect(reportOf(done)).toMatchObject({ executed: true, outcomes: { 'restored': DELETED + 1, 'already-there': OVERWRITTEN + DISABLED + MEMBERS } });
  expect(Object.keys(reportOf(done).recoveredSubs!)).toHaveLength(DELETED);
  expect(world.pool.messagesSent).toBe(0);
  expect([...world.pool.users.values()].filter(user => user.username.startsWith('deleted')).every(user => user.status === 'CONFIRMED' && user.password)).toBe(true);
  expect(world.named(name('deleted', 1))!.mfa).toEqual({ enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
  expect(world.named(name('deleted', 2))!.mfa).toEqual({ enabled: [] });
  expect(Object.keys(reportOf(done).warnings).filter(sentence => sentence.startsWith('MFA preference not set yet'))).toHaveLength(1);

  // Whoever was brought back is known by both subs.
  for (const [old, sub] of Object.entries(reportOf(done).recoveredSubs!)) {
    expect(world.table.subs.get(sub)).toMatchObject({ firstSub: old, replaces: old });
    expect(world.table.subs.get(old)).toMatchObject({ replacedBy: sub, isNow: sub });
  }

  // A second plan finds nothing to do, before capture has seen the first one's changes and after.
  for (const captured of [false, true]) {
    if (captured) await world.capture('recovery');
    const again = await world.plan({ asOf: before.moment, scope: BY_SCRIPT });
    expect(reportOf(again).users).toMatchObject({ undeleted: 0, reverted: 0 });
  }

  const undone = await world.execute(world.run({ do: 'undo', undone: plan.plan, dryRun: false, allowMessages: false }));
  expect(undone.status).toBe('complete');
  const now = world.state() as Record<string, any>;
  for (const n of range(DELETED)) {
    expect(now[name('deleted', n)].enabled).toBe(false);
    delete now[name('deleted', n)];
  }
  expect(now).toEqual(script);
  expect(world.pool.groups.has('staff')).toBe(true);
  expect(reportOf(undone)).toMatchObject({ undoes: plan.plan, users: { reverted: DELETED - 1 + OVERWRITTEN + DISABLED + MEMBERS } });
});

test('a plan is executed once', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  await world.execute(world.run({ do: 'execute', plan }, 'first'));
  const writes = world.pool.calls.length;
  const second = await world.execute(world.run({ do: 'execute', plan }, 'second'));
  expect(second).toMatchObject({ status: 'refused', message: expect.stringMatching(/^plan: run-1 was executed by first at \S+; make a new plan, or take it back with \{"undo": "first"\}$/) });
  expect(world.pool.calls).toHaveLength(writes);
});

test('who changes between the plan and its execution is skipped and named, the others are as planned', async () => {
  const world = new RecoveryWorld();
  const before = await disaster(world);
  const { plan } = await world.plan({ asOf: before.moment, scope: BY_SCRIPT });
  const { model } = world.pool;
  // One of every kind of change that a recovery could overwrite, of a user and of their groups.
  model.updateAttributes(name('overwritten', 0), { email: 'mine@example.com', email_verified: 'true' });
  model.updateAttributes(name('overwritten', 1), { zoneinfo: 'CET' });
  model.addUserToGroup(name('overwritten', 2), 'others-too'.slice(0, 6));
  model.removeUserFromGroup(name('overwritten', 3), 'others');
  model.setEnabled(name('overwritten', 4), false);
  model.setEnabled(name('disabled', 0), true);
  model.deleteUser(name('disabled', 1));
  // Somebody signed up with the name of a user who was deleted.
  world.user(name('deleted', 2), { attributes: { email: 'stranger@example.org' }, password: 'Theirs-1' });
  const changed = [...range(5).filter(n => n !== 2).map(n => name('overwritten', n)), name('disabled', 0)];
  const as = world.state();

  const done = await world.execute(world.run({ do: 'execute', plan }));
  const now = world.state();
  for (const username of [...changed, name('deleted', 2)]) expect([username, now[username]]).toEqual([username, as[username]]);
  expect(now[name('disabled', 1)]).toBeUndefined();
  const planned = expected(world, before);
  for (const username of [...changed, name('deleted', 2), name('disabled', 1)]) {
    delete planned[username];
    delete now[username];
  }
  expect(now).toEqual(planned);
  const skipped = world.table.linesOf(plan).filter(line => line.result?.reason?.code === 'changed-since-plan');
  expect(skipped).toHaveLength(changed.length + 1);
  expect(reportOf(done)).toMatchObject({
    outcomes: { skipped: changed.length + 1, failed: 1, restored: DELETED - 1 + 1 },
    reasons: { skipped: { 'changed in the pool since the plan was made: left as they are; make a new plan': changed.length + 1 } },
  });
});

/** What may happen to a user, or to their groups, between a plan and its execution: every kind of it that a recovery could overwrite. */
const SINCE: readonly [string, (world: RecoveryWorld, username: string) => void][] = [
  ['a new address', ({ pool }, user) => pool.model.updateAttributes(user, { email: `mine-${user}@example.com`, email_verified: 'true' })],
  ['an address that is not verified', ({ pool }, user) => pool.model.updateAttributes(user, { email: `typed-${user}@example.com` })],
  ['an address that is no longer verified', ({ pool }, user) => pool.model.updateAttributes(user, { email_verified: 'false' })],
  ['a first phone number', ({ pool }, user) => pool.model.updateAttributes(user, { phone_number: '+49123', phone_number_verified: 'true' })],
  ['another name', ({ pool }, user) => pool.model.updateAttributes(user, { name: 'My name' })],
  ['a first preferred name', ({ pool }, user) => pool.model.updateAttributes(user, { preferred_username: `I-${user}` })],
  ['an attribute of ours', ({ pool }, user) => pool.model.updateAttributes(user, { 'custom:note': 'x' })],
  ['a value back to what it was', ({ pool }, user) => pool.model.updateAttributes(user, { email: `${user}@example.com`, email_verified: 'true' })],
  ['an attribute less', ({ pool }, user) => pool.model.deleteAttributes(user, ['nickname'])],
  ['the spoilt address taken away', ({ pool }, user) => pool.model.deleteAttributes(user, ['email', 'email_verified'])],
  ['disabled', ({ pool }, user) => pool.model.setEnabled(user, false)],
  ['into a group', ({ pool }, user) => pool.model.addUserToGroup(user, 'more')],
  ['into two groups', ({ pool }, user) => ['more', 'most'].forEach(group => pool.model.addUserToGroup(user, group))],
  ['out of a group', ({ pool }, user) => pool.model.removeUserFromGroup(user, 'others')],
  ['out of one and into another', ({ pool }, user) => {
    pool.model.removeUserFromGroup(user, 'others');
    pool.model.addUserToGroup(user, 'more');
  }],
  ['a password that has to be new', ({ pool }, user) => pool.model.resetPassword(user)],
  ['a sign-up that has the name by now', (world, user) => {
    world.pool.model.deleteUser(user);
    world.user(user, { attributes: { email: `other-${user}@example.com` }, password: 'Theirs-1' });
  }],
  ['made again by an administrator', (world, user) => {
    const { attributes, groups } = world.named(user)!;
    world.pool.model.deleteUser(user);
    world.user(user, { attributes }, [...groups]);
  }],
  ['deleted', ({ pool }, user) => pool.model.deleteUser(user)],
  ['everything at once', ({ pool }, user) => {
    pool.model.updateAttributes(user, { email: `all-${user}@example.com`, name: 'All' });
    pool.model.setEnabled(user, false);
    pool.model.addUserToGroup(user, 'more');
  }],
];

test('20 users, each changed in another way between the plan and its execution, are skipped and named; 20 others are as planned', async () => {
  expect(SINCE).toHaveLength(20);
  const world = new RecoveryWorld({ customAttributes: { note: {} } });
  const { model } = world.pool;
  ['others', 'more', 'most'].forEach(group => model.createGroup({ name: group }));
  const users = range(40).map(n => name('user', n));
  users.forEach(user => world.user(user, { attributes: { email: `${user}@example.com`, email_verified: 'true', name: `Name of ${user}` } }, ['others']));
  const moment = await world.capture();
  const before = world.state();
  users.forEach(user => model.updateAttributes(user, { email: `evil-${user}@example.org`, email_verified: 'true', nickname: 'x' }));
  await world.capture(SCRIPT);
  const { plan, ...planned } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  expect(reportOf(planned).users).toMatchObject({ reverted: 40 });
  const subs = users.map(user => world.named(user)!.sub);
  SINCE.forEach(([, change], n) => change(world, users[n]));
  const changed = world.state();

  const done = await world.execute(world.run({ do: 'execute', plan }));
  const now = world.state();
  SINCE.forEach(([what], n) => expect([what, now[users[n]]]).toEqual([what, changed[users[n]]]));
  users.slice(20).forEach(user => expect([user, now[user]]).toEqual([user, before[user]]));
  const skipped = world.table.linesOf(plan).flatMap(line => line.of === 'user' && line.result?.reason?.code === 'changed-since-plan' ? [line.sub] : []);
  expect(skipped.sort()).toEqual(subs.slice(0, 20).sort());
  expect(reportOf(done)).toMatchObject({
    outcomes: { 'skipped': 20, 'already-there': 20 },
    reasons: { skipped: { 'changed in the pool since the plan was made: left as they are; make a new plan': 20 } },
  });
});

test('a change that was taken back before the plan is executed is none', async () => {
  const world = new RecoveryWorld();
  const before = await disaster(world);
  const { plan } = await world.plan({ asOf: before.moment, scope: BY_SCRIPT });
  world.pool.model.addUserToGroup(name('disabled', 0), 'others');
  world.pool.model.removeUserFromGroup(name('disabled', 0), 'others');
  const done = await world.execute(world.run({ do: 'execute', plan }));
  expect(reportOf(done).outcomes).not.toHaveProperty('skipped');
});

test('of everybody, what ordinary people did is taken back as well, and newcomers are listed and left alone', async () => {
  const world = new RecoveryWorld();
  const before = await disaster(world);
  const planned = await world.plan({ asOf: before.moment });
  expect(reportOf(planned)).toMatchObject({
    users: { undeleted: DELETED, reverted: OVERWRITTEN + DISABLED + MEMBERS + ORDINARY, leftAsTheyAre: 1 },
    leftAsTheyAre: { 'created since that moment: left as they are': 1 },
  });
  await world.execute(world.run({ do: 'execute', plan: planned.plan }));
  const { newcomer, ...now } = world.state() as Record<string, { enabled: boolean }>;
  expect(newcomer).toMatchObject({ enabled: true });
  expect(now).toEqual(before.state);
});

test.each<[string, Scope, Partial<Parameters<RecoveryWorld['plan']>[0]>, object]>([
  ['undelete of those who were deleted in a period', { of: 'deleted', from: 0, to: 0 }, { kind: 'undelete' }, { users: { undeleted: DELETED, reverted: 0, leftAsTheyAre: 0 } }],
  ['revert of one attribute alone', { of: 'everybody' }, { kind: 'revert', attributes: ['email'] },
    {
      users: { undeleted: 0, reverted: OVERWRITTEN },
      attributes: { email: OVERWRITTEN, email_verified: OVERWRITTEN },
      enabled: 0,
      memberships: { given: 0, taken: 0 },
    }],
  ['revert of the members of a group', { of: 'groups', groups: ['staff'] }, { kind: 'revert' }, { users: { undeleted: 0, reverted: MEMBERS, leftAsTheyAre: 0 }, groups: { created: 1 } }],
  ['everything that changed in a period', { of: 'changed', from: 0, to: 0 }, { kind: 'restore' },
    { users: { undeleted: DELETED, reverted: OVERWRITTEN + DISABLED + MEMBERS, leftAsTheyAre: 0 } }],
])('%s', async (_what, scope, order, report) => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const period = 'from' in scope ? { ...scope, from: moment, to: moment + 1_500 } : scope;
  expect(reportOf(await world.plan({ asOf: moment, scope: period, ...order }))).toMatchObject(report);
});

test('users by their subs, deleted or not', async () => {
  const world = new RecoveryWorld();
  people(world);
  const moment = await world.capture();
  const subs = ['deleted-0', 'overwritten-0', 'other-0'].map(username => world.named(username)!.sub);
  world.pool.model.deleteUser('deleted-0');
  world.pool.model.updateAttributes('overwritten-0', { name: 'X' });
  await world.capture();
  const { plan, ...answer } = await world.plan({ asOf: moment, scope: { of: 'subs', subs } });
  expect(reportOf(answer)).toMatchObject({ users: { undeleted: 1, reverted: 1, leftAsTheyAre: 0 } });
  expect(world.table.linesOf(plan).map(line => line.of === 'user' && line.sub).sort()).toEqual([subs[0], subs[1]].sort());
});

test('deleted and brought back twice: the first sub is carried on, and each knows the others', async () => {
  const world = new RecoveryWorld();
  people(world);
  const first = world.named('deleted-1')!.sub;
  let sub: string = first;
  const subs: string[] = [first];
  const moments: number[] = [];
  for (let round = 0; round < 3; round++) {
    const moment = await world.capture();
    moments.push(moment);
    world.pool.model.deleteUser('deleted-1');
    await world.capture(SCRIPT);
    const { plan } = await world.plan({ asOf: moment, scope: { of: 'subs', subs: [sub] } });
    const done = await world.execute(world.run({ do: 'execute', plan }));
    sub = reportOf(done).recoveredSubs![sub];
    subs.push(sub);
    expect(world.named('deleted-1')!.sub).toBe(sub);
    expect(world.table.subs.get(sub)).toMatchObject({ firstSub: first, replaces: subs[subs.length - 2] });
    expect(world.table.subs.get(first)!.isNow).toBe(sub);
  }
  expect(new Set(subs).size).toBe(4);
  // Going back to the very first moment finds the person who is there.
  await world.capture();
  for (const scope of [{ of: 'subs', subs }, { of: 'everybody' }] as const) {
    const again = await world.plan({ asOf: moments[0], scope });
    expect(reportOf(again).users).toMatchObject({ undeleted: 0, reverted: 0 });
  }
});

test('a user who came back already is named with the sub that they have, and not made a second time', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  await world.execute(world.run({ do: 'execute', plan }));
  const users = world.pool.users.size;
  const again = await world.plan({ asOf: moment, kind: 'undelete' });
  const reasons = world.table.linesOf(again.plan).map(line => line.action === 'leave' ? line.reason.code : line.action);
  expect(reasons.filter(code => code === 'came-back')).toHaveLength(DELETED);
  // The report, which is the output of an execution, does not grow with them.
  expect(reportOf(again).leftAsTheyAre).toMatchObject({ 'came back already': DELETED });
  await world.execute(world.run({ do: 'execute', plan: again.plan }));
  expect(world.pool.users.size).toBe(users);
});

test('a user whom an undo disabled is enabled by a later plan, and has the groups and attributes of the moment', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, kind: 'undelete' });
  await world.execute(world.run({ do: 'execute', plan }));
  await world.capture();
  const came = world.state() as Record<string, { enabled: boolean }>;
  // One had been disabled before.
  const wereEnabled = Object.entries(came).filter(([user, { enabled }]) => user.startsWith('deleted') && enabled).length;
  await world.execute(world.run({ do: 'undo', undone: plan, dryRun: false, allowMessages: false }));
  await world.capture();
  const again = await world.plan({ asOf: moment, kind: 'undelete' });
  expect(reportOf(again)).toMatchObject({ users: { reverted: wereEnabled }, enabled: wereEnabled, warnings: { 'came back already': wereEnabled } });
  await world.execute(world.run({ do: 'execute', plan: again.plan }));
  expect(world.state()).toEqual(came);
});

test('whom the customer\'s PreSignUp trigger refuses has that as their outcome; all others come back', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, kind: 'undelete' });
  world.pool.before = (operation, [user]) => {
    if (operation === 'createUser' && (user as { username: string }).username === name('deleted', 0)) throw cognitoError('UserLambdaValidationException');
  };
  const done = await world.execute(world.run({ do: 'execute', plan }));
  expect(done).toMatchObject({ status: 'complete', report: { outcomes: { restored: DELETED - 1, failed: 1 } } });
  expect(world.table.linesOf(plan).flatMap(({ result }) => result?.outcome === 'failed' ? [result.reason] : []))
    .toEqual([{ code: 'refused', operation: 'AdminCreateUser', error: 'UserLambdaValidationException' }]);
});

test('whose last change was somebody else\'s, with others between the same two looks, is named and left alone', async () => {
  const world = new RecoveryWorld();
  people(world);
  const moment = await world.capture();
  for (const n of range(2)) world.pool.model.updateAttributes(name('other', n), { name: 'X' });
  await world.capture(CLERK);
  world.lastOfSeveral.add(world.named(name('other', 0))!.sub);
  const answer = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  expect(reportOf(answer).users).toEqual({ undeleted: 0, reverted: 0, leftAsTheyAre: 1 });
  expect(world.table.linesOf(answer.plan)).toMatchObject([{ sub: world.named(name('other', 0))!.sub, reason: { code: 'changed-by-unknown' } }]);
});

test('an attribute that Cognito does not give up costs no other one that was gained', async () => {
  const world = new RecoveryWorld();
  world.user('ann');
  const asOf = await world.capture();
  world.pool.model.updateAttributes('ann', { name: 'Required', nickname: 'Gained', locale: 'xx' });
  await world.capture();
  const { plan } = await world.plan({ asOf });
  world.pool.before = (operation, [, names]) => {
    if (operation === 'deleteAttributes' && (names as string[]).includes('name')) throw cognitoError('InvalidParameterException');
  };
  const done = await world.execute(world.run({ do: 'execute', plan }));
  expect(reportOf(done).reasons).toMatchObject({ failed: { 'AdminDeleteUserAttributes: InvalidParameterException: the target refuses one of the values': 1 } });
  expect(world.named('ann')!.attributes).toEqual({ name: 'Required' });
});

test('a precedence that a group has gained is taken away where Cognito does so, and named', async () => {
  const world = new RecoveryWorld();
  world.pool.model.createGroup({ name: 'plain' });
  const asOf = await world.capture();
  world.pool.model.updateGroup({ name: 'plain', precedence: 1 });
  await world.capture();
  const answer = await world.plan({ asOf });
  expect(reportOf(answer)).toMatchObject({
    groups: { reverted: 1 }, warnings: { 'it has gained a precedence, which Cognito may keep where none is given': 1 },
  });
  await world.execute(world.run({ do: 'execute', plan: answer.plan }));
  expect(world.pool.groups.get('plain')!.precedence).toBeUndefined();
});

test('who is uncertain is counted; who is not known at that moment is left alone', async () => {
  const world = new RecoveryWorld();
  people(world);
  const moment = await world.capture();
  world.grades.set(world.named('overwritten-0')!.sub, 'uncertain');
  world.grades.set(world.named('overwritten-1')!.sub, 'incomplete');
  world.grades.set(world.named('deleted-0')!.sub, 'incomplete');
  world.coalesced.add(world.named('overwritten-0')!.sub);
  range(3).forEach(n => world.pool.model.updateAttributes(name('overwritten', n), { name: 'X' }));
  world.pool.model.deleteUser('deleted-0');
  await world.capture();
  expect(reportOf(await world.plan({ asOf: moment }))).toMatchObject({
    users: { undeleted: 0, reverted: 2, leftAsTheyAre: 2 },
    certainty: { certain: 1, uncertain: 1, incomplete: 2 },
    warnings: { 'changed more than once around the moment: what was in between is not known': 1 },
    leftAsTheyAre: { 'not known at that moment: an image that was replaced is not in the ledger': 2 },
  });
});

test('a group of which it is not known what it was is named as such, and not as a newcomer', async () => {
  const world = new RecoveryWorld();
  world.user('ann');
  const asOf = await world.capture();
  for (const group of ['lost', 'new']) world.pool.model.createGroup({ name: group });
  await world.capture();
  ['lost', 'gone'].forEach(group => world.unknownGroups.add(group));
  const answer = await world.plan({ asOf });
  expect(reportOf(answer)).toMatchObject({ groups: { created: 0, reverted: 0, leftAsTheyAre: 3 } });
  expect(world.table.linesOf(answer.plan).map(({ id, certainty, ...line }) => [id, certainty, 'reason' in line && line.reason.code]).sort()).toEqual([
    ['G#gone', 'incomplete', 'moment-unknown'], ['G#lost', 'incomplete', 'moment-unknown'], ['G#new', 'certain', 'created-since'],
  ]);
});

test('nobody is written to: an address that was not verified is listed, unless messages are allowed', async () => {
  for (const allowMessages of [false, true]) {
    const world = new RecoveryWorld();
    world.user('a', { attributes: { email: 'a@example.com', name: 'A' } });
    world.user('b', { attributes: { email: 'b@example.com', email_verified: 'true' } });
    const moment = await world.capture();
    for (const username of ['a', 'b']) world.pool.model.updateAttributes(username, { email: `evil-${username}@example.org`, email_verified: 'true' });
    await world.capture();
    const { plan, ...answer } = await world.plan({ asOf: moment, allowMessages });
    const done = await world.execute(world.run({ do: 'execute', plan }));
    expect(done.status).toBe('complete');
    expect(world.named('b')!.attributes).toEqual({ email: 'b@example.com', email_verified: 'true' });
    const sentence = 'email was not verified, and Cognito would send a code to it: left as it is, unless allowMessages says so';
    expect(reportOf(answer).warnings[sentence]).toBe(allowMessages ? undefined : 1);
    expect(world.pool.messagesSent).toBe(allowMessages ? 1 : 0);
    // The address of somebody else may stay, but no reset code goes there.
    expect(world.named('a')!.attributes.email_verified).toBe('false');
    expect(world.named('a')!.attributes.email).toBe(allowMessages ? 'a@example.com' : 'evil-a@example.org');
  }
});

test('a difference of two moments reads no user of the pool, and is never executed', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const difference = await world.plan({ asOf: moment, to: moment + 1_500, deletionsHeld: 'held' }, true);
  expect(reportOf(difference)).toMatchObject({ kind: 'difference', deletionsHeld: 'held', changes: { deleted: DELETED, changed: OVERWRITTEN + DISABLED + MEMBERS }, executed: false });
  expect(world.pool.calls.map(({ operation }) => operation)).toEqual(['describeUserPool']);
  expect(await world.execute(world.run({ do: 'execute', plan: difference.plan })))
    .toEqual({ status: 'refused', message: `plan: ${difference.plan} is a difference, which is only read; make a plan with {"kind": ..., "dryRun": true}` });
});

test('a plan expires after 24 hours, but one that was begun is gone on with', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const late = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  const begun = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  world.lives = [30, ...range(9).map(() => 0)];
  await expect(world.execute(world.run({ do: 'execute', plan: begun.plan }, 'died'))).rejects.toThrow('killed');
  await world.pass(86_400_000);
  expect(await world.execute(world.run({ do: 'execute', plan: late.plan }))).toMatchObject({
    status: 'refused', message: expect.stringMatching(/^plan: run-1 expired at \S+, 24 hours after it was made; make a new plan$/),
  });
  const done = await world.execute(world.run({ do: 'execute', plan: begun.plan }, 'goes on'));
  expect(done.status).toBe('complete');
  expect([...world.pool.users.values()].filter(({ username }) => username.startsWith('deleted'))).toHaveLength(DELETED);
});

test('an execution of which nearly everything fails stops early, as a restore does; once the cause is gone, it is gone on with', async () => {
  const world = new RecoveryWorld({ pageSize: 60 });
  const users = 2_600;
  range(users).forEach(n => world.user(name('many', n), { attributes: { name: `N ${n}` } }));
  const moment = await world.capture();
  range(users).forEach(n => world.pool.model.updateAttributes(name('many', n), { name: 'X' }));
  await world.capture();
  const { plan } = await world.plan({ asOf: moment });
  world.pool.before = operation => { if (operation === 'updateAttributes') throw cognitoError('InvalidParameterException'); };
  const stopped = await world.execute(world.run({ do: 'execute', plan }));
  const failed = reportOf(stopped).outcomes!.failed!;
  expect(failed).toBeGreaterThan(1_000);
  expect(failed).toBeLessThan(1_100);
  expect(stopped).toMatchObject({
    status: 'incomplete',
    message: `${failed} lines of the plan ${plan} failed, ${failed} of them with: AdminUpdateUserAttributes: InvalidParameterException: the target refuses one of `
      + `the values; the table of recoveries lists them under the index key ${plan}#failed; ${users - failed} were not tried: when the cause is gone, execute the `
      + 'plan again, and it goes on with these',
  });
  world.pool.before = undefined;
  const done = await world.execute(world.run({ do: 'execute', plan }));
  expect(done).toMatchObject({ status: 'complete', report: { outcomes: { failed, 'already-there': users - failed } } });
  // Those who failed are in the next plan.
  await world.capture();
  expect(reportOf(await world.plan({ asOf: moment })).users).toMatchObject({ reverted: failed });
});

test('two recoveries never write the pool at once', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  const answers = await world.clock.run(async () => Promise.all([
    world.slice(world.run({ do: 'execute', plan }, 'one')), world.clock.sleep(50).then(() => world.slice(world.run({ do: 'execute', plan }, 'two'))),
  ]));
  expect(answers[0].status).toBe('complete');
  expect(answers[1]).toMatchObject({ status: 'another recovery is running', message: expect.stringContaining('the recovery one is at work on us-east-1_Source') });
});

test('answers hold counts and subs, and nothing of what users have', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const planned = await world.plan({ asOf: moment });
  const done = await world.execute(world.run({ do: 'execute', plan: planned.plan }, 'e'));
  const undone = await world.execute(world.run({ do: 'undo', undone: planned.plan, dryRun: false, allowMessages: false }));
  const said = JSON.stringify([planned, done, undone]);
  expect(said).not.toMatch(/@|Name of|Ωé|evil|deleted-\d|overwritten-\d|\+4912/);
  expect(JSON.stringify(world.table.linesOf(planned.plan))).toMatch(/evil-0@example\.org/);
});

test('undo leaves alone who was skipped, also where somebody else has put right by then what the plan would have', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  const { model } = world.pool;
  model.setEnabled(name('disabled', 0), true);
  model.updateAttributes(name('overwritten', 0), { email: 'overwritten-0@example.com', email_verified: 'true', nickname: '' });
  await world.execute(world.run({ do: 'execute', plan }));
  const skipped = world.table.linesOf(plan).filter(line => line.result?.reason?.code === 'changed-since-plan');
  expect(skipped).toHaveLength(2);
  await world.execute(world.run({ do: 'undo', undone: plan, dryRun: false, allowMessages: false }));
  expect(world.named(name('disabled', 0))!.enabled).toBe(true);
  expect(world.named(name('overwritten', 0))!.attributes.email).toBe('overwritten-0@example.com');
});

test('undo disables whom that run brought back, and nobody whom another one did', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const [one, two] = [await world.plan({ asOf: moment, scope: BY_SCRIPT }), await world.plan({ asOf: moment, scope: BY_SCRIPT })];
  await world.execute(world.run({ do: 'execute', plan: one.plan }));
  const before = world.state();
  await world.execute(world.run({ do: 'execute', plan: two.plan }));
  expect(world.state()).toEqual(before);
  const undone = await world.execute(world.run({ do: 'undo', undone: two.plan, dryRun: false, allowMessages: false }));
  expect(undone.status).toBe('complete');
  expect(world.state()).toEqual(before);
});

test('the counts of a plan stay small, however many came back before', async () => {
  const world = new RecoveryWorld();
  const { moment } = await disaster(world);
  const { plan } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  await world.execute(world.run({ do: 'execute', plan }));
  const again = await world.plan({ asOf: moment, kind: 'undelete' });
  expect(reportOf(again).leftAsTheyAre).toMatchObject({ 'came back already': DELETED });
});

test('a status that has changed is named, though nobody can set it', async () => {
  const world = new RecoveryWorld();
  people(world);
  const moment = await world.capture();
  world.pool.model.resetPassword(name('other', 0));
  await world.capture(SCRIPT);
  const { plan, ...answer } = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  expect(reportOf(answer)).toMatchObject({
    users: { undeleted: 0, reverted: 0, leftAsTheyAre: 1 },
    changes: { changed: 1 },
    leftAsTheyAre: { 'differs only in what is left as it is': 1 },
    warnings: { 'status was CONFIRMED': 1 },
  });
  expect(world.table.linesOf(plan)).toHaveLength(1);
});

test('a group that comes back without the role that it had says so', async () => {
  const world = new RecoveryWorld();
  people(world);
  world.pool.model.updateGroup({ name: 'staff', description: 'all', precedence: 2, roleArn: 'arn:aws:iam::111122223333:role/staff' });
  const moment = await world.capture();
  world.pool.model.deleteGroup('staff');
  await world.capture(SCRIPT);
  const planned = await world.plan({ asOf: moment, scope: BY_SCRIPT });
  expect(reportOf(planned)).toMatchObject({
    groups: { created: 1 }, warnings: { 'its role is not as it was: only roles that sourceGroupRoles names are given back': 1 },
  });
});

test('what was planned is executed to the last line, however many days it takes', async () => {
  const world = new RecoveryWorld();
  const before = await disaster(world);
  const { plan } = await world.plan({ asOf: before.moment, scope: BY_SCRIPT });
  await world.pass(23 * 3_600_000);
  const run = world.run({ do: 'execute', plan });
  // It goes on from where it is, so slowly that it takes a week.
  world.lives = [30, ...range(9).map(() => 0)];
  await expect(world.execute(run)).rejects.toThrow('killed');
  await world.pass(7 * 86_400_000);
  const done = await world.execute(run);
  expect(done.status).toBe('complete');
  expect(reportOf(done)).toMatchObject({ outcomes: { 'restored': DELETED + 1, 'already-there': OVERWRITTEN + DISABLED + MEMBERS } });
  expect(world.state()).toEqual(expected(world, before));
});

test.each([['undelete', 'deleted'], ['restore', 'changed']] as const)('%s of a period brings back who may have been deleted in it, and says that it is uncertain', async (kind, of) => {
  const world = new RecoveryWorld();
  people(world);
  const moment = await world.capture();
  await world.pass(60_000);
  world.grades.set(world.named(name('deleted', 0))!.sub, 'uncertain');
  world.pool.model.deleteUser(name('deleted', 0));
  await world.capture();
  const planned = await world.plan({ asOf: moment, kind, scope: { of, from: moment, to: moment + 30_000 } });
  expect(reportOf(planned)).toMatchObject({ users: { undeleted: 1, reverted: 0 }, certainty: { uncertain: 1 } });
});

test('a deleted user who claimed to be another one is brought back as nobody but themselves', async () => {
  const world = new RecoveryWorld({ customAttributes: { source_sub: { mutable: false } } });
  const ann = world.user('ann');
  const eve = world.user('eve', { attributes: { 'custom:source_sub': ann.sub } });
  await world.capture();
  await world.pass(60_000);
  const asOf = world.clock.now();
  await world.pass(60_000);
  world.pool.model.deleteUser('eve');
  await world.capture(SCRIPT);
  const { plan } = await world.plan({ asOf });
  await world.execute(world.run({ do: 'execute', plan }));
  const back = world.named('eve')!;
  expect(back.attributes['custom:source_sub']).toBe(eve.sub);
  expect(world.table.subs.get(back.sub)).toMatchObject({ firstSub: eve.sub });
  expect(world.table.subs.get(ann.sub)).toBeUndefined();
});
