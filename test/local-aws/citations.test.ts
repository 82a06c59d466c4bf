import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { uncited } from './citations';
import { SWITCHES } from './gateway/switches';
import { makeTemporary, removeTemporary } from './temporary';
import { assumptionIds, sourceFault } from '../docs/sources';

const GATEWAY = path.join(__dirname, 'gateway');
const STANDING_IN = ['rules', 'triggers', 'events', 'iam', 'models', 'quotas.ts', 'replication.ts'];

test('everything that stands in for AWS cites its documentation, an issue in public, or an entry of the list of assumptions', () => {
  expect(uncited(STANDING_IN.map(name => path.join(GATEWAY, name)))).toEqual([]);
});

test('a planted rule without a citation, or with one of something that is not there, is found', () => {
  const directory = makeTemporary('citations');
  try {
    const plant = (name: string, text: string) => writeFileSync(path.join(directory, name), `/** A rule.${text} */\nexport const rule = 1;\n`);
    plant('bare.ts', '');
    plant('documented.ts', '\n * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html\n');
    plant('assumed.ts', '\n * @see docs/evidence.md, Assumed: quota-window\n');
    plant('mistaken.ts', '\n * @see docs/evidence.md, Assumed: quota-widnow\n');
    plant('hearsay.ts', '\n * @see somebody at a conference\n');
    plant('bare.test.ts', '');
    expect(uncited([directory])).toEqual([
      'bare.ts: cites nothing',
      'hearsay.ts: neither documentation of AWS nor an entry of docs/evidence.md: somebody at a conference',
      'mistaken.ts: docs/evidence.md assumes nothing that is called quota-widnow',
    ]);
  } finally {
    removeTemporary(directory);
  }
});

test('the README names every rule, only parts that cite something, and only assumptions that there are', () => {
  const readme = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  expect(readdirSync(path.join(GATEWAY, 'rules')).filter(file => !readme.includes(`gateway/rules/${file}`))).toEqual([]);
  const parts = [...readme.matchAll(/^\| `gateway\/([\w/.-]+)`/gm)].map(([, part]) => part);
  expect(parts.filter(part => !STANDING_IN.some(name => part.startsWith(name)))).toEqual([]);
  const rows = readme.split('\n').filter(line => line.startsWith('| `')).map(line => line.split('|').at(-2)!);
  const named = rows.flatMap(sources => [...sources.matchAll(/`([\w-]+)`/g)].map(([, id]) => id));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(id => !assumptionIds().has(id))).toEqual([]);
});

test('each switch has a source, at least two settings, and a line in the README', () => {
  const readme = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  expect(Object.values(SWITCHES).flatMap(({ source }) => sourceFault(source) ?? [])).toEqual([]);
  expect(Object.values(SWITCHES).every(({ settings }) => settings.length > 1)).toBe(true);
  const rows = Object.entries(SWITCHES).map(([name, { settings }]) => `- \`${name}\`: ${settings.map(setting => `\`${setting}\``).join(', ')}\n`);
  expect(rows.filter(row => !readme.includes(row))).toEqual([]);
});
