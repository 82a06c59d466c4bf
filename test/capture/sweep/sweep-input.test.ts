import { readSweepInput } from '../../../src/capture/sweep/sweep-input.lambda-shared';

const TAKES = 'a sweep takes {} or {"allowDeletions": <number of users, groups or memberships that are really gone>}';

test.each<[unknown]>([[{}], [{ allowDeletions: 0 }], [{ allowDeletions: 7 }]])('%j is taken', given => {
  expect(readSweepInput(given)).toEqual(given);
});

test.each<[unknown, string]>([
  [null, 'input: Invalid input: expected object, received null'],
  [[], 'input: Invalid input: expected object, received array'],
  [{ allowDeletions: '7' }, 'allowDeletions: Invalid input: expected number, received string'],
  [{ allowDeletions: 1.5 }, 'allowDeletions: Invalid input: expected int, received number'],
  [{ allowDeletions: -1 }, 'allowDeletions: Too small: expected number to be >=0'],
  [{ allowDeletion: 7 }, 'allowDeletion: Unrecognized key: "allowDeletion"'],
])('%j is refused in a sentence that says what was expected', (given, message) => {
  expect(readSweepInput(given)).toEqual({ message: `${message}; ${TAKES}` });
});
