import { Masked } from './list';
import { isFlag } from '../../cognito/attribute-values';
import { FirstSub, SourceSub, TargetSub } from '../../cognito/ids';
import { Cause } from '../../ledger/beginning';
import { HistoryRow, UserRow, rows } from '../../ledger/schema';
import { CliError, EXIT } from '../cli-error';
import { inUtc, inUtcAndLocal } from '../moments';
import { Terminal } from '../terminal';

/** One user, as far as the ledger knows them. */
export interface CopiedUser {
  readonly row: UserRow;
  readonly groups: readonly string[];
  /** What was replaced, newest first. */
  readonly history: readonly HistoryRow[];
  /** The same person under each sub before, from which a recovery brought them back: the latest first. No row, where the copy has none any more. */
  readonly earlier: readonly { readonly sub: SourceSub; readonly row?: UserRow; readonly history: readonly HistoryRow[] }[];
  /** The sub that applications know. */
  readonly firstSub?: FirstSub;
  /** The next sub, of which the copy has no row yet. */
  readonly replacedBy?: SourceSub;
  readonly standby?: StandbyUser;
}

/** The user of the standby who stands for one of the source pool. `unread`: why that is not known. */
export interface StandbyUser {
  readonly sub?: TargetSub;
  readonly unread?: string;
}

export interface ShownImage {
  /** Latest moment by which it was so. */
  readonly since: string;
  /** The change happened after it; absent where that is not known. */
  readonly notBefore?: string;
  readonly event?: string;
  readonly principal?: string;
  /** The earlier sub, of an image from before the user was brought back. */
  readonly sub?: string;
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
  /** The sub from which a recovery brought the user back. */
  readonly replaces?: string;
  /** The sub of whoever came back in place of this user, where the copy has no row of them yet; otherwise they are shown. */
  readonly replacedBy?: string;
  /** The sub that applications know, where it is another one. */
  readonly firstSub?: string;
  /** The sub of the user who stands for them on the standby; absent where there is none, or where that is not known. */
  readonly standbySub?: string;
  /** Why the user of the standby is not known. */
  readonly standbyUnread?: string;
  /** Newest first, across the subs that the user has had. */
  readonly timeline: readonly ShownImage[];
}

export function shownUser({ row, groups, history, earlier, firstSub, replacedBy, standby }: CopiedUser, masked: Masked): ShownUser {
  const images = [{ row, history }, ...earlier].flatMap(one => [...one.row ? [one.row] : [], ...one.history.map(({ image }) => rows.user(image))]);
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
    replaces: earlier.at(0)?.sub,
    replacedBy,
    firstSub: firstSub === row.sub ? undefined : firstSub,
    standbySub: standby?.sub,
    standbyUnread: standby?.unread,
    timeline: images.map((image, i) => ({
      ...dateOf(image), ...causeOf(image.cause), ...image.sub === row.sub ? {} : { sub: image.sub }, changed: differences(image, images[i + 1]),
    })),
  };
}

/** One document is asked for, and several users are meant: somebody who was deleted, say, and signed up again. */
export function severalUsers(users: readonly CopiedUser[]): CliError {
  const list = users.map(({ row: { sub, deletedAt } }) => `  ${sub}: ${deletedAt === undefined ? 'is there' : `deleted ${iso(deletedAt)}`}`);
  return new CliError(EXIT.USAGE, 'several-users',
    `--json: ${users.length} users have, or had, that address or name; give the sub of one of them, or --jsonl for all:\n${list.join('\n')}`);
}

export function showUser(terminal: Terminal, user: ShownUser): void {
  terminal.line(`${terminal.strong(user.sub)} ${user.deletedAt === undefined ? '' : terminal.bad(`deleted ${user.deletedAt}`)}`);
  terminal.table([], [
    ['user name', user.username],
    ...user.signInName === undefined ? [] : [['signs in as', user.signInName]],
    ['status', `${user.status}${user.enabled ? '' : ', disabled'}`],
    ['groups', user.groups.join(', ') || 'none'],
    ...user.replaces === undefined ? [] : [['brought back from', user.replaces]],
    ...user.replacedBy === undefined ? [] : [['came back as', `${user.replacedBy}, of whom the copy has no row yet`]],
    ...user.firstSub === undefined ? [] : [['first sub', user.firstSub]],
    ['user of the standby', user.standbySub ?? (user.standbyUnread === undefined ? 'none' : `not known: ${user.standbyUnread}`)],
    ...Object.entries(user.attributes),
  ]);
  terminal.line();
  terminal.table(['since', 'by', 'changed'], user.timeline.map(({ since, event, principal, changed, sub }) => [
    inUtcAndLocal(Date.parse(since)), [event, principal].filter(Boolean).join(' by ') || 'unknown',
    `${changed.join(', ')}${sub === undefined ? '' : ` (as ${sub})`}`,
  ]));
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
