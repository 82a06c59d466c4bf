import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Ask } from './ask';
import { ListedOutcomes } from './choices';
import { CliError, EXIT, ExitCode } from './cli-error';
import { Execution, executionName, succeeded, watchExecution } from './commands/executions';
import {
  Agreement, Confirmation, RestoreEstimate, agreedBeforehand, exitOfRecovery, exitOfRestore, isNothingToDo, recoveryAgreement, recoveryCalls,
  recoveryEstimate, restoreAgreement, restoreEstimate, showRecoveryPlan, showRecoveryResult, showRestore,
} from './commands/plans';
import { showTurned } from './commands/turned';
import { leavingItRunning } from './leave-running';
import { inUtcAndLocal, momentGiven } from './moments';
import { Expected, machineOf, paceOf, progressOfExecution } from './progress';
import { featurePlanOf, ledgerOf } from './read-ledger';
import { shellQuoted } from './shell-quoted';
import { Terminal } from './terminal';
import { RecoveryReport } from '../recovery/recovery-report';
import { RestoreReport } from '../restore/report';
import { restoreCalls } from '../restore/restore-pace';
import { systemClock } from '../runtime/clock';
import { TurnReport } from '../state/switch';

interface ScopeOptions {
  readonly asOf?: string;
  readonly before?: string;
  readonly sub?: string[];
  readonly group?: string[];
  readonly changedBy?: string;
  readonly everybody?: boolean;
  readonly attribute?: string[];
  readonly allowMessages?: boolean;
  readonly quotaShare?: number;
}

interface PlanOptions extends Confirmation {
  readonly out?: string;
  readonly planOnly?: boolean;
}

/** `recover`, and its halves `undelete` and `revert`: a plan, a question, and exactly that plan. */
export async function recover(ask: Ask, kind: 'restore' | 'undelete' | 'revert'): Promise<ExitCode> {
  const options = ask.options as ScopeOptions & PlanOptions;
  const { asOf, before, sub, group, changedBy, everybody, attribute, allowMessages, quotaShare } = options;
  if ((asOf === undefined) === (before === undefined)) {
    throw new CliError(EXIT.USAGE, 'no-moment', '--as-of, --before: give one of them, a moment or the id of an incident');
  }
  const moment = asOf === undefined ? undefined : momentGiven(asOf, '--as-of', systemClock.now());
  if (moment !== undefined) ask.terminal.note(`as of ${inUtcAndLocal(moment)}`);
  return planAndExecute(ask, {
    kind,
    asOf: moment === undefined ? undefined : new Date(moment).toISOString(),
    before,
    subs: sub,
    groups: group,
    changedBy,
    everybody,
    attributes: attribute,
    allowMessages,
    quotaShare,
    dryRun: true,
  });
}

/** `undo`: what an executed run replaced is planned back, and put back. */
export async function undo(ask: Ask): Promise<ExitCode> {
  return planAndExecute(ask, { undo: ask.args[0], quotaShare: (ask.options as ScopeOptions).quotaShare, dryRun: true });
}

/** `apply`: a plan that was made before. */
export async function applyPlan(ask: Ask): Promise<ExitCode> {
  const { session: { aws } } = ask;
  refuseTaken(ask);
  const executionArn = executionOf(recoveryMachine(ask), ask.args[0]);
  const { output } = await aws.execution(executionArn);
  if (output === undefined) throw new CliError(EXIT.NOT_FOUND, 'no-plan', `${ask.args[0]} has made no plan: it is not over, or it failed`);
  return execute(ask, output as RecoveryReport);
}

/** `restore`: a dry run whose counts are the plan, a question, and the restore, whose state machine may write nothing but copies. */
export async function restore(ask: Ask): Promise<ExitCode> {
  const { asOf, sub, group, source, target, quotaShare, restoreDeleted, ...options } = ask.options as ScopeOptions & PlanOptions
    & { readonly source?: string; readonly target?: string; readonly restoreDeleted?: boolean };
  const { terminal, session: { deployment } } = ask;
  const { restoreStateMachineArn: machine, restoreQuotas: quotas, standbyUserPoolId } = deployment;
  const moment = asOf === undefined || asOf === 'now' ? undefined : momentGiven(asOf, '--as-of', systemClock.now());
  const input = {
    asOf: moment === undefined ? asOf : new Date(moment).toISOString(),
    subs: sub,
    groups: group,
    sourceUserPoolId: source,
    targetUserPoolId: target,
    quotaShare,
    restoreDeleted,
  };
  refuseTaken(ask);
  const planned = await run(ask, machine, { ...input, dryRun: true });
  const plan = planned.output as RestoreReport;
  const estimate = restoreEstimate(plan, { quotaShare, quotas, featurePlan: await featurePlanOf(await ledgerOf(ask.session)) });
  showRestore(terminal, plan, estimate);
  save(ask, { ...plan, estimate });
  if (options.planOnly) return finished(ask, { ...plan, estimate }, EXIT.DONE);
  const isOfStandby = plan.targetUserPoolId === standbyUserPoolId && sub === undefined && group === undefined;
  const holds = !isOfStandby || asOf === undefined ? '' : moment === undefined
    ? ' It follows the copy as it is from then on.' : ` It is held at ${inUtcAndLocal(moment)} from then on, until \`restore --as-of now\`.`;
  await agree(ask, restoreAgreement(plan), `Writes the pool ${plan.targetUserPoolId}.${holds}`);
  const pace = paceOf(restoreCalls(plan.wouldRestore ?? 0, plan.memberships), plan.users, quotas);
  const done = await run(ask, machine, input, { total: plan.users, pace });
  const report = done.output as RestoreReport;
  showRestore(terminal, report);
  showListsOf(terminal, executionName(done.executionArn), { failed: report.failed, different: report.verified?.different ?? 0 });
  const exit = finished(ask, report, exitOfRestore(report));
  save(ask, report, 'w');
  return exit;
}

/**
 * What an execution has answered: the report of a restore, of a recovery, or of a turn of the switch; nothing of what has none. Answers what it
 * means for whoever waited.
 */
export function showOutput({ terminal, session: { deployment } }: Pick<Ask, 'terminal' | 'session'>, { executionArn, output }: Execution): ExitCode {
  const [machine, name] = [machineOf(executionArn), executionName(executionArn)];
  if (machine === deployment.restoreStateMachineArn) {
    const report = output as RestoreReport;
    showRestore(terminal, report);
    showListsOf(terminal, name, { failed: report.failed, different: report.verified?.different ?? 0 });
    return exitOfRestore(report);
  }
  if (machine === deployment.switchStateMachineArn) showTurned(terminal, output as TurnReport);
  if (machine !== deployment.recoveryStateMachineArn) return EXIT.DONE;
  const report = output as RecoveryReport;
  if (!report.executed) showPlan(terminal, report);
  else showResult(terminal, report);
  return exitOfRecovery(report);
}

async function planAndExecute(ask: Ask, input: object): Promise<ExitCode> {
  refuseTaken(ask);
  const planned = await run(ask, recoveryMachine(ask), input);
  return execute(ask, planned.output as RecoveryReport);
}

async function execute(ask: Ask, plan: RecoveryReport): Promise<ExitCode> {
  const { terminal } = ask;
  const { planOnly, quotaShare } = ask.options as ScopeOptions & PlanOptions;
  const { session: { deployment: { sweepQuotas: quotas } } } = ask;
  const estimate = recoveryEstimate(plan, { quotaShare, quotas, featurePlan: await featurePlanOf(await ledgerOf(ask.session)) });
  showPlan(terminal, plan, estimate);
  save(ask, { ...plan, estimate });
  if (isNothingToDo(plan)) {
    terminal.line('nothing to do: the pool is as it was');
    return finished(ask, { ...plan, estimate }, EXIT.DONE);
  }
  if (planOnly) {
    const share = quotaShare === undefined ? '' : ` --quota-share ${quotaShare}`;
    terminal.line(`execute it with: npx cognito-dr-replica apply ${shellQuoted(plan.plan)}${share}`);
    return finished(ask, { ...plan, estimate }, EXIT.DONE);
  }
  await agree(ask, recoveryAgreement(plan), `Writes the source pool ${plan.userPoolId} itself. It can be taken back with \`undo\`.`);
  const { users: { undeleted, reverted }, groups: { created, reverted: groupsReverted } } = plan;
  const total = undeleted + reverted + created + groupsReverted;
  const pace = paceOf(recoveryCalls(plan), total, quotas);
  // The execution that writes goes by its own input, and not by that of the one that made the plan.
  const done = await run(ask, recoveryMachine(ask), { plan: plan.plan, quotaShare }, { total, pace });
  const report = done.output as RecoveryReport;
  showResult(terminal, report);
  const exit = finished(ask, report, exitOfRecovery(report));
  save(ask, report, 'w');
  return exit;
}

function showPlan(terminal: Terminal, plan: RecoveryReport, estimate?: RestoreEstimate): void {
  showRecoveryPlan(terminal, plan, estimate);
  const { certainty: { uncertain = 0, incomplete = 0 }, plan: name } = plan;
  showListsOf(terminal, name, { uncertain: uncertain + incomplete });
}

function showResult(terminal: Terminal, report: RecoveryReport): void {
  showRecoveryResult(terminal, report);
  const { outcomes: { failed = 0, skipped = 0 } = {}, execution } = report;
  showListsOf(terminal, execution, { failed, skipped });
  terminal.line();
  terminal.line(`take it back with: npx cognito-dr-replica undo ${shellQuoted(execution)}`);
}

/** Where the users stand who are more than counted. */
function showListsOf(terminal: Terminal, name: string, counts: { readonly [list in ListedOutcomes]?: number }): void {
  const lists = Object.entries(counts).filter(([, count]) => count > 0);
  if (lists.length > 0) terminal.line();
  const runName = shellQuoted(name);
  for (const [list, count] of lists) terminal.line(`${count} ${list}: npx cognito-dr-replica list outcomes --run ${runName} --outcome ${list}`);
}

async function run({ terminal, session }: Ask, machine: string, input: object, expected?: Expected): Promise<Execution> {
  // Chosen here: it is known while the start is on its way, and one that is sent again starts no second execution.
  const name = randomUUID();
  return leavingItRunning(terminal, name, async () => {
    const executionArn = await session.aws.start(machine, input, name);
    terminal.note(`started ${name}`);
    return succeeded(await watchExecution(terminal, session.aws, executionArn, systemClock, progressOfExecution(session, executionArn, expected)));
  });
}

async function agree({ terminal, options }: Ask, agreement: Agreement, what: string): Promise<void> {
  if (agreedBeforehand(options as Confirmation, agreement)) return;
  await terminal.confirm(what, agreement.words, `--yes --max-users ${agreement.users}`);
}

/** Before anything is started: a plan of an hour would be made, and not be saved. */
function refuseTaken({ options }: Ask): void {
  const { out } = options as PlanOptions;
  if (out === undefined || !existsSync(out)) return;
  throw new CliError(EXIT.USAGE, 'file-exists', `--out: ${out} is there already; name a file that is not, so that nothing is overwritten`);
}

/** The plan first; once it was executed, the report in its place. */
function save({ options }: Ask, report: object, flag: 'wx' | 'w' = 'wx'): void {
  const { out } = options as PlanOptions;
  // Counts and subs, and no values; still nobody else's business.
  if (out !== undefined) writeFileSync(out, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600, flag });
}

function finished({ terminal }: Ask, report: object, exit: ExitCode): ExitCode {
  terminal.document({ schemaVersion: 1, ...report });
  terminal.record({ schemaVersion: 1, ...report });
  return exit;
}

function recoveryMachine({ session: { deployment: { recoveryStateMachineArn } } }: Ask): string {
  if (recoveryStateMachineArn !== undefined) return recoveryStateMachineArn;
  throw new CliError(EXIT.NOT_FOUND, 'no-recovery',
    'this deployment does not write the source pool: inPlaceRecovery is false; `restore` fills the standby, or a pool of restoreTargets');
}

function executionOf(machineArn: string, name: string): string {
  return name.startsWith('arn:') ? name : `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
