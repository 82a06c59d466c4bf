import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { PoolDefinition, Standby } from '../src';
import { Given, make, PRIMARY, synth } from './helpers/templates';
import { DescribedUserPool } from '../src/cognito/pool-settings';
import { attributeName, SchemaAttribute } from '../src/cognito/schema';
import { definitionDigest, PoolDefinitionFile } from '../src/operations/pool-definition';
import { mismatch } from '../src/restore/mismatch';
import { NOT_OF_POOL } from '../src/standby/mirror/described-pool';
import { POOL_PROPERTIES, POOL_PROPERTIES_OF_ITS_OWN } from '../src/standby/mirror/mirror-pool';

const POOL = `${PRIMARY}_AbCdEfGhI`;
const standardAttribute = (Name: string) => ({ Name, AttributeDataType: 'String', Mutable: true, Required: false, DeveloperOnlyAttribute: false });
const PASSKEYS = { RelyingPartyId: 'a.b', UserVerification: 'required', FactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION' };
/** As DescribeUserPool and its like answer. */
const FILE: PoolDefinitionFile = {
  schemaVersion: 1,
  userPoolId: POOL,
  clientsWithSecret: ['server1'],
  parts: [
    {
      part: 'pool',
      value: {
        Id: POOL,
        Name: 'customers',
        Arn: `arn:aws:cognito-idp:${PRIMARY}:111122223333:userpool/${POOL}`,
        Status: 'Enabled',
        AliasAttributes: [],
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
        AutoVerifiedAttributes: ['email'],
        MfaConfiguration: 'OPTIONAL',
        Policies: { PasswordPolicy: { MinimumLength: 12, RequireLowercase: true }, SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] } },
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true, UnusedAccountValidityDays: 7 },
        EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
        AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
        UserPoolTier: 'ESSENTIALS',
        SchemaAttributes: [
          { ...standardAttribute('sub'), Mutable: false, Required: true },
          { ...standardAttribute('email'), Required: true },
          standardAttribute('name'),
          standardAttribute('identities'),
          { ...standardAttribute('custom:team'), Mutable: false, StringAttributeConstraints: { MaxLength: '50' } },
          { ...standardAttribute('dev:custom:old'), DeveloperOnlyAttribute: true },
        ],
      },
    },
    { part: 'mfa', value: { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true }, WebAuthnConfiguration: PASSKEYS } },
    { part: 'client#web1', value: { ClientId: 'web1', UserPoolId: POOL, ClientName: 'web', ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'], CreationDate: 'x' } },
    { part: 'client#server1', value: { ClientId: 'server1', UserPoolId: POOL, ClientName: 'web', RefreshTokenValidity: 5 } },
    { part: 'identity-provider#Google', value: { ProviderName: 'Google' } },
    { part: 'resource-server#api', value: { UserPoolId: POOL, Identifier: 'api', Name: 'API', Scopes: [{ ScopeName: 'read', ScopeDescription: 'r' }] } },
  ],
};
const written = (content: string) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'definition-')), 'pool.json');
  writeFileSync(file, content);
  return file;
};
const fromFile = (file: object = FILE) => PoolDefinition.fromFile(written(JSON.stringify(file)));
const described = (more: Partial<Given> = {}, file: object = FILE): Given => ({
  source: stack => UserPool.fromUserPoolId(stack, 'Users', POOL),
  props: { standby: Standby.onDemand({ definition: fromFile(file) }) },
  ...more,
});

test('an imported pool gets the standby that pools of the app have: settings, schema, second factors, clients, resource servers', () => {
  const { replica, primary, dr } = synth(described());
  const [{ Properties: pool }] = Object.values(replica.findResources('AWS::Cognito::UserPool'));
  expect(pool).toMatchObject({
    UserPoolName: 'customers',
    UsernameAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
    AutoVerifiedAttributes: ['email'],
    MfaConfiguration: 'OPTIONAL',
    EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    Policies: { PasswordPolicy: { MinimumLength: 12, RequireLowercase: true } },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    UserPoolTier: 'ESSENTIALS',
    WebAuthnRelyingPartyID: 'a.b',
    WebAuthnUserVerification: 'required',
    WebAuthnFactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION',
  });
  expect(pool.AliasAttributes).toBeUndefined();
  expect(pool.AdminCreateUserConfig.UnusedAccountValidityDays).toBeUndefined();
  expect(pool.Schema).toEqual([
    expect.objectContaining({ Name: 'source_sub' }),
    { ...standardAttribute('email'), Required: true },
    { ...standardAttribute('team'), Mutable: false, StringAttributeConstraints: { MaxLength: '50' } },
    { ...standardAttribute('old'), DeveloperOnlyAttribute: true },
  ]);
  const clients = Object.values(replica.findResources('AWS::Cognito::UserPoolClient')).map(({ Properties }) => Properties);
  expect(clients.map(({ ClientName, GenerateSecret, RefreshTokenValidity }) => [ClientName, GenerateSecret, RefreshTokenValidity]).sort())
    .toEqual([['web', false, undefined], ['web', true, 5]]);
  replica.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', { Identifier: 'api', Scopes: [{ ScopeName: 'read', ScopeDescription: 'r' }] });
  // Nothing of the description is deployed in place of what exists.
  for (const type of ['UserPool', 'UserPoolClient', 'UserPoolResourceServer']) primary.resourceCountIs(`AWS::Cognito::${type}`, 0);
  expect(dr.mirrorUserPool).toBeDefined();
  const names = Object.values(replica.findResources('AWS::SSM::Parameter')).map(({ Properties }) => Properties.Name as string);
  expect(names.filter(name => name.includes('client-id')).map(name => name.split('client-id/')[1]).sort())
    .toEqual([`${POOL}-web-server1`, `${POOL}-web-web1`]);
});

test('every setting that Cognito describes is known under the name that CloudFormation has for it, or left for a reason', () => {
  const models = path.join(path.dirname(require.resolve('@aws-sdk/client-cognito-identity-provider/package.json')), 'dist-types', 'models');
  const text = readdirSync(models).map(file => readFileSync(path.join(models, file), 'utf8')).join('\n');
  const members = (type: string) => [...new RegExp(`export interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(text)![1].matchAll(/^    (\w+)\??:/gm)].map(([, name]) => name);
  const known = [...POOL_PROPERTIES, ...POOL_PROPERTIES_OF_ITS_OWN];
  expect(members('UserPoolType')).toEqual(expect.arrayContaining(['KeyConfiguration', 'EmailConfiguration', 'Domain', 'UserPoolTier']));
  expect(members('UserPoolType').filter(name => !known.includes(name) && !NOT_OF_POOL.includes(name))).toEqual([]);
  expect(members('WebAuthnConfigurationType').sort()).toEqual(Object.keys(PASSKEYS).sort());
});

/** As DescribeUserPool would answer of a pool that a template makes. */
const describedOf = ({ Schema, ...pool }: Record<string, unknown>): DescribedUserPool => ({
  ...pool,
  SchemaAttributes: (Schema as SchemaAttribute[]).map(({ Name, DeveloperOnlyAttribute: flag }) => ({ Name: attributeName(Name!, flag === true) })),
});

test.each<[string, object[]]>([
  ['that users see', [standardAttribute('custom:team')]],
  ['that only developers see', [{ ...standardAttribute('dev:custom:role'), DeveloperOnlyAttribute: true }]],
  ['that has the name of one of Cognito\'s own', [standardAttribute('email_verified'), standardAttribute('custom:email_verified')]],
])('a restore into the standby of a described pool is not refused for an attribute %s', (_what, SchemaAttributes) => {
  const source = { ...FILE.parts[0].value as DescribedUserPool, SchemaAttributes };
  const parts = FILE.parts.map(each => each.part === 'pool' ? { ...each, value: source } : each);
  const { replica } = synth(described({}, { ...FILE, parts }));
  const [{ Properties: pool }] = Object.values(replica.findResources('AWS::Cognito::UserPool'));
  expect(mismatch(source, describedOf(pool))).toBeUndefined();
  expect(pool.Schema.map(({ Name }: SchemaAttribute) => Name)).toHaveLength(2);
});

test('the standby of a described pool has the limits that the source gave attributes of Cognito\'s own', () => {
  const limited = { ...standardAttribute('name'), StringAttributeConstraints: { MinLength: '1', MaxLength: '40' } };
  const value = { ...FILE.parts[0].value as object, SchemaAttributes: [standardAttribute('nickname'), limited] };
  const { replica } = synth(described({}, { ...FILE, parts: FILE.parts.map(each => each.part === 'pool' ? { ...each, value } : each) }));
  const [{ Properties: pool }] = Object.values(replica.findResources('AWS::Cognito::UserPool'));
  expect(pool.Schema.slice(1)).toEqual([limited]);
});

test('the deployment says which definition it was made from, and another pool\'s, or a later one, has another fingerprint', () => {
  const { primary } = synth(described());
  const output = Object.entries(primary.toJSON().Outputs as Record<string, { Value: unknown }>).find(([id]) => id.includes('Deployment'))!;
  expect(JSON.stringify(output)).toContain(definitionDigest(FILE.parts));
  const changed = FILE.parts.map(each => each.part === 'mfa' ? { ...each, value: { MfaConfiguration: 'OFF' } } : each);
  expect(definitionDigest(changed)).not.toBe(definitionDigest(FILE.parts));
  const counted = FILE.parts.map(each => each.part === 'pool' ? { ...each, value: { ...each.value as object, EstimatedNumberOfUsers: 9 } } : each);
  expect(definitionDigest([...counted].reverse())).toBe(definitionDigest(FILE.parts));
});

test.each<[string, () => unknown, string]>([
  ['no file', () => PoolDefinition.fromFile('/nowhere/pool.json'), "PoolDefinition.fromFile got '/nowhere/pool.json': ENOENT"],
  ['another file', () => fromFile({ name: 'package' }), 'it is no definition of a user pool, as `npx cognito-dr-replica pool-definition'],
  ['no JSON', () => PoolDefinition.fromFile(written('{')), 'PoolDefinition.fromFile got'],
  ['another pool', () => make(described({}, { ...FILE, userPoolId: `${PRIMARY}_Other` })), `describes the user pool ${PRIMARY}_Other, not ${POOL}`],
  ['a pool of the app', () => make({ props: { standby: Standby.onDemand({ definition: fromFile() }) } }), 'is defined in this app, which says more than a file'],
  ['a pool of your own', () => Standby.onDemand({ definition: fromFile(), userPool: {} as never }), 'got both userPool and definition'],
])('%s is refused with the way out', (_, attempt, message) => {
  expect(attempt).toThrow(message);
});
