import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Aws, CfnCondition, CfnParameter, CfnResource, Duration, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { CfnUserPool, CfnUserPoolClient, FeaturePlan, IUserPool, StringAttribute, UserPool, UserPoolClient, UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CognitoDrReplica, CognitoDrReplicaProps, PoolDefinition, Standby } from '../src';
import { ACCOUNT, Given, make, PRIMARY, REPLICA, synth } from './helpers/templates';

const env = (region: string, account = ACCOUNT) => ({ env: { account, region } });
const props = (given: Given['props']) => () => make({ props: given });
const key = (stack: Stack, region: string) => Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${region}:${ACCOUNT}:key/mrk-1`);

test.each<[string, () => unknown, string]>([
  ['sweepInterval too short', props({ sweepInterval: Duration.seconds(30) }), 'Auth/Dr: sweepInterval is 30 seconds; give whole minutes, from 1 minute to 2 days'],
  ['sweepInterval too long', props({ sweepInterval: Duration.days(3) }), 'sweepInterval is 3 days'],
  ['sweepInterval with a part of a minute', props({ sweepInterval: Duration.seconds(90) }), 'give whole minutes'],
  ['sweepInterval unknown', props({ sweepInterval: Duration.minutes(Lazy.number({ produce: () => 5 })) }), 'sweepInterval is not known at synthesis'],
  ['historyRetention too short', props({ historyRetention: Duration.hours(12) }), 'historyRetention is 12 hours; give whole days, of at least 1 day'],
  ['historyRetention below the interval', props({ historyRetention: Duration.days(1), sweepInterval: Duration.days(1) }), 'raise historyRetention or shorten sweepInterval'],
  ['_sliceDuration too long', props({ _sliceDuration: Duration.minutes(15) }), '_sliceDuration is 15 minutes; give whole seconds, from 1 second to 14 minutes'],
  ['_sliceDuration of nothing', props({ _sliceDuration: Duration.millis(500) }), '_sliceDuration is 500 millis'],
  ['sweepQuotaShare 0', props({ sweepQuotaShare: 0 }), 'sweepQuotaShare is 0; give a number above 0 and up to 1'],
  ['sweepQuotaShare of more than all', props({ sweepQuotaShare: 1.5 }), 'sweepQuotaShare is 1.5'],
  ['a quota of nothing', props({ restoreQuotas: { userCreation: 0 } }), 'restoreQuotas.userCreation is 0; give the requests per second'],
  ['an endless quota', props({ sweepQuotas: { userList: Infinity } }), 'sweepQuotas.userList is Infinity'],
  ['a table name too short', props({ ledgerTableName: 'x' }), "ledgerTableName is 'x'; give 3 to 246 letters"],
  ['a table name after which another table\'s is too long', props({ ledgerTableName: 'x'.repeat(247) }), `ledgerTableName is '${'x'.repeat(247)}'; give 3 to 246`],
  ['a table name that is a token', props((_app, stack) => ({ ledgerTableName: stack.stackId })), 'ledgerTableName is not known at synthesis'],
  ['an imported source pool', () => make({ source: stack => UserPool.fromUserPoolId(stack, 'Users', 'us-east-1_AbCdEfGhI') }),
    'the user pool Auth/Users is imported, so its settings cannot be mirrored: say what to restore into with standby: Standby.onDemand({ userPool })'],
  ['an L1 as source pool', () => make({ source: stack => new CfnUserPool(stack, 'Users') as unknown as UserPool }),
    "Auth/Dr: userPool is Auth/Users, a CfnUserPool; give a UserPool, as of UserPool.fromUserPoolId(this, 'Pool', cfnUserPool.ref)"],
  ['no source pool', () => new CognitoDrReplica(new Stack(undefined, 'Auth', env(PRIMARY)), 'Dr', { replicaRegion: REPLICA } as CognitoDrReplicaProps),
    'Auth/Dr: userPool is undefined; give a UserPool'],
  ['an id as source pool', () => make({ source: () => 'us-east-1_AbCdEfGhI' as unknown as UserPool }), "userPool is 'us-east-1_AbCdEfGhI'; give a UserPool"],
  ['an L1 as standby pool', props((_app, stack) => ({ standby: Standby.onDemand({ userPool: new CfnUserPool(stack, 'Mine') as unknown as UserPool }) })),
    'userPool of standby is Auth/Mine, a CfnUserPool'],
  ['an L1 as restore target', props((_app, stack) => ({ restoreTargets: [new CfnUserPool(stack, 'Target') as unknown as UserPool] })),
    'restoreTargets[0] is Auth/Target, a CfnUserPool'],
  ['an L1 as client', () => make({
    then: ({ stack, userPool, dr }) => {
      dr.standbyClient(new CfnUserPoolClient(stack, 'Web', { userPoolId: userPool.userPoolId }) as unknown as UserPoolClient);
    },
  }), 'standbyClient got Auth/Web, an L1; give a client as of UserPoolClient.fromUserPoolClientId'],
  ['a source pool of another Region', () => make({ source: stack => UserPool.fromUserPoolId(stack, 'Users', 'eu-west-1_AbCdEfGhI') }),
    'the user pool is in eu-west-1, but this construct in us-east-1'],
  ['a source pool of a stack of another Region', () => make({ source: stack => new UserPool(new Stack(stack.node.root, 'Far', env('eu-west-1')), 'Users') }),
    'the user pool is in eu-west-1'],
  ['a source pool of another account', () => make({ source: stack => new UserPool(new Stack(stack.node.root, 'Far', env(PRIMARY, '999999999999')), 'Users') }),
    'the user pool is in account 999999999999'],
  ['a restore target of another Region', props((_app, stack) => ({ restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', 'eu-west-1_Target')] })),
    "restoreTargets[0] is the user pool eu-west-1_Target in 'eu-west-1'; a restore runs in us-west-2"],
  ['a restore target of the primary stack', props((_app, stack) => ({ restoreTargets: [new UserPool(stack, 'Target')] })),
    "restoreTargets[0] is the user pool Auth/Target in 'us-east-1'"],
  ['a restore target of another account', props(app => ({ restoreTargets: [new UserPool(new Stack(app, 'Far', env(REPLICA, '999999999999')), 'Target')] })),
    "restoreTargets[0] is the user pool Far/Target of account '999999999999'"],
  ['a standby pool of another Region', props((_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', 'eu-west-1_Mine') }) })),
    "the standby pool is the user pool eu-west-1_Mine in 'eu-west-1'"],
  ['more roles of groups than fit into a function\'s environment', props((_app, stack) => ({
    groupRoles: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`group-${n}`, Role.fromRoleArn(stack, `R${n}`, `arn:aws:iam::111122223333:role/${n}`)])),
  })), 'groupRoles names 40 groups'],
  ['an attribute of a link that is none', props({ linkAttributes: { Corp: ' ' } }),
    "linkAttributes['Corp'] is ' '; give what AdminLinkProviderForUser was given as ProviderAttributeName, such as 'email' or 'Cognito_Subject'"],
  ['a provider whose links are by the subject only', props({ linkAttributes: { Google: 'email' } }),
    "linkAttributes['Google'] is 'email'; Cognito links identities of Google by 'Cognito_Subject' only: leave it out"],
  ['a provider without a name', props({ linkAttributes: { '': 'email' } }), "linkAttributes names the provider ''; give the name, of 1 to 32 characters"],
  ['more links than fit into a function\'s environment', props({
    linkAttributes: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`provider-${n}`, 'http://schemas.example.com/email'])),
  }), 'the functions take 512 in their environment'],
  ['a table key of the primary Region', props((_app, stack) => ({ encryption: TableEncryptionV2.customerManagedKey(key(stack, PRIMARY)) })),
    'tableKey of encryption is in us-east-1; the table belongs to the stack in us-west-2'],
  ['no key for the primary Region', props((_app, stack) => ({ encryption: TableEncryptionV2.customerManagedKey(key(stack, REPLICA)) })),
    'encryption has no key ARN for us-east-1 in replicaKeyArns'],
  ['a key ARN that only the primary stack knows', props((_app, stack) => ({
    encryption: TableEncryptionV2.customerManagedKey(key(stack, REPLICA), { [PRIMARY]: new Key(stack, 'Own').keyArn }),
  })), 'encryption has no literal key ARN for us-east-1'],
  ['a group role whose ARN only the primary stack knows', props((_app, stack) => ({
    groupRoles: { admins: new Role(stack, 'Admins', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }) },
  })), "the role of groupRoles['admins'] (Auth/Admins) gets its ARN when stack Auth is deployed"],
  ['an alarm topic of a third Region', props(app => ({ alarmTopics: [new Topic(new Stack(app, 'Far', env('eu-west-1')), 'Topic')] })),
    "alarm topic Far/Topic is in 'eu-west-1'; an alarm reaches topics of its own Region only"],
])('fails with %s', (_name, act, message) => {
  expect(act).toThrow(message);
});

test.each([['Web_App', 'Web-App'], ['Web App', 'Web_App']])('fails where two constructs would make what has the same names: %s and %s', (first, second) => {
  const stack = new Stack(undefined, 'Auth', env(PRIMARY));
  const add = (id: string) => new CognitoDrReplica(stack, id, { userPool: new UserPool(stack, `Users of ${id}`), replicaRegion: REPLICA });
  add(first);
  expect(() => add(second)).toThrow(`Auth/${second}: what it makes would have the names of what Auth/${first} makes, 'Auth-`);
  add('WebApp');
});

test('accepts the ends of each range', () => {
  const least = { sweepInterval: Duration.minutes(1), historyRetention: Duration.days(1), sweepQuotaShare: 1 };
  make({ props: { ...least, _sliceDuration: Duration.seconds(1) } });
  const most = { sweepInterval: Duration.days(2), historyRetention: Duration.days(3650), sweepQuotaShare: 0.01 };
  make({ props: { ...most, _sliceDuration: Duration.minutes(14) } });
});

test('an imported source pool with a standby pool of its own, or none', () => {
  const source: Given['source'] = stack => UserPool.fromUserPoolArn(stack, 'Users', `arn:aws:cognito-idp:${PRIMARY}:${ACCOUNT}:userpool/us-east-1_AbCdEfGhI`);
  synth({ source, props: { standby: Standby.none() } }).primary
    .hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { USER_POOL_ID: 'us-east-1_AbCdEfGhI' } } });
  synth({ source, props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', 'us-west-2_Mine'), unguarded: true }) }) });
});

test('a source pool of another stack of the same Region', () => {
  const { dr, replica } = synth({ source: stack => new UserPool(new Stack(stack.node.root, 'Pools', env(PRIMARY)), 'Users') });
  replica.resourceCountIs('AWS::Cognito::UserPool', 1);
  expect(dr.replicaStack.dependencies).toEqual([]);
});

test('a named role of the primary stack', () => {
  const { dr, replica } = synth({
    props: (_app, stack) => ({
      groupRoles: { admins: new Role(stack, 'Admins', { roleName: 'admins', assumedBy: new ServicePrincipal('ec2.amazonaws.com') }) },
    }),
  });
  expect(JSON.stringify(replica.toJSON())).toContain(':iam::111122223333:role/admins');
  expect(dr.replicaStack.dependencies).toEqual([]);
});

describe('fails at synthesis where a target that the app defines is of another sign-in kind than the source pool', () => {
  const target = (targetProps: UserPoolProps) => (app: App) => new UserPool(new Stack(app, 'Others', env(REPLICA)), 'Target', targetProps);
  const byEmail = { signInAliases: { email: true }, signInCaseSensitive: false };
  const byName = { signInAliases: { username: true, email: true }, signInCaseSensitive: false };

  test.each<[string, UserPoolProps, UserPoolProps, string]>([
    ['user names into addresses', byName, byEmail, 'its users sign in by email, those of the source pool by a user name'],
    ['addresses into user names', byEmail, byName, 'its users sign in by a user name, those of the source pool by email'],
    ['another address', byEmail, { ...byEmail, signInAliases: { phone: true } }, 'its users sign in by phone_number, those of the source pool by email'],
    ['another case', byEmail, { ...byEmail, signInCaseSensitive: true }, 'its sign-in names are case-sensitive, those of the source pool are not'],
  ])('%s', (_what, pool, targetProps, message) => {
    const asTarget = (app: App) => ({ restoreTargets: [target(targetProps)(app)] });
    const marked = { ...targetProps, customAttributes: { source_sub: new StringAttribute({ mutable: false }) } };
    const asStandby = (app: App) => ({ standby: Standby.onDemand({ userPool: target(marked)(app) }) });
    for (const [name, given] of [['restoreTargets[0]', asTarget], ['the standby pool', asStandby]] as const) {
      expect(() => synth({ pool, props: given })).toThrow(`${name}, the user pool Others/Target, cannot take the users of Auth/Users: ${message}`);
    }
  });

  test.each([true, false])('but not where the template says as a text how case counts: %s', signInCaseSensitive => {
    const pool = { ...byEmail, signInCaseSensitive };
    const asText = (app: App) => {
      const made = target(pool)(app);
      (made.node.defaultChild as CfnResource).addPropertyOverride('UsernameConfiguration.CaseSensitive', String(signInCaseSensitive));
      return { restoreTargets: [made] };
    };
    synth({ pool, props: asText });
  });

  test('but not where it takes more kinds of address, or is not defined here', () => {
    synth({ pool: byEmail, props: app => ({ restoreTargets: [target({ ...byEmail, signInAliases: { email: true, phone: true } })(app)] }) });
    synth({ pool: byEmail, props: (_app, stack) => ({ restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', 'us-west-2_Target')] }) });
  });
});

describe('fails at synthesis where a target that the app defines lacks an attribute of the source pool, as every restore into it would', () => {
  const tier = { customAttributes: { tier: new StringAttribute({ mutable: true }) } };
  const marked = { source_sub: new StringAttribute({ mutable: false }) };
  const target = (app: App, targetProps: UserPoolProps = {}) => new UserPool(new Stack(app, 'Others', env(REPLICA)), 'Target', targetProps);
  const l1 = (pool: IUserPool) => pool.node.defaultChild as CfnResource;
  const asStandby = (pool: IUserPool) => ({ standby: Standby.onDemand({ userPool: pool, unguarded: true }) });
  const refusal = (name: string, ...missing: string[]) => `${name}, the user pool Others/Target, cannot take the users of Auth/Users: its schema lacks `
    + `${missing.join(', ')}, which users of the source pool have: add ${missing.length === 1 ? 'it' : 'them'} to the target pool`;

  test('a standby pool of your own, and one of restoreTargets', () => {
    const alone = { customAttributes: marked };
    expect(() => synth({ pool: tier, props: app => ({ restoreTargets: [target(app, alone)] }) })).toThrow(refusal('restoreTargets[0]', 'custom:tier'));
    expect(() => synth({ pool: tier, props: app => asStandby(target(app, alone)) })).toThrow(refusal('the standby pool', 'custom:tier'));
    const both = { customAttributes: { ...marked, ...tier.customAttributes } };
    synth({ pool: tier, props: app => asStandby(target(app, both)) });
    synth({ pool: tier, props: app => ({ restoreTargets: [target(app, both)] }) });
  });

  test('one that has it as another kind of attribute: what only developers see has another name', () => {
    const source: Given['source'] = stack => {
      const pool = new UserPool(stack, 'Users', { ...tier, featurePlan: FeaturePlan.ESSENTIALS });
      l1(pool).addPropertyOverride('Schema.0.DeveloperOnlyAttribute', true);
      return pool;
    };
    expect(() => synth({ source, props: app => ({ restoreTargets: [target(app, tier)] }) })).toThrow(refusal('restoreTargets[0]', 'dev:custom:tier'));
  });

  test('one that lacks what a name of Cognito\'s own is in a schema: email_verified of a schema is a custom attribute', () => {
    const then: Given['then'] = ({ userPool }) => l1(userPool).addPropertyOverride('Schema', [{ Name: 'email_verified', AttributeDataType: 'String' }]);
    expect(() => synth({ props: app => ({ restoreTargets: [target(app)] }), then })).toThrow(refusal('restoreTargets[0]', 'custom:email_verified'));
  });

  test('where a file describes the source pool', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'definition-')), 'pool.json');
    writeFileSync(file, JSON.stringify({
      schemaVersion: 1,
      userPoolId: 'us-east-1_AbCdEfGhI',
      parts: [{ part: 'pool', value: { Id: 'us-east-1_AbCdEfGhI', Name: 'users', SchemaAttributes: [{ Name: 'custom:tier', AttributeDataType: 'String' }] } }],
      clientsWithSecret: [],
    }));
    const standby = Standby.onDemand({ definition: PoolDefinition.fromFile(file) });
    const source: Given['source'] = stack => UserPool.fromUserPoolId(stack, 'Users', 'us-east-1_AbCdEfGhI');
    expect(() => synth({ source, props: app => ({ standby, restoreTargets: [target(app)] }) })).toThrow(refusal('restoreTargets[0]', 'custom:tier'));
    synth({ source, props: app => ({ standby, restoreTargets: [target(app, { ...tier, signInCaseSensitive: true })] }) });
  });

  const parameter = (pool: CfnResource) => new CfnParameter(pool.stack, 'Name').valueAsString;
  test.each<[string, UserPoolProps, (source: CfnResource, target: CfnResource) => void]>([
    ['the schema of the target', {}, (_, to) => to.addPropertyOverride('Schema', Fn.split(',', parameter(to)))],
    ['an attribute of the target', {}, (_, to) => to.addPropertyOverride('Schema', [Fn.conditionIf('Wanted', { Name: 'tier' }, { Name: 'other' })])],
    ['the name of an attribute of the target', {}, (_, to) => to.addPropertyOverride('Schema', [{ Name: parameter(to), AttributeDataType: 'String' }])],
    ['a name made of a pseudo parameter', {}, (_, to) => to.addPropertyOverride('Schema', [{ Name: Aws.REGION, AttributeDataType: 'String' }])],
    ['who may see an attribute of the target', {}, (_, to) => to.addPropertyOverride('Schema', [{ Name: 'tier', DeveloperOnlyAttribute: parameter(to) }])],
    ['the name of an attribute of the source', tier, from => from.addPropertyOverride('Schema.1', { Name: parameter(from), AttributeDataType: 'String' })],
    ['the mutability of an attribute of the target', tier, (_, to) => to.addPropertyOverride('Schema.0.Mutable', parameter(to))],
  ])('but not where it is not known at synthesis: %s', (_what, targetProps, set) => {
    const made = make({ pool: tier, props: app => ({ standby: Standby.none(), restoreTargets: [target(app, targetProps)] }) });
    set(l1(made.userPool), made.app.node.findChild('Others').node.findChild('Target').node.defaultChild as CfnResource);
    made.app.synth();
  });
});

test('linkAttributes reach the functions that link identities, of the standby on demand and of a warm one', () => {
  const { replica } = synth({ props: { linkAttributes: { Corp: 'email' }, standby: Standby.warm() } });
  const functions = replica.findResources('AWS::Lambda::Function', { Properties: { Environment: { Variables: { LINK_ATTRIBUTES: '{"Corp":"email"}' } } } });
  expect(Object.keys(functions).map(id => /(PostConfirmation|FollowUp|ApplyChange|ApplyDeletions)[0-9A-F]{8}/.exec(id)?.[1]).sort())
    .toEqual(['ApplyChange', 'ApplyDeletions', 'FollowUp', 'PostConfirmation']);
});

describe('a user pool that is made under a condition', () => {
  const conditional = (stack: Stack, id: string) => {
    const pool = new UserPool(stack, id, { featurePlan: FeaturePlan.ESSENTIALS });
    const condition = new CfnCondition(stack, `${id}Wanted`, { expression: Fn.conditionEquals(Fn.ref('AWS::StackName'), 'Auth') });
    (pool.node.defaultChild as CfnResource).cfnOptions.condition = condition;
    return { pool, condition };
  };
  const wayOut = 'is made under the condition Wanted only, and what this construct makes refers to it in any case, so that CloudFormation would refuse '
    + 'the stack where it is not made: decide in the code, with if';

  test('as the source is an error', () => {
    expect(() => synth({ source: stack => conditional(stack, 'Users').pool })).toThrow(`userPool, the user pool Auth/Users, ${wayOut.replace('Wanted', 'UsersWanted')}`);
  });

  test('as the standby, or as a target of restores, as well', () => {
    const far = (app: App) => new Stack(app, 'Far', env(REPLICA));
    expect(() => synth({ props: app => ({ standby: Standby.onDemand({ userPool: conditional(far(app), 'Mine').pool, unguarded: true }) }) }))
      .toThrow(`the standby pool, the user pool Far/Mine, ${wayOut.replace('Wanted', 'MineWanted')}`);
    expect(() => synth({ props: app => ({ restoreTargets: [conditional(far(app), 'Target').pool] }) }))
      .toThrow(`restoreTargets[0], the user pool Far/Target, ${wayOut.replace('Wanted', 'TargetWanted')}`);
  });

  test('is one of two where the id says which one under the same condition', () => {
    const source = (stack: Stack) => {
      const { pool, condition } = conditional(stack, 'Users');
      return UserPool.fromUserPoolId(stack, 'One', Fn.conditionIf(condition.logicalId, pool.userPoolId, 'us-east-1_AbCdEfGhI').toString());
    };
    synth({ source, props: { standby: Standby.none() } }).primary.hasResource('AWS::StepFunctions::StateMachine', {});
  });
});

describe('a pool whose id is looked up is taken before it is found: A3', () => {
  const lookedUp = (stack: Stack, id: string, standIn?: string) =>
    UserPool.fromUserPoolId(stack, id, StringParameter.valueFromLookup(stack, `/auth/${id}`, standIn));
  test.each([undefined, 'pending'])('where %s stands in for it', standIn => {
    expect(() => synth({ source: stack => lookedUp(stack, 'Pool', standIn), props: { standby: Standby.none() } })).not.toThrow();
    expect(() => synth({ props: (_app, stack) => ({ restoreTargets: [lookedUp(stack, 'Target', standIn)] }) })).not.toThrow();
    expect(() => synth({
      props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: lookedUp(stack, 'Own', standIn), unguarded: true }) }),
    })).not.toThrow();
  });

  test('and is checked when it is found', () => {
    const lookup = `ssm:account=${ACCOUNT}:parameterName=/auth/Pool:region=${PRIMARY}`;
    const found = (id: string) => () => synth({
      app: { context: { [lookup]: id } }, source: stack => lookedUp(stack, 'Pool'), props: { standby: Standby.none() },
    });
    expect(found(`${PRIMARY}_AbCdEfGhI`)).not.toThrow();
    expect(found('eu-west-1_AbCdEfGhI')).toThrow('the user pool is in eu-west-1, but this construct in us-east-1');
    expect(found('AbCdEfGhI')).toThrow("userPool is a user pool with the id 'AbCdEfGhI', which names no Region");
  });
});

describe('a topic or a role whose ARN is a token: A6', () => {
  const tokens: [string, (stack: Stack) => string][] = [
    ['of pseudo parameters', () => `arn:aws:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarms`],
    ['of a parameter in SSM', stack => StringParameter.valueForStringParameter(stack, '/alarms/topic')],
  ];
  test.each(tokens)('is of the Region of the stack that imports it: a topic by an ARN %s', (_name, arnIn) => {
    const { primary, replica } = synth({
      props: (app, stack) => {
        const replicaStack = new Stack(app, 'Far', env(REPLICA));
        return { replicaStack, alarmTopics: [stack, replicaStack].map(each => Topic.fromTopicArn(each, 'Topic', arnIn(each))) };
      },
    });
    for (const template of [primary, replica]) {
      const actions = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.AlarmActions);
      expect(actions.filter(each => each?.length === 1)).toHaveLength(actions.length);
    }
  });

  test('in a stack of a third Region, or of none, is refused in a whole sentence', () => {
    const topicIn = (where: Partial<ReturnType<typeof env>>) => props(app => ({
      alarmTopics: [Topic.fromTopicArn(new Stack(app, 'Far', where), 'Topic', tokens[0][1](new Stack()))],
    }));
    expect(topicIn(env('eu-west-1'))).toThrow("alarm topic Far/Topic is in 'eu-west-1'; an alarm reaches");
    expect(topicIn({})).toThrow('alarm topic Far/Topic is in a Region that its stack does not say; an alarm reaches');
  });

  test('a role by such an ARN is asked for by a literal one, or in the replica stack', () => {
    const given = props((_app, stack) => ({
      groupRoles: { admins: Role.fromRoleArn(stack, 'Admins', StringParameter.valueForStringParameter(stack, '/roles/admins')) },
    }));
    expect(given).toThrow("import it by a literal ARN (Role.fromRoleArn(this, 'Role', 'arn:...')), or import it in Auth/Dr/Replica");
  });
});
