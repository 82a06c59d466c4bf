import { PassThrough } from 'node:stream';
import { EXIT } from '../../src/cli/cli-error';
import { Terminal, TerminalStreams } from '../../src/cli/terminal';

const QUESTION = 'Writes the pool.';

/** Asks, and types this. */
async function asked(typed: string, format: 'text' | 'json' = 'text', isTTY = true): Promise<unknown> {
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  const terminal = new Terminal(format, { stdin, stdout, stderr } as unknown as TerminalStreams);
  const answer = terminal.confirm(QUESTION, '12', '--yes --max-users 12').then(() => 'goes on', (error: unknown) => error);
  stdin.write(typed);
  return answer;
}

test.each<[string, string, object | string]>([
  ['the words', '12\n', 'goes on'],
  ['others', '13\n', { exit: EXIT.REFUSED, code: 'not-confirmed', message: '"12" was not typed: nothing was changed' }],
  ['Ctrl-C', '\u0003', { exit: EXIT.INTERRUPTED, code: 'interrupted', message: 'left at the question: nothing was changed' }],
  ['Ctrl-D', '\u0004', { exit: EXIT.REFUSED, code: 'not-confirmed', message: 'nothing was typed: nothing was changed' }],
])('at a question: %s', async (_what, typed, expected) => {
  const answer = await asked(typed);
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

test('nobody is asked who cannot answer, or does not see what about; the options that go on without are named', async () => {
  expect(await asked('12\n', 'text', false)).toMatchObject({
    exit: EXIT.REFUSED, message: 'there is no terminal to ask on: read the plan, and give --yes --max-users 12',
  });
  expect(await asked('12\n', 'json')).toMatchObject({
    exit: EXIT.REFUSED, message: 'what is asked about is not shown beside --json: read the plan, and give --yes --max-users 12',
  });
});
