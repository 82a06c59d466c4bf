import { showTurned } from '../../src/cli/commands/turned';
import { TurnReport } from '../../src/state/switch';
import { written } from '../helpers/written';

const REPORT: TurnReport = { userPoolId: 'us-west-2_Y', from: 'open', to: 'closed', at: '2026-11-02T10:00:00Z', execution: 'run' };

test.each<[string, Partial<TurnReport>, string[]]>([
  ['opened', { from: 'closed', to: 'open' }, ['the standby is open; it was closed']],
  ['a rehearsal', { from: 'closed', to: 'rehearsal', names: 2 }, ['the standby is rehearsal; it was closed; names on the list: 2']],
  ['closed', { issuedTokensLiveUntil: '2026-11-02T11:00:00Z', signedOut: 7, confirmedIncidents: ['i'], unguarded: ['PreSignUp'] }, [
    'the standby is closed; it was open', 'the switch does not close: PreSignUp',
    'tokens that were issued are valid until 2026-11-02T11:00:00Z, for applications that do not ask Cognito',
    'users whose sessions were ended: 7', 'incidents that were confirmed: i',
  ]],
])('what follows from a turn: %s', (_what, report, lines) => {
  expect(written(terminal => showTurned(terminal, { ...REPORT, ...report })).trim().split('\n')).toEqual(lines);
});
