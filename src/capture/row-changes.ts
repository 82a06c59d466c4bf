import { Before, Step, beginningOf, mergedBeginning } from './beginnings';
import { Aspect } from './hints/user-events';
import { Observation } from './observation';
import { SourceSub } from '../cognito/ids';
import { SignInSettings, lookUpNamesOf, signInNameOf } from '../cognito/sign-in-name';
import { GroupImage, MfaPreference, SourceUser } from '../cognito/user';
import { Beginning, MOST_LAG } from '../ledger/beginning';
import { formerNameItems } from '../ledger/former-names';
import { RowChange } from '../ledger/ledger-store';
import { linkedIdentityItems } from '../ledger/linked-identities';
import {
  Dated, GroupRow, HistoryKind, Item, MembershipRow, PoolPartRow, UserRow, digestOf, digestOfUser, historyKey, items, membershipId,
} from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/** A row as stored, deleted or not. */
interface Stored extends Dated {
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
}

/**
 * Milliseconds for which a tombstone is believed against an answer that shows the row: Cognito lags behind. After that the tombstone was wrong. A
 * `sub` never comes back, so for users this holds for any answer; a group or a membership may be created again, which a look-up of its own shows.
 */
export const GONE_FOR_SURE = MOST_LAG;

/**
 * Images that the history keeps of one row in an hour. 35 KB that are rewritten every second would become 100 GB in 35 days; with this they are
 * 0.6 GB at most. The image that a deletion buries is always kept.
 */
const MOST_IMAGES_AN_HOUR = 20;
const HOUR = 3_600_000;

/**
 * The write that makes the ledger agree with Cognito's answer about a user; undefined where it agrees already or knows better. `mfa` comes from
 * AdminGetUser. A listing does not show it, and then the known one stays.
 */
export function userChange(
  stored: UserRow | undefined, image: SourceUser & Pick<UserRow, 'firstSub'>, seen: Observation, settings: SignInSettings, mfa?: MfaPreference,
): RowChange | undefined {
  const digest = digestOfUser(image);
  if (stored && (isOlderImage(stored, image, seen) || isJustGone(stored, seen))) return undefined;
  // A preference that is read for the first time is no change.
  const isMfaNew = mfa !== undefined && stored?.mfa === undefined;
  const sameMfa = !mfa || isMfaNew || digestOf(stored!.mfa) === digestOf(mfa);
  // What was refused meanwhile was something else.
  const isSame = stored?.deletedAt === undefined && stored?.refusedAt === undefined && stored?.digest === digest && sameMfa;
  // A listing must not cost a write for each changed password, which only moves a date; a user looked up because of an event gets the new date.
  const isFirstSubNew = image.firstSub !== undefined && image.firstSub !== stored?.firstSub;
  if (isSame && !isMfaNew && !isFirstSubNew && (seen.isListing || image.modifiedAt === stored?.modifiedAt)) return undefined;
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
  if (isSame) return touched(items.user, stored!, row);
  const became = userBecame(stored, row, sameMfa);
  return withPointers(replace('U', image.sub, items.user, row, stored, seen, became), row, stored, seen);
}

/** What the images of a user before and after a write say of the time of the change. */
function userBecame(stored: UserRow | undefined, row: UserRow, sameMfa: boolean): Became {
  const is = { existence: true, enabled: row.enabled };
  const { identities, ...attributes } = row.attributes;
  // A `sub` never comes back: where there is a tombstone it was wrong, and the user has been there all the time.
  const isRevived = stored?.deletedAt !== undefined;
  if (!stored || (isRevived && stored.digest === row.digest)) {
    const changedAt = identities === undefined ? row.modifiedAt : undefined;
    return { differs: ['existence'], is, createdAt: row.createdAt, changedAt, began: stored?.lived, before: {} };
  }
  const { identities: identitiesBefore, ...attributesBefore } = stored.attributes;
  const differs: Aspect[] = [
    ...(stored.enabled === row.enabled ? [] : ['enabled'] as const),
    ...(stored.status === row.status ? [] : ['status'] as const),
    ...(digestOf(attributesBefore) === digestOf(attributes) ? [] : ['attributes'] as const),
    ...(identitiesBefore === identities ? [] : ['identities'] as const),
    ...(sameMfa ? [] : ['mfa'] as const),
  ];
  // To be linked with a provider, and to choose another MFA preference, moves no date.
  const isDated = row.modifiedAt !== stored.modifiedAt && !differs.includes('identities') && !differs.includes('mfa');
  const changedAt = isDated ? row.modifiedAt : undefined;
  return { differs, is, changedAt, before: isRevived ? { changedAt: stored.modifiedAt, began: stored.lived } : beforeOf(stored, stored.modifiedAt) };
}

/** With `touch` an unchanged row is written too, so that an answer read earlier comes too late. */
export function groupChange(stored: GroupRow | undefined, image: GroupImage, seen: Observation, touch = false): RowChange | undefined {
  if (stored && (isStale(stored, seen) || (seen.isListing && isJustGone(stored, seen)))) return undefined;
  const row: GroupRow = {
    name: image.name,
    description: image.description,
    precedence: image.precedence,
    roleArn: image.roleArn,
    createdAt: image.createdAt,
    modifiedAt: image.modifiedAt,
    poolId: seen.poolId,
    observedAt: seen.observedAt,
  };
  const isMadeAgain = image.createdAt !== undefined && stored?.createdAt !== undefined && image.createdAt !== stored.createdAt;
  const same = stored && stored.deletedAt === undefined && stored.refusedAt === undefined
    && stored.description === row.description && stored.precedence === row.precedence && stored.roleArn === row.roleArn;
  if (same && !isMadeAgain) return touch ? touched(items.group, stored, row) : undefined;
  // Before it was made again it was gone, which no look showed.
  const isCoalesced = isMadeAgain && stored?.deletedAt === undefined;
  const changedAt = image.modifiedAt === stored?.modifiedAt ? undefined : image.modifiedAt;
  // A sweep that compared everything and found no row for such a group was refused to write one.
  const isOlder = !stored && image.createdAt !== undefined && seen.comparedAt !== undefined && image.createdAt < seen.comparedAt;
  const before = isOlder ? {} : beforeOf(stored, stored?.modifiedAt);
  const became: Became = { differs: ['group'], is: { group: true }, changedAt, before, isCoalesced };
  return replace('G', image.name, items.group, row, stored, seen, became);
}

export function membershipChange(
  stored: MembershipRow | undefined, group: string, sub: SourceSub, seen: Observation, touch = false,
): RowChange | undefined {
  if (stored && (isStale(stored, seen) || (seen.isListing && isJustGone(stored, seen)))) return undefined;
  const row: MembershipRow = { poolId: seen.poolId, group, sub, observedAt: seen.observedAt };
  if (stored && stored.deletedAt === undefined) return touch ? touched(items.membership, stored, row) : undefined;
  const became: Became = { differs: ['membership'], is: { membership: true }, before: beforeOf(stored) };
  return replace('M', membershipId(group, sub), items.membership, row, stored, aboutGroup(seen, group), became);
}

export function poolPartChange(stored: PoolPartRow | undefined, part: string, value: unknown, seen: Observation): RowChange | undefined {
  if (stored && isStale(stored, seen)) return undefined;
  const digest = digestOf(value);
  if (stored && stored.deletedAt === undefined && stored.digest === digest) return undefined;
  const row: PoolPartRow = { poolId: seen.poolId, part, value, digest, observedAt: seen.observedAt };
  return replace('C', part, items.poolPart, row, stored, seen, { differs: [], is: {}, before: beforeOf(stored) });
}

/** Marks a row as gone. Until `expiresAt` it stays whole, so that it can be brought back. */
export const tombstone = {
  user: (stored: UserRow, seen: Observation) => {
    const became: Became = { differs: ['existence'], is: { existence: false }, before: beforeOf(stored, stored.modifiedAt) };
    const change = bury('U', stored.sub, stored, items.user, seen, became, { lived: stored.began });
    return change && withPointers(change, { ...stored, expiresAt: seen.expiresAt }, undefined, seen);
  },
  group: (stored: GroupRow, seen: Observation) =>
    bury('G', stored.name, stored, items.group, seen, { differs: ['group'], is: { group: false }, before: beforeOf(stored, stored.modifiedAt) }),
  membership: (stored: MembershipRow, seen: Observation) => {
    const became: Became = { differs: ['membership'], is: { membership: false }, before: beforeOf(stored) };
    return bury('M', membershipId(stored.group, stored.sub), stored, items.membership, aboutGroup(seen, stored.group), became);
  },
  poolPart: (stored: PoolPartRow, seen: Observation) =>
    bury('C', stored.part, stored, items.poolPart, seen, { differs: [], is: {}, before: beforeOf(stored) }),
};

function bury<R extends Stored>(
  kind: HistoryKind, id: string, stored: R, toItem: (row: R) => Item, seen: Observation, became: Became, kept?: Partial<R>,
): RowChange | undefined {
  if (isStale(stored, seen) || stored.deletedAt !== undefined) return undefined;
  const gone: R = { ...stored, ...kept, observedAt: seen.observedAt, deletedAt: seen.observedAt, expiresAt: seen.expiresAt };
  return replace(kind, id, toItem, gone, stored, seen, became);
}

/** Only the events that are about this group, or may be. */
function aboutGroup(seen: Observation, group: string): Observation {
  return seen.events ? { ...seen, events: seen.events.filter(event => event.group === undefined || event.group === group) } : seen;
}

/**
 * Has the row found by each identity that it is linked with, and by each name that its history has; what led to the replaced row, and leads to it no
 * more, expires with that history.
 */
function withPointers(change: RowChange, row: UserRow, stored: UserRow | undefined, seen: Observation): RowChange {
  const now = linkedIdentityItems(row);
  const before = stored ? linkedIdentityItems({ ...stored, expiresAt: seen.expiresAt }) : [];
  const formerNames = stored ? formerNameItems(stored, row, seen.expiresAt) : [];
  const pointers = [...now, ...before.filter(({ pk }) => !now.some(item => item.pk === pk)), ...formerNames];
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
 * win: for example after a change that was undone. It became what it is when it did before.
 */
function touched<R extends Stored>(toItem: (row: R) => Item, stored: R, row: R): RowChange {
  const { began = { since: stored.observedAt }, cause, replaces, kept } = stored;
  return { put: toItem({ ...row, began, cause, replaces, kept }), replacesObservedAt: stored.observedAt };
}

/** What a change of a row says of the time of the change. */
interface Became extends Omit<Step, 'seen'> {
  /** When it became so, where that is known already. */
  readonly began?: Beginning;
  /** Something else stood in between, which no look showed. */
  readonly isCoalesced?: boolean;
}

function replace<R extends Stored>(
  kind: HistoryKind, id: string, toItem: (row: R) => Item, row: R, stored: R | undefined, seen: Observation, became: Became,
): RowChange {
  const { began: found, cause } = beginningOf({ ...became, seen });
  const exact = became.began ?? found;
  const began: Beginning = became.isCoalesced ? { ...exact, coalesced: true } : exact;
  const { refusedAt: _refused, ...accepted } = row;
  const dated = (fields: Dated): Item => toItem({ ...accepted, cause, ...fields } as R);
  if (!stored) return { put: dated({ began }) };
  const hour = Math.floor(seen.observedAt / HOUR);
  const images = stored.kept?.hour === hour ? stored.kept.images : 0;
  const replacesObservedAt = stored.observedAt;
  if (images >= MOST_IMAGES_AN_HOUR && row.deletedAt === undefined) {
    const put = dated({ began: mergedBeginning(stored.began, began), replaces: stored.replaces, kept: stored.kept });
    return { put, replacesObservedAt, notKept: toItem(stored) };
  }
  return {
    put: dated({ began, replaces: historyKey(replacesObservedAt), kept: { hour, images: images + 1 } }),
    replacesObservedAt,
    history: items.history(seen.poolId, kind, id, toItem(stored), replacesObservedAt, { ended: began, cause, expiresAt: seen.expiresAt }),
  };
}

/** What the stored row says of the time before the change. `changedAt`: Cognito's own date of the row. */
function beforeOf(stored: Stored | undefined, changedAt?: EpochMilliseconds): Before {
  if (!stored) return { isCompared: true };
  const { observedAt, began, cause } = stored;
  // A sweep compared what was refused, and not the row.
  const isCompared = stored.refusedAt === undefined;
  return { observedAt, began, cause, isCompared, ...(stored.deletedAt === undefined ? { changedAt } : {}) };
}
