import { FAIL_WITH, MIGRATED, RECORDER_CODE, recordsIn, sourcesOf } from './recorder';

interface TriggerEvent { response: { userAttributes?: Record<string, string> } }
type Handler = (event: object) => Promise<TriggerEvent>;

const handler = (): Handler => {
  const exported: { handler?: Handler } = {};
  new Function('exports', RECORDER_CODE)(exported); // eslint-disable-line @typescript-eslint/no-implied-eval
  return exported.handler!;
};
const address = (tag: string) => `success+01234567-${tag}@simulator.amazonses.com`;
const record = async (event: object): Promise<{ lines: string[]; answer: TriggerEvent }> => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const answer = await handler()({ response: {}, request: {}, ...event });
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  return { lines, answer };
};

test('fits into a template', () => {
  expect(RECORDER_CODE.length).toBeLessThan(4_096);
});

test('logs who and what, and no value of an attribute', async () => {
  const { lines } = await record({
    triggerSource: 'PostConfirmation_ConfirmSignUp', userName: 's', request: { userAttributes: { 'sub': 's', 'email': address('one-two'), 'custom:tenant': 'secret' } },
  });
  expect(lines.join()).not.toMatch(/simulator|secret/);
  expect(recordsIn(lines)).toEqual([{
    triggerSource: 'PostConfirmation_ConfirmSignUp', at: expect.any(Number), tag: 'one-two', sub: 's', attributes: ['custom:tenant', 'email', 'sub'],
  }]);
});

test.each([
  ['a stranger is not made', address('stranger'), undefined],
  ['who migrates is', address(`${MIGRATED}-reset`), { 'email': address(`${MIGRATED}-reset`), 'email_verified': 'true', 'custom:tenant': 'migrated' }],
  ['in small letters, whatever was typed', address(`${MIGRATED}-case`).toUpperCase(), expect.objectContaining({ email: address(`${MIGRATED}-case`) })],
  ['with a user name, where addresses are aliases', address(`${MIGRATED}-named`), expect.objectContaining({ username: `01234567-${MIGRATED}-named` })],
])('UserMigration: %s', async (_, userName, expected) => {
  const { answer } = await record({ triggerSource: 'UserMigration_ForgotPassword', userName });
  expect(answer.response.userAttributes).toEqual(expected);
});

test('fails with the name that it is told', async () => {
  await expect(handler()({ [FAIL_WITH]: 'SomeName' })).rejects.toMatchObject({ name: 'SomeName' });
});

test('records come out of a log in the order of their times, whatever else is there', () => {
  const line = (triggerSource: string, at: number, tag: string) => `2026 INFO TRIGGER ${JSON.stringify({ triggerSource, at, tag, attributes: [] })}`;
  const records = recordsIn(['START', line('b', 2, 't'), line('x', 1, 'other'), line('a', 1, 't'), 'REPORT']);
  expect(sourcesOf(records, 't')).toEqual(['a', 'b']);
});
