import { parseArgs } from 'util';
import { MUTATED_RULES } from './mutated-rules';

interface Result {
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly untested: number;
  readonly score: string;
}

async function main(): Promise<void> {
  const { values: { mutate, incremental } } = parseArgs({ options: { mutate: { type: 'string' }, incremental: { type: 'boolean' } } });
  // `<file>:<from>-<to>` is a part of a file.
  const parts = mutate?.split(',') ?? Object.keys(MUTATED_RULES);
  const results: Result[] = [];
  for (const part of parts) results.push(await measure(part, incremental));
  console.table(results);
}

async function measure(part: string, incremental = false): Promise<Result> {
  const [file] = part.split(':');
  if (!(file in MUTATED_RULES)) throw new Error(`${file} is not listed in scripts/mutated-rules.ts: add it there, with the tests that must notice its changes`);
  const { Stryker } = await import('@stryker-mutator/core');
  const name = `reports/mutation/${file.replaceAll('/', '-').replace(/\.ts$/, '')}`;
  const found = await new Stryker({
    configFile: 'scripts/stryker.config.json',
    mutate: [part],
    jest: { config: { testMatch: MUTATED_RULES[file].map(test => `<rootDir>/test/${test}.test.ts`) } },
    incremental,
    incrementalFile: `${name}.incremental.json`,
    jsonReporter: { fileName: `${name}.json` },
    htmlReporter: { fileName: `${name}.html` },
  }).runMutationTest();
  const count = (status: string) => found.filter(one => one.status === status).length;
  const [killed, timedOut, survived, untested] = ['Killed', 'Timeout', 'Survived', 'NoCoverage'].map(count);
  const mutants = killed + timedOut + survived + untested;
  return { file: part, mutants, killed, timedOut, survived, untested, score: `${(100 * (killed + timedOut) / mutants).toFixed(1)} %` };
}

void main();
