import { RECOVERY_MACHINE, RECOVERY_QUOTA_SHARE } from './constants';
import { planRefusal, undoRefusal } from './plan-refusal';
import { PlanOrder, RECOVERY_KINDS, RecoveryRun, Scope, Task } from './recovery-run';
import { RecoveryStore } from './recovery-store';
import { UserPoolId } from '../cognito/ids';
import { DescribedUserPool, poolSettingsOf } from '../cognito/pool-settings';
import { KEY_BYTES } from '../ledger/constants';
import { earliestMoment } from '../ledger/earliest-moment';
import { CAUSE, Incident, MOST_INCIDENT_CAUSES } from '../ledger/incident';
import { LedgerHistory } from '../ledger/ledger-store';
import { isWithin, SourceRow } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';
import {
  cut, InvalidInput, isMoment, MOST_GROUPS, MOST_STATE_BYTES, MOST_SUBS, readExecutionInput, share, some, text,
} from '../runtime/execution-input.lambda-shared';
import { EpochMilliseconds } from '../runtime/flavor';
import { PublicError } from '../runtime/public-error';
import * as z from '../runtime/zod.lambda-shared';

/** What the state machine passes to the validating function. */
export interface RecoveryEvent {
  /** A constant of the state machine's definition: no input can say it. */
  readonly machine: string;
  /** Name of the execution. */
  readonly execution: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly input: unknown;
}

export type RecoveryValidation = { readonly valid: true; readonly run: RecoveryRun } | { readonly valid: false; readonly message: string };

/** What a recovery takes from an incident: the moment to go back to, and whose changes to take back. */
export type IncidentMoment = Pick<Incident, 'before' | 'noticedAt' | 'causes' | 'held' | 'replacedPoolId'>;

export interface RecoveryValidationProps {
  /** The pool of this stack: the only one that is written. */
  readonly userPoolId: UserPoolId;
  readonly ledger: Pick<LedgerHistory, 'sources' | 'user' | 'groups' | 'poolPart'>;
  readonly store: Pick<RecoveryStore, 'plan'>;
  readonly incident: (id: string) => Promise<IncidentMoment | undefined>;
  readonly incidents: () => Promise<readonly (IncidentMoment & Pick<Incident, 'id'>)[]>;
}

const READS_AT_ONCE = 16;

const A_MOMENT = 'want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z"';
const A_PERIOD = 'want two moments in ISO 8601 with their time zones, the earlier one first';
const ONE_OR_TWO = 'want one moment or two, in ISO 8601 with their time zones';
const moment = z.string(A_MOMENT).check(z.refine(value => isMoment(value), A_MOMENT));
const isPeriod = (given: readonly string[]) => given.length === 2 && Date.parse(given[0]) < Date.parse(given[1]);
const period = z.array(moment, A_PERIOD).check(z.refine(isPeriod, A_PERIOD));
const list = (what: string, most: number) => z.array(text(what), `want a list: ${what} in each place`).check(
  z.minLength(1, `want at least one: ${what}`), z.maxLength(most, `want at most ${most}`),
);
/** As CloudTrail shows whoever assumed a role; the ledger has the role, whose path nothing here says. */
const SESSION = /:assumed-role\/[^/]+\/./;
const A_ROLE = 'want the ARN of the role itself, without a session: arn:aws:iam::<account>:role/<its path and name>, as userIdentity.sessionContext.'
  + 'sessionIssuer.arn of CloudTrail';
const yesOrNo = z.boolean('want true or false');
const SCHEMA = z.strictObject({
  kind: z.optional(z.enum(RECOVERY_KINDS, `want one of ${RECOVERY_KINDS.join(', ')}`)),
  asOf: z.optional(moment),
  before: z.optional(text('the id of an incident')),
  subs: z.optional(list('the sub of a user', MOST_SUBS)),
  groups: z.optional(list('the name of a group', MOST_GROUPS)),
  deletedBetween: z.optional(period),
  changedBetween: z.optional(period),
  changedBy: z.optional(text('the ARN of an IAM role or user').check(
    z.refine(arn => arn.startsWith('arn:'), 'want the ARN of an IAM role or user'),
    z.refine(arn => !SESSION.test(arn), A_ROLE),
  )),
  everybody: z.optional(z.literal(true, 'want true, or leave it out')),
  attributes: z.optional(list('the name of an attribute', 100)),
  allowMessages: z.optional(yesOrNo),
  dryRun: z.optional(yesOrNo),
  plan: z.optional(text('the name of the execution that made the plan')),
  undo: z.optional(text('the name of the execution to take back')),
  difference: z.optional(z.array(moment, ONE_OR_TWO).check(z.minLength(1, ONE_OR_TWO), z.maxLength(2, ONE_OR_TWO))),
  quotaShare: share(RECOVERY_QUOTA_SHARE),
}, 'want a JSON object, such as {"kind": "undelete", "asOf": "2026-01-31T09:05:00Z", "everybody": true, "dryRun": true}');

type Input = z.infer<typeof SCHEMA>;
type Field = keyof Input;

const SCOPES = ['subs', 'groups', 'deletedBetween', 'changedBetween', 'changedBy', 'everybody'] as const;
/** What each kind of execution may be given, beside `quotaShare`. */
const FIELDS: Readonly<Record<'plan' | 'undo' | 'difference' | 'kind', readonly Field[]>> = {
  plan: ['plan'],
  undo: ['undo', 'dryRun', 'allowMessages'],
  difference: ['difference', ...SCOPES],
  kind: ['kind', 'asOf', 'before', ...SCOPES, 'attributes', 'allowMessages', 'dryRun'],
};

/** Checks the input against its schema, the ledger and the kept plans, and only reads. A mistake is said in one sentence that names the field. */
export async function validateRecovery(event: RecoveryEvent, props: RecoveryValidationProps): Promise<RecoveryValidation> {
  if (event.machine !== RECOVERY_MACHINE) throw new PublicError(`this function validates for the state machine of a ${RECOVERY_MACHINE} alone`);
  try {
    return { valid: true, run: await runOf(event, props) };
  } catch (error) {
    if (error instanceof InvalidInput) return { valid: false, message: error.message };
    throw error;
  }
}

async function runOf(event: RecoveryEvent, props: RecoveryValidationProps): Promise<RecoveryRun> {
  const input = readExecutionInput(SCHEMA, event.input, 'a recovery');
  const startedAt = Date.parse(event.startedAt);
  const run: RecoveryRun = {
    execution: event.execution,
    startedAt,
    sourceUserPoolId: props.userPoolId,
    targetUserPoolId: props.userPoolId,
    task: await taskOf(input, { execution: event.execution, startedAt }, props),
    quotaShare: input.quotaShare,
  };
  if (Buffer.byteLength(JSON.stringify(run)) > MOST_STATE_BYTES) {
    throw new InvalidInput(`${input.subs ? 'subs' : 'groups'}: too long for an execution's state; start several recoveries one after the other`);
  }
  return run;
}

interface Started {
  readonly execution: string;
  readonly startedAt: EpochMilliseconds;
}

async function taskOf(input: Input, { execution, startedAt }: Started, props: RecoveryValidationProps): Promise<Task> {
  const { userPoolId, store } = props;
  const what = (['plan', 'undo', 'difference', 'kind'] as const).find(field => input[field] !== undefined);
  if (!what) {
    throw new InvalidInput('kind: not given; want undelete, revert or restore to make a plan, or one of plan, undo and difference instead');
  }
  const given = (Object.keys(input) as Field[]).filter(field => input[field] !== undefined && field !== 'quotaShare');
  const odd = given.find(field => !FIELDS[what].includes(field));
  if (odd) throw new InvalidInput(`${odd}: cannot be given together with ${what}; leave one of the two out`);
  switch (what) {
    case 'plan': {
      const head = await store.plan(input.plan!);
      const refusal = planRefusal(input.plan!, head, { execution, userPoolId, now: startedAt });
      if (refusal !== undefined) throw new InvalidInput(refusal);
      return { do: 'execute', plan: head!.plan };
    }
    case 'undo': {
      const head = await store.plan(input.undo!);
      const refusal = undoRefusal(input.undo!, head, userPoolId);
      if (refusal !== undefined) throw new InvalidInput(refusal);
      return { do: 'undo', undone: head!.plan, dryRun: input.dryRun ?? false, allowMessages: input.allowMessages ?? false };
    }
    case 'difference': {
      const source = await sourceRow(props);
      const [asOf, to] = input.difference!.map(value => Date.parse(value));
      for (const each of [asOf, to]) if (each !== undefined) checkMoment('difference', each, source, startedAt);
      if (to !== undefined && to <= asOf) throw new InvalidInput('difference: the second moment is not after the first; want the earlier one first');
      const scope = await scopeOf(input, source, startedAt, props) ?? { of: 'everybody' };
      const about = { scope, ...to === undefined ? {} : { to }, ...await deletionsHeldNow(source, props) };
      return { do: 'plan', isDifference: true, order: { kind: 'restore', asOf, ...about, allowMessages: false } };
    }
    case 'kind':
      return { do: 'plan', isDifference: false, order: await orderOf(input, startedAt, props) };
  }
}

async function orderOf(input: Input, startedAt: EpochMilliseconds, props: RecoveryValidationProps): Promise<PlanOrder> {
  if (input.dryRun !== true) {
    throw new InvalidInput('dryRun: a recovery in place executes a plan that somebody has read: make one with {"dryRun": true}, and start again with '
      + '{"plan": "<name of that execution>"}');
  }
  if (input.asOf !== undefined && input.before !== undefined) {
    throw new InvalidInput('before: cannot be given together with asOf; leave one of the two out');
  }
  if (input.attributes && input.kind !== 'revert') {
    throw new InvalidInput('attributes: users who come back get all of them; leave it out, or want kind revert');
  }
  if (input.attributes) await checkAttributes(input.attributes, props);
  const source = await sourceRow(props);
  const incident = input.before === undefined ? undefined : await knownIncident(input.before, props);
  if (incident && !input.subs) checkMarked(input.before!, incident, source);
  const scope = await scopeOf(input, source, startedAt, props) ?? (incident && scopeOfIncident(incident));
  if (!scope) {
    throw new InvalidInput(`everybody: not given; name one of ${SCOPES.join(', ')}; without one, only an incident says which users it is about`);
  }
  const asOf = input.asOf === undefined ? incident?.before ?? ('from' in scope ? scope.from : undefined) : Date.parse(input.asOf);
  if (asOf === undefined) throw new InvalidInput(`asOf: not given; ${A_MOMENT}, or the incident before which to go back as before`);
  checkMoment(incident ? 'before' : 'asOf', asOf, source, startedAt);
  if ('from' in scope && asOf > scope.from) {
    // Users made and deleted within the period would be in neither of its ends.
    const given = input.deletedBetween ? 'deletedBetween' : 'changedBetween';
    throw new InvalidInput(`asOf: ${isoOf(asOf)} is later than the beginning of ${given}, ${isoOf(scope.from)}; want that moment or an earlier one`);
  }
  return {
    kind: input.kind!,
    asOf,
    scope,
    ...input.attributes ? { attributes: input.attributes } : {},
    allowMessages: input.allowMessages ?? false,
    ...await deletionsHeldNow(source, props),
  };
}

/** Where nothing has the name, a plan would find nobody, and say nothing of the mistake. */
async function checkAttributes(names: readonly string[], { ledger, userPoolId }: RecoveryValidationProps): Promise<void> {
  const described = await ledger.poolPart(userPoolId, 'pool');
  if (!described) return;
  const { attributes } = poolSettingsOf(described.value as DescribedUserPool);
  const unknown = names.filter(name => !attributes.has(name));
  if (unknown.length > 0) throw new InvalidInput(`attributes: ${userPoolId} has no ${some(unknown)}; custom attributes are called custom:<name>`);
}

function isHeld({ held, noticedAt }: IncidentMoment, { sweptAt = 0 }: SourceRow): boolean {
  return held === true && sweptAt < noticedAt;
}

/** The plan's report says that a sweep holds deletions, of which the plan knows nothing. */
async function deletionsHeldNow(source: SourceRow, { incidents }: RecoveryValidationProps): Promise<Pick<PlanOrder, 'deletionsHeld'>> {
  const held = (await incidents()).find(incident => isHeld(incident, source));
  return held ? { deletionsHeld: held.id } : {};
}

/** While a sweep holds deletions, the ledger has everybody: a plan would find nobody gone. */
function checkMarked(id: string, incident: IncidentMoment, source: SourceRow): void {
  if (!isHeld(incident, source)) return;
  throw new InvalidInput(`before: a sweep holds the deletions of ${cut(id)}, so that the ledger still has everybody; start a sweep with the `
    + 'allowDeletions that the message of that one names, and this again once it is over');
}

async function sourceRow({ ledger, userPoolId }: RecoveryValidationProps): Promise<SourceRow> {
  const source = (await ledger.sources()).find(({ poolId }) => poolId === userPoolId);
  if (!source) throw new InvalidInput(`input: the ledger holds nothing of ${userPoolId} yet; wait for the first sweep`);
  return source;
}

async function knownIncident(id: string, { incident }: RecoveryValidationProps): Promise<IncidentMoment> {
  const found = await incident(id);
  if (!found) throw new InvalidInput(`before: there is no incident ${cut(id)}; take the id from the alarm or the event, or give asOf`);
  if (found.replacedPoolId !== undefined) {
    throw new InvalidInput(`before: ${cut(id)} is of users of the pool ${found.replacedPoolId}, which this one replaced; restore them from the copy, `
      + 'with the input that the incident names');
  }
  return found;
}

/**
 * The changes of those whose calls it was, since the moment before it, and what a sweep found of it; where nobody is known, or not everybody,
 * whatever changed during it.
 */
function scopeOfIncident({ before, noticedAt, causes }: IncidentMoment): Scope {
  const principals = [...new Set(causes.flatMap(({ principal }) => principal ?? []))];
  const unknown = causes.filter(({ principal }) => principal === undefined);
  const knowsAll = causes.length < MOST_INCIDENT_CAUSES && unknown.every(({ event }) => event === CAUSE.SWEEP);
  if (principals.length === 0 || !knowsAll) return { of: 'changed', from: before, to: noticedAt };
  return { of: 'changed-by', principals, ...unknown.length > 0 ? { orFound: true } : {} };
}

async function scopeOf(
  input: Input, source: SourceRow, now: EpochMilliseconds, props: RecoveryValidationProps,
): Promise<Scope | undefined> {
  const [given, another] = SCOPES.filter(field => input[field] !== undefined);
  if (another) throw new InvalidInput(`${another}: cannot be given together with ${given}; name one of ${SCOPES.join(', ')}`);
  switch (given) {
    case undefined: return undefined;
    case 'everybody': return { of: 'everybody' };
    case 'changedBy': return { of: 'changed-by', principals: [input.changedBy!] };
    case 'subs': return { of: 'subs', subs: await knownSubs([...new Set(input.subs)], props) };
    case 'groups': return { of: 'groups', groups: await knownGroups([...new Set(input.groups)], props) };
    case 'deletedBetween':
    case 'changedBetween': {
      const [from, to] = input[given]!.map(value => Date.parse(value));
      checkMoment(given, from, source, now);
      checkMoment(given, to, source, now);
      return { of: given === 'deletedBetween' ? 'deleted' : 'changed', from, to };
    }
  }
}

function isoOf(at: EpochMilliseconds): string {
  return new Date(at).toISOString();
}

function checkMoment(field: string, at: EpochMilliseconds, source: SourceRow, now: EpochMilliseconds): void {
  if (at > now) throw new InvalidInput(`${field}: ${isoOf(at)} has not come yet; want a moment before the start of the recovery, ${isoOf(now)}`);
  const earliest = earliestMoment(source, now);
  if (earliest === undefined) {
    throw new InvalidInput(`${field}: the ledger cannot go back yet for ${source.poolId}; wait for the next complete sweep`);
  }
  if (at < earliest) {
    throw new InvalidInput(`${field}: the ledger goes back to ${isoOf(earliest)} for ${source.poolId}, not to ${isoOf(at)}; want that moment or a `
      + 'later one');
  }
}

async function knownSubs(subs: readonly string[], { ledger, userPoolId }: RecoveryValidationProps): Promise<readonly string[]> {
  const unknown: string[] = [];
  await forEachConcurrently(subs, READS_AT_ONCE, async sub => {
    if (!isWithin(KEY_BYTES.SORT, sub) || !await ledger.user(userPoolId, sub)) unknown.push(sub);
  });
  if (unknown.length === 0) return subs;
  throw new InvalidInput(`subs: the ledger has no user ${some(unknown)} of ${userPoolId}; name users by the sub that they had in that pool`);
}

async function knownGroups(groups: readonly string[], { ledger, userPoolId }: RecoveryValidationProps): Promise<readonly string[]> {
  const known = new Set((await ledger.groups(userPoolId)).map(({ name }) => name));
  const unknown = groups.filter(group => !known.has(group)).map(group => JSON.stringify(group));
  if (unknown.length === 0) return groups;
  throw new InvalidInput(`groups: the ledger has no group ${some(unknown)} of ${userPoolId}; names are case-sensitive`);
}
