import { App, Aspects, Aws, CfnParameter, CfnResource, Duration, Fn, IAspect, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  AccountRecovery, CfnUserPool, CfnUserPoolClient, CfnUserPoolIdentityProvider, CfnUserPoolResourceServer,
  ClientAttributes, FeaturePlan, Mfa, NumberAttribute, OAuthScope, ProviderAttribute,
  ResourceServerScope, StringAttribute, UserPool, UserPoolClient, UserPoolClientIdentityProvider, UserPoolEmail, UserPoolIdentityProviderGoogle,
  UserPoolOperation, VerificationEmailStyle, DateTimeAttribute, BooleanAttribute,
} from 'aws-cdk-lib/aws-cognito';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { CognitoDrReplica, Standby } from '../../../src/index';
import { CLIENT_PROPERTIES, CLIENT_PROPERTIES_LEFT } from '../../../src/standby/mirror/mirror-client';
import { POOL_PROPERTIES, POOL_PROPERTIES_OF_ITS_OWN } from '../../../src/standby/mirror/mirror-pool';
import { ACCOUNT, Given, make, permissions, PRIMARY, REPLICA, statementsOf, synth, Templates, warnings } from '../../helpers/templates';

const SOURCE_SUB = { AttributeDataType: 'String', Mutable: false, Name: 'source_sub' };

function only(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(template.findResources(type));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

const poolOf = (template: Template) => only(template, 'AWS::Cognito::UserPool');
const clientOf = (template: Template) => only(template, 'AWS::Cognito::UserPoolClient');

/** Source and mirror, less what differs on purpose. */
function bothPools({ primary, replica }: Templates): [object, object] {
  const plain = (template: Template) => Object.fromEntries(Object.entries(poolOf(template)).filter(([name]) => POOL_PROPERTIES.includes(name)));
  return [plain(primary), plain(replica)];
}

const l1Source = (props: ConstructorParameters<typeof CfnUserPool>[2]) => (stack: Stack) => {
  const source = new CfnUserPool(stack, 'Users', props);
  return UserPool.fromUserPoolId(stack, 'Imported', source.ref);
};

const aFunction = (stack: Stack, id = 'Trigger') => new LambdaFunction(stack, id, {
  code: Code.fromInline('exports.handler = async event => event'), handler: 'index.handler', runtime: Runtime.NODEJS_24_X,
});

describe('the pool', () => {
  test('every property that the L1 knows is either taken over or the mirror\'s own', () => {
    const source = new CfnUserPool(new Stack(), 'Pool') as unknown as { cfnPropertyNames: Record<string, string> };
    expect([...POOL_PROPERTIES, ...POOL_PROPERTIES_OF_ITS_OWN].sort()).toEqual(Object.values(source.cfnPropertyNames).sort());
  });

  test('is asked for once a rendering, not once a property: an app may have a hundred clients', () => {
    const clients = 12;
    const made = make({ then: ({ userPool }) => Array.from({ length: clients }, (_, i) => userPool.addClient(`Client${i}`)) });
    const asked = jest.spyOn(made.userPool.node.defaultChild as unknown as { _toCloudFormation(): object }, '_toCloudFormation');
    made.app.synth();
    // CDK renders each client some times, for references, for validation and for the template.
    expect(asked.mock.calls.length).toBeLessThan(20 * clients);
  });

  test('takes over every setting, with every nested one', () => {
    const [source, mirror] = bothPools(synth({
      props: { standby: Standby.onDemand({ email: UserPoolEmail.withSES({ fromEmail: 'a@example.com', sesRegion: REPLICA }) }) },
      source: l1Source({
        accountRecoverySetting: { recoveryMechanisms: [{ name: 'admin_only', priority: 1 }] },
        adminCreateUserConfig: {
          allowAdminCreateUserOnly: true,
          unusedAccountValidityDays: 3,
          inviteMessageTemplate: { emailMessage: 'e {username} {####}', emailSubject: 's', smsMessage: 'm {username} {####}' },
        },
        aliasAttributes: ['email', 'phone_number', 'preferred_username'],
        autoVerifiedAttributes: ['email', 'phone_number'],
        deviceConfiguration: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt: false },
        emailAuthenticationMessage: 'code {####}',
        emailAuthenticationSubject: 'code',
        emailVerificationMessage: 'v {####}',
        emailVerificationSubject: 'vs',
        enabledMfas: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'],
        mfaConfiguration: 'ON',
        policies: {
          passwordPolicy: {
            minimumLength: 12,
            passwordHistorySize: 3,
            requireLowercase: true,
            requireNumbers: true,
            requireSymbols: false,
            requireUppercase: true,
            temporaryPasswordValidityDays: 2,
          },
          signInPolicy: { allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'WEB_AUTHN'] },
        },
        schema: [{ name: 'email', required: true, mutable: true }],
        smsAuthenticationMessage: 'sa {####}',
        smsVerificationMessage: 'sv {####}',
        userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdate: ['email'] },
        usernameConfiguration: { caseSensitive: true },
        userPoolAddOns: { advancedSecurityMode: 'ENFORCED', advancedSecurityAdditionalFlows: { customAuthMode: 'AUDIT' } },
        userPoolName: 'users',
        userPoolTier: 'PLUS',
        verificationMessageTemplate: {
          defaultEmailOption: 'CONFIRM_WITH_LINK',
          emailMessage: '{####}',
          emailMessageByLink: '{##l##}',
          emailSubject: 's',
          emailSubjectByLink: 'sl',
          smsMessage: '{####}',
        },
        webAuthnFactorConfiguration: 'SINGLE_FACTOR',
        webAuthnRelyingPartyId: 'auth.example.com',
        webAuthnUserVerification: 'required',
      }),
    }));
    expect(Object.keys(source)).toEqual(POOL_PROPERTIES.filter(name => name !== 'UsernameAttributes'));
    expect(mirror).toEqual(source);
  });

  test.each<[string, Given['pool']]>([
    ['nothing but defaults', {}],
    ['e-mail as user name', { signInAliases: { email: true } }],
    ['e-mail and phone as user name', { signInAliases: { email: true, phone: true } }],
    ['user name with e-mail and phone aliases', { signInAliases: { username: true, email: true, phone: true }, signInCaseSensitive: false }],
    ['MFA and a plan', { mfa: Mfa.REQUIRED, mfaSecondFactor: { sms: true, otp: true }, featurePlan: FeaturePlan.PLUS, accountRecovery: AccountRecovery.NONE }],
    ['a self sign-up by link', { selfSignUpEnabled: true, userVerification: { emailStyle: VerificationEmailStyle.LINK } }],
    ['device tracking, kept attributes, passkeys', {
      deviceTracking: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt: true },
      signInAliases: { email: true },
      keepOriginal: { email: true },
      signInPolicy: { allowedFirstAuthFactors: { password: true, passkey: true } },
      passkeyRelyingPartyId: 'example.com',
    }],
  ])('equals the source: %s', (_name, pool) => {
    const [source, mirror] = bothPools(synth({ pool }));
    expect(mirror).toEqual(source);
  });

  test('has custom:source_sub, then the source\'s attributes in the same order and mutability', () => {
    const { primary, replica } = synth({
      pool: {
        standardAttributes: { email: { required: true, mutable: false }, fullname: { mutable: true } },
        customAttributes: {
          zeta: new StringAttribute({ minLen: 1, maxLen: 10, mutable: false }),
          alpha: new NumberAttribute({ min: 1, max: 5, mutable: true }),
          since: new DateTimeAttribute(),
          vip: new BooleanAttribute({ mutable: true }),
        },
      },
    });
    const source = poolOf(primary).Schema as unknown[];
    expect(source).toHaveLength(6);
    expect(poolOf(replica).Schema).toEqual([SOURCE_SUB, ...source]);
  });

  test('keeps the place of every attribute when the source gets another one', () => {
    const schemaOf = (...names: string[]) => poolOf(synth({
      pool: { customAttributes: Object.fromEntries(names.map(name => [name, new StringAttribute()])) },
    }).replica).Schema as unknown[];
    expect(schemaOf('one', 'two').slice(0, 2)).toEqual(schemaOf('one'));
  });

  test('has custom:source_sub where the source has no schema', () => {
    expect(poolOf(synth().replica).Schema).toEqual([SOURCE_SUB]);
  });

  test('does not add a second custom:source_sub to the mirror of a pool that was a standby', () => {
    const given: Given = { pool: { customAttributes: { source_sub: new StringAttribute({ mutable: false }), later: new StringAttribute() } } };
    const { primary, replica } = synth(given);
    expect(poolOf(replica).Schema).toEqual(poolOf(primary).Schema);
  });

  test('fails when the source has a custom:source_sub of another kind', () => {
    expect(() => synth({ pool: { customAttributes: { source_sub: new StringAttribute({ mutable: true }) } } }))
      .toThrow('attribute custom:source_sub that is not an immutable string');
  });

  test('has no room for custom:source_sub beside 50 custom attributes, and says so', () => {
    const customAttributes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, new StringAttribute()]));
    const full = make({ pool: { customAttributes: customAttributes(50) } });
    expect(warnings(full)).toEqual([expect.stringContaining('50 custom attributes')]);
    expect(poolOf(Template.fromStack(full.dr.replicaStack)).Schema).toHaveLength(50);
    expect(poolOf(synth({ pool: { customAttributes: customAttributes(49) } }).replica).Schema).toHaveLength(50);
  });

  test('sees what changes the source later: L1 properties, property overrides, Aspects', () => {
    const { primary, replica } = synth({
      then: ({ app, userPool }) => {
        const cfn = userPool.node.defaultChild as CfnUserPool;
        cfn.userPoolTier = 'PLUS';
        cfn.addPropertyOverride('Policies.PasswordPolicy.MinimumLength', 14);
        cfn.addPropertyOverride('DeviceConfiguration', { ChallengeRequiredOnNewDevice: true });
        cfn.addPropertyDeletionOverride('EmailVerificationSubject');
        class SetMfa implements IAspect {
          public visit(node: IConstruct) {
            if (node === cfn) {
              cfn.mfaConfiguration = 'OPTIONAL';
              cfn.enabledMfas = ['SOFTWARE_TOKEN_MFA'];
            }
          }
        }
        Aspects.of(app).add(new SetMfa());
      },
    });
    expect(poolOf(replica)).toMatchObject({
      UserPoolTier: 'PLUS',
      Policies: { PasswordPolicy: { MinimumLength: 14 } },
      DeviceConfiguration: { ChallengeRequiredOnNewDevice: true },
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    });
    expect(bothPools({ primary, replica } as Templates)[1]).not.toHaveProperty('EmailVerificationSubject');
  });

  test('can be changed by its own escape hatches', () => {
    const { replica } = synth({
      pool: { userPoolName: 'users' },
      then: ({ dr }) => {
        const cfn = dr.standbyUserPool!.node.defaultChild as CfnUserPool;
        cfn.userPoolName = 'standby';
        cfn.addPropertyOverride('AdminCreateUserConfig.AllowAdminCreateUserOnly', false);
      },
    });
    expect(poolOf(replica)).toMatchObject({ UserPoolName: 'standby', AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } });
  });

  test('is protected and retained by default, both overridable', () => {
    const byDefault = synth().replica;
    byDefault.hasResource('AWS::Cognito::UserPool', { DeletionPolicy: 'Retain', Properties: { DeletionProtection: 'ACTIVE' } });
    const disposable = synth({ props: { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false } }).replica;
    disposable.hasResource('AWS::Cognito::UserPool', { DeletionPolicy: 'Delete', Properties: { DeletionProtection: 'INACTIVE' } });
  });

  test('has the tags of the construct', () => {
    const { replica } = synth({ then: ({ dr }) => Tags.of(dr).add('cost', 'dr') });
    expect(poolOf(replica).UserPoolTags).toEqual({ cost: 'dr' });
  });

  test('has the SES sender that Standby names, never the source\'s', () => {
    const pool = { email: UserPoolEmail.withSES({ fromEmail: 'a@example.com', sesRegion: PRIMARY }) };
    expect(poolOf(synth({ pool }).replica)).not.toHaveProperty('EmailConfiguration');
    const own = { standby: Standby.onDemand({ email: UserPoolEmail.withSES({ fromEmail: 'b@example.com', sesRegion: REPLICA }) }) };
    expect(JSON.stringify(poolOf(synth({ pool, props: own }).replica).EmailConfiguration)).toContain(`:ses:${REPLICA}:`);
  });

  test('fails where MFA codes go by e-mail without an SES sender of the replica Region', () => {
    const pool = {
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: false, email: true },
      featurePlan: FeaturePlan.ESSENTIALS,
      email: UserPoolEmail.withSES({ fromEmail: 'a@example.com', sesRegion: PRIMARY }),
    };
    expect(() => synth({ pool })).toThrow('sends MFA codes by e-mail');
    const email = UserPoolEmail.withSES({ fromEmail: 'b@example.com', sesRegion: REPLICA });
    expect(poolOf(synth({ pool, props: { standby: Standby.onDemand({ email }) } }).replica).EnabledMfas).toEqual(['EMAIL_OTP']);
  });
});

describe('text messages', () => {
  const pool = { mfa: Mfa.OPTIONAL, mfaSecondFactor: { sms: true, otp: false } };

  test('go through a role of the mirror\'s own, which may publish to phone numbers only', () => {
    const { replica } = synth({ pool });
    expect(poolOf(replica).SmsConfiguration).toEqual({
      ExternalId: expect.stringMatching(/^Auth-Dr-us-east-1-replica-[0-9a-f]{8}$/),
      SnsCallerArn: { 'Fn::GetAtt': [expect.stringMatching(/^StandbyUserPoolSmsRole/), 'Arn'] },
    });
    expect(permissions(statementsOf(replica, 'StandbyUserPoolSmsRole'))).toEqual(['sns:Publish on all but arn:*:sns:*:*:*']);
    replica.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{
          Principal: { Service: 'cognito-idp.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT, 'sts:ExternalId': Match.stringLikeRegexp('^Auth-Dr') } },
        }],
      },
    });
  });

  test('need no role where the source sends none', () => {
    expect(statementsOf(synth().replica, 'StandbyUserPoolSmsRole')).toEqual([]);
  });
});

describe('what cannot cross', () => {
  afterEach(() => jest.restoreAllMocks());

  test('triggers: left out with a warning, which triggers of the mirror\'s own answer', () => {
    const withTrigger: Given = {
      then: ({ stack, userPool }) => (userPool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, aFunction(stack)),
    };
    const made = make(withTrigger);
    expect(warnings(made)).toEqual([expect.stringContaining('Lambda triggers (PreAuthentication) that its standby pool does not have')]);
    expect(poolOf(Template.fromStack(made.dr.replicaStack))).not.toHaveProperty('LambdaConfig.PreAuthentication');

    const answered = make({
      then: ({ stack, userPool, dr }) => {
        (userPool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, aFunction(stack));
        (dr.standbyUserPool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, aFunction(dr.replicaStack));
      },
    });
    expect(warnings(answered)).toEqual([]);
    expect(poolOf(Template.fromStack(answered.dr.replicaStack))).toHaveProperty('LambdaConfig.PreAuthentication');
  });

  test('a warning can be acknowledged', () => {
    const made = make({
      then: ({ stack, userPool, dr }) => {
        (userPool as UserPool).addTrigger(UserPoolOperation.PRE_SIGN_UP, aFunction(stack));
        Validations.of(dr).acknowledge({ id: 'cognito-dr-replica:heldTriggers', reason: 'only checks invitations' });
      },
    });
    expect(warnings(made)).toEqual([]);
  });

  test('a key and an issuer: left out, the key with a warning', () => {
    const made = make({
      source: stack => {
        const source = new CfnUserPool(stack, 'Users', {
          userPoolTier: 'ESSENTIALS',
          keyConfiguration: { keyType: 'CUSTOMER_MANAGED_KEY', kmsKeyArn: new Key(stack, 'Key').keyArn },
          issuerConfiguration: { type: 'UPDATED' },
        });
        return UserPool.fromUserPoolId(stack, 'Imported', source.ref);
      },
    });
    expect(warnings(made)).toEqual([expect.stringContaining('a key of your own')]);
    const mirror = poolOf(Template.fromStack(made.dr.replicaStack));
    expect(mirror).not.toHaveProperty('KeyConfiguration');
    expect(mirror).not.toHaveProperty('IssuerConfiguration');
  });

  test('a property that this version does not know: a warning', () => {
    jest.spyOn(console, 'error').mockImplementation(); // CDK's own template validation does not know it either
    const made = make({ then: ({ userPool }) => (userPool.node.defaultChild as CfnResource).addPropertyOverride('Telepathy', true) });
    expect(warnings(made)).toEqual([expect.stringContaining('does not know (Telepathy)')]);
  });

  test('a message with a value of the source\'s stack: left out with a warning', () => {
    const made = make({
      then: ({ stack, userPool }) => {
        const parameter = new CfnParameter(stack, 'Product');
        (userPool.node.defaultChild as CfnUserPool).smsAuthenticationMessage = `${parameter.valueAsString}: {####}`;
      },
    });
    expect(warnings(made)).toEqual([expect.stringContaining('SmsAuthenticationMessage of Auth/Users/Resource refer(s) to')]);
    expect(poolOf(Template.fromStack(made.dr.replicaStack))).not.toHaveProperty('SmsAuthenticationMessage');
  });

  test('fails where an essential setting is a value of the source\'s stack', () => {
    expect(() => synth({
      then: ({ stack, userPool }) => {
        (userPool.node.defaultChild as CfnUserPool).mfaConfiguration = new CfnParameter(stack, 'Mfa').valueAsString;
      },
    })).toThrow('MfaConfiguration of the source pool Auth/Users/Resource refer(s) to other resources or parameters');
  });

  test('pseudo parameters mean the same in every stack and stay', () => {
    const { replica } = synth({ pool: { mfaMessage: `from ${Aws.REGION}: {####}` } });
    expect(poolOf(replica).SmsAuthenticationMessage).toEqual({ 'Fn::Join': ['', ['from ', { Ref: 'AWS::Region' }, ': {####}']] });
  });
});

test('an address that a user changes on the mirror counts once they proved it, whatever the source says', () => {
  const updates = (pool: Given['pool']) => poolOf(synth({ pool }).replica).UserAttributeUpdateSettings;
  expect(updates({ autoVerify: { email: true, phone: true } })).toEqual({ AttributesRequireVerificationBeforeUpdate: ['email', 'phone_number'] });
  expect(updates({ autoVerify: { email: true }, keepOriginal: { email: true } })).toEqual({ AttributesRequireVerificationBeforeUpdate: ['email'] });
  // Cognito refuses it for an attribute that it does not verify.
  expect(updates({})).toBeUndefined();
});

describe('app clients', () => {
  test('every property that the L1 knows is either taken over or left for a reason', () => {
    const source = new CfnUserPoolClient(new Stack(), 'Client', { userPoolId: 'x' }) as unknown as { cfnPropertyNames: Record<string, string> };
    expect([...CLIENT_PROPERTIES, ...CLIENT_PROPERTIES_LEFT].sort()).toEqual(Object.values(source.cfnPropertyNames).sort());
  });

  test('are mirrored with every setting, whether they come before or after the construct', () => {
    const settings = {
      userPoolClientName: 'web',
      authFlows: { userSrp: true, user: true, custom: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: ['https://a.example.com', 'https://b.example.com'],
        logoutUrls: ['https://a.example.com/bye'],
        defaultRedirectUri: 'https://a.example.com',
      },
      accessTokenValidity: Duration.minutes(5),
      idTokenValidity: Duration.minutes(6),
      refreshTokenValidity: Duration.days(3),
      authSessionValidity: Duration.minutes(4),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
      refreshTokenRotationGracePeriod: Duration.seconds(10),
      generateSecret: true,
      enablePropagateAdditionalUserContextData: true,
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      readAttributes: new ClientAttributes().withStandardAttributes({ email: true }),
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true }).withCustomAttributes('team'),
    };
    const pool = { autoVerify: { email: true }, customAttributes: { team: new StringAttribute() } };
    const before: Given = {
      source: stack => {
        const userPool = new UserPool(stack, 'Users', pool);
        userPool.addClient('Web', settings);
        return userPool;
      },
    };
    const after: Given = { pool, then: ({ userPool }) => userPool.addClient('Web', settings) };
    for (const given of [before, after]) {
      const { primary, replica } = synth(given);
      const source = clientOf(primary);
      expect(Object.keys(source).sort()).toEqual([...CLIENT_PROPERTIES, 'UserPoolId'].sort());
      expect(clientOf(replica)).toEqual({
        ...source,
        UserPoolId: { Ref: expect.stringMatching(/^StandbyUserPool/) },
        ReadAttributes: ['email', 'custom:source_sub'],
        WriteAttributes: ['email'],
      });
      expect(Object.keys(replica.findOutputs('StandbyClientIdAuthUsersWeb'))).toHaveLength(1);
    }
  });

  test('let users write what a sign-up has to give and what identity providers give, and no other name or attribute', () => {
    const writtenOf = (pool: Given['pool'], provider = false) => {
      const { replica } = synth({
        pool: { customAttributes: { team: new StringAttribute({ mutable: true }), born: new DateTimeAttribute() }, ...pool },
        then: ({ userPool, dr }) => {
          userPool.addClient('Web');
          if (!provider) return;
          new CfnUserPoolIdentityProvider(dr.replicaStack, 'Corp', {
            userPoolId: dr.standbyUserPool!.userPoolId,
            providerName: 'Corp',
            providerType: 'OIDC',
            providerDetails: {},
            attributeMapping: { 'nickname': 'n', 'custom:team': 't', 'username': 'sub' },
          });
        },
      });
      return (clientOf(replica).WriteAttributes as string[]).sort();
    };
    // An empty list may mean all of them.
    expect(writtenOf({})).toEqual(['locale']);
    expect(writtenOf({ signInAliases: { username: true, email: true, preferredUsername: true } })).toEqual(['email']);
    expect(writtenOf({ signInAliases: { email: true }, standardAttributes: { givenName: { required: true } } })).toEqual(['email', 'given_name']);
    expect(writtenOf({ autoVerify: { phone: true } }, true)).toEqual(['custom:team', 'nickname', 'phone_number']);
  });

  test('may not write custom:source_sub even where the source client may', () => {
    const { replica } = synth({
      pool: { signInAliases: { email: true }, customAttributes: { source_sub: new StringAttribute({ mutable: false }) } },
      then: ({ userPool }) => userPool.addClient('Web', {
        writeAttributes: new ClientAttributes().withStandardAttributes({ email: true }).withCustomAttributes('source_sub', 'team'),
      }),
    });
    expect(clientOf(replica).WriteAttributes).toEqual(['email']);
  });

  test('of another pool are none of ours', () => {
    const { replica } = synth({ then: ({ stack }) => new UserPool(stack, 'Others').addClient('Web') });
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 0);
  });

  test('in another stack are mirrored too', () => {
    const { replica } = synth({
      then: ({ app, userPool }) => new UserPoolClient(new Stack(app, 'Web', { env: { account: ACCOUNT, region: PRIMARY } }), 'Client', { userPool }),
    });
    expect(Object.keys(replica.findOutputs('StandbyClientIdWebClient'))).toHaveLength(1);
  });

  test('are found whatever their app calls the pool, and asked for by an imported client', () => {
    const { replica } = synth({
      then: ({ stack, userPool, dr }) => {
        const byArn = UserPool.fromUserPoolArn(stack, 'ByArn', userPool.userPoolArn);
        byArn.addClient('Web');
        const l1 = new CfnUserPoolClient(stack, 'Job', { userPoolId: (userPool.node.defaultChild as CfnUserPool).attrUserPoolId });
        dr.standbyClient(UserPoolClient.fromUserPoolClientId(stack, 'ImportedJob', l1.ref));
      },
    });
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 2);
  });

  test('of another copy\'s password check are not the application\'s', () => {
    const { app, replica } = synth({
      then: ({ stack, userPool }) => new CognitoDrReplica(stack, 'Second', {
        userPool, replicaRegion: 'eu-west-1', standby: Standby.onDemand({ verifyPasswordsAgainstSource: true }),
      }),
    });
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 0);
    expect(app.synth().stacks.flatMap(({ template }) => Object.values<{ Type: string }>(template.Resources))
      .filter(({ Type }) => Type === 'AWS::Cognito::UserPoolClient')).toHaveLength(1);
  });

  test('use resource servers of the mirror\'s own', () => {
    const scope = new ResourceServerScope({ scopeName: 'read', scopeDescription: 'Read orders' });
    const { replica } = synth({
      then: ({ userPool }) => {
        const server = userPool.addResourceServer('Orders', { identifier: 'orders', scopes: [scope] });
        userPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, scope)] } });
      },
    });
    const [[serverId, server]] = Object.entries(replica.findResources('AWS::Cognito::UserPoolResourceServer'));
    expect(server.Properties).toMatchObject({ Identifier: 'orders', Name: 'orders', Scopes: [{ ScopeName: 'read', ScopeDescription: 'Read orders' }] });
    replica.hasResource('AWS::Cognito::UserPoolClient', {
      DependsOn: Match.arrayWith([serverId]),
      Properties: { AllowedOAuthScopes: ['orders/read'], AllowedOAuthFlows: ['client_credentials'], GenerateSecret: true },
    });
  });

  const google = (made: { userPool: unknown; stack: Stack }) => new UserPoolIdentityProviderGoogle(made.stack, 'Google', {
    userPool: made.userPool as UserPool, clientId: 'id', clientSecretValue: undefined, clientSecret: 'not-a-secret', attributeMapping: { email: ProviderAttribute.GOOGLE_EMAIL },
  });

  test('lose identity providers that the standby does not have, with a warning', () => {
    const made = make({
      then: ({ stack, userPool }) => {
        google({ stack, userPool });
        userPool.addClient('Web');
      },
    });
    expect(warnings(made)).toEqual([expect.stringContaining('client Auth/Users/Web/Resource signs in through Google')]);
    const replica = Template.fromStack(made.dr.replicaStack);
    expect(clientOf(replica).SupportedIdentityProviders).toEqual(['COGNITO']);
    expect(JSON.stringify(replica.toJSON())).not.toContain('not-a-secret');
  });

  test('keep identity providers that somebody defined on the standby', () => {
    const made = make({
      then: ({ stack, userPool, dr }) => {
        google({ stack, userPool });
        userPool.addClient('Web');
        google({ stack: dr.replicaStack, userPool: dr.standbyUserPool });
      },
    });
    expect(warnings(made)).toEqual([]);
    const replica = Template.fromStack(made.dr.replicaStack);
    replica.hasResource('AWS::Cognito::UserPoolClient', {
      DependsOn: [Match.stringLikeRegexp('^Google')],
      Properties: { SupportedIdentityProviders: ['Google', 'COGNITO'] },
    });
  });

  test('lose callback URLs that only the source\'s stack knows, and OAuth with the last of them', () => {
    const lose = (callbackUrls: (own: string) => string[]) => make({
      then: ({ stack, userPool }) => {
        const own = `https://${new CfnParameter(stack, 'Host').valueAsString}/`;
        userPool.addClient('Web', { oAuth: { callbackUrls: callbackUrls(own) } });
      },
    });
    const some = lose(own => [own, 'https://example.com/']);
    expect(warnings(some)).toEqual([expect.stringContaining('CallbackURLs[0] of Auth/Users/Web/Resource refer(s) to')]);
    expect(clientOf(Template.fromStack(some.dr.replicaStack)).CallbackURLs).toEqual(['https://example.com/']);

    const all = lose(own => [own]);
    expect(warnings(all)).toEqual([expect.stringContaining('so its mirror has no OAuth flows')]);
    const client = clientOf(Template.fromStack(all.dr.replicaStack));
    for (const property of ['CallbackURLs', 'AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes']) {
      expect(client).not.toHaveProperty(property);
    }
  });

  test('lose a list of callback URLs that only the source\'s stack knows as they lose its parts, and keep one that every stack knows: C1, C5', () => {
    const withList = (callbackUrls: (stack: Stack) => string[]) => make({
      then: ({ stack, userPool }) => userPool.addClient('Web', { oAuth: { callbackUrls: callbackUrls(stack) } }),
    });
    const lost = withList(stack => new CfnParameter(stack, 'Urls', { type: 'CommaDelimitedList' }).valueAsList);
    expect(warnings(lost)).toEqual([expect.stringContaining('so its mirror has no OAuth flows')]);
    expect(clientOf(Template.fromStack(lost.dr.replicaStack))).not.toHaveProperty('AllowedOAuthFlows');

    const kept = withList(() => Fn.split(',', `https://${Aws.REGION}.example.com/,https://example.com/`));
    expect(warnings(kept)).toEqual([]);
    expect(clientOf(Template.fromStack(kept.dr.replicaStack)).CallbackURLs).toEqual({ 'Fn::Split': [',', expect.anything()] });
  });
});

test('synthesising twice adds nothing twice', () => {
  const { app, dr } = make({ pool: { mfa: Mfa.OPTIONAL }, then: ({ userPool }) => userPool.addClient('Web') });
  const first = app.synth().getStackByName(dr.replicaStack.stackName).template;
  expect(app.synth({ force: true }).getStackByName(dr.replicaStack.stackName).template).toEqual(first);
});

test('an L1 pool without L2 is mirrored as well', () => {
  const { replica } = synth({ source: l1Source({ usernameAttributes: ['email', 'phone_number'] }) });
  expect(poolOf(replica).UsernameAttributes).toEqual(['email', 'phone_number']);
});

test('an App synthesises with Aspects that see the mirror clients', () => {
  const seen: string[] = [];
  class See implements IAspect {
    public visit(node: IConstruct) {
      if (node instanceof CfnUserPoolClient) {
        seen.push(Stack.of(node).region);
      }
    }
  }
  synth({
    then: ({ app, userPool }) => {
      userPool.addClient('Web');
      Aspects.of(app as App).add(new See());
    },
  });
  expect(seen.sort()).toEqual([PRIMARY, REPLICA]);
});

test('two clients whose paths have one name get a mirror each, and any name fits Parameter Store', () => {
  const { replica, dr } = synth({
    then: ({ stack, userPool, dr: replicated }) => {
      const [web, other] = [userPool.addClient('Web', { userPoolClientName: 'one' }), new UserPoolClient(stack, 'Users-Web', { userPool, userPoolClientName: 'two' })];
      expect(replicated.standbyClient(web)).not.toBe(replicated.standbyClient(other));
      expect(replicated.standbyClient(web)).toBe(replicated.standbyClient(web));
      userPool.addClient('Old App (2019)', { userPoolClientName: 'three' });
    },
  });
  const clients = Object.values(replica.findResources('AWS::Cognito::UserPoolClient')).map(({ Properties }) => Properties.ClientName);
  expect(clients.sort()).toEqual(['one', 'three', 'two']);
  const parameters = Object.values(replica.findResources('AWS::SSM::Parameter')).map(({ Properties }) => String(Properties.Name));
  expect(parameters.filter(name => name.includes('client-id')).sort()).toEqual([
    'Auth-Users-Old-App--2019-', 'Auth-Users-Web', expect.stringMatching(/^Auth-Users-Web-[0-9a-f]{8}$/),
  ].map(name => expect.stringContaining(typeof name === 'string' ? `${dr.standbyParameterPrefix}/client-id/${name}` : dr.standbyParameterPrefix)));
});

test('clients whose names differ in a hyphen only get outputs of their own: WebApp and Web-App', () => {
  const { replica } = synth({ then: ({ userPool }) => ['WebApp', 'Web-App', 'Web_App'].forEach(id => userPool.addClient(id)) });
  replica.resourceCountIs('AWS::Cognito::UserPoolClient', 3);
  expect(Object.keys(replica.findOutputs('*')).filter(id => id.startsWith('StandbyClientIdAuthUsersWebApp'))).toHaveLength(3);
});

test('a resource server whose name only its own stack knows is left out, with a warning', () => {
  const made = make({
    then: ({ stack, userPool }) => {
      new CfnUserPoolResourceServer(stack, 'Orders', { userPoolId: userPool.userPoolId, identifier: new CfnParameter(stack, 'Identifier').valueAsString, name: 'Orders' });
    },
  });
  expect(warnings(made)).toEqual([expect.stringContaining('Identifier of Auth/Orders refer(s) to resources or parameters of its own stack, so that the standby pool has no such')]);
  Template.fromStack(made.dr.replicaStack).resourceCountIs('AWS::Cognito::UserPoolResourceServer', 0);
});

describe('what an Aspect adds once the mirror is complete', () => {
  /** Adds to the pool's stack when that is visited, which is after the app itself. */
  function late(add: (stack: Stack, userPool: UserPool, dr: CognitoDrReplica) => unknown): Given {
    return {
      then: ({ stack, userPool, dr }) => {
        let isDone = false;
        const visit = (node: IConstruct) => {
          if (node !== stack || isDone) return;
          isDone = true;
          add(stack, userPool as UserPool, dr);
        };
        Aspects.of(stack).add({ visit });
      },
    };
  }

  test.each<[string, Parameters<typeof late>[0], string]>([
    ['an app client', (_stack, userPool) => userPool.addClient('Late'), 'Auth/Users/Late/Resource'],
    ['an app client, as L1', (stack, userPool) => new CfnUserPoolClient(stack, 'Late', { userPoolId: userPool.userPoolId }), 'Auth/Late'],
    ['a resource server', (_stack, userPool) => userPool.addResourceServer('Late', { identifier: 'late' }), 'Auth/Users/Late/Resource'],
  ])('%s without a mirror fails the synthesis, with the way out', (_what, add, path) => {
    expect(() => synth(late(add))).toThrow(`${path} was added by an Aspect after the standby pool got its mirrors, and would have none: define it `
      + 'before the app is synthesised');
  });

  test('an app client whose mirror the Aspect asks for has one', () => {
    const { replica } = synth(late((_stack, userPool, dr) => dr.standbyClient(userPool.addClient('Late'))));
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 1);
  });

  test('one of another pool is nobody\'s business', () => {
    const { replica } = synth(late(stack => new UserPool(stack, 'Others').addClient('Late')));
    replica.resourceCountIs('AWS::Cognito::UserPoolClient', 0);
  });
});
