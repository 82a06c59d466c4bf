import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Ask } from './ask';
import { CliError, EXIT, ExitCode } from './cli-error';
import { DrillOptions, DrillResult, drillPlanOf, exitOfDrill, showDrillPlan, showDrillResult } from './commands/drill';
import { executionName, watchExecution } from './commands/executions';
import { agreedBeforehand } from './commands/plans';
import { leavingItRunning } from './leave-running';
import { progressOfExecution } from './progress';
import { Evidence, NO_DRILLS, ReadReport } from './read-evidence';
import { featurePlanOf, ledgerOf } from './read-ledger';
import { roleArnOf } from '../drill/evidence/drill-report';
import { systemClock } from '../runtime/clock';

interface DrillCommandOptions extends DrillOptions {
  readonly out?: string;
  readonly planOnly?: boolean;
}

/** `drill`: what it would do and cost, a question, the drill, and its report. */
export async function drill(ask: Ask): Promise<ExitCode> {
  const { terminal, session } = ask;
  const { aws, deployment: { drillStateMachineArn: machine, scheduledDrill: scheduled, restoreQuotas: quotas, replicaRegion: region } } = session;
  const options = ask.options as DrillCommandOptions;
  if (machine === undefined || !scheduled) throw new CliError(EXIT.NOT_FOUND, 'no-drills', NO_DRILLS);
  // Before anything is made: without the bucket nobody could say how it ended.
  const evidence = new Evidence(session);
  const read = await ledgerOf(session);
  const plan = drillPlanOf({
    now: systemClock.now(), source: read.source, scheduled, featurePlan: await featurePlanOf(read), quotas, machine: executionName(machine), region,
  }, options);
  showDrillPlan(terminal, plan);
  if (options.planOnly) {
    if (options.out !== undefined) save(options.out, `${JSON.stringify(plan, undefined, 2)}\n`);
    terminal.document(plan);
    terminal.record(plan);
    return EXIT.DONE;
  }
  if (!agreedBeforehand(options, { users: plan.users, words: String(plan.users) })) {
    await terminal.confirm('Makes a user pool, fills it, compares it, and removes it.', String(plan.users), `--yes --max-users ${plan.users}`);
  }
  const name = randomUUID();
  const startedByRole = roleArnOf(await aws.caller(region));
  const execution = await leavingItRunning(terminal, name, async () => {
    const executionArn = await aws.start(machine, { ...plan.input, startedBy: 'operator', startedByRole }, name);
    terminal.note(`started ${name}`);
    return watchExecution(terminal, aws, executionArn, systemClock, progressOfExecution(session, executionArn, { total: plan.users }));
  });
  const { executionArn, status, output, cause } = execution;
  const written = await evidence.ofDrill(name);
  const result: DrillResult = {
    schemaVersion: 1,
    executionArn,
    status,
    message: cause ?? (output as { readonly message?: string } | undefined)?.message,
    ...written ? { evidence: { bucket: evidence.bucket, report: written.key, page: written.pageKey }, report: written.report } : {},
  };
  showDrillResult(terminal, result);
  if (options.out !== undefined && written) await saveReport(options.out, evidence, written);
  terminal.document(result);
  terminal.record(result);
  return exitOfDrill(result);
}

/** The report as its digest wants it, byte by byte, and the page for people beside it. */
async function saveReport(out: string, evidence: Evidence, read: ReadReport): Promise<void> {
  save(out, read.text);
  save(`${out.replace(/\.json$/, '')}.html`, await evidence.page(read));
}

function save(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
