import { ASSUMPTIONS } from './all';
import { assumptionIds, sourceFault } from '../../docs/sources';
import { SwitchName, SWITCHES } from '../../local-aws/gateway/switches';

test('every row has an id of its own', () => {
  const ids = ASSUMPTIONS.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

test('what a row takes from the list of assumptions is in it', () => {
  const sources = ASSUMPTIONS.map(({ source }) => source).filter(source => source.startsWith('docs/evidence.md, Assumed'));
  expect(sources.length).toBeGreaterThan(15);
  expect(sources.flatMap(source => sourceFault(source) ?? [])).toEqual([]);
});

/** Entries of the list that rows look at under another source: what AWS or public code says about the same thing. */
const SEEN_BY: Readonly<Record<string, string>> = {
  'listing-complete': 'contract.listing.pages',
  'cloudtrail-events': 'cloudtrail.SignUp',
  'mfa-required': 'admin.mfa-required',
};

test('every entry of the list has a row', () => {
  const rows = (id: string) => ASSUMPTIONS.filter(({ id: row, source }) => source === `docs/evidence.md, Assumed: ${id}` || (SEEN_BY[id] && row.startsWith(SEEN_BY[id])));
  expect(assumptionIds().size).toBeGreaterThan(14);
  expect([...assumptionIds()].filter(id => rows(id).length === 0)).toEqual([]);
});

/** Which row looks at what a switch of the local AWS stands for. A switch more does not compile. */
const ROWS_OF_SWITCHES: Readonly<Record<SwitchName, string>> = {
  signUpAfterMigration: 'migration.triggers',
  statusAfterForgotPassword: 'migration.status',
  nobody: 'migration.stranger',
  migratedName: 'migration.case',
  takenAlias: 'contract.aliases.update-is-refused',
  secondAddress: 'contract.creation.second-address',
  linkWithImmutable: 'admin.link-immutable',
  resetRequired: 'admin.reset-required',
  indexes: 'admin.index-lag',
};

test.each(Object.keys(SWITCHES) as SwitchName[])('what the switch %s stands for has a row', name => {
  expect(ASSUMPTIONS.map(({ id }) => id)).toContain(ROWS_OF_SWITCHES[name]);
});
