import { items, keys, membershipId, UserRow } from '../../src/ledger/schema';
import { followUp } from '../../src/standby/on-demand/follow-up';
import { identityOf, TokenEvent } from '../../src/standby/on-demand/token-claims';
import { StandbyLedger } from '../../src/standby/standby-ledger';
import { followUser } from '../../src/standby/warm/apply-change';
import { applyDeletions } from '../../src/standby/warm/apply-deletions';
import { MOMENT_KEPT } from '../../src/state/moment';
import { SOURCE, STANDBY, StandbyWorld } from '../helpers/standby-world';

const MOMENT = 100_000;
const SCRIPT = { notBefore: 200_000, since: 201_000 };
const OBSERVED = 201_001;
const GOOD = { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:tier': 'good' };
const BAD = { ...GOOD, 'custom:tier': 'bad' };

/** A script gave Ann rights and a bad value after the moment that a restore holds the standby at. */
class HeldWorld extends StandbyWorld {
  constructor() {
    super({ usernameAttributes: ['email'], customAttributes: { source_sub: { mutable: false }, tier: { mutable: true } } } as never);
    this.moment = MOMENT;
    for (const name of ['staff', 'admins']) this.group({ name });
    const ann = this.user('ann', { attributes: GOOD }, ['staff']);
    this.overrun(ann);
  }

  public overrun(ann: UserRow): void {
    this.ledger.put({ ...items.history(SOURCE, 'U', 'ann', items.user(ann), 3, { cause: 'sweep:r', expiresAt: 9_999_999_999 }), ended: SCRIPT });
    const began = { began: SCRIPT, observedAt: OBSERVED };
    this.user('ann', { attributes: BAD, replaces: keys.history(SOURCE, 'U', 'ann', 3).sk, ...began });
    this.ledger.put(items.membership({ poolId: SOURCE, group: 'admins', sub: 'ann', ...began }));
    const staff = items.membership({ poolId: SOURCE, group: 'staff', sub: 'ann', observedAt: 3 });
    this.ledger.put({ ...items.history(SOURCE, 'M', membershipId('staff', 'ann'), staff, 3, { cause: 'sweep:r', expiresAt: 9_999_999_999 }), ended: SCRIPT });
    this.ledger.put({ ...staff, ...began, replaces: keys.history(SOURCE, 'M', membershipId('staff', 'ann'), 3).sk, deletedAt: SCRIPT.since });
    this.user('new', { createdAt: SCRIPT.since, ...began, observedAt: OBSERVED });
  }

  public letGo(): void {
    this.moment = undefined;
    this.time += MOMENT_KEPT;
  }

  /** As Cognito made the user at a sign-in, from the answer of the migration trigger. */
  public async come(sub: string): Promise<void> {
    const row = (await this.directory.user(sub))!;
    this.pool.seed({ username: sub, attributes: { ...row.attributes, 'custom:source_sub': sub } });
  }

  public there(sub: string) {
    return [...this.pool.users.values()].find(user => user.attributes['custom:source_sub'] === sub)!;
  }

  public async token(sub: string, groups: readonly string[] = []) {
    const event: TokenEvent = {
      version: '2',
      triggerSource: 'TokenGeneration_Authentication',
      userPoolId: STANDBY,
      userName: sub,
      response: {},
      request: { userAttributes: { 'sub': 'u', 'email': `${sub}@example.com`, 'custom:source_sub': sub }, groupConfiguration: { groupsToOverride: groups } },
    };
    return identityOf(event, this.tokenPorts, { marksUsers: true });
  }

  public async change() {
    const deletions = { schedule: jest.fn(async () => undefined), cancel: jest.fn(async () => undefined), due: async function* () { yield 'ann'; } };
    const context = {
      ...await this.context(),
      deletions,
      grace: 0,
      isHeldAtMoment: async () => this.moment !== undefined,
      openIncidents: async () => [],
      setAside: async () => { throw new Error('set aside'); },
    };
    return { context, deletions };
  }
}

test('who comes by sign-in comes as at the moment, and is followed up so; a user who was made since is nobody', async () => {
  const world = new HeldWorld();
  await world.come('ann');
  expect(world.there('ann').attributes['custom:tier']).toBe('good');
  expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'ann' })).toEqual({ kind: 'done' });
  expect([...world.there('ann').groups]).toEqual(['staff']);
  expect(await world.directory.find('new@example.com')).toBeUndefined();
  expect(await followUp(await world.context(), { sourceSub: 'new', username: 'new' })).toEqual({ kind: 'gone' });
});

test('a token carries the groups of the moment, whatever the pool has', async () => {
  const world = new HeldWorld();
  expect(await world.token('ann', ['admins', 'staff'])).toEqual({ sub: 'ann', groups: ['staff'] });
  world.letGo();
  expect(await world.token('ann', ['admins', 'staff'])).toEqual({ sub: 'ann', groups: ['admins'] });
});

test('the follower brings the moment, however often the ledger changes, and now when it is let go', async () => {
  const world = new HeldWorld();
  const { context } = await world.change();
  for (let times = 0; times < 2; times += 1) await followUser(context, 'ann', ['admins', 'staff']);
  expect([world.there('ann').attributes['custom:tier'], [...world.there('ann').groups]]).toEqual(['good', ['staff']]);
  expect(await followUser(context, 'new')).toBe('unchanged');
  world.letGo();
  await followUser(context, 'ann', ['admins', 'staff']);
  expect([world.there('ann').attributes['custom:tier'], [...world.there('ann').groups]]).toEqual(['bad', ['admins']]);
});

test('what the follower brought a moment before the standby was held, it takes back when it looks again', async () => {
  const world = new HeldWorld();
  world.letGo();
  const { context } = await world.change();
  const write = world.links.write.bind(world.links);
  jest.spyOn(world.links, 'write').mockImplementation(async link => {
    // The restore holds the standby while the follower is at work.
    world.moment = MOMENT;
    world.time += MOMENT_KEPT;
    return write(link);
  });
  await followUser(context, 'ann', ['admins', 'staff']);
  expect([world.there('ann').attributes['custom:tier'], [...world.there('ann').groups]]).toEqual(['good', ['staff']]);
});

test('nobody is deleted while the standby is held; what is due stays due', async () => {
  const world = new HeldWorld();
  const { context, deletions } = await world.change();
  expect(await applyDeletions(context, 10)).toEqual({ deleted: 0, held: 1, cancelled: 0 });
  expect(deletions.cancel).not.toHaveBeenCalled();
});

test('somebody whose history is not whole is nobody, and gets no token', async () => {
  const world = new HeldWorld();
  jest.spyOn(world.ledger, 'history').mockResolvedValue({ items: [] });
  expect(await world.directory.user('ann')).toBeUndefined();
  await expect(world.token('ann')).rejects.toMatchObject({ code: 'not-in-ledger' });
});

test('the moment is read once for a few seconds, by all at once; where it cannot be read, nothing is, and an old answer does not stand in', async () => {
  let time = 0;
  const read = jest.fn(async (): Promise<number | undefined> => MOMENT);
  const world = new HeldWorld();
  const ledger = new StandbyLedger(world.ledger, read, { now: () => time });
  await Promise.all([ledger.user(SOURCE, 'ann'), ledger.group(SOURCE, 'staff'), ledger.groupsOfUser(SOURCE, 'ann')]);
  time = MOMENT_KEPT - 1;
  await ledger.user(SOURCE, 'ann');
  expect(read).toHaveBeenCalledTimes(1);
  time = MOMENT_KEPT;
  read.mockRejectedValueOnce(new Error('throttled'));
  await expect(ledger.user(SOURCE, 'ann')).rejects.toThrow('throttled');
  expect(await ledger.user(SOURCE, 'ann')).toMatchObject({ attributes: GOOD });
});
