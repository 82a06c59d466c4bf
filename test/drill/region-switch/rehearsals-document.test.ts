import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { REGION_SWITCH_RUNS } from '../../../src/drill/region-switch/region-switch-step';

const ROOT = path.join(__dirname, '..', '..', '..');
const document = readFileSync(path.join(ROOT, 'docs', 'rehearsals.md'), 'utf8');
const [payload, experiment] = [...document.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text) as Record<string, any>);

test('the payload of the step is one that the function takes', () => {
  expect(REGION_SWITCH_RUNS).toContain(payload.run);
  expect(typeof payload.input).toBe('object');
});

test('the experiment pauses what it names, for less time than DynamoDB bears', () => {
  const { actionId, parameters, targets } = experiment.actions.pause;
  expect(actionId).toBe('aws:dynamodb:global-table-pause-replication');
  expect(Object.keys(experiment.targets)).toContain(targets.Tables);
  expect(Number(/^PT(\d+)H$/.exec(parameters.duration)?.[1])).toBeLessThan(20);
});

test('the alarms that it names are in the runbook', () => {
  const runbook = readFileSync(path.join(ROOT, 'docs/runbook.md'), 'utf8');
  const named = [...document.matchAll(/`(\w+Alarms)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter(name => !runbook.includes(`\n### ${name}/`))).toEqual([]);
});
