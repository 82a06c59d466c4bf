import { withoutName } from '../../src/converge/reversal-names';

test.each(['true', 'True'])('an address that is not the user\'s is not verified any more where the own one stays with somebody else, whatever letters its flag has: %s', flag => {
  const before = { email: 'theirs@example.com', email_verified: flag };
  const reversal = { set: { email: 'own@example.com', email_verified: 'true' }, unset: [], join: [], leave: [], before };
  expect(withoutName(reversal, 'email')).toMatchObject({ set: { email_verified: 'false' }, before: { email_verified: flag } });
});

test('nothing is left to write where the address was not verified', () => {
  const before = { email: 'theirs@example.com', email_verified: 'False' };
  const reversal = { set: { email: 'own@example.com', email_verified: 'true' }, unset: [], join: [], leave: [], before };
  expect(withoutName(reversal, 'email')).toBeUndefined();
});
