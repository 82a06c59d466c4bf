import { bringUser } from '../../../src/converge/bring-user';
import { fieldsOfReturn } from '../../../src/ledger/recovered-subs';
import { items } from '../../../src/ledger/schema';
import { restorePolicy } from '../../../src/restore/restore-policy';
import { followUp } from '../../../src/standby/on-demand/follow-up';
import { identityOf, TokenEvent, TokenPorts, TokenRefusal, TokenRefused, tokenResponse } from '../../../src/standby/on-demand/token-claims';
import { standbyUserContext } from '../../../src/standby/standby-context';
import { Link } from '../../../src/state/link';
import { NEVER_TURNED, SwitchState } from '../../../src/state/switch';
import { identitiesAt, SOURCE, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const MARKED = { marksUsers: true };

function event(attributes: Record<string, string>, groups?: string[], userName = 'u', triggerSource = 'TokenGeneration_Authentication'): TokenEvent {
  return {
    version: '2',
    triggerSource,
    userPoolId: STANDBY,
    userName,
    response: {},
    request: { userAttributes: { sub: 'here', ...attributes }, groupConfiguration: groups && { groupsToOverride: groups } },
  };
}

/** As the follow-up leaves it: `groups` is what the library last gave. */
function link(world: StandbyWorld, sourceSub: string, groups: string[], more: Partial<Link> = {}): void {
  world.links.all.set('here', {
    sourceSub, targetSub: 'here', firstSub: sourceSub, image: { attributes: {}, enabled: true, groups }, execution: 'x', restored: false, at: 5, ...more,
  });
}

const refusal = async (of: Promise<unknown>): Promise<TokenRefusal | undefined> => of.then(
  () => undefined, (error: Error) => { if (error instanceof TokenRefused) return error.code; throw error; });

describe('rights at every token', () => {
  test('are the ledger\'s: who was taken out of a group, disabled or deleted at the source loses it, although the standby pool still has it all', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins', 'staff']);
    link(world, 'ann', ['admins', 'staff']);
    const token = async (trigger?: string) => identityOf(event({ 'custom:source_sub': 'ann' }, ['admins', 'staff'], 'u', trigger), world.tokenPorts, MARKED);
    expect(await token()).toEqual({ sub: 'ann', groups: ['admins', 'staff'] });
    world.leave('admins', 'ann');
    for (const trigger of ['TokenGeneration_Authentication', 'TokenGeneration_RefreshTokens']) expect((await token(trigger))?.groups).toEqual(['staff']);
    for (const barred of [{ enabled: false }, { status: 'ARCHIVED' }, { status: 'COMPROMISED' }] as const) {
      world.user('ann', barred);
      expect(await refusal(token())).toBe('disabled');
    }
    world.user('ann', { deletedAt: 9 });
    expect(await refusal(token())).toBe('deleted');
    world.ledger.clear();
    world.links.all.clear();
    expect(await refusal(token())).toBe('not-in-ledger');
  });

  test('are not decided by an index that is behind: it only says where to look', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins', 'staff']);
    link(world, 'ann', ['staff']);
    world.leave('admins', 'ann');
    // The index still has the membership that is gone, and lacks the one that is there.
    const ports: TokenPorts = { ...world.tokenPorts, candidates: async () => ['admins'] };
    expect(await identityOf(event({ 'custom:source_sub': 'ann' }, ['staff']), ports, MARKED)).toEqual({ sub: 'ann', groups: ['staff'] });
  });

  describe('of somebody who was deleted in an incident', () => {
    const FIRST = 1_000_000;
    const LAST = FIRST + 60_000;
    const during = FIRST + 30_000;
    const cause = { event: 'AdminDeleteUser', at: during };
    const token = async (world: StandbyWorld) => identityOf(event({ 'custom:source_sub': 'ann' }, ['admins', 'staff']), world.tokenPorts, MARKED);
    const gone = (world: StandbyWorld, group: string, more: object = {}) => world.ledger.put(items.membership({
      poolId: SOURCE, group, sub: 'ann', observedAt: during, deletedAt: during, expiresAt: 9, cause, ...more,
    }));
    const deleted = (more: object = {}) => {
      const world = new StandbyWorld();
      world.user('ann', { deletedAt: during, cause, ...more });
      gone(world, 'staff');
      link(world, 'ann', ['admins', 'staff']);
      return world;
    };

    test('stay until an operator confirms it, with the groups that went along, and without those that went before', async () => {
      const world = deleted();
      gone(world, 'admins', { deletedAt: FIRST - 5_000, cause: { event: 'AdminRemoveUserFromGroup', at: FIRST - 5_000 } });
      const { id } = world.incident({ kind: 'users-gone', first: FIRST, last: LAST });
      expect(await token(world)).toEqual({ sub: 'ann', groups: ['staff'] });
      world.state = { ...world.state, confirmedIncidents: [id] };
      expect(await refusal(token(world))).toBe('deleted');
    });

    test.each<[string, object]>([
      ['before it', { deletedAt: FIRST - 60_000, cause: { ...cause, at: FIRST - 60_000 } }],
      ['after it', { deletedAt: LAST + 600_000, cause: { ...cause, at: LAST + 600_000 } }],
      ['by themselves', { cause: { ...cause, event: 'DeleteUser' } }],
      ['by somebody else\'s call', { cause: { ...cause, principal: 'arn:aws:iam::111122223333:role/other' } }],
      ['by a release that did not say by what, before it', { deletedAt: FIRST - 60_000, cause: undefined }],
    ])('are gone where they were deleted %s', async (_when, row) => {
      const world = deleted(row);
      world.incident({ kind: 'users-gone', first: FIRST, last: LAST });
      expect(await refusal(token(world))).toBe('deleted');
    });

    test('are gone where they were disabled, as nobody who could not come in before comes in now', async () => {
      const world = deleted({ enabled: false });
      world.incident({ kind: 'users-gone', first: FIRST, last: LAST });
      expect(await refusal(token(world))).toBe('disabled');
    });

    test('stay where their group was, and not where they were taken out of it', async () => {
      const world = new StandbyWorld();
      world.user('ann');
      link(world, 'ann', ['admins', 'staff']);
      const byGroup = { event: 'DeleteGroup', at: during };
      gone(world, 'staff', { cause: byGroup });
      gone(world, 'admins', { cause: { event: 'AdminRemoveUserFromGroup', at: during } });
      world.group({ name: 'staff', deletedAt: during, cause: byGroup } as never);
      expect((await token(world))?.groups).toEqual([]);
      for (const group of ['staff', 'admins']) {
        world.incident({ kind: 'group-gone', group, first: FIRST, last: LAST, id: group, causes: [{ event: 'DeleteGroup', count: 60 }] });
      }
      expect((await token(world))?.groups).toEqual(['staff']);
    });
  });

  test('of a group that was deleted at the source are gone with it, before its members\' rows are', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    link(world, 'ann', ['admins']);
    world.group({ name: 'admins', deletedAt: 5 } as never);
    expect((await identityOf(event({ 'custom:source_sub': 'ann' }, ['admins']), world.tokenPorts, MARKED))?.groups).toEqual([]);
  });

  test('take few reads: three side by side, then one batch; the names of the user are looked up only where they changed on the standby', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['email'] });
    world.user('ann', {}, ['staff']);
    link(world, 'ann', ['staff']);
    await world.directory.find('warm-up');
    const calls: string[] = [];
    const seen = <T extends object>(of: T): T => new Proxy(of, {
      get: (on, name) => {
        const member = on[name as keyof T];
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => { calls.push(String(name)); return (member as (...a: unknown[]) => unknown).apply(on, args); };
      },
    });
    const find = jest.spyOn(world.directory, 'find');
    const attributes = { 'custom:source_sub': 'ann', 'email': 'ann@example.com', 'email_verified': 'true' };
    await identityOf(event(attributes, ['staff'], 'ann'), seen(world.tokenPorts), MARKED);
    expect(calls.sort()).toEqual(['candidates', 'linkOf', 'memberships', 'row']);
    expect(find).not.toHaveBeenCalled();
  });

  test('of somebody whose links a pool from before has are that pool\'s, also after a deployment replaced it', async () => {
    const world = new StandbyWorld();
    const ports: TokenPorts = {
      ...world.tokenPorts,
      linkOf: async () => ({
        sourceUserPoolId: 'us-east-1_Before',
        sourceSub: 'ann',
        targetSub: 'here',
        firstSub: 'ann',
        image: { attributes: {}, enabled: true, groups: [] },
        execution: 'x',
        restored: true,
        at: 5,
      }),
      row: async poolId => poolId === 'us-east-1_Before' ? { ...world.user('ann'), poolId } : undefined,
    };
    expect(await identityOf(event({ 'custom:source_sub': 'ann' }), ports, MARKED)).toEqual({ sub: 'ann', groups: [] });
  });

  test.each<[string, Partial<TokenPorts>]>([
    ['the switch', { switch: { of: async () => Promise.reject(new Error('down')) } }],
    ['the link', { linkOf: async () => Promise.reject(new Error('down')) }],
    ['the user', { row: async () => Promise.reject(new Error('down')) }],
    ['the memberships', { memberships: async () => Promise.reject(new Error('down')) }],
    ['the candidates', { candidates: async () => Promise.reject(new Error('down')) }],
  ])('that cannot be read are none: %s', async (_what, broken) => {
    const world = new StandbyWorld();
    world.user('ann');
    await expect(identityOf(event({ 'custom:source_sub': 'ann' }), { ...world.tokenPorts, ...broken }, MARKED)).rejects.toThrow('down');
  });

  test('somebody who came before the standby was opened is compared again, once', async () => {
    const world = new StandbyWorld();
    world.group({ name: 'staff' });
    const row = world.user('ann', {}, ['staff']);
    const user = world.pool.seed({ username: 'u', attributes: { ...row.attributes, 'custom:source_sub': 'ann' } });
    const token = async () => identityOf(event({ 'custom:source_sub': 'ann', 'sub': user.sub }), world.tokenPorts, MARKED);
    await followUp(await world.context(), { sourceSub: 'ann', username: 'u' });
    await token();
    expect(world.compared).toEqual([]);

    world.state = { ...world.state, at: world.time + 1 };
    world.time += 2;
    await token();
    expect(world.compared).toEqual([{ sourceSub: 'ann', username: 'u', since: world.state.at }]);
    // Nothing differs, and it is known that somebody looked.
    await followUp(await world.context(), world.compared[0]);
    await token();
    expect(world.compared).toHaveLength(1);
    const context = await world.context();
    const calls = world.pool.calls.length;
    await followUp(context, world.compared[0]);
    expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['getUser']);
  });
});

test.each<[string, boolean]>([['a restore, while the standby is closed', false], ['the follow-up', true]])(
  'what the source took away is no right again after %s has looked at the user', async (_who, isFollowUp) => {
    const world = new StandbyWorld();
    world.group({ name: 'admins' });
    const row = world.user('ann', {}, ['admins']);
    const user = world.pool.seed({ username: 'u', status: 'CONFIRMED', attributes: { ...row.attributes, 'custom:source_sub': 'ann' } });
    await followUp(await world.context(), { sourceSub: 'ann', username: 'u' });
    expect([...user.groups]).toEqual(['admins']);
    world.leave('admins', 'ann');
    const context = await world.context();
    if (isFollowUp) {
      await followUp(context, { sourceSub: 'ann', username: 'u' });
      expect([...user.groups]).toEqual([]);
    } else {
      const policy = restorePolicy({
        execution: 'e', startedAt: 0, sourceUserPoolId: SOURCE, targetUserPoolId: STANDBY, subs: ['ann'], dryRun: false, quotaShare: 1, sourceSubProves: true,
      });
      const { link: left } = await bringUser(standbyUserContext(context, SOURCE, policy), { row, groups: [] });
      if (left) await context.links.write(left);
      expect([...user.groups]).toEqual(['admins']);
    }
    const token = event({ 'custom:source_sub': 'ann', 'sub': user.sub }, [...user.groups]);
    expect((await identityOf(token, world.tokenPorts, MARKED))?.groups).toEqual([]);
    // An administrator of the standby may still give it.
    user.groups.add('helpers');
    expect((await identityOf(event({ 'custom:source_sub': 'ann', 'sub': user.sub }, [...user.groups]), world.tokenPorts, MARKED))?.groups).toEqual(['helpers']);
  });

describe('who is who', () => {
  test('a newcomer keeps what administrators of the standby gave', async () => {
    expect(await identityOf(event({}, ['helpers']), new StandbyWorld().tokenPorts, MARKED)).toEqual({ sub: 'here', groups: ['helpers'] });
  });

  test('a federated user is known by the link, or by the copy', async () => {
    const world = new StandbyWorld();
    // The group of the provider's users is named after the source pool; the standby has one of its own.
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { 'custom:source_sub': 'first' } }, ['staff', `${SOURCE}_Corp`]);
    const federated = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, undefined, 'Corp_7');
    expect(await identityOf(federated, world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff'] });
    link(world, 'fed', ['staff'], { firstSub: 'first' });
    const settled = { ...federated, request: { ...federated.request, groupConfiguration: { groupsToOverride: ['staff', `${STANDBY}_Corp`] } } };
    expect(await identityOf(settled, world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff', `${STANDBY}_Corp`] });
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', deletedAt: 9 });
    expect(await refusal(identityOf(federated, world.tokenPorts, MARKED))).toBe('deleted');
  });

  test('a disabled federated user gets no token; one whom the source deleted is somebody new, without the old sub and groups', async () => {
    const world = new StandbyWorld();
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', enabled: false }, ['admins']);
    const federated = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, undefined, 'Corp_7');
    expect(await refusal(identityOf(federated, world.tokenPorts, MARKED))).toBe('disabled');
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', deletedAt: 9 }, ['admins']);
    expect(await identityOf(federated, world.tokenPorts, MARKED)).toEqual({ sub: 'here', groups: [] });
  });

  test('never carry another user\'s sub to a federated one, whatever name that user chose', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['preferred_username'] });
    world.user('native', { username: 'Corp_7' }, ['admins']);
    world.user('other', { attributes: { preferred_username: 'Corp_8' } }, ['admins']);
    for (const name of ['Corp_7', 'Corp_8']) {
      const federated = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, undefined, name);
      expect(await identityOf(federated, world.tokenPorts, MARKED)).toEqual({ sub: 'here', groups: [] });
    }
  });

  test('a link that says another than the immutable attribute gets no token', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    world.user('bob', {}, ['admins']);
    link(world, 'bob', ['admins']);
    expect(await refusal(identityOf(event({ 'custom:source_sub': 'ann' }, ['admins']), world.tokenPorts, MARKED))).toBe('not-the-linked-user');
  });

  test('a user of a chain of pools is known by the link, where the row does not say what the first sub was', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['staff']);
    link(world, 'ann', ['staff'], { firstSub: 'first' });
    expect(await identityOf(event({ 'custom:source_sub': 'first' }, ['staff']), world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff'] });
  });

  test('a user of a chain of pools is known by the first sub, before there is a link', async () => {
    const world = new StandbyWorld();
    world.user('second', { attributes: { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'first' } }, ['staff']);
    const attributes = { 'custom:source_sub': 'first', 'email': 'ann@example.com', 'email_verified': 'true' };
    expect(await identityOf(event(attributes), world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff'] });
  });
});

describe('of somebody whom a recovery brought back at the source, in a pool without custom:source_sub', () => {
  const attributes = { email: 'ann@example.com', email_verified: 'true' };
  const deletedAndBack = () => {
    const world = new StandbyWorld();
    world.user('first', { attributes, deletedAt: 9 });
    world.user('second', { attributes, deletedAt: 19 });
    world.user('third', { attributes, firstSub: 'first' }, ['staff']);
    return world;
  };
  const reads = (ports: TokenPorts): { ports: TokenPorts; calls: string[] } => {
    const calls: string[] = [];
    const counted = (name: 'row' | 'linkOf' | 'candidates' | 'memberships') => async (...of: never[]) => {
      calls.push(name);
      return (ports[name] as (...given: never[]) => Promise<never>)(...of);
    };
    return { calls, ports: { ...ports, row: counted('row'), linkOf: counted('linkOf'), candidates: counted('candidates'), memberships: counted('memberships') } };
  };

  test.each<[string, Partial<Link>]>([
    ['a link that knows it', { firstSub: 'first' }],
    ['a link that was written before it was known', { firstSub: 'third' }],
  ])('tokens go on to carry the first sub: %s', async (_what, known) => {
    const world = deletedAndBack();
    link(world, 'third', ['staff'], known);
    for (const mark of ['first', 'third']) {
      expect(await identityOf(event({ ...attributes, 'custom:source_sub': mark }, ['staff']), world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff'] });
    }
  });

  test('before there is a link too, by the name; and whoever was only deleted stays out', async () => {
    const world = deletedAndBack();
    expect(await identityOf(event({ ...attributes, 'custom:source_sub': 'first' }), world.tokenPorts, MARKED)).toEqual({ sub: 'first', groups: ['staff'] });
    world.user('third', { attributes, firstSub: undefined }, ['staff']);
    expect(await refusal(identityOf(event({ ...attributes, 'custom:source_sub': 'first' }), world.tokenPorts, MARKED))).toBe('deleted');
    // An attribute that users of the source may write says nothing about somebody who was deleted there.
    world.user('third', { attributes: { ...attributes, 'custom:source_sub': 'first' } }, ['staff']);
    expect(await refusal(identityOf(event({ ...attributes, 'custom:source_sub': 'first' }), world.tokenPorts, MARKED))).toBe('deleted');
  });

  test('a token of somebody who never was deleted takes no read more', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes });
    link(world, 'ann', []);
    const { ports, calls } = reads(world.tokenPorts);
    await identityOf(event({ ...attributes, 'custom:source_sub': 'ann' }), ports, MARKED);
    expect(calls.sort()).toEqual(['candidates', 'linkOf', 'memberships', 'row']);
  });
});

describe('nobody is taken for somebody else', () => {
  const LINKED = { email: 'ann@example.com', email_verified: 'true', identities: identitiesAt('Corp', '7', false) };

  test('a newcomer who chose the user name that a provider\'s user would get stays a newcomer', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: LINKED }, ['admins']);
    expect(await identityOf(event({}, [], 'Corp_7'), world.tokenPorts, MARKED)).toEqual({ sub: 'here', groups: [] });
  });

  test('a user of a provider whose linked profile the source deleted is somebody new', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: LINKED, deletedAt: 9 }, ['admins']);
    const federated = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, undefined, 'Corp_7');
    expect(await identityOf(federated, world.tokenPorts, MARKED)).toEqual({ sub: 'here', groups: [] });
  });

  test('the first sub of a chain of pools is one\'s own also where the user whose sub it is was deleted', async () => {
    const world = new StandbyWorld();
    world.user('second', { attributes: { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'first' } });
    const attributes = { 'custom:source_sub': 'first', 'email': 'ann@example.com', 'email_verified': 'true' };
    link(world, 'second', [], { firstSub: 'first' });
    world.user('first', { attributes: {}, deletedAt: 9 });
    // Whoever may write the attribute may claim to be somebody who was deleted; a recovery notes whom it brought back.
    expect(await refusal(identityOf(event(attributes), world.tokenPorts, MARKED))).toBe('sub-of-another');
    const back = { replaced: 'first', sub: 'second', firstSub: 'first', execution: 'e', at: 9 };
    fieldsOfReturn(SOURCE, back).forEach(({ key, fields }) => world.ledger.put({ ...key, ...fields }));
    expect((await identityOf(event(attributes), world.tokenPorts, MARKED))?.sub).toBe('first');
  });

  test('a refusal says why by its code alone', async () => {
    const world = new StandbyWorld();
    world.state = NEVER_TURNED;
    await expect(identityOf(event({}), world.tokenPorts, MARKED)).rejects.toMatchObject({ name: 'TokenRefused', message: 'closed', code: 'closed' });
  });

  test('an app client that Cognito does not name is on no list', async () => {
    const world = new StandbyWorld();
    world.state = { ...NEVER_TURNED, mode: 'rehearsal', clients: ['job'] };
    const { callerContext: _none, ...nameless } = event({}, undefined, '', 'TokenGeneration_ClientCredentials');
    expect(await refusal(identityOf(nameless, world.tokenPorts, MARKED))).toBe('not-listed');
  });

  test('who is disabled by now is compared again, too, and told so only then: a function does nothing after its answer', async () => {
    const world = new StandbyWorld();
    world.user('ann', { enabled: false });
    link(world, 'ann', [], { at: 5 });
    world.state = { ...world.state, at: 6 };
    let isAsked = false;
    const compareAgain = async () => { await new Promise(setImmediate); isAsked = true; };
    expect(await refusal(identityOf(event({ 'custom:source_sub': 'ann' }), { ...world.tokenPorts, compareAgain }, MARKED))).toBe('disabled');
    expect(isAsked).toBe(true);
  });

  test('who came just as the standby was opened is not compared again', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    link(world, 'ann', [], { at: 5 });
    world.state = { ...world.state, at: 5 };
    await identityOf(event({ 'custom:source_sub': 'ann' }), world.tokenPorts, MARKED);
    expect(world.compared).toEqual([]);
  });
});

describe('a user whose link a pool from before has', () => {
  const BEFORE = 'us-east-1_Before';
  const portsOf = (world: StandbyWorld): TokenPorts => ({
    ...world.tokenPorts,
    linkOf: async () => ({
      sourceUserPoolId: BEFORE, sourceSub: 'old', targetSub: 'here', firstSub: 'old', image: { attributes: {}, enabled: true, groups: [] }, execution: 'x', restored: true, at: 5,
    }),
    row: async (poolId, sub) => poolId === BEFORE && sub === 'old' ? { ...new StandbyWorld().user('old'), poolId } : undefined,
  });

  test('holds nobody\'s name of the pool that replaced it: their names have nothing to do with each other', async () => {
    const world = new StandbyWorld();
    world.user('other', { attributes: { email: 'shared@example.com', email_verified: 'true' } });
    const attributes = { 'custom:source_sub': 'old', 'email': 'shared@example.com', 'email_verified': 'true' };
    expect(await identityOf(event(attributes), portsOf(world), MARKED)).toEqual({ sub: 'old', groups: [] });
  });

  test('has the rights that the pool which replaced it gives, where it has them too', async () => {
    const world = new StandbyWorld();
    const attributes = { 'custom:source_sub': 'old', 'email': 'old@example.com', 'email_verified': 'true' };
    world.user('new', { attributes }, ['staff']);
    expect(await identityOf(event(attributes), portsOf(world), MARKED)).toEqual({ sub: 'old', groups: ['staff'] });
  });

  test('is known also while the ledger names no pool', async () => {
    const world = new StandbyWorld();
    world.ledger.clear();
    expect(await identityOf(event({ 'custom:source_sub': 'old' }), portsOf(world), MARKED)).toEqual({ sub: 'old', groups: [] });
  });
});

describe('who holds another\'s name on the standby gets no token', () => {
  const aliases = { aliasAttributes: ['email', 'phone_number', 'preferred_username'] as const };
  const victim = (world: StandbyWorld) => world.user('victim', {
    attributes: { email: 'v@example.com', email_verified: 'true', phone_number: '+1555', phone_number_verified: 'true', preferred_username: 'Vic' },
  });

  test.each<[string, Record<string, string>, string, boolean]>([
    ['a preferred user name', { preferred_username: 'vic' }, 'stranger', true],
    ['a verified address', { email: 'V@example.com', email_verified: 'true' }, 'stranger', true],
    ['a verified phone number', { phone_number: '+1555', phone_number_verified: 'true' }, 'stranger', true],
    ['a user name', {}, 'victim', true],
    ['an address that nobody proved, which is no name yet', { email: 'v@example.com', email_verified: 'false' }, 'stranger', false],
    ['names that are free', { email: 'n@example.com', email_verified: 'true', preferred_username: 'nick' }, 'stranger', false],
  ])('%s', async (_what, attributes, userName, isRefused) => {
    const world = new StandbyWorld(aliases);
    victim(world);
    const expected = isRefused ? 'holds-name-of-another' : undefined;
    expect(await refusal(identityOf(event(attributes, undefined, userName), world.tokenPorts, MARKED))).toBe(expected);
    // The same of somebody who came from the ledger, and changed it later.
    world.user('mallory');
    expect(await refusal(identityOf(event({ 'custom:source_sub': 'mallory', ...attributes }, undefined, userName), world.tokenPorts, MARKED))).toBe(expected);
  });

  test('nobody loses a name to a user who is gone, or never confirmed a sign-up; nor to themselves', async () => {
    const world = new StandbyWorld();
    world.user('gone', { attributes: { email: 'v@example.com', email_verified: 'true' }, deletedAt: 3 });
    world.user('never', { attributes: { email: 'w@example.com' }, status: 'UNCONFIRMED' });
    for (const email of ['v@example.com', 'w@example.com']) {
      expect(await refusal(identityOf(event({ email, email_verified: 'true' }), world.tokenPorts, MARKED))).toBeUndefined();
    }
    world.user('ann', { attributes: { email: 'new@example.com', email_verified: 'true' } });
    // Nor where an index is behind.
    const look = jest.spyOn(world.ledger, 'subsBySignInName').mockResolvedValue(['gone']);
    expect(await refusal(identityOf(event({ email: 'v@example.com', email_verified: 'true' }), world.tokenPorts, MARKED))).toBeUndefined();
    look.mockRestore();
    // Changed at the source since; on the standby not yet.
    const attributes = { 'custom:source_sub': 'ann', 'email': 'old@example.com', 'email_verified': 'true' };
    expect(await refusal(identityOf(event(attributes), world.tokenPorts, MARKED))).toBeUndefined();
  });

  test('in a pool that cannot mark users, they are newcomers until their link is written', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    const attributes = { email: 'ann@example.com', email_verified: 'true' };
    expect(await identityOf(event(attributes), world.tokenPorts, { marksUsers: false })).toEqual({ sub: 'here', groups: [] });
    link(world, 'ann', ['admins']);
    expect(await identityOf(event(attributes, ['admins']), world.tokenPorts, { marksUsers: false })).toEqual({ sub: 'ann', groups: ['admins'] });
  });
});

describe('the switch', () => {
  const rehearsal = (...names: string[]): SwitchState => ({ ...NEVER_TURNED, mode: 'rehearsal', names });
  const people: [string, TokenEvent][] = [
    ['from the ledger', event({ 'custom:source_sub': 'ann' })],
    ['a newcomer', event({ email: 'new@example.com', email_verified: 'true' })],
    ['of a provider', event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, undefined, 'Corp_7')],
    ['whose session is renewed', event({ 'custom:source_sub': 'ann' }, undefined, 'u', 'TokenGeneration_RefreshTokens')],
    ['an app client that signs in for itself', { ...event({}, undefined, '', 'TokenGeneration_ClientCredentials'), callerContext: { clientId: 'job' } }],
  ];
  const world = (state: SwitchState) => {
    const made = new StandbyWorld();
    made.user('ann', {}, ['admins']);
    made.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' });
    made.state = state;
    return made;
  };

  test.each(people)('closed, nobody gets a token: %s', async (_who, of) => {
    const { tokenPorts: ports } = world(NEVER_TURNED);
    const never = async () => { throw new Error('the test did not plan this call'); };
    const asksNobody = { ...ports, linkOf: never, row: never, memberships: never, candidates: never };
    expect(await refusal(identityOf(of, asksNobody, MARKED))).toBe('closed');
  });

  test.each(people)('open, everybody does: %s', async (_who, of) => {
    expect(await refusal(identityOf(of, world({ ...NEVER_TURNED, mode: 'open' }).tokenPorts, MARKED))).toBeUndefined();
  });

  test.each(people)('in a rehearsal, only who is on the list: %s', async (_who, of) => {
    expect(await refusal(identityOf(of, world(rehearsal('somebody@example.com')).tokenPorts, MARKED))).toBe('not-listed');
    expect(await refusal(identityOf(of, world({ ...rehearsal('ANN@example.com', 'New@Example.com', 'Corp_7'), clients: ['job'] }).tokenPorts, MARKED))).toBeUndefined();
  });

  test('in a rehearsal, a name that somebody took on the standby puts nobody on the list', async () => {
    const rehearsing = world(rehearsal('boss@example.com'));
    const taken = event({ 'custom:source_sub': 'ann', 'email': 'boss@example.com', 'email_verified': 'true' });
    expect(await refusal(identityOf(taken, rehearsing.tokenPorts, MARKED))).toBe('not-listed');
    expect(await refusal(identityOf(event({ email: 'boss@example.com' }), rehearsing.tokenPorts, MARKED))).toBeUndefined();
    const byAlias = new StandbyWorld({ aliasAttributes: ['email'] });
    byAlias.state = rehearsal('boss@example.com');
    expect(await refusal(identityOf(event({ email: 'boss@example.com', email_verified: 'false' }, undefined, 'x'), byAlias.tokenPorts, MARKED))).toBe('not-listed');
  });
});

describe('the answer', () => {
  const claims = { claimsToAddOrOverride: { app_id: 's' } };

  test('has the form that the version of the event wants, and always says the groups', () => {
    expect(tokenResponse('1', 'app_id', { sub: 's', groups: [] })).toEqual({ claimsOverrideDetails: { ...claims, groupOverrideDetails: {} } });
    for (const version of ['2', '3']) {
      expect(tokenResponse(version, 'app_id', { sub: 's', groups: ['a', 'b'] }, { groupsToOverride: ['a'], iamRolesToOverride: ['r'], preferredRole: 'r' })).toEqual({
        claimsAndScopeOverrideDetails: {
          idTokenGeneration: claims,
          accessTokenGeneration: claims,
          groupOverrideDetails: { groupsToOverride: ['a', 'b'], iamRolesToOverride: ['r'], preferredRole: 'r' },
        },
      });
    }
  });

  test('carries no role of a group that it takes away', () => {
    const current = { groupsToOverride: ['admins', 'staff'], iamRolesToOverride: ['role/admins', 'role/staff', 'role/unknown'], preferredRole: 'role/admins' };
    const roles = { admins: 'role/admins', staff: 'role/staff' };
    const detailsOf = (groups: string[]) => (tokenResponse('1', 'app_id', { sub: 's', groups }, current, roles)
      .claimsOverrideDetails as { groupOverrideDetails: object }).groupOverrideDetails;
    expect(detailsOf(['staff'])).toEqual({ groupsToOverride: ['staff'], iamRolesToOverride: ['role/staff'] });
    expect(detailsOf([])).toEqual({});
    expect(detailsOf(['admins', 'staff', 'more'])).toEqual({ ...current, groupsToOverride: ['admins', 'staff', 'more'] });
  });
});
