import { countLost } from './run-demo';

test('what is lost is counted by user, not by what differs about them', () => {
  expect(countLost([])).toBe(0);
  expect(countLost(['user a-1: name is "x", expected "y"', 'user a-1: status is "x", expected "y"', 'user a-2 is missing', 'group admins is missing'])).toBe(3);
});
