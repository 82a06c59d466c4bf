import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/generated-files';
import { CognitoDrReplica, Standby } from '../../src';
import { ACCOUNT, EVERYTHING, Given, PRIMARY, REPLICA, synth } from '../helpers/templates';

interface Trust {
  readonly Principal: { readonly Service: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What SECURITY.md says of the templates and no other test shows. */
describe.each<[string, Given]>([
  ['the one line', {}], ['every feature', EVERYTHING], ['a warm standby', { props: { standby: Standby.warm() } }],
])('%s', (name, given) => {
  const { primary, replica } = synth(given);
  type Resource = { readonly Type: string; readonly Properties?: Record<string, unknown> };
  const resources = [primary, replica].flatMap(template => Object.values<Resource>(template.toJSON().Resources));
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);

  test('has no endpoint', () => {
    expect(resources.map(({ Type }) => Type).filter(type => /ApiGateway|AppSync|ElasticLoadBalancing|Lambda::Url|CloudFront|UserPoolDomain/.test(type))).toEqual([]);
  });

  test('lets nobody in but services of this account', () => {
    const principals = ofType('AWS::Lambda::Permission').map(({ Principal }) => Principal);
    expect([...new Set(principals)].filter(principal => !['cognito-idp.amazonaws.com', 'events.amazonaws.com'].includes(principal as string))).toEqual([]);
    const policies = ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy', 'AWS::IAM::Role'].flatMap(ofType);
    const documents = policies.map(({ PolicyDocument, AssumeRolePolicyDocument }) => PolicyDocument ?? AssumeRolePolicyDocument);
    const allowed = (documents as { Statement: Record<string, unknown>[] }[]).flatMap(({ Statement }) => Statement).filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal);
    expect(allowed.filter(principal => !Object.hasOwn(principal as object, 'Service'))).toEqual([]);
  });

  test('lets services take on a role for resources of this account alone, where the service says for what it does', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html; Lambda says neither. Cognito's roles are the source pool's own, and the mirror's.
    const trusts = ofType('AWS::IAM::Role').flatMap(({ AssumeRolePolicyDocument }) => (AssumeRolePolicyDocument as { Statement: Trust[] }).Statement);
    const open = trusts.filter(({ Principal: { Service }, Condition }) => !['lambda.amazonaws.com', 'cognito-idp.amazonaws.com'].includes(Service)
      && !(Condition?.StringEquals?.['aws:SourceAccount'] && Condition.ArnLike?.['aws:SourceArn']));
    expect(open).toEqual([]);
    const sources = trusts.flatMap(({ Principal: { Service }, Condition }) => {
      const arn = Condition?.ArnLike?.['aws:SourceArn'];
      return arn ? [`${Service} ${JSON.stringify(arn).replace(/.*"(:[^"]+)".*/, '$1')}`] : [];
    });
    expect(new Set(sources)).toEqual(new Set([
      `scheduler.amazonaws.com :scheduler:${PRIMARY}:${ACCOUNT}:schedule-group/default`,
      ...[PRIMARY, REPLICA].map(region => `states.amazonaws.com :states:${region}:${ACCOUNT}:stateMachine:*`),
      // Its drills.
      ...name === 'every feature' ? [`scheduler.amazonaws.com :scheduler:${REPLICA}:${ACCOUNT}:schedule-group/default`] : [],
      ...name === 'a warm standby' ? [`events.amazonaws.com :events:${REPLICA}:${ACCOUNT}:rule/*`] : [],
    ]));
  });

  test('encrypts every queue, and takes TLS only', () => {
    const queues = ofType('AWS::SQS::Queue');
    expect(queues.filter(({ SqsManagedSseEnabled }) => SqsManagedSseEnabled !== true)).toEqual([]);
    const plain = { Condition: { Bool: { 'aws:SecureTransport': 'false' } }, Effect: 'Deny', Action: 'sqs:*', Principal: { AWS: '*' } };
    const policies = ofType('AWS::SQS::QueuePolicy').map(({ PolicyDocument }) => PolicyDocument as { Statement: unknown[] });
    expect(policies).toHaveLength(queues.length);
    for (const { Statement } of policies) expect(Statement).toContainEqual(expect.objectContaining(plain));
  });
});

test('lists every attack that was tried on the standby, under the name of its test', () => {
  const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  const titles = [...read('test/standby/attacks.test.ts').matchAll(/^ +(?:test(?:\.each.*)?\(|\]\)\()?'((?:[^'\\]|\\.)*)', (?:async )?(?:\(|\w+ =>)/gm)];
  const named = titles.map(([, title]) => title.replaceAll('\\', '').replace(/: %[sj]$/, ''));
  const [, section] = read('SECURITY.md').split('## Attacks that were tried on the standby');
  const listed = section.split('\n## ')[0].split('\n').filter(line => line.startsWith('| ')).slice(2).map(line => line.split(' | ').at(-1)!.replace(/ \|$/, ''));
  expect(named.length).toBeGreaterThan(20);
  expect([...listed].sort()).toEqual([...named].sort());
});

test('says of every grant what its holder can do', () => {
  const prototypes = [CognitoDrReplica.prototype, Object.getPrototypeOf(CognitoDrReplica.prototype) as object];
  const grants = prototypes.flatMap(prototype => Object.getOwnPropertyNames(prototype)).filter(name => name.startsWith('grant'));
  expect(grants.length).toBeGreaterThan(9);
  const [, section] = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').split('## What somebody could do');
  const who = section.split('\n## ')[0].split('\n').filter(line => line.startsWith('| ')).slice(2).map(line => line.split(' | ')[0]);
  expect(who.flatMap(cell => [...cell.matchAll(/`(grant\w+)`/g)].map(([, name]) => name)).sort()).toEqual([...grants].sort());
});
