import { randomUUID } from 'node:crypto';
import { Ask } from './ask';
import { CliError, EXIT, ExitCode } from './cli-error';
import { DrillOptions, DrillResult, drillPlanOf, exitOfDrill, showDrillPlan, showDrillResult } from './commands/drill';
import { executionName, succeeded, watchExecution } from './commands/executions';
import { agreedBeforehand } from './commands/plans';
import { leavingItRunning } from './leave-running';
import { withNewFile } from './new-file';
import { progressOfExecution } from './progress';
import { Evidence, NO_DRILLS } from './read-evidence';
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
    return withNewFile(options.out, async write => {
      terminal.document(plan);
      terminal.record(plan);
      write(`${JSON.stringify(plan, undefined, 2)}\n`);
      return EXIT.DONE;
    });
  }
  const page = options.out === undefined ? undefined : `${options.out.replace(/\.json$/, '')}.html`;
  // Before the drill, which takes hours: the report, and the page for people beside it.
  return withNewFile(options.out, async writeReport => withNewFile(page, async writePage => {
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
    terminal.document(result);
    terminal.record(result);
    if (options.out !== undefined && written) {
      // As its digest wants it, byte by byte.
      writeReport(written.text);
      writePage(await evidence.page(written));
    }
    if (!written) succeeded(execution);
    return exitOfDrill(result);
  }));
}
