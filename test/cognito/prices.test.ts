import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ACTIVE_USER_PRICES, activeUsersCost } from '../../src/cognito/prices';

const read = (file: string) => readFileSync(path.join(__dirname, '..', '..', file), 'utf8').replace(/\s+(?:\* )?/g, ' ');

test.each<[number, string | undefined, number, number]>([
  [1_000, undefined, 15, 0],
  [1_000_000, 'ESSENTIALS', 15_000, 14_850],
  [1_000_000, 'LITE', 5_500, 5_445],
  [1_000, 'PLUS', 20, 20],
  [0, undefined, 0, 0],
])('%d users on the plan %s', (users, plan, atMost, atLeast) => {
  expect(activeUsersCost(users, plan)).toEqual({ plan: plan ?? 'ESSENTIALS', users, atMost, atLeast });
});

test('the documents say the same prices', () => {
  const { usd, free } = ACTIVE_USER_PRICES.ESSENTIALS;
  const thousand = activeUsersCost(1_000).atMost;
  const million = activeUsersCost(1_000_000).atLeast.toLocaleString('en-US');
  for (const file of ['docs/cost.md', 'src/options.ts']) expect(read(file)).toContain(`${usd} USD on the plan Essentials`);
  for (const file of ['docs/cost.md', 'docs/rehearsals.md', 'src/options.ts']) expect(read(file)).toContain(`${million} USD`);
  for (const file of ['docs/cost.md', 'docs/rehearsals.md']) expect(read(file)).toContain(`at most ${thousand} USD`);
  expect(read('docs/cost.md')).toContain(`beyond the ${free.toLocaleString('en-US')} a month that are free`);
  expect(read('docs/standby.md')).toContain(`${activeUsersCost(1_000_000, 'LITE').atMost.toLocaleString('en-US')} USD (Lite, at ${ACTIVE_USER_PRICES.LITE.usd} each`);
});
