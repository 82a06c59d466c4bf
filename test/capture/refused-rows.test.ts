import { addRefusals, noRefusals, refusedInWords, unlessRowRefused } from '../../src/capture/refused-rows';
import { RowRefusedError } from '../../src/ledger/row-refused-error';
import { keys } from '../../src/ledger/schema';

const refusal = (group: string) => new RowRefusedError(keys.group('us-east-1_AbCdEfGhI', group));

describe('a write', () => {
  test.each([true, false])('that goes through answers whether a row was written, and counts nothing: %s', async written => {
    const rows = noRefusals();
    expect(await unlessRowRefused(rows, Promise.resolve(written))).toBe(written);
    expect(rows).toEqual({ refused: 0, refusedRows: [], unmarked: 0 });
  });

  test('that is refused for good is counted by the name of its row, and whether a reader of the past can be told', async () => {
    const rows = noRefusals();
    const known = Object.assign(refusal('b'), { isKnown: true });
    for (const error of [refusal('a'), known]) expect(await unlessRowRefused(rows, Promise.reject(error))).toBe(false);
    expect(rows).toEqual({ refused: 2, refusedRows: ['group a', 'group b'], unmarked: 1 });
  });

  test('that fails otherwise fails: another try may go through', async () => {
    const rows = noRefusals();
    await expect(unlessRowRefused(rows, Promise.reject(new Error('throttled')))).rejects.toThrow('throttled');
    expect(rows).toEqual(noRefusals());
  });
});

test('refusals of parts add up, and the first hundred are named', () => {
  const rows = { refused: 99, refusedRows: Array.from({ length: 99 }, (_, i) => `user ${i}`), unmarked: 2 };
  addRefusals(rows, { refused: 3, refusedRows: ['user a', 'user b', 'user c'], unmarked: 1 });
  addRefusals(rows, { refused: 1, refusedRows: ['user d'], unmarked: 0 });
  expect({ ...rows, refusedRows: rows.refusedRows.slice(98) }).toEqual({ refused: 103, refusedRows: ['user 98', 'user a'], unmarked: 3 });
});

test.each<[string[], number, string]>([
  [['user a'], 1, 'user a'],
  [['user a', 'user b', 'user c'], 3, 'user a, user b, user c'],
  [['user a', 'user b', 'user c', 'user d'], 4, 'user a, user b, user c and 1 more'],
  [['user a', 'user b', 'user c', 'user d'], 200, 'user a, user b, user c and 197 more'],
])('in words: %j of %d', (refusedRows, refused, words) => {
  expect(refusedInWords({ refused, refusedRows })).toBe(words);
});
