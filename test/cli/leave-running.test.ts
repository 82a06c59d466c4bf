import { leavingItRunning } from '../../src/cli/leave-running';
import { Terminal } from '../../src/cli/terminal';

class Left extends Error {}

/** A terminal that keeps what it notes. */
function terminalThatKeeps(): { terminal: Terminal; noted: string[] } {
  const noted: string[] = [];
  return { terminal: { note: (line: string) => noted.push(line) } as unknown as Terminal, noted };
}

afterEach(() => jest.restoreAllMocks());

test('Ctrl-C while the start is on its way says how to come back, and ends with 130', async () => {
  const { terminal, noted } = terminalThatKeeps();
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => { throw new Left(); });
  await expect(leavingItRunning(terminal, 'run-1', async () => {
    // As the signal would: here it would end the whole run of tests where nobody listens.
    expect(process.listenerCount('SIGINT')).toBeGreaterThan(0);
    process.emit('SIGINT');
  })).rejects.toThrow(Left);
  expect(exit).toHaveBeenCalledWith(130);
  expect(noted).toEqual(['\nwhat was started goes on; come back with: npx cognito-dr-replica watch run-1']);
});

test('nobody listens any more once it has ended, or failed', async () => {
  const { terminal } = terminalThatKeeps();
  const before = process.listenerCount('SIGINT');
  expect(await leavingItRunning(terminal, 'run-1', async () => 7)).toBe(7);
  await expect(leavingItRunning(terminal, 'run-1', async () => { throw new Left(); })).rejects.toThrow(Left);
  expect(process.listenerCount('SIGINT')).toBe(before);
});
