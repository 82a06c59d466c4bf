import { costText } from './cost';
import { Listing } from './list';
import { Confirmation } from './plans';
import { ActiveUsersCost, activeUsersCost } from '../../cognito/prices';
import { DRILL_TAG } from '../../drill/constants';
import { DrillReport } from '../../drill/evidence/drill-report';
import { TargetStatus, recoverySecondsOf } from '../../drill/evidence/drill-verdict';
import { earliestMoment } from '../../ledger/earliest-moment';
import { SourceRow } from '../../ledger/schema';
import { ScheduledDrill } from '../../operations/deployment';
import { bindingSeconds, restoreCalls } from '../../restore/restore-pace';
import { EpochMilliseconds } from '../../runtime/flavor';
import { CliError, EXIT, ExitCode } from '../cli-error';
import { inUtc, inUtcAndLocal, lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** What the person who starts a drill says otherwise than its schedule. */
export interface DrillOptions extends Confirmation {
  readonly users?: number;
  readonly everybody?: boolean;
  readonly moment?: 'latest' | 'random';
  readonly windowDays?: number;
  readonly seed?: string;
  readonly quotaShare?: number;
  readonly approvedBy?: string;
}

/** What a plan is made of. */
export interface DrillFactsNow {
  readonly now: EpochMilliseconds;
  readonly source: SourceRow;
  readonly scheduled: ScheduledDrill;
  /** Of the source pool, which the pool of the drill has as well. */
  readonly featurePlan?: string;
  readonly quotas?: Readonly<Record<string, number>>;
  /** Name of the state machine. */
  readonly machine: string;
  readonly region: string;
}

/** The document of `drill --plan-only --json`. Fields are only ever added. */
export interface DrillPlan {
  readonly schemaVersion: 1;
  /** The moment is drawn between both when the drill starts; both are the same where it is the latest one. ISO 8601. */
  readonly moment: { readonly choice: 'latest' | 'random'; readonly from: string; readonly to: string };
  /** At most; fewer, where the copy had fewer at the moment. */
  readonly users: number;
  /** Live users of the copy. */
  readonly population: number;
  readonly cost: ActiveUsersCost;
  /** The restore takes at least as long; making, comparing and removing come on top. */
  readonly restoreSeconds: number;
  readonly quotaShare: number;
  /** Seconds. */
  readonly targets: { readonly rto?: number; readonly rpo?: number };
  /** The pool that is made, and removed again: its name begins so, and it has this tag. */
  readonly pool: { readonly region: string; readonly namePrefix: string; readonly tag: string };
  /** No message leaves: the pool has no trigger, no sender, no domain and no second factor. */
  readonly sendsMessages: false;
  /** Of the execution, besides who started it. */
  readonly input: object;
}

/** @throws CliError where there is nothing to drill with */
export function drillPlanOf({ now, source, scheduled, featurePlan, quotas, machine, region }: DrillFactsNow, options: DrillOptions): DrillPlan {
  const { users: sample, everybody, moment: choice = scheduled.moment, seed, quotaShare = scheduled.quotaShare } = options;
  if (sample !== undefined && everybody) throw new CliError(EXIT.USAGE, 'two-scopes', '--users, --everybody: give one of them');
  if (options.windowDays !== undefined && choice === 'latest') {
    throw new CliError(EXIT.USAGE, 'window-of-latest', '--window-days: is for a moment drawn at random; give --moment random, or leave it out');
  }
  const earliest = earliestMoment(source, now);
  if (earliest === undefined || source.users === undefined) {
    throw new CliError(EXIT.REFUSED, 'nothing-copied', 'no sweep has come to its end yet: there is nothing to rehearse with; wait for the next one');
  }
  const windowDays = choice === 'random' ? options.windowDays ?? scheduled.windowDays : undefined;
  const asked = everybody ? 'everybody' : sample ?? scheduled.users;
  const users = asked === 'everybody' ? source.users : Math.min(asked, source.users);
  const from = choice === 'latest' ? now : windowDays === undefined ? earliest : Math.max(earliest, now - windowDays * DAY);
  const { targetRto: rto, targetRpo: rpo } = scheduled;
  return {
    schemaVersion: 1,
    moment: { choice, from: iso(from), to: iso(now) },
    users,
    population: source.users,
    cost: activeUsersCost(users, featurePlan),
    restoreSeconds: Math.ceil(bindingSeconds(restoreCalls(users, 0), quotaShare, quotas)),
    quotaShare,
    targets: { rto, rpo },
    pool: { region, namePrefix: `${machine}-`, tag: DRILL_TAG },
    sendsMessages: false,
    input: defined({ moment: choice, windowDays, users: asked, seed, quotaShare, targetRto: rto, targetRpo: rpo, approvedBy: options.approvedBy }),
  };
}

export function showDrillPlan(terminal: Terminal, plan: DrillPlan): void {
  const { moment: { choice, from, to }, users, population, pool, quotaShare, restoreSeconds, targets } = plan;
  const at = (moment: string) => inUtcAndLocal(Date.parse(moment));
  terminal.line();
  terminal.table([], [
    ['moment', choice === 'latest' ? `now, ${at(to)}` : `drawn at random, from ${at(from)} to ${at(to)}`],
    ['users', `${users} of ${population}${users < population ? ', drawn at random' : ''}`],
    ['costs', costText(plan.cost)],
    ['takes', `at least ${lengthInWords(restoreSeconds * 1_000)}, at ${percent(quotaShare)} of the Region's quotas; a real restore comes first`],
    ['pool', `${pool.namePrefix}… in ${pool.region}, with the tag ${pool.tag}: made, compared and removed`],
    ['messages', 'none leaves: that pool has no trigger, no sender, no domain, no second factor'],
    ['others', 'the source pool, the standby pool and their links are not touched'],
    ['targets', `whole recovery ${targetText(targets.rto)}, age of the copy ${targetText(targets.rpo)}`],
  ]);
}

/** A report as it is in the bucket. */
export interface SealedDrillReport extends DrillReport {
  /** Of every byte before the line with it. */
  readonly sha256: string;
}

/** How a drill ended, and where its report is. Fields are only ever added. */
export interface DrillRun {
  readonly schemaVersion: 1;
  readonly executionArn: string;
  /** As Step Functions has it: that of a drill that did not pass is FAILED. */
  readonly status: string;
  /** Why there is no report, or what the report says. */
  readonly message?: string;
  readonly evidence?: { readonly bucket: string; readonly report: string; readonly page: string };
}

/** The document of `drill --json`. */
export interface DrillResult extends DrillRun {
  readonly report?: SealedDrillReport;
}

export function showDrillResult(terminal: Terminal, { report, evidence, message }: DrillResult): void {
  terminal.line();
  if (message !== undefined) terminal.line(message);
  if (!report) return;
  const { verdict: { validationStatus, deletionStatus, failures, rto, rpo }, targets, measured, comparison } = report;
  const color = validationStatus === 'SUCCESSFUL' ? terminal.good : validationStatus === 'FAILED' ? terminal.bad : terminal.doubtful;
  const against = (status: TargetStatus, target: number | undefined, seconds: number | undefined) =>
    [
      seconds === undefined ? 'not measured' : lengthInWords(seconds * 1_000),
      target === undefined ? 'no target' : `target ${targetText(target)}: ${status}`,
    ].join(', ');
  terminal.table([], [
    ['drill', color.call(terminal, validationStatus)],
    ...failures.length > 0 ? [['because', failures.join(', ')]] : [],
    ['its pool', deletionStatus === 'SUCCESSFUL' ? 'removed, and proven to be gone' : 'NOT proven to be gone: the next drill removes it'],
    [measured?.extrapolated ? 'whole recovery, extrapolated' : 'whole recovery', against(rto, targets.rto, measured && recoverySecondsOf(measured))],
    ['age of the copy', against(rpo, targets.rpo, measured?.copyAgeSeconds)],
    ...(comparison?.differences ?? []).map(({ code, field, reason, count }) =>
      [reason === undefined ? 'differs, unexplained' : `differs, ${reason}`, `${code}${field === undefined ? '' : ` ${field}`}: ${count}`]),
  ]);
  if (evidence) terminal.line(`report: s3://${evidence.bucket}/${evidence.report}, for people s3://${evidence.bucket}/${evidence.page}`);
}

/** Only a drill that passed and kept its targets is done; one that says nothing of the copy was refused. */
export function exitOfDrill({ report, status }: DrillResult): ExitCode {
  if (!report) return status === 'SUCCEEDED' ? EXIT.REFUSED : EXIT.FAILED;
  const { validationStatus, deletionStatus, rto, rpo } = report.verdict;
  if (validationStatus === 'FAILED' || deletionStatus === 'FAILED' || rto === 'missed' || rpo === 'missed') return EXIT.DIFFERS;
  return validationStatus === 'SUCCESSFUL' ? EXIT.DONE : EXIT.REFUSED;
}

export interface ListedDrill {
  readonly id: string;
  readonly sequence: number;
  /** ISO 8601 */
  readonly endedAt: string;
  /** The moment that was rehearsed; absent where the drill ended before it was drawn. */
  readonly moment?: string;
  readonly users?: number;
  readonly validationStatus: string;
  readonly deletionStatus: string;
  readonly failures: readonly string[];
  readonly rto: string;
  readonly rpo: string;
  /** Seconds: what everybody would have taken, and how old the copy was. */
  readonly recoverySeconds?: number;
  readonly copyAgeSeconds?: number;
}

export function listedDrill({ id, sequence, endedAt, moment, scope, verdict, measured }: DrillReport): ListedDrill {
  return {
    id,
    sequence,
    endedAt,
    moment: moment?.at,
    users: scope?.users,
    ...verdict,
    recoverySeconds: measured && recoverySecondsOf(measured),
    copyAgeSeconds: measured?.copyAgeSeconds,
  };
}

export const DRILLS: Listing<ListedDrill, ListedDrill> = {
  head: ['ended', 'drill', 'verdict', 'pool removed', 'moment', 'users', 'recovery', 'age of the copy'],
  cells: each => [
    inUtc(Date.parse(each.endedAt)),
    each.id,
    each.failures.length > 0 ? `${each.validationStatus} (${each.failures.join(', ')})` : each.validationStatus,
    each.deletionStatus === 'SUCCESSFUL' ? 'yes' : 'NO',
    each.moment === undefined ? '' : inUtc(Date.parse(each.moment)),
    each.users ?? '',
    measuredText(each.recoverySeconds, each.rto),
    measuredText(each.copyAgeSeconds, each.rpo),
  ],
  record: each => each,
};

const DAY = 86_400_000;

function measuredText(seconds: number | undefined, target: string): string {
  return seconds === undefined ? '' : `${lengthInWords(seconds * 1_000)}${target === 'not-set' ? '' : `, ${target}`}`;
}

function targetText(seconds: number | undefined): string {
  return seconds === undefined ? 'not set' : lengthInWords(seconds * 1_000);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function defined(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function iso(moment: EpochMilliseconds): string {
  return new Date(moment).toISOString();
}
