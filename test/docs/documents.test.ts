import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { command, script } from './script';
import { ROOT } from '../../scripts/generated-files';
import { program } from '../../src/cli/program';
import { USER_DOCUMENTS } from '../helpers/documents';

const DOCUMENTS = [...USER_DOCUMENTS, 'CONTRIBUTING.md', 'SECURITY.md'];
/** Pictures of the README have to be found from npm and PyPI as well. */
const RAW = 'https://raw.githubusercontent.com/cognito-dr-replica/cognito-dr-replica/main/';
const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');

test('links and anchors lead somewhere', async () => {
  // The repository is named, because a clone need not have it as its origin.
  const repository = 'remark-validate-links=repository:"https://github.com/cognito-dr-replica/cognito-dr-replica"';
  expect(await command('remark', '--quiet', '--frail', '--no-color', '--use', repository, ...DOCUMENTS, 'API.md')).toEqual('');
});

test('the pictures are drawn from their source', async () => {
  expect(await script('scripts/architecture.ts', '--check')).toEqual('');
});

test.each(['light', 'dark'])('the %s picture says what it shows, is readable at 800 pixels, and asks nobody for anything', mode => {
  const picture = read(`docs/architecture-${mode}.svg`);
  expect(picture).toMatch(/^<svg [^>]*role="img" aria-labelledby="title desc"[^>]*>\n<title id="title">[^<]+<\/title>\n<desc id="desc">[^<]+<\/desc>/);
  const width = Number(/^<svg width="(\d+)"/.exec(picture)?.[1]);
  const sizes = [...picture.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size) * Math.min(1, 800 / width));
  expect(sizes.length).toBeGreaterThan(20);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(13);
  expect(picture).not.toMatch(/href|@import|url\(|<script|<image/);
});

describe.each(DOCUMENTS)('%s', name => {
  const text = read(name);

  test('names files that exist', () => {
    const inCode = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code.split(' ')).filter(word => /^(?:src|test|docs|scripts|assets|\.ci)\/[\w./-]*$/.test(word));
    const inHtml = [...text.matchAll(/(?:src|srcset|href)="([^"#]+)"/g)].map(([, file]) => file.replace(RAW, '')).filter(file => !/^https:/.test(file));
    expect([...inCode, ...inHtml].filter(file => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('names commands that exist', () => {
    const { scripts, devDependencies } = JSON.parse(read('package.json')) as Record<'scripts' | 'devDependencies', Record<string, string>>;
    const run = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, task]) => task);
    const projen = [...text.matchAll(/npx projen ([a-z][\w:-]*)/g)].map(([, task]) => task);
    const tools = [...text.matchAll(/npx (?!projen|cognito-dr-replica)([a-z][\w-]*)(?![\w@-])/g)].map(([, tool]) => tool);
    const fetched = [...text.matchAll(/npx ([a-z][\w-]*)@([\d.]+)/g)].map(([, tool, version]) => ({ tool, version }));
    expect([...run, ...projen].filter(task => !(task in scripts))).toEqual([]);
    expect(tools.filter(tool => !existsSync(path.join(ROOT, 'node_modules', '.bin', tool)))).toEqual([]);
    expect(fetched.filter(({ tool, version }) => devDependencies[tool] !== version)).toEqual([]);
  });

  test('names commands of the command line that can be typed', async () => {
    for (const [, line] of text.matchAll(/npx cognito-dr-replica ([^`\n]+)/g)) {
      // What is to be filled in by the reader is anything.
      const words = [...line.replace(/<[^>]*>/g, 'x').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);
      if (words[0] === 'x') continue;
      const ran: string[] = [];
      await program('', async given => { ran.push(given); return 0; }, () => undefined).parseAsync(['node', 'cognito-dr-replica', ...words]);
      expect(ran).toEqual([words[0]]);
    }
  });
});

test('documents that docstrings and messages name are there', () => {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const named = files.flatMap(file => [...read(path.join('src', file)).matchAll(/\bdocs\/[\w-]+\.md\b/g)].map(([document]) => document));
  expect(new Set(named).size).toBeGreaterThanOrEqual(3);
  expect(named.filter(document => !USER_DOCUMENTS.includes(document))).toEqual([]);
});

test('where somebody reads how to get rid of a trial, it says that AWS keeps the global table for a day: B11', () => {
  for (const text of [read('docs/faq.md').split('**How do we get rid of it?**')[1], read('src/options.ts')]) {
    expect(text.replace(/[\s*]+/g, ' ')).toMatch(/refuses to delete (the|a) global table within 24 hours after (its replica|a Region) was added/);
  }
});

test('every warning that can be acknowledged is documented', () => {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const sources = files.map(file => read(path.join('src', file))).join('\n');
  const ids = [...sources.matchAll(/(?:'cognito-dr-replica:|\bwarn\(')([A-Za-z]+)'/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThanOrEqual(14);
  expect(ids.filter(id => !new RegExp(`[\`:]${id}\``).test(read('docs/standby.md')))).toEqual([]);
});
