import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, CfnParameter, DefaultStackSynthesizer, RemovalPolicies, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import {
  AccountRecovery, CfnLogDeliveryConfiguration, CfnManagedLoginBranding, CfnTerms, CfnUserPool, CfnUserPoolClient, CfnUserPoolResourceServer,
  CfnUserPoolRiskConfigurationAttachment, CfnUserPoolUICustomizationAttachment, ClientAttributes, FeaturePlan, IUserPool, Mfa, ProviderAttribute,
  StringAttribute, UserPool, UserPoolEmail, UserPoolIdentityProviderGoogle, UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { CognitoDrReplica, PoolDefinition, Standby, StandbyOptions } from '../src';
import { DESCRIBED_POOL, describedPool } from './helpers/described';
import { documentText } from './helpers/documents';
import { ACCOUNT, Given, make, Made, PRIMARY, REPLICA, warnings } from './helpers/templates';
import { COMPANIONS, COMPANIONS_ELSEWHERE } from '../src/standby/mirror/mirror-warnings';

type Then = NonNullable<Given['then']>;
interface Case {
  /** An app that gets the warning, and no other but those in `also`. */
  readonly given: Given;
  readonly also?: string[];
  /** The app after each piece of advice was followed. That an acknowledgement silences it is tried with each. */
  readonly followed: Given[];
}

const own = (stack: Stack, id = 'Own') => new LambdaFunction(stack, id, {
  code: Code.fromInline('exports.handler = async event => event'), handler: 'index.handler', runtime: Runtime.NODEJS_24_X,
});
const l1 = (pool: IUserPool) => pool.node.defaultChild as CfnUserPool;
const mirror = ({ dr }: Made) => dr.mirrorUserPool!;
const west = (app: App) => new Stack(app, 'Far', { env: { account: ACCOUNT, region: REPLICA } });
const sourceSub = { customAttributes: { source_sub: new StringAttribute({ mutable: false }) } };
const standby = (options: StandbyOptions, more: Given = {}): Given => ({ ...more, props: { standby: Standby.onDemand(options) } });
const warm = (given: Given): Given => ({ ...given, props: { standby: Standby.warm() } });

/** A case in which the source gets something and the standby the same. */
function both(add: (pool: IUserPool, stack: Stack) => unknown): Case {
  const source: Then = ({ userPool, stack }) => { add(userPool, stack); };
  const followed: Then = made => {
    source(made);
    add(mirror(made), made.dr.replicaStack);
  };
  return { given: { then: source }, followed: [{ then: followed }] };
}

/** A case in which the standby pool's L1 is to be set. */
function onMirror(given: Given, set: (mirrored: CfnUserPool) => void): Given {
  return {
    ...given,
    then: made => {
      given.then?.(made);
      set(l1(mirror(made)));
    },
  };
}

const google = (pool: IUserPool, stack: Stack) => new UserPoolIdentityProviderGoogle(stack, 'Google', {
  userPool: pool, clientId: 'id', clientSecret: 'not-a-secret', attributeMapping: { email: ProviderAttribute.GOOGLE_EMAIL },
});
const hostOf = (stack: Stack) => `https://${new CfnParameter(stack, 'Host').valueAsString}/`;
const web: Then = ({ userPool, stack }) => { userPool.addClient('Web', { oAuth: { callbackUrls: [hostOf(stack)] } }); };
const partly: Then = ({ userPool, stack }) => { userPool.addClient('Web', { oAuth: { callbackUrls: [hostOf(stack), 'https://example.com/'] } }); };
const withOwnPool = (pool: (stack: Stack) => IUserPool): Given => ({
  props: app => {
    const replicaStack = west(app);
    return { replicaStack, standby: Standby.onDemand({ userPool: pool(replicaStack) }) };
  },
});
const emailSender = { email: UserPoolEmail.withSES({ fromEmail: 'no-reply@example.com', sesRegion: REPLICA }) };
const ofParameter: Then = ({ stack, userPool }) => { l1(userPool).smsAuthenticationMessage = `${new CfnParameter(stack, 'Product').valueAsString}: {####}`; };
const server: Then = ({ stack, userPool }) => {
  new CfnUserPoolResourceServer(stack, 'Orders', { userPoolId: userPool.userPoolId, identifier: new CfnParameter(stack, 'Name').valueAsString, name: 'x' });
};
const encrypted: Then = ({ stack, userPool }) => {
  l1(userPool).keyConfiguration = { keyType: 'CUSTOMER_MANAGED_KEY', kmsKeyArn: new Key(stack, 'Key').keyArn };
};
const protectedPool: Then = ({ userPool }) => { l1(userPool).userPoolAddOns = { advancedSecurityMode: 'ENFORCED' }; };
const outside: Then = ({ stack, userPool }) => {
  own(stack).addPermission('Cognito', { principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: userPool.userPoolArn });
};
const telling: Then = ({ userPool, dr }) => {
  const client = userPool.addClient('Web');
  (client.node.defaultChild as CfnUserPoolClient).analyticsConfiguration = { applicationArn: 'arn:aws:mobiletargeting:us-east-1:111122223333:apps/x' };
  dr.standbyClient(client);
};
const passwordless = { pool: { signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true } }, signInAliases: { email: true } } };
const customOnly: Given = { then: ({ userPool }) => { userPool.addClient('Web', { authFlows: { custom: true } }); } };
const srpOnly: Then = ({ userPool }) => { userPool.addClient('Web', { authFlows: { userSrp: true } }); };
const imported: Given['source'] = stack => UserPool.fromUserPoolId(stack, 'Users', `${PRIMARY}_AbCdEfGhI`);
const adminOnly: Given = { pool: { accountRecovery: AccountRecovery.NONE } };
const smsOnly: Given = {
  pool: { mfa: Mfa.OPTIONAL, mfaSecondFactor: { sms: true, otp: true }, autoVerify: { phone: true } },
  then: ({ userPool }) => {
    l1(userPool).accountRecoverySetting = { recoveryMechanisms: [{ name: 'verified_phone_number', priority: 1 }] };
  },
};
const covers: Then = ({ dr, stack }) => { dr.grantCaptureHints(own(stack, 'Telling')); };
const taken: Then = ({ stack, userPool }) => { (userPool as UserPool).addTrigger(UserPoolOperation.POST_CONFIRMATION, own(stack)); };
const byMail = { recoveryMechanisms: [{ name: 'verified_email', priority: 1 }] };

const machine: Then = ({ stack, userPool: { userPoolId } }) => {
  new CfnUserPoolClient(stack, 'Job', { userPoolId, allowedOAuthFlows: ['client_credentials'], explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] });
};

const ofPrimary = (fileAssetPublishingRoleArn: string) => new DefaultStackSynthesizer({ fileAssetPublishingRoleArn });
const publishing = (region: string) => ({
  stack: { env: { account: ACCOUNT, region: PRIMARY }, synthesizer: ofPrimary(`arn:aws:iam::${ACCOUNT}:role/publish-${region}`) },
});
/** Both pools have a function of their own for a trigger of the capture. */
const authenticated: Then = made => {
  [made.userPool, mirror(made)].forEach(pool => (pool as UserPool).addTrigger(UserPoolOperation.POST_AUTHENTICATION, own(Stack.of(pool))));
};
/** A pool whose triggers tell another copy, or do not. */
const second = (captureTriggers: boolean): Given => ({
  source: stack => {
    const pool = new UserPool(stack, 'Users', { featurePlan: FeaturePlan.ESSENTIALS });
    new CognitoDrReplica(stack, 'First', { userPool: pool, replicaRegion: 'eu-west-1', captureTriggers });
    return pool;
  },
});
const destroyed: Then = ({ app }) => RemovalPolicies.of(app).destroy();

/** Each warning of the library. */
const CASES: Record<string, Case> = {
  triggers: both((pool, stack) => (pool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, own(stack))),
  heldTriggers: {
    given: { then: ({ stack, userPool }) => { (userPool as UserPool).addTrigger(UserPoolOperation.PRE_SIGN_UP, own(stack)); } },
    // What the function does, the application or another trigger does.
    followed: [{
      then: made => {
        [made.userPool, mirror(made)].forEach(pool => (pool as UserPool).addTrigger(UserPoolOperation.PRE_AUTHENTICATION, own(Stack.of(pool))));
      },
    }],
  },
  domain: both(pool => pool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'acme' } })),
  branding: both((pool, stack) => new CfnManagedLoginBranding(stack, 'Branding', { userPoolId: pool.userPoolId })),
  uiCustomization: both((pool, stack) => new CfnUserPoolUICustomizationAttachment(stack, 'Looks', { userPoolId: pool.userPoolId, clientId: 'ALL' })),
  riskConfiguration: both((pool, stack) => new CfnUserPoolRiskConfigurationAttachment(stack, 'Risk', { userPoolId: pool.userPoolId, clientId: 'ALL' })),
  logDelivery: both((pool, stack) => new CfnLogDeliveryConfiguration(stack, 'Logs', { userPoolId: pool.userPoolId })),
  terms: both((pool, stack) => new CfnTerms(stack, 'Terms', {
    userPoolId: pool.userPoolId, termsName: 'terms-of-use', termsSource: 'LINK', enforcement: 'NONE', links: { 'cognito:default': 'https://example.com' },
  })),
  webAcl: both((pool, stack) => new CfnWebACLAssociation(stack, 'Firewall', {
    resourceArn: pool.userPoolArn, webAclArn: `arn:aws:wafv2:${stack.region}:${ACCOUNT}:regional/webacl/x/11111111-1111-1111-1111-111111111111`,
  })),
  emailSender: {
    given: { pool: { email: UserPoolEmail.withSES({ fromEmail: 'no-reply@example.com', sesRegion: PRIMARY }) } },
    followed: [standby(emailSender, { pool: { email: UserPoolEmail.withSES({ fromEmail: 'no-reply@example.com', sesRegion: PRIMARY }) } })],
  },
  threatProtection: {
    given: { then: protectedPool },
    followed: [
      { pool: { featurePlan: FeaturePlan.PLUS }, then: protectedPool },
      onMirror({ then: protectedPool }, pool => { pool.userPoolAddOns = { advancedSecurityMode: 'OFF' }; }),
    ],
  },
  featurePlan: { given: { pool: { featurePlan: undefined } }, followed: [{ pool: { featurePlan: FeaturePlan.LITE } }] },
  outsideSettings: {
    given: { then: outside },
    followed: [{
      then: ({ stack, userPool, dr }) => {
        const lambdaFunction = own(stack);
        [userPool, dr.mirrorUserPool!].forEach((pool, index) => (pool as UserPool)
          .addTrigger(UserPoolOperation.CREATE_AUTH_CHALLENGE, index ? own(dr.replicaStack) : lambdaFunction));
        lambdaFunction.addPermission('Cognito', { principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: userPool.userPoolArn });
      },
    }],
  },
  keyConfiguration: {
    given: { then: encrypted },
    followed: [onMirror({ then: encrypted }, pool => { pool.keyConfiguration = { keyType: 'CUSTOMER_MANAGED_KEY', kmsKeyArn: 'arn:aws:kms:us-west-2:111122223333:key/x' }; })],
  },
  unknownSettings: {
    given: { then: ({ userPool }) => l1(userPool).addPropertyOverride('Telepathy', true) },
    followed: [onMirror({ then: ({ userPool }) => l1(userPool).addPropertyOverride('Telepathy', true) }, pool => pool.addPropertyOverride('Telepathy', false))],
  },
  unavailableSettings: {
    given: { then: ofParameter },
    followed: [
      onMirror({ then: ofParameter }, pool => { pool.smsAuthenticationMessage = 'Acme: {####}'; }),
      standby({ callbackUrls: { 'Auth-Users-Web': ['https://west.example.com/'] } }, { then: partly }),
      {
        then: ({ dr, userPool, stack }) => {
          const client = userPool.addClient('Web', { oAuth: { callbackUrls: [hostOf(stack), 'https://example.com/'] } });
          (dr.standbyClient(client).node.defaultChild as CfnUserPoolClient).callbackUrLs = ['https://west.example.com/'];
        },
      },
    ],
  },
  resourceServers: {
    given: { then: server },
    followed: [{
      then: made => {
        server(made);
        mirror(made).addResourceServer('Orders', { identifier: 'orders' });
      },
    }],
  },
  unknownPool: {
    given: {
      then: ({ stack }) => new cognito.CfnUserPoolClient(stack, 'Web', { userPoolId: new CfnParameter(stack, 'PoolId').valueAsString }),
    },
    followed: [{ then: ({ stack, userPool }) => new cognito.CfnUserPoolClient(stack, 'Web', { userPoolId: userPool.userPoolId }) }],
  },
  callbackUrls: { given: { then: web }, followed: [standby({ callbackUrls: { 'Auth-Users-Web': ['https://west.example.com/'] } }, { then: web })] },
  analytics: {
    given: { then: telling },
    followed: [{
      then: made => {
        telling(made);
        const client = made.userPool.node.findChild('Web') as cognito.UserPoolClient;
        (made.dr.standbyClient(client).node.defaultChild as CfnUserPoolClient).analyticsConfiguration = { applicationId: 'west' };
      },
    }],
  },
  identityProviders: {
    given: {
      then: ({ stack, userPool }) => {
        google(userPool, stack);
        userPool.addClient('Web');
      },
    },
    followed: [{
      then: made => {
        google(made.userPool, made.stack);
        made.userPool.addClient('Web');
        google(mirror(made), made.dr.replicaStack);
      },
    }],
  },
  sourceSub: {
    given: withOwnPool(stack => new UserPool(stack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS })),
    followed: [withOwnPool(stack => new UserPool(stack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS, ...sourceSub }))],
  },
  sourceSubWritable: {
    given: { pool: sourceSub, then: ({ userPool }) => userPool.addClient('Web') },
    followed: [{
      pool: sourceSub,
      then: ({ userPool }) => userPool.addClient('Web', { writeAttributes: new ClientAttributes().withStandardAttributes({ email: true }) }),
    }],
  },
  noRestoreTarget: {
    given: { props: { standby: Standby.none() } },
    followed: [{ props: (_app, stack) => ({ standby: Standby.none(), restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', `${REPLICA}_Target`)] }) }],
  },
  alarmTopics: {
    given: { props: (_app, stack) => ({ alarmTopics: [new Topic(stack, 'Topic')] }) },
    followed: [{ props: (app, stack) => ({ alarmTopics: [new Topic(stack, 'Topic'), new Topic(west(app), 'Topic')] }) }],
  },
  triggerTaken: {
    given: { then: authenticated },
    followed: [{
      then: made => {
        authenticated(made);
        covers(made);
      },
    }, second(false)],
  },
  deletionProtection: {
    given: { then: destroyed },
    followed: [
      { props: { deletionProtection: false }, then: destroyed },
      { then: ({ userPool }) => RemovalPolicies.of(userPool).destroy() },
    ],
  },
  synthesizer: {
    given: publishing(PRIMARY),
    followed: [
      publishing('${AWS::Region}'),
      {
        ...publishing(PRIMARY),
        props: app => ({ replicaStack: new Stack(app, 'Far', { env: { account: ACCOUNT, region: REPLICA }, synthesizer: new DefaultStackSynthesizer() }) }),
      },
    ],
  },
  importedPool: {
    given: { source: imported, props: (_app, stack) => ({ standby: Standby.none(), restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', `${REPLICA}_Target`)] }) },
    followed: [{
      source: imported,
      props: (_app, stack) => ({ standby: Standby.none(), restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', `${REPLICA}_Target`)] }),
      then: covers,
    }],
  },
  standbyTriggers: {
    given: {
      props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', `${REPLICA}_Mine`), unguarded: true }) }),
    },
    followed: [{}, withOwnPool(stack => new UserPool(stack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS, ...sourceSub }))],
  },
  standbyTriggerTaken: {
    given: standby({ unguarded: true }, {
      then: ({ dr }) => { dr.mirrorUserPool!.addTrigger(UserPoolOperation.PRE_SIGN_UP, own(dr.replicaStack)); },
    }),
    followed: [{}],
  },
  clientCredentials: { given: { pool: { featurePlan: FeaturePlan.LITE }, then: machine }, followed: [{ then: machine }] },
  passwordlessSignIn: { given: passwordless, followed: [warm(passwordless)] },
  accountRecovery: { given: adminOnly, followed: [onMirror(adminOnly, pool => { pool.accountRecoverySetting = byMail; })] },
  recoveryByMfaChannel: { given: smsOnly, followed: [onMirror(smsOnly, pool => { pool.accountRecoverySetting = byMail; })] },
  customAuthSignIn: { given: customOnly, followed: [warm(customOnly)] },
  passwordFlow: {
    given: standby({ resetPasswordAtSignIn: true }, { then: srpOnly }),
    followed: [
      { then: srpOnly },
      standby({ resetPasswordAtSignIn: true }, { then: ({ userPool }) => { userPool.addClient('Web', { authFlows: { userPassword: true } }); } }),
      standby({ verifyPasswordsAgainstSource: true }, { then: ({ userPool }) => { userPool.addClient('Web', { authFlows: { adminUserPassword: true } }); } }),
    ],
  },
};

const idsOf = (given: Given) => {
  const made = make(given);
  return warnings(made).map(warning => /cognito-dr-replica:(\w+)/.exec(warning)![1]).sort();
};

function replicaResource({ app, dr }: Made, type: string): object {
  const { Resources: resources }: { Resources: Record<string, { Type: string; Properties: object }> } =
    app.synth().getStackByName(dr.replicaStack.stackName).template;
  return Object.values(resources).find(({ Type }) => Type === type)!.Properties;
}

test.each(Object.entries(CASES))('each warning goes away when it is acknowledged, as the documents say: %s', (id, { given, also = [] }) => {
  const acknowledged: Given = {
    ...given,
    then: made => {
      given.then?.(made);
      Validations.of(made.dr).acknowledge({ id: `cognito-dr-replica:${id}`, reason: 'looked at' });
    },
  };
  expect(idsOf(acknowledged)).toEqual([...also].sort());
});

describe('each warning is given alone, and its advice leads out of it and into no other: C4', () => {
  test.each(Object.entries(CASES))('%s', (id, { given, also = [], followed }) => {
    expect(idsOf(given)).toEqual([id, ...also].sort());
    expect(followed).not.toEqual([]);
    for (const each of followed) expect(idsOf(each)).toEqual([]);
  });

  test('a taken trigger that sends hints, and one that another copy has', () => {
    expect(idsOf({
      then: made => {
        taken(made);
        covers(made);
      },
    })).toEqual(['heldTriggers']);
    expect(idsOf(second(true))).toEqual(['triggerTaken']);
  });

  test('every warning of the sources and of the documents is here', () => {
    const src = path.join(__dirname, '..', 'src');
    const code = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => readFileSync(path.join(src, file), 'utf8')).join();
    const inCode = [/cognito-dr-replica:(\w+)'/g, /\bwarn\('(\w+)'/g, /\bid: '(\w+)',/g].flatMap(pattern => [...code.matchAll(pattern)].map(([, id]) => id));
    expect([...new Set(inCode)].sort()).toEqual(Object.keys(CASES).sort());
    const table = documentText('docs/standby.md').split('| Warning `cognito-dr-replica:` |')[1].split('\n\n')[0];
    const lines = table.split('\n').slice(2).filter(line => line !== '');
    const inDocuments = lines.flatMap(line => [...line.split('|')[1].matchAll(/`(\w+)`/g)].map(([, id]) => id));
    expect([...inDocuments].sort()).toEqual(Object.keys(CASES).sort());
  });
});

/** Warnings about what no file has: what is not mirrored, because it is a resource of its own, or what only a template can have. */
const NOT_OF_FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['branding', 'uiCustomization', 'riskConfiguration', 'logDelivery', 'terms', 'webAcl'].map(id => [id, 'docs/command-line.md says so'])),
  unknownPool: 'a file\'s clients are not those of the app',
  ...Object.fromEntries(['unavailableSettings', 'resourceServers', 'callbackUrls'].map(id => [id, 'a description has values'])),
  ...Object.fromEntries(['featurePlan', 'outsideSettings', 'triggerTaken', 'importedPool'].map(id => [id, 'no trigger is attached to an imported pool'])),
  ...Object.fromEntries(['sourceSub', 'standbyTriggers', 'standbyTriggerTaken', 'noRestoreTarget'].map(id => [id, 'is about another pool than a mirror'])),
  ...Object.fromEntries(['alarmTopics', 'deletionProtection', 'synthesizer'].map(id => [id, 'is about no pool'])),
};
const ofOtherKinds: Record<string, Given> = {
  'a domain of its own name': {
    then: ({ userPool, stack }) => {
      const certificate = Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/x`);
      userPool.addDomain('Domain', { customDomain: { domainName: 'auth.example.com', certificate } });
    },
  },
  'no room for custom:source_sub': {
    pool: { customAttributes: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a${n}`, new StringAttribute()])) },
  },
  'nothing to warn of': {},
};

describe('a pool that a file describes gets the warnings of the same pool that the app defines: B7', () => {
  const inFiles = Object.entries(CASES).filter(([id]) => !NOT_OF_FILES[id]).map(([id, { given }]) => [id, given] as const);

  test.each([...inFiles, ...Object.entries(ofOtherKinds)])('%s', (_what, given) => {
    const { stack, userPool } = make(given);
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'definition-')), 'pool.json');
    writeFileSync(file, JSON.stringify(describedPool(l1(userPool))));
    const props = typeof given.props === 'function' ? given.props(App.of(stack) as App, stack) : given.props;
    const options = { ...props?.standby?._choice.options, definition: PoolDefinition.fromFile(file) };
    const ofFile = idsOf({ source: each => UserPool.fromUserPoolId(each, 'Users', DESCRIBED_POOL), props: { standby: Standby.onDemand(options as StandbyOptions) } });
    expect(ofFile).toEqual([...idsOf(given), 'importedPool'].sort());
  });

  test('but those about what no file has', () => {
    expect(Object.keys(NOT_OF_FILES).filter(id => !CASES[id])).toEqual([]);
    const said = documentText('docs/command-line.md');
    for (const what of ['branding', 'UI customisation', 'risk configuration', 'log delivery', 'terms', 'web ACL']) expect(said).toContain(what);
  });
});

describe.each<[string, (clientOf: Then) => Given, string]>([
  ['a mirror, whose clients are those of the source pool', then => standby({ resetPasswordAtSignIn: true }, { then }), 'on a client of the source pool'],
  ['a pool of your own', then => ({
    props: app => {
      const replicaStack = west(app);
      const userPool = new UserPool(replicaStack, 'Mine', { featurePlan: FeaturePlan.ESSENTIALS, ...sourceSub });
      return { replicaStack, standby: Standby.onDemand({ userPool, resetPasswordAtSignIn: true }) };
    },
    then: made => { then({ ...made, userPool: made.dr.standbyUserPool! }); },
  }), 'on a client of the standby pool Far/Mine'],
])('passwordFlow of %s', (_what, given, place) => {
  test('names the client that is meant, and goes away when its advice is followed', () => {
    const [warning, ...others] = warnings(make(given(srpOnly)));
    expect(warning).toContain(`allow one (authFlows: { userPassword: true }) ${place}`);
    expect(others).toEqual([]);
    expect(idsOf(given(({ userPool }) => { userPool.addClient('Web', { authFlows: { userPassword: true } }); }))).toEqual([]);
  });
});

test('every resource that CloudFormation knows of a user pool is mirrored, said or left for a reason: B7', () => {
  const ofPools = Object.values(cognito as unknown as Record<string, { CFN_RESOURCE_TYPE_NAME?: string; toString(): string }>)
    .filter(({ CFN_RESOURCE_TYPE_NAME: type }) => type !== undefined)
    .filter(each => /requireProperty\)?\(props,"userPoolId"/.test(each.toString()) || /userPoolId/.test(each.toString()))
    .map(({ CFN_RESOURCE_TYPE_NAME: type }) => type!).filter(type => !/IdentityPool|::UserPool$/.test(type));
  expect(ofPools.sort()).toEqual([...COMPANIONS.map(({ type }) => type).filter(type => type.startsWith('AWS::Cognito')), ...COMPANIONS_ELSEWHERE].sort());
});

/** How a document names what a warning is about. */
const IN_WORDS: Readonly<Record<string, string>> = {
  triggers: 'Lambda triggers',
  emailSender: 'own SES sender',
  analytics: 'Pinpoint',
  domain: 'domain',
  branding: 'branding',
  uiCustomization: 'UI customisation',
  riskConfiguration: 'risk configuration',
  logDelivery: 'log delivery',
  terms: 'terms',
  webAcl: 'web ACL',
};

test('what the standby lacks of it is a line of what is kept, and so are the settings of sessions, which no template has: B7', () => {
  expect(Object.keys(IN_WORDS)).toEqual(expect.arrayContaining(COMPANIONS.map(({ id }) => id)));
  expect(Object.keys(CASES)).toEqual(expect.arrayContaining(Object.keys(IN_WORDS)));
  const lines = documentText('docs/what-is-kept.md').split('\n').map(line => line.split(' | ')).filter(([, inLedger]) => inLedger?.startsWith('no'));
  const said = lines.flatMap(([what]) => what.replace(/^\| /, '').split(', '));
  expect(Object.values(IN_WORDS).filter(what => !said.includes(what))).toEqual([]);
  expect(said).toContain('Session settings (`SetUserPoolSessionConfiguration`)');
});

test('a source without a plan that has threat protection is mirrored on Plus: B3', () => {
  const made = make({ pool: { featurePlan: undefined }, then: protectedPool });
  expect(warnings(made).sort()).toEqual([
    expect.stringContaining('names no plan; Cognito takes a new pool with it on the plan Plus only'), expect.stringContaining('names no plan (featurePlan)'),
  ]);
  expect(replicaResource(made, 'AWS::Cognito::UserPool')).toMatchObject({ UserPoolTier: 'PLUS', UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } });
});

test.each<[string, NonNullable<CfnUserPool['userPoolAddOns']>]>([
  ['that only looks on', { advancedSecurityMode: 'AUDIT' }],
  ['of custom authentication alone', { advancedSecurityMode: 'OFF', advancedSecurityAdditionalFlows: { customAuthMode: 'AUDIT' } }],
])('so is threat protection %s: B3', (_what, userPoolAddOns) => {
  const made = make({ then: ({ userPool }) => { l1(userPool).userPoolAddOns = userPoolAddOns; } });
  expect(warnings(made)).toEqual([expect.stringContaining('the plan ESSENTIALS; Cognito takes a new pool with it on the plan Plus only')]);
  expect(replicaResource(made, 'AWS::Cognito::UserPool')).toMatchObject({ UserPoolTier: 'PLUS' });
});

test('addresses of the standby replace those of the source, and a client that there is not fails: C4', () => {
  const urls = { callbackUrls: { 'Auth-Users-Web': ['https://west.example.com/'] }, logoutUrls: { 'Auth-Users-Web': ['https://west.example.com/bye'] } };
  const oAuth = { callbackUrls: ['https://example.com/'], logoutUrls: ['https://example.com/bye'], defaultRedirectUri: 'https://example.com/' };
  const made = make(standby(urls, { then: ({ userPool }) => { userPool.addClient('Web', { oAuth }); } }));
  const client = replicaResource(made, 'AWS::Cognito::UserPoolClient');
  expect(client).toMatchObject({
    CallbackURLs: ['https://west.example.com/'], LogoutURLs: ['https://west.example.com/bye'], AllowedOAuthFlows: ['implicit', 'code'],
  });
  expect(client).not.toHaveProperty('DefaultRedirectURI');
  const wrong = make(standby({ callbackUrls: { Web: ['https://west.example.com/'] } }, { then: ({ userPool }) => { userPool.addClient('Web'); } }));
  expect(() => wrong.app.synth()).toThrow("name 'Web', which is no app client of the source pool: give the path of one of its clients, with '-' for '/': Auth-Users-Web");
});
