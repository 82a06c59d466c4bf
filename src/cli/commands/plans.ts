import { RecoveryReport } from '../../recovery/recovery-report';
import { RestoreReport } from '../../restore/report';
import { CliError, EXIT, ExitCode } from '../cli-error';
import { inUtcAndLocal } from '../moments';
import { Terminal } from '../terminal';

/** What a person, or `--max-users`, has to agree to before a pool is written. */
export interface Agreement {
  /** Users that would be written. */
  readonly users: number;
  /** Words that are typed to go on: the number says that the plan was read. */
  readonly words: string;
}

export interface Confirmation {
  readonly yes?: boolean;
  readonly maxUsers?: number;
}

/** Where nobody can be asked, the most users were said beforehand. Asking is the terminal's. */
export function agreedBeforehand({ yes, maxUsers }: Confirmation, { users }: Agreement): boolean {
  if (maxUsers !== undefined && users > maxUsers) {
    throw new CliError(EXIT.REFUSED, 'too-many-users', `the plan writes ${users} users, and --max-users says ${maxUsers}: nothing was changed`);
  }
  if (yes && maxUsers === undefined) throw new CliError(EXIT.USAGE, 'no-max-users', '--yes: needs --max-users, the most users that may be written');
  return yes ?? false;
}

export function recoveryAgreement({ users, groups }: RecoveryReport): Agreement {
  const written = users.undeleted + users.reverted;
  return { users: written, words: String(written > 0 ? written : groups.created + groups.reverted) };
}

export function isNothingToDo({ users, groups }: RecoveryReport): boolean {
  return users.undeleted + users.reverted + groups.created + groups.reverted === 0;
}

/** A plan for people: what it does, what it leaves, how sure it is. */
export function showRecoveryPlan(terminal: Terminal, report: RecoveryReport): void {
  const { users, groups, memberships, asOf, validUntil } = report;
  terminal.line();
  terminal.line(terminal.strong(`Plan ${report.plan}`) + (asOf === undefined ? '' : `: back to ${inUtcAndLocal(Date.parse(asOf))}`));
  terminal.table([], [
    ['users to bring back', users.undeleted],
    ['users to revert', users.reverted],
    ['  to disable, to enable', `${report.disabled}, ${report.enabled}`],
    ['groups to make again, to revert', `${groups.created}, ${groups.reverted}`],
    ['memberships to give, to take', `${memberships.given}, ${memberships.taken}`],
    ['left as they are', users.leftAsTheyAre + groups.leftAsTheyAre],
    ...validUntil === undefined ? [] : [['can be executed until', inUtcAndLocal(Date.parse(validUntil))]],
  ]);
  showCounts(terminal, 'Attributes that change', report.attributes);
  showCounts(terminal, 'How sure it is what there was', report.certainty);
  showCounts(terminal, 'Left as they are', report.leftAsTheyAre);
  showCounts(terminal, 'To know', report.warnings);
}

export function showRecoveryResult(terminal: Terminal, report: RecoveryReport): void {
  showCounts(terminal, 'Outcomes', report.outcomes ?? {});
  for (const [outcome, reasons] of Object.entries(report.reasons ?? {})) showCounts(terminal, outcome, reasons);
}

/** A recovery in which somebody failed is done, and a pipeline should hear of it. */
export function exitOfRecovery({ outcomes = {} }: RecoveryReport): ExitCode {
  return (outcomes.failed ?? 0) > 0 ? EXIT.DIFFERS : EXIT.DONE;
}

export function restoreAgreement({ wouldRestore = 0 }: RestoreReport): Agreement {
  return { users: wouldRestore, words: String(wouldRestore) };
}

/** A restore fills a copy: its plan is counts. */
export function showRestore(terminal: Terminal, report: RestoreReport): void {
  terminal.line();
  const { dryRun, users, wouldRestore = 0, restored, alreadyThere, skipped, failed, memberships, targetUserPoolId } = report;
  terminal.table([], [
    [dryRun ? 'would be restored' : 'restored', `${dryRun ? wouldRestore : restored} of ${users} users, into ${targetUserPoolId}`],
    ['already there', alreadyThere],
    ['skipped', skipped],
    ['failed', failed],
    ['memberships', memberships],
  ]);
  for (const [outcome, reasons] of Object.entries(report.reasons)) showCounts(terminal, outcome, reasons);
  showCounts(terminal, 'To know', report.warnings);
  report.notes?.forEach(note => terminal.line(`- ${note}`));
}

export function exitOfRestore({ failed, verified }: RestoreReport): ExitCode {
  return failed > 0 || (verified?.different ?? 0) > 0 ? EXIT.DIFFERS : EXIT.DONE;
}

function showCounts(terminal: Terminal, title: string, counts: Readonly<Record<string, number>>): void {
  const all = Object.entries(counts).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  if (all.length === 0) return;
  terminal.line();
  terminal.table([title, ''], all.map(([what, count]) => [what, count]));
}
