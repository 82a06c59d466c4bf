import { SHARDS } from '../../src/ledger/schema';
import { RESTORE_MEMORY } from '../../src/restore/constants';
import { chapter } from '../helpers/documents';
import { cognitoError, FakeUser, WRITES } from '../helpers/fake-cognito';
import { RestoreWorld, SOURCE, WorldOptions } from '../helpers/restore-world';
import { SimulatedRestore } from '../helpers/simulated-restore';

const sub = (n: number) => `${(n % 256).toString(16).padStart(2, '0')}00aaaa-${String(n).padStart(6, '0')}`;

describe('into an empty pool', () => {
  test('everybody ends with an outcome, as in the ledger', async () => {
    const world = new RestoreWorld({ usernameAttributes: ['email'] });
    world.group({ name: 'admins', description: 'a, "b"', precedence: 3 });
    world.group({ name: 'staff' });
    for (let n = 0; n < 300; n++) {
      world.user(sub(n), { attributes: { 'email': `u${n}@example.com`, 'email_verified': n % 2 ? 'true' : 'false', 'name': 'Ünï, "x"\n', 'cognito:user_status': 'x' }, enabled: n % 7 !== 0 }, n % 3 === 0 ? ['admins', 'staff'] : []);
    }
    world.user(sub(400), { attributes: { email: 'un@example.com' }, status: 'UNCONFIRMED' });
    world.user(sub(401), { username: 'Google_1', attributes: { email: 'fed@example.com', identities: '[]' }, status: 'EXTERNAL_PROVIDER' });
    world.user(sub(402), { attributes: { email: 'gone@example.com' }, deletedAt: 5 });

    const { status, report, message } = await world.restore();

    expect({ status, message }).toEqual({ status: 'complete', message: undefined });
    expect(report).toMatchObject({
      users: 302, restored: 300, alreadyThere: 0, skipped: 2, failed: 0, memberships: 200, verified: { users: 300, memberships: 200, different: 0 },
    });
    expect(world.pool.users.size).toBe(300);
    for (const user of world.pool.users.values()) {
      expect(user.status).toBe('CONFIRMED');
      const n = Number(user.attributes['custom:source_sub'].slice(-6));
      expect(user.attributes).toEqual({ 'email': `u${n}@example.com`, 'email_verified': n % 2 ? 'true' : 'false', 'name': 'Ünï, "x"\n', 'custom:source_sub': sub(n) });
      expect(user.enabled).toBe(n % 7 !== 0);
      expect([...user.groups]).toEqual(n % 3 === 0 ? ['admins', 'staff'] : []);
    }
    expect(new Set([...world.pool.users.values()].map(user => user.password)).size).toBe(300);
    expect(world.pool.groups.get('admins')).toMatchObject({ description: 'a, "b"', precedence: 3 });
  });

  test('a second restore makes no write call', async () => {
    const world = new RestoreWorld();
    world.group({ name: 'staff' });
    for (let n = 0; n < 100; n++) world.user(sub(n), { attributes: { email: `u${n}@example.com` } }, ['staff']);
    await world.restore();
    world.pool.planned = new Set(['describeUserPool', 'listGroups', 'listUsers']);
    const { status, report } = await world.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ users: 100, restored: 0, alreadyThere: 100, reasons: { 'already-there': { unchanged: 100 } } });
  });
});

describe('into a pool that holds users', () => {
  const attributes = (n: number) => ({ email: `u${n}@example.com`, email_verified: 'true', name: `N ${n}` });

  function withThirdThere(): RestoreWorld {
    const world = new RestoreWorld({ usernameAttributes: ['email'] });
    world.group({ name: 'staff' });
    for (let n = 0; n < 30; n++) {
      world.user(sub(n), { attributes: attributes(n) }, ['staff']);
      if (n % 3 === 0) world.pool.seed({ username: `there-${n}`, sub: `there-${n}`, attributes: { ...attributes(n), nickname: 'only there', name: n % 2 ? 'Other' : `N ${n}` }, password: 'their own' });
    }
    world.pool.seed({ username: 'stranger', attributes: { email: 'stranger@example.com' }, password: 'own' });
    return world;
  }

  test('converges those who are there, creates the others, leaves strangers and passwords alone', async () => {
    const world = withThirdThere();
    const { status, report } = await world.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ users: 30, restored: 20, alreadyThere: 10, unknownInTarget: 1, verified: { users: 20, memberships: 20 } });
    expect(world.pool.users.size).toBe(31);
    for (let n = 0; n < 30; n += 3) {
      expect(world.pool.users.get(`there-${n}`)).toMatchObject({ attributes: { ...attributes(n), nickname: 'only there' }, password: 'their own', groups: new Set(['staff']) });
    }
    expect(world.pool.callsOf('updateAttributes')).toBe(5);
  });

  test('empty pages of a listing are not its end', async () => {
    const world = withThirdThere();
    world.pool.emptyPages = true;
    for (let n = 100; n < 300; n++) world.pool.seed({ username: `s-${n}`, attributes: { email: `s${n}@example.com` } });
    const { report } = await world.restore();
    expect(report).toMatchObject({ restored: 20, alreadyThere: 10, unknownInTarget: 201 });
  });

  test('what users changed in the target stays, what the ledger changed follows', async () => {
    const world = withThirdThere();
    await world.restore();
    const of = (n: number) => [...world.pool.users.values()].find(user => user.attributes.email === `u${n}@example.com`)!;
    const [changedThere, changedInLedger] = [of(1), of(2)];
    changedThere.attributes = { ...changedThere.attributes, name: 'Mine', email: 'mine@example.com' };
    changedThere.groups.delete('staff');
    world.user(sub(2), { attributes: { ...attributes(2), name: 'From the ledger' }, enabled: false }, ['staff']);
    const writes = world.pool.callsOf(...WRITES);

    const { status, report } = await world.restore();

    expect(status).toBe('complete');
    expect(report!.reasons['already-there']).toEqual({ unchanged: 29, converged: 1 });
    expect(changedThere).toMatchObject({ attributes: { name: 'Mine', email: 'mine@example.com' }, groups: new Set() });
    expect(changedInLedger).toMatchObject({ attributes: { name: 'From the ledger' }, enabled: false });
    expect(world.pool.callsOf(...WRITES) - writes).toBe(2);
  });

  test('somebody else with the same sign-in name is a failure of that user alone', async () => {
    const world = new RestoreWorld();
    world.user(sub(1), { username: 'ann' });
    world.user(sub(2), { username: 'bob' });
    world.pool.seed({ username: 'ann', attributes: { 'custom:source_sub': 'somebody-else' } });
    const { status, report } = await world.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ restored: 1, failed: 1, reasons: { failed: { 'the sign-in name belongs to somebody else in the target': 1 } } });
  });

  test('a user who claims the sub of another one is restored as themselves, and the other one as well', async () => {
    const world = new RestoreWorld();
    world.user(sub(1), { username: 'eve', attributes: { 'custom:source_sub': sub(2) } });
    world.user(sub(2), { username: 'ann' });
    world.user(sub(3), { username: 'bob', attributes: { 'custom:source_sub': 'of-an-older-pool' } });
    expect((await world.restore()).report).toMatchObject({ restored: 3, failed: 0 });
    const marks = [...world.pool.users.values()].map(user => [user.username, user.attributes['custom:source_sub']]);
    expect(Object.fromEntries(marks)).toEqual({ eve: sub(1), ann: sub(2), bob: 'of-an-older-pool' });
  });

  test('the source pool itself: users are known by their sub', async () => {
    const world = new RestoreWorld({ userPoolId: SOURCE, customAttributes: {} });
    for (const n of [1, 2]) world.user(sub(n), { username: `n${n}`, attributes: { name: `N ${n}` } });
    world.pool.seed({ sub: sub(1), username: 'n1', attributes: { name: 'broken' } });
    expect((await world.restore({ subs: [sub(1)] })).report).toMatchObject({ users: 1, alreadyThere: 1, restored: 0 });
    expect(world.pool.users.get(sub(1))!.attributes.name).toBe('N 1');
    expect((await world.restore()).report).toMatchObject({ users: 2, alreadyThere: 1, restored: 1 });
  });
});

test('a user whom the target refuses fails with the reason, all others are restored', async () => {
  const world = new RestoreWorld({ aliasAttributes: ['email'], customAttributes: { source_sub: { mutable: false }, code: { maxLength: 3 } } });
  world.user(sub(1), { username: 'good' });
  world.user(sub(2), { username: 'long', attributes: { 'custom:code': 'secret value' } });
  world.user(sub(3), { username: 'alias', attributes: { email: 'taken@example.com', email_verified: 'true' } });
  world.user(sub(4), { username: 'none', signInName: undefined });
  world.user(sub(5), { username: 'good2' });
  world.user(sub(6), { username: 'good3' });
  world.pool.seed({ username: 'owner', attributes: { email: 'taken@example.com', email_verified: 'true' } });
  const { status, report } = await world.restore();
  expect(status).toBe('complete');
  expect(report).toMatchObject({ users: 6, restored: 3, failed: 3 });
  expect(Object.keys(report!.reasons.failed!).sort()).toEqual([
    'AdminCreateUser: AliasExistsException: somebody else in the target has one of these names to sign in by',
    'AdminCreateUser: InvalidParameterException: the target refuses one of the values',
    'no sign-in name: the user has none of the attributes that the source pool signs in by',
  ]);
  expect(JSON.stringify(report)).not.toMatch(/secret|taken@/);
});

test('when everybody fails, the execution does too, and soon', async () => {
  const world = new RestoreWorld({ usernameAttributes: ['email'] });
  for (let n = 0; n < 4_000; n++) world.user(sub(n), { attributes: { email: `no address ${n}` }, signInName: `no address ${n}` });
  const { status, message, report } = await world.restore();
  expect(status).toBe('incomplete');
  expect(message).toMatch(/users failed, \d+ of them with: AdminCreateUser: InvalidParameterException/);
  expect(report!.failed).toBeLessThan(2_000);
});

test('a restore that changes nobody saves where it is with each sixteenth page, of which there are 256 at least', async () => {
  const world = new RestoreWorld();
  for (let n = 0; n < 3; n++) world.user(sub(n), { username: `n${n}` });
  const saves = async () => {
    let count = 0;
    world.table.beforeWrite = what => { if (what === 'save') count++; };
    expect((await world.restore()).status).toBe('complete');
    return count;
  };
  expect(await saves()).toBeLessThan(40);
  expect(await saves()).toBeLessThan(30);
});

test('a slice that fails where nothing was to be done keeps what it has read: the next attempt gets further', async () => {
  const world = new RestoreWorld();
  for (let n = 0; n < 3; n++) world.user(sub(n), { username: `n${n}` });
  expect((await world.restore()).status).toBe('complete');
  const read = world.ledger.usersOfShard.bind(world.ledger);
  const reads = new Map<string, number>();
  let sinceFailure = 0;
  world.ledger.usersOfShard = async (pool, shard, cursor) => {
    reads.set(shard, (reads.get(shard) ?? 0) + 1);
    if (++sinceFailure === 10 && world.retries < 5) {
      sinceFailure = 0;
      throw new Error('the table does not answer');
    }
    return read(pool, shard, cursor);
  };
  const { status, report } = await world.restore();
  expect([status, world.retries]).toEqual(['complete', 5]);
  expect(report).toMatchObject({ users: 3, alreadyThere: 3 });
  // One page may be read ahead.
  expect(Math.max(...reads.values())).toBeLessThanOrEqual(3);
});

test('a dry run says what would happen and writes nothing to Cognito', async () => {
  const world = new RestoreWorld();
  world.group({ name: 'staff' });
  for (let n = 0; n < 20; n++) world.user(sub(n), { username: `n${n}`, attributes: { name: `N ${n}` } }, ['staff']);
  world.pool.seed({ username: 'n3', attributes: { 'name': 'Other', 'custom:source_sub': sub(3) } });
  world.pool.planned = new Set(['describeUserPool', 'getUser', 'listGroups', 'listUsers', 'groupsOfUser']);
  const { status, report } = await world.restore({ dryRun: true });
  expect(status).toBe('complete');
  expect(report).toMatchObject({ dryRun: true, users: 20, wouldRestore: 19, alreadyThere: 1, restored: 0, groups: { created: 1 }, reasons: { 'already-there': { 'would be converged': 1 } } });
  expect(world.table.links.size).toBe(0);
});

describe('some users', () => {
  function groups(): RestoreWorld {
    const world = new RestoreWorld();
    ['a', 'b', 'c'].forEach(name => world.group({ name, description: name }));
    world.user(sub(1), { username: 'n1' }, ['a']);
    world.user(sub(2), { username: 'n2' }, ['a', 'b']);
    world.user(sub(3), { username: 'n3' }, ['b', 'c']);
    world.user(sub(4), { username: 'n4' }, ['c']);
    world.pool.groups.set('a', { name: 'a', description: 'changed in the target' });
    return world;
  }
  const names = (world: RestoreWorld) => [...world.pool.users.values()].map(user => user.username).sort();

  test('by sub', async () => {
    const world = groups();
    expect((await world.restore({ subs: [sub(1), sub(4)] })).report).toMatchObject({ users: 2, restored: 2, memberships: 2 });
    expect(names(world)).toEqual(['n1', 'n4']);
    expect([...world.pool.groups.values()]).toMatchObject([{ name: 'a', description: 'changed in the target' }, { name: 'c' }]);
    world.pool.planned = new Set(['describeUserPool', 'listGroups', 'listUsers']);
    expect((await world.restore({ subs: [sub(1), sub(4)] })).report).toMatchObject({ users: 2, alreadyThere: 2 });
  });

  test('by group, members of several of them once', async () => {
    const world = groups();
    expect((await world.restore({ groups: ['a', 'b'] })).report).toMatchObject({ users: 3, restored: 3 });
    expect(names(world)).toEqual(['n1', 'n2', 'n3']);
    expect((await world.restore()).report).toMatchObject({ users: 4, restored: 1, alreadyThere: 3 });
  });
});

test('groups: made as they were, those of identity providers are not copied', async () => {
  const world = new RestoreWorld();
  world.group({ name: 'new', description: 'd', precedence: 0, roleArn: 'arn:aws:iam::111122223333:role/source' });
  world.group({ name: 'there', description: 'right' });
  world.group({ name: 'equal' });
  world.group({ name: `${SOURCE}_Google` });
  world.pool.groups.set('there', { name: 'there', description: 'wrong', precedence: 5, roleArn: 'arn:target' });
  world.pool.groups.set('equal', { name: 'equal', description: 'their own' });
  const { report } = await world.restore();
  expect(report!.groups).toEqual({ created: 1, changed: 1, unchanged: 1, ofIdentityProviders: 1 });
  expect([...world.pool.groups.values()]).toEqual([
    { name: 'there', description: 'right', precedence: 5, roleArn: 'arn:target' },
    { name: 'equal', description: 'their own' },
    { name: 'new', description: 'd', precedence: 0, roleArn: undefined },
  ]);
});

describe('verification', () => {
  function world(): RestoreWorld {
    const made = new RestoreWorld();
    made.group({ name: 'staff' });
    for (let n = 0; n < 10; n++) made.user(sub(n), { username: `n${n}`, attributes: { name: `N ${n}` } }, ['staff']);
    return made;
  }
  /** Does something to the target right after the last user has their group. */
  function afterwards(made: RestoreWorld, change: () => void): void {
    made.pool.after = operation => {
      if (operation === 'addUserToGroup' && made.pool.callsOf('addUserToGroup') === 10) change();
    };
  }

  test('somebody who is not there', async () => {
    const made = world();
    afterwards(made, () => made.pool.users.delete([...made.pool.users.keys()][0]));
    const { status, message } = await made.restore();
    expect({ status, message }).toEqual({ status: 'incomplete', message: expect.stringContaining('1 users are not in the target as the ledger has them') });
    expect([...[...made.table.runs.values()][0].differences.values()]).toEqual([{ code: 'not-in-target' }]);
  });

  test('somebody who is not as planned, and somebody who is out of a group', async () => {
    const made = world();
    afterwards(made, () => {
      const [one, two] = made.pool.users.values();
      one.attributes.name = 'mangled';
      two.groups.clear();
    });
    const { status } = await made.restore();
    expect(status).toBe('incomplete');
    const differences = [...[...made.table.runs.values()][0].differences.values()];
    expect(differences.sort((a, b) => (a.code < b.code ? -1 : 1))).toEqual([{ code: 'differs' }, { code: 'not-in-groups', groups: 1 }]);
  });

  test('somebody who has changed their data since is no difference', async () => {
    const made = world();
    afterwards(made, () => {
      const [one] = made.pool.users.values();
      Object.assign(one.attributes, { name: 'My new name' });
      one.modifiedAt = made.clock.now() + 60_000;
    });
    const { status, report } = await made.restore();
    expect(status).toBe('complete');
    expect(report!.verified).toMatchObject({ different: 0, changedSince: 1 });
  });

  test('a listing that lags behind is given time', async () => {
    const made = world();
    let hidden: FakeUser | undefined;
    afterwards(made, () => {
      const [one] = made.pool.users.values();
      hidden = one;
      made.pool.users.delete(one.sub);
      void made.clock.sleep(30_000).then(() => made.pool.users.set(one.sub, one));
    });
    const { status, report } = await made.restore();
    expect(hidden).toBeDefined();
    expect({ status, verified: report!.verified }).toEqual({ status: 'complete', verified: { users: 10, memberships: 10, different: 0, changedSince: 0 } });
  });
});

describe('every type of pool', () => {
  const person = (n: number) => ({ email: `u${n}@example.com`, email_verified: 'true', phone_number: `+491234567${n}`, phone_number_verified: n % 2 ? 'true' : 'false', preferred_username: `p${n}` });
  test.each<[string, WorldOptions]>([
    ['e-mail', { usernameAttributes: ['email'] }],
    ['phone', { usernameAttributes: ['phone_number'] }],
    ['e-mail and phone', { usernameAttributes: ['email', 'phone_number'] }],
    ['user names', {}],
    ['user names with e-mail and phone as aliases', { aliasAttributes: ['email', 'phone_number'] }],
    ['user names with preferred user names as aliases', { aliasAttributes: ['preferred_username'] }],
    ['one-time codes', { usernameAttributes: ['email'], firstAuthFactors: ['EMAIL_OTP'] }],
    ['one-time codes or passwords', { usernameAttributes: ['email'], firstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] }],
    ['long passwords', { minimumPasswordLength: 99 }],
  ])('%s', async (_type, options) => {
    const world = new RestoreWorld(options);
    for (let n = 0; n < 8; n++) world.user(sub(n), { username: `name${n}`, attributes: person(n), mfa: { enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] } });
    const { status, report } = await world.restore();
    expect({ status, restored: report!.restored, warnings: report!.warnings }).toEqual({ status: 'complete', restored: 8, warnings: { 'TOTP is not copied: it must be enrolled in the target': 8 } });
    const byName = [...world.pool.users.values()].sort((a, b) => (a.attributes.email < b.attributes.email ? -1 : 1));
    byName.forEach((user, n) => {
      expect(user).toMatchObject({ status: 'CONFIRMED', enabled: true, mfa: { enabled: ['SMS_MFA'] } });
      expect(user.attributes).toEqual({ ...person(n), 'custom:source_sub': sub(n) });
      if (!options.usernameAttributes) expect(user.username).toBe(`name${n}`);
      expect(user.password !== undefined).toBe(options.firstAuthFactors?.length !== 1);
    });
    expect(world.pool.messagesSent).toBe(0);
    world.pool.planned = new Set(['describeUserPool', 'listGroups', 'listUsers']);
    expect((await world.restore()).report).toMatchObject({ alreadyThere: 8, reasons: { 'already-there': { unchanged: 8 } } });
  });
});

test('slices of any length end in the same place, with progress', async () => {
  const world = new RestoreWorld({ sliceSeconds: 3 });
  for (let n = 0; n < 1_500; n++) world.user(sub(n), { username: `n${n}` });
  const { status, report, progress } = await world.restore();
  expect(status).toBe('complete');
  expect(progress).toEqual({ phase: 'done', done: 1_500, total: 1_500 });
  expect(report!.restored).toBe(1_500);
  expect(world.slices).toBeGreaterThan(3);
  expect(world.pool.callsOf('setPermanentPassword')).toBe(1_500);
  expect(world.retries).toBe(0);
});

test('slices in which fewer pages are read than are left unsaved come to the end: each begins where the one before was', async () => {
  const world = new RestoreWorld({ sliceSeconds: 5 });
  for (let n = 0; n < 3; n++) world.user(sub(n), { username: `n${n}` });
  const read = world.ledger.usersOfShard.bind(world.ledger);
  let pages = 0;
  world.ledger.usersOfShard = async (...given) => {
    pages++;
    await world.clock.sleep(1_000);
    return read(...given);
  };
  expect((await world.restore()).status).toBe('complete');
  // 256 shards, and the page after the last one that a slice had time for.
  expect(pages).toBeLessThan(256 * 1.5);
});

test.each([[undefined], [[sub(0), sub(1), sub(2)]]])('a slice that is over while the last page is worked on counts nobody twice: subs %j', async subs => {
  const world = new RestoreWorld({ sliceSeconds: 5 });
  for (let n = 0; n < 3; n++) world.user(sub(n), { username: `n${n}` });
  const create = world.pool.createUser.bind(world.pool);
  world.pool.createUser = async (...given) => {
    await world.clock.sleep(6_000);
    return create(...given);
  };
  // Nobody is in the last of the shards: the time is over once it is read.
  const read = world.ledger.usersOfShard.bind(world.ledger);
  world.ledger.usersOfShard = async (pool, shard, cursor) => {
    if (shard === SHARDS[SHARDS.length - 1]) await world.clock.sleep(6_000);
    return read(pool, shard, cursor);
  };
  const { status, report } = await world.restore({ subs });
  expect(status).toBe('complete');
  expect(report).toMatchObject({ users: 3, restored: 3 });
});

test('a token of a listing that has expired begins the listing anew', async () => {
  const world = new RestoreWorld({ sliceSeconds: 1, pageSize: 5 });
  for (let n = 0; n < 300; n++) world.pool.seed({ username: `s${n}` });
  for (let n = 0; n < 5; n++) world.user(sub(n), { username: `n${n}` });
  let expired = 0;
  world.pool.before = (operation, [cursor]) => {
    if (operation === 'listUsers' && world.slices === 2 && cursor && expired++ === 0) throw cognitoError('InvalidParameterException');
    return world.clock.sleep(50);
  };
  const { status, report } = await world.restore();
  expect(expired).toBeGreaterThan(0);
  expect(status).toBe('complete');
  expect(report).toMatchObject({ restored: 5, unknownInTarget: 300 });
});

test.each([0, 1])('fills the binding quota, and takes the minutes that the documents say: 10,000 users with %d groups', async groupsEach => {
  const { ratio, throttled, status, minutes } = await new SimulatedRestore({ users: 10_000, groupsEach }).run();
  expect(status).toBe('complete');
  expect(throttled).toBe(0);
  expect(ratio).toBeGreaterThanOrEqual(0.959);
  expect(chapter('docs/evidence.md', '## Measured here')).toContain(`\n| 10,000 | ${groupsEach} | ${minutes.toFixed(1)} | ${Math.floor(ratio * 100 + 0.5)} % |`);
});

test.each([0, 1])('the quota binds a restore with %d groups each, and not the function\'s part of a processor, which 256 MB would let bind', async groupsEach => {
  const at = async (memory: number, users: number) => new SimulatedRestore({ users, groupsEach, memory }).run();
  // A ratio to a quota takes more users than a share of a processor, which is the same for each.
  const [asDeployed, halfAsFast, small] = [await at(RESTORE_MEMORY, 2_000), await at(RESTORE_MEMORY / 2, 10_000), await at(256, 2_000)];
  expect(asDeployed.busy).toBeLessThan(0.5);
  expect(halfAsFast.ratio).toBeGreaterThanOrEqual(0.95);
  expect(small.busy).toBeGreaterThan(0.9);
});
