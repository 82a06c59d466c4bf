import { App, Aspects, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { FeaturePlan, Mfa, UserPool, UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as nag3 from 'cdk-nag';
import * as nag2 from 'cdk-nag-2';
import { Standby } from '../../src';
import { ACCOUNT, EVERYTHING, Given, make, Made, PRIMARY, REPLICA, synth } from '../helpers/templates';

const PACKS = ['AwsSolutionsChecks', 'HIPAASecurityChecks', 'NIST80053R4Checks', 'NIST80053R5Checks', 'PCIDSS321Checks', 'ServerlessChecks'] as const;

/** A pool in which cdk-nag finds nothing. */
const CLEAN: UserPoolProps = {
  featurePlan: FeaturePlan.PLUS,
  mfa: Mfa.REQUIRED,
  mfaSecondFactor: { sms: false, otp: true },
  passwordPolicy: { minLength: 12, requireLowercase: true, requireUppercase: true, requireDigits: true, requireSymbols: true },
};

/** With every feature, and this pool. */
const everything = (given: Given): Given => ({
  ...given,
  props: (app, stack) => ({
    ...(EVERYTHING.props as (app: App, stack: Stack) => object)(app, stack),
    standby: Standby.warm({ verifyPasswordsAgainstSource: true }),
  }),
});

const topics: Given['props'] = (_app, stack) => ({
  alarmTopics: [PRIMARY, REPLICA].map(region => Topic.fromTopicArn(stack, `Topic${region}`, `arn:aws:sns:${region}:${ACCOUNT}:alarms`)),
});

/** What version 3 finds, as `rule path`. It looks at what is there when it is asked: after a synthesis. */
function foundBy3({ app }: Made): string[] {
  return PACKS.flatMap(pack => new nag3[pack](app).validateScope(app).violations)
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`));
}

/** What version 2 finds, an Aspect that writes annotations. */
function foundBy2({ app }: Made): string[] {
  for (const pack of PACKS) Aspects.of(app).add(new nag2[pack]());
  return app.synth().stacks.flatMap(stack => stack.messages)
    .filter(({ level, entry }) => level !== 'info' && /^\w[\w.]*-\w+/.test(String(entry.data)))
    .map(({ id, entry }) => `${/^[\w.]+-\w+(\[.*?\])?/.exec(String(entry.data))![0]} ${id.slice(1)}`);
}

const VERSIONS: [string, (made: Made) => string[]][] = [
  ['2', made => foundBy2(made)],
  ['3', made => {
    made.app.synth();
    return foundBy3(made);
  }],
];

describe.each(VERSIONS)('cdk-nag %s', (_version, found) => {
  test.each<[string, Given]>([
    ['the one line, with topics', { pool: CLEAN, props: topics }],
    ['every feature', everything({ pool: CLEAN })],
    ['a pool of another stack', {
      props: topics,
      source: stack => new UserPool(new Stack(stack.node.root, 'Pools', { env: { account: ACCOUNT, region: PRIMARY } }), 'Users', CLEAN),
    }],
  ])('finds nothing on what the construct makes, in any pack: %s', (_name, given) => {
    const made = make(given);
    const theirs = new Set([made.userPool, ...made.userPool.node.findAll()].map(node => node.node.path));
    expect(found(made).filter(finding => !theirs.has(finding.split(' ')[1]))).toEqual([]);
  });

  test('finds that alarms tell nobody where no topic is given, and nothing else', () => {
    const rules = new Set(found(make({ pool: CLEAN })).filter(finding => !finding.includes(' Auth/Users/')).map(finding => finding.split(' ')[0]));
    expect([...rules].map(rule => rule.split('-').at(-1))).toEqual(['CloudWatchAlarmAction', 'CloudWatchAlarmAction', 'CloudWatchAlarmAction']);
  });

  test('finds on the mirror what it finds on the source pool, and nothing where that is suppressed', () => {
    const on = (pool: string, all: string[]) => all.filter(finding => finding.includes(` ${pool}`)).map(finding => finding.split(' ')[0]).sort();
    const bare = make();
    const all = found(bare);
    expect(on('Auth/Users/Resource', all)).toContain('AwsSolutions-COG1');
    expect(on('Auth/Dr/Replica/StandbyUserPool/UserPool/Resource', all)).toEqual(on('Auth/Users/Resource', all));
    const rules = on('Auth/Users/Resource', all);
    const ways: [string, (made: Made) => void][] = [
      ['by version 2, on the pool', ({ userPool }) =>
        nag2.NagSuppressions.addResourceSuppressions(userPool, rules.map(id => ({ id, reason: 'Tried and found to be right' })), true)],
      ['by version 2, on the stack', ({ stack }) =>
        nag2.NagSuppressions.addStackSuppressions(stack, rules.map(id => ({ id, reason: 'Tried and found to be right' })))],
      ['by version 3, on the pool', ({ userPool }) => rules.forEach(id => Validations.of(userPool).acknowledge({ id, reason: 'Tried and found right' }))],
      ['by version 3, on the stack', ({ stack }) => rules.forEach(id => Validations.of(stack).acknowledge({ id, reason: 'Tried and found right' }))],
    ];
    for (const [way, then] of ways.filter(([name]) => name.startsWith(`by version ${_version}`))) {
      expect([way, on('Auth/Dr/Replica/StandbyUserPool/UserPool/Resource', found(make({ then })))]).toEqual([way, []]);
    }
  });

  test('finds what the caller adds beside it, in either stack', () => {
    const made = make({
      pool: CLEAN,
      then: ({ dr, stack }) => [stack, dr.replicaStack].forEach(each => new Bucket(each, 'Mine')),
    });
    const all = found(made);
    for (const path of ['Auth/Mine/Resource', 'Auth/Dr/Replica/Mine/Resource']) expect(all).toContain(`AwsSolutions-S1 ${path}`);
  });
});

const POOLS = `arn:<AWS::Partition>:cognito-idp:us-west-2:${ACCOUNT}:userpool/*`;
const STACKS = 'arn:<AWS::Partition>:cloudformation';

test('each has a reason of its own, and a wildcard of a resource is where the logs of state machines are delivered, and where drills cannot name what they make', () => {
  const { app } = synth(everything({}));
  const resources = app.node.findAll().filter(node => CfnResource.isCfnResource(node));
  const rules = resources.flatMap(node => ((node.getMetadata('cdk_nag')?.rules_to_suppress ?? []) as { id: string; reason: string; applies_to?: string[] }[])
    .map(rule => ({ ...rule, path: node.node.path })));
  expect(rules.length).toBeGreaterThan(100);
  expect(rules.filter(({ reason }) => !/^[\x20-\x7e]{10,150}$/.test(reason))).toEqual([]);
  const wildcards = rules.filter(({ id }) => id.includes('IAM5'));
  expect(wildcards.map(({ path, applies_to }) => [path, applies_to])).toEqual([
    ['Auth/Dr/Replica/Switch/StateMachineRole/Resource', ['Resource::*']],
    ['Auth/Dr/Replica/Restore/StateMachineRole/Resource', ['Resource::*']],
    // Each report is an object of its own.
    ...['reports', 'pages', 'subs'].map(prefix =>
      ['Auth/Dr/Replica/Drill/Evidence/WriterRole/Resource', [`Resource::<DrillEvidenceBucket9AA934C4.Arn>/${prefix}/*`]]),
    // Pools that a drill makes, which have no ARN before, by their tag; lists, which have none; and the templates of two stacks.
    ['Auth/Dr/Replica/Drill/Workflow/SliceRole/Resource', ['Resource::*']],
    ['Auth/Dr/Replica/Drill/Workflow/SliceRole/Resource', [`Resource::${POOLS}`]],
    ['Auth/Dr/Replica/Drill/Workflow/BeginRole/Resource', [`Resource::${STACKS}:us-east-1:${ACCOUNT}:stack/Auth/*`]],
    ['Auth/Dr/Replica/Drill/Workflow/BeginRole/Resource', [`Resource::${STACKS}:us-west-2:${ACCOUNT}:stack/Auth-Dr-us-east-1-replica/*`]],
    ['Auth/Dr/Replica/Drill/Workflow/WatchRole/Resource', ['Resource::*']],
    ['Auth/Dr/Replica/Drill/Workflow/WatchRole/Resource', [`Resource::${POOLS}`]],
    ['Auth/Dr/Replica/Drill/Workflow/StateMachineRole/Resource', ['Resource::*']],
    // Executions that a plan of Region switch started.
    ...['restore', 'drill'].map(run => ['Auth/Dr/Replica/RegionSwitch/StepRole/Resource',
      [`Resource::arn:<AWS::Partition>:states:us-west-2:${ACCOUNT}:execution:Auth-Dr-us-east-1-${run}:region-switch-*`]]),
    ['Auth/Dr/Sweep/StateMachineRole/Resource', ['Resource::*']],
    ['Auth/Dr/Recovery/Workflow/StateMachineRole/Resource', ['Resource::*']],
  ]);
  // The same of functions in the words of another pack, which names no resource.
  expect(rules.filter(({ id }) => id === 'Serverless-LambdaStarPermissions').map(({ path }) => path)).toEqual([
    'Auth/Dr/Replica/Drill/Workflow/SliceRole/Resource', 'Auth/Dr/Replica/Drill/Workflow/WatchRole/Resource',
  ]);
});

test('nothing of cdk-nag is needed: the metadata is written out', () => {
  const { replica, primary } = synth();
  for (const template of [replica, primary]) {
    const { Metadata } = Object.values(template.findResources('AWS::StepFunctions::StateMachine'))[0];
    expect(Metadata.cdk_nag.rules_to_suppress[0]).toEqual({ id: 'AwsSolutions-SF2', reason: expect.stringContaining('one function at a time') });
  }
});
