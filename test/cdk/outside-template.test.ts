import { ArnFormat, Aws, CfnCondition, Fn, Lazy, Stack, Token, Validations } from 'aws-cdk-lib';
import { CfnUserPool, FeaturePlan, IUserPool, StringAttribute, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { CfnPolicy, CfnRole, CfnRolePolicy, CfnUser, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CognitoDrReplica, Standby } from '../../src';
import { Given, make, warnings } from '../helpers/templates';

const own = (stack: Stack, id = 'Own') => new LambdaFunction(stack, id, {
  code: Code.fromInline('exports.handler = async event => event'), handler: 'index.handler', runtime: Runtime.NODEJS_24_X,
});
const mayCall = (lambdaFunction: LambdaFunction, pool: IUserPool) => lambdaFunction.addPermission('Cognito', {
  principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: pool.userPoolArn,
});
const update = (stack: Stack, pool: IUserPool, policy = AwsCustomResourcePolicy.fromSdkCalls({ resources: [pool.userPoolArn] })) =>
  new AwsCustomResource(stack, 'SetTrigger', {
    policy,
    onUpdate: {
      service: 'CognitoIdentityServiceProvider',
      action: 'updateUserPool',
      parameters: { UserPoolId: pool.userPoolId, LambdaConfig: { PostConfirmation: 'arn' } },
      physicalResourceId: PhysicalResourceId.of(pool.userPoolId),
    },
  });
const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });
const condition = (stack: Stack) => new CfnCondition(stack, 'IsProduction').logicalId;
const inline = (Statement: object[]) => ({ policyName: 'inline', policyDocument: { Statement } });
const setter = (pool: IUserPool) => [{ Effect: 'Allow', Action: 'cognito-idp:UpdateUserPool', Resource: pool.userPoolArn }];
const policyOf = (stack: Stack, statements: object[]) =>
  new CfnPolicy(stack, 'Theirs', { policyName: 'theirs', roles: ['their-role'], policyDocument: { Version: '2012-10-17', Statement: statements } });

describe('settings and triggers that were set outside the template: B4', () => {
  test.each<[string, Given['then'], string]>([
    ['a function in no slot that Cognito may call for this pool', ({ stack, userPool }) => mayCall(own(stack), userPool),
      'Cognito may call the function of Auth/Own/Cognito, which is in none of its slots'],
    ['a function that Cognito may call for every pool, in no slot of any', ({ stack }) =>
      own(stack).addPermission('Cognito', { principal: new ServicePrincipal('cognito-idp.amazonaws.com') }),
    'Cognito may call the function of Auth/Own/Cognito, which is in none of its slots'],
    ['the same for every pool of the account', ({ stack }) => own(stack).addPermission('Cognito', {
      principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: stack.formatArn({ service: 'cognito-idp', resource: 'userpool', resourceName: '*' }),
    }), 'Cognito may call the function of Auth/Own/Cognito, which is in none of its slots'],
    ['a function that is named like a part of one in a slot', ({ stack, userPool }) => {
      (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { preSignUp: `arn:aws:lambda:${stack.region}:${stack.account}:function:auth-before` };
      new CfnPermission(stack, 'Cognito', {
        action: 'lambda:InvokeFunction', functionName: 'auth', principal: 'cognito-idp.amazonaws.com', sourceArn: userPool.userPoolArn,
      });
    }, 'Cognito may call the function of Auth/Cognito, which is in none of its slots'],
    ['a function of another stack, known by an ARN that is put together', ({ stack, userPool }) => {
      const arn = (name: string) => stack.formatArn({ service: 'lambda', resource: 'function', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
      (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { preSignUp: arn('before') };
      new CfnPermission(stack, 'Cognito', {
        action: 'lambda:InvokeFunction', functionName: arn('after'), principal: 'cognito-idp.amazonaws.com', sourceArn: userPool.userPoolArn,
      });
    }, 'Cognito may call the function of Auth/Cognito, which is in none of its slots'],
    ['a custom resource that updates the pool', ({ stack, userPool }) => update(stack, userPool),
      'Auth/SetTrigger/CustomResourcePolicy/Resource lets somebody change its settings'],
    ['a custom resource that may update any pool', ({ stack, userPool }) =>
      update(stack, userPool, AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE })), 'SetTrigger/CustomResourcePolicy'],
    ['a function that sets the MFA configuration', ({ stack, userPool }) => userPool.grant(own(stack), 'cognito-idp:SetUserPoolMfaConfig'),
      'Auth/Own/ServiceRole/DefaultPolicy/Resource lets somebody'],
    ['a policy whose action is known late', ({ stack, userPool }) => userPool.grant(own(stack), Lazy.string({ produce: () => 'cognito-idp:UpdateUserPool' })),
      'Auth/Own/ServiceRole/DefaultPolicy/Resource lets somebody'],
    ['a policy whose actions are a list known late', ({ stack, userPool }) =>
      own(stack).addToRolePolicy(new PolicyStatement({ actions: Lazy.list({ produce: () => ['cognito-idp:UpdateUserPool'] }), resources: [userPool.userPoolArn] })),
    'Auth/Own/ServiceRole/DefaultPolicy/Resource lets somebody'],
    ['a policy that an override gives', ({ stack, userPool }) => policyOf(stack, []).addPropertyOverride('PolicyDocument.Statement', setter(userPool)),
      'Auth/Theirs lets somebody'],
    ['a policy in another case, as IAM reads it', ({ stack, userPool }) =>
      policyOf(stack, [allow('COGNITO-IDP:updateUserPool', userPool.userPoolArn)]), 'Auth/Theirs lets somebody'],
    ['a policy for calls by a pattern', ({ stack, userPool }) => policyOf(stack, [allow('cognito-idp:Upd?te*', userPool.userPoolArn)]), 'Auth/Theirs lets'],
    ['a policy for every call of Cognito', ({ stack, userPool }) => userPool.grant(own(stack), 'cognito-idp:*'), 'lets somebody'],
    ['a policy for every pool, by an ARN', ({ stack }) =>
      policyOf(stack, [allow('cognito-idp:UpdateUserPool', 'arn:aws:cognito-idp:*:*:userpool/*')]), 'Auth/Theirs lets somebody'],
    ['a policy for all pools but another', ({ stack }) => policyOf(stack, [
      { Effect: 'Allow', Action: 'cognito-idp:UpdateUserPool', NotResource: new UserPool(stack, 'Others').userPoolArn },
    ]), 'Auth/Theirs lets somebody'],
    ['a statement under a condition', ({ stack, userPool }) =>
      policyOf(stack, [Fn.conditionIf(condition(stack), setter(userPool)[0], Aws.NO_VALUE)]), 'Auth/Theirs lets somebody'],
    ['policies of a role under a condition', ({ stack, userPool }) => new CfnRole(stack, 'Theirs', {
      assumeRolePolicyDocument: {}, policies: Fn.conditionIf(condition(stack), [inline(setter(userPool))], Aws.NO_VALUE),
    }), 'Auth/Theirs lets somebody'],
    ['a policy of a user', ({ stack, userPool }) => new CfnUser(stack, 'Theirs', { policies: [inline(setter(userPool))] }), 'Auth/Theirs lets somebody'],
    ['a policy of a role by itself', ({ stack, userPool }) =>
      new CfnRolePolicy(stack, 'Theirs', { roleName: 'theirs', ...inline(setter(userPool)) }), 'Auth/Theirs lets somebody'],
    ['an action that is put together', ({ stack, userPool }) => policyOf(stack, [
      { ...setter(userPool)[0], Action: Token.asAny(Fn.join(':', ['cognito-idp', Lazy.string({ produce: () => 'UpdateUserPool' })])) },
    ]), 'Auth/Theirs lets somebody'],
    ['a document that is known late', ({ stack, userPool }) =>
      policyOf(stack, Lazy.string({ produce: () => setter(userPool) as never }) as never), 'Auth/Theirs lets somebody'],
    ['a policy that is a token of the application\'s own, with a way back to the tree', ({ stack, userPool }) =>
      policyOf(stack, { stack, creationStack: [], resolve: () => setter(userPool) } as never), 'Auth/Theirs lets somebody'],
    ['everything that can be done with the pool', ({ stack, userPool }) => userPool.grant(own(stack), '*'), 'Auth/Own/ServiceRole/DefaultPolicy/Resource lets'],
    ['a pattern of services, beside another call', ({ stack, userPool }) =>
      policyOf(stack, [{ ...setter(userPool)[0], Action: ['s3:GetObject', 'cognito-*:Update*'] }]), 'Auth/Theirs lets somebody'],
    ['everything but other calls', ({ stack, userPool }) =>
      policyOf(stack, [{ Effect: 'Allow', NotAction: 'cognito-idp:Delete*', Resource: userPool.userPoolArn }]), 'Auth/Theirs lets somebody'],
    ['an action that is known late, under a condition', ({ stack, userPool }) => policyOf(stack, [
      { ...setter(userPool)[0], Action: [{ 'Fn::If': [condition(stack), Lazy.string({ produce: () => 'cognito-idp:UpdateUserPool' }), 'a:b'] }] },
    ]), 'Auth/Theirs lets somebody'],
    ['a statement that is known late, under a condition', ({ stack, userPool }) => policyOf(stack, [
      { 'Fn::If': [condition(stack), Token.asString(Lazy.any({ produce: () => setter(userPool)[0] })), { Ref: 'AWS::NoValue' }] },
    ]), 'Auth/Theirs lets somebody'],
    ['an effect under a condition', ({ stack, userPool }) =>
      policyOf(stack, [{ ...setter(userPool)[0], Effect: Fn.conditionIf(condition(stack), 'Allow', 'Deny') }]), 'Auth/Theirs lets somebody'],
    ['an action that an override gives by its index', ({ stack, userPool }) => policyOf(stack, [{ ...setter(userPool)[0], Action: ['a:b'] }])
      .addPropertyOverride('PolicyDocument.Statement.0.Action.0', Lazy.string({ produce: () => 'cognito-idp:UpdateUserPool' })), 'Auth/Theirs lets somebody'],
    ['the pool by its logical id', ({ stack, userPool }) =>
      policyOf(stack, [{ ...setter(userPool)[0], Resource: stack.resolve(userPool.userPoolArn) }]), 'Auth/Theirs lets somebody'],
    ['a permission whose principal an override gives', ({ stack, userPool }) =>
      new CfnPermission(stack, 'Cognito', { action: 'lambda:InvokeFunction', functionName: 'other', principal: 'sns.amazonaws.com', sourceArn: userPool.userPoolArn })
        .addPropertyOverride('Principal', 'cognito-idp.amazonaws.com'),
    'Cognito may call the function of Auth/Cognito, which is in none of its slots'],
    ['a permission whose pool an override gives', ({ stack, userPool }) =>
      new CfnPermission(stack, 'Cognito', { action: 'lambda:InvokeFunction', functionName: 'other', principal: 'cognito-idp.amazonaws.com', sourceArn: 'arn:other' })
        .addPropertyOverride('SourceArn', userPool.userPoolArn),
    'Cognito may call the function of Auth/Cognito, which is in none of its slots'],
  ])('%s: a warning that leads to the drift', (_name, then, sign) => {
    const [warning, ...others] = warnings(make({ then })).filter(one => !one.includes('heldTriggers'));
    expect(warning).toContain(sign);
    expect(warning).toContain('detect-stack-drift');
    expect(others).toEqual([]);
  });

  test.each<[string, Given['then']]>([
    ['a function in a slot', ({ stack, userPool }) => (userPool as UserPool).addTrigger(UserPoolOperation.CREATE_AUTH_CHALLENGE, own(stack))],
    ['a function of another pool', ({ stack }) => mayCall(own(stack), new UserPool(stack, 'Others'))],
    ['a function in a slot by an override', ({ stack, userPool }) => {
      const lambdaFunction = own(stack);
      mayCall(lambdaFunction, userPool);
      (userPool.node.defaultChild as CfnUserPool).addPropertyOverride('LambdaConfig.DefineAuthChallenge', lambdaFunction.functionArn);
    }],
    ['a function that Cognito may call for every pool, in a slot of another one', ({ stack }) => {
      const lambdaFunction = own(stack);
      lambdaFunction.addPermission('Cognito', { principal: new ServicePrincipal('cognito-idp.amazonaws.com') });
      new UserPool(stack, 'Others', { lambdaTriggers: { preSignUp: lambdaFunction } });
    }],
    ['another copy of this library\'s', ({ stack }) => {
      new CognitoDrReplica(stack, 'Second', { userPool: new UserPool(stack, 'Others', { featurePlan: FeaturePlan.ESSENTIALS }), replicaRegion: 'us-west-2' });
    }],
    ['a function in a slot by its name', ({ stack, userPool }) => {
      (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { preSignUp: `arn:aws:lambda:${stack.region}:${stack.account}:function:before` };
      new CfnPermission(stack, 'Cognito', {
        action: 'lambda:InvokeFunction', functionName: 'before', principal: 'cognito-idp.amazonaws.com', sourceArn: userPool.userPoolArn,
      });
    }],
    ['an alias in a slot', ({ stack, userPool }) => {
      const alias = own(stack).addAlias('live');
      alias.addPermission('Cognito', { principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: userPool.userPoolArn });
      (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { preSignUp: alias.functionArn };
    }],
    ['somebody who may read this pool and update another one', ({ stack, userPool }) => {
      const lambdaFunction = own(stack);
      userPool.grant(lambdaFunction, 'cognito-idp:ListUsers');
      new UserPool(stack, 'Others').grant(lambdaFunction, 'cognito-idp:UpdateUserPool');
    }],
    ['an administrator of everything', ({ stack }) => policyOf(stack, [allow('*', '*')])],
    ['somebody who may do everything with another pool', ({ stack, userPool }) => {
      userPool.grant(own(stack), 'cognito-idp:List*');
      new UserPool(stack, 'Others').grant(own(stack, 'Other'), 'cognito-idp:*');
    }],
    ['somebody who may update every pool but this one', ({ stack, userPool }) =>
      policyOf(stack, [{ Effect: 'Allow', Action: 'cognito-idp:UpdateUserPool', NotResource: userPool.userPoolArn }])],
    ['somebody who may do everything with this pool but what is Cognito\'s', ({ stack, userPool }) =>
      policyOf(stack, [{ Effect: 'Allow', NotAction: ['cognito-idp:*'], Resource: userPool.userPoolArn }])],
    ['somebody who is denied everything', ({ stack, userPool }) => policyOf(stack, [{ Effect: 'Deny', Action: '*', Resource: userPool.userPoolArn }])],
    ['somebody who is denied it', ({ stack, userPool }) => userPool.grant(own(stack), 'cognito-idp:ListUsers').principalStatement!.addActions('cognito-idp:AdminGetUser')],
  ])('%s is no sign', (_name, then) => {
    expect(warnings(make({ then })).filter(warning => warning.includes('outsideSettings'))).toEqual([]);
  });

  test('nothing is said where nothing is attached, nor after it was acknowledged', () => {
    const given: Given['then'] = ({ stack, userPool }) => mayCall(own(stack), userPool);
    expect(warnings(make({ props: { captureTriggers: false }, then: given }))).toEqual([]);
    const acknowledged: Given['then'] = made => {
      given(made);
      Validations.of(made.dr).acknowledge({ id: 'cognito-dr-replica:outsideSettings', reason: 'looked: no drift' });
    };
    expect(warnings(make({ then: acknowledged }))).toEqual([]);
  });

  test('the standby pool of one\'s own is looked at as well', () => {
    const made = make({
      props: app => {
        const replicaStack = new Stack(app, 'Far', { env: { account: '111122223333', region: 'us-west-2' } });
        const mine = new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS, customAttributes: { source_sub: new StringAttribute({ mutable: false }) } });
        mine.grant(own(replicaStack), 'cognito-idp:UpdateUserPool');
        return { replicaStack, standby: Standby.onDemand({ userPool: mine }) };
      },
    });
    expect(warnings(made)).toEqual([expect.stringContaining('the user pool Far/Mine/Resource seems to have settings or triggers')]);
  });
});
