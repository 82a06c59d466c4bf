import { Incident } from '../../src/ledger/incident';
import { isGroupHeld, isMembershipHeld, openIncidents } from '../../src/standby/open-incidents';

const incident = (more: Partial<Incident>): Incident => ({
  poolId: 'us-east-1_Source',
  id: 'i',
  kind: 'users-gone',
  subject: 's',
  first: 100_000,
  last: 200_000,
  before: 99_999,
  raisedAt: 150_000,
  noticedAt: 250_000,
  counts: {},
  causes: [{ event: 'AdminDeleteUser', count: 60 }, { event: 'DeleteGroup', count: 1 }],
  limit: 50,
  poolUsers: 100,
  version: 1,
  expiresAt: 1,
  ...more,
});
const by = (event: string, at = 150_000) => ({ deletedAt: at, cause: { event, at } });
const goneUsers = incident({});
const goneGroup = incident({ id: 'g', kind: 'group-gone', group: 'admins' });
const changes = incident({ id: 'c', kind: 'attributes-changed', group: 'admins' });

test('an incident is open until somebody confirms it', () => {
  expect(openIncidents([goneUsers, goneGroup], {})).toEqual([goneUsers, goneGroup]);
  expect(openIncidents([goneUsers, goneGroup], { confirmedIncidents: ['g', 'another'] })).toEqual([goneUsers]);
});

test.each<[string, readonly Incident[], object, boolean]>([
  ['that it deleted', [goneUsers, goneGroup], { name: 'admins', ...by('DeleteGroup') }, true],
  ['of another name', [goneGroup], { name: 'staff', ...by('DeleteGroup') }, false],
  ['that was deleted before', [goneGroup], { name: 'admins', ...by('DeleteGroup', 50_000) }, false],
  ['that is there', [goneGroup], { name: 'admins' }, false],
  ['where users were deleted, and no group', [goneUsers], { name: 'admins', ...by('DeleteGroup') }, false],
  ['where attributes were changed', [changes], { name: 'admins', ...by('DeleteGroup') }, false],
  ['where nothing is open', [], { name: 'admins', ...by('DeleteGroup') }, false],
])('an open incident holds a group %s', (_which, incidents, row, isHeld) => {
  expect(isGroupHeld(incidents, { name: '', ...row })).toBe(isHeld);
});

test.each<[string, readonly Incident[], object, object, boolean]>([
  ['that went with its user', [goneUsers], by('AdminDeleteUser'), by('AdminDeleteUser'), true],
  ['that went with its group, of whoever is still there', [goneGroup], by('DeleteGroup'), {}, true],
  ['that went with its group, beside another incident', [goneUsers, goneGroup], by('DeleteGroup'), {}, true],
  ['that an administrator took away before the user was deleted', [goneUsers], by('AdminRemoveUserFromGroup'), by('AdminDeleteUser'), false],
  ['that was taken away long before', [goneUsers], by('AdminDeleteUser', 50_000), by('AdminDeleteUser'), false],
  ['of a user who was deleted otherwise', [goneUsers], by('AdminDeleteUser'), by('AdminDeleteUser', 50_000), false],
  ['of a user who is there', [goneUsers], by('AdminDeleteUser'), {}, false],
  ['in another group', [incident({ kind: 'group-gone', group: 'staff' })], by('DeleteGroup'), {}, false],
  ['that was taken away where the group was deleted later', [goneGroup], by('AdminRemoveUserFromGroup'), {}, false],
  ['where attributes were changed', [changes], by('DeleteGroup'), {}, false],
])('an open incident holds a membership %s', (_which, incidents, row, user, isHeld) => {
  expect(isMembershipHeld(incidents, { group: 'admins', ...row }, user)).toBe(isHeld);
});
