import { COLOR, deadLetters, executions, LATE_MINUTES, line, ofFunction, ofLedger, writes } from './counted';
import { Machine, progressQuery, RegionFacts, TROUBLE_QUERY } from './region-facts';
import { alarmsRow, band, buttons, links, Panel, Row, Series, textRow } from './widgets';
import { RUNBOOK } from '../cdk/alarms';
import { DRILL_METRIC, RESTORE_METRIC, STANDBY_METRIC } from '../runtime/metric-names';

/** Triggers of the standby pool, by the names of their slots. */
export type StandbyTriggerNames = Readonly<Record<'UserMigration' | 'PreSignUp' | 'PostConfirmation' | 'PreTokenGeneration', string>>;

/** What is deployed in the replica Region. */
export interface ReplicaFacts extends RegionFacts {
  readonly restore: Machine & { readonly stateTableName: string };
  readonly standbyUserPoolId?: string;
  /** Where the triggers of the pool are this library's. */
  readonly standby?: { readonly switchArn: string; readonly triggers: StandbyTriggerNames; readonly deadLetters: string };
  /** Where the pool is kept filled. */
  readonly warm?: { readonly changesName: string; readonly setAside: string };
  readonly changeEvents?: { readonly putName: string; readonly deadLetters: string };
  readonly drill?: Machine & {
    readonly evidenceBucketName: string;
    readonly intervalDays: number;
    readonly targetRtoSeconds?: number;
    readonly targetRpoSeconds?: number;
  };
}

/** The dashboard of the replica Region, for the day on which the other one is dark. */
export function replicaLayout(facts: ReplicaFacts): Row[] {
  const { alarms, standby, drill } = facts;
  return [
    textRow(header(facts)), alarmsRow(alarms), copy(facts), restores(facts), ...standby ? [entrance(facts, standby)] : [], ...stuck(facts),
    ...drill ? [drills(facts, drill)] : [],
  ];
}

function header({ path, region, other, console }: ReplicaFacts): string {
  return `# Cognito users of ${path}: the copy's side, ${region}

**Good: no alarm is on.** Each has a chapter in the runbook under its name. All of this works while ${other.region} is dark.

` + buttons({
    'The Region is dark': `${RUNBOOK}#the-region-is-dark`,
    'What to do: alarms, by name': `${RUNBOOK}#alarms`,
    [`Dashboard of ${other.region}`]: console.dashboard(other.dashboardName),
  });
}

/** Of the two who follow the copy here, either knows how far behind it is. */
function copy({ region, other, warm, changeEvents, console }: ReplicaFacts): Row {
  const followers = Object.entries({ 'the standby': warm?.changesName, 'the event bus': changeEvents?.putName })
    .filter((each): each is [string, string] => each[1] !== undefined);
  const colors = [COLOR.BLUE, COLOR.GREEN];
  const panels: Panel[] = followers.length === 0 ? [] : [
    {
      kind: 'graph',
      title: 'Minutes behind the copy (good: under 1)',
      series: followers.map(([label, name], n) => ({
        label, color: colors[n], expression: `age${n} / 60000`, uses: { [`age${n}`]: ofFunction(name, 'IteratorAge', 'Maximum') },
      })),
      limit: { value: LATE_MINUTES, label: `${LATE_MINUTES} minutes: too late` },
    },
    // Others than a warm standby hear of changes only, and at a quiet pool of none.
    ...warm ? [{
      kind: 'graph',
      title: 'Signs of life: each sweep gives some (good: never empty)',
      series: [line('calls, by the hour', COLOR.BLUE, ofFunction(warm.changesName, 'Invocations', 'Sum', 60))],
    } satisfies Panel] : [],
  ];
  return band(`## Is the copy good?

**Its age, and from when it can restore, is in the copy itself**, which also says it while ${other.region} is dark: \
\`npx cognito-dr-replica status --region ${region}\`

${links({
  'What to do': `${RUNBOOK}#sweepalarmsoverdue`,
  ...Object.fromEntries(followers.map(([label, name]) => [`Function for ${label}`, console.function(name)])),
})}`, panels);
}

function stuck({ ledgerTableName, console, restore: { logGroupName }, standby, warm, changeEvents, account, urlSuffix }: ReplicaFacts): Row[] {
  const queues = Object.entries({
    'users without their groups': standby?.deadLetters,
    'changes not applied to the standby': warm?.setAside,
    'changes the event bus was not told': changeEvents?.deadLetters,
  }).filter((each): each is [string, string] => each[1] !== undefined);
  const [first] = queues;
  if (!first) return [];
  const panels: Panel[] = [
    deadLetters('Dead letters (good: 0)', Object.fromEntries(queues)),
    ...standby ? [standbyTriggers(ledgerTableName, standby.triggers)] : [],
    ...warm ? [{
      kind: 'graph',
      title: 'Deletions due but held (good: 0)',
      series: [line('users', COLOR.ORANGE, ofLedger(ledgerTableName, STANDBY_METRIC.DELETIONS_HELD, 'Maximum'))],
    } satisfies Panel] : [],
  ];
  return [band(`## Is anything stuck?

**Good: empty, or at zero.** Follow-ups that wait as dead letters come with \`npx cognito-dr-replica redrive\`; the runbook has the rest.

${links({
  'What to do': `${RUNBOOK}#alarms`,
  ...Object.fromEntries(queues.map(([label, queueName]) => [capitalised(label), console.queue({ account, urlSuffix, queueName })])),
  'Errors in the log': console.logs([logGroupName], TROUBLE_QUERY),
})}`, panels)];
}

function standbyTriggers(ledgerTableName: string, triggers: StandbyTriggerNames): Panel {
  const throttles = Object.entries(triggers).map(([slot, name], n): Series =>
    line(`${slot} refused`, [COLOR.ORANGE, COLOR.PURPLE, COLOR.BLUE, COLOR.GREEN][n], ofFunction(name, 'Throttles')));
  return {
    kind: 'graph',
    title: 'Triggers that fail (good: 0)',
    series: [line('failures', COLOR.RED, ofLedger(ledgerTableName, STANDBY_METRIC.TRIGGER_FAILURES, 'Sum', 5)), ...throttles],
  };
}

function restores({ ledgerTableName, console, restore: { stateMachineArn, logGroupName, stateTableName }, standbyUserPoolId }: ReplicaFacts): Row {
  const of = (name: string) => ofLedger(ledgerTableName, name, 'Sum', 5);
  return band(`## How far is a restore?

**Good**: what was started has succeeded, nobody failed, and while it runs, it writes. How far it is comes every few minutes, its counts at \
its end; -- means none.

${links({
  'What to do': `${RUNBOOK}#restorealarmsfailed`,
  'Executions': console.executions(stateMachineArn),
  'How far': console.logs([logGroupName], progressQuery(['progress.phase', 'progress.done', 'progress.total'])),
  ...standbyUserPoolId === undefined ? {} : { 'Users of the standby': console.users(standbyUserPoolId) },
})} · \`npx cognito-dr-replica list runs\``, [
    executions('Restores', stateMachineArn),
    writes('Is it moving? Writes to the table of outcomes', stateTableName),
    [
      {
        kind: 'numbers',
        title: 'Users, of those that ended',
        series: [
          line('there as copied', COLOR.GREEN, of(RESTORE_METRIC.USERS_RESTORED)), line('left out', COLOR.ORANGE, of(RESTORE_METRIC.USERS_SKIPPED)),
          line('failed', COLOR.RED, of(RESTORE_METRIC.USERS_FAILED)),
        ],
        isSum: true,
      },
      {
        kind: 'numbers',
        title: 'How far, in percent',
        series: [line('users seen to', COLOR.BLUE, ofLedger(ledgerTableName, RESTORE_METRIC.PROGRESS, 'Maximum', 5))],
      },
    ],
  ]);
}

function entrance({ ledgerTableName, console, region }: ReplicaFacts, { switchArn, triggers }: NonNullable<ReplicaFacts['standby']>): Row {
  const state = (label: string, color: string, id: string, name: string): Series =>
    ({ label, color, expression: `FILL(${id}, REPEAT)`, uses: { [id]: ofLedger(ledgerTableName, name, 'Maximum', 5) } });
  return band(`## Who gets in?

**Good in peace**: closed, and held at no moment; empty means that nobody turned the switch in the time shown. In an outage: open, and users come.

${links({
  'What to do': `${RUNBOOK}#standbyalarmsopened`,
  'Held at a moment': `${RUNBOOK}#standbyalarmsheld`,
  'Switch': console.executions(switchArn),
})} · \`npx cognito-dr-replica status --region ${region}\``, [
    {
      kind: 'graph',
      title: 'The standby: 1 is open, or held at a moment',
      series: [state('open', COLOR.RED, 'opened', STANDBY_METRIC.OPENED), state('held at a moment', COLOR.ORANGE, 'held', STANDBY_METRIC.HELD)],
    },
    {
      kind: 'graph',
      title: 'Users who come, by the hour',
      series: [
        line('first sign-ins and resets', COLOR.BLUE, ofFunction(triggers.UserMigration, 'Invocations', 'Sum', 60)),
        line('tokens', COLOR.GREEN, ofFunction(triggers.PreTokenGeneration, 'Invocations', 'Sum', 60)),
        line('tokens refused', COLOR.RED, ofLedger(ledgerTableName, STANDBY_METRIC.TOKENS_REFUSED)),
      ],
    },
  ]);
}

function drills({ ledgerTableName, console }: ReplicaFacts, drill: NonNullable<ReplicaFacts['drill']>): Row {
  const { stateMachineArn, logGroupName, evidenceBucketName, intervalDays, targetRtoSeconds, targetRpoSeconds } = drill;
  // By the hour CloudWatch keeps metrics for 455 days.
  const days = Math.min(455, 2 * intervalDays + 1);
  const hours = (label: string, color: string, id: string, name: string): Series =>
    ({ label, color, expression: `${id} / 3600`, uses: { [id]: ofLedger(ledgerTableName, name, 'Maximum') } });
  const target = (seconds?: number) => seconds === undefined ? '' : ` (target ${Number((seconds / 3600).toFixed(2))})`;
  return band(`## Do restores work? Drills

**Good**: the last drill passed, none is overdue, and no pool that one made is left after a day.

${links({
  'What to do': `${RUNBOOK}#drillalarmsfailed`,
  'Drills': console.executions(stateMachineArn),
  'How far': console.logs([logGroupName], progressQuery()),
  'Reports': console.objects(evidenceBucketName, 'pages/'),
})}`, [
    [
      {
        kind: 'numbers',
        title: 'Last drill, in hours',
        days,
        series: [
          hours(`to restore all${target(targetRtoSeconds)}`, COLOR.BLUE, 'rto', DRILL_METRIC.RTO),
          hours(`age of the copy${target(targetRpoSeconds)}`, COLOR.GREEN, 'rpo', DRILL_METRIC.RPO),
        ],
      },
      {
        kind: 'numbers',
        title: 'Good: 0, and under 24',
        series: [
          line('overdue', COLOR.RED, ofLedger(ledgerTableName, DRILL_METRIC.OVERDUE, 'Maximum')),
          hours('hours of a pool left', COLOR.ORANGE, 'pool', DRILL_METRIC.POOL_AGE),
        ],
      },
    ],
    { ...executions(`Drills of ${days} days`, stateMachineArn, 60), days },
  ]);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
