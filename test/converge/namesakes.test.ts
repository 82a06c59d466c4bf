import { byClaim, isOutdated, lostNames, mayTakeNames } from '../../src/converge/namesakes';
import { UserContext } from '../../src/converge/user-context';
import { UserRow } from '../../src/ledger/schema';
import { SOURCE, StandbyWorld } from '../helpers/standby-world';

const VERIFIED = { email: 'v@example.com', email_verified: 'true' };
const contextOf = ({ ledger }: StandbyWorld, of: Partial<UserContext['settings']>) =>
  ({ ledger, sourceUserPoolId: SOURCE, settings: { usernameAttributes: [], caseSensitive: false, ...of } }) as unknown as UserContext;

describe('of two rows with one name the owner is', () => {
  const world = new StandbyWorld();
  const row = (sub: string, more: Partial<UserRow> = {}) => world.user(sub, { attributes: VERIFIED, ...more });

  test.each<[string, Partial<UserRow>, Partial<UserRow>]>([
    ['a live one', { observedAt: 1 }, { deletedAt: 9, observedAt: 9 }],
    ['one who confirmed', { observedAt: 1 }, { status: 'UNCONFIRMED', observedAt: 9 }],
    ['a profile of the pool\'s own', { observedAt: 1 }, { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', observedAt: 9 }],
    ['the one who was seen last', { observedAt: 9, createdAt: 1 }, { observedAt: 8, createdAt: 2 }],
    ['then the one who was created last', { createdAt: 2 }, { createdAt: 1 }],
    ['else always the same one', {}, {}],
  ])('%s, in any order', (_who, first, second) => {
    const [owner, other] = [row('b', first), row('a', second)];
    for (const both of [[owner, other], [other, owner]]) expect(both.sort((one, two) => byClaim(one, two))[0]).toBe(owner);
  });

  test('whose name is of the kind that counts first, where there are kinds, whoever was seen later; but never one who is gone', () => {
    const [first, second, gone] = [row('first', { observedAt: 1 }), row('second', { observedAt: 9 }), row('gone', { deletedAt: 9 })];
    const rankOf = (one: UserRow) => ['gone', 'first', 'second'].indexOf(one.sub);
    expect([second, gone, first].sort((one, two) => byClaim(one, two, rankOf))).toEqual([first, second, gone]);
  });

  test('never one who is gone, never confirmed, or of a provider', () => {
    expect(mayTakeNames(row('a'))).toBe(true);
    for (const more of [{ deletedAt: 1 }, { status: 'UNCONFIRMED' }, { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' }] as const) {
      expect(mayTakeNames(row('a', more))).toBe(false);
    }
  });
});

describe('somebody who has the name', () => {
  const address = { usernameAttributes: ['email'] } as const;
  const alias = { aliasAttributes: ['email', 'preferred_username'] } as const;

  /** Whether `first` loses the address to `second`, as the sign-in name and as an alias, where the index of names says so. */
  async function loses(first: Partial<UserRow>, second: Partial<UserRow> | undefined, indexed?: string[]): Promise<boolean[]> {
    const answers = [];
    for (const options of [address, alias]) {
      const world = new StandbyWorld({ ...options });
      const row = world.user('first', { attributes: VERIFIED, observedAt: 5, ...first });
      if (second) world.user('second', { attributes: VERIFIED, ...second });
      if (indexed) jest.spyOn(world.ledger, 'subsBySignInName').mockResolvedValue(indexed);
      const context = contextOf(world, options);
      answers.push(options === address ? await isOutdated(context, row, 'V@example.com') : (await lostNames(context, row)).includes('email'));
    }
    return answers;
  }

  test('takes it from whoever was seen with it before, and not from whoever was seen later', async () => {
    expect(await loses({}, { observedAt: 6 })).toEqual([true, true]);
    expect(await loses({}, { observedAt: 4 })).toEqual([false, false]);
  });

  test('takes it although others have had it', async () => {
    const world = new StandbyWorld({ ...alias });
    const row = world.user('first', { attributes: VERIFIED, observedAt: 5 });
    world.user('second', { attributes: VERIFIED, observedAt: 6 });
    world.user('third', { attributes: { email: 'other@example.com', email_verified: 'true' }, observedAt: 7 });
    jest.spyOn(world.ledger, 'subsBySignInName').mockImplementation(async (_pool, name) => name === 'v@example.com' ? ['third', 'second'] : []);
    expect(await lostNames(contextOf(world, alias), row)).toEqual(['email']);
  });

  test.each<[string, Partial<UserRow> | undefined]>([
    ['whose row has another one by now', { attributes: { email: 'new@example.com', email_verified: 'true' }, observedAt: 9 }],
    ['who is gone', { deletedAt: 9, observedAt: 9 }],
    ['who never confirmed it', { status: 'UNCONFIRMED', observedAt: 9 }],
    ['whose row expired', undefined],
  ])('only in an index that is behind, and %s, takes nothing', async (_who, second) => {
    expect(await loses({}, second, ['first', 'second'])).toEqual([false, false]);
  });

  test('is not the user themselves, whose row was written since it was read', async () => {
    for (const options of [address, alias]) {
      const world = new StandbyWorld({ ...options });
      const row = world.user('first', { attributes: VERIFIED, observedAt: 5 });
      world.user('first', { attributes: VERIFIED, observedAt: 9 });
      const context = contextOf(world, options);
      expect([await isOutdated(context, row, 'v@example.com'), await lostNames(context, row)]).toEqual([false, []]);
    }
  });

  test('never confirmed it, and takes it from nobody who did not either', async () => {
    expect(await loses({ status: 'UNCONFIRMED' }, { status: 'UNCONFIRMED', observedAt: 9 })).toEqual([false, false]);
  });

  describe('in a pool where both kinds of address are names', () => {
    const both = { usernameAttributes: ['email', 'phone_number'] } as const;
    const phone = { phone_number: '+4911', phone_number_verified: 'true' };

    test.each([[6, true], [4, false]])('takes it as a second one, if seen with it later: at %d', async (observedAt, taken) => {
      const world = new StandbyWorld({ usernameAttributes: [...both.usernameAttributes] });
      const row = world.user('first', { attributes: phone, observedAt: 5 });
      world.user('second', { attributes: { ...VERIFIED, ...phone }, observedAt });
      expect(await isOutdated(contextOf(world, both), row, '+4911')).toBe(taken);
    });

    test.each([[6, ['phone_number']], [4, []]])('takes it as the only one, if seen with it later: at %d', async (observedAt, lost) => {
      const world = new StandbyWorld({ usernameAttributes: [...both.usernameAttributes] });
      const row = world.user('first', { attributes: { ...VERIFIED, ...phone }, observedAt: 5 });
      world.user('second', { attributes: phone, observedAt });
      expect(await lostNames(contextOf(world, both), row)).toEqual(lost);
    });

    test('takes nothing from whoever has no address, nor with none', async () => {
      const world = new StandbyWorld({ usernameAttributes: [...both.usernameAttributes] });
      const [nameless, row] = [world.user('nameless', { attributes: {}, observedAt: 9 }), world.user('first', { attributes: { ...VERIFIED, ...phone }, observedAt: 5 })];
      jest.spyOn(world.ledger, 'subsBySignInName').mockResolvedValue(['nameless']);
      expect(await lostNames(contextOf(world, both), nameless)).toEqual([]);
      expect(await lostNames(contextOf(world, both), row)).toEqual([]);
      expect(await isOutdated(contextOf(world, both), row, 'v@example.com')).toBe(false);
    });

    test.each<[Partial<UserContext['settings']>, string, string[]]>([
      [both, 'v@example.com', ['name', 'email']],
      [both, '+4911', ['name', 'phone']],
      [address, 'v@example.com', ['name']],
      [alias, 'v@example.com', ['name']],
    ])('is looked for as what the name may be, and as nothing else: %j, %s', async (settings, name, kinds) => {
      const world = new StandbyWorld();
      const look = jest.spyOn(world.ledger, 'subsBySignInName');
      await isOutdated(contextOf(world, settings), world.user('first'), name);
      expect(look.mock.calls.map(([, ...of]) => of)).toEqual(kinds.map(kind => [name, kind]));
    });
  });

  test('is looked for by the names that the user has, and by no others', async () => {
    const world = new StandbyWorld({ ...alias });
    const row = world.user('first', { attributes: VERIFIED });
    const look = jest.spyOn(world.ledger, 'subsBySignInName');
    await lostNames(contextOf(world, alias), row);
    expect(look.mock.calls.map(([, ...of]) => of)).toEqual([['v@example.com', 'email'], ['v@example.com', 'name']]);
  });
});
