import { GroupRow, HistoryKind, Item, UserRow, groupOfMembersPartition, idOfRow } from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';

/** How a change counts: `disabled` is a change too, and is told apart because nobody gets in any more. */
export type ChangeEffect = 'created' | 'changed' | 'disabled' | 'deleted';

/** What one write changed, by names alone: nothing that anybody has is in it. */
export interface DirectoryChange {
  readonly poolId: UserPoolId;
  readonly kind: 'user' | 'group' | 'membership';
  /** The user, or the member; absent for a group. */
  readonly sub?: SourceSub;
  /** The group; absent for a user. */
  readonly group?: string;
  readonly effect: ChangeEffect;
  /** Names of the attributes that differ, and of what else a user or a group has: see {@link FIELDS}. Empty for what came or went. */
  readonly changed: readonly string[];
}

/** What a row has besides attributes. None of them is the name of an attribute. */
export const FIELDS = {
  user: ['enabled', 'status', 'username', 'mfa'],
  group: ['description', 'precedence', 'roleArn'],
} as const;

const KINDS: Readonly<Partial<Record<HistoryKind, DirectoryChange['kind']>>> = { U: 'user', G: 'group', M: 'membership' };

/**
 * The difference between a row and the one that it replaced, as the table has both. Undefined where nothing differs that a reader of the directory
 * would see, such as a later look at the same user, and for items that are no row of a user, a group or a membership.
 */
export function directoryChangeOf(before: Item | undefined, after: Item | undefined): DirectoryChange | undefined {
  if (!after) return undefined;
  const { kind: letter, id } = idOfRow(after);
  const kind = KINDS[letter];
  if (!kind) return undefined;
  const poolId = after.pk.slice(0, after.pk.indexOf('#'));
  const about = {
    poolId,
    kind,
    ...(kind === 'group' ? {} : { sub: after.sk }),
    ...(kind === 'user' ? {} : { group: kind === 'group' ? id : groupOfMembersPartition(poolId, after.pk) }),
  };
  const [wasThere, isThere] = [before, after].map(item => item !== undefined && item.deletedAt === undefined);
  if (!isThere) return wasThere ? { ...about, effect: 'deleted', changed: [] } : undefined;
  if (!wasThere) return { ...about, effect: 'created', changed: [] };
  const changed = differences(kind, before!, after);
  if (changed.length === 0) return undefined;
  return { ...about, effect: changed.includes('enabled') && after.enabled === false ? 'disabled' : 'changed', changed };
}

function differences(kind: DirectoryChange['kind'], before: Item, after: Item): string[] {
  if (kind === 'membership') return [];
  if (kind === 'group') return FIELDS.group.filter(field => (before as Partial<GroupRow>)[field] !== (after as Partial<GroupRow>)[field]);
  const [one, other] = [before, after] as unknown as readonly UserRow[];
  const names = [...new Set([one, other].flatMap(({ attributes }) => Object.keys(attributes)))].sort();
  return [
    ...names.filter(name => one.attributes[name] !== other.attributes[name]),
    ...(['enabled', 'status', 'username'] as const).filter(field => one[field] !== other[field]),
    // When a preference was read is no change of it.
    ...(preferenceOf(one) === preferenceOf(other) ? [] : ['mfa']),
  ];
}

function preferenceOf({ mfa }: UserRow): string {
  return mfa ? JSON.stringify([mfa.preferred ?? null, [...mfa.enabled].sort()]) : '';
}

