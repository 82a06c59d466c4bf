import { ListedDrill } from './drill';
import { earliestMoment, comparedUntil } from '../../ledger/earliest-moment';
import { Incident } from '../../ledger/incident';
import { SourceRow, SweepRow } from '../../ledger/schema';
import { Deployment, RunningExecution } from '../../operations/deployment';
import { RESTORE_QUOTA_SHARE } from '../../restore/constants';
import { bindingQuota, restoreCalls } from '../../restore/restore-pace';
import { EpochMilliseconds } from '../../runtime/flavor';
import { SwitchState } from '../../state/switch';
import { inUtc, inUtcAndLocal, lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** How good the copy is: good, something wants a look, or too old to be relied on. */
export type CopyVerdict = 'GOOD' | 'DEGRADED' | 'STALE';

export interface AlarmState {
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly since: EpochMilliseconds;
}

/** What a status is made of. What could not be read is absent, and named in `unread`. */
export interface StatusFacts {
  readonly now: EpochMilliseconds;
  readonly deployment: Deployment;
  /** The Region that the ledger was read in; absent where it could be read in neither. */
  readonly readIn?: string;
  /** The row of the pool that is followed; absent where no sweep began yet, and where the ledger could not be read. */
  readonly source?: SourceRow;
  readonly incidents: readonly Incident[];
  readonly alarms: readonly AlarmState[];
  readonly running: readonly RunningExecution[];
  readonly standby?: SwitchState;
  /** Sweeps that came to their end, newest first: what each found that no event had told. */
  readonly sweeps?: readonly SweepRow[];
  /** Absent where there was none. */
  readonly lastDrill?: ListedDrill;
  /** The moment that the standby is held at. */
  readonly heldAt?: EpochMilliseconds;
  /** What did not answer, and why: a Region that is dark, a permission that is missing. */
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** The document of `status --json`. Fields are only ever added. */
export interface Status {
  readonly schemaVersion: 1;
  readonly verdict: CopyVerdict;
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
  readonly userPoolId?: string;
  readonly users?: number;
  /** ISO 8601, as all moments here. */
  readonly sweptAt?: string;
  readonly ageSeconds?: number;
  readonly restorableFrom?: string;
  /** Until then every change is known for certain; what came later is known where an event told of it. */
  readonly comparedUntil?: string;
  /** How long a restore of everybody into an empty pool would take, without groups, and the quota that bounds it. */
  readonly wholeRestore?: { readonly seconds: number; readonly boundBy: string; readonly quotaShare: number };
  /**
   * About how many users would be lost as they are now, if the source pool's Region died: what no event told of since `since`, by the worst of the
   * last `sweeps` sweeps. What is on its way, about a minute, is not in it. Absent before a second sweep.
   */
  readonly lostNow?: { readonly users: number; readonly since: string; readonly sweeps: number };
  /** Absent where there are no drills, or where none has ended yet. */
  readonly lastDrill?: ListedDrill & { readonly ageSeconds: number };
  /** What the switch cannot close of a standby that was accepted as `unguarded`: it is open by it at any time. Absent where it closes all. */
  readonly unguarded?: readonly string[];
  readonly standby?: { readonly mode: string; readonly since?: string; readonly heldAt?: string };
  readonly incidents: readonly { readonly id: string; readonly kind: string; readonly first: string }[];
  readonly alarms: readonly { readonly region: string; readonly name: string; readonly since: string }[];
  readonly running: readonly { readonly machine: string; readonly executionArn: string; readonly startedAt: string }[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** A sweep that was missed is made up for by the next one; of two something is wrong. */
const MISSED_SWEEPS = 2;

/** Clocks differ by seconds; by more than this, one of them is wrong. */
const CLOCK_SKEW = 5 * 60_000;

/** What `unread` calls them by. */
export const SWITCH_OF_STANDBY = 'the switch of the standby';
export const REPORTS_OF_DRILLS = 'reports of drills';
const EXECUTIONS = 'executions of ';

/** What `unread` calls the executions of a machine by. */
export function executionsOf(machine: RunningExecution['machine']): string {
  return `${EXECUTIONS}${machine}`;
}

/** Machines of which nobody knows whether they run, and why, as sentences. */
export function unreadExecutions(unread: StatusFacts['unread']): string[] {
  return unread.filter(({ what }) => what.startsWith(EXECUTIONS)).map(({ what, why }) => `${what} could not be read: ${why}`);
}

/** The status, from what was read. */
export function statusOf(facts: StatusFacts): Status {
  const { now, deployment, source, incidents, alarms, running, standby, heldAt, sweeps, lastDrill, unread } = facts;
  const reasons: { code: string; sentence: string }[] = [];
  const sinceSweep = source?.sweptAt === undefined ? undefined : now - (source.sweepStartedAt ?? source.sweptAt);
  const age = sinceSweep === undefined ? undefined : Math.max(0, sinceSweep);
  const isStale = age === undefined || age > mostAge(facts);
  if (sinceSweep !== undefined && sinceSweep < -CLOCK_SKEW) {
    reasons.push({
      code: 'swept-in-future',
      sentence: `the last whole sweep began ${lengthInWords(-sinceSweep)} from now by this computer's clock: its age is not known; set the clock`,
    });
  }
  if (facts.readIn === undefined) {
    reasons.push({ code: 'age-unknown', sentence: 'how old the copy is, is not known: it could be read in neither Region' });
  } else if (age === undefined) {
    reasons.push({ code: 'never-swept', sentence: 'no sweep has come to its end yet: the copy is not whole' });
  } else if (isStale) {
    reasons.push({ code: 'swept-long-ago', sentence: `the last whole sweep began ${lengthInWords(age)} ago` });
  }
  if (incidents.length > 0) reasons.push({ code: 'incident-open', sentence: `${plural(incidents.length, 'incident')} nobody has confirmed` });
  if (alarms.length > 0) reasons.push({ code: 'alarm', sentence: `${plural(alarms.length, 'alarm')} in the state ALARM` });
  if (heldAt !== undefined) reasons.push({ code: 'standby-held', sentence: `the standby is held at ${iso(heldAt)} and follows no change` });
  if (lastDrill && hasFailed(lastDrill)) {
    reasons.push({ code: 'drill-failed', sentence: `the drill that ended ${lengthInWords(now - Date.parse(lastDrill.endedAt))} ago failed` });
  }
  for (const { what, why } of unread) reasons.push({ code: 'unread', sentence: `${what} could not be read: ${why}` });
  const earliest = source && earliestMoment(source, now);
  return {
    schemaVersion: 1,
    verdict: isStale ? 'STALE' : reasons.length > 0 ? 'DEGRADED' : 'GOOD',
    reasons,
    userPoolId: source?.poolId ?? deployment.sourceUserPoolId,
    users: source?.users,
    sweptAt: source?.sweptAt === undefined ? undefined : iso(source.sweptAt),
    ageSeconds: age === undefined ? undefined : Math.round(age / 1_000),
    restorableFrom: earliest === undefined ? undefined : iso(earliest),
    comparedUntil: source?.comparedAt === undefined ? undefined : iso(comparedUntil(source)),
    wholeRestore: source?.users === undefined ? undefined : wholeRestore(source.users, deployment),
    lostNow: source && lostNow(source, sweeps ?? [], now),
    lastDrill: lastDrill && { ...lastDrill, ageSeconds: Math.round((now - Date.parse(lastDrill.endedAt)) / 1_000) },
    unguarded: deployment.unguarded,
    standby: standby && {
      mode: standby.mode,
      since: standby.at === 0 ? undefined : iso(standby.at),
      heldAt: heldAt === undefined ? undefined : iso(heldAt),
    },
    incidents: incidents.map(({ id, kind, first }) => ({ id, kind, first: iso(first) })),
    alarms: alarms.map(({ region, name, since }) => ({ region, name, since: iso(since) })),
    running: running.map(({ machine, executionArn, startedAt }) => ({ machine, executionArn, startedAt: iso(startedAt) })),
    unread,
  };
}

/** For people: the verdict first, what to do about it next. */
export function showStatus(terminal: Terminal, facts: StatusFacts, status: Status): void {
  const { verdict, reasons } = status;
  const color = { GOOD: terminal.good.bind(terminal), DEGRADED: terminal.doubtful.bind(terminal), STALE: terminal.bad.bind(terminal) }[verdict];
  terminal.line(`The copy is ${color(terminal.strong(verdict))}`);
  for (const { sentence } of reasons) terminal.line(`  - ${sentence}`);
  terminal.line();
  const { source, standby, now, readIn } = facts;
  const none = (text: string) => readIn === undefined ? 'not known' : text;
  const moment = (at: string | undefined) => (at === undefined ? none('none') : inUtcAndLocal(Date.parse(at)));
  terminal.table([], [
    ['Users in the copy', status.users ?? 'unknown'],
    ['Last sweep ended', moment(status.sweptAt)],
    ['Every change is known until', moment(status.comparedUntil)],
    ['Restorable from', moment(status.restorableFrom)],
    ['Last event of CloudTrail', source?.eventSeenAt === undefined ? none('none yet') : `${lengthInWords(now - source.eventSeenAt)} ago`],
    ['A whole restore takes', restoreText(status)],
    ['Lost if the Region died now', lostText(status)],
    ...facts.deployment.drillStateMachineArn === undefined ? [] : [['Last drill', drillText(status)]],
    ['Standby', `${standby === undefined ? noStandbyText(facts) : standbyText(status)}${unguardedText(status)}`],
    ['Running now', runningText(status)],
  ]);
  if (status.incidents.length > 0) {
    terminal.line();
    terminal.table(['Open incident', 'what', 'since'], status.incidents.map(({ id, kind, first }) => [id, kind, moment(first)]));
    terminal.line('whose calls they were, and the way back: npx cognito-dr-replica list incidents');
  }
  if (facts.alarms.length > 0) {
    terminal.line();
    terminal.table(['Alarm', 'Region', 'since', 'says'],
      facts.alarms.map(({ name, region, since, description }) => [name, region, inUtcAndLocal(since), description]));
  }
}

/** That there is no switch both stacks say; how it stands, only the replica Region. */
function noStandbyText({ deployment, unread }: StatusFacts): string {
  if (deployment.switchStateMachineArn === undefined) return 'no switch';
  return `not known: ${unread.find(({ what }) => what === SWITCH_OF_STANDBY)?.why ?? 'no stack says which pool it is'}`;
}

function runningText({ running, unread }: Status): string {
  const unseen = unreadExecutions(unread);
  const seen = running.map(({ machine }) => machine);
  if (unseen.length === 0) return seen.length === 0 ? 'nothing' : seen.join(', ');
  return [...seen.length === 0 ? ['not known'] : seen, ...unseen].join('; ');
}

function standbyText({ standby }: Status): string {
  const { mode, since, heldAt } = standby!;
  return `${mode}${since === undefined ? '' : ` since ${inUtcAndLocal(Date.parse(since))}`}${heldAt === undefined ? '' : `, held at ${heldAt}`}`;
}

function unguardedText({ unguarded = [] }: Status): string {
  return unguarded.length === 0 ? '' : `; open at any time by what it cannot close: ${unguarded.join(', ')}`;
}

/**
 * As old as the copy may be while all goes well, and one sweep is missed. A sweep begins an interval after the last one, or once that has ended,
 * and the copy is as old as the last one that ended: in a large pool the length of both is added to the interval. However long the one takes that
 * runs now, it is under way: the alarm `Overdue` tells of one that comes no further.
 */
function mostAge({ now, deployment, source, sweeps = [], running }: StatusFacts): number {
  const { sweptAt = 0, sweepStartedAt = sweptAt } = source ?? {};
  const longest = Math.max(0, sweptAt - sweepStartedAt, ...sweeps.map(({ startedAt, endedAt }) => endedAt - startedAt));
  const sweeping = running.filter(({ machine }) => machine === 'sweep').map(({ startedAt }) => now - startedAt);
  return MISSED_SWEEPS * deployment.sweepIntervalSeconds * 1_000 + longest + Math.max(longest, ...sweeping);
}

function wholeRestore(users: number, { restoreQuotas }: Deployment): Status['wholeRestore'] {
  const { category, seconds } = bindingQuota(restoreCalls(users, 0), RESTORE_QUOTA_SHARE, restoreQuotas);
  return { seconds: Math.ceil(seconds), boundBy: category, quotaShare: RESTORE_QUOTA_SHARE };
}

function restoreText({ wholeRestore: estimate }: Status): string {
  if (!estimate) return 'unknown';
  const { seconds, quotaShare, boundBy } = estimate;
  return `about ${lengthInWords(seconds * 1_000)} at ${quotaShare * 100} % of ${boundBy}`;
}

/**
 * What a sweep wrote is what no event had told since the one before. The first one wrote everybody, and says nothing about it. The worst pace of the
 * others, for as long as nobody has compared: less may be lost, and hardly more, unless events stop.
 */
function lostNow(source: SourceRow, sweeps: readonly SweepRow[], now: EpochMilliseconds): Status['lostNow'] {
  const since = comparedUntil(source);
  const paces = sweeps.flatMap(({ startedAt, written }, i) => {
    const before = sweeps.at(i + 1);
    return before && startedAt > before.startedAt ? [written / (startedAt - before.startedAt)] : [];
  });
  if (paces.length === 0 || source.users === undefined || since === -Infinity) return undefined;
  const users = Math.min(source.users, Math.ceil(Math.max(...paces) * (now - since)));
  return { users, since: iso(since), sweeps: paces.length };
}

function lostText({ lostNow: lost }: Status): string {
  if (!lost) return 'not known before a second sweep';
  const { users, since, sweeps } = lost;
  return `about ${plural(users, 'user')} of whom no event told since ${inUtc(Date.parse(since))}, by the worst of ${plural(sweeps, 'sweep')}; `
    + 'and the last minute';
}

/** One that made way for a restore says nothing of the copy. */
function hasFailed({ validationStatus, deletionStatus }: ListedDrill): boolean {
  return validationStatus === 'FAILED' || deletionStatus === 'FAILED';
}

function drillText({ lastDrill, unread }: Status): string {
  if (!lastDrill) return unread.some(({ what }) => what === REPORTS_OF_DRILLS) ? 'not known' : 'none yet';
  const { validationStatus, ageSeconds, rto, rpo, failures } = lastDrill;
  const missed = [...rto === 'missed' ? ['targetRto'] : [], ...rpo === 'missed' ? ['targetRpo'] : []];
  return `${validationStatus} ${lengthInWords(ageSeconds * 1_000)} ago${failures.length > 0 ? `: ${failures.join(', ')}` : ''}`
    + `${missed.length > 0 ? `, missed ${missed.join(' and ')}` : ''}`;
}

function plural(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`;
}

function iso(moment: EpochMilliseconds): string {
  return new Date(moment).toISOString();
}
