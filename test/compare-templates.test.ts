import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { templateDifferences } from '../scripts/compare-templates';

const HASH = ['a', 'b'].map(letter => letter.repeat(64));

const machine = (comment: string, timeout: number) => ({
  'Fn::Join': ['', [`{"StartAt":"A","TimeoutSeconds":${timeout},"Comment":"${comment}","States":{"A":{"Resource":"`, { Ref: 'Function' }, '"}}}']],
});

/** A template with every kind of thing that may differ. */
function template(hash = HASH[0], words = 'before', timeout = 60) {
  return {
    Description: words,
    Resources: {
      Function: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Key: `${hash}.zip` }, Description: words, Timeout: 5, Tags: [] as unknown } },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmDescription: words, AlarmActions: ['first', 'second'] } },
      Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: machine(`say \\"${words}\\"`, timeout) } },
    },
    Outputs: { StandbyTableName: { Description: words, Value: { Ref: 'Table' } } } as Record<string, unknown>,
  };
}

type Assembly = Record<string, unknown>;
const RENAMED = new Map([['StandbyTableName', 'StateTableName']]);
const directories: string[] = [];
afterAll(() => directories.forEach(directory => rmSync(directory, { recursive: true })));

function written(assembly: Assembly): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'assembly-'));
  directories.push(directory);
  Object.entries(assembly).forEach(([name, content]) => writeFileSync(path.join(directory, `${name}.template.json`), JSON.stringify(content)));
  return directory;
}

function compared(before: Assembly, after: Assembly, renames = new Map<string, string>()): string[] {
  return templateDifferences(written(before), written(after), renames);
}

test('asset hashes, words for people and outputs that are said to be renamed are no difference', () => {
  const after = template(HASH[1], 'after');
  after.Outputs = { StateTableName: after.Outputs.StandbyTableName };
  expect(compared({ Auth: template() }, { Auth: after }, RENAMED)).toEqual([]);
});

/** Each plants one difference into a template. */
const PLANTED: [string, (planted: ReturnType<typeof template>) => unknown, string][] = [
  ['a property', ({ Resources }) => { Resources.Function.Properties.Timeout = 6; }, 'Resources/Function/Properties/Timeout: 5 -> 6'],
  ['a new property', ({ Resources }) => Object.assign(Resources.Alarm.Properties, { Period: 60 }), 'Resources/Alarm/Properties/Period: undefined -> 60'],
  ['an order', ({ Resources }) => Resources.Alarm.Properties.AlarmActions.reverse(), 'Resources/Alarm/Properties/AlarmActions/0: "first" -> "second"'],
  ['a type', ({ Resources }) => { Resources.Function.Properties.Tags = {}; }, 'Resources/Function/Properties/Tags: [] -> {}'],
  ['a resource', ({ Resources }) => Object.assign(Resources, { More: {} }), 'Resources/More: undefined -> {}'],
  ['what a state machine does', ({ Resources }) => { Resources.Machine.Properties.DefinitionString = machine('', 61); }, 'DefinitionString/Fn::Join/1/0: '],
  ['an output', ({ Outputs }) => Object.assign(Outputs, { More: { Value: 1 } }), 'Outputs/More: undefined -> {"Value":1}'],
  ['a value of an output', ({ Outputs }) => { Outputs.StandbyTableName = { Description: 'before', Value: { Ref: 'Ledger' } }; }, 'Value/Ref: "Table" -> "Ledger"'],
];

test.each(PLANTED)('%s that differs is found', (_name, plant, difference) => {
  const planted = template();
  plant(planted);
  const found = compared({ Auth: template() }, { Auth: planted });
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toContain(difference);
  expect(found.every(line => line.startsWith('Auth.template.json/'))).toBe(true);
});

test('an output that was renamed without saying so, and one that was not renamed, are found', () => {
  const after = template();
  after.Outputs = { StateTableName: after.Outputs.StandbyTableName };
  expect(compared({ Auth: template() }, { Auth: after })).toHaveLength(2);
  expect(compared({ Auth: template() }, { Auth: template() }, RENAMED)).toHaveLength(2);
});

test('a template that came or went is found', () => {
  expect(compared({ Auth: template() }, { Auth: template(), More: template() }).join()).toContain('More.template.json/Resources: undefined');
  expect(compared({ Auth: template(), More: template() }, { Auth: template() }).join()).toContain('More.template.json/Resources: {');
});
