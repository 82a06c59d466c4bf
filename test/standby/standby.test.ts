import { App, Aspects, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FeaturePlan, LambdaVersion, Mfa, StringAttribute, UserPool, UserPoolOperation, UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Standby, StandbyOptions } from '../../src';
import { DELETION_COGNITO_ACTIONS, FOLLOW_UP_COGNITO_ACTIONS, WARM_COGNITO_ACTIONS } from '../../src/standby/constants';
import { LINK_READ_ACTIONS, LINK_WRITE_ACTIONS, SWITCH_READ_ACTIONS, WARM_TABLE_ACTIONS } from '../../src/state/constants';
import { ACCOUNT, EVERYTHING, Given, REPLICA, Templates, make, permissions, statementsById, statementsOf, synth, warnings } from '../helpers/templates';

const LEDGER = `arn:\${AWS::Partition}:dynamodb:${REPLICA}:${ACCOUNT}:table/Auth-Dr-us-east-1-ledger`;
const TABLE = `${LEDGER}-standby`;
const POOL = '${StandbyUserPool.Arn}';
const NAMES = ['emails', 'phone-numbers', 'preferred-usernames', 'sign-in-names'];
const lookUp = (...more: string[]) => [
  ...['BatchGetItem', 'GetItem', 'Query'].map(action => `dynamodb:${action} on ${LEDGER}`),
  ...[...NAMES, ...more].map(name => `dynamodb:Query on ${LEDGER}/index/${name}`),
];
const SWITCH = SWITCH_READ_ACTIONS.map(action => `${action} on ${TABLE}`);
const standby = (options: StandbyOptions): Given => ({ props: { standby: Standby.onDemand(options) } });

/** What a function may do, without its logs. */
function may(template: Template, role: string): string[] {
  return permissions(statementsOf(template, role)).filter(permission => !permission.startsWith('logs:'))
    .map(permission => permission.replace('${StandbyUserPoolUserPool.Arn}', POOL));
}

function poolOf({ replica }: Templates) {
  return Object.values(replica.findResources('AWS::Cognito::UserPool'))[0].Properties;
}

const aFunction = (stack: Stack) => new LambdaFunction(stack, 'Mine', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline(' ') });

describe('on demand', () => {
  const one = synth();

  test('the pool calls this library\'s functions, version 3 for tokens, and may', () => {
    expect(Object.keys(poolOf(one).LambdaConfig).sort()).toEqual(['PostConfirmation', 'PreSignUp', 'PreTokenGenerationConfig', 'UserMigration']);
    expect(poolOf(one).LambdaConfig.PreTokenGenerationConfig.LambdaVersion).toBe('V3_0');
    one.replica.resourcePropertiesCountIs('AWS::Lambda::Permission', { Principal: 'cognito-idp.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } }, 4);
  });

  test('version 1 on the plan Lite', () => {
    const { LambdaConfig: config } = poolOf(synth({ pool: { featurePlan: FeaturePlan.LITE } }));
    expect(Object.keys(config).sort()).toEqual(['PostConfirmation', 'PreSignUp', 'PreTokenGeneration', 'UserMigration']);
  });

  test.each<[string, string[]]>([
    ['StandbyTriggersUserMigration', [...lookUp(), ...SWITCH, 'sqs:SendMessage on ${StandbyTriggersFollowUps.Arn}', `cognito-idp:DescribeUserPool on ${POOL}`]],
    ['StandbyTriggersPreSignUp', [...lookUp(), ...SWITCH, `cognito-idp:DescribeUserPoolClient on ${POOL}`]],
    ['StandbyTriggersPreTokenGeneration', [
      ...lookUp('memberships'), ...[...new Set([...LINK_READ_ACTIONS, ...SWITCH_READ_ACTIONS])].map(action => `${action} on ${TABLE}`),
      'sqs:SendMessage on ${StandbyTriggersFollowUps.Arn}', `cognito-idp:AdminGetUser on ${POOL}`,
    ]],
    ['StandbyTriggersPostConfirmation', [
      ...lookUp('memberships'), 'sqs:SendMessage on ${StandbyTriggersFollowUps.Arn}', ...LINK_WRITE_ACTIONS.map(action => `${action} on ${TABLE}`),
      ...FOLLOW_UP_COGNITO_ACTIONS.map(action => `${action} on ${POOL}`),
    ]],
    ['StandbyTriggersFollowUp', [
      ...lookUp('memberships'), ...LINK_WRITE_ACTIONS.map(action => `${action} on ${TABLE}`),
      ...FOLLOW_UP_COGNITO_ACTIONS.map(action => `${action} on ${POOL}`),
      ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(action => `sqs:${action} on \${StandbyTriggersFollowUps.Arn}`),
    ]],
  ])('%s may do exactly this', (role, expected) => {
    expect(may(one.replica, role)).toEqual([...expected].sort());
  });

  test('whoever puts users into groups may give those their roles, and no others', () => {
    const { replica } = synth({ props: (_app, stack) => ({ groupRoles: { admins: Role.fromRoleArn(stack, 'Admins', `arn:aws:iam::${ACCOUNT}:role/admins`) } }) });
    for (const role of ['StandbyTriggersPostConfirmation', 'StandbyTriggersFollowUp']) {
      expect(may(replica, role)).toContain(`iam:PassRole on arn:aws:iam::${ACCOUNT}:role/admins`);
    }
  });

  test('what applications read is in the replica Region, under a literal name', () => {
    const { dr, replica } = synth({ then: ({ userPool }) => userPool.addClient('Web') });
    const parameters = Object.values(replica.findResources('AWS::SSM::Parameter')).map(({ Properties }) => Properties.Name).sort();
    expect(dr.standbyParameterPrefix).toBe('/cognito-dr-replica/Auth-Dr-us-east-1-standby');
    expect(parameters).toEqual(['client-id/Auth-Users-Web', 'issuer', 'jwks-uri', 'user-pool-id'].map(name => `${dr.standbyParameterPrefix}/${name}`));
    expect(dr.standbyIssuer).toContain(`https://cognito-idp.${REPLICA}.`);
  });

  test('names of claims, and a reset at sign-in', () => {
    const { replica } = synth(standby({ sourceSubClaim: 'app_id', resetPasswordAtSignIn: true }));
    replica.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { SOURCE_SUB_CLAIM: 'app_id' } } });
    replica.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { RESET_PASSWORD_AT_SIGN_IN: 'true' } } });
    one.replica.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { SOURCE_SUB_CLAIM: 'source_sub' } } });
  });

  test.each(['sub', 'cognito:x', 'aud', ''])('fails on a claim that Cognito keeps for itself: \'%s\'', sourceSubClaim => {
    expect(() => Standby.onDemand({ sourceSubClaim })).toThrow('does not let a trigger set');
  });
});

describe('warnings', () => {
  test('where users sign in without passwords', () => {
    const made = make({ pool: { signInAliases: { email: true }, signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true } } } });
    expect(warnings(made)).toEqual([expect.stringContaining('sign in by EMAIL_OTP, for which Cognito asks no trigger')]);
  });

  test('where the pool has a trigger of its own, which stays', () => {
    const made = make({
      props: { standby: Standby.onDemand({ unguarded: true }) },
      then: ({ dr }) => (dr.standbyUserPool as UserPool).addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION, aFunction(dr.replicaStack)),
    });
    expect(warnings(made)).toEqual([expect.stringContaining('its own PreTokenGeneration trigger, which is left alone: tokens do not carry')]);
    const { LambdaConfig: config } = Object.values(Template.fromStack(made.dr.replicaStack).findResources('AWS::Cognito::UserPool'))[0].Properties;
    expect(config).not.toHaveProperty('PreTokenGenerationConfig');
  });

  test.each<[string, string, (pool: UserPool, trigger: LambdaFunction) => void]>([
    ['PostConfirmation', 'PostConfirmation', (pool, trigger) => pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, trigger)],
    ['PreTokenGeneration', 'PreTokenGeneration', (pool, trigger) => pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION, trigger)],
    ['PreTokenGeneration', 'PreTokenGenerationConfig',
      (pool, trigger) => pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, trigger, LambdaVersion.V2_0)],
  ])('where an Aspect gives the pool a %s trigger, as %s, which wins', (slot, name, act) => {
    const given = (props: Given['props']): Given => ({
      props,
      then: ({ app, dr }) => {
        let isDone = false;
        const trigger = aFunction(dr.replicaStack);
        Aspects.of(app).add({
          visit: node => {
            if (node !== dr.standbyUserPool || isDone) return;
            isDone = true;
            act(node as UserPool, trigger);
          },
        });
      },
    });
    if (slot === 'PreTokenGeneration') expect(() => make(given({})).app.synth()).toThrow(`cannot be closed, because another function is its ${slot} trigger`);
    const made = make(given({ standby: Standby.onDemand({ unguarded: true }) }));
    expect(warnings(made)).toEqual([expect.stringContaining(`an Aspect gave the standby pool Auth/Dr/Replica/StandbyUserPool/UserPool/Resource a trigger ${slot}`)]);
    const { LambdaConfig: config } = Object.values(Template.fromStack(made.dr.replicaStack).findResources('AWS::Cognito::UserPool'))[0].Properties;
    expect(JSON.stringify(config[name])).toContain('"Mine');
    expect(Object.keys(config).filter(key => key.startsWith(slot))).toEqual([name]);
  });

  test('where the standby is imported, or in a stack that would come to depend in a circle', () => {
    const imported = make({ props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', `${REPLICA}_Mine`), unguarded: true }) }) });
    expect(warnings(imported)).toEqual([expect.stringContaining('is imported, so that no triggers can be attached to it')]);
    const elsewhere = make({
      props: app => ({
        standby: Standby.onDemand({ userPool: new UserPool(new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } }), 'Mine'), unguarded: true }),
      }),
    });
    expect(warnings(elsewhere)).toEqual([expect.stringContaining('defined in another stack than')]);
  });
});

describe('a standby that the switch could not close', () => {
  const errors = (given: Given): (() => unknown) => () => Template.fromStack(make(given).dr.replicaStack);
  const trigger = (operation: UserPoolOperation) => ({ dr }: { readonly dr: { readonly standbyUserPool?: unknown; readonly replicaStack: Stack } }) =>
    (dr.standbyUserPool as UserPool).addTrigger(operation, aFunction(dr.replicaStack));
  const elsewhere = (unguarded?: boolean): Given => ({
    props: (app, _stack) => ({
      standby: Standby.onDemand({ userPool: new UserPool(new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } }), 'Mine'), unguarded }),
    }),
  });
  const imported = (unguarded?: boolean): Given => ({
    props: (_app, stack) => ({ standby: Standby.warm({ userPool: UserPool.fromUserPoolId(stack, 'Mine', `${REPLICA}_Mine`), unguarded }) }),
  });

  test.each<[string, (unguarded?: boolean) => Given, string]>([
    ['imported', imported, 'no trigger can be attached to it'],
    ['of another stack', elsewhere, 'no trigger can be attached to it'],
    ...([
      UserPoolOperation.USER_MIGRATION, UserPoolOperation.PRE_SIGN_UP, UserPoolOperation.PRE_TOKEN_GENERATION,
      UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG,
    ])
      .map((operation): [string, (unguarded?: boolean) => Given, string] => [
        `with a function of yours as ${operation.operationName}`,
        unguarded => ({ props: { standby: Standby.onDemand({ unguarded }) }, then: trigger(operation) }),
        `another function is its ${operation.operationName === 'preTokenGenerationConfig' ? 'PreTokenGeneration' : operation.operationName[0].toUpperCase() + operation.operationName.slice(1)} trigger`,
      ]),
    ['of the plan Lite, with an app client of yours that signs in for itself', unguarded => ({
      props: app => {
        const replicaStack = new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } });
        const userPool = new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.LITE });
        userPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true } } });
        return { replicaStack, standby: Standby.onDemand({ userPool, unguarded }) };
      },
    }), 'the plan Lite asks no trigger about app clients with client_credentials'],
  ])('is an error at synthesis, unless it is accepted: %s', (_what, given, why) => {
    expect(errors(given())).toThrow(`cannot be closed, because ${why}`);
    expect(errors(given(false))).toThrow('say that you accept it with unguarded: true');
    expect(errors(given(true))).not.toThrow();
  });

  test('where it is accepted, the function that turns the switch knows it, and says it at each turn', () => {
    const gapsOf = (given: Given) => Object.values(synth(given).replica.findResources('AWS::Lambda::Function'))
      .flatMap(({ Properties: { Environment } }) => Environment?.Variables.STANDBY_GAPS ?? []);
    expect(gapsOf({})).toEqual(['[]']);
    const accepted = gapsOf({ props: { standby: Standby.onDemand({ unguarded: true }) }, then: trigger(UserPoolOperation.PRE_SIGN_UP) });
    expect(accepted).toEqual(['["PreSignUp"]']);
  });

  test('a PostConfirmation trigger of yours lets nobody in', () => {
    expect(errors({ then: trigger(UserPoolOperation.POST_CONFIRMATION) })).not.toThrow();
  });

  test('app clients that sign in for themselves are asked about by version 3 of the trigger, or left without that flow on the plan Lite', () => {
    const machine = (featurePlan?: FeaturePlan): Given => ({
      pool: { featurePlan },
      then: ({ userPool }) => userPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true } } }),
    });
    const versionOf = (given: Given) => poolOf(synth(given)).LambdaConfig.PreTokenGenerationConfig?.LambdaVersion;
    expect([versionOf({}), versionOf(machine())]).toEqual(['V3_0', 'V3_0']);
    const lite = make(machine(FeaturePlan.LITE));
    expect(warnings(lite)).toEqual([expect.stringContaining('signs in for itself (client_credentials), about which the plan Lite asks no trigger')]);
    const [{ Properties: client }] = Object.values(Template.fromStack(lite.dr.replicaStack).findResources('AWS::Cognito::UserPoolClient'));
    expect(client.AllowedOAuthFlows).toBeUndefined();
  });
});

test.each<[string, Given['then']]>([
  ['another app, or by hand', () => undefined],
  ['an Aspect', ({ app, dr }) => {
    Aspects.of(app).add({
      visit: node => {
        if (node !== dr.mirrorUserPool || node.node.tryFindChild('Job')) return;
        dr.mirrorUserPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true } } });
      },
    });
  }],
])('a closed standby is closed to an app client that signs in for itself and is added by %s: the trigger is asked about all of them', (_whom, then) => {
  expect(poolOf(synth({ then })).LambdaConfig.PreTokenGenerationConfig).toMatchObject({ LambdaVersion: 'V3_0' });
});

test('a pool of your own on the plan Lite, which an Aspect gives an app client that signs in for itself, cannot be closed', () => {
  const given = (unguarded: boolean): Given => ({
    props: app => {
      const replicaStack = new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } });
      return { replicaStack, standby: Standby.onDemand({ userPool: new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.LITE }), unguarded }) };
    },
    then: ({ app, dr }) => {
      Aspects.of(app).add({
        visit: node => {
          if (node !== dr.standbyUserPool || node.node.tryFindChild('Job')) return;
          dr.standbyUserPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true } } });
        },
      });
    },
  });
  expect(() => synth(given(false))).toThrow('cannot be closed, because the plan Lite asks no trigger about app clients with client_credentials');
  expect(JSON.stringify(synth(given(true)).replica.toJSON())).toContain('[\\"client_credentials\\"]');
});

test('a pool of your own in the replica stack gets the triggers too', () => {
  const made = make({
    props: app => {
      const replicaStack = new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } });
      return { replicaStack, standby: Standby.onDemand({ userPool: new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS }) }) };
    },
  });
  expect(warnings(made)).toEqual([expect.stringContaining('has no custom:source_sub')]);
  const { LambdaConfig: config } = Object.values(Template.fromStack(made.dr.replicaStack).findResources('AWS::Cognito::UserPool'))[0].Properties;
  expect(Object.keys(config)).toHaveLength(4);
});

describe('checking passwords against the source', () => {
  test('is off, and then nothing in the replica stack names the other Region', () => {
    const { primary, replica } = synth();
    expect(JSON.stringify(primary.toJSON())).not.toContain('AdminInitiateAuth');
    expect(JSON.stringify(replica.findResources('AWS::Lambda::Function'))).not.toContain('VERIFY_CLIENT_NAME');
  });

  test('takes a client without a secret and one permission on exactly that pool', () => {
    const { primary, replica } = synth(standby({ verifyPasswordsAgainstSource: true }));
    primary.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      ClientName: 'Auth-Dr-us-east-1-us-west-2-passwords',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      GenerateSecret: false,
      PreventUserExistenceErrors: 'ENABLED',
      AccessTokenValidity: 5,
    });
    const [{ Properties: policy }] = Object.values(primary.findResources('AWS::IAM::Policy', { Properties: { PolicyName: 'CheckPasswords' } }));
    expect(policy.Roles).toEqual(['Auth-Dr-us-east-1-us-west-2-passwords']);
    expect(policy.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'cognito-idp:AdminInitiateAuth', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Users/), 'Arn'] } },
    ]);
    replica.hasResourceProperties('AWS::IAM::Role', { RoleName: 'Auth-Dr-us-east-1-us-west-2-passwords' });
    replica.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment: { Variables: { VERIFY_CLIENT_NAME: 'Auth-Dr-us-east-1-us-west-2-passwords' } } }, 1);
    // None of the application's clients: it has no mirror.
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 0);
  });
});

describe('warm', () => {
  const warm = synth({ pool: { mfa: Mfa.OFF }, props: { standby: Standby.warm({ deletionGracePeriod: Duration.hours(2), quotaShare: 0.25 }) } });

  test('follows the stream that belongs to the table itself, and gives nothing up silently', () => {
    warm.replica.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [warm.dr.replicaStack.getLogicalId(warm.dr.ledgerTable.node.defaultChild as never), 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 14_400,
      DestinationConfig: { OnFailure: {} },
    });
  });

  test('may do exactly this', () => {
    const table = [...lookUp().filter(line => !line.includes('/index/')), `dynamodb:Query on ${LEDGER}/index/memberships`, ...WARM_TABLE_ACTIONS.map(action => `${action} on ${TABLE}`)];
    expect(may(warm.replica, 'FollowerApplyDeletions')).toEqual([
      ...lookUp('memberships'), ...WARM_TABLE_ACTIONS.map(action => `${action} on ${TABLE}`), ...DELETION_COGNITO_ACTIONS.map(action => `${action} on ${POOL}`),
      'sqs:SendMessage on ${FollowerSetAside.Arn}',
    ].sort());
    const stream = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map(action => `dynamodb:${action} on \${LedgerTable.StreamArn}`);
    expect(may(warm.replica, 'FollowerApplyChange')).toEqual(expect.arrayContaining([
      ...table, ...stream, ...WARM_COGNITO_ACTIONS.map(action => `${action} on ${POOL}`), 'sqs:SendMessage on ${FollowerSetAside.Arn}',
    ]));
    expect(WARM_COGNITO_ACTIONS).not.toContain('cognito-idp:AdminDeleteUser');
  });

  test('deletes by the hour, fills by the day, with the options that were given', () => {
    // The fill follows as well: it takes no more of the quotas than following may.
    for (const [ScheduleExpression, Input] of [['rate(1 hour)', '{}'], ['rate(1 day)', '{"quotaShare":0.25,"removeGiven":true,"scheduled":true}']]) {
      warm.replica.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression, Targets: [Match.objectLike({ Input })] });
    }
    warm.replica.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment: { Variables: { DELETION_GRACE_SECONDS: '7200', QUOTA_SHARE: '0.25' } } }, 2);
    expect(warm.dr.alarms.filter(alarm => alarm.node.path.includes('Follower'))).toHaveLength(5);
  });

  test('fails on a grace period or a share out of range', () => {
    expect(() => Standby.warm({ deletionGracePeriod: Duration.seconds(5) })).toThrow('from 1 minute to 30 days');
    expect(() => Standby.warm({ quotaShare: 0 })).toThrow('above 0');
  });
});

describe('custom:source_sub, which says who a user is', () => {
  const proves = ({ replica }: Templates) => Object.values(replica.findResources('AWS::Lambda::Function'))
    .flatMap(({ Properties }) => Properties.Environment?.Variables?.SOURCE_SUB_PROVES ?? []);
  const own = (customAttributes?: UserPoolProps['customAttributes']) => make({
    props: app => {
      const replicaStack = new Stack(app, 'West', { env: { account: ACCOUNT, region: REPLICA } });
      return { replicaStack, standby: Standby.onDemand({ userPool: new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS, customAttributes }) }) };
    },
  });

  test('proves it where sign-ups are guarded, and nowhere else', () => {
    expect(proves(synth({ props: { standby: Standby.warm() } }))).toEqual(['true', 'true', 'true', 'true']);
    expect(proves(synth({
      props: { standby: Standby.warm({ unguarded: true }) },
      then: ({ dr }) => (dr.standbyUserPool as UserPool).addTrigger(UserPoolOperation.PRE_SIGN_UP, aFunction(dr.replicaStack)),
    }))).toEqual(['false', 'false', 'false', 'false']);
    expect(proves(synth({ props: (_app, stack) => ({ standby: Standby.warm({ userPool: UserPool.fromUserPoolId(stack, 'Mine', `${REPLICA}_Mine`), unguarded: true }) }) })))
      .toEqual(['false', 'false']);
  });

  test('is missed in a pool of your own, and refused where users could change it', () => {
    expect(warnings(own())).toEqual([expect.stringContaining('has no custom:source_sub: tokens')]);
    expect(warnings(own({ source_sub: new StringAttribute({ mutable: false }) }))).toEqual([]);
    expect(() => warnings(own({ source_sub: new StringAttribute({ mutable: true }) }))).toThrow('users could change who they are');
  });
});

test('no function may decrypt with every key, whoever defined it', () => {
  const everything = EVERYTHING.props as (app: App, stack: Stack) => object;
  const { replica } = synth({ ...EVERYTHING, props: (app, stack) => ({ ...everything(app, stack), standby: Standby.warm() }) });
  const ofKeys = statementsById(replica).flatMap(([role, statements]) =>
    statements.filter(({ Action }) => JSON.stringify(Action).includes('kms:')).map(({ Resource }) => [role, Resource]));
  expect(ofKeys.length).toBeGreaterThan(10);
  for (const [role, resource] of ofKeys) expect([role, resource]).toEqual([role, expect.stringContaining(':key/')]);
});

test('none makes no pool, no triggers and no parameters', () => {
  const { replica, primary, dr } = synth({ props: { standby: Standby.none() } });
  for (const type of ['AWS::Cognito::UserPool', 'AWS::SSM::Parameter']) replica.resourceCountIs(type, 0);
  expect(dr.standbyIssuer).toBeUndefined();
  expect(JSON.stringify(primary.toJSON())).not.toContain('passwords');
});
