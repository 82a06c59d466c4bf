import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');
const DIRECTORY = path.join(ROOT, 'schemas');

interface Schema {
  readonly $schema?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** A JSON schema of every document of the command line, made from the types of src/cli/documents.ts, by the document's name. */
export function schemasOfDocuments(): Map<string, object> {
  const generator = path.join(ROOT, 'node_modules', 'ts-json-schema-generator', 'bin', 'ts-json-schema-generator.js');
  // Fields are only ever added: whoever has an older schema takes a newer document.
  const options = ['--additional-properties', '--no-type-check', '--no-top-ref', '--type', 'Documents'];
  const made = execFileSync(process.execPath, [generator, ...options, '--tsconfig', 'tsconfig.dev.json', '--path', 'src/cli/documents.ts'], {
    cwd: ROOT, encoding: 'utf8', maxBuffer: 16 * 1_024 * 1_024,
  });
  const { $schema, properties = {}, definitions = {} } = JSON.parse(made) as Schema;
  return new Map(Object.entries(properties).map(([name, schema]) =>
    [name, { $schema, ...schema, definitions: neededBy(schema, definitions) }]));
}

/** The text of a schema's file. */
export function schemaText(schema: object): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The definitions that a schema refers to, and those that these do. */
function neededBy(schema: Schema, definitions: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const needed = new Set<string>();
  const follow = (part: object): void => {
    for (const [, reference] of JSON.stringify(part).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      const name = decodeURIComponent(reference);
      if (needed.has(name)) continue;
      needed.add(name);
      follow(definitions[name]);
    }
  };
  follow(schema);
  return Object.fromEntries([...needed].sort().map(name => [name, definitions[name]]));
}

if (require.main === module) {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [name, schema] of schemasOfDocuments()) writeFileSync(path.join(DIRECTORY, `${name}.json`), schemaText(schema));
}
