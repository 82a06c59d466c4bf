import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { SourceSub, UserPoolId } from '../../cognito/ids';
import { UserImage } from '../../cognito/user';
import { differingOf } from '../../drill/drill-keys';
import { EVIDENCE_PREFIX } from '../../drill/evidence/constants';
import { Item, Key } from '../../ledger/schema';
import { EpochMilliseconds } from '../../runtime/flavor';
import { Terminal } from '../terminal';

/** By what a trace of one person is known. */
export interface Person {
  /** Every `sub` that the library itself knows the person by, in either pool. */
  readonly subs: ReadonlySet<string>;
  /** Names and addresses that the person signs in by, or did; others may have them too. */
  readonly names: ReadonlySet<string>;
}

/** What becomes of an item: it is about the person, or about others as well and is kept without them. */
export type Trace = { readonly do: 'delete' } | { readonly do: 'edit'; readonly item: Item };

const SHARD = '(?:[0-9a-f]{2}|other)';
/** Partitions whose sort key is a `sub`: rows, memberships, what leads to a row, who came back, first `sub`s, links, outcomes, users of a drill. */
const OF_SUBS = new RegExp(`^(?:[^#]+#(?:[RFT]|[^#]+#S)#${SHARD}|[^#]+#[UMNI]#.+|(?:DELETE|RUN)#[^#]+|DRILL#[^#]+#FOUND)$`);
/** Partitions that are named after one, behind whatever a group is called. */
const NAMED_AFTER_SUB = /^[^#]+#H#(?:U#|M#.*#)([^#]+)$/;
/** Sort keys with a `sub` behind their kind: a line of a plan, a difference that a run found. */
const KIND_AND_SUB = /^(?:PLAN#[^#]+#U|RUN#[^#]+##different)#([^#]+)$/;
/** Users of a drill who differ. */
const OF_DIFFERING = /^DRILL#[^#]+#DIFFERING$/;
/** What leads from one `sub` of a person to another: who came back as whom, and links. */
const LEADS = new RegExp(`^(?:[^#]+#[RT]|[^#]+#[^#]+#S)#${SHARD}$`);
/** Links by the user of the target. */
const OF_TARGET = new RegExp(`^([^#]+)#T#${SHARD}$`);
/** Items about one person whose key may have another `sub` of theirs: links, from a pool of a drill as well, who came back, and first `sub`s. */
const OF_ONE_PERSON = /^[^#]+#(?:R|F|T)#/;
/** Fields of such an item that say whose it is; its image may mention others, such as somebody's manager. */
const SUB_FIELDS = ['targetSub', 'firstSub', 'replaces', 'replacedBy', 'isNow', 'sourceSub'];
/** The switch holds names of a rehearsal, as an operator typed them. */
const OF_NAMES = 'SWITCH#';

/** What is to be done with an item; undefined where it does not mention the person. It is deleted by its `sub` alone: a group may have any name. */
export function traceIn(item: Item, person: Person): Trace | undefined {
  const { pk, sk, ...fields } = item;
  if (isOfPerson(item, person)) return { do: 'delete' };
  const names = pk.startsWith(OF_NAMES) ? person.names : new Set<string>();
  // A group that is called as the person's sub is the pool's: without its name, its row could not be read any more.
  const isOfKey = (text: string) => sk === text || pk.endsWith(`#${text}`);
  const isMention = (text: string) => (mentionsSub(text, person.subs) || names.has(text)) && !isOfKey(text);
  return mentions(fields, isMention) ? { do: 'edit', item: { pk, sk, ...without(fields, isMention) as object } } : undefined;
}

function isOfPerson(item: Item, { subs }: Person): boolean {
  const ofKey = subInKey(item);
  if (ofKey !== undefined && subs.has(ofKey)) return true;
  if (!OF_ONE_PERSON.test(item.pk)) return false;
  const fields: Readonly<Record<string, unknown>> = { ...item, ...item.link as object | undefined };
  return SUB_FIELDS.some(name => subs.has(fields[name] as string));
}

/** The `sub` that the key says the item is about; undefined where it is about no user. */
function subInKey({ pk, sk }: Key): string | undefined {
  if (OF_DIFFERING.test(pk)) return differingOf(sk).sub;
  const [, behind] = NAMED_AFTER_SUB.exec(pk) ?? KIND_AND_SUB.exec(`${pk}#${sk}`) ?? [];
  return behind ?? (OF_SUBS.test(pk) && !sk.startsWith('#') ? sk : undefined);
}

/** Whether without the item nobody could tell what else is the person's: it goes last, so that a run that was stopped can be started again. */
export function leadsOn({ pk }: Key): boolean {
  return LEADS.test(pk);
}

/** A user of a pool whom the library made of the person, or took for them. */
export interface LinkedUser {
  readonly poolId: UserPoolId;
  readonly sub: string;
}

/** Every user whom a link of the person names, among items of the state table. */
export function linkedUsers(items: readonly Item[], { subs }: Person): LinkedUser[] {
  return items.flatMap(({ pk, sk, link }) => {
    const [, poolId] = OF_TARGET.exec(pk) ?? [];
    const { sourceSub = '' } = (link ?? {}) as { readonly sourceSub?: string };
    return poolId !== undefined && subs.has(sourceSub) ? [{ poolId, sub: sk }] : [];
  });
}

/** Whether a message is about the person: a dead letter may know them by their user name alone. */
export function isAboutPerson(body: string, { subs, names }: Person): boolean {
  return mentions(parsed(body), text => mentionsSub(text, subs) || names.has(text));
}

/** What becomes of a file that names who differed in a drill: it is without the person, or goes where it names nobody else. */
export type FileTrace = { readonly do: 'delete' } | { readonly do: 'edit'; readonly text: string };

/** What is to be done with such a file; undefined where it does not name the person. */
export function traceInFile(text: string, { subs }: Person): FileTrace | undefined {
  const isMention = (value: string) => mentionsSub(value, subs);
  if (!isMention(text)) return undefined;
  const file = parsed(text) as { readonly differing?: readonly object[] };
  const { differing = [] } = file;
  const others = differing.filter(one => !mentions(one, isMention));
  // What else such a file says is of the drill.
  if (others.length > 0 && others.length === differing.length) return undefined;
  return others.length === 0 ? { do: 'delete' } : { do: 'edit', text: `${JSON.stringify({ ...file, differing: others }, null, 2)}\n` };
}

/** Whatever is no JSON is text. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** Names and addresses in an image of the person. */
export function namesIn({ username, attributes }: Pick<UserImage, 'username' | 'attributes'>): string[] {
  const { email, phone_number: phone, preferred_username: preferred } = attributes;
  return [username, email, phone, preferred].filter((name): name is string => name !== undefined && name !== '');
}

function mentions(value: unknown, isMention: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isMention(value);
  if (value instanceof Set || Array.isArray(value)) return [...value as Iterable<unknown>].some(one => mentions(one, isMention));
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, one]) => isMention(name) || mentions(one, isMention));
}

/** The value without whatever mentions the person: elements of lists, and fields by their name or value. */
function without(value: unknown, isMention: (text: string) => boolean): unknown {
  const isKept = (one: unknown) => typeof one !== 'string' || !isMention(one);
  if (value instanceof Set) {
    const kept = [...value as Set<unknown>].filter(isKept);
    // DynamoDB has no empty set.
    return kept.length > 0 ? new Set(kept) : undefined;
  }
  if (Array.isArray(value)) return value.filter(isKept).map(one => without(one, isMention));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([name, one]) => !isMention(name) && isKept(one))
    .map(([name, one]) => [name, without(one, isMention)]));
}

/**
 * The update that makes one item of another, where nothing of what it touches was written since: an operator may have turned the switch meanwhile,
 * and what else the item holds stays as they left it.
 */
export function editOf(before: Item, after: Item): Omit<UpdateCommandInput, 'TableName' | 'Key'> {
  const [was, is] = [before, after] as unknown as Readonly<Record<string, unknown>>[];
  const touched = Object.keys(was).filter(name => !isDeepStrictEqual(was[name], is[name]));
  const [gone, set] = [touched.filter(name => is[name] === undefined), touched.filter(name => is[name] !== undefined)];
  const listed = (names: readonly string[], clause: (i: number) => string) => names.map(name => clause(touched.indexOf(name))).join(', ');
  const values = (of: Readonly<Record<string, unknown>>, prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map(name => [`:${prefix}${touched.indexOf(name)}`, of[name]]));
  return {
    UpdateExpression: [
      ...set.length > 0 ? [`SET ${listed(set, i => `#n${i} = :is${i}`)}`] : [], ...gone.length > 0 ? [`REMOVE ${listed(gone, i => `#n${i}`)}`] : [],
    ].join(' '),
    ConditionExpression: touched.map((_, i) => `#n${i} = :was${i}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(touched.map((name, i) => [`#n${i}`, name])),
    ExpressionAttributeValues: { ...values(was, 'was', touched), ...values(is, 'is', set) },
  };
}

/** Cognito does not promise that a `sub` is a UUID: a shorter one must not be found within another. */
function mentionsSub(text: string, subs: ReadonlySet<string>): boolean {
  for (const sub of subs) {
    // Every text has an empty one, everywhere.
    for (let at = sub === '' ? -1 : text.indexOf(sub); at >= 0; at = text.indexOf(sub, at + 1)) {
      if (!isInner(text[at - 1]) && !isInner(text[at + sub.length])) return true;
    }
  }
  return false;
}

function isInner(character: string | undefined): boolean {
  return character !== undefined && /[\w-]/.test(character);
}

export interface ForgottenTable {
  readonly table: string;
  readonly region: string;
  readonly deleted: number;
  readonly edited: number;
}

/** Of the bucket of the evidence: every version of the files that name who differed in a drill. */
export interface ForgottenEvidence {
  readonly bucket: string;
  /** Versions that named the person. */
  readonly deleted: number;
  /** Files that were written again without them, for the others whom they name. */
  readonly edited: number;
  /** Versions that S3 does not let go: a lock that the customer gave the bucket, or a permission that is missing. */
  readonly kept: number;
}

/** The document of `forget --plan-only --json`. */
export interface ForgetPlan {
  readonly schemaVersion: 1;
  readonly tables: readonly ForgottenTable[];
  readonly messages: number;
  /** Absent without drills. */
  readonly evidence?: ForgottenEvidence;
}

/** The document of `forget --json`, and the receipt: it names nobody, and proves of a `sub` that is known whom it is about. */
export interface Receipt {
  readonly schemaVersion: 1;
  readonly userPoolId: UserPoolId;
  /** ISO 8601 */
  readonly at: string;
  readonly salt: string;
  /** SHA-256 of the salt and the `sub`, in hexadecimal digits. */
  readonly hash: string;
  readonly tables: readonly ForgottenTable[];
  readonly messages: number;
  /** Absent without drills. */
  readonly evidence?: ForgottenEvidence;
  /** What is out of reach, and when it goes by itself. */
  readonly stays: readonly { readonly what: string; readonly until: string }[];
}

const DAY = 86_400_000;
/** Days that DynamoDB keeps any second of a table, hours of a stream, days of Step Functions after an execution's end. */
const RECOVERABLE_DAYS = 35;
const STREAM_DAYS = 1;
const HISTORY_DAYS = 90;

export interface Forgotten {
  readonly userPoolId: UserPoolId;
  readonly sub: SourceSub;
  readonly salt: string;
  readonly at: EpochMilliseconds;
  readonly historyDays?: number;
  readonly tables: readonly ForgottenTable[];
  readonly messages: number;
  readonly evidence?: ForgottenEvidence;
  /** Pools that a link of the user names, or that were replaced, and that could not be read. */
  readonly unread?: readonly UserPoolId[];
}

export function receiptOf(forgotten: Forgotten): Receipt {
  const { userPoolId, sub, salt, at, historyDays = RECOVERABLE_DAYS, tables, messages, evidence, unread = [] } = forgotten;
  const until = (days: number) => new Date(at + days * DAY).toISOString();
  return {
    schemaVersion: 1,
    userPoolId,
    at: new Date(at).toISOString(),
    salt,
    hash: hashOf(salt, sub),
    tables,
    messages,
    evidence,
    stays: [
      ...unread.map(pool => ({ what: `the user in the pool ${pool}, if still there: it could not be read`, until: 'somebody deletes them there' })),
      ...evidence ? staysInEvidence(evidence) : [],
      { what: 'backups of the tables by point-in-time recovery', until: until(RECOVERABLE_DAYS) },
      { what: 'streams of the tables', until: until(STREAM_DAYS) },
      { what: 'inputs of executions that named the user, in their history', until: until(HISTORY_DAYS) },
      { what: '30 bits of a hash of the sub, in counts of changes', until: until(historyDays) },
      { what: 'the sub in logs of the functions', until: 'the retention of the log groups ends' },
      { what: 'events of CloudTrail', until: 'whoever keeps the trail deletes them' },
      { what: 'files that were written with --out or by export, and backups of your own', until: 'somebody deletes them' },
    ],
  };
}

function staysInEvidence({ bucket, kept }: ForgottenEvidence): Receipt['stays'] {
  const files = `s3://${bucket}/${EVIDENCE_PREFIX.SUBS}`;
  return [
    ...kept > 0 ? [{ what: `versions that name the sub in ${files}: ${kept}`, until: 'a lock lets them go: forget again' }] : [],
    { what: 'reports of drills, which name nobody: counts, and digests of everybody together', until: 'they are kept for good' },
  ];
}

export function hashOf(salt: string, sub: string): string {
  return createHash('sha256').update(salt).update(sub).digest('hex');
}

export function showReceipt(terminal: Terminal, { tables, messages, evidence, stays, salt, hash }: Receipt): void {
  terminal.table(['table', 'Region', 'deleted', 'edited'], tables.map(({ table, region, deleted, edited }) => [table, region, deleted, edited]));
  terminal.line(`messages deleted: ${messages}`);
  if (evidence) terminal.line(`versions of files of drills deleted: ${evidence.deleted}, files written again without them: ${evidence.edited}`);
  terminal.line();
  terminal.table(['What stays', 'until'], stays.map(({ what, until }) => [what, until]));
  terminal.line();
  terminal.line(`receipt: SHA-256 of ${salt} and the sub is ${hash}`);
}
