import * as fc from 'fast-check';
import { crowdedStretch, incidentLimit, IncidentSubject, incidentSubjectOf, subjectName, subjectsOf, WINDOW } from '../../../src/capture/incidents/incident-rules';
import { DirectoryChange } from '../../../src/ledger/directory-change';
import { isSampled, Mark, samplingOf } from '../../../src/ledger/timeline';

test.each([[0, 50], [4_999, 50], [5_000, 50], [5_100, 51], [5_199, 51], [1_000_000, 10_000]])('in a pool of %d users more than %d make an incident', (users, limit) => {
  expect(incidentLimit(users)).toBe(limit);
});

const ROLE = 'arn:aws:iam::111122223333:role/script';

describe('the name of a subject', () => {
  test.each<[IncidentSubject]>([
    [{ kind: 'users-gone' }],
    [{ kind: 'pool-replaced' }],
    [{ kind: 'group-gone', group: 'admins' }],
    [{ kind: 'group-gone', group: 'admins', isUnexplained: true }],
    [{ kind: 'attributes-changed', attribute: 'custom:team', principal: ROLE }],
    [{ kind: 'attributes-changed', attribute: 'name' }],
  ])('says what it is about, together with the causes beside it: %j', subject => {
    const causes = [{ event: 'sweep' }, { event: 'AdminDeleteUser', principal: `${ROLE}-other` }, { event: 'AdminUpdateUserAttributes', principal: ROLE }];
    expect(incidentSubjectOf(subjectName(subject), causes.map(cause => ({ ...cause, count: 1 })))).toEqual(subject);
  });

  test('is another one for each kind, group, attribute, principal and explanation; and short', () => {
    const names = [
      { kind: 'users-gone' }, { kind: 'pool-replaced' },
      { kind: 'group-gone', group: 'a' }, { kind: 'group-gone', group: 'b' }, { kind: 'group-gone', group: 'a', isUnexplained: true },
      ...[undefined, ROLE, `${ROLE}-other`].map(principal => ({ kind: 'attributes-changed', attribute: 'a', principal })),
    ].map(subject => subjectName(subject as IncidentSubject));
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map(name => name.length))).toBeLessThanOrEqual(9);
  });
});

describe('what a change counts for', () => {
  const user = (effect: DirectoryChange['effect'], ...changed: string[]): DirectoryChange => ({ poolId: 'p', kind: 'user', sub: 's', effect, changed });
  const member = (effect: DirectoryChange['effect']): DirectoryChange => ({ poolId: 'p', kind: 'membership', sub: 's', group: 'admins', effect, changed: [] });
  const group: DirectoryChange = { poolId: 'p', kind: 'group', group: 'admins', effect: 'deleted', changed: [] };

  test.each<[string, DirectoryChange, string, IncidentSubject[]]>([
    ['a deletion', user('deleted'), 'AdminDeleteUser', [{ kind: 'users-gone' }]],
    ['somebody disabled', user('disabled', 'enabled'), 'AdminDisableUser', [{ kind: 'users-gone' }]],
    ['a deletion that a sweep found', user('deleted'), 'sweep', [{ kind: 'users-gone' }]],
    ['a deletion by the users themselves', user('deleted'), 'DeleteUser', []],
    ['a deletion by a recovery', user('deleted'), 'recovery:run', []],
    ['a deletion that a trigger saw', user('deleted'), 'PostConfirmation_ConfirmSignUp', []],
    ['an event that is named like a method of objects', user('deleted'), 'toString', []],
    ['an answer to a challenge, whoever passes it on', user('changed', 'name'), 'AdminRespondToAuthChallenge', []],
    ['somebody who comes', user('created'), 'AdminCreateUser', []],
    [
      'attributes, each for itself, without those that are ignored', user('changed', 'name', 'custom:login', 'email'), 'AdminUpdateUserAttributes',
      ['name', 'email'].map(attribute => ({ kind: 'attributes-changed', attribute, principal: ROLE })),
    ],
    ['what is no attribute', user('changed', 'enabled', 'status', 'username', 'mfa'), 'AdminEnableUser', []],
    ['attributes that users change', user('changed', 'name'), 'UpdateUserAttributes', []],
    ['a membership that went with its group', member('deleted'), 'DeleteGroup', [{ kind: 'group-gone', group: 'admins' }]],
    ['a membership that a sweep found gone', member('deleted'), 'sweep', [{ kind: 'group-gone', group: 'admins', isUnexplained: true }]],
    ['a membership that was taken away', member('deleted'), 'AdminRemoveUserFromGroup', []],
    ['a membership that was given', member('created'), 'AdminAddUserToGroup', []],
    ['a membership that a sweep found', member('created'), 'sweep', []],
    ['a group itself', group, 'DeleteGroup', []],
    ['what a group has', { ...group, effect: 'changed', changed: ['description'] }, 'UpdateGroup', []],
  ])('%s', (_what, change, event, subjects) => {
    expect(subjectsOf(change, { event, principal: ROLE }, new Set(['custom:login']))).toEqual(subjects.map(subjectName));
  });
});

describe('a crowded stretch', () => {
  /** By the definition: every mark, and all marks of the ten minutes that end with it. */
  function slowly(marks: readonly Mark[], limit: number): { first: number; last: number } | undefined {
    const sampling = samplingOf(limit);
    const windows = marks.map(({ at }, i) => marks.slice(0, i + 1).filter(mark => at - mark.at <= WINDOW));
    const usersOf = (window: readonly Mark[]) => new Set(window.map(mark => mark.user).filter(user => isSampled(user, sampling)));
    const crowded = windows.filter(window => usersOf(window).size * sampling > limit);
    return crowded.length > 0 ? { first: crowded[0][0].at, last: crowded.at(-1)!.at(-1)!.at } : undefined;
  }

  test('is from the first to the last change of all windows that have more users than the limit', () => {
    const mark = fc.record({ at: fc.integer({ min: 0, max: 6 }).map(minutes => minutes * WINDOW / 2), user: fc.integer({ min: 0, max: 12 }) });
    const marks = fc.array(mark, { maxLength: 30 }).map(all => [...all].sort((a, b) => a.at - b.at));
    fc.assert(fc.property(marks, fc.constantFrom(1, 2, 3, 5), (all, limit) => {
      expect(crowdedStretch(all, limit)).toEqual(slowly(all, limit));
    }), { numRuns: 500 });
  });

  test('of very many users is found by the share of them that is marked', () => {
    const limit = 1_000;
    expect(samplingOf(limit)).toBe(2);
    const marks = (users: number) => Array.from({ length: users }, (_, user) => ({ at: user, user }));
    expect(crowdedStretch(marks(1_000), limit)).toBeUndefined();
    expect(crowdedStretch(marks(1_001), limit)).toEqual({ first: 0, last: 1_000 });
  });
});
