import { items } from '../../src/ledger/schema';
import { RESTORE_STATUS } from '../../src/restore/constants';
import { publicError, withPublicErrors } from '../../src/runtime/public-error';
import { SupersededError } from '../../src/state/run-state';
import { cognitoError, Operation, WRITES } from '../helpers/fake-cognito';
import { RestoreWorld, SOURCE } from '../helpers/restore-world';
import { SimulatedRestore } from '../helpers/simulated-restore';

const sub = (n: number) => `${(n % 256).toString(16).padStart(2, '0')}00aaaa-${String(n).padStart(6, '0')}`;
const person = (n: number) => ({ email: `u${n}@example.com`, email_verified: 'true', name: `N ${n}` });

function world(users: number, groups: readonly string[] = [], options: ConstructorParameters<typeof RestoreWorld>[0] = {}): RestoreWorld {
  const made = new RestoreWorld({ usernameAttributes: ['email'], ...options });
  groups.forEach(name => made.group({ name }));
  for (let n = 0; n < users; n++) made.user(sub(n), { attributes: person(n) }, groups);
  return made;
}

const byEmail = (made: RestoreWorld, n: number) => [...made.pool.users.values()].find(user => user.attributes.email === `u${n}@example.com`);

describe('what Cognito refuses about one user', () => {
  test.each([
    ['createUser', 'NotAuthorizedException'], ['createUser', 'CodeDeliveryFailureException'], ['createUser', 'AnErrorThatIsNewException'],
    ['setPermanentPassword', 'UserNotConfirmedException'], ['setPermanentPassword', 'PasswordResetRequiredException'],
    ['addUserToGroup', 'NotAuthorizedException'], ['addUserToGroup', 'ResourceNotFoundException'],
  ] as const)('%s: %s is that user\'s failure', async (operation, name) => {
    const made = world(5, ['staff']);
    let refused = 0;
    made.pool.before = (called: Operation) => {
      if (called === operation && refused++ === 0) throw cognitoError(name, 'u0@example.com is not right');
    };
    const { status, report } = await made.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ restored: 4, failed: 1 });
    expect(Object.keys(report!.reasons.failed!)[0]).toContain(name);
    expect(JSON.stringify(report)).not.toContain('u0@');
  });

  test.each([
    ['AccessDeniedException', 'x'], ['ExpiredTokenException', 'x'], ['UnrecognizedClientException', 'x'], ['ResourceNotFoundException', 'User pool us-west-2_T does not exist.'],
  ])('%s is nobody\'s own', async (name, message) => {
    for (const operation of ['createUser', 'addUserToGroup']) {
      const made = world(5, ['staff']);
      made.pool.before = (called: Operation) => {
        if (called === operation) throw cognitoError(name, message);
      };
      await expect(made.restore()).rejects.toMatchObject({ name });
      expect([...made.table.runs.values()][0].outcomes.size).toBe(0);
    }
  });

  test('who is disabled at the source is disabled last, and whatever else was refused', async () => {
    const made = world(0, ['staff']);
    made.user(sub(1), { attributes: { ...person(1), phone_number: '+491' }, enabled: false, mfa: { enabled: ['SMS_MFA'] } }, ['staff']);
    await made.restore();
    expect(made.pool.calls.map(call => call.operation).filter(operation => WRITES.includes(operation))).toEqual([
      'createGroup', 'createUser', 'setPermanentPassword', 'addUserToGroup', 'setMfaPreference', 'disableUser',
    ]);

    const refusing = world(0, ['staff']);
    refusing.user(sub(1), { attributes: person(1), enabled: false }, ['staff']);
    refusing.pool.before = (called: Operation) => {
      if (called === 'addUserToGroup') throw cognitoError('InvalidParameterException');
    };
    expect((await refusing.restore()).report).toMatchObject({ failed: 1 });
    expect(byEmail(refusing, 1)).toMatchObject({ enabled: false });
    refusing.pool.before = undefined;
    expect((await refusing.restore()).report).toMatchObject({ restored: 1 });
    expect(byEmail(refusing, 1)).toMatchObject({ enabled: false, groups: new Set(['staff']) });
  });
});

describe('groups', () => {
  test('one that is refused is reported, its members are warned, everything else is restored', async () => {
    const made = world(4, ['bad', 'good'], { sliceSeconds: 1 });
    made.pool.before = (called: Operation, [group]) => {
      if (called === 'createGroup' && (group as { name: string }).name === 'bad') throw cognitoError('InvalidParameterException', 'role of bad');
      return made.clock.sleep(200);
    };
    const { status, report } = await made.restore();
    expect(made.slices).toBeGreaterThan(1);
    expect(status).toBe('complete');
    expect(report).toMatchObject({
      restored: 4,
      failed: 0,
      memberships: 4,
      warnings: { 'member of a group that is not restored': 4 },
      groups: { created: 1, failed: { 'CreateGroup: InvalidParameterException: the target refuses one of the values': ['bad'] } },
    });
    expect([...made.pool.groups.keys()]).toEqual(['good']);
  });

  test('one that is there and cannot be changed keeps its members', async () => {
    const made = world(2, ['staff']);
    made.group({ name: 'staff', description: 'new' });
    made.pool.groups.set('staff', { name: 'staff', description: 'old' });
    made.pool.before = (called: Operation) => {
      if (called === 'updateGroup') throw cognitoError('LimitExceededException');
    };
    const { status, report } = await made.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ memberships: 2, warnings: {}, groups: { changed: 0, failed: { 'UpdateGroup: LimitExceededException: a limit of the target is reached': ['staff'] } } });
  });

  test('that a role is denied is one group\'s, that everything is denied is not', async () => {
    const denied = world(1, ['staff']);
    denied.pool.before = (called: Operation) => {
      if (called === 'createGroup') throw cognitoError('AccessDeniedException');
    };
    await expect(denied.restore()).rejects.toThrow('AccessDeniedException');

    const role = world(1, ['admins', 'staff'], { groupRoles: { admins: 'arn:aws:iam::111122223333:role/admins' } });
    role.pool.before = (called: Operation, [group]) => {
      if (called === 'createGroup' && (group as { roleArn?: string }).roleArn) throw cognitoError('AccessDeniedException');
    };
    expect((await role.restore()).report).toMatchObject({
      restored: 1, groups: { created: 1, failed: { 'CreateGroup: AccessDeniedException: the target refuses the call': ['admins'] } },
    });
  });

  test('are counted once, however many slices it takes, and a killed one begins where the last one was', async () => {
    const made = world(1, Array.from({ length: 40 }, (_, i) => `group-${i}`), { sliceSeconds: 1 });
    made.pool.groups.set('group-3', { name: 'group-3' });
    made.lives = [30];
    const { report } = await made.restore();
    expect(made.slices).toBeGreaterThan(2);
    expect(report!.groups).toEqual({ created: 39, changed: 0, unchanged: 1, ofIdentityProviders: 0 });
    expect(made.pool.callsOf('createGroup')).toBe(39);
  });

  test('a restore of one group makes those that its members are in, and no other', async () => {
    const made = world(0, ['a', 'b', 'c']);
    made.user(sub(1), { attributes: person(1) }, ['a', 'b']);
    made.user(sub(2), { attributes: person(2) }, ['c']);
    const { report } = await made.restore({ groups: ['a'] });
    expect(report).toMatchObject({ users: 1, restored: 1, memberships: 2, groups: { created: 2 } });
    expect([...made.pool.groups.keys()]).toEqual(['a', 'b']);
  });

  test('lose what they lost in the source, and keep what the target gave them', async () => {
    const made = world(0);
    made.group({ name: 'ours', description: 'd', precedence: 0 });
    made.group({ name: 'theirs' });
    made.pool.groups.set('theirs', { name: 'theirs', description: 'their own', precedence: 7 });
    made.user(sub(1), { attributes: person(1) });
    await made.restore();
    made.group({ name: 'ours' });
    expect((await made.restore()).report!.groups).toMatchObject({ changed: 1, unchanged: 1 });
    expect([...made.pool.groups.values()]).toEqual([{ name: 'theirs', description: 'their own', precedence: 7 }, { name: 'ours', description: '' }]);
    made.pool.planned = new Set(['describeUserPool', 'listGroups', 'listUsers']);
    expect((await made.restore()).report!.groups).toMatchObject({ changed: 0, unchanged: 2 });
  });
});

test('a user whom a sweep finds gone after they were compared is reported apart', async () => {
  const made = world(3);
  made.pool.seed({ username: 'there', attributes: person(0) });
  const row = (await made.ledger.user(SOURCE, sub(0)))!;
  made.pool.before = (called: Operation) => {
    if (called === 'createUser') made.ledger.put(items.user({ ...row, deletedAt: 9 }));
  };
  // The walk begins after somebody was created only where it is cut in two.
  made.table.beforeWrite = what => {
    if (what === 'write') made.ledger.put(items.user({ ...row, deletedAt: 9 }));
  };
  const { status, report } = await made.restore();
  expect(status).toBe('complete');
  expect(report).toMatchObject({ users: 2, restored: 2, alreadyThere: 0, goneMeanwhile: 1 });
});

test('users who were taken for strangers until their creation was refused are none', async () => {
  const made = world(2);
  const { sub: there } = made.pool.seed({ username: 'there', attributes: person(0) });
  const { subsBySignInName } = made.ledger;
  // An index that lags behind the row.
  made.ledger.subsBySignInName = async () => [];
  made.pool.before = (called: Operation) => {
    if (called === 'createUser') made.ledger.subsBySignInName = subsBySignInName;
  };
  const { report } = await made.restore();
  expect(report).toMatchObject({ restored: 1, alreadyThere: 1, unknownInTarget: 0 });
  expect(made.pool.users.get(there)!.attributes['custom:source_sub']).toBeUndefined();
});

describe('into the source pool itself', () => {
  function source(modifiedAt: number): RestoreWorld {
    const made = new RestoreWorld({ userPoolId: SOURCE, customAttributes: {} });
    made.user(sub(1), { username: 'n1', attributes: { name: 'copied' }, observedAt: 5_500, modifiedAt: 2_000 });
    made.pool.seed({ sub: sub(1), username: 'n1', attributes: { name: 'in the pool' }, modifiedAt });
    return made;
  }

  test.each([5_501, 5_000, 90_000])('what changed in the pool after the copy was made stays (%d)', async modifiedAt => {
    for (const run of [{}, { subs: [sub(1)] }, { dryRun: true }]) {
      const made = source(modifiedAt);
      expect((await made.restore(run)).report!.reasons).toEqual({ 'already-there': { 'changed in the pool since the copy was made': 1 } });
      expect(made.pool.callsOf(...WRITES)).toBe(0);
    }
  });

  test('what was there when the copy was made is as in the copy', async () => {
    const made = source(2_000);
    expect((await made.restore()).report!.reasons).toEqual({ 'already-there': { converged: 1 } });
    expect(made.pool.users.get(sub(1))!.attributes.name).toBe('copied');
  });
});

describe('a user who was deleted in the target since an earlier restore', () => {
  async function deleted(): Promise<RestoreWorld> {
    const made = world(4);
    await made.restore();
    made.pool.users.delete(byEmail(made, 2)!.sub);
    return made;
  }
  const REASON = 'deleted in the target since the user was last brought there, on 2026-01-01';

  test('stays away', async () => {
    const made = await deleted();
    for (let i = 0; i < 2; i++) {
      const { status, report } = await made.restore();
      expect(status).toBe('complete');
      expect(report).toMatchObject({ users: 4, restored: 0, alreadyThere: 3, skipped: 1, reasons: { skipped: { [REASON]: 1 } } });
    }
  });

  test.each([{ restoreDeleted: true }, { subs: [sub(2)] }])('comes back with %j', async run => {
    const made = await deleted();
    expect((await made.restore(run)).report).toMatchObject({ restored: 1, skipped: 0 });
    expect(byEmail(made, 2)).toMatchObject({ status: 'CONFIRMED' });
  });

  test('comes back into a pool that was emptied', async () => {
    const made = await deleted();
    made.pool.users.clear();
    expect((await made.restore()).report).toMatchObject({ restored: 4, skipped: 0 });
  });
});

describe('two restores into one target', () => {
  test('the second one ends at once and writes nothing; after the first one it may', async () => {
    const made = world(50);
    const [first, second] = [made.run(), made.run()];
    const results = await made.clock.run(async () => Promise.all([made.slice(first), made.clock.sleep(300).then(() => made.slice(second))]));
    expect(results[0]).toMatchObject({ status: 'complete', report: { restored: 50, verified: { users: 50 } } });
    expect(results[1]).toMatchObject({ status: 'another restore is running' });
    expect((results[1] as { message: string }).message).toMatch(/^targetUserPoolId: the restore run-1 is filling us-west-2_Target; .* start again after 2026-01-01T00:05:00/);
    expect(made.table.runs.get('run-2')!.outcomes.size).toBe(0);
    expect((await made.restore()).report).toMatchObject({ alreadyThere: 50 });
  });

  test('a scheduled one leaves it to the other, whichever that is, and writes nothing', async () => {
    for (const other of [{}, { scheduled: true }]) {
      const made = world(50);
      const [first, second] = [made.run(other), made.run({ scheduled: true })];
      const results = await made.clock.run(async () => Promise.all([made.slice(first), made.clock.sleep(300).then(() => made.slice(second))]));
      expect(results.map(({ status }) => status)).toEqual([RESTORE_STATUS.COMPLETE, RESTORE_STATUS.YIELDED]);
      expect((results[1] as { message: string }).message).toContain('the restore run-1 is filling us-west-2_Target');
      expect(made.table.runs.get('run-2')!.outcomes.size).toBe(0);
    }
  });

  test('a dry run needs no turn', async () => {
    const made = world(5);
    const [first, dry] = [made.run(), made.run({ dryRun: true })];
    const results = await made.clock.run(async () => Promise.all([made.slice(first), made.slice(dry)]));
    expect(results.map(({ status }) => status)).toEqual(['complete', 'complete']);
  });
});

test('one user who is missing at the end costs some look-ups, not one for everybody', async () => {
  const users = 20_000;
  const simulation = new SimulatedRestore({ users, groupsEach: 1, missing: 4_321 });
  const { status, calls, minutes } = await simulation.run();
  const whole = await new SimulatedRestore({ users, groupsEach: 1 }).run();
  expect(whole.status).toBe('complete');
  expect(status).toBe('incomplete');
  expect(simulation.differences).toEqual(['not-in-target']);
  // Twice the listings, and a bucket of users.
  expect(calls.UserList!).toBeLessThan(2 * whole.calls.UserList! + 100);
  expect(minutes).toBeLessThan(whole.minutes + 3);
});

describe('errors that leave a function', () => {
  test('of AWS tell the operation and the name, not the values', async () => {
    const made = world(2);
    made.pool.before = (called: Operation) => {
      if (called === 'createUser') throw cognitoError('AccessDeniedException', 'u1@example.com may not');
    };
    const handler = withPublicErrors(() => made.restore());
    const error = await handler(undefined).catch((thrown: Error) => thrown) as Error;
    expect(error.name).toBe('AccessDeniedException');
    expect(error.message).toBe('createUser failed with AccessDeniedException; the message is left out, as it may quote values');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('u1@');
    expect(error.cause).toBeUndefined();
  });

  test('of DynamoDB and of parsers too', () => {
    for (const error of [Object.assign(new Error('secret'), { $metadata: {} }), new SyntaxError('secret'), 'secret']) {
      expect((publicError(error) as Error).message).not.toContain('secret');
    }
  });

  test('of our own stay as they are', () => {
    const error = new SupersededError('run');
    expect(publicError(error)).toBe(error);
  });
});
