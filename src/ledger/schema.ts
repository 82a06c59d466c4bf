import { createHash } from 'crypto';
import { Beginning, Cause } from './beginning';
import { KEY_BYTES, LOOK_UP_INDEXES } from './constants';
import { FirstSub, SourceSub, UserPoolId } from '../cognito/ids';
import { LookUpKind, LookUpNames } from '../cognito/sign-in-name';
import { GroupImage, MfaPreference, SourceUser, UserImage } from '../cognito/user';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';
import { PublicError } from '../runtime/public-error';

/**
 * The one codec of the ledger: keys, items and digests. Every handler of both Regions reads and writes through it.
 *
 * An item of a newer version than this code knows is refused rather than guessed at.
 */
export const SCHEMA_VERSION = 1;

/** Lower-case hexadecimal digits at the start of a `sub`, as long as it is a UUID as today: a sweep lists by this many at most. */
export const SUB_PREFIX_DIGITS = 8;

/** Shard of the users with any other `sub`: Cognito does not promise that it is a UUID. */
export const OTHER_SHARD = 'other';

/** Every shard of a pool's users: the 256 prefixes of `sub` with two digits, and the one for all others. */
export const SHARDS: readonly string[] = [
  ...Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0')),
  OTHER_SHARD,
];

export function shardOf(sub: string): string {
  return isHexadecimal(sub.slice(0, SUB_PREFIX_DIGITS), SUB_PREFIX_DIGITS) ? sub.slice(0, 2) : OTHER_SHARD;
}

function isHexadecimal(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text);
}

/** When a row became what it is, what made it so, and what it replaced. Rows of earlier releases have none of it. */
export interface Dated {
  /** Absent: some time up to `observedAt`. */
  readonly began?: Beginning;
  readonly cause?: Cause;
  /** Sort key of the history item with the replaced image. A transaction is replicated item by item: a reader notices one that is missing. */
  readonly replaces?: string;
  /** A newer image was refused by DynamoDB: from then on it is not known what the row should be. Milliseconds since the epoch. */
  readonly refusedAt?: EpochMilliseconds;
  /** How many images of the row the history keeps from that hour, which is counted from the epoch: beyond some they are left out. */
  readonly kept?: { readonly hour: number; readonly images: number };
}

/** A user's row: the last image, when it was read, and whether the user is gone. */
export interface UserRow extends SourceUser, Dated {
  readonly poolId: UserPoolId;
  readonly digest: string;
  /** The moment the read from Cognito started, milliseconds since the epoch. Orders the writes. */
  readonly observedAt: EpochMilliseconds;
  readonly mfa?: MfaPreference;
  /** The name the user signs in by, as AdminCreateUser wants it: the alias where the pool generates user names. */
  readonly signInName?: string;
  /** The names that the user may sign in by, as they are looked up. */
  readonly lookUp?: LookUpNames;
  /** The `sub` that applications know, of somebody whom a recovery brought back into the pool under another one. */
  readonly firstSub?: FirstSub;
  /** When the buried image became what it is; only on tombstones. A `sub` never comes back: a row that revives was there all the time. */
  readonly lived?: Beginning;
  /** When the user was found to be gone. The row stays whole until `expiresAt`. */
  readonly deletedAt?: EpochMilliseconds;
  /** DynamoDB TTL, seconds since the epoch; only on tombstones. */
  readonly expiresAt?: EpochSeconds;
}

export interface GroupRow extends GroupImage, Dated {
  readonly poolId: UserPoolId;
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
  readonly expiresAt?: EpochSeconds;
}

export interface MembershipRow extends Dated {
  readonly poolId: UserPoolId;
  readonly group: string;
  readonly sub: SourceSub;
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
  readonly expiresAt?: EpochSeconds;
}

/** A part of the pool's configuration, as last described. */
export interface PoolPartRow extends Dated {
  readonly poolId: UserPoolId;
  /** `pool`, `mfa`, `client#<id>`, `identity-provider#<name>`, `resource-server#<identifier>`. */
  readonly part: string;
  readonly value: unknown;
  readonly digest: string;
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
  readonly expiresAt?: EpochSeconds;
}

/** Which pool this ledger follows. A pool that a deploy replaced keeps its rows; the last one swept is the default source. */
export interface SourceRow {
  readonly poolId: UserPoolId;
  /** When the last complete sweep started and ended, milliseconds since the epoch; absent until there was one. */
  readonly sweepStartedAt?: EpochMilliseconds;
  readonly sweptAt?: EpochMilliseconds;
  /** When the first complete sweep ended: of the time before it, nobody knows who was not there. Releases that do not know the past left it out. */
  readonly firstSweptAt?: EpochMilliseconds;
  /** When the last sweep started that compared every row: whatever it found unchanged was so then. */
  readonly comparedAt?: EpochMilliseconds;
  /** Days that replaced images are kept, those that they were kept before, and when that changed, as sweeps noted it. */
  readonly historyDays?: number;
  readonly historyDaysBefore?: number;
  readonly historyDaysSince?: EpochMilliseconds;
  /** Live users in the ledger after that sweep. */
  readonly users?: number;
  /** When CloudTrail last delivered an event about any pool, give or take a few minutes; milliseconds since the epoch. */
  readonly eventSeenAt?: EpochMilliseconds;
  /** The execution that sweeps the pool now, and until when it may believe that no other one does; milliseconds since the epoch. */
  readonly leaseOwner?: string;
  readonly leaseUntil?: EpochMilliseconds;
}

/** A sweep that came to its end. */
export interface SweepRow {
  readonly poolId: UserPoolId;
  readonly startedAt: EpochMilliseconds;
  readonly endedAt: EpochMilliseconds;
  /** Live users in the ledger after it. */
  readonly users: number;
  /** Rows that could not be copied. */
  readonly refused: number;
  /** Rows that it wrote: what no hint had brought. */
  readonly written: number;
  /** DynamoDB TTL, seconds since the epoch. */
  readonly expiresAt: EpochSeconds;
}

/** How an image ended: what is known of the beginning of the one that replaced it. */
export interface ImageEnd {
  /** Absent in items of earlier releases. */
  readonly ended?: Beginning;
  /** Of the image that replaced it. Earlier releases kept a text. */
  readonly cause: Cause | string;
  readonly expiresAt: EpochSeconds;
}

/** An image that was replaced. */
export interface HistoryRow extends ImageEnd {
  /** The item's sort key, by which the successor names it. */
  readonly key: string;
  /** For the codec of its kind. */
  readonly image: Item;
}

export type HistoryKind = 'U' | 'G' | 'M' | 'C';

/** A table item; everything beyond the keys belongs to the row's own codec. */
export type Item = Record<string, unknown> & { readonly pk: string; readonly sk: string };

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export const keys = {
  user: (poolId: UserPoolId, sub: SourceSub): Key => ({ pk: keys.userShard(poolId, shardOf(sub)), sk: sub }),
  /** Partition of the users of one shard, in the table and in the digest index. */
  userShard: (poolId: UserPoolId, shard: string): string => `${poolId}#U#${shard}`,
  group: (poolId: UserPoolId, name: string): Key => ({ pk: keys.groups(poolId), sk: name }),
  groups: (poolId: UserPoolId): string => `${poolId}#G`,
  membership: (poolId: UserPoolId, group: string, sub: SourceSub): Key => ({ pk: keys.membersOf(poolId, group), sk: sub }),
  membersOf: (poolId: UserPoolId, group: string): string => `${poolId}#M#${group}`,
  /** Partition of one user's groups in the membership index; its sort key is the group's partition of the table. */
  member: (poolId: UserPoolId, sub: SourceSub): string => `${poolId}#${sub}`,
  poolPart: (poolId: UserPoolId, part: string): Key => ({ pk: keys.poolParts(poolId), sk: part }),
  poolParts: (poolId: UserPoolId): string => `${poolId}#C`,
  /** A list that a sweep carries from one slice to the next, in chunks. */
  sweepList: (poolId: UserPoolId, list: string, chunk: number): Key =>
    ({ pk: keys.sweepLists(poolId), sk: `${list}#${String(chunk).padStart(6, '0')}` }),
  sweepLists: (poolId: UserPoolId): string => `${poolId}#S`,
  history: (poolId: UserPoolId, kind: HistoryKind, id: string, observedAt: EpochMilliseconds): Key => ({
    pk: keys.historyOf(poolId, kind, id),
    sk: new Date(observedAt).toISOString(),
  }),
  historyOf: (poolId: UserPoolId, kind: HistoryKind, id: string): string => `${poolId}#H#${kind}#${id}`,
  source: (poolId: UserPoolId): Key => ({ pk: keys.sources(), sk: poolId }),
  sources: (): string => 'SOURCE',
  /**
   * Partition of one name in the indexes of names. Cognito takes an address of 2,048 characters, which is too long for a key: such a name is found
   * by its fingerprint. No name can be chosen that has the key of another one, as no pool's id has a `%`.
   */
  signInName: (poolId: UserPoolId, name: string): string =>
    isWithin(KEY_BYTES.PARTITION, `${poolId}#${name}`) ? `${poolId}#${name}` : `${poolId}%${fingerprintOf(name)}`,
};

/** Partition of the sweeps of one pool that came to their end, by the moment when they started. */
export function sweepsPartition(poolId: UserPoolId): string {
  return `${poolId}#W`;
}

/** Sort key of the history item of an image that was observed at that moment. */
export function historyKey(observedAt: EpochMilliseconds): string {
  return keys.history('', 'U', '', observedAt).sk;
}

export function isWithin(bytes: number, text: string): boolean {
  return Buffer.byteLength(text) <= bytes;
}

/** All 256 bits: whoever chooses a text must not find another one with the same fingerprint. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What a row is about, from its key: the kind and the id that its history has. The id of a pool has no `#`. */
export function idOfRow({ pk, sk }: Key): { readonly kind: HistoryKind; readonly id: string } {
  const [, kind, ...of] = pk.split('#');
  return { kind: kind as HistoryKind, id: kind === 'M' ? membershipId(of.join('#'), sk) : sk };
}

/** One id for a membership, as its history has it. */
export function membershipId(group: string, sub: string): string {
  return `${group}#${sub}`;
}

/** The group of an item of the membership index. */
export function groupOfMembersPartition(poolId: UserPoolId, pk: string): string {
  return pk.slice(keys.membersOf(poolId, '').length);
}

/**
 * Fingerprint of what a listing shows of a user and what a copy has to reproduce. Dates are left out (a password change
 * moves `UserLastModifiedDate` and nothing that could be copied); so is MFA, which a listing does not show.
 */
export function digestOfUser(user: Pick<UserImage, 'username' | 'attributes' | 'enabled' | 'status'>): string {
  return digestOf([user.username, user.enabled, user.status, sortedEntries(user.attributes)]);
}

/** Fingerprint of any plain value; object keys may come in any order. */
export function digestOf(value: unknown): string {
  // 132 of the 256 bits: a chance of about 1e-25 of one collision among 40 million users, in 22 characters.
  return createHash('sha256').update(JSON.stringify(canonical(value))).digest('base64url').slice(0, 22);
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === 'object') return Object.fromEntries(sortedEntries(value).map(([k, v]) => [k, canonical(v)]));
  return value;
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

// ---- rows to items and back ------------------------------------------------------------------------------------------

/**
 * Items hold the row's own fields under their own names, plus the keys of the table and of its sparse indexes.
 * `undefined` fields are left out, so that a row equals itself after a round trip.
 */
export const items = {
  user: (row: UserRow): Item => toItem(keys.user(row.poolId, row.sub), {
    ...row,
    sub: undefined, // is the sort key
    shard: keys.userShard(row.poolId, shardOf(row.sub)),
    ...lookUpKeys(row),
  }),
  group: (row: GroupRow): Item => toItem(keys.group(row.poolId, row.name), { ...row }),
  membership: (row: MembershipRow): Item => toItem(keys.membership(row.poolId, row.group, row.sub), {
    ...row,
    sub: undefined,
    member: keys.member(row.poolId, row.sub),
  }),
  poolPart: (row: PoolPartRow): Item => toItem(keys.poolPart(row.poolId, row.part), { ...row }),
  source: (row: SourceRow): Item => toItem(keys.source(row.poolId), { ...row }),
  sweep: (row: SweepRow): Item => toItem({ pk: sweepsPartition(row.poolId), sk: new Date(row.startedAt).toISOString() }, { ...row }),
  /** The whole item that a newer one replaced, so that the row's codec reads it; kept until `expiresAt`, seconds since the epoch. */
  history: (
    poolId: UserPoolId, kind: HistoryKind, id: string, replaced: Item, replacedObservedAt: EpochMilliseconds, end: ImageEnd,
  ): Item =>
    toItem(keys.history(poolId, kind, id, replacedObservedAt), { image: replaced, ...end }),
};

export const rows = {
  user: (from: Item): UserRow => {
    const { pk: _pk, sk, v: _v, shard: _shard, ...fields } = checked(from);
    for (const { key } of Object.values(LOOK_UP_INDEXES)) delete fields[key];
    return { ...fields, sub: sk } as unknown as UserRow;
  },
  group: (from: Item): GroupRow => plain(from) as unknown as GroupRow,
  membership: (from: Item): MembershipRow => {
    const { member: _member, ...fields } = plain(from);
    return { ...fields, sub: from.sk } as unknown as MembershipRow;
  },
  poolPart: (from: Item): PoolPartRow => plain(from) as unknown as PoolPartRow,
  source: (from: Item): SourceRow => plain(from) as unknown as SourceRow,
  sweep: (from: Item): SweepRow => plain(from) as unknown as SweepRow,
  history: (from: Item): HistoryRow => ({ ...plain(from), key: from.sk }) as unknown as HistoryRow,
};

/** Whether the row itself has the name that an index found it by: the index is behind for a moment, and the name may be somebody else's by now. */
export function hasName({ signInName, lookUp = { name: signInName } }: UserRow, name: string, kind: LookUpKind = 'name'): boolean {
  return lookUp[kind] === name;
}

/** Keys of the sparse indexes of names. A user without look-up names is still found by the sign-in name. */
function lookUpKeys({ poolId, signInName, lookUp = { name: signInName } }: UserRow): Record<string, string> {
  const names = Object.entries(LOOK_UP_INDEXES).map(([kind, { key }]) => [key, lookUp[kind as LookUpKind]] as const);
  return Object.fromEntries(names.flatMap(([key, name]) => name ? [[key, keys.signInName(poolId, name)]] : []));
}

function toItem(key: Key, fields: object): Item {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), v: SCHEMA_VERSION, ...key };
}

function plain(from: Item): Record<string, unknown> {
  const { pk: _pk, sk: _sk, v: _v, ...fields } = checked(from);
  return fields;
}

function checked(from: Item): Item {
  if (typeof from.v !== 'number' || from.v > SCHEMA_VERSION) {
    const problem = `ledger item ${from.pk} has schema version ${String(from.v)}; this code reads up to ${SCHEMA_VERSION}`;
    throw new PublicError(`${problem}: deploy the newer release of cognito-dr-replica`);
  }
  return from;
}
