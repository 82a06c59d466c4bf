import { escape } from 'mustache';
import { wholeDrill, yieldedDrill } from './whole-drill';
import { CONTROLS } from '../../../src/drill/evidence/controls';
import { DrillFacts } from '../../../src/drill/evidence/drill-facts';
import { buildReport, sealed } from '../../../src/drill/evidence/drill-report';
import { PAGE_TEMPLATE } from '../../../src/drill/evidence/page-template';
import { reportPage } from '../../../src/drill/evidence/report-page.lambda-shared';

const pageOf = (given: Partial<DrillFacts> = {}, previous?: { sequence: number; sha256: string }) => {
  const report = buildReport(wholeDrill(given), previous);
  return reportPage(report, sealed(report).sha256);
};
const EVIL = '"><script>alert(1)</script>{{title}}<img src=x onerror=alert(1)>&';

test('a page stands by itself: it loads nothing, runs nothing, and is shown light, dark and on paper', () => {
  const page = pageOf();
  expect(page).not.toMatch(/<script|<link|<img|<iframe|<svg|<object|<form|\bon\w+=|@import|url\(|https?:/i);
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).toContain('@media print');
  expect(page).toContain("default-src 'none'");
});

test('every value is escaped', () => {
  expect(PAGE_TEMPLATE).not.toMatch(/\{\{\{|\{\{&/);
  const report = buildReport(wholeDrill({ scenario: EVIL, objective: EVIL, id: EVIL, source: { userPoolId: EVIL, region: EVIL } }));
  const page = reportPage(report, EVIL);
  expect(page).not.toMatch(/<script|<img/);
  expect(page).toContain('{{title}}');
});

test('no cell takes the tone of another one', () => {
  const page = pageOf({ targets: { rto: 60 } });
  expect(page).toContain('<td class="bad" data-column="Judgement"><span>missed</span></td>');
  expect(page).toContain('<td class="neutral" data-column="Judgement"><span>no target set</span></td>');
  expect(page).toContain('<td class="plain" data-column="Value"><span>Every user of the sample is restored as they were, and signs in.</span></td>');
});

test('every table names its columns and rows', () => {
  const page = pageOf();
  const tables = page.match(/<table>.*?<\/table>/gs)!;
  expect(tables.length).toBeGreaterThan(10);
  for (const table of tables) {
    expect(table).toMatch(/<caption>[^<]+<\/caption>/);
    const columns = table.match(/<th scope="col">[^<]+<\/th>/g)!.length;
    for (const row of table.match(/<tr><th scope="row">.*?<\/tr>/gs)!) {
      expect([row, row.match(/<t[hd]/g)!.length]).toEqual([row, columns]);
      expect(row).toMatch(/<th scope="row">[^<]+<\/th>/);
    }
  }
});

test('an extrapolation is called one, wherever it is shown', () => {
  const page = pageOf();
  expect(page.match(/1 h 29 min( \(extrapolated\))?/g)!.length).toBeGreaterThanOrEqual(2);
  expect(page).toContain('1 h 29 min (extrapolated)');
  expect(page).toContain('Everybody (extrapolated)');
  expect(page).toContain('is extrapolated, not measured');
});

test('controls are supported, and nothing is said to comply', () => {
  const page = pageOf();
  for (const { standard, clause } of CONTROLS) {
    expect(page).toContain(`<th scope="row">${escape(standard)}</th>\n<td class="plain" data-column="Clause"><span>${escape(clause)}</span></td>`);
  }
  expect(page).not.toMatch(/compl(y|ies|ian)|certif|conform/i);
  expect(JSON.stringify(buildReport(wholeDrill()))).not.toMatch(/compl(y|ies|iant|iance)|certif|conform/i);
});

test('owner and due date of a deviation are left to be filled in', () => {
  expect(pageOf().match(/<td class="plain blank" data-column="(Owner|Due date)"><span><\/span><\/td>/g)).toHaveLength(2 * wholeDrill().deviations!.length);
});

test('a drill that failed says what went wrong, and what is missing', () => {
  const { signIn, ...facts } = wholeDrill({
    end: { how: 'failed', phase: 'sign-in', error: 'TooManyRequestsException' }, removal: { how: 'not-proven', deletedAt: '2026-11-22T03:12:00.000Z' },
  });
  expect(signIn).toBeDefined();
  const report = buildReport(facts);
  const page = reportPage(report, sealed(report).sha256);
  for (const words of [
    'FAILED', 'a step failed (Sign in as restored users: TooManyRequestsException)', 'Parts that the report lacks, by their names in its JSON: signIn', 'and not that recovery works',
    'Look for the user pool us-west-2_Scratch01 and delete it',
  ]) expect(page).toContain(words);
  expect(page).not.toContain('seen to be gone 20');
});

test('a drill that was not carried out claims nothing', () => {
  const report = buildReport(yieldedDrill());
  const page = reportPage(report, sealed(report).sha256);
  expect(page).toContain('It says nothing about the copy, good or bad.');
  expect(page).toContain('None: the drill was not carried out.');
  expect(page).not.toMatch(/class="good"[^>]*><span>(?!SUCCESSFUL)/);
});

test('unexplained differences are counted apart from explained ones', () => {
  const { comparison } = wholeDrill() as Required<DrillFacts>;
  const page = pageOf({
    comparison: {
      ...comparison,
      found: { ...comparison.found, sha256: '0'.repeat(64) },
      differences: [{ code: 'attribute', field: 'email', count: 2 }, { code: 'status', reason: 'target-status', count: 31 }],
    },
  });
  expect(page).toContain('2 unexplained');
  expect(page).toContain('2 × attribute differs (email): UNEXPLAINED.');
  expect(page).toContain('31 × status differs: Cognito gives a restored user another status.');
});

test('the page shows the digests of its report and of the one before', () => {
  const page = pageOf({}, { sequence: 41, sha256: 'd'.repeat(64) });
  expect(page).toContain('d'.repeat(64));
  expect(page).toContain(sealed(buildReport(wholeDrill(), { sequence: 41, sha256: 'd'.repeat(64) })).sha256);
});
