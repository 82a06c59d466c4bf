import { bringUser } from '../../src/converge/bring-user';
import { ConvergePolicy } from '../../src/converge/policy';
import { UserContext } from '../../src/converge/user-context';
import { restorePolicy } from '../../src/restore/restore-policy';
import { RestoreRun } from '../../src/restore/restore-run';
import { ON_DEMAND_POLICY } from '../../src/standby/on-demand/on-demand-policy';
import { standbyUserContext } from '../../src/standby/standby-context';
import { WARM_POLICY } from '../../src/standby/warm/warm-policy';
import { UserRecord } from '../../src/state/run-state';
import { cognitoError, WRITES } from '../helpers/fake-cognito';
import { SOURCE, STANDBY, StandbyWorld } from '../helpers/standby-world';

const RUN: RestoreRun = { execution: 'run', startedAt: 0, sourceUserPoolId: SOURCE, targetUserPoolId: STANDBY, dryRun: false, quotaShare: 1 };

/** A user of the ledger in the group `staff`, and the engine under a policy. */
class EngineWorld extends StandbyWorld {
  constructor(options?: ConstructorParameters<typeof StandbyWorld>[0]) {
    super(options);
    this.group({ name: 'staff' });
    this.user('ann', {}, ['staff']);
  }

  public async bring(policy: ConvergePolicy, more: Partial<UserContext> = {}): Promise<UserRecord> {
    const row = (await this.directory.user('ann'))!;
    const context = { ...standbyUserContext(await this.context(), SOURCE, policy), ...more };
    const record = await bringUser(context, { row, groups: await this.directory.groupsOf(row) });
    if (record.link) await this.links.write(record.link);
    return record;
  }

  public get ann() {
    return [...this.pool.users.values()].find(user => user.attributes.email === 'ann@example.com');
  }

  /** Calls that change something, since the last time. */
  public writes(): string[] {
    return this.pool.calls.splice(0).map(({ operation }) => operation).filter(operation => WRITES.includes(operation));
  }
}

describe('what a policy does not allow is not done', () => {
  test('create: false makes nobody', async () => {
    const world = new EngineWorld();
    expect(await world.bring({ ...WARM_POLICY, create: false })).toEqual({ outcome: { sub: 'ann', outcome: 'skipped', reason: { code: 'not-in-target' } } });
    expect(world.writes()).toEqual([]);
  });

  test('change: false leaves users who are there as they are', async () => {
    const world = new EngineWorld();
    await world.bring(WARM_POLICY);
    world.writes();
    world.user('ann', { enabled: false }, ['staff']);
    expect((await world.bring({ ...WARM_POLICY, change: false })).outcome).toMatchObject({ outcome: 'already-there', reason: { code: 'left-as-it-is' } });
    expect(world.writes()).toEqual([]);
    expect((await world.bring(WARM_POLICY)).outcome).toMatchObject({ reason: { code: 'converged' } });
    expect(world.ann!.enabled).toBe(false);
  });

  test('dryRun: true writes nothing, and says what would be', async () => {
    const world = new EngineWorld();
    expect((await world.bring({ ...WARM_POLICY, dryRun: true })).outcome).toMatchObject({ outcome: 'would-restore' });
    expect([world.writes(), world.links.all.size]).toEqual([[], 0]);
    await world.bring(WARM_POLICY);
    world.writes();
    world.user('ann', { enabled: false }, ['staff']);
    expect((await world.bring({ ...WARM_POLICY, dryRun: true })).outcome).toMatchObject({ reason: { code: 'would-converge' } });
    expect(world.writes()).toEqual([]);
  });

  test.each([['nothing', ['staff']], ['given', []]] as const)('remove: %s, after the ledger lost a group', async (remove, left) => {
    const world = new EngineWorld();
    await world.bring(WARM_POLICY);
    await world.pool.createGroup({ name: 'own' });
    await world.pool.addUserToGroup(world.ann!.username, 'own');
    world.leave('staff', 'ann');
    await world.bring({ ...WARM_POLICY, remove });
    expect([...world.ann!.groups].sort()).toEqual(['own', ...left]);
  });

  test('remove: gained, whoever gave it since: attributes and memberships, and nothing the second time', async () => {
    const world = new EngineWorld();
    const policy = { ...WARM_POLICY, remove: 'gained', baseline: 'none' } as const;
    await world.bring(WARM_POLICY);
    const before = { ...world.ann!.attributes };
    Object.assign(world.ann!.attributes, { nickname: 'Gained', phone_number: '+15555550100', phone_number_verified: 'true' });
    await world.pool.createGroup({ name: 'gained' });
    await world.pool.addUserToGroup(world.ann!.username, 'gained');
    expect((await world.bring({ ...policy, dryRun: true })).outcome).toMatchObject({ reason: { code: 'would-converge' } });
    expect([...world.ann!.groups].sort()).toEqual(['gained', 'staff']);
    expect((await world.bring(policy)).outcome).toMatchObject({ reason: { code: 'converged' } });
    expect([world.ann!.attributes, [...world.ann!.groups]]).toEqual([before, ['staff']]);
    world.writes();
    expect((await world.bring(policy)).outcome).toMatchObject({ reason: { code: 'unchanged' } });
    expect(world.writes()).toEqual([]);
  });

  test.each([[true, 'restored'], [false, 'skipped']] as const)('recreate: %s, after the user was deleted in the target', async (recreate, outcome) => {
    const world = new EngineWorld();
    await world.bring(WARM_POLICY);
    world.pool.model.deleteUser(world.ann!.username);
    expect((await world.bring({ ...WARM_POLICY, recreate })).outcome).toMatchObject({ outcome });
    expect(world.ann === undefined).toBe(!recreate);
  });

  test('groups: there makes none, made-on-demand makes it for its first member', async () => {
    const [without, on] = [new EngineWorld(), new EngineWorld()];
    expect((await without.bring({ ...WARM_POLICY, groups: 'there' })).outcome)
      .toMatchObject({ outcome: 'failed', reason: { code: 'refused', operation: 'AdminAddUserToGroup', error: 'ResourceNotFoundException' } });
    await on.bring(WARM_POLICY);
    expect([...on.ann!.groups]).toEqual(['staff']);
  });

  test.each([[true, 1], [false, 0]] as const)('linkIdentities: %s', async (linkIdentities, links) => {
    const world = new EngineWorld();
    const identities = JSON.stringify([{ providerName: 'Corp', userId: '7' }]);
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', identities } });
    const { outcome, link } = await world.bring({ ...WARM_POLICY, linkIdentities });
    expect(world.pool.links).toHaveLength(links);
    expect(link!.identities).toBe(linkIdentities ? identities : undefined);
    expect(outcome.warnings).toEqual(linkIdentities ? [{ code: 'linked-by-subject' }] : [{ code: 'identities-not-linked' }]);
  });

  test('setPasswords: false gives nobody a password, and leaves the user unfinished until there is one', async () => {
    const world = new EngineWorld();
    const user = await world.pool.createUser({
      username: 'ann@example.com', attributes: { 'email_verified': 'true', 'custom:source_sub': 'ann' }, temporaryPassword: 'Temporary-1',
    });
    expect(user.status).toBe('FORCE_CHANGE_PASSWORD');
    world.writes();
    const { outcome, link } = await world.bring(ON_DEMAND_POLICY, { policy: { ...ON_DEMAND_POLICY, find: 'look-up' } });
    expect(outcome).toMatchObject({ outcome: 'restored' });
    expect(world.writes()).toEqual(['addUserToGroup', 'createGroup', 'addUserToGroup']);
    expect([world.ann!.status, link!.finished]).toEqual(['FORCE_CHANGE_PASSWORD', false]);
    // A restore that comes later finishes what the person never did.
    await world.bring(restorePolicy(RUN), { policy: { ...restorePolicy(RUN), find: 'look-up' } });
    expect(world.writes()).toContain('setPermanentPassword');
    expect(world.ann!.status).toBe('CONFIRMED');
  });

  test('winner: ask leaves a user whom both sides changed, and names what', async () => {
    const world = new EngineWorld();
    const at = (name: string) => ({ attributes: { email: 'ann@example.com', email_verified: 'true', name } });
    world.user('ann', at('first'), ['staff']);
    await world.bring(WARM_POLICY);
    await world.pool.updateAttributes(world.ann!.username, { name: 'target' });
    world.user('ann', at('ledger'), ['staff']);
    world.writes();
    expect((await world.bring({ ...WARM_POLICY, winner: 'ask' })).outcome).toMatchObject({ reason: { code: 'changed-on-both-sides', attributes: ['name'] } });
    expect(world.writes()).toEqual([]);
    await world.bring({ ...WARM_POLICY, winner: 'target' });
    expect(world.ann!.attributes.name).toBe('target');
  });

  test('baseline: none takes the ledger for right about everything', async () => {
    const world = new EngineWorld();
    await world.bring(WARM_POLICY);
    await world.pool.disableUser(world.ann!.username);
    await world.bring(WARM_POLICY);
    expect(world.ann!.enabled).toBe(false);
    await world.bring({ ...WARM_POLICY, baseline: 'none' });
    expect(world.ann!.enabled).toBe(true);
  });
});

describe('the policies of today', () => {
  // What StartExecution says of `name`: no white space, none of < > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /
  test.each([WARM_POLICY, ON_DEMAND_POLICY])('a follower has a name that no execution can have: $actor.name', ({ actor }) => {
    expect(actor.kind).toBe('follower');
    expect(actor.name).toMatch(/[\s<>{}[\]?*"#%\\^|~`$&,;:/]/);
  });

  test('a restore makes and changes, and takes nothing away', () => {
    expect(restorePolicy(RUN)).toMatchObject({ create: true, change: true, remove: 'nothing', winner: 'ledger', recreate: false, find: 'listing' });
  });

  test('in the source pool itself what is newer stays, and who is gone comes back', () => {
    expect(restorePolicy({ ...RUN, targetUserPoolId: SOURCE })).toMatchObject({ winner: 'newer', recreate: true, remove: 'nothing' });
  });

  test.each<[string, Partial<RestoreRun>, boolean]>([
    ['named users', { subs: ['ann'] }, false],
    ['restoreDeleted', { restoreDeleted: true }, false],
    ['a target that was empty', {}, true],
  ])('a restore of %s makes users again', (_what, run, targetWasEmpty) => {
    expect(restorePolicy({ ...RUN, ...run }, targetWasEmpty).recreate).toBe(true);
  });

  test('what follows on demand makes nobody, and takes away what was given once and is no right any more; a warm standby makes users, too', () => {
    expect(ON_DEMAND_POLICY).toMatchObject({ create: false, remove: 'given', delete: false, actor: { kind: 'follower' } });
    expect(WARM_POLICY).toMatchObject({ create: true, remove: 'given', actor: { kind: 'follower' } });
  });
});

test('a user who was just made is linked before anything else is done, by every policy that makes users', async () => {
  const world = new EngineWorld();
  world.pool.before = operation => {
    if (operation === 'setPermanentPassword') throw new Error('killed');
  };
  await expect(world.bring(WARM_POLICY)).rejects.toThrow('killed');
  expect([...world.links.all.values()]).toMatchObject([{ sourceSub: 'ann', restored: true, finished: false, firstSub: 'ann' }]);
  world.pool.before = undefined;
  expect((await world.bring(WARM_POLICY)).outcome).toMatchObject({ outcome: 'restored' });
  expect([...world.links.all.values()].map(({ finished }) => finished)).toEqual([undefined]);
  expect(world.pool.users.size).toBe(1);
});

describe('a name that somebody else in the target has', () => {
  const verified = (email: string) => ({ email, email_verified: 'true' });
  const worldWithStranger = async () => {
    const world = new EngineWorld({ aliasAttributes: ['email', 'preferred_username'] });
    await world.bring(WARM_POLICY);
    await world.pool.createUser({ username: 'stranger', attributes: verified('contested@example.com'), temporaryPassword: 'Temporary-1' });
    return world;
  };

  test('is not taken from them, where Cognito would do so without a word', async () => {
    const world = await worldWithStranger();
    world.writes();
    world.user('ann', { attributes: verified('contested@example.com') }, ['staff']);
    const written = jest.spyOn(world.pool, 'updateAttributes').mockResolvedValue();
    expect((await world.bring(WARM_POLICY)).outcome).toEqual({
      sub: 'ann', outcome: 'failed', reason: { code: 'refused', operation: 'AdminUpdateUserAttributes', error: 'AliasExistsException' },
    });
    expect(written).not.toHaveBeenCalled();
    world.user('ann', { attributes: verified('free@example.com') }, ['staff']);
    expect((await world.bring(WARM_POLICY)).outcome).toMatchObject({ reason: { code: 'converged' } });
    expect(written).toHaveBeenCalledTimes(1);
  });

  test.each(['UsernameExistsException', 'AliasExistsException'] as const)('at the creation, said by %s: the same person is met, anybody else is named', async error => {
    const world = new EngineWorld();
    await world.bring(WARM_POLICY);
    const [made, ...others] = [...world.pool.users.values()];
    expect(others).toEqual([]);
    world.links.all.clear();
    // No look-up finds the user yet.
    jest.spyOn(world.pool, 'listUsers').mockResolvedValue({ items: [] });
    jest.spyOn(world.pool, 'createUser').mockRejectedValue(cognitoError(error));
    expect((await world.bring(WARM_POLICY)).outcome).toMatchObject({ outcome: 'already-there', targetSub: made.sub });
    world.pool.model.deleteUser(made.username);
    expect((await world.bring({ ...WARM_POLICY, recreate: true })).outcome)
      .toEqual({ sub: 'ann', outcome: 'failed', reason: { code: 'refused', operation: 'AdminCreateUser', error } });
  });
});
