import { Masked } from './list';
import { isFlag } from '../../cognito/attribute-values';
import { Cause } from '../../ledger/beginning';
import { HistoryRow, UserRow, rows } from '../../ledger/schema';
import { inUtc, inUtcAndLocal } from '../moments';
import { Terminal } from '../terminal';

/** One user, as far as the ledger knows them. */
export interface CopiedUser {
  readonly row: UserRow;
  readonly groups: readonly string[];
  /** What was replaced, newest first. */
  readonly history: readonly HistoryRow[];
}

export interface ShownImage {
  /** Latest moment by which it was so. */
  readonly since: string;
  /** The change happened after it; absent where that is not known. */
  readonly notBefore?: string;
  readonly event?: string;
  readonly principal?: string;
  /** What differs from the image before: names of attributes, `status`, `enabled`, `deleted`; everything for the first one. */
  readonly changed: readonly string[];
}

/** The document of `show --json`. */
export interface ShownUser {
  readonly schemaVersion: 1;
  readonly sub: string;
  readonly username: string;
  readonly signInName?: string;
  readonly status: string;
  readonly enabled: boolean;
  readonly deletedAt?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** Newest first. */
  readonly timeline: readonly ShownImage[];
}

export function shownUser({ row, groups, history }: CopiedUser, masked: Masked): ShownUser {
  const images = [row, ...history.map(({ image }) => rows.user(image))];
  return {
    schemaVersion: 1,
    sub: row.sub,
    username: masked(row.username),
    signInName: row.signInName === undefined ? undefined : masked(row.signInName),
    status: row.status,
    enabled: row.enabled,
    deletedAt: row.deletedAt === undefined ? undefined : iso(row.deletedAt),
    // Flags say nothing about a person that their neighbour could use.
    attributes: Object.fromEntries(Object.entries(row.attributes).map(([name, value]) => [name, isFlag(name) ? value : masked(value)])),
    groups,
    timeline: images.map((image, i) => ({ ...dateOf(image), ...causeOf(image.cause), changed: differences(image, images[i + 1]) })),
  };
}

export function showUser(terminal: Terminal, user: ShownUser): void {
  terminal.line(`${terminal.strong(user.sub)} ${user.deletedAt === undefined ? '' : terminal.bad(`deleted ${user.deletedAt}`)}`);
  terminal.table([], [
    ['user name', user.username],
    ...user.signInName === undefined ? [] : [['signs in as', user.signInName]],
    ['status', `${user.status}${user.enabled ? '' : ', disabled'}`],
    ['groups', user.groups.join(', ') || 'none'],
    ...Object.entries(user.attributes),
  ]);
  terminal.line();
  terminal.table(['since', 'by', 'changed'], user.timeline.map(({ since, event, principal, changed }) =>
    [inUtcAndLocal(Date.parse(since)), [event, principal].filter(Boolean).join(' by ') || 'unknown', changed.join(', ')]));
}

function dateOf({ began, observedAt }: UserRow): Pick<ShownImage, 'since' | 'notBefore'> {
  if (!began) return { since: iso(observedAt) };
  return { since: iso(began.since), ...began.notBefore === undefined ? {} : { notBefore: iso(began.notBefore) } };
}

function causeOf(cause: Cause | undefined): Pick<ShownImage, 'event' | 'principal'> {
  return cause ? { event: cause.event, ...cause.principal === undefined ? {} : { principal: cause.principal } } : {};
}

function differences(image: UserRow, before: UserRow | undefined): string[] {
  if (!before) return ['first image'];
  const names = [...new Set([...Object.keys(image.attributes), ...Object.keys(before.attributes)])].sort();
  return [
    ...names.filter(name => image.attributes[name] !== before.attributes[name]),
    ...(['status', 'enabled', 'username'] as const).filter(field => image[field] !== before[field]),
    ...(image.deletedAt === undefined) === (before.deletedAt === undefined) ? [] : [image.deletedAt === undefined ? 'came back' : 'deleted'],
  ];
}

function iso(moment: number): string {
  return moment === Infinity || moment === -Infinity ? inUtc(0) : new Date(moment).toISOString();
}
