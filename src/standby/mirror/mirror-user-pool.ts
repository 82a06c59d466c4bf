import { CfnOutput, CfnResource, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { CfnUserPoolResourceServer, UserPool, UserPoolClient, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { CLIENT_PROPERTIES, mirroredClient, RedirectUrls, redirecting } from './mirror-client';
import { ESSENTIAL, mirroredPool, POOL_PROPERTIES } from './mirror-pool';
import { sourceSubProblem } from './mirror-schema';
import { clientWarnings, COMPANIONS, companionWarnings, poolWarnings, SynthesisWarning } from './mirror-warnings';
import { carryFindings } from '../../cdk/findings';
import {
  belongsTo, IDENTITY_PROVIDER, isOfUnknownPool, isResource, mentionsProperty, Properties, RESOURCE_SERVER, resourcesOf, TemplateSettings,
  templateSettings, topLevel, USER_POOL_CLIENT,
} from '../../cdk/pool-definition';
import { takeOver } from '../../cdk/taken-over';

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
    if (mentionsProperty(settings, 'SmsConfiguration')) {
      this.useOwnSmsRole();
    }
    carryFindings(this.props.source, this.cfnUserPool);
    poolWarnings({
      path: this.props.source.node.path, source: settings, mirror: templateSettings(this.cfnUserPool), ours: this.mirroredSettings(),
    }, { capturing, held: this.props.heldTriggers }).forEach(each => this.warn(each));
    this.warningsOfCompanions().forEach(each => this.warn(each));
    this.warnOfUnknownPools();
    this.toMirror().forEach(resource => this.seen.add(resource));
    const servers = this.toMirror(RESOURCE_SERVER).flatMap(server => this.mirrorResourceServer(server) ?? []);
    const providers = this.providers();
    const clients = this.toMirror(USER_POOL_CLIENT);
    for (const source of clients) {
      // Cognito refuses a client that names a scope or a provider it does not know yet.
      this.clientOf(source)?.node.addDependency(...servers, ...providers);
      this.warningsOfClient(source).forEach(each => this.warn(each));
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
    return mirroredPool(this.settings().properties);
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

  /**
   * The identity providers that are defined on the mirror; they hold secrets, so none is copied. In another stack, which would need this one, they
   * could not be there before the clients that name them.
   */
  private providers(): CfnResource[] {
    return resourcesOf(Stack.of(this), this.cfnUserPool, IDENTITY_PROVIDER);
  }

  private providerSettings(): Properties[] {
    return this.providers().map(provider => templateSettings(provider).properties);
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
        this.warn({
          id: 'resourceServers',
          message: `${unavailable.filter(path => ['Identifier', 'Name'].includes(path)).join(', ')} of ${source.node.path} refer(s) to resources or `
            + 'parameters of its own stack, so that the standby pool has no such resource server: define it for mirrorUserPool, or acknowledge this',
        });
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

  /** Of the Region that the source pool is in: resources of other types, which name the pool. */
  private warningsOfCompanions(): SynthesisWarning[] {
    const types = COMPANIONS.map(({ type }) => type);
    const companionsIn = (stage: IConstruct) => stage.node.findAll().filter(CfnResource.isCfnResource)
      .filter(each => types.includes(each.cfnResourceType));
    const here = Stage.of(this) ?? this.node.root;
    const found = companionsIn(here);
    const ofSource = this.sourceStage === here ? found : companionsIn(this.sourceStage);
    const typesOf = (pool: CfnResource, all: CfnResource[]) => new Set(all.filter(each => belongsTo(each, pool)).map(each => each.cfnResourceType));
    return companionWarnings(typesOf(this.props.source, ofSource), typesOf(this.cfnUserPool, found));
  }

  /** Once for all of them: an app may have clients of pools that are elsewhere. */
  private warnOfUnknownPools(): void {
    const unknown = this.sourceStage.node.findAll().filter(node => isResource(node, USER_POOL_CLIENT) && isOfUnknownPool(node));
    if (unknown.length === 0) return;
    this.warn({
      id: 'unknownPool',
      message: 'of app clients whose user pool only the deployment knows, none has a mirror, even if it is the source pool\'s: '
        + `${unknown.map(({ node }) => node.path).join(', ')}: let them name ${this.props.source.node.path} itself, or acknowledge this`,
    });
  }

  private warningsOfClient(source: CfnResource): SynthesisWarning[] {
    const name = this.names.get(source)!;
    return clientWarnings({
      path: source.node.path,
      source: clientSettings(source),
      mirror: templateSettings(this.mirrored.get(source)!.node.defaultChild as CfnResource),
      ours: this.mirroredClientSettings(source),
    }, {
      name, redirectUrls: this.props.redirectUrls[name], pool: this.settings().properties, providers: providerNames(this.providerSettings()),
    });
  }

  private warn({ id, message }: SynthesisWarning): void {
    Validations.of(this.props.warnings).addWarning(`cognito-dr-replica:${id}`, message);
  }
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

/** A name for the mirror of a resource, from its path within the Stage: stable as long as the source's path is. Parameter Store takes it, too. */
function nameOf(resource: CfnResource): string {
  const path: IConstruct[] = resource.node.id === 'Resource' ? resource.node.scopes.slice(0, -1) : resource.node.scopes;
  const stage = Stage.of(resource);
  return path.slice(stage ? path.indexOf(stage) + 1 : 1).map(part => part.node.id).join('-').replace(/[^\w.-]/g, '-');
}
