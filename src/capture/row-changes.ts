import { Observation } from './observation';
import { SourceSub } from '../cognito/ids';
import { SignInSettings, lookUpNamesOf, signInNameOf } from '../cognito/sign-in-name';
import { GroupImage, MfaPreference, SourceUser } from '../cognito/user';
import { RowChange } from '../ledger/ledger-store';
import { linkedIdentityItems } from '../ledger/linked-identities';
import { GroupRow, HistoryKind, Item, MembershipRow, PoolPartRow, UserRow, digestOf, digestOfUser, items, membershipId } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/** A row as stored, deleted or not. */
interface Stored {
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
}

/**
 * Milliseconds for which a tombstone is believed against an answer that shows the row: Cognito lags behind. After that the tombstone was wrong. A
 * `sub` never comes back, so for users this holds for any answer; a group or a membership may be created again, which a look-up of its own shows.
 */
export const GONE_FOR_SURE = 60_000;

/**
 * The write that makes the ledger agree with Cognito's answer about a user; undefined where it agrees already or knows better. `mfa` comes from
 * AdminGetUser. A listing does not show it, and then the known one stays.
 */
export function userChange(
  stored: UserRow | undefined, image: SourceUser, seen: Observation, settings: SignInSettings, mfa?: MfaPreference,
): RowChange | undefined {
  const digest = digestOfUser(image);
  if (stored && (isOlderImage(stored, image, seen) || isJustGone(stored, seen))) return undefined;
  const sameMfa = !mfa || (stored?.mfa !== undefined && digestOf(stored.mfa) === digestOf(mfa));
  const isSame = stored?.deletedAt === undefined && stored?.digest === digest && sameMfa;
  // A listing must not cost a write for each changed password, which only moves a date; a user looked up because of an event gets the new date.
  if (isSame && (seen.isListing || image.modifiedAt === stored?.modifiedAt)) return undefined;
  const row: UserRow = {
    ...image,
    poolId: seen.poolId,
    digest,
    // Always more than before: it tells the images of a row apart.
    observedAt: Math.max(seen.observedAt, (stored?.observedAt ?? 0) + 1),
    mfa: mfa ?? stored?.mfa,
    signInName: signInNameOf(settings, image),
    lookUp: lookUpNamesOf(settings, image),
  };
  if (isSame) return touched(stored!, items.user(row));
  return withPointers(replace('U', image.sub, items.user(row), stored && items.user(stored), stored, seen), row, stored, seen);
}

/** With `touch` an unchanged row is written too, so that an answer read earlier comes too late. */
export function groupChange(stored: GroupRow | undefined, image: GroupImage, seen: Observation, touch = false): RowChange | undefined {
  if (stored && (isStale(stored, seen) || (seen.isListing && isJustGone(stored, seen)))) return undefined;
  const row: GroupRow = {
    name: image.name,
    description: image.description,
    precedence: image.precedence,
    roleArn: image.roleArn,
    poolId: seen.poolId,
    observedAt: seen.observedAt,
  };
  const same = stored && stored.deletedAt === undefined
    && stored.description === row.description && stored.precedence === row.precedence && stored.roleArn === row.roleArn;
  if (same) return touch ? touched(stored, items.group(row)) : undefined;
  return replace('G', image.name, items.group(row), stored && items.group(stored), stored, seen);
}

export function membershipChange(
  stored: MembershipRow | undefined, group: string, sub: SourceSub, seen: Observation, touch = false,
): RowChange | undefined {
  if (stored && (isStale(stored, seen) || (seen.isListing && isJustGone(stored, seen)))) return undefined;
  const row: MembershipRow = { poolId: seen.poolId, group, sub, observedAt: seen.observedAt };
  if (stored && stored.deletedAt === undefined) return touch ? touched(stored, items.membership(row)) : undefined;
  return replace('M', membershipId(group, sub), items.membership(row), stored && items.membership(stored), stored, seen);
}

export function poolPartChange(stored: PoolPartRow | undefined, part: string, value: unknown, seen: Observation): RowChange | undefined {
  if (stored && isStale(stored, seen)) return undefined;
  const digest = digestOf(value);
  if (stored && stored.deletedAt === undefined && stored.digest === digest) return undefined;
  const row: PoolPartRow = { poolId: seen.poolId, part, value, digest, observedAt: seen.observedAt };
  return replace('C', part, items.poolPart(row), stored && items.poolPart(stored), stored, seen);
}

/** Marks a row as gone. Until `expiresAt` it stays whole, so that it can be brought back. */
export const tombstone = {
  user: (stored: UserRow, seen: Observation) => {
    const change = bury('U', stored.sub, stored, items.user, seen);
    return change && withPointers(change, { ...stored, expiresAt: seen.expiresAt }, undefined, seen);
  },
  group: (stored: GroupRow, seen: Observation) => bury('G', stored.name, stored, items.group, seen),
  membership: (stored: MembershipRow, seen: Observation) => bury('M', membershipId(stored.group, stored.sub), stored, items.membership, seen),
  poolPart: (stored: PoolPartRow, seen: Observation) => bury('C', stored.part, stored, items.poolPart, seen),
};

function bury<R extends Stored>(kind: HistoryKind, id: string, stored: R, toItem: (row: R) => Item, seen: Observation): RowChange | undefined {
  if (isStale(stored, seen) || stored.deletedAt !== undefined) return undefined;
  const gone: R = { ...stored, observedAt: seen.observedAt, deletedAt: seen.observedAt, expiresAt: seen.expiresAt };
  return replace(kind, id, toItem(gone), toItem(stored), stored, seen);
}

/** Has the row found by each identity that it is linked with; what led to the replaced row, and leads to it no more, expires with its history. */
function withPointers(change: RowChange, row: UserRow, stored: UserRow | undefined, seen: Observation): RowChange {
  const now = linkedIdentityItems(row);
  const before = stored ? linkedIdentityItems({ ...stored, expiresAt: seen.expiresAt }) : [];
  const pointers = [...now, ...before.filter(({ pk }) => !now.some(item => item.pk === pk))];
  return pointers.length > 0 ? { ...change, pointers } : change;
}

/** The row comes from a read of Cognito that began later than this one, so it is newer. */
function isStale(stored: Stored, seen: Observation): boolean {
  return stored.observedAt >= seen.observedAt;
}

/**
 * Between two images of a user, Cognito's own date decides. The moment of the reads decides only where the dates are equal or the user was found
 * gone.
 */
function isOlderImage(stored: UserRow, image: SourceUser, seen: Observation): boolean {
  if (stored.deletedAt === undefined && image.modifiedAt !== stored.modifiedAt) return image.modifiedAt < stored.modifiedAt;
  return isStale(stored, seen) || image.modifiedAt < stored.modifiedAt;
}

function isJustGone(stored: Stored, seen: Observation): boolean {
  return stored.deletedAt !== undefined && seen.observedAt - stored.deletedAt < GONE_FOR_SURE;
}

/**
 * The same row with the newer moment of its read. Otherwise an answer that was read earlier and arrives later would find an even older moment, and
 * win: for example after a change that was undone.
 */
function touched(stored: Stored, put: Item): RowChange {
  return { put, replacesObservedAt: stored.observedAt };
}

function replace(kind: HistoryKind, id: string, put: Item, replaced: Item | undefined, stored: Stored | undefined, seen: Observation): RowChange {
  if (!replaced || !stored) return { put };
  return {
    put,
    replacesObservedAt: stored.observedAt,
    history: items.history(seen.poolId, kind, id, replaced, stored.observedAt, seen.cause, seen.expiresAt),
  };
}
