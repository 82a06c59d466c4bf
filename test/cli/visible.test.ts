import { CliError, EXIT } from '../../src/cli/cli-error';
import { showUser, shownUser } from '../../src/cli/commands/show';
import { Terminal, TerminalStreams } from '../../src/cli/terminal';
import { items, rows } from '../../src/ledger/schema';

/** A name that clears the screen, goes a line up, turns text around and begins a line of its own. */
const HOSTILE = 'Eve\u001b[2J\u001b[1A\u009b2K\u202enimda\r\nstatus GOOD\u0007';
const ESCAPED = 'Eve\\u001b[2J\\u001b[1A\\u009b2K\\u202enimda\\u000d\\u000astatus GOOD\\u0007';

function terminal(format: 'text' | 'json' | 'jsonl') {
  const written = { stdout: '', stderr: '' };
  const to = (stream: 'stdout' | 'stderr') => ({ isTTY: true, write: (text: string) => { written[stream] += text; return true; } });
  return { written, terminal: new Terminal(format, { stdin: { isTTY: true }, stdout: to('stdout'), stderr: to('stderr') } as unknown as TerminalStreams) };
}

const row = rows.user(items.user({
  poolId: 'p',
  sub: 'eve',
  username: 'eve',
  status: 'CONFIRMED',
  enabled: true,
  createdAt: 1,
  modifiedAt: 2,
  observedAt: 3,
  digest: 'd',
  attributes: { 'name': HOSTILE, 'email_verified': 'true', 'custom:secret_verified': 'no flag of Cognito' },
}));

describe('what users chose does nothing to a terminal', () => {
  test.each<[string, (value: string) => string, string]>([
    ['shown', value => value, ESCAPED], ['masked, of which the first character stays', value => `${value.slice(3, 4)}…`, '\\u001b…'],
  ])('in a table: %s', (_how, masked, name) => {
    const { written, terminal: text } = terminal('text');
    showUser(text, shownUser({ row, groups: [], history: [], earlier: [] }, masked));
    expect(written.stdout).toContain(name);
    expect(written.stdout.replace(/\u001b\[(?:1|22)m/g, '')).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(written.stdout).not.toMatch(/^status GOOD/m);
  });

  test('in a line, a note, an error: which have lines of their own, and colours', () => {
    const { written, terminal: text } = terminal('text');
    text.line(`\u001b[31m${HOSTILE}\u001b[39m`);
    text.note(HOSTILE);
    text.error(new CliError(EXIT.FAILED, 'x', HOSTILE));
    const shown = ESCAPED.replace('\\u000a', '\n');
    expect(written.stdout).toBe(`\u001b[31m${shown}\u001b[39m\n`);
    expect(written.stderr.split(shown)).toHaveLength(3);
  });

  test.each(['json', 'jsonl'] as const)('as %s, whose values are as they were', format => {
    const { written, terminal: program } = terminal(format);
    program[format === 'json' ? 'document' : 'record']({ name: HOSTILE });
    program.error(new CliError(EXIT.FAILED, 'x', HOSTILE));
    expect(written.stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(JSON.parse(written.stdout)).toEqual({ name: HOSTILE });
    expect(JSON.parse(written.stderr.trim().split('\n').at(-1)!)).toEqual({ error: { code: 'x', message: HOSTILE, exit: EXIT.FAILED } });
  });
});

test('of flags only Cognito\'s own are shown as they are', () => {
  const { attributes } = shownUser({ row, groups: [], history: [], earlier: [] }, () => '…');
  expect(attributes).toEqual({ 'name': '…', 'email_verified': 'true', 'custom:secret_verified': '…' });
});
