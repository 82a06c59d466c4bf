import { TurnReport } from '../../state/switch';
import { inUtcAndLocal } from '../moments';
import { Terminal } from '../terminal';

/** What follows from a turn of the switch, for whoever turned it. */
export function showTurned(terminal: Terminal, report: TurnReport): void {
  const { from, to, names, issuedTokensLiveUntil: until, unguarded, signedOut, confirmedIncidents } = report;
  terminal.line(`the standby is ${terminal.strong(to)}; it was ${from}${names === undefined ? '' : `; names on the list: ${names}`}`);
  if (unguarded) terminal.line(terminal.bad(`the switch does not close: ${unguarded.join(', ')}`));
  if (until !== undefined) {
    terminal.line(`tokens that were issued are valid until ${inUtcAndLocal(Date.parse(until))}, for applications that do not ask Cognito`);
  }
  if (signedOut !== undefined) terminal.line(`users whose sessions were ended: ${signedOut}`);
  if (confirmedIncidents?.length) terminal.line(`incidents that were confirmed: ${confirmedIncidents.join(', ')}`);
}
