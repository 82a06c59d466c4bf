/**
 * Whether two cloud assemblies have equal templates, but for what a change of structure may change: asset hashes, descriptions, comments, and
 * outputs that are listed as renamed.
 *
 *   tsx scripts/compare-templates.ts <assembly before> <assembly after> [<old output>=<new output> ...]
 *
 * An assembly of the consumers' apps is made with `CDK_OUTDIR=<folder> tsx --tsconfig tsconfig.dev.json test/consumers/typescript/bin/auth.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

type Json = unknown;

/** Fields that people read and CloudFormation does not act on. */
const FOR_PEOPLE = ['Description', 'AlarmDescription', 'Comment'];

function templatesOf(assembly: string): Map<string, Json> {
  const names = readdirSync(assembly).filter(name => name.endsWith('.template.json')).sort();
  return new Map(names.map(name => [name, JSON.parse(readFileSync(path.join(assembly, name), 'utf8')) as Json]));
}

/** The template with what may differ put to one value. A definition of a state machine is JSON in a string, or in strings that are joined. */
function normalized(value: Json, key = ''): Json {
  if (typeof value === 'string') {
    if (FOR_PEOPLE.includes(key)) return '<for people>';
    return value
      .replace(/\b[0-9a-f]{64}\b/g, '<asset>')
      .replace(/"Comment":"(?:[^"\\]|\\.)*"/g, '"Comment":"<for people>"');
  }
  if (Array.isArray(value)) return value.map(each => normalized(each));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalized(inner, name)]));
  }
  return value;
}

function renamedOutputs(template: Json, renames: ReadonlyMap<string, string>): Json {
  const { Outputs: outputs = {}, ...rest } = template as { Outputs?: Record<string, Json> };
  return { ...rest, Outputs: Object.fromEntries(Object.entries(outputs).map(([name, output]) => [renames.get(name) ?? name, output])) };
}

/** Paths at which two values differ. */
function differences(before: Json, after: Json, at: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const isObject = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null;
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [`${at}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(name => differences(before[name], after[name], `${at}/${name}`));
}

/** Every difference that matters between the templates of two assemblies; `renames` are outputs, by their old names. */
export function templateDifferences(before: string, after: string, renames: ReadonlyMap<string, string>): string[] {
  const [old, now] = [templatesOf(before), templatesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap(name =>
    differences(normalized(renamedOutputs(old.get(name) ?? {}, renames)), normalized(now.get(name) ?? {}), name));
}

if (require.main === module) {
  const [before, after, ...pairs] = process.argv.slice(2);
  const renames = new Map(pairs.map(pair => pair.split('=') as [string, string]));
  const found = templateDifferences(before, after, renames);
  const count = templatesOf(after).size;
  console.log(found.length > 0 ? found.join('\n') : `${count} templates are equal but for asset hashes, descriptions, comments and ${renames.size} renamed outputs`);
  process.exitCode = found.length > 0 || count === 0 ? 1 : 0;
}
