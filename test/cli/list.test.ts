import { showWaysBack } from '../../src/cli/commands/list';
import { Terminal, TerminalStreams } from '../../src/cli/terminal';
import { Incident } from '../../src/ledger/incident';

const SCRIPT = 'arn:aws:iam::111122223333:role/script';
const CLERK = 'arn:aws:iam::111122223333:role/clerk';
const GONE = { id: '20261102T103000Z-users-gone-x7Qa', kind: 'users-gone', poolId: 'us-east-1_New', isOpen: true } as Incident & { readonly isOpen: boolean };

function shown(...incidents: readonly (Incident & { readonly isOpen: boolean })[]): string[] {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text.trimEnd()) };
  showWaysBack(new Terminal('text', { stdin: {}, stdout: stream, stderr: stream } as unknown as TerminalStreams), incidents);
  return lines.filter(line => line !== '');
}

test('whose calls made an incident, the most first, what takes them back, and what leaves out everybody else', () => {
  const causes = [
    { event: 'AdminDeleteUser', principal: CLERK, count: 5 }, { event: 'AdminDeleteUser', principal: SCRIPT, count: 400 },
    { event: 'AdminDisableUser', principal: SCRIPT, count: 100 },
  ];
  expect(shown({ ...GONE, causes })).toEqual([
    GONE.id,
    `  500 by ${SCRIPT} (AdminDeleteUser, AdminDisableUser)`,
    `  5 by ${CLERK} (AdminDeleteUser)`,
    `  take back what they have done with: npx cognito-dr-replica recover --before ${GONE.id}`,
    `  what one of them has done, and no other, with: --changed-by ${SCRIPT}`,
  ]);
});

test('one caller, or nobody whom an event names, is no choice; an incident that was confirmed needs no way back', () => {
  const [, one, ...rest] = shown({ ...GONE, causes: [{ event: 'sweep', count: 60 }] }, { ...GONE, id: 'meant', isOpen: false, causes: [] });
  expect(one).toBe('  60 by nobody whom an event names (sweep)');
  expect(rest).toEqual([expect.stringContaining('recover --before')]);
});

test('a pool that was replaced is filled from the old one', () => {
  expect(shown({ ...GONE, kind: 'pool-replaced', replacedPoolId: 'us-east-1_Old', causes: [] }).join()).toContain(
    'npx cognito-dr-replica restore --source us-east-1_Old --target us-east-1_New');
});
