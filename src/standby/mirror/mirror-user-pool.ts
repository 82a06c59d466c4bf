import { isDeepStrictEqual } from 'util';
import { CfnOutput, CfnResource, Lazy, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { CfnUserPoolResourceServer, UserPool, UserPoolClient, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import {
  CLIENT_PROPERTIES, losesClientCredentials, lostCallbacks, mirroredClient, missingProviders, RedirectUrls, redirecting,
} from './mirror-client';
import { hasSourceSub, MAX_CUSTOM_ATTRIBUTES, mirroredSchema, sourceSubProblem } from './mirror-schema';
import { COMPANIONS, companionWarnings, hasOwnSender, hasThreatProtection, mirroredPlan } from './mirror-warnings';
import { carryFindings } from '../../cdk/findings';
import {
  asL1, belongsTo, IDENTITY_PROVIDER, l1Name, Properties, RESOURCE_SERVER, resourcesOf, TemplateSettings, templateSettings, USER_POOL_CLIENT,
} from '../../cdk/pool-definition';

/** Properties of the source pool that its mirror takes over as they are; a test holds this list against the L1's own. */
export const POOL_PROPERTIES: readonly string[] = [
  'AccountRecoverySetting', 'AdminCreateUserConfig', 'AliasAttributes', 'AutoVerifiedAttributes', 'DeviceConfiguration',
  'EmailAuthenticationMessage', 'EmailAuthenticationSubject', 'EmailVerificationMessage', 'EmailVerificationSubject', 'EnabledMfas',
  'MfaConfiguration', 'Policies', 'SmsAuthenticationMessage', 'SmsVerificationMessage', 'UserPoolAddOns',
  'UserPoolName', 'UserPoolTier', 'UsernameAttributes', 'UsernameConfiguration', 'VerificationMessageTemplate',
  'WebAuthnFactorConfiguration', 'WebAuthnRelyingPartyID', 'WebAuthnUserVerification',
];

/** The mirror has its own of these, or none: an SES identity, a key, a function and an issuer belong to a Region. */
export const POOL_PROPERTIES_OF_ITS_OWN: readonly string[] = [
  'DeletionProtection', 'EmailConfiguration', 'IssuerConfiguration', 'KeyConfiguration', 'LambdaConfig', 'Schema', 'SmsConfiguration',
  'UserAttributeUpdateSettings', 'UserPoolTags',
];

/** Without these the mirror would be another kind of pool, and most of them cannot be changed later. */
const ESSENTIAL = [
  'AliasAttributes', 'EnabledMfas', 'MfaConfiguration', 'Policies', 'Schema', 'UserPoolTier', 'UsernameAttributes', 'UsernameConfiguration',
];

export interface MirrorUserPoolProps {
  /** The source pool's L1. */
  readonly source: CfnResource;
  readonly email?: UserPoolEmail;
  /** By the name of the client, as `onClient` is told. */
  readonly redirectUrls: { readonly [clientName: string]: RedirectUrls };
  /** Triggers of the mirror that this library takes for itself. */
  readonly heldTriggers: readonly string[];
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  /**
   * Where warnings go: a child of the construct that the caller knows, because CDK 2.262 takes an acknowledgement ahead of its warning only
   * from a parent.
   */
  readonly warnings: Construct;
  /** Where outputs go: at the top of a stack, their names stay as they are. */
  readonly outputs: Construct;
  /** Whether a client of the source is not the application's. */
  readonly isLeftOut: (client: CfnResource) => boolean;
  /** Told of every mirrored client. */
  readonly onClient?: (name: string, clientId: string) => void;
}

/** A user pool with the settings that the source pool has at the end of synthesis, and with mirrors of its app clients. */
export class MirrorUserPool extends Construct {
  public readonly userPool: UserPool;
  /** By the resource of the source. */
  private readonly mirrored = new Map<CfnResource, Construct>();
  /** What was there when the mirror was completed, with or without a mirror. */
  private readonly seen = new Set<CfnResource>();
  /** Names of the mirrored clients, by their source. */
  private readonly names = new Map<CfnResource, string>();

  constructor(scope: Construct, id: string, private readonly props: MirrorUserPoolProps) {
    super(scope, id);
    this.userPool = new UserPool(this, 'UserPool', {
      email: props.email,
      enableSmsRole: false,
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
    });
    takeOver(this.cfnUserPool, [...POOL_PROPERTIES, 'Schema', 'UserAttributeUpdateSettings'], () => this.mirroredSettings());
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * Adds what depends on the source pool as a whole: clients and resource servers may be defined after this construct. Called at
   * the beginning of synthesis, before any Aspect visits anything, so that Aspects reach what is added here.
   *
   * @param capturing triggers of the source that this library attached itself, which the mirror does not need
   */
  public complete(capturing: readonly string[]): void {
    const settings = this.settings();
    if (mentions(settings, 'SmsConfiguration')) {
      this.useOwnSmsRole();
    }
    carryFindings(this.props.source, this.cfnUserPool);
    this.warnAboutPool(settings, capturing);
    this.warnAboutCompanions();
    const everything = Stage.of(this) ?? this.node.root;
    this.toMirror().forEach(resource => this.seen.add(resource));
    const servers = this.toMirror(RESOURCE_SERVER).flatMap(server => this.mirrorResourceServer(server) ?? []);
    const providers = resourcesOf(everything, this.cfnUserPool, IDENTITY_PROVIDER);
    const clients = this.toMirror(USER_POOL_CLIENT);
    for (const source of clients) {
      // Cognito refuses a client that names a scope or a provider it does not know yet.
      this.clientOf(source)?.node.addDependency(...servers, ...providers);
      this.warnAboutClient(source, clientSettings(source));
    }
  }

  /** The app or Stage that defines the source pool: a described pool's is not this one. */
  private get sourceStage(): IConstruct {
    const { source } = this.props;
    return Stage.of(source) ?? source.node.root;
  }

  /** What belongs to the source pool, and to the standby pool as well. */
  private toMirror(...types: readonly string[]): CfnResource[] {
    const all = types.length > 0 ? types : [RESOURCE_SERVER, USER_POOL_CLIENT];
    return all.flatMap(type => resourcesOf(this.sourceStage, this.props.source, type)).filter(each => !this.props.isLeftOut(each));
  }

  /** The mirror of a client of the source pool; undefined for a client of another one. */
  public clientOf(source: CfnResource): UserPoolClient | undefined {
    if (!belongsTo(source, this.props.source)) {
      return undefined;
    }
    const existing = this.mirrored.get(source);
    if (existing) {
      return existing as UserPoolClient;
    }
    const name = this.freeName('Client', source);
    const client = new UserPoolClient(this, `Client-${name}`, {
      userPool: this.userPool,
      // Only so that userPoolClientSecret can be asked for; the template gets the source's own value, like everything else.
      generateSecret: templateSettings(source).properties.GenerateSecret === true,
    });
    this.mirrored.set(source, client);
    this.names.set(source, name);
    takeOver(client.node.defaultChild as CfnResource, CLIENT_PROPERTIES, () => this.mirroredClientSettings(source));
    new CfnOutput(this.props.outputs, `StandbyClientId-${name}`, {
      description: `App client of the standby user pool that mirrors ${source.node.path}`,
      value: client.userPoolClientId,
    });
    this.props.onClient?.(name, client.userPoolClientId);
    return client;
  }

  /** What the template of the mirror gets, unless somebody sets something else on its L1. */
  private mirroredSettings(): Properties {
    const { properties } = this.settings();
    return {
      ...properties,
      Schema: mirroredSchema(properties),
      UserPoolTier: mirroredPlan(properties),
      UserAttributeUpdateSettings: verifyingUpdates(properties),
    };
  }

  private mirroredClientSettings(source: CfnResource): Properties {
    const client = redirecting(clientSettings(source).properties, this.props.redirectUrls[this.names.get(source)!]);
    const providers = this.providerSettings();
    return mirroredClient(client, this.settings().properties, providerNames(providers), mappedAttributes(providers));
  }

  private get cfnUserPool(): CfnResource {
    return this.userPool.node.defaultChild as CfnResource;
  }

  private settings(): TemplateSettings {
    return templateSettings(this.props.source);
  }

  /** The identity providers that are defined on the mirror; they hold secrets, so none is copied. */
  private providerSettings(): Properties[] {
    return resourcesOf(Stage.of(this) ?? this.node.root, this.cfnUserPool, IDENTITY_PROVIDER)
      .map(provider => templateSettings(provider).properties);
  }

  /** The source's role belongs to the source's stack. */
  private useOwnSmsRole(): void {
    if (this.node.tryFindChild('SmsRole')) {
      return;
    }
    const externalId = `${Stack.of(this).stackName}-${this.node.addr.slice(-8)}`;
    const role = new Role(this, 'SmsRole', {
      description: 'Lets the standby user pool send text messages',
      assumedBy: new ServicePrincipal('cognito-idp.amazonaws.com', {
        conditions: { StringEquals: { 'sts:ExternalId': externalId, 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        // A text message goes to a phone number, which has no ARN; NotResource keeps every topic out.
        SendTextMessages: new PolicyDocument({ statements: [new PolicyStatement({ actions: ['sns:Publish'], notResources: ['arn:*:sns:*:*:*'] })] }),
      },
    });
    Object.assign(this.cfnUserPool, { smsConfiguration: { externalId, snsCallerArn: role.roleArn } });
  }

  /**
   * Two paths may give one name, or names that differ in '-' only, which the name of an output does not have: the mirror that comes second is told
   * apart by its address.
   */
  private freeName(kind: string, source: CfnResource): string {
    const name = nameOf(source);
    const letters = (id: string) => id.replace(/[^A-Za-z0-9]/g, '');
    const isTaken = this.node.children.some(({ node: { id } }) => letters(id) === letters(`${kind}-${name}`));
    return isTaken ? `${name}-${source.node.addr.slice(-8)}` : name;
  }

  /** Undefined where its name is known in the source's stack only. */
  private mirrorResourceServer(source: CfnResource): Construct | undefined {
    const existing = this.mirrored.get(source);
    if (existing) {
      return existing;
    }
    const { properties: { Identifier, Name }, unavailable } = templateSettings(source);
    if (Identifier === undefined || Name === undefined) {
      const everything = Stage.of(this) ?? this.node.root;
      const byHand = resourcesOf(everything, this.cfnUserPool, RESOURCE_SERVER).filter(server => ![...this.mirrored.values()].includes(server));
      if (byHand.length === 0) {
        this.warn('resourceServers', `${unavailable.filter(path => ['Identifier', 'Name'].includes(path)).join(', ')} of ${source.node.path} `
          + 'refer(s) to resources or parameters of its own stack, so that the standby pool has no such resource server: define it for '
          + 'mirrorUserPool, or acknowledge this');
      }
      return undefined;
    }
    const server = new CfnUserPoolResourceServer(this, `ResourceServer-${this.freeName('ResourceServer', source)}`, {
      userPoolId: this.userPool.userPoolId,
      identifier: String(Identifier),
      name: String(Name),
    });
    this.mirrored.set(source, server);
    takeOver(server, ['Identifier', 'Name', 'Scopes'], () => templateSettings(source).properties);
    return server;
  }

  private problems(): string[] {
    const { properties, unavailable } = this.settings();
    const problems: string[] = [];
    const essential = unavailable.filter(path => ESSENTIAL.includes(topLevel(path)));
    if (essential.length > 0) {
      problems.push(`${essential.join(', ')} of the source pool ${this.props.source.node.path} refer(s) to other resources or parameters of its `
        + "stack, which the standby's stack must not depend on: write the value(s) out, or bring your own standby pool with standby: "
        + 'Standby.onDemand({ userPool })');
    }
    const sourceSub = sourceSubProblem(properties);
    if (sourceSub) {
      problems.push(sourceSub);
    }
    if ((properties.EnabledMfas as string[] | undefined)?.includes('EMAIL_OTP') && !this.props.email) {
      problems.push('the source pool sends MFA codes by e-mail, for which Cognito needs an SES sender, and an SES identity belongs to one Region: '
        + 'name one of the replica Region with standby: Standby.onDemand({ email: UserPoolEmail.withSES(...) })');
    }
    const late = this.toMirror().filter(resource => !this.seen.has(resource) && !this.mirrored.has(resource));
    problems.push(...late.map(({ node: { path } }) => `${path} was added by an Aspect after the standby pool got its mirrors, and would have none: `
      + 'define it before the app is synthesised, or, an app client, call standbyClient(...) in the Aspect that adds it'));
    const unknown = Object.keys(this.props.redirectUrls).filter(name => ![...this.names.values()].includes(name));
    if (unknown.length > 0) {
      problems.push(`callbackUrls and logoutUrls of standby name ${unknown.map(name => `'${name}'`).join(', ')}, which is no app client of the `
        + `source pool: give the path of one of its clients, with '-' for '/': ${[...this.names.values()].join(', ') || 'it has none'}`);
    }
    return problems;
  }

  private warnAboutPool(settings: TemplateSettings, capturing: readonly string[]): void {
    const source = settings.properties;
    const mirror = templateSettings(this.cfnUserPool);
    const isSet = setByHand(mirror.properties, this.mirroredSettings());
    this.warnUnavailable(this.props.source, settings.unavailable.filter(path => POOL_PROPERTIES.includes(topLevel(path)) && !isSet(topLevel(path))));
    const own = triggersOf(mirror);
    const triggers = triggersOf(settings).filter(name => !own.includes(name) && !capturing.includes(name));
    const [held, free] = [true, false].map(isHeld => triggers.filter(name => this.props.heldTriggers.includes(name) === isHeld));
    if (free.length > 0) {
      this.warn('triggers', `the source pool has Lambda triggers (${free.join(', ')}) that its standby pool does not have, because a function `
        + 'belongs to a Region: add triggers with mirrorUserPool.addTrigger(...), or acknowledge this');
    }
    if (held.length > 0) {
      this.warn('heldTriggers', `the source pool has Lambda triggers (${held.join(', ')}) whose places on the standby pool this library takes `
        + 'itself, to make users there and to keep strangers from being them: what your functions do is not done there. Do it in the application '
        + 'or in another trigger, and acknowledge this');
    }
    if (mentions(settings, 'KeyConfiguration') && !mentions(mirror, 'KeyConfiguration')) {
      this.warn('keyConfiguration', 'the source pool is encrypted with a key of your own; its standby pool is encrypted with a key of AWS, because '
        + "the source's key belongs to another Region: set keyConfiguration on the L1 of mirrorUserPool, or acknowledge this");
    }
    const hasSender = hasOwnSender(source) || settings.unavailable.some(path => path.startsWith('EmailConfiguration.'));
    if (hasSender && !mentions(mirror, 'EmailConfiguration')) {
      this.warn('emailSender', 'the source pool sends e-mail from an identity of SES, which belongs to its Region; the standby pool sends as Cognito '
        + 'does, 50 messages a day: name an identity of the replica Region with email: UserPoolEmail.withSES({ sesRegion, ... }) of the standby, or '
        + 'acknowledge this');
    }
    if (hasThreatProtection(mirror.properties) && source.UserPoolTier !== 'PLUS' && !isSet('UserPoolTier')) {
      this.warn('threatProtection', 'the source pool has threat protection and '
        + `${source.UserPoolTier ? `the plan ${String(source.UserPoolTier)}` : 'names no plan'}; `
        + 'Cognito takes a new pool with it on the plan Plus only, so that the standby pool is made on Plus, which costs more for each active '
        + 'user: give the source pool featurePlan: FeaturePlan.PLUS, set userPoolTier or userPoolAddOns on the L1 of mirrorUserPool, or '
        + 'acknowledge this');
    }
    const unknown = Object.keys(source).filter(name => !POOL_PROPERTIES.includes(name) && !POOL_PROPERTIES_OF_ITS_OWN.includes(name)
      && mirror.properties[name] === undefined);
    if (unknown.length > 0) {
      this.warn('unknownSettings', `the source pool has properties that this version does not know (${unknown.join(', ')}); its standby pool is `
        + 'made without them: set them on the L1 of mirrorUserPool, or acknowledge this');
    }
    if (!hasSourceSub(source)) {
      this.warn('sourceSub', `the source pool has ${MAX_CUSTOM_ATTRIBUTES} custom attributes, as many as Cognito allows, so its standby pool has `
        + 'no room for custom:source_sub; after a restore, only the state table says which user of the source pool somebody was: acknowledge this');
    }
  }

  /** Of the Region that the source pool is in: resources of other types, which name the pool. */
  private warnAboutCompanions(): void {
    const types = COMPANIONS.map(({ type }) => type);
    const found = (Stage.of(this) ?? this.node.root).node.findAll().filter(CfnResource.isCfnResource)
      .filter(each => types.includes(each.cfnResourceType));
    const typesOf = (pool: CfnResource) => new Set(found.filter(each => belongsTo(each, pool)).map(each => each.cfnResourceType));
    companionWarnings(typesOf(this.props.source), typesOf(this.cfnUserPool)).forEach(({ id, message }) => this.warn(id, message));
  }

  private warnAboutClient(source: CfnResource, { properties, unavailable }: TemplateSettings): void {
    const mirror = templateSettings(this.mirrored.get(source)!.node.defaultChild as CfnResource).properties;
    const isSet = setByHand(mirror, this.mirroredClientSettings(source));
    const given = this.props.redirectUrls[this.names.get(source)!] ?? {};
    const isGiven = (name: string) => isSet(name)
      || (name === 'CallbackURLs' && !!given.callbackUrls) || (name === 'LogoutURLs' && !!given.logoutUrls);
    const lost = unavailable.filter(path => CLIENT_PROPERTIES.includes(topLevel(path)) && !isGiven(topLevel(path)));
    if (lostCallbacks(properties) && !isGiven('CallbackURLs')) {
      this.warn('callbackUrls', `no callback URL of client ${source.node.path} is known outside its stack, so its mirror has no OAuth flows: give `
        + `callbackUrls: { '${this.names.get(source)}': [...] } of the standby, or acknowledge this`);
      this.warnUnavailable(source, lost.filter(path => topLevel(path) !== 'CallbackURLs'));
    } else {
      this.warnUnavailable(source, lost);
    }
    if (properties.AnalyticsConfiguration !== undefined && mirror.AnalyticsConfiguration === undefined) {
      this.warn('analytics', `client ${source.node.path} tells an Amazon Pinpoint project, which belongs to its Region; its mirror tells none: set `
        + 'analyticsConfiguration on the L1 of standbyClient(...), or acknowledge this');
    }
    if (losesClientCredentials(properties, this.settings().properties)) {
      this.warn('clientCredentials', `client ${source.node.path} signs in for itself (client_credentials), about which the plan Lite asks no `
        + 'trigger, so that nothing could close the standby pool to it: its mirror is made without; choose the plan Essentials for the source '
        + 'pool, or acknowledge this');
    }
    const missing = missingProviders(properties, providerNames(this.providerSettings()));
    if (missing.length > 0) {
      this.warn('identityProviders', `client ${source.node.path} signs in through ${missing.join(', ')}, which the standby pool does not have, `
        + 'because an identity provider holds a secret: define it for mirrorUserPool under the same name and the mirror client uses it, or '
        + 'acknowledge this');
    }
  }

  private warnUnavailable(source: CfnResource, paths: string[]): void {
    if (paths.length > 0) {
      this.warn('unavailableSettings', `${paths.join(', ')} of ${source.node.path} refer(s) to resources or parameters of its own stack, which the `
        + "standby's stack must not depend on; the standby is made without: set what it needs on its L1, or acknowledge this");
    }
  }

  private warn(id: string, message: string): void {
    Validations.of(this.props.warnings).addWarning(`cognito-dr-replica:${id}`, message);
  }
}

/**
 * An address that a user changes counts once they proved it; until then they keep the other. Cognito takes this only of attributes that it verifies.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserAttributeUpdateSettingsType.html
 */
function verifyingUpdates({ AutoVerifiedAttributes: attributes }: Properties): Properties | undefined {
  return (attributes as string[] | undefined)?.length ? { AttributesRequireVerificationBeforeUpdate: attributes } : undefined;
}

/**
 * Sets L1 properties to what `settings` answers at the end of synthesis, when every Aspect and escape hatch has had its say. A resource that is
 * rendered asks once for all of them: in an app of many clients, once for each would take longer than all else.
 */
function takeOver(target: CfnResource, names: readonly string[], settings: () => Properties): void {
  const ours = Object.fromEntries(names.map(name => [l1Name(name), Lazy.uncachedAny({ produce: () => asL1(settings()[name]) })]));
  Object.assign(target, ours);
  Object.defineProperty(target, 'cfnProperties', {
    get: () => {
      const current = asL1(settings()) as Properties;
      const given = Reflect.get(Object.getPrototypeOf(target), 'cfnProperties', target) as Properties;
      return Object.fromEntries(Object.entries(given)
        .map(([name, value]) => [name, name in ours && value === ours[name] ? current[name] : value]));
    },
  });
}

/** Names of identity providers. */
function providerNames(providers: readonly Properties[]): string[] {
  return providers.map(({ ProviderName }) => String(ProviderName));
}

/** Attributes that identity providers give. */
function mappedAttributes(providers: readonly Properties[]): string[] {
  return providers.flatMap(({ AttributeMapping: mapping }) => Object.keys(mapping ?? {}));
}

/** A list of addresses of which nothing is known outside its stack has none there, as one whose addresses are all unknown. */
function clientSettings(client: CfnResource): TemplateSettings {
  const { properties, unavailable } = templateSettings(client);
  return { properties: unavailable.includes('CallbackURLs') ? { ...properties, CallbackURLs: [] } : properties, unavailable };
}

/** Whether somebody gave the mirror another value for a property than this library does. */
function setByHand(rendered: Properties, ours: Properties): (name: string) => boolean {
  return name => !isDeepStrictEqual(plain(rendered[name]), plain(ours[name]));
}

/** Without what a template leaves out. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** The property that a path begins with. */
function topLevel(path: string): string {
  return path.split(/[.[]/)[0];
}

/** Whether the source has the property, be it with a value that is not known outside its stack. */
function mentions(settings: TemplateSettings, property: string): boolean {
  return settings.properties[property] !== undefined || settings.unavailable.some(path => topLevel(path) === property);
}

function triggersOf({ properties, unavailable }: TemplateSettings): string[] {
  const elsewhere = unavailable.filter(path => path.startsWith('LambdaConfig.')).map(path => path.split('.')[1]);
  return [...new Set([...Object.keys(properties.LambdaConfig ?? {}), ...elsewhere])].filter(name => name !== 'KMSKeyID');
}

/** A name for the mirror of a resource, from its path within the Stage: stable as long as the source's path is. Parameter Store takes it, too. */
function nameOf(resource: CfnResource): string {
  const path: IConstruct[] = resource.node.id === 'Resource' ? resource.node.scopes.slice(0, -1) : resource.node.scopes;
  const stage = Stage.of(resource);
  return path.slice(stage ? path.indexOf(stage) + 1 : 1).map(part => part.node.id).join('-').replace(/[^\w.-]/g, '-');
}
