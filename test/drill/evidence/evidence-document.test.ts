import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { verifyChain } from './chain-shell';
import { InMemoryEvidence } from './in-memory-evidence';
import { wholeDrill } from './whole-drill';
import { CONTROLS } from '../../../src/drill/evidence/controls';
import { buildReport, sealed } from '../../../src/drill/evidence/drill-report';
import { evidencePort } from '../../../src/drill/evidence/evidence-port.lambda-shared';
import { publishedReportSchema } from '../../../src/drill/evidence/report-schema.lambda-shared';
import { writeEvidence } from '../../../src/drill/evidence/write-evidence';

const ROOT = path.join(__dirname, '..', '..', '..');
const document = readFileSync(path.join(ROOT, 'docs', 'drill-reports.md'), 'utf8');

describe('the shell of the document', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'evidence-'));
  const file = (sequence: number) => path.join(directory, `reports/0000000${sequence}.json`);
  const texts = new Map<number, Buffer>();

  beforeAll(async () => {
    mkdirSync(path.join(directory, 'reports'));
    const store = new InMemoryEvidence();
    for (const id of ['a', 'b', 'c']) await writeEvidence(wholeDrill({ id, scenario: 'Über "Grün" → 日本 \u2028' }), evidencePort(store));
    for (const sequence of [1, 2, 3]) texts.set(sequence, Buffer.from(store.files.get(`reports/0000000${sequence}.json`)!));
  });

  beforeEach(() => {
    rmSync(path.join(directory, 'reports'), { recursive: true });
    mkdirSync(path.join(directory, 'reports'));
    texts.forEach((text, sequence) => writeFileSync(file(sequence), text));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  const verify = () => verifyChain(directory);

  test('finds a whole chain whole, and says its last digest', () => {
    const { sha256 } = JSON.parse(texts.get(3)!.toString()) as { sha256: string };
    expect(verify()).toBe(`the chain is whole; its last report has the SHA-256 "${sha256}"\n`);
  });

  test('finds any byte that was changed, in any report', () => {
    const anywhere = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(fc.property(fc.constantFrom(1, 2, 3), anywhere, fc.integer({ min: 1, max: 255 }), (sequence, at, by) => {
      const text = Buffer.from(texts.get(sequence)!);
      const place = Math.floor(at * text.length);
      // eslint-disable-next-line no-bitwise -- any other byte
      text[place] ^= by;
      writeFileSync(file(sequence), text);
      const said = verify();
      writeFileSync(file(sequence), texts.get(sequence)!);
      expect(said).toMatch(new RegExp(`^reports/0000000${sequence}\\.json was changed`));
    }), { numRuns: 30, seed: 7 });
  });

  test.each<[string, (text: string) => string]>([
    ['the last byte', text => text.slice(0, -1)],
    ['a byte more', text => `${text}\n`],
    ['the closing bracket', text => text.replace(/\}\n$/, ']\n')],
    ['a digit of the digest', text => text.replace(/"sha256": "(.)([0-9a-f]{63})"\n\}\n$/, (_all, digit: string, rest: string) => `"sha256": "${digit === '0' ? '1' : '0'}${rest}"\n}\n`)],
    ['an outcome', text => text.replace('"SUCCESSFUL"', '"FAILED"')],
    ['everything', () => ''],
  ])('finds %s changed', (_what, change) => {
    const changed = change(texts.get(3)!.toString());
    expect(changed).not.toBe(texts.get(3)!.toString());
    writeFileSync(file(3), changed);
    expect(verify()).toBe('reports/00000003.json was changed\n');
  });

  test('finds a report that was left out, or put in the place of another', () => {
    rmSync(file(2));
    expect(verify()).toBe('reports/00000003.json does not follow the report before it\n');
    writeFileSync(file(2), texts.get(1)!);
    expect(verify()).toBe('reports/00000002.json does not follow the report before it\n');
    rmSync(file(1));
    writeFileSync(file(2), texts.get(2)!);
    expect(verify()).toBe('reports/00000002.json does not follow the report before it\n');
  });

  test('says another digest than the one that was kept elsewhere, where the newest report was removed', () => {
    const digest = (sequence: number) => (JSON.parse(texts.get(sequence)!.toString()) as { sha256: string }).sha256;
    rmSync(file(3));
    expect(verify()).toBe(`the chain is whole; its last report has the SHA-256 "${digest(2)}"\n`);
    expect(digest(2)).not.toBe(digest(3));
    expect(document).toContain('Keep the last SHA-256 somewhere else');
  });

  test('finds a forged report with a digest of its own by the one that follows', () => {
    const { text } = sealed(buildReport(wholeDrill({ id: 'forged' }), { sequence: 1, sha256: (JSON.parse(texts.get(1)!.toString()) as { sha256: string }).sha256 }));
    writeFileSync(file(2), text);
    expect(verify()).toBe('reports/00000003.json does not follow the report before it\n');
  });
});

describe('the document', () => {
  const rows = (heading: string) => document.split(`## ${heading}`)[1].split('\n## ')[0].split('\n').filter(line => line.startsWith('| ')).slice(2);

  test('says what each member of a report is', () => {
    const named = rows('The form of a report').flatMap(row => [...row.split('|')[1].matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(Object.keys((publishedReportSchema() as { properties: object }).properties).sort());
  });

  test('has the controls as the report has them', () => {
    expect(rows('Controls')).toEqual(CONTROLS.map(({ standard, clause, asks, parts }) =>
      `| ${standard} | ${clause}: ${asks} | ${parts.map(part => `\`${part}\``).join(', ')} |`));
  });

  test('names files that exist, and says of nothing that it complies', () => {
    for (const [, link] of document.matchAll(/\]\((?!https)([^)#]+)\)/g)) expect([link, existsSync(path.join(ROOT, 'docs', link))]).toEqual([link, true]);
    expect(document.match(/\bcompl(?:y|ies|iant)\b/gi)).toBeNull();
  });
});
