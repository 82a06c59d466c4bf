import { ConsoleLinks } from '../../src/cdk/console';
import { ReplicaFacts, replicaLayout } from '../../src/dashboard/replica-layout';
import { SourceFacts, sourceLayout } from '../../src/dashboard/source-layout';
import { Row, Widget } from '../../src/dashboard/widgets';

const common = { path: 'Auth/Dr', account: '111122223333', urlSuffix: 'amazonaws.com', ledgerTableName: 'ledger', alarms: 3 };
const machine = (name: string) => ({ stateMachineArn: `arn:${name}`, logGroupName: `${name}-logs` });
const source: SourceFacts = {
  ...common,
  region: 'us-east-1',
  console: new ConsoleLinks('us-east-1'),
  other: { region: 'us-west-2', dashboardName: 'replica-dashboard' },
  sweepIntervalMinutes: 30,
  overdueIntervals: 3,
  sweep: machine('sweep'),
  hints: { queueName: 'hints', logGroupName: 'hints-logs' },
  deadLetters: { hints: 'dead-hints', events: 'dead-events' },
};
const replica: ReplicaFacts = {
  ...common,
  region: 'us-west-2',
  console: new ConsoleLinks('us-west-2'),
  other: { region: 'us-east-1', dashboardName: 'source-dashboard' },
  restore: { ...machine('restore'), stateTableName: 'ledger-standby' },
};
const standby: ReplicaFacts['standby'] = {
  switchArn: 'arn:switch', deadLetters: 'follow-ups', triggers: { UserMigration: 'm', PreSignUp: 's', PostConfirmation: 'c', PreTokenGeneration: 't' },
};

const flat = (rows: readonly Row[]) => rows.flat().flatMap(cell => Array.isArray(cell) ? cell as readonly Widget[] : [cell as Widget]);
const questions = (rows: readonly Row[]) => flat(rows).flatMap(each => each.kind === 'text' ? /^##? (.*)/.exec(each.markdown)![1] : []);

test.each<[string, Partial<SourceFacts>, string[]]>([
  ['no recovery', {}, []],
  ['a recovery', { recovery: { ...machine('recovery'), tableName: 'ledger-recovery' } }, ['How far is a recovery?']],
])('the source pool\'s side asks, with %s', (_what, more, asked) => {
  expect(questions(sourceLayout({ ...source, ...more }))).toEqual([
    'Cognito users of Auth/Dr: the source pool\'s side, us-east-1', 'Is the copy good?', 'Very many users at once?', 'Is anything stuck?', ...asked,
  ]);
});

test.each<[string, Partial<ReplicaFacts>, string[]]>([
  ['no standby', {}, []],
  ['a standby', { standby }, ['Who gets in?', 'Is anything stuck?']],
  ['a bus', { changeEvents: { putName: 'put', deadLetters: 'dead' } }, ['Is anything stuck?']],
  ['drills', { drill: { ...machine('drill'), evidenceBucketName: 'evidence', intervalDays: 30 } }, ['Do restores work? Drills']],
])('the copy\'s side asks, with %s', (_what, more, asked) => {
  expect(questions(replicaLayout({ ...replica, ...more }))).toEqual([
    'Cognito users of Auth/Dr: the copy\'s side, us-west-2', 'Is the copy good?', 'How far is a restore?', ...asked,
  ]);
});

test('a copy is too old after as many intervals as its alarm waits for', () => {
  const limits = flat(sourceLayout(source)).flatMap(each => each.kind === 'graph' && each.limit ? [each.limit] : []);
  expect(limits).toEqual([{ value: 90, label: '90 minutes, 3 intervals: too old' }, { value: 900, label: '15 minutes: too late' }]);
});

test('targets of drills stand beside what was reached', () => {
  const drill = { ...machine('drill'), evidenceBucketName: 'evidence', intervalDays: 30 };
  const labels = (more: object) => flat(replicaLayout({ ...replica, drill: { ...drill, ...more } }))
    .flatMap(each => each.kind === 'numbers' && each.title === 'Last drill, in hours' ? each.series.map(({ label }) => label) : []);
  expect(labels({})).toEqual(['to restore all', 'age of the copy']);
  expect(labels({ targetRtoSeconds: 43_200, targetRpoSeconds: 5_400 })).toEqual(['to restore all (target 12)', 'age of the copy (target 1.5)']);
});

test('a text is short enough for its place: about a dozen lines beside a graph', () => {
  const everything = [
    ...flat(sourceLayout({ ...source, triggerName: 'trigger', recovery: { ...machine('recovery'), tableName: 'ledger-recovery' } })),
    ...flat(replicaLayout({
      ...replica,
      standby,
      standbyUserPoolId: 'us-west-2_AbCdEfGhI',
      warm: { changesName: 'changes', setAside: 'set-aside' },
      changeEvents: { putName: 'put', deadLetters: 'dead' },
      drill: { ...machine('drill'), evidenceBucketName: 'evidence', intervalDays: 30 },
    })),
  ];
  const read = everything.flatMap(each => each.kind === 'text' && each.width === 6 ? [each.markdown.replace(/\]\([^)]*\)/g, ']')] : []);
  expect(read).toHaveLength(9);
  expect(Math.max(...read.map(({ length }) => length))).toBeLessThanOrEqual(380);
});
