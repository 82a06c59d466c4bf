import { existsSync } from 'fs';
import { join } from 'path';
import { ROOT } from '../../scripts/generated-files';
import { MUTATED_RULES } from '../../scripts/mutated-rules';

test('every rule that `npm run mutate` changes is there, and so are the tests that must notice it', () => {
  const listed = Object.entries(MUTATED_RULES).flatMap(([rule, tests]) => [rule, ...tests.map(name => `test/${name}.test.ts`)]);
  expect(listed.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});
