import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { schemasOfDocuments, schemaText } from '../../scripts/schemas';
import { DiffCounts } from '../../src/cli/commands/diff';
import { examine } from '../../src/cli/commands/doctor';
import { drillPlanOf } from '../../src/cli/commands/drill';
import { receiptOf } from '../../src/cli/commands/forget';
import { statusOf } from '../../src/cli/commands/status';
import { Deployment } from '../../src/operations/deployment';
import { schemaOf, SCHEMAS } from '../helpers/document-schemas';

const COPY = { of: 'copy', userPoolId: 'us-east-1_a' } as const;
const DEPLOYMENT = { sweepIntervalSeconds: 60 } as Deployment;

test('the schemas in the package are those of the types: npx projen schemas makes them', () => {
  const made = schemasOfDocuments();
  // The form of a drill's report is published by itself: `drill.json` refers to it.
  expect(readdirSync(SCHEMAS).sort()).toEqual([...[...made.keys()].map(name => `${name}.json`), 'drill-report-1.json'].sort());
  for (const [name, schema] of made) expect([name, readFileSync(path.join(SCHEMAS, `${name}.json`), 'utf8')]).toEqual([name, schemaText(schema)]);
});

test.each<[string, object]>([
  ['status', statusOf({ now: 0, deployment: DEPLOYMENT, readIn: 'us-west-2', incidents: [], alarms: [], running: [], unread: [{ what: 'a', why: 'b' }] })],
  ['diff', new DiffCounts(1).document(COPY, COPY)],
  ['doctor', examine({ now: 0, deployment: DEPLOYMENT, silent: [], unread: new Map() })],
  ['drill-plan', drillPlanOf({
    now: 1, source: { poolId: 'p', users: 1, firstSweptAt: 0, historyDays: 1 }, scheduled: { moment: 'latest', users: 1, quotaShare: 1 }, machine: 'm', region: 'r',
  }, {})],
  ['forget', receiptOf({ userPoolId: 'us-east-1_a', sub: 's', salt: 't', at: 0, tables: [], messages: 0 })],
  ['error', { error: { code: 'no-region', message: 'no Region', exit: 64 } }],
])('%s is as its schema says, and one without a field is not', (name, document) => {
  const isValid = schemaOf(name);
  expect([isValid(JSON.parse(JSON.stringify(document))), isValid.errors]).toEqual([true, null]);
  const [, ...others] = Object.entries(document);
  expect(isValid(Object.fromEntries(others))).toBe(false);
  expect(isValid({ ...document, added: true })).toBe(true);
});
