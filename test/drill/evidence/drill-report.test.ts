import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { wholeDrill } from './whole-drill';
import { CONTROLS } from '../../../src/drill/evidence/controls';
import { DrillFacts } from '../../../src/drill/evidence/drill-facts';
import { buildReport, roleArnOf, sealed } from '../../../src/drill/evidence/drill-report';
import { drillFacts, drillReport, publishedReportSchema } from '../../../src/drill/evidence/report-schema.lambda-shared';
import { schemaOf } from '../../helpers/document-schemas';

const PUBLISHED = path.join(__dirname, '..', '..', '..', 'schemas', 'drill-report-1.json');
/** As version 1 was first published. It is never changed: a report of version 1 keeps what it promises here. */
const FIRST = path.join(__dirname, 'fixtures', 'drill-report-1.json');
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Schema;

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** What a reader may rely on by the first schema and not by the other one. New members, and new codes of a list, break no reader. */
function broken(first: Schema, now: Schema | undefined, at = 'report'): string[] {
  if (!now) return [`${at} is gone`];
  if (first.type !== now.type) return [`${at} is ${now.type}, and was ${first.type}`];
  if (first.const !== now.const) return [`${at} is ${String(now.const)}, and was ${String(first.const)}`];
  if (first.anyOf && first.anyOf.length > (now.anyOf?.length ?? 0)) return [`${at} has fewer forms`];
  return [
    ...(first.required ?? []).filter(name => now.properties?.[name] && !now.required?.includes(name)).map(name => `${at}.${name} may be absent`),
    ...Object.entries(first.properties ?? {}).flatMap(([name, member]) => broken(member, now.properties?.[name], `${at}.${name}`)),
    ...first.items ? broken(first.items, now.items, `${at}[]`) : [],
    ...(first.anyOf ?? []).flatMap((form, i) => broken(form, now.anyOf?.[i], `${at}|${i}`)),
  ];
}

describe('the schema', () => {
  test('is published as the code has it', () => {
    expect(`${JSON.stringify(publishedReportSchema(), null, 2)}\n`).toBe(readFileSync(PUBLISHED, 'utf8'));
  });

  test('keeps everything that its version was first published with', () => {
    expect(broken(read(FIRST), read(PUBLISHED))).toEqual([]);
  });

  test.each<[string, (schema: { properties: Record<string, any>; required: string[] }) => void]>([
    ['report.counts is gone', schema => { delete schema.properties.counts; }],
    ['report.sequence is string, and was integer', schema => { schema.properties.sequence = { type: 'string' }; }],
    ['report.reportVersion is 2, and was 1', schema => { schema.properties.reportVersion.const = 2; }],
    ['report.verdict may be absent', schema => { schema.required = schema.required.filter(name => name !== 'verdict'); }],
    ['report.comparison.differences[].count is gone', schema => { delete schema.properties.comparison.properties.differences.items.properties.count; }],
    ['report.moment|1.window is gone', schema => { delete schema.properties.moment.anyOf[1].properties.window; }],
    ['report.removal has fewer forms', schema => { schema.properties.removal.anyOf.pop(); }],
  ])('that breaks a reader is found: %s', (what, change) => {
    const changed = structuredClone(read(PUBLISHED)) as { properties: Record<string, any>; required: string[] };
    change(changed);
    expect(broken(read(FIRST), changed as Schema)).toEqual([what]);
  });

  test('that a reader need not mind is none', () => {
    const changed = structuredClone(read(PUBLISHED)) as { properties: Record<string, any>; required: string[] };
    changed.properties.weather = { type: 'string' };
    changed.required.push('weather');
    changed.properties.verdict.properties.failures.items.enum.push('sun-in-the-eyes');
    expect(broken(read(FIRST), changed as Schema)).toEqual([]);
  });

  test('is one by which any reader finds a report valid, and one without a field not', () => {
    const isValid = schemaOf('drill-report-1');
    const report = JSON.parse(sealed(buildReport(wholeDrill())).text) as object;
    expect([isValid(report), isValid.errors]).toEqual([true, null]);
    expect(isValid({ ...report, verdict: undefined })).toBe(false);
  });

  test('takes a whole drill as the state machine hands it over, and its report', () => {
    expect(drillFacts.parse(JSON.parse(JSON.stringify(wholeDrill())))).toEqual(wholeDrill());
    const report = buildReport(wholeDrill());
    expect(drillReport.parse(report)).toEqual(report);
  });

  test('has no room for what is not listed', () => {
    const carried = { ...buildReport(wholeDrill()), emails: ['ada@example.com'], source: { userPoolId: 'us-east-1_A', region: 'us-east-1', owner: 'Ada' } };
    const kept = JSON.stringify(drillReport.parse(carried));
    expect(kept).not.toMatch(/ada/i);
    expect(drillReport.safeParse(buildReport(wholeDrill({ id: 'ada@example.com' }))).success).toBe(false);
  });
});

describe('a report', () => {
  test('knows the one before it, and the first one none', () => {
    expect(buildReport(wholeDrill())).toMatchObject({ sequence: 1, previousSha256: null, reportVersion: 1 });
    expect(buildReport(wholeDrill(), { sequence: 7, sha256: 'd'.repeat(64) })).toMatchObject({ sequence: 8, previousSha256: 'd'.repeat(64) });
  });

  test('leaves each deviation open for somebody to take', () => {
    expect(buildReport(wholeDrill()).deviations![0]).toEqual({ code: 'sample-only', owner: null, dueDate: null });
  });

  test('names roles, and no person', () => {
    const report = buildReport(wholeDrill({
      startedBy: { how: 'operator', roleArn: 'arn:aws:sts::111122223333:assumed-role/Admin/ada.lovelace@example.com' },
      approvedBy: { roleArn: 'arn:aws:iam::111122223333:user/ada' },
    }));
    expect(report.startedBy).toEqual({ how: 'operator', roleArn: 'arn:aws:iam::111122223333:role/Admin' });
    expect(JSON.stringify(report)).not.toMatch(/ada/i);
    expect(report.approvedBy).toBeUndefined();
  });

  test.each([
    ['arn:aws:iam::111122223333:role/teams/auth/Lead', 'arn:aws:iam::111122223333:role/teams/auth/Lead'],
    ['arn:aws-cn:sts::111122223333:assumed-role/Lead/x', 'arn:aws-cn:iam::111122223333:role/Lead'],
    ['arn:aws:iam::111122223333:user/ada', undefined],
    ['arn:aws:iam::111122223333:root', undefined],
    ['arn:aws:sts::111122223333:federated-user/ada', undefined],
    ['', undefined],
    ['arn:aws:iam::111122223333:role/Lead of Ada', undefined],
    ['Ada arn:aws:iam::111122223333:role/Lead', undefined],
    ['Ada arn:aws:sts::111122223333:assumed-role/Lead/x', undefined],
  ])('the role of %s', (principal, role) => {
    expect(roleArnOf(principal)).toBe(role);
  });

  test('names for each control what there is of it in the report, and only that', () => {
    const { controls } = buildReport(wholeDrill());
    expect(controls.map(({ standard, clause }) => [standard, clause])).toEqual(CONTROLS.map(({ standard, clause }) => [standard, clause]));
    const whole = buildReport(wholeDrill());
    for (const { clause, supportedBy } of controls) {
      expect([clause, supportedBy.filter(part => !(part in whole))]).toEqual([clause, []]);
      expect([clause, new Set(supportedBy).size]).toEqual([clause, supportedBy.length]);
    }
    const { measured, ...short } = wholeDrill();
    expect(measured).toBeDefined();
    expect(JSON.stringify(buildReport(short).controls)).not.toContain('"measured"');
  });
});

describe('the bytes of a report', () => {
  test('are the same in whatever order the facts come', () => {
    const upsideDown = (value: unknown): unknown => Array.isArray(value) ? value.map(upsideDown)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).reverse().map(([name, member]) => [name, upsideDown(member)]))
        : value;
    expect(sealed(buildReport(upsideDown(wholeDrill()) as DrillFacts))).toEqual(sealed(buildReport(wholeDrill())));
  });

  test('are JSON, and end with the digest of all that stands before it', () => {
    const { text, sha256 } = sealed(buildReport(wholeDrill()));
    expect(JSON.parse(text)).toEqual({ ...buildReport(wholeDrill()), sha256 });
    expect(text.endsWith(`,\n  "sha256": "${sha256}"\n}\n`)).toBe(true);
    const own = text.lastIndexOf('  "sha256": "');
    expect(createHash('sha256').update(text.slice(0, own)).digest('hex')).toBe(sha256);
  });
});
