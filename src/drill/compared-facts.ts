import { ComparedGroups } from './compare-groups';
import { countedDifference, FoundDifference } from './compare-user';
import { Comparing, DrillCheckpoint } from './drill-checkpoint';
import { DrillFacts, DrillOutcome } from './evidence/drill-facts';
import { endOfDigest } from './set-digest';
import { countOf, Tally } from '../restore/restore-run';
import { OUTCOMES, ReasonCode, readReasonKey } from '../state/outcome';

type ComparedFacts = Pick<DrillFacts, 'scope' | 'counts' | 'comparison' | 'knownLosses'>;

/** What the report says of the comparison: counts and codes, no user. */
export function comparedFacts({ order, chosen }: DrillCheckpoint, compared: Comparing, groups: ComparedGroups): ComparedFacts {
  const { counts } = compared;
  const { users } = counts;
  // The last sweep's count is of another moment: there were at least as many as were looked at.
  const population = Math.max(chosen!.population, users);
  return {
    scope: order.users === 'everybody'
      ? { of: 'everybody', population: users, users }
      : { of: 'sample', population, users, seed: order.seed },
    counts: { in: users, out: outcomesOf(counts) },
    comparison: {
      expected: endOfDigest(compared.expected, groups.expected),
      found: endOfDigest(compared.found, groups.found),
      differences: Object.entries(groups.differences.reduce(countedDifference, compared.differences))
        .map(([key, count]) => ({ ...JSON.parse(key) as FoundDifference, count })),
    },
    knownLosses: lossesOf(counts),
  };
}

/** Users of whom the ledger is not certain what they were at the moment, those among them whom it does not bring back. */
export function uncertainUsers({ warnings, outcomes }: Tally): number {
  return countOfCode(warnings, 'moment-uncertain') + countOfCode(outcomes.failed ?? {}, 'moment-unknown');
}

function outcomesOf({ outcomes }: Tally): DrillOutcome[] {
  return OUTCOMES.flatMap(outcome => Object.entries(outcomes[outcome] ?? {})
    .map(([key, users]) => ({ outcome, ...key === '' ? {} : { reason: readReasonKey(key).code }, users })));
}

/** What a restore never brings back. Which devices a user has, no copy knows: everybody may have had some. */
function lossesOf(counts: Tally): NonNullable<DrillFacts['knownLosses']> {
  const everybody = countOf(counts, 'restored');
  return [
    { code: 'passwords', users: everybody },
    { code: 'subs', users: everybody },
    { code: 'totp', users: countOfCode(counts.warnings, 'totp-lost') },
    { code: 'passkeys', users: countOfCode(counts.warnings, 'passkeys-lost') },
    { code: 'devices', users: everybody },
  ];
}

function countOfCode(counts: Readonly<Record<string, number>>, code: ReasonCode): number {
  return Object.entries(counts).reduce((sum, [key, users]) => sum + (key !== '' && readReasonKey(key).code === code ? users : 0), 0);
}
