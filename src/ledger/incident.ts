import { Cause } from './beginning';
import { Item, Key, SCHEMA_VERSION, UserRow, fingerprintOf } from './schema';
import { CountedCause, TimelineCount } from './timeline';
import { UserPoolId } from '../cognito/ids';
import { EVENT_SOURCE } from '../runtime/event-source';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/**
 * - `users-gone`: very many users were deleted or disabled,
 * - `attributes-changed`: administrators' calls of one principal, or nobody known, changed the same attribute of very many,
 * - `group-gone`: a group with very many members was deleted,
 * - `pool-replaced`: the pool is another one than that whose users the ledger has, as after a deployment that made a new one.
 */
export type IncidentKind = 'users-gone' | 'attributes-changed' | 'group-gone' | 'pool-replaced';

/** So many changes in ten minutes that somebody should look. It names no user. */
export interface Incident {
  readonly poolId: UserPoolId;
  readonly id: string;
  readonly kind: IncidentKind;
  /** Incidents of one subject follow each other: it is what `kind` is about, such as the group. */
  readonly subject: string;
  readonly group?: string;
  /** Names of the attributes that very many users had changed. */
  readonly attributes?: readonly string[];
  readonly principal?: string;
  /** The pool that `poolId` replaced. */
  readonly replacedPoolId?: UserPoolId;
  /** The first and the last change, by the events' own time where there were events; milliseconds since the epoch. */
  readonly first: EpochMilliseconds;
  readonly last: EpochMilliseconds;
  /** The moment to go back to: right before the first change, however late it was noticed. */
  readonly before: EpochMilliseconds;
  readonly raisedAt: EpochMilliseconds;
  /** When the last change was noticed, by the clock of the library. */
  readonly noticedAt: EpochMilliseconds;
  readonly counts: IncidentCounts;
  /** Events, and whose credentials made the calls, with how many changes each made; the most first. */
  readonly causes: readonly IncidentCause[];
  /** More than this many make an incident, in a pool of `poolUsers`. */
  readonly limit: number;
  readonly poolUsers: number;
  /** A sweep found users missing and has not marked them as deleted: an operator decides. */
  readonly held?: true;
  /** Absent until the event of it was put on the bus. */
  readonly announcedAt?: EpochMilliseconds;
  /** Of this item; another writer may be a step ahead. */
  readonly version: number;
  readonly expiresAt: EpochSeconds;
}

export interface IncidentCounts {
  readonly deleted?: number;
  readonly disabled?: number;
  readonly changed?: number;
  readonly members?: number;
  /** Of a pool that was replaced. */
  readonly users?: number;
}

export interface IncidentCause extends CountedCause {
  readonly count: number;
}

/** Most causes that an incident names. */
export const MOST_INCIDENT_CAUSES = 20;

export const INCIDENT_EVENT = { SOURCE: EVENT_SOURCE, DETAIL_TYPE: 'Incident' } as const;

/** Causes that are no call of CloudTrail. */
export const CAUSE = { SWEEP: 'sweep', RECOVERY: 'recovery' } as const;

/** What a recovery's changes are called. The execution is not known of a run whose mark has expired. */
export function recoveryCause(execution: string | undefined): string {
  return execution === undefined ? CAUSE.RECOVERY : `${CAUSE.RECOVERY}:${execution}`;
}

export function isRecoveryCause(event: string): boolean {
  return event === CAUSE.RECOVERY || event.startsWith(`${CAUSE.RECOVERY}:`);
}

export function incidentPartition(poolId: UserPoolId): string {
  return `${poolId}#I`;
}

export function incidentKey(poolId: UserPoolId, id: string): Key {
  return { pk: incidentPartition(poolId), sk: id };
}

/** The newest incident of a subject: of two writers that find the same one, one makes it. No id begins like it. */
export function newestIncidentKey(poolId: UserPoolId, subject: string): Key {
  return { pk: incidentPartition(poolId), sk: `#newest#${fingerprintOf(subject)}` };
}

/** As a person can say it, and sorted by time: `20261102T103000Z-users-gone-x7Qa`. */
export function incidentId({ kind, subject, first }: Pick<Incident, 'kind' | 'subject' | 'first'>): string {
  const time = `${new Date(first).toISOString().replace(/[-:]/g, '').slice(0, '20261102T103000'.length)}Z`;
  return `${time}-${kind}-${fingerprintOf(subject).replace(/[-_]/g, '').slice(0, 4)}`;
}

/** What starts a recovery from it. A person who reads the item needs no other document. */
export function recoveryInput(
  { id, kind, counts, poolId, replacedPoolId }: Pick<Incident, 'id' | 'kind' | 'counts' | 'poolId' | 'replacedPoolId'>,
): Readonly<Record<string, unknown>> {
  // A restore of the replica Region: what was there before is in no other pool's past.
  if (kind === 'pool-replaced') return { sourceUserPoolId: replacedPoolId, targetUserPoolId: poolId, dryRun: true };
  const { deleted = 0, disabled = 0 } = counts;
  const isBoth = deleted > 0 && disabled > 0;
  return { before: id, kind: kind !== 'users-gone' || deleted === 0 ? 'revert' : isBoth ? 'restore' : 'undelete', dryRun: true };
}

export function incidentItem(incident: Incident): Item {
  const { id, subject, ...fields } = incident;
  const present = Object.entries({ ...fields, subject }).filter(([, value]) => value !== undefined);
  const readable = {
    firstChange: new Date(incident.first).toISOString(),
    lastChange: new Date(incident.last).toISOString(),
    goBackTo: new Date(incident.before).toISOString(),
    input: JSON.stringify(recoveryInput(incident)),
  };
  return { ...Object.fromEntries(present), ...readable, v: SCHEMA_VERSION, ...incidentKey(incident.poolId, id) };
}

/** Undefined for an item of the partition that is no incident. */
export function incidentOf(item: Item): Incident | undefined {
  if (item.sk.startsWith('#')) return undefined;
  const { pk: _pk, sk: id, v: _v, firstChange: _first, lastChange: _last, goBackTo: _before, input: _input, ...fields } = item;
  return { ...fields, id } as unknown as Incident;
}

/** What the event on the bus, and a report, say of it. */
export function incidentDetail(incident: Incident): Readonly<Record<string, unknown>> {
  const { poolId, id, kind, group, attributes, counts, causes, limit, poolUsers, held, replacedPoolId } = incident;
  return {
    userPoolId: poolId,
    id,
    kind,
    replacedPoolId,
    group,
    attributes,
    firstChange: new Date(incident.first).toISOString(),
    lastChange: new Date(incident.last).toISOString(),
    goBackTo: new Date(incident.before).toISOString(),
    counts,
    causes,
    limit,
    poolUsers,
    held: held ?? false,
    input: recoveryInput(incident),
  };
}

/** The counts of a timeline that are of an incident's kind. */
export function isOfIncident({ kind, effect, cause }: TimelineCount, incident: Pick<Incident, 'kind' | 'principal'>): boolean {
  switch (incident.kind) {
    case 'users-gone': return kind === 'user' && (effect === 'deleted' || effect === 'disabled');
    case 'attributes-changed': return kind === 'user' && effect === 'changed' && cause.principal === incident.principal;
    case 'group-gone': return kind === 'membership' && effect === 'deleted';
    case 'pool-replaced': return false;
  }
}

/**
 * Whether a row was deleted in the incident, or went along with it. Rows of earlier releases do not say by which event: then it counts when the
 * deletion was seen.
 */
export function isDeletionOf(
  incident: Incident, { deletedAt, cause }: { readonly deletedAt?: EpochMilliseconds; readonly cause?: Cause },
): boolean {
  if (deletedAt === undefined) return false;
  const knowsAll = incident.causes.length < MOST_INCIDENT_CAUSES;
  // What no event explains is attributed to nobody.
  const isCause = ({ event, principal }: IncidentCause) => event === cause!.event && (cause!.principal ?? principal) === principal;
  if (cause && knowsAll && !incident.causes.some(isCause)) return false;
  return cause?.at === undefined
    ? deletedAt >= incident.before && deletedAt <= incident.noticedAt
    // CloudTrail's times are whole seconds.
    : cause.at >= incident.first - 1_000 && cause.at <= incident.last + 1_000;
}

/** The incident that the user was deleted in, of those that are open. */
export function incidentOfUser(incidents: readonly Incident[], row: Pick<UserRow, 'deletedAt' | 'cause'>): Incident | undefined {
  return incidents.find(incident => incident.kind === 'users-gone' && isDeletionOf(incident, row));
}
