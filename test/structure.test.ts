import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { ESLint } from 'eslint';
import { LegacyESLint } from 'eslint/use-at-your-own-risk';
import {
  arrowsUp, circlesOf, closureOf, drawn, exportedNames, folderOf, importsByFile, importsByFolder, mermaidGraph, ownFunctions, sourcesOf,
} from './helpers/import-graph';

const ROOT = path.join(__dirname, '..');
const MOST_COLUMNS = 150;

const sources = sourcesOf(path.join(ROOT, 'src'));
const files = importsByFile(sources);
const folders = importsByFolder(files);

type Zone = { readonly target: string; readonly from: string; readonly except: string[] };
type Override = { readonly files: string[]; readonly rules: Record<string, [string, { readonly zones: Zone[] }]> };
const eslintrc = JSON.parse(readFileSync(path.join(ROOT, '.eslintrc.json'), 'utf8').replace(/^\/\/.*\n/, '')) as { readonly overrides: Override[] };

/** Lint of `src/` in a directory, with the rules that `.eslintrc.json` has for it alone: the others need types, which take long to compute. */
function lintOf(root: string): Pick<ESLint, 'lintFiles' | 'lintText'> {
  const config = { ...eslintrc, rules: {}, parser: require.resolve('@typescript-eslint/parser'), parserOptions: { ecmaVersion: 2022, sourceType: 'module' } };
  return new LegacyESLint({ cwd: root, resolvePluginsRelativeTo: ROOT, useEslintrc: false, baseConfig: config as object });
}

const said = (results: ESLint.LintResult[]) => results.flatMap(({ filePath, messages }) =>
  messages.map(({ ruleId, line }) => `${path.basename(filePath)}:${line}: ${ruleId}`));

/** The rules that a file of `src/` with this text would break. */
async function broken(file: string, text: string): Promise<string[]> {
  return said(await lintOf(ROOT).lintText(text, { filePath: path.join(ROOT, 'src', file) }));
}

/** The drawing in CONTRIBUTING, which says in which direction imports may go. */
const drawing = /```mermaid\n([\s\S]*?)```/.exec(readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8'))![1];
const allowed = mermaidGraph(drawing);
const order = [...allowed.keys()];

describe('imports of src', () => {
  test('go in the direction that CONTRIBUTING draws', () => {
    process.stdout.write(`imports of src/ by folder\n${drawn(folders, order)}`);
    expect([...folders.keys()].sort()).toEqual([...order].sort());
    expect(arrowsUp(files, allowed)).toEqual([]);
  });

  test('go in no circle, neither by folder nor by file', () => {
    expect(circlesOf(folders)).toEqual([]);
    expect(circlesOf(files)).toEqual([]);
  });

  test('use every arrow that is drawn', () => {
    const drawnArrows = [...allowed].flatMap(([from, to]) => to.map(each => `${from} --> ${each}`));
    expect(drawnArrows.length).toBeGreaterThan(8);
    expect(drawnArrows.filter(arrow => !folders.get(arrow.split(' --> ')[0])?.includes(arrow.split(' --> ')[1]))).toEqual([]);
  });

  test('of capture, restore, recovery and standby never lead to each other', () => {
    const closure = closureOf(allowed);
    const sides = ['capture', 'restore', 'recovery', 'standby'];
    for (const side of sides) expect(sides.filter(other => closure.get(side)!.has(other))).toEqual([]);
    expect(circlesOf(allowed)).toEqual([]);
    expect(closure.get('runtime')!.size).toBe(0);
  });

  test('are held by lint in the same direction', () => {
    const { zones } = eslintrc.overrides.flatMap(({ rules }) => rules['import/no-restricted-paths']?.[1] ?? [])[0];
    const linted = Object.fromEntries(zones.map(({ target, except }) => [path.basename(target), except.map(each => path.basename(each)).sort()]));
    const meant = Object.fromEntries([...closureOf(allowed)].filter(([folder]) => folder !== 'root')
      .map(([folder, reached]) => [folder, [folder, ...reached].sort()]));
    expect(linted).toEqual(meant);
    expect(zones.every(({ from }) => from === './src')).toBe(true);
  });

  test('that go up are refused by lint', async () => {
    expect(await broken('capture/constants.ts', 'import \'../options\';\nimport \'../ledger/schema\';\nimport \'../standby/constants\';'))
      .toEqual(['constants.ts:1: import/no-restricted-paths', 'constants.ts:3: import/no-restricted-paths']);
    expect(await broken('runtime/clock.ts', 'import \'../cdk/names\';')).toEqual(['clock.ts:1: import/no-restricted-paths']);
    expect(await broken('cdk/names.ts', 'import \'../runtime/clock\';')).toEqual([]);
  });

  test('that go in a circle are refused by lint', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'circle-'));
    try {
      mkdirSync(path.join(directory, 'src', 'ledger'), { recursive: true });
      for (const [file, next] of [['a', 'b'], ['b', 'c'], ['c', 'a']]) {
        writeFileSync(path.join(directory, 'src', 'ledger', `${file}.ts`), `import { ${next} } from './${next}';\nexport const ${file} = () => ${next};\n`);
      }
      writeFileSync(path.join(directory, 'src', 'ledger', 'd.ts'), 'import { a } from \'./a\';\nexport const d = a;\n');
      expect(said(await lintOf(directory).lintFiles('src/**/*.ts'))).toEqual(['a', 'b', 'c'].map(file => `${file}.ts:1: import/no-cycle`));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('that go up, or in a circle, would be found', () => {
    const planted = importsByFile(new Map([
      ['index.ts', 'export * from "./capture/sweep/sweep";'],
      ['capture/sweep/sweep.ts', 'import type { A } from "../../ledger/schema"; type B = import("../../ledger/store").B;'],
      ['ledger/schema.ts', 'import { b } from "./store";'],
      ['ledger/store.ts', 'const late = async () => import("./schema"); import "../capture/sweep/sweep";'],
    ]));
    expect(arrowsUp(planted, allowed)).toEqual(['src/ledger/store.ts -> src/capture/sweep/sweep.ts']);
    expect(circlesOf(planted)).toEqual([['capture/sweep/sweep.ts', 'ledger/schema.ts', 'ledger/store.ts']]);
    expect(circlesOf(importsByFolder(planted))).toEqual([['capture', 'ledger']]);
    expect(folderOf('index.ts')).toBe('root');
    expect(() => importsByFile(new Map([['index.ts', 'import "./gone";']]))).toThrow('src/index.ts imports ./gone, which is no file of src');
  });
});

describe('names of src', () => {
  /** Exported where they are declared; `index.ts` only passes on. Lambda calls every handler `handler`. */
  const twice = (names: ReadonlyMap<string, readonly string[]>) => [...names].filter(([name, where]) => where.length > 1 && name !== 'handler')
    .map(([name, where]) => `${name}: ${where.join(', ')}`);

  test('are exported by one file each', () => {
    const declared = new Map([...sources].filter(([file]) => file !== 'index.ts'));
    expect(exportedNames(declared).size).toBeGreaterThan(200);
    expect(twice(exportedNames(declared))).toEqual([]);
  });

  /** Functions of one file that are called as what another file exports. */
  const shadowing = (texts: ReadonlyMap<string, string>) => {
    const exported = exportedNames(texts);
    return ownFunctions(texts).filter(([name]) => exported.has(name)).map(([name, file]) => `${name}: ${file}`);
  };

  test('are not given to a function of another file', () => {
    expect(ownFunctions(sources).length).toBeGreaterThan(200);
    expect(shadowing(new Map([['a.ts', 'export function f() {}'], ['b.ts', 'function f() {} export function g() {}']]))).toEqual(['f: b.ts']);
    expect(shadowing(sources)).toEqual([]);
  });

  test('that two files export would be found', () => {
    const names = exportedNames(new Map([
      ['a.ts', 'export const [x, { y }] = z; export function f() {} export type T = 1;'],
      ['b.ts', 'const q = 1; export { q as f }; export class T {} export enum y {}'],
    ]));
    expect(twice(names)).toEqual(['y: a.ts, b.ts', 'f: a.ts, b.ts', 'T: a.ts, b.ts']);
  });
});

test.each([
  "if (error.name === 'X') throw error;",
  "if ((error as Error).name !== 'X') throw error;",
  "if (['X'].includes(error.name)) throw error;",
  'if (NAMES.has(cause.name)) throw error;',
  'if (error.name in NAMES) throw error;',
  "if (error.name.startsWith('Access')) throw error;",
  'switch (error.name) { default: throw error; }',
  "if (name === 'UserNotFoundException') throw error;",
  "if (!(error.name === 'X')) throw error;",
])('lint refuses to tell errors apart by hand: %s', async text => {
  expect(await broken('state/planted.ts', text)).toEqual(['planted.ts:1: no-restricted-syntax']);
  expect(await broken('cognito/refusals.ts', text)).toEqual([]);
});

test('lint lets the name of an error be told', async () => {
  expect(await broken('state/planted.ts', 'log.error(what, { error: error.name }); const said = `failed: ${error.name}`;')).toEqual([]);
});

describe('a pool is changed', () => {
  /** What answers nothing, and what creates: every call of a target pool that is no read. */
  const writes = [...sources.get('cognito/target-pool.ts')!.matchAll(/^  (\w+)\(.*\): Promise<(?:void|TargetUser)>;$/gm)].map(([, name]) => name);
  const call = new RegExp(`\\b(?:target|pool)\\w*\\.(?:${writes.join('|')})\\(`);
  const callers = (texts: ReadonlyMap<string, string>) => [...texts].filter(([, text]) => call.test(text)).map(([file]) => file);

  test('by converge/ alone', () => {
    expect(writes).toEqual(expect.arrayContaining(['createUser', 'disableUser', 'createGroup', 'deleteUser', 'deleteGroup']));
    expect(callers(sources).length).toBeGreaterThan(1);
    expect(callers(sources).filter(file => folderOf(file) !== 'converge')).toEqual([]);
  });

  test('by any other folder would be found', () => {
    expect(callers(new Map([['standby/a.ts', 'await context.pool.deleteUser(name);'], ['standby/b.ts', 'await pool.listUsers();']]))).toEqual(['standby/a.ts']);
  });
});

/** The beginning of a comment's sentence that makes a reader wait for its subject. */
const RIDDLE = /(?:^\s*(?:\/\*\*|\*|\/\/) |[.!?] )(?:Who|Whom|Whose|Of whom|Whoever)\b/;

test('no comment of src begins a sentence with who, whom or whose', () => {
  expect('  // Who is gone stays gone.').toMatch(RIDDLE);
  expect(' * It is. Whose name it is decides.').toMatch(RIDDLE);
  const found = [...sources].flatMap(([file, text]) => text.split('\n').flatMap((line, index) =>
    RIDDLE.test(line) ? [`src/${file}:${index + 1}: ${line.trim()}`] : []));
  expect(found).toEqual([]);
});

test('how long a call may take is said in one way: what the SDK calls requestTimeout ends none by itself', () => {
  expect([...sources].filter(([, text]) => text.includes('requestTimeout')).map(([file]) => file)).toEqual(['runtime/call-limits.ts']);
});

test(`no line of src is longer than ${MOST_COLUMNS} columns`, () => {
  expect([...sources].flatMap(([file, text]) => text.split('\n').flatMap((line, index) =>
    line.length > MOST_COLUMNS ? [`src/${file}:${index + 1}: ${line.length}`] : []))).toEqual([]);
});
