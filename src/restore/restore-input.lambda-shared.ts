import { RESTORE_QUOTA_SHARE } from './constants';
import { mismatch } from './mismatch';
import { RestoreRun } from './restore-run';
import { sourceSubProves } from './source-sub-writers';
import { ClientReader } from '../cognito/client-reader';
import { DescribedUserPool } from '../cognito/pool-settings';
import { KEY_BYTES } from '../ledger/constants';
import { ledgerAt } from '../ledger/directory-as-of';
import { earliestMoment } from '../ledger/earliest-moment';
import { LedgerHistory, LedgerReader } from '../ledger/ledger-store';
import { newestFirst } from '../ledger/newest-first';
import { SourceRow, UserRow, isWithin } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';
import {
  InvalidInput, isMoment, MOST_GROUPS, MOST_STATE_BYTES, MOST_SUBS, readExecutionInput, share, shortened, some, text,
} from '../runtime/execution-input.lambda-shared';
import { EpochMilliseconds } from '../runtime/flavor';
import * as z from '../runtime/zod.lambda-shared';
import { SwitchState } from '../state/switch';

/** What the state machine passes to the validating function. */
export interface RestoreEvent {
  /** Name of the execution. */
  readonly execution: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly input: unknown;
}

export type Validation = { readonly valid: true; readonly run: RestoreRun }
  /** `tooEarly`: a scheduled restore, for which nothing is copied yet. */
  | { readonly valid: false; readonly tooEarly?: true; readonly message: string };

export interface ValidationProps {
  readonly ledger: LedgerHistory;
  /** Empty without a standby pool. */
  readonly standbyUserPoolId: string;
  /** Every pool that a restore may write to. */
  readonly targetUserPoolIds: readonly string[];
  /** DescribeUserPool; undefined where there is no such pool. */
  readonly describeUserPool: (userPoolId: string) => Promise<DescribedUserPool | undefined>;
  readonly clientsOf: (userPoolId: string) => Pick<ClientReader, 'listClients' | 'writeAttributesOf'>;
  /** The moment that the standby is held at; undefined where it follows the ledger as it is. */
  readonly heldMoment: () => Promise<EpochMilliseconds | undefined>;
  /** How the switch of that pool stands; one that is no standby has none, and is closed. A restore never turns it. */
  readonly switchOf: (userPoolId: string) => Promise<SwitchState>;
}

/** Cognito's own limit. */
const GROUP_NAME_CHARACTERS = 128;
const READS_AT_ONCE = 16;

/** What ends the hold of a standby at a moment. */
const NOW = 'now';
const A_MOMENT = `want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z", or "${NOW}"`;
const SCHEMA = z.strictObject({
  targetUserPoolId: z.optional(text('the id of a user pool, such as "us-west-2_AbCdEfGhI"')),
  sourceUserPoolId: z.optional(text('the id of a user pool, such as "us-east-1_AbCdEfGhI"')),
  asOf: z.optional(z.string(A_MOMENT).check(z.refine(asOf => asOf === NOW || isMoment(asOf), A_MOMENT))),
  subs: z.optional(z.array(text('the sub of a user').check(z.refine(
    sub => isWithin(KEY_BYTES.SORT, sub), `want the sub of a user, of at most ${KEY_BYTES.SORT} bytes`,
  )), 'want a list of subs').check(
    z.minLength(1, 'want at least one sub'),
    z.maxLength(MOST_SUBS, `want at most ${MOST_SUBS} subs: more do not fit into an execution's state; `
      + 'start several restores one after the other, or name groups'),
  )),
  groups: z.optional(z.array(text('the name of a group').check(
    z.maxLength(GROUP_NAME_CHARACTERS, `want the name of a group, of at most ${GROUP_NAME_CHARACTERS} characters`),
  ), 'want a list of group names').check(
    z.minLength(1, 'want at least one group'),
    z.maxLength(MOST_GROUPS, `want at most ${MOST_GROUPS} groups`),
  )),
  restoreDeleted: z.optional(z.boolean('want true or false')),
  removeGiven: z.optional(z.boolean('want true or false')),
  scheduled: z.optional(z.boolean('want true or false')),
  dryRun: z._default(z.boolean('want true or false'), false),
  quotaShare: share(RESTORE_QUOTA_SHARE),
}, 'want a JSON object, such as {}');

/** Nothing is copied yet: what a clock asks for can wait for the next time. */
class TooEarly extends InvalidInput {}

/** Checks the input against its schema, the ledger and the target pool, and only reads. A mistake is said in one sentence that names the field. */
export async function validateRestore(event: RestoreEvent, props: ValidationProps): Promise<Validation> {
  try {
    return { valid: true, run: await runOf(event, props) };
  } catch (error) {
    if (error instanceof TooEarly) return { valid: false, tooEarly: true, message: error.message };
    if (error instanceof InvalidInput) return { valid: false, message: error.message };
    throw error;
  }
}

async function runOf(event: RestoreEvent, props: ValidationProps): Promise<RestoreRun> {
  const input = readExecutionInput(SCHEMA, event.input, 'a restore');
  if (input.subs && input.groups) throw new InvalidInput('groups: cannot be given together with subs; name either users or groups');
  const targetUserPoolId = targetOf(input.targetUserPoolId, props);
  if (input.removeGiven && targetUserPoolId !== props.standbyUserPoolId) {
    throw new InvalidInput(`removeGiven: a restore takes nothing away from ${targetUserPoolId}, only from the standby pool`
      + `${props.standbyUserPoolId ? ` ${props.standbyUserPoolId}` : ', which this stack has not'}; leave it out`);
  }
  const source = chosenSource(input, await props.ledger.sources());
  const sourceUserPoolId = source.poolId;
  const startedAt = Date.parse(event.startedAt);
  const moment = await momentOf(input, targetUserPoolId, source, startedAt, props);
  const ledger = ledgerAt(props.ledger, moment.asOf);
  const subs = input.subs && [...new Set(input.subs)];
  const groups = input.groups && [...new Set(input.groups)];
  const [of, deleted] = whenInWords(moment.asOf);
  if (subs) await checkSubs(ledger, sourceUserPoolId, subs, of, deleted);
  if (groups) await checkGroups(ledger, sourceUserPoolId, groups, of);
  const target = await checkTarget(props, ledger, sourceUserPoolId, targetUserPoolId);

  const run: RestoreRun = {
    execution: event.execution,
    startedAt,
    sourceUserPoolId,
    targetUserPoolId,
    ...moment,
    ...(subs ? { subs } : {}),
    ...(groups ? { groups } : {}),
    ...(input.restoreDeleted ? { restoreDeleted: true } : {}),
    ...(input.removeGiven || isLetGo(moment) || await takesBack(targetUserPoolId, props) ? { removeGiven: true } : {}),
    ...(await sourceSubProves(target, props.clientsOf(targetUserPoolId)) ? { sourceSubProves: true } : {}),
    ...(input.scheduled ? { scheduled: true } : {}),
    dryRun: input.dryRun,
    quotaShare: input.quotaShare,
  };
  if (Buffer.byteLength(JSON.stringify(run)) > MOST_STATE_BYTES) {
    throw new InvalidInput(`${subs ? 'subs' : 'groups'}: too long for an execution's state; start several restores one after the other`);
  }
  return run;
}

/** In a standby that takes users, what this library once gave there and the ledger no longer has goes, without being asked for. */
async function takesBack(targetUserPoolId: string, { standbyUserPoolId, switchOf }: ValidationProps): Promise<boolean> {
  return targetUserPoolId === standbyUserPoolId && (await switchOf(targetUserPoolId)).mode !== 'closed';
}

/** What the standby got while it was held may be less than it had before: now it is brought into line with the ledger whole. */
function isLetGo({ asOf, setsMoment }: Pick<RestoreRun, 'asOf' | 'setsMoment'>): boolean {
  return setsMoment === true && asOf === undefined;
}

/** When the ledger is read, and whether the standby is to be held there, or let go. A standby has one moment for all of its users. */
async function momentOf(
  { asOf: given, subs, groups, dryRun }: { readonly asOf?: string; readonly subs?: unknown; readonly groups?: unknown; readonly dryRun: boolean },
  targetUserPoolId: string, source: SourceRow, startedAt: EpochMilliseconds, { standbyUserPoolId, heldMoment }: ValidationProps,
): Promise<Pick<RestoreRun, 'asOf' | 'setsMoment'>> {
  const held = targetUserPoolId === standbyUserPoolId ? await heldMoment() : undefined;
  const asOf = given === undefined ? held : given === NOW ? undefined : Date.parse(given);
  if (asOf !== undefined) checkMoment(asOf, source, startedAt);
  if (targetUserPoolId !== standbyUserPoolId || given === undefined || asOf === held) return asOf === undefined ? {} : { asOf };
  if (!dryRun && (subs ?? groups) !== undefined) {
    const now = held === undefined ? 'follows the ledger as it is' : `is held at ${new Date(held).toISOString()}`;
    throw new InvalidInput(`asOf: the standby ${standbyUserPoolId} has one moment for all of its users, and ${now}; restore all of them, or `
      + 'leave asOf out');
  }
  return { ...(asOf === undefined ? {} : { asOf }), setsMoment: true };
}

function checkMoment(asOf: EpochMilliseconds, source: SourceRow, now: EpochMilliseconds): void {
  const at = new Date(asOf).toISOString();
  if (asOf > now) {
    throw new InvalidInput(`asOf: ${at} has not come yet; want a moment before the start of the restore, ${new Date(now).toISOString()}`);
  }
  const earliest = earliestMoment(source, now);
  if (earliest === undefined) {
    throw new InvalidInput(`asOf: the ledger cannot go back yet for ${source.poolId}; wait for the next complete sweep`);
  }
  if (asOf < earliest) {
    throw new InvalidInput(`asOf: the ledger goes back to ${new Date(earliest).toISOString()} for ${source.poolId}, not to ${at}; want that moment `
      + 'or a later one');
  }
}

/** What a sentence says of the moment, and of those who were deleted by then. */
function whenInWords(asOf: EpochMilliseconds | undefined): [string, string] {
  return asOf === undefined
    ? ['', 'a restore brings back the users of the last sweep, so leave deleted ones out']
    : [` at ${new Date(asOf).toISOString()}`, 'leave them out, or name a moment at which they were there'];
}

function targetOf(given: string | undefined, { standbyUserPoolId, targetUserPoolIds }: ValidationProps): string {
  const allowed = targetUserPoolIds.length > 0 ? targetUserPoolIds.join(', ') : 'none';
  if (given === undefined) {
    if (standbyUserPoolId) return standbyUserPoolId;
    throw new InvalidInput(`targetUserPoolId: not given, and this stack has no standby pool; pools that a restore may write to: ${allowed}`);
  }
  if (targetUserPoolIds.includes(given)) return given;
  throw new InvalidInput(`targetUserPoolId: a restore may not write to ${shortened(given)}; it may to: ${allowed}; add the pool to restoreTargets of `
    + 'CognitoDrReplica');
}

function chosenSource(
  { sourceUserPoolId: given, scheduled = false }: { readonly sourceUserPoolId?: string; readonly scheduled?: boolean }, sources: readonly SourceRow[],
): SourceRow {
  const known = sources.map(source => source.poolId).join(', ');
  const NothingCopied = scheduled ? TooEarly : InvalidInput;
  if (sources.length === 0) throw new NothingCopied('sourceUserPoolId: the ledger holds no user pool yet; wait for the first sweep');
  if (given !== undefined) {
    const named = sources.find(source => source.poolId === given);
    if (named) return named;
    throw new InvalidInput(`sourceUserPoolId: the ledger holds nothing of ${shortened(given)}; it holds: ${known}`);
  }
  const swept = newestFirst(sources).filter(source => source.sweptAt !== undefined);
  // The one swept last may be the empty pool that replaced the one whose users are wanted. A clock wants what the follower follows: that one.
  if (swept.length > 1 && !scheduled) {
    throw new InvalidInput('sourceUserPoolId: not given, and the ledger holds several pools; name the one whose users are wanted: '
      + `${swept.map(sourceInWords).join(', ')}`);
  }
  if (swept.length > 0) return swept[0];
  throw new NothingCopied('sourceUserPoolId: not given, and no sweep has completed yet, so that users are missing from the ledger; name the pool '
    + `to restore what is there: ${known}`);
}

function sourceInWords({ poolId, users, sweptAt }: SourceRow): string {
  return `${poolId} (${users ?? 'unknown number of'} users, swept ${new Date(sweptAt!).toISOString()})`;
}

async function checkSubs(
  ledger: LedgerReader, poolId: string, subs: readonly string[], when: string, wayOut: string,
): Promise<void> {
  const rows = new Map<string, UserRow | undefined>();
  await forEachConcurrently(subs, READS_AT_ONCE, async sub => { rows.set(sub, await ledger.user(poolId, sub)); });
  const unknown = subs.filter(sub => !rows.get(sub));
  if (unknown.length > 0) {
    throw new InvalidInput(`subs: the ledger has no user ${some(unknown)} of ${poolId}${when}; name users by the sub that they `
    + 'have in that pool');
  }
  const deleted = subs.filter(sub => rows.get(sub)!.deletedAt !== undefined);
  if (deleted.length > 0) {
    throw new InvalidInput(`subs: deleted in ${poolId}${when}: ${some(deleted)}; ${wayOut}`);
  }
}

async function checkGroups(ledger: LedgerReader, poolId: string, groups: readonly string[], when: string): Promise<void> {
  const live = new Set((await ledger.groups(poolId)).filter(group => group.deletedAt === undefined).map(group => group.name));
  const unknown = groups.filter(group => !live.has(group));
  if (unknown.length > 0) {
    throw new InvalidInput(`groups: the ledger has no group ${some(unknown.map(name => JSON.stringify(name)))} of `
    + `${poolId}${when}; names are case-sensitive`);
  }
}

async function checkTarget(
  { describeUserPool }: ValidationProps, ledger: LedgerReader, sourceUserPoolId: string, targetUserPoolId: string,
): Promise<DescribedUserPool> {
  const target = await describeUserPool(targetUserPoolId);
  if (!target) throw new InvalidInput(`targetUserPoolId: there is no user pool ${targetUserPoolId}; it was deleted, or belongs to another account`);
  const source = (await ledger.poolParts(sourceUserPoolId)).find(row => row.part === 'pool' && row.deletedAt === undefined);
  const wrong = source && mismatch(source.value as DescribedUserPool, target);
  if (wrong) throw new InvalidInput(`targetUserPoolId: ${targetUserPoolId} cannot take the users of ${sourceUserPoolId}: ${wrong}`);
  return target;
}
