import { BEHAVIOURS } from './behaviours/all';
import { COUNTED_POOL } from './drivers/counted-pool';
import { FAKE_POOL, FAKE_SOURCE_POOL, LIVING_POOL } from './drivers/in-memory';
import { holdToTheContract } from './hold';
import { sourceFault } from '../docs/sources';

describe('the contract', () => {
  test('every behaviour has an id of its own, one sentence and a source that there is', () => {
    const ids = BEHAVIOURS.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(BEHAVIOURS.filter(({ what }) => !/^[A-Za-z].*\.$/.test(what)).map(({ id }) => id)).toEqual([]);
    expect(BEHAVIOURS.flatMap(({ source }) => sourceFault(source) ?? [])).toEqual([]);
  });

  test('a fault of a source is found', () => {
    expect(sourceFault('README, Assumed: no-such-id')).toBe('the README assumes nothing that is called no-such-id');
    expect(sourceFault('somebody said so')).toBe('neither documentation of AWS nor an entry of the README: somebody said so');
    expect(sourceFault('https://example.com/cognito')).toMatch('neither');
  });
});

for (const driver of [FAKE_POOL, FAKE_SOURCE_POOL, LIVING_POOL, COUNTED_POOL]) holdToTheContract(() => driver, driver);
