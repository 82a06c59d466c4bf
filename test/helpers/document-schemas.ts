import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';

export const SCHEMAS = path.join(__dirname, '..', '..', 'schemas');

/** Whether a document is as its published schema says. */
export function schemaOf(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(path.join(SCHEMAS, `${name}.json`), 'utf8')) as { readonly $schema: string };
  // Types are written down in one draft, what zod reads in another. A moment has a pattern beside its format.
  const Draft = schema.$schema.includes('2020-12') ? Ajv2020 : Ajv;
  return new Draft({ strict: false, validateFormats: false }).compile(schema);
}
