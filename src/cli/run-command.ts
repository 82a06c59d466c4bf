import { randomUUID } from 'node:crypto';
import { Ask } from './ask';
import { Aws } from './aws';
import { ListedOutcomes } from './choices';
import { CliError, EXIT, ExitCode } from './cli-error';
import { examine, isIll, showExamination } from './commands/doctor';
import { DRILLS, ListedDrill, listedDrill } from './commands/drill';
import { Execution, chooseExecution, executionName, succeeded, watchExecution } from './commands/executions';
import {
  GROUPS, INCIDENTS, ListFilter, OUTCOMES_LISTING, PARTS, RUNS, isAskedFor, showListing, showWaysBack, usersListing,
} from './commands/list';
import { Redriven, showLetters, waitingLetters } from './commands/redrive';
import { SWITCH_OF_STANDBY, showStatus, statusOf, unreadExecutions } from './commands/status';
import { hoursListing, hoursOf } from './commands/timeline';
import { findExecution } from './find-execution';
import { gatherDoctor } from './gather-doctor';
import { gatherStatus } from './gather-status';
import { leavingItRunning } from './leave-running';
import { mask } from './mask';
import { lengthInWords, readDuration, momentGiven } from './moments';
import { Expected, machineOf, paceOf, progressOfExecution } from './progress';
import { Evidence } from './read-evidence';
import { ledgerOf } from './read-ledger';
import { listedOutcomes } from './read-outcomes';
import { listedRuns } from './read-runs';
import { diff } from './run-diff';
import { drill } from './run-drill';
import { exportUsers } from './run-export';
import { forget } from './run-forget';
import { definePool } from './run-pool-definition';
import { applyPlan, recover, restore, showOutput, undo } from './run-recovery';
import { show } from './run-show';
import { Session, Where, findSession, silentStacks, whyNot } from './session';
import { Terminal } from './terminal';
import { UserPoolId } from '../cognito/ids';
import { eachOfPages } from '../cognito/page';
import { DynamoDbIncidentStore } from '../ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { SHARDS, UserRow } from '../ledger/schema';
import { TimelineBucket, timelineBucket, timelinePartition } from '../ledger/timeline';
import { restoreCalls } from '../restore/restore-pace';
import { systemClock } from '../runtime/clock';
import { StateItems } from '../state/state-items.lambda-shared';

const DAY = 86_400_000;

const COMMANDS: Readonly<Record<string, (ask: Ask) => Promise<ExitCode>>> = {
  status,
  list,
  show,
  diff,
  doctor,
  drill,
  export: exportUsers,
  forget,
  redrive,
  watch,
  stop,
  open,
  close,
  restore,
  apply: applyPlan,
  undo,
  recover: async ask => recover(ask, 'restore'),
  undelete: async ask => recover(ask, 'undelete'),
  revert: async ask => recover(ask, 'revert'),
};

interface ListOptions {
  readonly deleted?: boolean;
  readonly since?: string;
  readonly limit: number;
  readonly run?: string;
  readonly outcome: ListedOutcomes;
}

interface Agreed {
  readonly yes?: boolean;
}

/** Runs one command; its answer is the exit code. */
export async function runCommand(
  name: string, terminal: Terminal, where: Where & { readonly showValues: boolean }, options: object, args: readonly string[],
): Promise<ExitCode> {
  // A pool is described before there is anything to find.
  if (name === 'pool-definition') return definePool(terminal, new Aws(), options as { readonly out: string }, args[0]);
  const session = await findSession(new Aws(), where);
  const masked = where.showValues && terminal.isInteractive ? (value: string) => value : mask;
  if (terminal.format === 'text') terminal.line(await firstLine(session));
  return COMMANDS[name]({ terminal, session, masked, options, args });
}

/** Whatever is shown after it: of which pool, and how old what it is read from is. In an outage the copy alone knows the pool. */
async function firstLine(session: Session): Promise<string> {
  const { account, deployment: { primaryRegion, replicaRegion, sourceUserPoolId } } = session;
  const place = (pool: string) => `account ${account}, ${pool} in ${primaryRegion}, copied to ${replicaRegion}`;
  try {
    const { source: { poolId, sweptAt, sweepStartedAt = sweptAt } } = await ledgerOf(session);
    const age = sweepStartedAt === undefined ? 'not swept yet' : `swept ${lengthInWords(systemClock.now() - sweepStartedAt)} ago`;
    return `${place(sourceUserPoolId ?? poolId)}, ${age}`;
  } catch (error) {
    return `${place(sourceUserPoolId ?? 'user pool unknown')}, age unknown: ${whyNot(error)}`;
  }
}

async function status({ terminal, session, options }: Ask): Promise<ExitCode> {
  const { maxAge: given } = options as { readonly maxAge?: string };
  const maxAge = given === undefined ? undefined : readDuration(given, '--max-age');
  const facts = await gatherStatus(session);
  const found = statusOf(facts);
  showStatus(terminal, facts, found);
  terminal.document(found);
  terminal.record(found);
  if (maxAge !== undefined && (found.ageSeconds === undefined || found.ageSeconds * 1_000 > maxAge)) {
    const age = found.ageSeconds === undefined ? 'has no age: no sweep is known to have ended' : `is ${lengthInWords(found.ageSeconds * 1_000)} old`;
    throw new CliError(EXIT.TOO_OLD, 'too-old',
      `the copy ${age}, and --max-age says ${given}; \`status\` says why, and docs/runbook.md, SweepAlarms/Failed, how a sweep is started`);
  }
  return EXIT.DONE;
}

async function doctor({ terminal, session }: Ask): Promise<ExitCode> {
  const found = examine(await gatherDoctor(session));
  showExamination(terminal, found);
  terminal.document(found);
  for (const check of found.checks) terminal.record(check);
  return isIll(found) ? EXIT.DIFFERS : EXIT.DONE;
}

async function list({ terminal, session, masked, options, args: [what] }: Ask): Promise<ExitCode> {
  const { deleted, since: from, limit, run, outcome } = options as ListOptions;
  const filter: ListFilter = { deleted, since: from === undefined ? undefined : momentGiven(from, '--since', systemClock.now()) };
  if (what === 'outcomes') {
    if (run === undefined) throw new CliError(EXIT.USAGE, 'no-run', '--run: give the name of a restore, recovery or plan');
    await showListing(terminal, OUTCOMES_LISTING, listedOutcomes(session, run, outcome), limit);
    return EXIT.DONE;
  }
  // Reports are there whatever the copy is.
  if (what === 'drills') {
    await showListing(terminal, DRILLS, drillsOf(session, filter), limit);
    return EXIT.DONE;
  }
  const { ledger, poolId, region } = await ledgerOf(session);
  if (what === 'users') await showListing(terminal, usersListing(masked), usersOf(ledger, poolId, filter), limit);
  if (what === 'groups') await showListing(terminal, GROUPS, each((await ledger.groups(poolId)).filter(row => isAskedFor(filter, row))), limit);
  if (what === 'settings') await showListing(terminal, PARTS, each((await ledger.poolParts(poolId)).filter(row => isAskedFor(filter, row))), limit);
  if (what === 'timeline') {
    const now = systemClock.now();
    const buckets: TimelineBucket[] = [];
    const items = new StateItems(session.aws.table(region), session.deployment.ledgerTableName, systemClock);
    for await (const item of items.all(timelinePartition(poolId))) buckets.push(timelineBucket(item));
    const hours = hoursOf(buckets, filter.since ?? now - DAY, now);
    await showListing(terminal, hoursListing(hours), each(hours), limit);
  }
  if (what === 'incidents') {
    const { standby, now, unread } = await gatherStatus(session);
    const all = await new DynamoDbIncidentStore(session.aws.table(region), session.deployment.ledgerTableName).incidents(poolId);
    const since = filter.since ?? -Infinity;
    const wanted = all.filter(({ first, last }) => last >= since && first <= now).sort((a, b) => a.first - b.first)
      .map(one => ({ ...one, isOpen: !standby?.confirmedIncidents?.includes(one.id) }));
    await showListing(terminal, INCIDENTS, each(wanted), limit);
    showWaysBack(terminal, wanted);
    const blind = unread.find(one => one.what === SWITCH_OF_STANDBY);
    if (blind) terminal.note(`which of them were confirmed is not known: ${blind.why}`);
  }
  if (what === 'runs') {
    const unread: string[] = [];
    const shown = await showListing(terminal, RUNS, listedRuns(session, filter.since, unread), limit);
    if (shown === 0 && unread.length > 0) throw new CliError(EXIT.FAILED, 'runs-unread', `what runs is not known: ${unread.join('; ')}`);
    for (const sentence of unread) terminal.note(sentence);
    terminal.line('what one has answered, or why it failed: npx cognito-dr-replica watch RUN');
  }
  return EXIT.DONE;
}

async function watch({ terminal, session, args: [named] }: Ask): Promise<ExitCode> {
  const { running, unread } = await gatherStatus(session);
  const executionArn = await findExecution(session.aws, session.deployment, running, named, unreadExecutions(unread));
  const execution = await leavingItRunning(terminal, executionName(executionArn), async () => {
    const progress = progressOfExecution(session, executionArn, await expectedOf(session, executionArn));
    return watchExecution(terminal, session.aws, executionArn, systemClock, progress);
  });
  say(terminal, execution);
  // The same is shown to those who come back as to those who waited.
  return showOutput({ terminal, session }, succeeded(execution));
}

/** What a restore spends is known; a dry run, and whatever is not known, spends nothing here. */
async function expectedOf({ aws, deployment: { restoreStateMachineArn, restoreQuotas } }: Session, executionArn: string): Promise<Expected> {
  if (machineOf(executionArn) !== restoreStateMachineArn) return {};
  const { dryRun } = (await aws.execution(executionArn)).input as { readonly dryRun?: boolean };
  return dryRun ? {} : { pace: paceOf(restoreCalls(1, 0), 1, restoreQuotas) };
}

async function redrive({ terminal, session, options }: Ask): Promise<ExitCode> {
  const { aws, stacks } = session;
  const found = await waitingLetters(aws, stacks);
  showLetters(terminal, found);
  for (const { sentence } of silentStacks(session)) terminal.note(`${sentence}: its queues are not among these`);
  const movable = found.filter(({ sourceQueue, messages }) => sourceQueue !== undefined && messages > 0);
  if (movable.length > 0) {
    const count = movable.reduce((sum, { messages }) => sum + messages, 0);
    if (!(options as Agreed).yes) await terminal.confirm('Each message is tried again; one that fails comes back.', String(count));
    for (const { queueArn } of movable) await aws.redrive(queueArn);
    terminal.line(`${count} messages are on their way back to their queues`);
  }
  terminal.document({ schemaVersion: 1, queues: found, redriven: movable.length } satisfies Redriven);
  for (const letters of found) terminal.record(letters);
  return EXIT.DONE;
}

async function stop({ terminal, session, options, args: [named] }: Ask): Promise<ExitCode> {
  const { running, unread } = await gatherStatus(session);
  const executionArn = chooseExecution(running, named, unreadExecutions(unread));
  const isDrill = machineOf(executionArn) === session.deployment.drillStateMachineArn;
  const what = `Stops ${executionArn}. ${isDrill
    ? 'Its pool stays, with the users in it, until the next drill removes it; it writes no report.'
    : 'What it has done stays; the next one goes on from there.'}`;
  if (!(options as Agreed).yes) await terminal.confirm(what, executionName(executionArn));
  await session.aws.stop(executionArn, 'stopped by the command line');
  terminal.line(`${executionName(executionArn)} was told to stop`);
  terminal.document({ schemaVersion: 1, stopped: executionArn });
  terminal.record({ schemaVersion: 1, stopped: executionArn });
  return EXIT.DONE;
}

async function open(ask: Ask): Promise<ExitCode> {
  const { rehearsal, confirmIncident } = ask.options as { readonly rehearsal?: string[]; readonly confirmIncident?: string[] };
  const input = rehearsal ? { mode: 'rehearsal', names: rehearsal } : { mode: 'open' };
  return turn(ask, { ...input, confirmIncidents: confirmIncident }, rehearsal
    ? `Lets ${rehearsal.length} users into the standby pool, for a rehearsal.`
    : 'Lets everybody into the standby pool whom the copy lets in. Users and applications that sign in there are told nothing else.');
}

async function close(ask: Ask): Promise<ExitCode> {
  const { signOut, confirmIncident } = ask.options as { readonly signOut?: boolean; readonly confirmIncident?: string[] };
  return turn(ask, { mode: 'closed', signOut, confirmIncidents: confirmIncident }, `Lets nobody into the standby pool any more.${signOut
    ? ' Every session is ended.' : ' Tokens that were issued go on until they expire, unless --sign-out ends the sessions.'}`);
}

async function turn({ terminal, session, options }: Ask, input: object, question: string): Promise<ExitCode> {
  const { switchStateMachineArn: machine, standbyUserPoolId } = session.deployment;
  if (machine === undefined) {
    throw new CliError(EXIT.NOT_FOUND, 'no-switch',
      'the standby has no switch: Standby.onDemand() and Standby.warm() make one, with a pool that has triggers');
  }
  const { yes, by, reason } = options as Agreed & { readonly by?: string; readonly reason?: string };
  if (!yes) await terminal.confirm(question, standbyUserPoolId ?? 'standby');
  const name = randomUUID();
  const execution = await leavingItRunning(terminal, name, async () => {
    const executionArn = await session.aws.start(machine, { ...input, by, reason }, name);
    return watchExecution(terminal, session.aws, executionArn, systemClock, async () => undefined);
  });
  say(terminal, execution);
  return showOutput({ terminal, session }, succeeded(execution));
}

/** Before it is known whether it succeeded: a program reads the error and its cause there. */
function say(terminal: Terminal, execution: Execution): void {
  terminal.document({ schemaVersion: 1, ...execution });
  terminal.record({ schemaVersion: 1, ...execution });
}

async function* usersOf(ledger: DynamoDbLedgerStore, poolId: UserPoolId, filter: ListFilter): AsyncGenerator<UserRow> {
  for (const shard of SHARDS) {
    const rows = eachOfPages(async cursor => ledger.usersOfShard(poolId, shard, cursor));
    for await (const row of rows) if (isAskedFor(filter, row)) yield row;
  }
}

/** From the newest on. */
async function* drillsOf(session: Session, { since = -Infinity }: ListFilter): AsyncGenerator<ListedDrill> {
  for await (const { report } of new Evidence(session).reports()) {
    if (Date.parse(report.endedAt) < since) return;
    yield listedDrill(report);
  }
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
