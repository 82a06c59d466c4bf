import { cognitoError, FakePoolOptions } from '../helpers/fake-cognito';
import { RestoreWorld } from '../helpers/restore-world';

interface Kind {
  readonly pool: FakePoolOptions;
  /** What somebody has who has this name. */
  readonly named: (name: string) => Record<string, string>;
}

const byEmail = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });
const byPhone = (name: string) => ({ phone_number: `+4912345${name.charCodeAt(0)}`, phone_number_verified: 'true' });

const KINDS: Record<string, Kind> = {
  'the address is the user name': { pool: { usernameAttributes: ['email'], autoVerifiedAttributes: ['email'] }, named: byEmail },
  'a phone number is the user name': { pool: { usernameAttributes: ['phone_number'] }, named: byPhone },
  'both addresses are': { pool: { usernameAttributes: ['email', 'phone_number'] }, named: name => ({ ...byEmail(name), ...byPhone(name) }) },
  'the address is an alias': { pool: { aliasAttributes: ['email'], autoVerifiedAttributes: ['email'] }, named: byEmail },
  'there is a preferred user name': { pool: { aliasAttributes: ['preferred_username'] }, named: name => ({ preferred_username: name }) },
};

/** By user: the name at first, and the one that the ledger has since. Nobody has `z`. */
const SHAPES: Record<string, Record<string, readonly [before: string, after: string]>> = {
  'two swapped': { one: ['a', 'b'], two: ['b', 'a'] },
  'three in a circle': { one: ['a', 'b'], two: ['b', 'c'], three: ['c', 'a'] },
  'each took the next one\'s': { one: ['a', 'b'], two: ['b', 'c'], three: ['c', 'z'] },
  'each took the one\'s before': { one: ['a', 'z'], two: ['b', 'a'], three: ['c', 'b'] },
  'two swapped, and a third waits for nobody': { one: ['a', 'b'], two: ['b', 'a'], three: ['c', 'd'] },
};
type Shape = typeof SHAPES[string];

const CASES = Object.entries(KINDS).flatMap(([kind, of]) => Object.entries(SHAPES).map(([shape, names]) => ({ kind, shape, of, names })));

/** Restored once; then the names were passed on at the source. */
async function passedOn({ pool, named }: Kind, names: Shape, more: FakePoolOptions = {}): Promise<RestoreWorld> {
  const made = new RestoreWorld({ ...pool, ...more });
  const put = (at: 0 | 1, observedAt: number) => Object.entries(names).forEach(([sub, of]) => {
    made.user(sub, { username: `user-${sub}`, attributes: named(of[at]), observedAt });
  });
  put(0, 3);
  expect((await made.restore()).report).toMatchObject({ restored: Object.keys(names).length });
  made.pool.calls.length = 0;
  put(1, 10);
  return made;
}

/** The attributes of each user in the target, by the `sub` in the ledger. */
function there({ pool }: RestoreWorld): Record<string, Record<string, string>> {
  return Object.fromEntries([...pool.users.values()].map(({ attributes: { 'custom:source_sub': sub, ...attributes } }) => [sub, attributes]));
}

const wanted = ({ named }: Kind, names: Shape) => Object.fromEntries(Object.entries(names).map(([sub, [, after]]) => [sub, named(after)]));

describe.each(CASES)('$kind, $shape', ({ of, names }) => {
  test('a run gives everybody the new name, a dry run says so, and nobody gets a message', async () => {
    const made = await passedOn(of, names);
    const dry = (await made.restore({ dryRun: true })).report!;
    expect(made.pool.callsOf('updateAttributes')).toBe(0);
    const run = (await made.restore()).report!;
    expect(run).toMatchObject({ alreadyThere: Object.keys(names).length, failed: 0, skipped: 0 });
    const { users, warnings } = run;
    expect(dry).toMatchObject({ users, restored: 0, alreadyThere: Object.keys(names).length, skipped: 0, failed: 0, warnings });
    expect(there(made)).toEqual(wanted(of, names));
    expect(made.pool.messagesSent).toBe(0);
  });

  test('a run that is killed at any one call to Cognito is gone on with', async () => {
    const calls = await passedOn(of, names).then(async calm => { await calm.restore(); return calm.pool.calls.length; });
    for (const tookEffect of [false, true]) {
      for (let after = 1; after <= calls; after++) {
        const killed = await passedOn(of, names);
        let [seen, isDone] = [0, false];
        const once = (now: boolean) => {
          if (isDone || now !== tookEffect || seen < after) return;
          isDone = true;
          throw cognitoError('InternalErrorException');
        };
        killed.pool.before = () => { seen++; once(false); };
        killed.pool.after = () => once(true);
        const { report } = await killed.restore();
        const is = { after, tookEffect, failed: report!.failed, there: there(killed) };
        expect(is).toEqual({ after, tookEffect, failed: 0, there: wanted(of, names) });
      }
    }
  });

  test('page by page it comes to the same', async () => {
    const made = await passedOn(of, names, { pageSize: 1 });
    expect((await made.restore()).report).toMatchObject({ failed: 0 });
    expect(there(made)).toEqual(wanted(of, names));
  });
});

test('a long row, as after an update by a table that was off by a row: a dry run says so, and a run gives everybody the new name', async () => {
  const names: Shape = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`u${n}`, [`n${n}`, `n${n + 1}`] as const]));
  const kind = KINDS['the address is the user name'];
  const made = await passedOn(kind, names);
  expect((await made.restore({ dryRun: true })).report).toMatchObject({ alreadyThere: 250, failed: 0 });
  // Each link of the row is looked at a few times, and not once for each user.
  expect(made.pool.callsOf('getUser')).toBeLessThan(64 * 100 + 20 * 250);
  expect((await made.restore()).report).toMatchObject({ alreadyThere: 250, failed: 0 });
  expect(there(made)).toEqual(wanted(kind, names));
});

test.each(Object.entries(KINDS))('%s: where Cognito refuses any one call of a circle, nobody is left with a stand-in, and the next run goes on', async (_kind, of) => {
  const names = SHAPES['three in a circle'];
  const calls = await passedOn(of, names).then(async calm => { await calm.restore(); return calm.pool.calls.length; });
  for (let refused = 1; refused <= calls; refused++) {
    const made = await passedOn(of, names);
    let seen = 0;
    made.pool.before = operation => {
      if (++seen === refused && ['updateAttributes', 'getUser'].includes(operation)) throw cognitoError('NotAuthorizedException');
    };
    await made.restore();
    made.pool.before = undefined;
    expect(JSON.stringify(there(made))).not.toMatch(/parked|\+999/);
    await made.restore();
    expect(there(made)).toEqual(wanted(of, names));
  }
});

describe('somebody keeps theirs', () => {
  const email = KINDS['the address is the user name'];

  async function refused(made: RestoreWorld, given: Parameters<RestoreWorld['restore']>[0] = {}): Promise<unknown> {
    const before = there(made);
    const dry = (await made.restore({ dryRun: true, ...given })).report!;
    expect(there(made)).toEqual(before);
    const run = (await made.restore(given)).report!;
    expect(dry.reasons.failed).toEqual(run.reasons.failed);
    return run.reasons.failed;
  }

  const TAKEN = 'AdminUpdateUserAttributes: AliasExistsException: somebody else in the target has one of these names to sign in by';

  test('a stranger at the end of a chain: nobody of it is moved, and dry run and run say why', async () => {
    const names: Shape = { one: ['a', 'b'], two: ['b', 'z'] };
    const made = await passedOn(email, names);
    made.pool.seed({ username: 'stranger', attributes: byEmail('z') });
    expect(await refused(made)).toEqual({ [TAKEN]: 2 });
    expect(there(made)).toMatchObject({ one: byEmail('a'), two: byEmail('b') });
  });

  test('a user whom the restore is not about', async () => {
    const made = await passedOn(email, { one: ['a', 'b'], two: ['b', 'a'] });
    expect(await refused(made, { subs: ['one'] })).toEqual({ [TAKEN]: 1 });
    expect(there(made)).toMatchObject({ one: byEmail('a'), two: byEmail('b') });
    expect((await made.restore({ subs: ['one', 'two'] })).report).toMatchObject({ alreadyThere: 2, failed: 0 });
    expect(there(made)).toMatchObject({ one: byEmail('b'), two: byEmail('a') });
  });

  test('one whom Cognito refuses to move: who was put aside for it is put back', async () => {
    const made = await passedOn(email, { one: ['a', 'b'], two: ['b', 'a'] });
    const two = [...made.pool.users.values()].find(user => user.attributes['custom:source_sub'] === 'two')!;
    made.pool.before = (operation, [username]) => {
      if (operation === 'updateAttributes' && username === two.username) throw cognitoError('NotAuthorizedException');
    };
    expect((await made.restore()).report).toMatchObject({ failed: 2 });
    expect(there(made)).toMatchObject({ one: byEmail('a'), two: byEmail('b') });
    made.pool.before = undefined;
    expect((await made.restore()).report).toMatchObject({ failed: 0 });
    expect(there(made)).toMatchObject({ one: byEmail('b'), two: byEmail('a') });
  });
});

const ONE_NAME = Object.entries(KINDS).filter(([, { pool: { usernameAttributes = [] } }]) => usernameAttributes.length < 2);

describe.each(ONE_NAME)('%s, and somebody new has it', (_kind, of) => {
  test.each([{}, { subs: ['new', 'one'] }])('a dry run says that they would be restored, and a run restores them: %j', async given => {
    const made = await passedOn(of, { one: ['a', 'b'] });
    made.user('new', { username: 'user-new', attributes: of.named('a'), observedAt: 10 });
    expect((await made.restore({ ...given, dryRun: true })).report).toMatchObject({ wouldRestore: 1, alreadyThere: 1, failed: 0 });
    expect((await made.restore(given)).report).toMatchObject({ restored: 1, alreadyThere: 1, failed: 0 });
    expect(there(made)).toMatchObject({ one: of.named('b'), new: of.named('a') });
  });
});
