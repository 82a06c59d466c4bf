import { KnownScratch } from './drill-store';
import { DifferingUser } from './evidence/write-evidence';
import { SHARDS, Key } from '../ledger/schema';
import { stateKeys } from '../state/keys';

/** Keys of the items in the table of drills, besides those that every run keeps. */
export const drillKeys = {
  /** Which drill may run now, and when one last passed. */
  lock: (): Key => ({ pk: 'DRILL', sk: '#lock' }),
  run: (execution: string): Key => ({ pk: `DRILL#${execution}`, sk: '#run' }),
  sample: (execution: string): Key => ({ pk: `DRILL#${execution}`, sk: '#sample' }),
  /** Users that were found in the pool. */
  found: (execution: string): string => `DRILL#${execution}#FOUND`,
  /** Users who differ. */
  differing: (execution: string): string => `DRILL#${execution}#DIFFERING`,
  scratches: (): string => 'SCRATCH',
};

/** The key says all of a difference: whoever notes it again notes it once. */
export function differingKey(execution: string, { sub, code, field }: DifferingUser): Key {
  return { pk: drillKeys.differing(execution), sk: JSON.stringify([sub, code, ...field === undefined ? [] : [field]]) };
}

export function differingOf(sk: string): DifferingUser {
  const [sub, code, field] = JSON.parse(sk) as [string, DifferingUser['code'], string?];
  return { sub, code, ...field === undefined ? {} : { field } };
}

/** Every partition with something about the pool's users: their links, what became of them, and who has them. */
export function partitionsOf({ userPoolId, sourceUserPoolId, execution }: KnownScratch): string[] {
  return [
    ...SHARDS.flatMap(shard => [
      `${sourceUserPoolId}#${userPoolId}#S#${shard}`, `${userPoolId}#T#${shard}`, `${userPoolId}#F#${shard}`,
    ]),
    stateKeys.firstSub(userPoolId, 'x'.repeat(2_000)).pk,
    stateKeys.groupImages(sourceUserPoolId, userPoolId),
    stateKeys.lease(userPoolId).pk,
    stateKeys.runs(execution),
    drillKeys.found(execution),
    drillKeys.differing(execution),
  ];
}
