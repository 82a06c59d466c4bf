import { CfnOutput, CfnResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Drill, Standby } from '../../src';
import { ACCOUNT, EVERYTHING, Given, PRIMARY, REPLICA, synth } from '../helpers/templates';

const TABLE = 'AWS::DynamoDB::GlobalTable';
type Resources = Record<string, { Type: string; DependsOn?: string | string[]; Properties?: { TableName?: string; ScheduleExpression?: unknown } }>;

/** In an order in which CloudFormation may create the resources; fails where there is none. The tables come as early as they can. */
function order(template: Template): string[] {
  const resources: Resources = template.toJSON().Resources;
  const needs = needsOf(resources);
  const created: string[] = [];
  while (created.length < needs.size) {
    const ready = [...needs].filter(([id, others]) => !created.includes(id) && others.every(other => created.includes(other))).map(([id]) => id);
    const next = ready.find(id => resources[id].Type === TABLE) ?? ready[0];
    if (!next) throw new Error(`a circle among ${[...needs.keys()].filter(id => !created.includes(id)).join(', ')}`);
    created.push(next);
  }
  return created;
}

function needsOf(resources: Resources): Map<string, string[]> {
  return new Map(Object.entries(resources).map(([id, resource]) => {
    const referred = [...JSON.stringify(resource.Properties ?? {}).matchAll(/"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"|\$\{(\w+)\}/g)]
      .map(match => match[1] ?? match[2] ?? match[3]);
    return [id, [...referred, ...[resource.DependsOn ?? []].flat()].filter(other => other in resources)];
  }));
}

/** What CloudFormation has created by the time that it creates a resource, whatever the order. */
function neededBy(resources: Resources, id: string): Set<string> {
  const needs = needsOf(resources);
  const found = new Set(needs.get(id));
  for (const each of found) needs.get(each)!.forEach(other => found.add(other));
  return found;
}

/** What comes after the first table. */
function after(template: Template): string[] {
  const resources: Resources = template.toJSON().Resources;
  const ids = order(template);
  return ids.slice(ids.findIndex(id => resources[id].Type === TABLE)).map(id => `${resources[id].Type} ${id.replace(/[0-9A-F]{8}$/, '')}`);
}

const TABLES = [`${TABLE} LedgerTable`, `${TABLE} StandbyTable`];

describe('a first deployment that fails leaves no table behind: B2', () => {
  test.each<[string, Given, string[]]>([
    ['the one line', {}, []],
    ['every feature, of which only the mapping of change events needs the stream', EVERYTHING,
      ['AWS::DynamoDB::GlobalTable DrillTable', 'AWS::IAM::Policy ChangeEventsStreamOfTable', 'AWS::Lambda::EventSourceMapping ChangeEventsPutChangesStream',
        'AWS::Scheduler::Schedule DrillSchedule', 'AWS::Scheduler::Schedule DrillWatchSchedule']],
    ['no standby', { props: { standby: Standby.none() } }, []],
    ['a warm standby, of which only the mapping needs the stream', { props: { standby: Standby.warm() } },
      ['AWS::IAM::Policy FollowerStreamOfTable', 'AWS::Lambda::EventSourceMapping FollowerApplyChangeStream', 'AWS::Events::Rule FollowerDeletions',
        'AWS::Events::Rule FollowerFill', 'AWS::Lambda::Permission FollowerDeletionsAllowEventRuleAuthDrReplicaFollowerApplyDeletionsC1A1E952']],
  ])('the tables come last: %s', (_name, given, more) => {
    const last = after(synth(given).replica).filter(each => !each.startsWith('AWS::CDK::Metadata'));
    expect([...last].sort()).toEqual([...TABLES, ...more].sort());
    expect(last.filter(each => TABLES.includes(each))).toEqual(TABLES);
  });

  const own = (stack: Stack, id = 'Own') => new LambdaFunction(stack, id, {
    code: Code.fromInline('exports.handler = async event => event'), handler: 'index.handler', runtime: Runtime.NODEJS_24_X,
  });

  test('what reads a table comes after it, without a circle, be it a trigger of the standby pool', () => {
    const { replica } = synth({
      then: ({ dr }) => {
        const reader = own(dr.replicaStack);
        dr.ledgerTable.grantReadData(reader);
        (dr.standbyUserPool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, reader);
        own(dr.replicaStack, 'Waiting').node.addDependency(dr.stateTable);
      },
    });
    const late = after(replica);
    expect(late).toEqual(expect.arrayContaining([...TABLES, 'AWS::Lambda::Function Own', 'AWS::Lambda::Function Waiting',
      'AWS::Cognito::UserPool StandbyUserPool']));
    expect(late.filter(each => /Triggers(UserMigration|PreSignUp|FollowUps)$/.test(each))).toEqual([]);
  });

  const RULES = ['AWS::Events::Rule', 'AWS::Scheduler::Schedule'];
  const theirs = (stack: Stack, id = 'Theirs') => new Rule(stack, id, { schedule: Schedule.rate(Duration.days(1)) });

  test.each<[string, Given]>([
    ['drills', { props: { drill: Drill.schedule() } }],
    ['a warm standby', { props: { standby: Standby.warm() } }],
    ['both', { props: { standby: Standby.warm(), drill: Drill.schedule() } }],
    ['a rule of the user\'s own, which a table waits for', {
      props: { standby: Standby.warm() }, then: ({ dr }) => (dr.ledgerTable as TableV2).node.addDependency(theirs(dr.replicaStack)),
    }],
    ['a stack of the user\'s own', {
      props: app => ({ standby: Standby.warm(), replicaStack: new Stack(app, 'Far', { env: { account: ACCOUNT, region: REPLICA } }) }),
    }],
  ])('what a clock starts finds its tables: a schedule may fire as soon as it is there: %s', (_what, given) => {
    const { replica } = synth(given);
    const resources: Resources = replica.toJSON().Resources;
    const clocks = Object.entries(resources).filter(([id, { Type, Properties }]) => (
      RULES.includes(Type) && 'ScheduleExpression' in Properties! && !id.startsWith('Theirs'))).map(([id]) => id);
    const tables = Object.keys(resources).filter(id => resources[id].Type === TABLE);
    expect(clocks.length).toBeGreaterThanOrEqual(2);
    for (const clock of clocks) expect(tables.filter(table => !neededBy(resources, clock).has(table))).toEqual([]);
    expect(order(replica)).toHaveLength(Object.keys(resources).length);
  });

  const flagged = { env: { account: ACCOUNT, region: PRIMARY }, crossRegionReferences: true };
  test.each<[string, Given]>([
    ['the primary stack, as an output', { then: ({ stack, dr }) => new CfnOutput(stack, 'Stream', { value: dr.ledgerTable.tableStreamArn! }) }],
    ['the primary stack, that may have references of other Regions', {
      stack: flagged, then: ({ stack, dr }) => new CfnOutput(stack, 'Name', { value: dr.ledgerTable.tableName }),
    }],
    ['a third stack, that may have references of other Regions', {
      then: ({ app, dr }) => new CfnOutput(new Stack(app, 'Third', flagged), 'Name', { value: dr.ledgerTable.tableName }),
    }],
    ['a resource that names it by its logical id', {
      then: ({ dr }) => {
        const { logicalId } = dr.ledgerTable.node.defaultChild as CfnResource;
        new CfnResource(dr.replicaStack, 'Raw', { type: 'AWS::SNS::Topic', properties: { DisplayName: { Ref: logicalId } } });
        new CfnResource(dr.replicaStack, 'Text', { type: 'AWS::SNS::Topic', properties: { DisplayName: Fn.sub('${LedgerTable9343E4AA}') } });
      },
    }],
  ])('a table whose value is given to others comes before what gives it, without a circle: A2, %s', (_name, given) => {
    const late = after(synth(given).replica);
    expect(late).toEqual(expect.arrayContaining(TABLES));
    expect(late.filter(each => /Custom::|Raw|Text/.test(each)).length).toBeGreaterThan(0);
  });

  test('the table of recoveries comes last of what the primary stack gets', () => {
    const last = after(synth().primary).filter(each => !each.startsWith('AWS::CDK::Metadata'));
    expect(last).toEqual([`${TABLE} DrRecoveryPlansTable`]);
  });

  test('in a stack of one\'s own, whose other resources nobody waits for', () => {
    const { replica } = synth({
      props: app => {
        const replicaStack = new Stack(app, 'Far', { env: { account: ACCOUNT, region: REPLICA } });
        new Key(replicaStack, 'Theirs');
        return { replicaStack };
      },
    });
    expect(after(replica).filter(each => each.startsWith(TABLE))).toHaveLength(2);
    const tables = Object.values(replica.findResources(TABLE)) as { DependsOn: string[] }[];
    expect(tables.flatMap(({ DependsOn }) => DependsOn).filter(id => id.startsWith('Theirs'))).toEqual([]);
  });
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html; test/e2e/way-out.e2e.test.ts does it. */
test.each<[string, Given]>([['the one line', {}], ['every feature', EVERYTHING]])(
  'tables that are there already can be imported by their names, which are literals, as they stay when a stack goes: B2, %s', (_name, given) => {
    const tables = Object.values<Record<string, any>>(synth(given).replica.findResources(TABLE));
    expect(tables.map(({ DeletionPolicy, Properties: { TableName } }) => [typeof TableName, DeletionPolicy])).toEqual(tables.map(() => ['string', 'Retain']));
    expect(tables.length).toBeGreaterThanOrEqual(2);
  });

test('a replicaRegion that changes later meets the table of before under its name, and goes round it by ledgerTableName, as the limits say: B2', () => {
  const namesIn = (replicaRegion: string, ledgerTableName?: string) => Object.values<Record<string, any>>(
    synth({ props: { replicaRegion, ledgerTableName } }).replica.findResources(TABLE)).map(({ Properties: { TableName } }) => TableName);
  expect(namesIn('eu-west-1')).toEqual(namesIn('us-west-2'));
  expect(namesIn('eu-west-1', 'second').sort()).toEqual(['second', 'second-standby']);
});

test('the role that checks passwords stays the same when checking is turned off and on again, and is another one in another Region: B6', () => {
  const nameOf = (standby: Standby, replicaRegion = REPLICA) => Object.values(synth({ props: { standby, replicaRegion } }).replica.findResources('AWS::IAM::Role'))
    .map(({ Properties: { RoleName } }) => RoleName).filter(name => name !== undefined);
  const on = nameOf(Standby.onDemand({ verifyPasswordsAgainstSource: true }));
  expect(on).toEqual(['Auth-Dr-us-east-1-us-west-2-passwords']);
  expect(nameOf(Standby.onDemand())).toEqual(on);
  expect(nameOf(Standby.warm())).toEqual(on);
  expect(nameOf(Standby.onDemand(), 'eu-west-1')).not.toEqual(on);
});
