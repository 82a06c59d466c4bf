import { Terminal, TerminalStreams } from '../../src/cli/terminal';

/** What a command writes to a terminal that nobody sits at. */
export function written(show: (terminal: Terminal) => void): string {
  let text = '';
  const stdout = { isTTY: false, write: (line: string) => { text += line; return true; } };
  show(new Terminal('text', { stdin: { isTTY: false }, stdout, stderr: stdout } as unknown as TerminalStreams));
  return text;
}
