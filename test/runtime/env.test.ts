import { json, readEnv } from '../../src/runtime/env.lambda-shared';
import * as z from '../../src/runtime/zod.lambda-shared';

const SCHEMA = z.object({
  TEST_NAME: z.string().check(z.minLength(1)),
  TEST_SHARE: z.coerce.number().check(z.positive(), z.maximum(1)),
  TEST_ROLES: json(z.record(z.string(), z.string())),
});
const GOOD: Record<string, string> = { TEST_NAME: 'n', TEST_SHARE: '0.5', TEST_ROLES: '{"a":"b"}' };

afterEach(() => {
  for (const name of Object.keys(GOOD)) delete process.env[name];
});

test('gives what the construct wrote, and nothing else of the environment', () => {
  Object.assign(process.env, GOOD);
  expect(readEnv(SCHEMA)).toEqual({ TEST_NAME: 'n', TEST_SHARE: 0.5, TEST_ROLES: { a: 'b' } });
});

test.each<[string, string | undefined, string]>([
  ['TEST_NAME', undefined, 'Invalid input: expected string, received undefined'],
  ['TEST_NAME', '', 'Too small: expected string to have >=1 characters'],
  ['TEST_SHARE', 'half', 'Invalid input: expected number, received NaN'],
  ['TEST_SHARE', '2', 'Too big: expected number to be <=1'],
  ['TEST_ROLES', '{', 'is not JSON'],
  ['TEST_ROLES', '[]', 'Invalid input: expected record, received array'],
])('%s=%s stops the function with the variable and what is wrong with it', (name, value, message) => {
  Object.assign(process.env, GOOD);
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  expect(() => readEnv(SCHEMA)).toThrow(new Error(`environment of the function: ✖ ${message}\n  → at ${name}`));
});
