import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, CfnResource, IPolicyValidationPlugin, PolicyValidationPluginReport, Stack, Stage } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CloudFormationValidatePlugin } from 'aws-cdk-lib/core';
import * as ts from 'typescript';
import * as library from '../src';
import { ACCOUNT, EVERYTHING, Given, make, PRIMARY, REPLICA, synth } from './helpers/templates';
import { HandlerFunction } from '../src/cdk/handler-function';

const SRC = path.join(__dirname, '..', 'src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));

const RECOMMENDED_FLAGS: Record<string, unknown> = JSON.parse(
  readFileSync(path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json'), 'utf8'));

/** Loading its rules takes seconds, once. */
const TEMPLATE_VALIDATION: IPolicyValidationPlugin = new CloudFormationValidatePlugin();

describe('documentation', () => {
  /** Members of the exported structs, from their declarations. */
  const options = ts.createSourceFile('options.ts', readFileSync(path.join(SRC, 'options.ts'), 'utf8'), ts.ScriptTarget.ES2022, true);
  const structs = options.statements.filter(ts.isInterfaceDeclaration);
  const members = structs.flatMap(struct => struct.members.filter(ts.isPropertySignature).map(member => ({
    name: `${struct.name.text}.${(member.name as ts.Identifier).text}`,
    optional: member.questionToken !== undefined,
    readonly: member.modifiers?.some(modifier => modifier.kind === ts.SyntaxKind.ReadonlyKeyword) ?? false,
    text: ts.getJSDocCommentsAndTags(member).map(doc => doc.getText()).join('\n'),
    type: member.type?.getText() ?? '',
    defaults: ts.getJSDocTags(member).filter(tag => tag.tagName.text === 'default').map(tag => String(tag.comment)),
  })));

  test('covers every member of every struct', () => {
    expect(members.length).toBeGreaterThan(25);
    expect(members.filter(member => !member.readonly || member.text.length < 40).map(member => member.name)).toEqual([]);
  });

  test('every optional property says its default, and no required one does', () => {
    expect(members.filter(member => member.optional !== (member.defaults.length === 1)).map(member => member.name)).toEqual([]);
    expect(members.filter(member => member.defaults.some(value => /^(undefined|null|none)?$/.test(value))).map(member => member.name)).toEqual([]);
  });

  /** Public members of the exported classes, the hidden base class's included. */
  const classMembers = ['cognito-dr-replica.ts', 'metrics.ts', 'options.ts', 'pool-definition.ts', 'replica-grants.ts'].flatMap(file => {
    const source = ts.createSourceFile(file, readFileSync(path.join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    return source.statements.filter(ts.isClassDeclaration).flatMap(declaration => declaration.members)
      .filter(member => !/^\s*(?:private|protected)\b/.test(source.text.slice(member.getStart(source), member.end)))
      // Nobody can make the hidden base class.
      .filter(member => !(file === 'replica-grants.ts' && ts.isConstructorDeclaration(member)));
  });
  const nameOf = (member: ts.ClassElement) => member.name?.getText() ?? 'constructor';

  test('covers every public member of every class, and every parameter', () => {
    expect(classMembers.length).toBeGreaterThan(25);
    for (const member of classMembers) {
      const text = ts.getJSDocCommentsAndTags(member).map(doc => doc.getText()).join('\n');
      const parameters = ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member) ? member.parameters : [];
      expect([nameOf(member), text.length > 20]).toEqual([nameOf(member), true]);
      const silent = parameters.filter(parameter => ts.getJSDocParameterTags(parameter).length !== 1).map(parameter => parameter.name.getText());
      expect([nameOf(member), silent]).toEqual([nameOf(member), []]);
    }
  });

  test('has whole sentences in its tables, which end at the first semicolon', () => {
    const API = readFileSync(path.join(SRC, '..', 'API.md'), 'utf8').split('\n');
    expect(API.filter(line => line.startsWith('|')).length).toBeGreaterThan(60);
    expect(API.filter(line => /; \|$|\*No description\.\*/.test(line))).toEqual([]);
  });

  test('types are usable from every language of jsii', () => {
    const types = [...members.map(member => member.type), ...classMembers.map(member => (member as ts.MethodDeclaration).type?.getText() ?? ''),
      ...classMembers.flatMap(member => ts.isMethodDeclaration(member) ? member.parameters.map(parameter => parameter.type?.getText() ?? '') : [])];
    expect(types.length).toBeGreaterThan(60);
    // No unions, which other languages do not check; nothing that a handler's generated function is. What may be absent is no union.
    expect(types.map(type => type.replace(/ \| undefined$/, '')).filter(type => /\bany\b|\bunknown\b|\||readonly |(?<!\bI)Function$/.test(type))).toEqual([]);
  });

  test('what is exported is what is meant to be', () => {
    expect(Object.keys(library).sort()).toEqual(['CognitoDrReplica', 'Drill', 'PoolDefinition', 'Standby']);
    expect(readFileSync(path.join(SRC, 'index.ts'), 'utf8').match(/\w+(?=[,} ]*(?:,|\}))/g)!.sort()).toEqual([
      'CognitoDrReplica', 'CognitoDrReplicaProps', 'Drill', 'DrillScheduleOptions', 'PoolDefinition', 'RequestQuotas', 'Standby', 'StandbyOptions',
      'WarmStandbyOptions',
    ]);
  });
});

describe('source files', () => {
  test('no construct file reaches into a handler', () => {
    const reaching = sources.filter(file => !/\.lambda(-shared)?\.ts$|^cli\//.test(file))
      .filter(file => /from '[^']*\.lambda(-shared)?'/.test(readFileSync(path.join(SRC, file), 'utf8')));
    expect(reaching).toEqual([]);
  });

  test('the construct reads no feature flag', () => {
    expect(sources.filter(file => readFileSync(path.join(SRC, file), 'utf8').includes('FeatureFlags'))).toEqual([]);
  });

  test('the main class stays small', () => {
    expect(readFileSync(path.join(SRC, 'cognito-dr-replica.ts'), 'utf8').split('\n').length).toBeLessThan(300);
  });
});

/** A text that is whole once the partition is known. */
function inOnePartition(_name: string, value: unknown): unknown {
  const parts = (value as { readonly 'Fn::Join'?: [string, (string | { readonly Ref?: string })[]] } | undefined)?.['Fn::Join']?.[1];
  const isWhole = parts?.every(part => typeof part === 'string' || part.Ref === 'AWS::Partition');
  return isWhole ? parts!.map(part => typeof part === 'string' ? part : 'aws').join('') : value;
}

/** Findings on what the construct makes, as `rule path`. */
function findings(report: PolicyValidationPluginReport): string[] {
  return report.violations.flatMap(violation => violation.violatingResources
    .map(resource => resource.constructPath ?? `${resource.templatePath} ${resource.resourceLogicalId}`)
    .filter(where => !/^Auth\/Users\//.test(where))
    .map(where => `${violation.ruleName} ${where}`));
}

describe.each<[string, Given]>([
  ['the one line', {}],
  ['every feature', EVERYTHING],
  ['every feature, with the recommended feature flags', { ...EVERYTHING, app: { context: RECOMMENDED_FLAGS } }],
])('%s', (_name, given) => {
  const templates = synth(given);

  test('CDK\'s own template validation finds nothing', () => {
    const assembly = templates.app.synth();
    for (const artifact of assembly.stacks) {
      const where = { region: artifact.environment.region, accountId: artifact.environment.account };
      // Newer releases of aws-cdk-lib read where a stack is from the stack, older ones from the whole.
      const stackTemplate = { stackConstructPath: artifact.hierarchicalId, templatePath: artifact.templateFullPath, ...where };
      const report = TEMPLATE_VALIDATION.validate({
        templatePaths: [artifact.templateFullPath],
        stackTemplates: [stackTemplate],
        ...where,
        appConstruct: templates.app,
      });
      expect(findings(report)).toEqual([]);
    }
  });

  test('the replica stack depends on nothing and refers to no other stack', () => {
    expect(templates.dr.replicaStack.dependencies).toEqual([]);
    const text = JSON.stringify(templates.replica.toJSON());
    expect(text).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|CrossRegionExport/);
    const declared = Object.keys({ ...templates.replica.toJSON().Resources, ...templates.replica.toJSON().Parameters });
    const referenced = [...text.matchAll(/"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"/g)].map(match => match[1] ?? match[2]);
    expect(referenced.filter(id => !id.startsWith('AWS::') && !declared.includes(id))).toEqual([]);
  });

  test('needs no custom resource, and no parameter but the CDK\'s own', () => {
    for (const template of [templates.primary, templates.replica].map(each => each.toJSON())) {
      const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
      expect(types.filter(type => /^Custom::|CustomResource/.test(type))).toEqual([]);
      expect(Object.keys(template.Parameters)).toEqual(['BootstrapVersion']);
    }
  });

  test('the recommended feature flags change nothing that matters', () => {
    // Partition literals change how a template writes every ARN, and nothing else.
    const { '@aws-cdk/core:enablePartitionLiterals': _literals, ...recommended } = RECOMMENDED_FLAGS;
    expect(Object.keys(recommended).length).toBeGreaterThan(60);
    const flagged = synth({ ...given, app: { context: recommended } });
    for (const stack of ['primary', 'replica'] as const) {
      const resources = (template: typeof flagged.replica) =>
        Object.values<{ Type: string; Properties: Record<string, unknown> }>(template.toJSON().Resources);
      const essence = (template: typeof flagged.replica) => resources(template)
        .filter(resource => /DynamoDB|Cognito|StepFunctions|Scheduler|CloudWatch|Lambda::Function/.test(resource.Type))
        .map(({ Type, Properties: { Code: _code, ...properties } }) => ({ Type, properties }));
      const written = (template: typeof flagged.replica): unknown => JSON.parse(JSON.stringify(essence(template), inOnePartition));
      expect(written(flagged[stack])).toEqual(written(templates[stack]));
    }
  });
});

test('everything that a clock starts says its input: the clock\'s own event is input to nothing', () => {
  const { primary, replica } = synth({ props: { standby: library.Standby.warm() } });
  const started = [primary, replica].flatMap(template => [
    ...Object.entries(template.findResources('AWS::Events::Rule')).filter(([, { Properties }]) => Properties.ScheduleExpression !== undefined)
      .flatMap(([id, { Properties }]) => Properties.Targets.map((target: object) => [id, target])),
    ...Object.entries(template.findResources('AWS::Scheduler::Schedule')).map(([id, { Properties }]) => [id, Properties.Target]),
  ]);
  expect(started.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['DrSweepSchedule', 'FollowerDeletions', 'FollowerFill']);
  expect(started.filter(([, target]) => typeof target.Input !== 'string').map(([id]) => id)).toEqual([]);
});

test('a Stage of its own has both stacks, replica first', () => {
  const app = new App();
  const stage = new Stage(app, 'Prod', { env: { account: ACCOUNT, region: PRIMARY } });
  const stack = new Stack(stage, 'Auth');
  new library.CognitoDrReplica(stack, 'Dr', { userPool: new UserPool(stack, 'Users'), replicaRegion: REPLICA });
  expect(app.synth().getNestedAssembly('assembly-Prod').stacks.map(artifact => artifact.environment.region)).toEqual([REPLICA, PRIMARY]);
});

test('every handler is run by exactly one function, and every function runs a handler', () => {
  const fromAsset = jest.spyOn(Code, 'fromAsset');
  const { app } = make({
    props: (_app, own) => ({
      standby: library.Standby.warm({ verifyPasswordsAgainstSource: true }),
      drill: library.Drill.schedule(),
      regionSwitch: true,
      changeEvents: EventBus.fromEventBusArn(own, 'Changes', 'arn:aws:events:us-west-2:111122223333:event-bus/changes'),
    }),
  });
  app.synth();
  const run = fromAsset.mock.calls.map(([directory]) => path.relative(path.join(SRC, '..', 'assets'), directory));
  const functions = app.node.findAll().filter(node => node instanceof HandlerFunction);
  expect(run.sort()).toEqual(sources.filter(file => file.endsWith('.lambda.ts')).map(file => file.replace(/\.ts$/, '')).sort());
  expect(functions).toHaveLength(run.length);
  expect(app.node.findAll().filter(node => CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Lambda::Function')).toHaveLength(run.length);
});

test('every handler is bundled, and no larger than 500 KB', () => {
  const handlers = sources.filter(file => file.endsWith('.lambda.ts'));
  for (const handler of handlers) {
    const bundle = path.join(SRC, '..', 'assets', handler.replace(/\.ts$/, ''), 'index.js');
    expect(existsSync(bundle)).toBe(true);
    // A user waits while the trigger's function is loaded.
    expect(readFileSync(bundle).length).toBeLessThanOrEqual(handler.includes('on-user-event') ? 250_000 : 500_000);
  }
  expect(handlers.length).toBeGreaterThanOrEqual(3);
});

test('zod is imported in one place, which chooses the small API and sets its messages', () => {
  const importing = sources.filter(file => /from 'zod\b/.test(readFileSync(path.join(SRC, file), 'utf8')));
  expect(importing).toEqual([path.join('runtime', 'zod.lambda-shared.ts')]);
});
