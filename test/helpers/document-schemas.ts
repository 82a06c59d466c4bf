import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';

export const SCHEMAS = path.join(__dirname, '..', '..', 'schemas');

/** Whether a document of the command line is as its published schema says. */
export function schemaOf(name: string): ValidateFunction {
  return new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path.join(SCHEMAS, `${name}.json`), 'utf8')) as object);
}
