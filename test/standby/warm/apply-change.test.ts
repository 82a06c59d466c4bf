import * as fc from 'fast-check';
import { GroupRow, UserRow, items } from '../../../src/ledger/schema';
import { followUp } from '../../../src/standby/on-demand/follow-up';
import { openIncidents } from '../../../src/standby/open-incidents';
import { ChangeContext, SetAside, applyRecords } from '../../../src/standby/warm/apply-change';
import { applyDeletions } from '../../../src/standby/warm/apply-deletions';
import { StreamRecord, poolIdOf, subjectOf } from '../../../src/standby/warm/stream-record';
import { Deletions } from '../../../src/state/deletions';
import { cognitoError, FakePoolOptions, WRITES } from '../../helpers/fake-cognito';
import { identitiesAt, SOURCE, StandbyWorld } from '../../helpers/standby-world';

const HOUR = 3_600_000;

class InMemoryDeletions implements Deletions {
  public readonly times = new Map<string, number>();

  public async schedule(sub: string, dueAt: number): Promise<void> {
    if (!this.times.has(sub)) this.times.set(sub, dueAt);
  }

  public async * due(now: number) {
    for (const [sourceSub, dueAt] of [...this.times]) if (dueAt <= now) yield sourceSub;
  }

  public async cancel(sub: string): Promise<void> {
    this.times.delete(sub);
  }
}

class WarmWorld extends StandbyWorld {
  public readonly deletions = new InMemoryDeletions();
  public readonly setAside: SetAside[] = [];

  public async changeContext(): Promise<ChangeContext> {
    return {
      ...await this.context(),
      deletions: this.deletions,
      isHeldAtMoment: async () => await this.standbyLedger.moment() !== undefined,
      grace: 24 * HOUR,
      setAside: async what => { this.setAside.push(what); },
      openIncidents: async () => openIncidents(await this.tokenPorts.incidents(SOURCE), this.state),
    };
  }

  public async apply(...records: StreamRecord[]) {
    return applyRecords(await this.changeContext(), records);
  }

  public userOf(sub: string) {
    return [...this.pool.users.values()].find(user => user.attributes['custom:source_sub'] === sub);
  }
}

let sequence = 0;
function image(pk: string, sk: string, more: Record<string, string>): StreamRecord {
  return { sequenceNumber: String(++sequence), key: { pk, sk }, newImage: { poolId: SOURCE, ...more } };
}
const ofUser = (sub: string) => image(`${SOURCE}#U#xx`, sub, { shard: 's' });
const ofMember = (sub: string, group: string) => image(`${SOURCE}#M#${group}`, sub, { member: 'm' });
const ofGroup = (name: string) => image(`${SOURCE}#G`, name, { name });

test('a record names whom to look at; history, settings and expiry name nobody', () => {
  expect(subjectOf(ofUser('a'))).toEqual({ kind: 'user', poolId: SOURCE, id: 'a' });
  expect(subjectOf(ofMember('a', 'g#h'))).toEqual({ kind: 'user', poolId: SOURCE, id: 'a', group: 'g#h' });
  expect(subjectOf(ofGroup('g'))).toEqual({ kind: 'group', poolId: SOURCE, id: 'g' });
  expect(subjectOf(image(`${SOURCE}#C`, 'pool', {}))).toBeUndefined();
  expect(subjectOf({ sequenceNumber: '1', key: { pk: 'x', sk: 'y' } })).toBeUndefined();
});

test('makes, changes, adds, takes away, disables; what is as it was takes no call', async () => {
  const world = new WarmWorld();
  world.group({ name: 'staff' });
  world.group({ name: 'admins' });
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann', nickname: 'A' } }, ['staff']);
  await world.apply(ofUser('ann'), ofMember('ann', 'staff'), ofGroup('staff'), ofGroup('admins'));
  const user = world.userOf('ann')!;
  expect(user).toMatchObject({ status: 'CONFIRMED', enabled: true, attributes: { name: 'Ann', nickname: 'A' } });
  expect([...user.groups]).toEqual(['staff']);

  world.user('ann', { enabled: false, attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Anna' } }, ['admins']);
  world.leave('staff', 'ann');
  await world.apply(ofMember('ann', 'admins'), ofMember('ann', 'staff'), ofUser('ann'));
  expect(world.userOf('ann')).toMatchObject({ enabled: false, attributes: { name: 'Anna' } });
  expect(world.userOf('ann')!.attributes).not.toHaveProperty('nickname');
  expect([...user.groups]).toEqual(['admins']);

  const calls = world.pool.calls.length;
  expect((await world.apply(ofUser('ann'), ofMember('ann', 'admins'))).counts).toEqual({ unchanged: 1 });
  expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['describeUserPool']);
});

describe('where the index of memberships is one read behind', () => {
  const staff = async () => {
    const world = new WarmWorld();
    world.group({ name: 'admins' });
    world.group({ name: 'staff' });
    world.user('ann', {}, ['admins']);
    await world.apply(ofUser('ann'));
    world.ledger.holdIndexes();
    return world;
  };

  test('a removal from a group arrives by its record, or by any other record of the user', async () => {
    for (const record of [ofMember('ann', 'admins'), ofUser('ann')]) {
      const world = await staff();
      world.leave('admins', 'ann');
      await world.apply(record);
      expect([...world.userOf('ann')!.groups]).toEqual([]);
    }
  });

  test('a group that was deleted at the source is taken away, or not given, while the rows of its members are still there', async () => {
    for (const bring of [
      async (world: WarmWorld) => world.apply(ofUser('ann')),
      async (world: WarmWorld) => followUp(await world.context(), { sourceSub: 'ann' }),
    ]) {
      const world = await staff();
      world.ledger.put(items.group({ poolId: SOURCE, name: 'admins', observedAt: 5, deletedAt: 5, expiresAt: 9 }));
      world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } }, ['admins']);
      await bring(world);
      expect([...world.userOf('ann')!.groups]).toEqual([]);
    }
  });

  test('a group that a killed writer set out to give is asked for too: it is not taken away again', async () => {
    for (const bring of [
      async (world: WarmWorld) => world.apply(ofUser('ann')),
      async (world: WarmWorld) => followUp(await world.context(), { sourceSub: 'ann' }),
    ]) {
      const world = await staff();
      world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } }, ['admins', 'staff']);
      const { sub, username } = world.userOf('ann')!;
      await world.pool.createGroup({ name: 'staff' });
      await world.pool.addUserToGroup(username, 'staff');
      await world.links.write({ ...world.links.all.get(sub)!, giving: ['staff'] });
      await bring(world);
      expect([...world.userOf('ann')!.groups]).toEqual(['admins', 'staff']);
    }
  });

  test('what the follower gives while a follow-up is at the same user is not forgotten: it can be taken away again', async () => {
    const world = new WarmWorld();
    ['admins', 'staff'].forEach(name => world.group({ name }));
    world.user('ann');
    await world.apply(ofUser('ann'));
    world.user('ann', {}, ['staff']);
    const context = await world.context();
    const write = world.links.write.bind(world.links);
    world.links.write = async link => {
      world.links.write = write;
      world.user('ann', {}, ['admins', 'staff']);
      await world.apply(ofMember('ann', 'admins'));
      return write(link);
    };
    await followUp(context, { sourceSub: 'ann' });
    expect([...world.userOf('ann')!.groups].sort()).toEqual(['admins', 'staff']);
    ['admins', 'staff'].forEach(group => world.leave(group, 'ann'));
    await world.apply(ofMember('ann', 'admins'), ofMember('ann', 'staff'));
    expect([...world.userOf('ann')!.groups]).toEqual([]);
  });

  test('a group that was just given stays, whatever record comes next', async () => {
    const world = await staff();
    world.user('ann', {}, ['admins', 'staff']);
    await world.apply(ofMember('ann', 'staff'));
    expect([...world.userOf('ann')!.groups]).toEqual(['admins', 'staff']);
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } });
    await world.apply(ofUser('ann'));
    expect([...world.userOf('ann')!.groups]).toEqual(['admins', 'staff']);
  });

  test('records of several groups of one user are one look that knows all of them', async () => {
    const world = await staff();
    world.leave('admins', 'ann');
    world.user('ann', {}, ['staff', 'others']);
    world.group({ name: 'others' });
    expect((await world.apply(ofMember('ann', 'admins'), ofMember('ann', 'staff'), ofUser('ann'), ofMember('ann', 'others'))).counts).toEqual({ applied: 1 });
    expect([...world.userOf('ann')!.groups].sort()).toEqual(['others', 'staff']);
  });

  test('a comparison on demand takes away what was given, as a record does', async () => {
    const world = await staff();
    world.leave('admins', 'ann');
    await followUp(await world.context(), { sourceSub: 'ann' });
    expect([...world.userOf('ann')!.groups]).toEqual([]);
  });
});

test('who is disabled at the source is here, whatever else of them Cognito refuses', async () => {
  const world = new WarmWorld();
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true' } });
  await world.apply(ofUser('ann'));
  const refusals: Record<string, string>[] = [{ phone_number: 'no number' }, { 'custom:unknown': 'x' }];
  const barred = [{ enabled: false }, { status: 'ARCHIVED' }, { status: 'COMPROMISED' }] as const;
  for (const [refused, bar] of refusals.flatMap(one => barred.map(other => [one, other] as const))) {
    world.user('ann', { ...bar, attributes: { email: 'ann@example.com', email_verified: 'true', ...refused } });
    await world.apply(ofUser('ann'));
    expect(world.setAside.splice(0)).toHaveLength(1);
    expect(world.userOf('ann')!.enabled).toBe(false);
    world.userOf('ann')!.enabled = true;
  }
});

test('what the user changed on the standby stays', async () => {
  const world = new WarmWorld();
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } });
  await world.apply(ofUser('ann'));
  world.userOf('ann')!.attributes.name = 'Changed here';
  world.userOf('ann')!.password = 'theirs';
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann', nickname: 'A' } });
  await world.apply(ofUser('ann'));
  expect(world.userOf('ann')).toMatchObject({ password: 'theirs', attributes: { name: 'Changed here', nickname: 'A' } });
});

test('identities that a user linked at the source sign in as the same user here, whenever they were linked', async () => {
  const world = new WarmWorld();
  const given = { email: 'ann@example.com', email_verified: 'true' };
  const identities = (...ids: string[]) => JSON.stringify(ids.map(userId => ({ providerName: 'Corp', userId })));
  for (const ids of [['1'], ['1', '2']]) {
    world.user('ann', { attributes: { ...given, identities: identities(...ids) } });
    await world.apply(ofUser('ann'));
    expect(world.pool.links.map(({ username, subject }) => [username, subject])).toEqual(ids.map(id => [world.userOf('ann')!.username, id]));
    expect((await world.apply(ofUser('ann'))).counts).toEqual({ unchanged: 1 });
  }
});

test('what could not be kept is counted, by users: identities that are linked by the subject, where nobody said by what else', async () => {
  const world = new WarmWorld();
  for (const sub of ['ann', 'bob']) {
    world.user(sub, { attributes: { email: `${sub}@example.com`, email_verified: 'true', identities: identitiesAt('Corp', sub, false) } });
  }
  world.user('carl');
  expect((await world.apply(ofUser('ann'), ofUser('bob'), ofUser('carl'))).warnings).toEqual({ 'linked-by-subject': 2 });
});

describe('a changed address', () => {
  const ann = (email: string, more: Record<string, string> = {}) => ({ attributes: { email, email_verified: 'true', ...more } });

  test('arrives after other changes too: whom this library made has proved to be the person', async () => {
    const world = new WarmWorld();
    world.user('ann', ann('old@example.com'));
    await world.apply(ofUser('ann'));
    world.user('ann', ann('old@example.com', { name: 'Ann' }));
    await world.apply(ofUser('ann'));
    world.user('ann', ann('new@example.com', { name: 'Ann' }));
    await world.apply(ofUser('ann'));
    expect(world.userOf('ann')!.attributes).toMatchObject({ email: 'new@example.com', email_verified: 'true' });
  });

  test('arrives at who came on demand, with or without a link, whatever their status', async () => {
    for (const [status, isLinked] of [['CONFIRMED', true], ['CONFIRMED', false], ['RESET_REQUIRED', false]] as const) {
      const world = new WarmWorld();
      world.user('ann', ann('old@example.com'));
      world.pool.seed({ username: 'made', status, attributes: { 'email': 'old@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' } });
      if (isLinked) await followUp(await world.context(), { sourceSub: 'ann', username: 'made' });
      else await world.apply(ofUser('ann'));
      world.user('ann', ann('new@example.com'));
      await world.apply(ofUser('ann'));
      expect(world.setAside).toEqual([]);
      expect(world.userOf('ann')!.attributes).toMatchObject({ email: 'new@example.com', email_verified: 'true' });
    }
  });

  test('does not arrive at a stranger, where sign-ups are not guarded', async () => {
    const world = new WarmWorld();
    world.user('ann', ann('ann@example.com'));
    const stranger = world.pool.seed({ username: 'x', attributes: { 'email': 'ann@example.com', 'custom:source_sub': 'ann' } });
    await applyRecords({ ...await world.changeContext(), sourceSubProves: false }, [ofUser('ann')]);
    expect(world.setAside).toHaveLength(1);
    expect(stranger.attributes).not.toHaveProperty('email_verified');
  });

  test('goes from one to another, in whichever order the records come', async () => {
    for (const order of [['ann', 'bob'], ['bob', 'ann'], ['bob']]) {
      const world = new WarmWorld();
      world.user('ann', ann('shared@example.com'));
      world.user('bob', ann('bob@example.com'));
      await world.apply(ofUser('ann'), ofUser('bob'));
      world.pool.before = (operation, args) => {
        const [username, { email = '' } = {}] = args as [string, Record<string, string>?];
        if (operation === 'updateAttributes' && [...world.pool.users.values()].some(user => user.username !== username && user.attributes.email === email)) {
          throw cognitoError('AliasExistsException');
        }
      };
      world.user('ann', ann('ann@example.com'));
      world.user('bob', ann('shared@example.com'));
      for (const sub of order) await world.apply(ofUser(sub));
      expect(world.setAside).toEqual([]);
      expect(['ann', 'bob'].map(sub => world.userOf(sub)!.attributes.email)).toEqual(['ann@example.com', 'shared@example.com']);
    }
  });

  test('is swapped with another one, in whichever order the records come, and whoever is missed', async () => {
    for (const order of [['ann', 'bob'], ['bob', 'ann'], ['bob']]) {
      const world = new WarmWorld();
      world.user('ann', ann('one@example.com'));
      world.user('bob', ann('two@example.com'));
      await world.apply(ofUser('ann'), ofUser('bob'));
      world.user('ann', ann('two@example.com'));
      world.user('bob', ann('one@example.com'));
      for (const sub of order) await world.apply(ofUser(sub));
      expect(world.setAside).toEqual([]);
      expect(['ann', 'bob'].map(sub => world.userOf(sub)!.attributes.email)).toEqual(['two@example.com', 'one@example.com']);
    }
  });

  test('is free for somebody new once it was given up', async () => {
    const world = new WarmWorld();
    world.user('ann', ann('shared@example.com'));
    await world.apply(ofUser('ann'));
    world.user('ann', ann('ann@example.com'));
    world.user('new', ann('shared@example.com'));
    await world.apply(ofUser('new'));
    expect(world.setAside).toEqual([]);
    expect(['ann', 'new'].map(sub => world.userOf(sub)!.attributes.email)).toEqual(['ann@example.com', 'shared@example.com']);
  });
});

test('what is whose goes by the sub: a stranger under the user name of somebody who is gone from the standby gets nothing of theirs', async () => {
  const world = new WarmWorld({ usernameAttributes: [], aliasAttributes: ['email'] });
  world.group({ name: 'admins' });
  world.user('ann');
  await world.apply(ofUser('ann'));
  world.pool.model.deleteUser('ann');
  const stranger = world.pool.seed({ username: 'ann', attributes: { email: 'stranger@example.com' } });
  world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } }, ['admins']);
  expect((await world.apply(ofUser('ann'))).counts).toEqual({ failed: 1 });
  expect(world.setAside).toEqual([{ sourceSub: 'ann', reason: { code: 'name-of-another' } }]);
  expect([stranger.attributes, [...stranger.groups]]).toEqual([{ email: 'stranger@example.com' }, []]);
});

describe('a user of an identity provider', () => {
  const fed = { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' as const, attributes: {} };

  async function came(): Promise<WarmWorld> {
    const world = new WarmWorld();
    world.group({ name: 'staff' });
    world.group({ name: 'admins' });
    world.user('fed', fed, ['staff']);
    world.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER' });
    await followUp(await world.context(), { sourceSub: 'fed', username: 'Corp_7' });
    return world;
  }

  test('who came is disabled and put into groups with the source', async () => {
    const world = await came();
    const [user] = world.pool.users.values();
    world.user('fed', { ...fed, enabled: false }, ['admins']);
    world.leave('staff', 'fed');
    await world.apply(ofUser('fed'));
    expect([user.enabled, [...user.groups]]).toEqual([false, ['admins']]);
    const calls = world.pool.calls.length;
    await world.apply(ofUser('fed'));
    expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['describeUserPool']);
    world.user('fed', fed, ['admins']);
    await world.apply(ofUser('fed'));
    expect(user.enabled).toBe(true);
  });

  test('who did not come is nobody\'s business', async () => {
    const world = new WarmWorld();
    world.user('fed', { ...fed, enabled: false });
    expect((await world.apply(ofUser('fed'))).counts).toEqual({ skipped: 1 });
    expect(world.pool.users.size).toBe(0);
  });

  test('is deleted like others, though the user name is not the sub', async () => {
    const world = await came();
    world.user('fed', { ...fed, deletedAt: world.time });
    await world.apply(ofUser('fed'));
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 1, held: 0, cancelled: 0 });
    expect(world.pool.users.size).toBe(0);
  });
});

test('who cannot be applied is set aside by name and holds nobody up; an error of the service comes again', async () => {
  const world = new WarmWorld();
  world.user('poison', { attributes: { 'email': 'p@example.com', 'email_verified': 'true', 'custom:unknown': 'x' } });
  world.user('ann');
  expect(await world.apply(ofUser('poison'), ofUser('ann'))).toMatchObject({ failures: [], counts: { failed: 1, applied: 1 } });
  expect(world.setAside).toEqual([{ sourceSub: 'poison', reason: { code: 'attributes-not-in-schema', attributes: ['custom:unknown'] } }]);

  world.user('bob');
  world.pool.before = operation => { if (operation === 'createUser') throw Object.assign(new Error('down'), { name: 'InternalErrorException' }); };
  const record = ofUser('bob');
  const { failures, errors } = await world.apply(record);
  expect(failures).toEqual([record.sequenceNumber]);
  expect(errors).toHaveLength(1);
  world.pool.before = undefined;
  await world.apply(record);
  expect(world.userOf('bob')).toBeDefined();
});

describe('a user that was made and not finished', () => {
  const given = { email: 'ann@example.com', email_verified: 'true' };

  /** Dies in the middle of making a disabled user in a group, right before the given call. */
  async function interrupted(at: string, error: Error = Object.assign(new Error('down'), { name: 'InternalErrorException' })): Promise<WarmWorld> {
    const world = new WarmWorld();
    world.group({ name: 'staff' });
    world.user('ann', { enabled: false, attributes: { ...given, nickname: 'A' } }, ['staff']);
    world.pool.before = operation => { if (operation === at) throw error; };
    await world.apply(ofUser('ann'));
    world.pool.before = undefined;
    return world;
  }

  test.each(['setPermanentPassword', 'addUserToGroup', 'disableUser'])('is finished when the record comes again: before %s', async at => {
    const world = await interrupted(at);
    expect((await world.apply(ofUser('ann'))).counts).toEqual({ applied: 1 });
    expect(world.userOf('ann')).toMatchObject({ status: 'CONFIRMED', enabled: false });
    expect([...world.userOf('ann')!.groups]).toEqual(['staff']);
    expect((await world.apply(ofUser('ann'))).counts).toEqual({ unchanged: 1 });
  });

  test('is tried again where Cognito refused something', async () => {
    const world = await interrupted('setPermanentPassword', cognitoError('InvalidPasswordException'));
    expect(world.setAside).toHaveLength(1);
    await world.apply(ofMember('ann', 'staff'));
    expect(world.userOf('ann')).toMatchObject({ status: 'CONFIRMED', enabled: false });
  });

  test('is left to the restore that is making them, whose verification goes by its own links', async () => {
    const world = await interrupted('setPermanentPassword');
    const { sub } = world.userOf('ann')!;
    await world.links.write({ ...world.links.all.get(sub)!, execution: 'a-restore' });
    expect((await world.apply(ofUser('ann'))).counts).toEqual({ unchanged: 1 });
    expect(world.links.all.get(sub)).toMatchObject({ execution: 'a-restore', finished: false });
  });

  test('keeps nothing that the source pool took away before the end', async () => {
    const world = await interrupted('disableUser');
    expect([...world.userOf('ann')!.groups]).toEqual(['staff']);
    world.user('ann', { enabled: false, attributes: given });
    world.leave('staff', 'ann');
    await world.apply(ofUser('ann'), ofMember('ann', 'staff'));
    expect([...world.userOf('ann')!.groups]).toEqual([]);
    expect(world.userOf('ann')!.attributes).not.toHaveProperty('nickname');
  });
});

describe('a follower that is killed', () => {
  const first: Partial<UserRow> = {
    enabled: false,
    mfa: { enabled: ['SMS_MFA'] },
    attributes: {
      email: 'ann@example.com',
      email_verified: 'true',
      phone_number: '+15550000001',
      phone_number_verified: 'true',
      nickname: 'A',
      identities: '[{"providerName":"Corp","userId":"1"}]',
    },
  };
  const second: Partial<UserRow> = {
    mfa: { enabled: ['SMS_MFA'] },
    attributes: {
      email: 'anna@example.com',
      email_verified: 'true',
      phone_number: '+15550000001',
      phone_number_verified: 'true',
      name: 'Anna',
      identities: '[{"providerName":"Corp","userId":"1"},{"providerName":"Corp","userId":"2"}]',
    },
  };

  /** `at`: the write to the pool or to the links that is the last one of its life; `tookEffect`: whether it arrived. */
  async function live(at: number, tookEffect: boolean, options: FakePoolOptions, later: 'at once' | 'after a change') {
    const world = new WarmWorld(options);
    world.group({ name: 'staff' });
    world.group({ name: 'admins' });
    const died = { at: 0 };
    const isLast = (effect: boolean, step = 0) => {
      died.at += step;
      if (died.at === at && effect === tookEffect) throw Object.assign(new Error('killed'), { name: 'InternalErrorException' });
    };
    world.pool.before = operation => { if (WRITES.includes(operation)) isLast(false, 1); };
    world.pool.after = operation => { if (WRITES.includes(operation)) isLast(true); };
    const write = world.links.write.bind(world.links);
    world.links.write = async link => {
      isLast(false, 1);
      const written = await write(link);
      isLast(true);
      return written;
    };
    const records = [ofUser('ann'), ofMember('ann', 'staff'), ofMember('ann', 'admins')];
    const untilDone = async () => {
      while ((await world.apply(...records)).failures.length > 0);
    };
    world.user('ann', first, ['staff']);
    const { failures } = await world.apply(...records);
    // Between the creation and the link, only source_sub tells whose user that is, and nothing what they were given.
    if (world.pool.users.size > 0 && world.links.all.size === 0) return undefined;
    if (failures.length > 0 && later === 'at once') await untilDone();
    world.user('ann', second, ['admins']);
    world.leave('staff', 'ann');
    await untilDone();
    await untilDone();
    const [user, ...others] = world.pool.users.values();
    const link = world.links.all.get(user.sub)!;
    return {
      writes: died.at,
      state: {
        others: others.length,
        status: user.status,
        enabled: user.enabled,
        attributes: user.attributes,
        groups: [...user.groups].sort(),
        mfa: user.mfa,
        identities: world.pool.links.map(({ subject }) => subject).sort(),
        setAside: world.setAside,
        link: { image: link.image, finished: link.finished !== false, restored: link.restored, identities: link.identities },
      },
    };
  }

  test.each<[string, FakePoolOptions]>([
    ['sign-in by address', { usernameAttributes: ['email'] }],
    ['sign-in by user name', { usernameAttributes: [], aliasAttributes: ['email'] }],
    ['no source_sub', { usernameAttributes: [], customAttributes: {} }],
  ])('at any one write leaves the user as if nothing had happened: %s', async (_how, options) => {
    const calm = (await live(0, false, options, 'at once'))!;
    for (let at = 1; at <= calm.writes; at += 1) {
      for (const tookEffect of [false, true]) {
        for (const later of ['at once', 'after a change'] as const) {
          const { state } = await live(at, tookEffect, options, later) ?? calm;
          expect([at, tookEffect, later, state]).toEqual([at, tookEffect, later, calm.state]);
        }
      }
    }
  });
});

describe('a deletion', () => {
  async function deleted(count: number, users = count): Promise<WarmWorld> {
    const world = new WarmWorld();
    const rows: UserRow[] = [];
    for (let i = 0; i < users; i += 1) rows.push(world.user(`u${i}`));
    await world.apply(...rows.map(({ sub }) => ofUser(sub)));
    for (let i = 0; i < count; i += 1) world.user(`u${i}`, { deletedAt: world.time });
    await world.apply(...rows.slice(0, count).map(({ sub }) => ofUser(sub)));
    return world;
  }

  test('waits for the grace period', async () => {
    const world = await deleted(2, 10);
    world.time += 24 * HOUR - 1;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 0, held: 0, cancelled: 0 });
    expect(world.pool.users.size).toBe(10);
    world.time += 1;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 2, held: 0, cancelled: 0 });
    expect(world.pool.users.size).toBe(8);
    expect([world.links.all.size, world.deletions.times.size]).toEqual([8, 0]);
  });

  test('is forgotten where the user is back', async () => {
    const world = await deleted(2, 10);
    world.user('u0');
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 1, held: 0, cancelled: 1 });
    expect(world.userOf('u0')).toBeDefined();
  });

  test('waits anew where the user was back in between', async () => {
    const world = await deleted(1, 10);
    world.user('u0');
    await world.apply(ofUser('u0'));
    world.time += 23 * HOUR;
    world.user('u0', { deletedAt: world.time });
    await world.apply(ofUser('u0'));
    world.time += 2 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 0, held: 0, cancelled: 0 });
    world.time += 22 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 1, held: 0, cancelled: 0 });
  });

  test('reaches whom the ledger has forgotten meanwhile', async () => {
    const world = new WarmWorld({});
    const row = world.user('ann');
    await world.apply(ofUser('ann'));
    world.user('ann', { deletedAt: world.time });
    await world.apply(ofUser('ann'));
    const { pk, sk } = items.user(row);
    for (const [key, item] of world.ledger.items) if (item.pk === pk && item.sk === sk) world.ledger.items.delete(key);
    world.time += 40 * 24 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 10)).toMatchObject({ deleted: 1 });
    expect(world.pool.users.size).toBe(0);
  });

  test('lets in who has the name now, who waited for it and troubled nobody', async () => {
    for (const isSeen of [true, false]) {
      const world = await deleted(1, 10);
      // Made again, and the deletion was not seen yet.
      if (!isSeen) world.user('u0');
      world.user('again', { attributes: { email: 'u0@example.com', email_verified: 'true' }, observedAt: 9 });
      expect((await world.apply(ofUser('again'))).counts).toEqual({ waiting: 1 });
      expect(world.setAside).toEqual([]);
      world.user('u0', { deletedAt: world.time });
      world.time += 25 * HOUR;
      expect(await applyDeletions(await world.changeContext(), 10)).toEqual({ deleted: 1, held: 0, cancelled: 0 });
      expect(world.userOf('u0')).toBeUndefined();
      expect(world.userOf('again')).toMatchObject({ status: 'CONFIRMED', attributes: { email: 'u0@example.com' } });
    }
  });

  test('that Cognito refuses is set aside; others go on, and come again after an error of the service', async () => {
    for (const [name, left, setAside] of [['InvalidParameterException', 1, 1], ['InternalErrorException', 1, 0]] as const) {
      const world = await deleted(40);
      world.time += 25 * HOUR;
      const poison = world.userOf('u3')!.username;
      const deleteUser = world.pool.deleteUser.bind(world.pool);
      world.pool.deleteUser = async username => { if (username === poison) throw cognitoError(name); return deleteUser(username); };
      const answer = applyDeletions(await world.changeContext(), 40);
      await (setAside ? answer : expect(answer).rejects.toThrow(name));
      expect([world.pool.users.size, world.setAside.length]).toEqual([left, setAside]);
      world.pool.deleteUser = deleteUser;
      await applyDeletions(await world.changeContext(), 40);
      expect(world.pool.users.size).toBe(setAside);
    }
  });

  test('stops in time, and goes on the next time', async () => {
    const world = await deleted(40);
    world.time += 25 * HOUR;
    const deleteUser = world.pool.deleteUser.bind(world.pool);
    world.pool.deleteUser = async username => { world.time += 1_000; return deleteUser(username); };
    const { deleted: some, left } = await applyDeletions(await world.changeContext(), 40, 0, 10_000);
    expect([some + left!, left! > 0, world.pool.users.size]).toEqual([40, true, left]);
    expect(await applyDeletions(await world.changeContext(), 40)).toEqual({ deleted: left, held: 0, cancelled: 0 });
  });

  test('of very many stays stopped by what is no number, and looks up no more than it has to', async () => {
    const world = await deleted(300, 310);
    world.time += 25 * HOUR;
    const lookUp = jest.spyOn(world.ledger, 'user');
    expect(await applyDeletions(await world.changeContext(), 310, NaN)).toEqual({ deleted: 0, held: 300, cancelled: 0 });
    expect(lookUp).toHaveBeenCalledTimes(51);
  });

  test('of an incident waits until an operator confirms it, however few are left of it', async () => {
    const world = await deleted(3, 310);
    const { id } = world.incident({ kind: 'users-gone', first: world.time - 1_000, last: world.time + 1_000 });
    world.incident({ kind: 'group-gone', group: 'g', first: world.time - 1_000, last: world.time + 1_000 });
    world.group({ name: 'g', deletedAt: world.time } as never);
    await world.apply(ofGroup('g'));
    world.pool.model.createGroup({ name: 'g' });
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 310)).toEqual({ deleted: 0, held: 3, cancelled: 0, incidents: [id] });
    expect(await applyDeletions(await world.changeContext(), 310, 100)).toMatchObject({ deleted: 0, held: 3 });
    expect(world.pool.users.size).toBe(310);
    expect(world.pool.groups.has('g')).toBe(true);
    world.state = { ...world.state, confirmedIncidents: (await world.tokenPorts.incidents(SOURCE)).map(incident => incident.id) };
    expect(await applyDeletions(await world.changeContext(), 310)).toEqual({ deleted: 3, held: 0, cancelled: 0 });
    expect(world.pool.groups.has('g')).toBe(false);
  });

  test('of very many stops for an operator', async () => {
    const world = await deleted(300, 310);
    world.time += 25 * HOUR;
    expect(await applyDeletions(await world.changeContext(), 310)).toEqual({ deleted: 0, held: 300, cancelled: 0 });
    expect(world.pool.users.size).toBe(310);
    expect(await applyDeletions(await world.changeContext(), 310, 299)).toMatchObject({ deleted: 0, held: 300 });
    expect(await applyDeletions(await world.changeContext(), 310, 300)).toMatchObject({ deleted: 300, held: 0 });
    expect(world.pool.users.size).toBe(10);
  });
});

test('whatever the order, the repetition and the batches of the records, the standby ends as the ledger', async () => {
  const SUBS = ['a', 'b', 'c'];
  const GROUPS = ['g', 'h'];
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('user' as const), sub: fc.constantFrom(...SUBS), name: fc.constantFrom('', 'N', 'M'), enabled: fc.boolean() }),
    fc.record({ kind: fc.constant('join' as const), sub: fc.constantFrom(...SUBS), group: fc.constantFrom(...GROUPS) }),
    fc.record({ kind: fc.constant('leave' as const), sub: fc.constantFrom(...SUBS), group: fc.constantFrom(...GROUPS) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), fc.array(fc.nat(9)), async (operations, noise) => {
    const world = new WarmWorld();
    GROUPS.forEach(name => world.group({ name }));
    const wanted = new Map(SUBS.map(sub => [sub, { name: '', enabled: true, groups: new Set<string>() }]));
    SUBS.forEach(sub => world.user(sub));
    const pending: StreamRecord[] = [...GROUPS.map(ofGroup), ...SUBS.map(ofUser)];
    for (const [i, op] of operations.entries()) {
      const user = wanted.get(op.sub)!;
      if (op.kind === 'user') {
        Object.assign(user, { name: op.name, enabled: op.enabled });
        const name: Record<string, string> = op.name ? { name: op.name } : {};
        world.user(op.sub, { enabled: op.enabled, attributes: { email: `${op.sub}@example.com`, email_verified: 'true', ...name } });
        pending.push(ofUser(op.sub));
      } else if (op.kind === 'join') {
        user.groups.add(op.group);
        world.ledger.put(items.membership({ poolId: SOURCE, group: op.group, sub: op.sub, observedAt: 3 }));
        pending.push(ofMember(op.sub, op.group));
      } else {
        user.groups.delete(op.group);
        world.leave(op.group, op.sub);
        pending.push(ofMember(op.sub, op.group));
      }
      // Records come in another order than they were made, some of them twice, in several batches, two of which may run at once.
      if (noise[i % Math.max(1, noise.length)] === 0) {
        const some = pending.splice(0, 4).reverse();
        await Promise.all([world.apply(...some, ...some.slice(0, 1)), world.apply(...some.slice(1))]);
      }
    }
    await world.apply(...pending.reverse());
    for (const [sub, { name, enabled, groups }] of wanted) {
      const user = world.userOf(sub)!;
      expect({ name: user.attributes.name ?? '', enabled: user.enabled, groups: [...user.groups].sort() })
        .toEqual({ name, enabled, groups: [...groups].sort() });
    }
    expect(world.pool.users.size).toBe(3);
  }), { numRuns: 60 });
});

test('records that overtake what says which pool is the source are followed; those of a pool that was replaced are not', async () => {
  const world = new WarmWorld();
  const rows = [...world.ledger.items];
  rows.filter(([, item]) => item.pk === 'SOURCE' || item.sk === 'pool').forEach(([key]) => world.ledger.items.delete(key));
  world.user('ann');
  const context = await world.changeContext();
  context.directory.assume(poolIdOf([ofUser('ann')])!);
  expect((await applyRecords(context, [ofUser('ann')])).counts).toEqual({ applied: 1 });
  rows.forEach(([key, item]) => world.ledger.items.set(key, item));
  const old = image('us-east-1_Old#U#xx', 'bob', { shard: 's', poolId: 'us-east-1_Old' });
  expect((await applyRecords(context, [old])).counts).toEqual({});
});

test('a group that is made again at once keeps its members', async () => {
  const world = new WarmWorld();
  world.group({ name: 'staff' });
  world.user('ann', {}, ['staff']);
  await world.apply(ofUser('ann'));
  world.ledger.put(items.group({ poolId: SOURCE, name: 'staff', observedAt: 9, deletedAt: 9 }));
  await world.apply(ofGroup('staff'));
  world.group({ name: 'staff' });
  await world.apply(ofGroup('staff'), ofMember('ann', 'staff'));
  world.time += 25 * HOUR;
  await applyDeletions(await world.changeContext(), 10);
  expect([...world.userOf('ann')!.groups]).toEqual(['staff']);
  expect(world.pool.groups.size).toBe(1);
});

test('groups are made, changed and deleted; those of an identity provider are the standby\'s own', async () => {
  const world = new WarmWorld();
  world.group({ name: 'staff', description: 'old' });
  world.group({ name: `${SOURCE}_Corp` });
  await world.apply(ofGroup('staff'), ofGroup(`${SOURCE}_Corp`));
  world.group({ name: 'staff', description: 'new' });
  await world.apply(ofGroup('staff'));
  expect([...world.pool.groups.values()]).toMatchObject([{ name: 'staff', description: 'new' }]);
  world.ledger.put(items.group({ poolId: SOURCE, name: 'staff', observedAt: 9, deletedAt: 9 } as GroupRow));
  await world.apply(ofGroup('staff'));
  world.time += 25 * HOUR;
  await applyDeletions(await world.changeContext(), 10);
  expect([world.pool.groups.size, world.deletions.times.size]).toEqual([0, 0]);
});
