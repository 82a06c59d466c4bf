import { groupsNow, GroupViews } from '../../../src/standby/on-demand/groups-now';

const link = (groups: string[], more: Partial<NonNullable<GroupViews['link']>> = {}): GroupViews['link'] =>
  ({ image: { attributes: {}, enabled: true, groups }, ...more });

test.each<[string, GroupViews, string[]]>([
  ['what the source took away is gone, although it is still in the pool', { ledger: [], there: ['admins'], link: link(['admins']) }, []],
  ['what the source gave since is there, although it is not in the pool yet', { ledger: ['staff', 'admins'], there: ['staff'], link: link(['staff']) }, ['staff', 'admins']],
  ['what an administrator of the standby gave stays', { ledger: ['staff'], there: ['staff', 'helpers'], link: link(['staff']) }, ['staff', 'helpers']],
  ['what an administrator of the standby took away stays away', { ledger: ['staff', 'admins'], there: ['staff'], link: link(['staff', 'admins']) }, ['staff']],
  ['the group of an identity provider is Cognito\'s own', { ledger: [], there: ['us-west-2_Target_Corp'], link: link([]) }, ['us-west-2_Target_Corp']],
  ['before the library was done once, the ledger alone is right', { ledger: ['staff'], there: ['admins'] }, ['staff']],
  ['what it has not given yet was taken away by nobody', { ledger: ['staff', 'admins'], there: [], link: link(['staff', 'admins'], { finished: false }) }, ['staff', 'admins']],
  [
    'what a killed writer gave is no administrator\'s gift, when the source takes it away',
    { ledger: [], there: ['staff', 'admins'], link: link(['staff'], { giving: ['admins'] }) }, [],
  ],
  [
    'what a killed writer had no time to give is not taken away',
    { ledger: ['staff', 'admins'], there: ['staff'], link: link(['staff'], { giving: ['admins'] }) }, ['staff', 'admins'],
  ],
])('%s', (_what, views, groups) => {
  expect(groupsNow(views)).toEqual(groups);
});
