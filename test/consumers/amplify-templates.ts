import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

/**
 * Holds the templates of an Amplify backend with the line against those without it.
 *
 *   tsx test/consumers/amplify-templates.ts <cloud assembly with it> <cloud assembly without it>
 */
interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties?: Record<string, any>; readonly DependsOn?: string[] }>;
  readonly Rules?: Record<string, any>;
  readonly Outputs?: Record<string, unknown>;
}
interface Artifact {
  readonly type: string;
  readonly environment: string;
  readonly dependencies?: string[];
}
interface Assembly {
  readonly artifacts: Record<string, Artifact>;
  readonly templates: Record<string, Template>;
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

function read(folder: string): Assembly {
  const files = readdirSync(folder).filter(file => file.endsWith('.template.json'));
  return {
    artifacts: json(path.join(folder, 'manifest.json')).artifacts,
    templates: Object.fromEntries(files.map(file => [file.replace(/\.(nested\.)?template\.json$/, ''), json(path.join(folder, file))])),
  };
}

const [after, before] = process.argv.slice(2).map(read);
const only = <T>(found: T[]): T => {
  assert.equal(found.length, 1);
  return found[0];
};
const ofType = ({ Resources }: Template, type: string) => Object.entries(Resources).filter(([, resource]) => resource.Type === type);

// Amplify's own stacks are as they were, the pool's two triggers apart. The root has the new nested stack, the rule, and parameters between them.
const root = only(Object.keys(before.templates).filter(name => before.artifacts[name]?.type === 'aws:cloudformation:stack'));
for (const [name, template] of Object.entries(before.templates)) {
  const now = after.templates[name].Resources;
  for (const [id, was] of Object.entries(template.Resources)) {
    if (was.Type === 'AWS::CloudFormation::Stack') continue;
    if (was.Type !== 'AWS::Cognito::UserPool') {
      assert.deepEqual(now[id], was, `${name} ${id}`);
      continue;
    }
    const { Properties: { LambdaConfig, ...properties } = {}, DependsOn, ...rest } = now[id];
    assert.deepEqual({ ...rest, Properties: properties }, was, `${name} ${id}`);
    assert.deepEqual(Object.keys(LambdaConfig).sort(), ['PostAuthentication', 'PostConfirmation']);
    assert.equal(only(DependsOn!.map(other => now[other].Type)), 'AWS::Lambda::Permission');
  }
}

// The stack says no Region: the rule does, and where it is deployed is still open.
assert.equal(after.artifacts[root].environment, 'aws://unknown-account/unknown-region');
const [, rule] = only(Object.entries(after.templates[root].Rules!).filter(([id]) => id.includes('PrimaryRegion')));
assert.deepEqual(rule.Assertions[0].Assert, { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });

// The replica stack is the app's second one, deployed before the root.
const replica = only(Object.keys(after.artifacts).filter(name => after.artifacts[name].environment === 'aws://unknown-account/us-west-2'));
assert.ok(after.artifacts[root].dependencies!.includes(replica));
const standby = after.templates[replica];
assert.deepEqual(Object.keys(standby.Rules!), ['CheckBootstrapVersion']);
assert.doesNotMatch(JSON.stringify(standby), /Fn::ImportValue|\$\{Token|-Token-|unknown-(account|region)/);
const [, pool] = only(ofType(standby, 'AWS::Cognito::UserPool'));
const [, source] = only(Object.values(after.templates).filter(each => each !== standby).flatMap(each => ofType(each, 'AWS::Cognito::UserPool')));
for (const name of ['UsernameAttributes', 'AutoVerifiedAttributes', 'Policies', 'MfaConfiguration', 'VerificationMessageTemplate']) {
  assert.deepEqual(pool.Properties![name], source.Properties![name], name);
}
assert.equal(ofType(standby, 'AWS::Cognito::UserPoolClient').length, 1);
const [, ledger] = only(ofType(standby, 'AWS::DynamoDB::GlobalTable').filter(([, table]) => table.Properties!.Replicas.length === 2));
assert.deepEqual(ledger.Properties!.Replicas.map((each: { Region: string }) => each.Region).sort(), ['us-east-1', 'us-west-2']);
assert.match(ledger.Properties!.TableName, /^amplify-shop-main-\w+-[0-9a-f]+-dr-Dr-us-east-1-ledger$/);
process.stdout.write(`amplify: ${Object.keys(after.templates).length} templates in ${process.argv[2]}, and nothing else is changed\n`);
