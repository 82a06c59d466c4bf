import { FoundDifference } from './compare-user';
import { GroupImage } from '../cognito/user';

/** Groups that both sides are about: in a sample, only those that the restore had a reason to make. */
export interface ComparedGroups {
  readonly expected: readonly GroupImage[];
  readonly found: readonly GroupImage[];
  readonly differences: readonly FoundDifference[];
}

/** Groups by name, and their settings but for the role, which no group of a drill has. */
export function compareGroups(ledger: readonly GroupImage[], pool: readonly GroupImage[], needed: readonly string[] | 'all'): ComparedGroups {
  const [there, here] = [new Map(pool.map(group => [group.name, group])), new Map(ledger.map(group => [group.name, group]))];
  const expected = ledger.filter(({ name }) => needed === 'all' || needed.includes(name) || there.has(name));
  const differing = (group: GroupImage, field: 'description' | 'precedence') => (there.get(group.name)![field] ?? '') !== (group[field] ?? '');
  return {
    expected,
    found: pool,
    differences: [
      ...expected.filter(({ name }) => !there.has(name)).map(() => ({ code: 'group-missing' } as const)),
      ...pool.filter(({ name }) => !here.has(name)).map(() => ({ code: 'group-not-expected' } as const)),
      ...expected.filter(({ name }) => there.has(name)).flatMap(group => (['description', 'precedence'] as const)
        .filter(field => differing(group, field)).map(field => ({ code: 'group-setting', field } as const))),
    ],
  };
}
