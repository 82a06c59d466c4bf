import { cognitoError } from '../helpers/fake-cognito';
import { byEmail, CASES, KINDS, passedOn, Shape, there, wanted } from '../helpers/passed-names';
import { RestoreWorld } from '../helpers/restore-world';

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
