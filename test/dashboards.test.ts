import { App, Duration, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnDashboard, Dashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { CognitoDrReplica, Drill, Standby } from '../src';
import { DashboardBody, bodyOf, readBody, seriesOf, ShownSeries } from './helpers/dashboard-picture';
import { documentText } from './helpers/documents';
import { ACCOUNT, EVERYTHING, Given, PRIMARY, REPLICA, synth, Templates } from './helpers/templates';
import { program } from '../src/cli/program';
import {
  CAPTURE_METRIC, DRILL_METRIC, INCIDENT_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE, RESTORE_METRIC, STANDBY_METRIC, SWEEP_METRIC,
} from '../src/runtime/metric-names';

const LEDGER = 'Auth-Dr-us-east-1-ledger';

const everything: Given = {
  ...EVERYTHING,
  props: (app, stack) => ({ ...(EVERYTHING.props as (app: App, stack: Stack) => object)(app, stack), standby: Standby.warm() }),
};
const least: Given = {
  source: stack => UserPool.fromUserPoolId(stack, 'Users', `${PRIMARY}_AbCdEfGhI`),
  props: { standby: Standby.none(), inPlaceRecovery: false },
};

/** Metrics that AWS publishes without charge, and the dimension by which they are found, with the type of what it names. */
const FREE: Record<string, { readonly names: readonly string[]; readonly dimension: string; readonly type: string }> = {
  'AWS/States': {
    names: ['ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'],
    dimension: 'StateMachineArn',
    type: 'AWS::StepFunctions::StateMachine',
  },
  'AWS/Lambda': { names: ['Errors', 'Throttles', 'Invocations', 'IteratorAge'], dimension: 'FunctionName', type: 'AWS::Lambda::Function' },
  'AWS/SQS': { names: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'], dimension: 'QueueName', type: 'AWS::SQS::Queue' },
  // Tables have literal names.
  'AWS/DynamoDB': { names: ['ConsumedWriteCapacityUnits', 'ReplicationLatency'], dimension: 'TableName', type: '' },
};
const TABLES = [LEDGER, `${LEDGER}-standby`, `${LEDGER}-recovery`];

/** What handlers emit in each Region. */
const EMITTED = {
  primary: Object.values<string>({ ...SWEEP_METRIC, ...CAPTURE_METRIC, ...INCIDENT_METRIC }),
  replica: Object.values<string>({ ...STANDBY_METRIC, ...RESTORE_METRIC, ...DRILL_METRIC }),
};

/** What is wrong with a metric of a dashboard. */
function problemOf({ metric }: ShownSeries, side: 'primary' | 'replica', template: Template): string | undefined {
  if (!metric) return undefined;
  const { Namespace: namespace = '', MetricName: name = '', Dimensions: [...dimensions] = [] } = metric;
  // Replication is measured where it begins, for each Region where it ends.
  const [{ Name, Value }, ...others] = dimensions.filter(each => name !== 'ReplicationLatency' || each.Name !== 'ReceivingRegion' || each.Value !== REPLICA);
  const says = `${namespace} ${name} ${Name}=${JSON.stringify(Value)}`;
  if (namespace === METRIC_NAMESPACE) {
    return EMITTED[side].includes(name) && Name === METRIC_DIMENSION && Value === LEDGER && others.length === 0 ? undefined : says;
  }
  const known = FREE[namespace];
  if (!known?.names.includes(name) || known.dimension !== Name || others.length > 0) return says;
  if (known.type === '') return TABLES.includes(Value as string) ? undefined : says;
  const { Ref: ref, 'Fn::GetAtt': [attributed] = [] } = Value as { readonly 'Ref'?: string; readonly 'Fn::GetAtt'?: string[] };
  return (ref ?? attributed ?? '') in template.findResources(known.type) ? undefined : says;
}

const markdownOf = ({ widgets }: DashboardBody) => widgets.flatMap(({ properties }) => properties.markdown ?? []).join('\n');
const linksOf = (body: DashboardBody) => [...markdownOf(body).matchAll(/\]\((https:[^)]*)\)/g)].map(([, url]) => url);
const titlesOf = ({ widgets }: DashboardBody) => widgets.flatMap(({ properties: { title, markdown } }) => title ?? /^##? (.*)/.exec(markdown!)![1]);

/** As GitHub makes them of headings. */
const anchors = [...documentText('docs/runbook.md').matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-'));

describe.each<[string, Given]>([['the one line', {}], ['everything', everything], ['as little as there can be', least]])('of %s', (_what, given) => {
  const templates: Templates = synth(given);
  describe.each([['primary', PRIMARY, REPLICA], ['replica', REPLICA, PRIMARY]] as const)('in the %s stack', (side, region, otherRegion) => {
    const template = templates[side];
    const body = bodyOf(template);
    const series = body.widgets.flatMap(seriesOf);

    test('widgets are on the grid, and none lies over another', () => {
      const taken = new Set<string>();
      for (const { x, y, width, height } of body.widgets) {
        expect([x, y, width, height].every(Number.isInteger) && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 24).toBe(true);
        for (let column = x; column < x + width; column++) {
          for (let row = y; row < y + height; row++) {
            expect(taken).not.toContain(`${column},${row}`);
            taken.add(`${column},${row}`);
          }
        }
      }
      // No hole either.
      expect(taken.size).toBe(24 * Math.max(...body.widgets.map(({ y, height }) => y + height)));
    });

    test('every metric is one that is published in its Region, of a thing of this stack, and named by its Region', () => {
      expect(series.length).toBeGreaterThan(8);
      expect(series.flatMap(each => problemOf(each, side, template) ?? [])).toEqual([]);
      expect(body.widgets.filter(({ type, properties }) => type === 'metric' && properties.region !== region)).toEqual([]);
      expect(series.filter(each => 'region' in each || 'accountId' in each)).toEqual([]);
    });

    test('every alarm of the Region is in the one widget of alarms', () => {
      const shown = body.widgets.filter(({ type }) => type === 'alarm').map(({ properties }) => properties.alarms!);
      const ids = Object.keys(template.findResources('AWS::CloudWatch::Alarm'));
      expect(ids.length).toBeGreaterThan(0);
      expect(shown).toEqual([ids.map(id => ({ 'Fn::GetAtt': [id, 'Arn'] }))].map(all => expect.arrayContaining(all)));
      expect(shown[0]).toHaveLength(ids.length);
      // CloudWatch's limit of one widget.
      expect(ids.length).toBeLessThanOrEqual(100);
    });

    test('links lead to chapters of the runbook, and to the console of this Region', () => {
      const links = linksOf(body);
      const chapters = links.filter(link => link.startsWith('https://github.com/')).map(link => /\/blob\/main\/docs\/runbook\.md#(.+)$/.exec(link)?.[1]);
      expect(chapters.length).toBeGreaterThan(2);
      expect(chapters.filter(anchor => !anchors.includes(anchor!))).toEqual([]);
      const console = links.filter(link => !link.startsWith('https://github.com/'));
      expect(console.length).toBeGreaterThan(2);
      expect(console.filter(link => !link.startsWith(`https://${region}.console.aws.amazon.com/`))).toEqual([]);
      expect(links.filter(link => /[\s<>[\]]/.test(link))).toEqual([]);
      // Of the other Region it knows the name, and that its dashboard can be seen from everywhere.
      expect(markdownOf(body)).toContain(`[button:Dashboard of ${otherRegion}](https://${region}.`);
    });

    test('commands can be typed', async () => {
      const commands = [...markdownOf(body).matchAll(/`npx cognito-dr-replica ([^`]+)`/g)].map(([, command]) => command.split(' '));
      expect(commands.length).toBeGreaterThan(0);
      for (const words of commands) {
        const ran: string[] = [];
        await program('', async name => { ran.push(name); return 0; }, () => undefined).parseAsync(['node', 'cognito-dr-replica', ...words]);
        expect(ran).toEqual([words[0]]);
      }
    });

    test('is within what is free of charge, and within CloudWatch\'s limits', () => {
      // The first three dashboards of an account are free of charge with up to 50 metrics each.
      expect(new Set(series.filter(({ metric }) => metric).map(({ metric }) => JSON.stringify(metric))).size).toBeLessThanOrEqual(50);
      expect(body.widgets.length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(body).length).toBeLessThan(50_000);
      expect(body).toMatchObject({ start: '-P1D', periodOverride: 'inherit' });
    });
  });
});

describe('has a place for what is deployed, and for nothing else', () => {
  const bus = (stack: Stack) => EventBus.fromEventBusArn(stack, 'Changes', `arn:aws:events:${REPLICA}:${ACCOUNT}:event-bus/changes`);
  const cases: [string, Given, string[], string[]][] = [
    ['the one line', {}, ['Triggers of the source pool (good: 0)', 'How far is a recovery?'], ['Who gets in?', 'Dead letters (good: 0)']],
    ['no triggers', { props: { captureTriggers: false } }, ['How far is a recovery?'], ['Who gets in?', 'Dead letters (good: 0)']],
    ['no recovery', { props: { inPlaceRecovery: false } }, ['Triggers of the source pool (good: 0)'], ['Who gets in?', 'Dead letters (good: 0)']],
    ['a warm standby', { props: { standby: Standby.warm() } }, ['Triggers of the source pool (good: 0)', 'How far is a recovery?'],
      ['Who gets in?', 'Dead letters (good: 0)', 'Minutes behind the copy (good: under 1)', 'Deletions due but held (good: 0)']],
    ['a bus, and no standby', { props: (_app, stack) => ({ standby: Standby.none(), changeEvents: bus(stack) }) },
      ['Triggers of the source pool (good: 0)', 'How far is a recovery?'], ['Dead letters (good: 0)', 'Minutes behind the copy (good: under 1)']],
    ['a standby pool of another stack', {
      props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Own', `${REPLICA}_Own`), unguarded: true }) }),
    }, ['Triggers of the source pool (good: 0)', 'How far is a recovery?'], []],
    ['as little as there can be', least, [], []],
    ['everything', everything, ['Triggers of the source pool (good: 0)', 'How far is a recovery?'],
      ['Who gets in?', 'Dead letters (good: 0)', 'Minutes behind the copy (good: under 1)', 'Deletions due but held (good: 0)', 'Do restores work? Drills']],
  ];
  const optional = new Set(cases.flatMap(([, , source, replica]) => [...source.map(title => `source ${title}`), ...replica.map(title => `replica ${title}`)]));

  test.each(cases)('%s', (_what, given, source, replica) => {
    const templates = synth(given);
    const present = (side: string, template: Template) => titlesOf(bodyOf(template)).filter(title => optional.has(`${side} ${title}`)).sort();
    expect(present('source', templates.primary)).toEqual([...source].sort());
    expect(present('replica', templates.replica)).toEqual([...replica].sort());
    for (const each of [templates.primary, templates.replica]) expect(titlesOf(bodyOf(each))).toContain('Is the copy good?');
    expect(titlesOf(bodyOf(templates.replica))).toContain('How far is a restore?');
  });
});

test('a drill is shown for two intervals, and as far back as CloudWatch knows it', () => {
  const starts = [7, 365].map(days => {
    const { replica } = synth({ props: { drill: Drill.schedule({ interval: Duration.days(days) }) } });
    return bodyOf(replica).widgets.flatMap(({ properties }) => properties.start ?? []);
  });
  expect(starts).toEqual([['-P15D', '-P15D'], ['-P455D', '-P455D']]);
});

test('where sweeps are days apart, the last one is seen when the next is overdue', () => {
  const { primary } = synth({ props: { sweepInterval: Duration.days(2) } });
  expect(bodyOf(primary).start).toBe('-P8D');
});

test('dashboard: false leaves them out', () => {
  const { primary, replica, dr } = synth({ props: { dashboard: false } });
  for (const template of [primary, replica]) template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  expect([dr.dashboard, dr.replicaDashboard]).toEqual([undefined, undefined]);
});

test('widgets of the application come below', () => {
  const { primary, replica } = synth({
    then: ({ dr }) => [dr.dashboard, dr.replicaDashboard].forEach(each => each!.addWidgets(new TextWidget({ markdown: '# On call', width: 24 }))),
  });
  for (const body of [primary, replica].map(bodyOf)) {
    const [last, ...others] = [...body.widgets].reverse();
    expect(last.properties.markdown).toBe('# On call');
    expect(last.y).toBe(Math.max(...others.map(({ y, height }) => y + height)));
  }
});

/** Names of all dashboards of an app, which are one list in an account, whatever their Region. */
function namesOf(app: App, type = 'AWS::CloudWatch::Dashboard', property = 'DashboardName'): string[] {
  const stages = app.node.findAll().filter(node => Stage.isStage(node));
  return stages.flatMap(stage => stage.synth().stacks)
    .flatMap(({ template }) => Object.values<{ Type: string; Properties: Record<string, string> }>(template.Resources))
    .filter(({ Type }) => Type === type).map(({ Properties }) => Properties[property]);
}

describe('in apps of other shapes', () => {
  const env = { account: ACCOUNT, region: PRIMARY };
  const app = () => new App({ analyticsReporting: false, treeMetadata: false });
  const replicate = (scope: Stack, id = 'Dr', more = {}) =>
    new CognitoDrReplica(scope, id, { userPool: new UserPool(scope, `Users${id}`), replicaRegion: REPLICA, ...more });

  test('names say whose side they are, and are no longer than CloudWatch takes', () => {
    const long = app();
    const stage = new Stage(long, 'P'.repeat(90), { env });
    replicate(new Stack(stage, 'S'.repeat(37)), 'D'.repeat(200));
    const names = namesOf(long);
    expect(names).toHaveLength(2);
    expect(names.filter(name => !/^[A-Za-z0-9_-]{200,255}$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(2);
    // Tables are dimensions of metrics, and no longer than DynamoDB takes.
    expect(Math.max(...namesOf(long, 'AWS::DynamoDB::GlobalTable', 'TableName').map(({ length }) => length))).toBe(255);
    const short = app();
    replicate(new Stack(short, 'Auth', { env }));
    expect(namesOf(short).sort()).toEqual(['Auth-Dr-us-east-1-replica-dashboard', 'Auth-Dr-us-east-1-source-dashboard']);
  });

  test('several in one stack and in Stages and in both directions have names of their own', () => {
    const many = app();
    const stack = new Stack(many, 'Auth', { env });
    replicate(stack, 'One');
    replicate(stack, 'Two');
    replicate(stack, 'Far', { replicaRegion: 'eu-west-1' });
    replicate(new Stack(many, 'West', { stackName: 'Auth', env: { ...env, region: REPLICA } }), 'One', { replicaRegion: PRIMARY });
    for (const id of ['Beta', 'Prod']) replicate(new Stack(new Stage(many, id, { env }), 'Auth'), 'One');
    const names = namesOf(many);
    expect(names).toHaveLength(12);
    expect(new Set(names).size).toBe(12);
  });

  test('two in one replica stack of the application, beside a dashboard of its own, show their own alarms', () => {
    const shared = app();
    const stack = new Stack(shared, 'Auth', { env });
    const replicaStack = new Stack(shared, 'West', { env: { ...env, region: REPLICA } });
    const [one, two] = ['One', 'Two'].map(id => replicate(stack, id, { replicaStack }));
    for (const [template, sides] of [
      [Template.fromStack(stack), [one.dashboard, two.dashboard]], [Template.fromStack(replicaStack), [one.replicaDashboard, two.replicaDashboard]],
    ] as const) {
      const found = template.findResources('AWS::CloudWatch::Dashboard');
      const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'));
      const idOf = ({ stack: own, node }: Dashboard) => own.getLogicalId(node.defaultChild as CfnDashboard);
      const bodies = sides.map(dashboard => readBody(found[idOf(dashboard!)].Properties.DashboardBody));
      const shown = bodies.map(({ widgets }) => widgets.find(({ type }) => type === 'alarm')!.properties.alarms!.map(each => JSON.stringify(each)));
      expect(shown.map(({ length }) => length)).toEqual([alarms.length / 2, alarms.length / 2]);
      expect(new Set(shown.flat()).size).toBe(alarms.length);
      expect(bodies.map(body => markdownOf(body).split('\n')[0])).toEqual(['One', 'Two'].map(id => expect.stringContaining(`Auth/${id}: `)));
    }
  });

  test('a stack without env, and one without an account, name the Region, and let CloudFormation fill in the account', () => {
    for (const own of [undefined, { region: PRIMARY }]) {
      const open = app();
      const stack = new Stack(open, 'Auth', { env: own });
      const dr = replicate(stack, 'Dr', { primaryRegion: PRIMARY });
      for (const [each, region] of [[stack, PRIMARY], [dr.replicaStack, REPLICA]] as const) {
        const body = bodyOf(Template.fromStack(each));
        expect(body.widgets.filter(({ type, properties }) => type === 'metric' && properties.region !== region)).toEqual([]);
        expect(body.widgets.flatMap(seriesOf).filter(series => 'region' in series || 'accountId' in series)).toEqual([]);
        expect(markdownOf(body)).toContain('%2F${AWS::AccountId}%2F');
        expect(linksOf(body).filter(link => !/^https:\/\/(github\.com|us-(east-1|west-2)\.console\.aws\.amazon\.com)\//.test(link))).toEqual([]);
      }
    }
  });

  test('a nested stack has its dashboard beside its alarms, with a literal name', () => {
    const parent = new Stack(app(), 'Auth', { env });
    const nested = new NestedStack(parent, 'Nested');
    const dr = replicate(nested as Stack);
    const body = bodyOf(Template.fromStack(nested));
    expect(body.widgets.find(({ type }) => type === 'alarm')!.properties.alarms).toHaveLength(11);
    expect(Stack.of(dr.dashboard!)).toBe(nested);
    expect(Object.values(Template.fromStack(nested).findResources('AWS::CloudWatch::Dashboard'))[0].Properties.DashboardName)
      .toBe('Auth-Nested-Dr-us-east-1-source-dashboard');
  });

  test('links lead to the console of another partition', () => {
    const gov = new Stack(app(), 'Auth', { env: { account: ACCOUNT, region: 'us-gov-west-1' } });
    replicate(gov, 'Dr', { replicaRegion: 'us-gov-east-1' });
    const console = linksOf(bodyOf(Template.fromStack(gov))).filter(link => !link.startsWith('https://github.com/'));
    expect(console.length).toBeGreaterThan(5);
    expect(console.filter(link => !link.startsWith('https://us-gov-west-1.console.amazonaws-us-gov.com/'))).toEqual([]);
  });
});
