import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { schemasOfDocuments, schemaText } from '../../scripts/schemas';
import { DiffCounts } from '../../src/cli/commands/diff';
import { examine } from '../../src/cli/commands/doctor';
import { receiptOf } from '../../src/cli/commands/forget';
import { statusOf } from '../../src/cli/commands/status';
import { Deployment } from '../../src/operations/deployment';
import { schemaOf, SCHEMAS } from '../helpers/document-schemas';

const COPY = { of: 'copy', userPoolId: 'us-east-1_a' } as const;
const DEPLOYMENT = { sweepIntervalSeconds: 60 } as Deployment;

test('the schemas in the package are those of the types: npx projen schemas makes them', () => {
  const made = schemasOfDocuments();
  // The report of a drill has a schema of its own, which test/drill/evidence/drill-report.test.ts compares.
  expect(readdirSync(SCHEMAS).sort()).toEqual([...made.keys(), 'drill-report-1'].map(name => `${name}.json`).sort());
  for (const [name, schema] of made) expect([name, readFileSync(path.join(SCHEMAS, `${name}.json`), 'utf8')]).toEqual([name, schemaText(schema)]);
});

test.each<[string, object]>([
  ['status', statusOf({ now: 0, deployment: DEPLOYMENT, readIn: 'us-west-2', incidents: [], alarms: [], running: [], unread: [{ what: 'a', why: 'b' }] })],
  ['diff', new DiffCounts(1).document(COPY, COPY)],
  ['doctor', examine({ now: 0, deployment: DEPLOYMENT, unread: new Map() })],
  ['forget', receiptOf({ userPoolId: 'us-east-1_a', sub: 's', salt: 't', at: 0, tables: [], messages: 0 })],
  ['error', { error: { code: 'no-region', message: 'no Region', exit: 64 } }],
])('%s is as its schema says, and one without a field is not', (name, document) => {
  const isValid = schemaOf(name);
  expect([isValid(JSON.parse(JSON.stringify(document))), isValid.errors]).toEqual([true, null]);
  const [, ...others] = Object.entries(document);
  expect(isValid(Object.fromEntries(others))).toBe(false);
  expect(isValid({ ...document, added: true })).toBe(true);
});
