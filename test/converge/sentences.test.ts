import { REFUSALS } from '../../src/cognito/refusals';
import { sentenceOf } from '../../src/converge/sentences';
import { readReasonKey, Reason, reasonKey } from '../../src/state/outcome';

test.each(REFUSALS)('a refusal with %s says the operation, the error and what it means', error => {
  const sentence = sentenceOf({ code: 'refused', operation: 'AdminCreateUser', error });
  expect(sentence).toMatch(new RegExp(`^AdminCreateUser: ${error}: [a-z].{15,}`));
  expect(sentence).not.toContain('the target refuses the call');
});

test('a refusal that nobody knows has a sentence as well', () => {
  expect(sentenceOf({ code: 'refused', operation: 'AdminCreateUser', error: 'NewException' })).toBe('AdminCreateUser: NewException: the target refuses the call');
});

test.each<[Reason, string]>([
  [{ code: 'attributes-not-in-schema', attributes: ['custom:a', 'custom:b'] }, 'attributes that the target\'s schema lacks: custom:a, custom:b'],
  [{ code: 'deleted-in-target', since: '2026-01-01' }, 'deleted in the target since the user was last brought there, on 2026-01-01'],
  [{ code: 'not-in-groups', groups: 2 }, 'not in 2 of their groups'],
  [{ code: 'target-status', status: 'RESET_REQUIRED' }, 'status in the target is RESET_REQUIRED'],
  [{ code: 'unverified-address', attribute: 'email' }, 'email differs and is not verified: the target keeps its own, as unverified where the library gave it'],
])('%j', (reason, sentence) => {
  expect(sentenceOf(reason)).toBe(sentence);
  expect(readReasonKey(reasonKey(reason))).toEqual(reason);
});
