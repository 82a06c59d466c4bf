import { InMemoryEvidence } from './in-memory-evidence';
import { wholeDrill } from './whole-drill';
import { EVIDENCE_PREFIX, MOST_DIFFERING } from '../../../src/drill/evidence/constants';
import { DrillFacts } from '../../../src/drill/evidence/drill-facts';
import { evidencePort } from '../../../src/drill/evidence/evidence-port.lambda-shared';
import { DifferingUser, writeEvidence } from '../../../src/drill/evidence/write-evidence';

const nobody = async () => [];
const reports = (store: InMemoryEvidence) => [...store.files].filter(([key]) => key.startsWith(EVIDENCE_PREFIX.REPORTS))
  .map(([, text]) => JSON.parse(text) as { id: string; sequence: number; previousSha256: string | null; sha256: string });

test('each report follows the one before it, with its page beside it', async () => {
  const store = new InMemoryEvidence();
  const port = evidencePort(store, nobody);
  const first = await writeEvidence(wholeDrill({ id: 'a' }), port);
  const second = await writeEvidence(wholeDrill({ id: 'b' }), port);
  expect(first).toMatchObject({ sequence: 1, report: 'reports/00000001.json', page: 'pages/00000001.html' });
  expect(reports(store)).toMatchObject([
    { id: 'a', sequence: 1, previousSha256: null, sha256: first.sha256 }, { id: 'b', sequence: 2, previousSha256: first.sha256, sha256: second.sha256 },
  ]);
  expect(store.files.get('pages/00000002.html')).toContain(second.sha256);
  expect(Object.fromEntries(store.types)).toMatchObject({ 'reports/00000001.json': 'application/json', 'pages/00000001.html': 'text/html; charset=utf-8' });
  expect([...store.files.keys()].some(key => key.startsWith(EVIDENCE_PREFIX.SUBS))).toBe(false);
});

test('two drills that end at once never name the same report before them', async () => {
  const store = new InMemoryEvidence();
  const port = evidencePort(store, nobody);
  await writeEvidence(wholeDrill({ id: 'first' }), port);
  await Promise.all(['a', 'b', 'c', 'd'].map(id => writeEvidence(wholeDrill({ id }), port)));
  const written = reports(store);
  expect(written.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'd', 'first']);
  expect(new Set(written.map(({ previousSha256 }) => previousSha256)).size).toBe(5);
  written.forEach((report, i) => expect(report.previousSha256).toBe(i === 0 ? null : written[i - 1].sha256));
});

test('a report whose writer never heard the answer is found, and not written twice', async () => {
  const store = new InMemoryEvidence();
  store.losesAnswers = true;
  const written = await writeEvidence(wholeDrill(), evidencePort(store, nobody));
  expect(written.sequence).toBe(1);
  expect(reports(store)).toHaveLength(1);
});

test.each(['reports/', 'pages/', 'subs/'])('killed when it is to write %s, a second try writes what is missing, even behind another drill', async prefix => {
  const store = new InMemoryEvidence();
  const port = evidencePort(store, async () => [{ sub: 's', code: 'status' }]);
  const evidence = wholeDrill({ id: 'killed' });
  store.beforeCreate = key => { if (key.startsWith(prefix)) throw new Error('killed'); };
  await expect(writeEvidence(evidence, port)).rejects.toThrow('killed');
  store.beforeCreate = () => undefined;
  await writeEvidence(wholeDrill({ id: 'other' }), port);
  await writeEvidence(evidence, port);
  const [own] = reports(store).filter(({ id }) => id === 'killed');
  expect(reports(store).map(({ id }) => id).sort()).toEqual(['killed', 'other']);
  expect([...store.files.keys()]).toEqual(expect.arrayContaining([`pages/0000000${own.sequence}.html`, `subs/0000000${own.sequence}.json`]));
});

test('an older drill of the same name, which ended before this one began, is another drill', async () => {
  const store = new InMemoryEvidence();
  const port = evidencePort(store, nobody);
  await writeEvidence(wholeDrill({ id: 'a' }), port);
  await writeEvidence(wholeDrill({ id: 'b', startedAt: '2026-11-22T04:00:00.000Z', endedAt: '2026-11-22T05:00:00.000Z' }), port);
  const again = await writeEvidence(wholeDrill({ id: 'a', startedAt: '2026-11-22T06:00:00.000Z', endedAt: '2026-11-22T07:00:00.000Z' }), port);
  expect(again.sequence).toBe(3);
});

test('a bucket in which every place is taken is said to be at fault', async () => {
  const store = new InMemoryEvidence();
  store.create = async () => false;
  await expect(writeEvidence(wholeDrill(), evidencePort(store, nobody))).rejects.toThrow(/no place in the chain in 20 tries.*start the drill again/);
});

test('subs are in a file of their own, the first of them by name and the rest as a number, and only if they are wanted', async () => {
  const named = Array.from({ length: MOST_DIFFERING }, (_, i): DifferingUser => ({ sub: `sub-${i}`, code: 'attribute', field: 'email' }));
  const differences: NonNullable<DrillFacts['comparison']>['differences'] = [
    { code: 'attribute', field: 'email', count: MOST_DIFFERING + 10 }, { code: 'user-missing', count: 5 },
    // Neither nobody, nor somebody who is explained.
    { code: 'group-setting', field: 'description', count: 3 }, { code: 'attribute', field: 'phone_number', reason: 'name-lost', count: 4 },
  ];
  const facts = wholeDrill({ comparison: { ...wholeDrill().comparison!, differences } });
  const store = new InMemoryEvidence();
  const asked: string[] = [];
  const written = await writeEvidence(facts, evidencePort(store, async drill => {
    asked.push(drill);
    return named;
  }));
  expect(asked).toEqual([facts.id]);
  const file = JSON.parse(store.files.get(written.subs!)!) as { drill: string; differing: unknown[]; more: number };
  expect(file).toMatchObject({ drill: 'drill-2026-11-22', more: 15 });
  expect(file.differing).toHaveLength(MOST_DIFFERING);
  expect(store.files.get(written.report)! + store.files.get(written.page)!).not.toContain('sub-');

  const without = new InMemoryEvidence();
  expect(await writeEvidence(facts, evidencePort(without))).not.toHaveProperty('subs');
  expect([...without.files.keys()].filter(key => key.startsWith(EVIDENCE_PREFIX.SUBS))).toEqual([]);
});

test('what does not belong into a report does not get there, wherever the facts carry it', async () => {
  const SEEDED = { email: 'ada@example.com', username: 'ada.lovelace', sub: '5f0c3a52-seeded', phone_number: '+15555550100' };
  const seeded = (value: unknown): unknown => Array.isArray(value) ? value.map(seeded)
    : typeof value === 'object' && value !== null
      ? { ...SEEDED, ...Object.fromEntries(Object.entries(value).map(([name, member]) => [name, seeded(member)])) }
      : value;
  const store = new InMemoryEvidence();
  const roleArn = 'arn:aws:sts::111122223333:assumed-role/Admin/ada.lovelace';
  const facts = { ...seeded(wholeDrill()) as DrillFacts, startedBy: { how: 'operator' as const, roleArn } };
  await writeEvidence(facts, evidencePort(store, async () => [{ sub: SEEDED.sub, code: 'status' }]));
  for (const [key, text] of store.files) {
    const found = Object.values(SEEDED).filter(value => text.includes(value));
    expect([key, found]).toEqual([key, key.startsWith(EVIDENCE_PREFIX.SUBS) ? [SEEDED.sub] : []]);
  }
});
