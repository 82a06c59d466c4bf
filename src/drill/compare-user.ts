import { DifferenceCode } from './evidence/drill-facts';
import { ComparedUser } from './set-digest';
import { Attributes, flagOf, isAddress, isFlag, isSameValue, isTrue } from '../cognito/attribute-values';
import { isProviderGroup } from '../cognito/groups';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { maySignIn } from '../cognito/user-status';
import { UserRow } from '../ledger/schema';
import { Reason, ReasonCode } from '../state/outcome';

/** One difference of one user. Without a reason nothing explains it. */
export interface FoundDifference {
  readonly code: DifferenceCode;
  /** Name of an attribute; never a value. */
  readonly field?: string;
  readonly reason?: ReasonCode;
}

/** How many users have each difference, by the difference as JSON. */
export type DifferenceCounts = Readonly<Record<string, number>>;

/** Attributes that Cognito writes itself, or that only it can make again. */
const COGNITOS_OWN = ['sub', 'identities', CUSTOM_SOURCE_SUB];

/** The user as the ledger says they were, from the row itself and not from what a restore made of it. */
export function expectedUser(row: UserRow, groups: readonly string[], warnings: readonly Reason[] = []): ComparedUser {
  return {
    sub: row.sub,
    attributes: comparable(row.attributes),
    enabled: maySignIn(row),
    status: 'CONFIRMED',
    hasSecondFactor: warnings.some(losesSecondFactor),
    // Cognito makes a group for each of its own identity providers; the scratch pool has none.
    groups: groups.filter(name => !isProviderGroup(row.poolId, name)),
  };
}

export function foundUser(sub: ComparedUser['sub'], user: TargetUser, groups: readonly string[]): ComparedUser {
  // The scratch pool has no second factors.
  return { sub, attributes: comparable(user.attributes), enabled: user.enabled, status: user.status, groups, hasSecondFactor: false };
}

function losesSecondFactor({ code }: Reason): boolean {
  return code === 'mfa-refused' || code === 'mfa-withheld';
}

export interface BothSides {
  readonly row: UserRow;
  readonly expected: ComparedUser;
  readonly user: TargetUser;
  readonly found: ComparedUser;
  /** What the restore said that it could not keep. */
  readonly warnings?: readonly Reason[];
  /** Names of the groups of the scratch pool: who is missing in one of them is not missing because there is none. */
  readonly groups: ReadonlySet<string>;
}

/** How the user who was restored is not as the ledger has them. */
export function userDifferences({ row, expected, user, found, warnings = [], groups }: BothSides): FoundDifference[] {
  const attributes = [...new Set([...Object.keys(expected.attributes), ...Object.keys(found.attributes)])].sort()
    .filter(name => !isSameValue(name, expected.attributes[name], found.attributes[name]))
    .map(field => ({ code: 'attribute', field, ...because(warnings.find(warning => explains(warning, field))) } as const));
  const isMarked = user.attributes[CUSTOM_SOURCE_SUB] === undefined || user.attributes[CUSTOM_SOURCE_SUB] === firstSubOf(row);
  const lost = warnings.find(({ code }) => code === 'group-not-restored');
  return [
    ...attributes,
    ...isMarked ? [] : [{ code: 'attribute', field: CUSTOM_SOURCE_SUB } as const],
    ...expected.status === found.status ? [] : [{ code: 'status' } as const],
    ...expected.enabled === found.enabled ? [] : [{ code: 'enabled' } as const],
    ...expected.groups.filter(name => !found.groups.includes(name))
      .map(name => ({ code: 'membership-missing', ...because(groups.has(name) ? undefined : lost) } as const)),
    ...found.groups.filter(name => !expected.groups.includes(name)).map(() => ({ code: 'membership-not-expected' } as const)),
    ...warnings.filter(losesSecondFactor).slice(0, 1).map(({ code }) => ({ code: 'second-factor', reason: code } as const)),
  ];
}

export function countedDifference(counts: DifferenceCounts, { code, field, reason }: FoundDifference): DifferenceCounts {
  const key = JSON.stringify({ code, field, reason });
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}

function because(reason: Reason | undefined): { readonly reason?: ReasonCode } {
  return reason ? { reason: reason.code } : {};
}

function explains(warning: Reason, field: string): boolean {
  switch (warning.code) {
    case 'name-lost':
    case 'attribute-immutable':
    case 'verified-in-ledger-only':
    case 'unverified-address':
      return warning.attribute === field || (isAddress(warning.attribute) && flagOf(warning.attribute) === field);
    case 'attributes-left-out':
      return warning.attributes.includes(field);
    default:
      return false;
  }
}

/** An empty value is none, and a flag that is false may be absent. */
function comparable(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name, value]) =>
    value !== '' && !COGNITOS_OWN.includes(name) && !name.startsWith('cognito:') && (!isFlag(name) || isTrue(value))));
}
