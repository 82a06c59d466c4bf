import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

test('the bundles that benches load are those of handlers that there are: nothing else runs a bench in the gate', () => {
  const named = readdirSync(__dirname).filter(file => file.endsWith('.bench.ts'))
    .flatMap(file => [...readFileSync(path.join(__dirname, file), 'utf8').matchAll(/assets\/(.+\.lambda)\/index\.js/g)].map(([, handler]) => handler));
  expect(named).not.toEqual([]);
  expect(named.filter(handler => !existsSync(path.join(ROOT, 'src', `${handler}.ts`)))).toEqual([]);
});
