import { compareGroups } from '../../src/drill/compare-groups';

const staff = { name: 'staff', description: 'all', precedence: 1 };
const empty = { name: 'empty' };

test('groups that are as the ledger has them do not differ; a role is none of a drill\'s', () => {
  expect(compareGroups([{ ...staff, roleArn: 'arn:aws:iam::111122223333:role/staff' }, empty], [staff, { ...empty, description: '' }], 'all'))
    .toMatchObject({ differences: [], expected: [{ name: 'staff' }, { name: 'empty' }], found: [{ name: 'staff' }, { name: 'empty' }] });
});

test('in a drill about everybody each group has to be there; in one about a sample, those of its users', () => {
  expect(compareGroups([staff, empty], [staff], 'all').differences).toEqual([{ code: 'group-missing' }]);
  expect(compareGroups([staff, empty], [staff], ['staff'])).toEqual({ expected: [staff], found: [staff], differences: [] });
  expect(compareGroups([staff, empty], [], ['staff']).differences).toEqual([{ code: 'group-missing' }]);
  // One that is there without need is compared all the same.
  expect(compareGroups([staff], [{ ...staff, precedence: 2 }], []).differences).toEqual([{ code: 'group-setting', field: 'precedence' }]);
});

test('a group too many, and each setting of a group, is a difference', () => {
  expect(compareGroups([staff], [staff, { name: 'stranger' }], 'all').differences).toEqual([{ code: 'group-not-expected' }]);
  expect(compareGroups([staff], [{ name: 'staff' }], 'all').differences)
    .toEqual([{ code: 'group-setting', field: 'description' }, { code: 'group-setting', field: 'precedence' }]);
});
