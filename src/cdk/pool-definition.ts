import {
  CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Lazy, Reference, Stack, Token, Tokenization,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { referencesIn } from './references';

export const USER_POOL = 'AWS::Cognito::UserPool';
export const USER_POOL_CLIENT = 'AWS::Cognito::UserPoolClient';
export const USER_POOL_DOMAIN = 'AWS::Cognito::UserPoolDomain';
export const RESOURCE_SERVER = 'AWS::Cognito::UserPoolResourceServer';
export const IDENTITY_PROVIDER = 'AWS::Cognito::UserPoolIdentityProvider';

/** A resource's properties as they stand in its template. */
export type Properties = Record<string, unknown>;

/** The property that `Ref` of these types returns. */
const REF_PROPERTY: Record<string, string> = { [RESOURCE_SERVER]: 'Identifier', [IDENTITY_PROVIDER]: 'ProviderName' };

/** L1 names that do not follow from the template's by a small first letter. */
const L1_NAMES: Record<string, string> = {
  CallbackURLs: 'callbackUrLs',
  DefaultRedirectURI: 'defaultRedirectUri',
  LogoutURLs: 'logoutUrLs',
  SMSMessage: 'smsMessage',
  WebAuthnRelyingPartyID: 'webAuthnRelyingPartyId',
};

export function isResource(node: IConstruct | undefined, type: string): node is CfnResource {
  return node !== undefined && CfnResource.isCfnResource(node) && node.cfnResourceType === type;
}

/** The L1 of a user pool: its own, or the one that an imported pool was imported from; undefined where this app does not define it. */
export function definitionOf(userPool: IConstruct & { readonly userPoolId: string }): CfnResource | undefined {
  return definedAs(USER_POOL, userPool, userPool.userPoolId);
}

/** The L1 of an app client: its own, or the one that an imported client was imported from. */
export function clientDefinitionOf(client: IConstruct & { readonly userPoolClientId: string }): CfnResource | undefined {
  return definedAs(USER_POOL_CLIENT, client, client.userPoolClientId);
}

/** The resource that a construct is, or the only one that its id speaks of: of an id that is one of two, nobody knows the settings. */
function definedAs(type: string, construct: IConstruct, id: string): CfnResource | undefined {
  const own = construct.node.defaultChild;
  if (isResource(own, type)) return own;
  const [only, ...others] = referencesIn(construct, id).filter((node): node is CfnResource => isResource(node, type));
  return others.length === 0 ? only : undefined;
}

/** The resources of one type that belong to a user pool, wherever in `scope` they are defined. */
export function resourcesOf(scope: IConstruct, pool: CfnResource, type: string): CfnResource[] {
  return scope.node.findAll().filter((node): node is CfnResource =>
    isResource(node, type) && belongsTo(node, pool));
}

/** The properties that say whose a resource is, as the template has them. */
const OWNER_PROPERTIES = ['UserPoolId', 'ResourceArn'] as const;

/** Whether a resource of a pool, such as a client, says that this pool is its own: by `Ref`, by a part of its ARN, by its logical id. */
export function belongsTo(resource: CfnResource, pool: CfnResource): boolean {
  return ownersIn(resource).some(owner => referencesIn(resource, owner).includes(pool));
}

/** What a resource says of its pool, in an L1 of its own type, in one of any type, and in overrides. */
function ownersIn(resource: CfnResource): unknown[] {
  const properties = resource as unknown as Readonly<Record<string, unknown>>;
  const { rawOverrides: { Properties: overrides = {} }, _cfnProperties: given = {} } = resource as unknown as {
    rawOverrides: { Properties?: Properties }; _cfnProperties?: Properties;
  };
  return OWNER_PROPERTIES.map(name => overrides[name] ?? properties[l1Name(name)] ?? given[name]).filter(owner => owner !== undefined);
}

/** Whether a resource says its pool in a way of which nobody knows at synthesis which one it means, as with a value that is imported. */
export function isOfUnknownPool(resource: CfnResource): boolean {
  return ownersIn(resource).some(owner => Token.isUnresolved(owner) && !referencesIn(resource, owner).some(node => isResource(node, USER_POOL)));
}

export interface TemplateSettings {
  readonly properties: Properties;
  /** Paths of the properties whose value exists only in the source's stack; they are left out of `properties`. */
  readonly unavailable: string[];
}

/**
 * A resource's properties with every property override, and without what only its own stack can resolve: the stack that they are copied
 * to must not depend on it.
 */
export function templateSettings(resource: CfnResource): TemplateSettings {
  const unavailable: string[] = [];
  const properties = Object.fromEntries(Object.entries(templateProperties(resource))
    .map(([name, value]) => [name, portable(value, name, unavailable)])
    .filter(([, value]) => value !== undefined));
  return { properties, unavailable };
}

/**
 * Attaches a trigger, however the application sets the pool's others. One that an Aspect of the application adds later wins: it is what the
 * application says itself.
 *
 * @param name such as `PostConfirmation`
 * @param older the name of the same slot in an older form, beside which Cognito takes no other function
 */
export function offerTrigger(pool: CfnResource, name: string, value: unknown, older?: string): void {
  const produce = () => {
    const own = ownTriggers(pool);
    return own[name] ?? (older !== undefined && own[older] !== undefined ? undefined : value);
  };
  pool.addPropertyOverride(`LambdaConfig.${name}`, Lazy.uncachedAny({ produce }));
}

/** Of triggers that were offered, those that are not in the template, because the application has its own by now. */
export function declinedTriggers(pool: CfnResource, offered: Readonly<Record<string, unknown>>): string[] {
  const stack = Stack.of(pool);
  const { Resources } = stack.resolve((pool as unknown as { _toCloudFormation(): object })._toCloudFormation()) as { Resources: object };
  const [{ Properties: { LambdaConfig = {} } = {} }] = Object.values(Resources) as { Properties?: { LambdaConfig?: Properties } }[];
  return Object.keys(offered).filter(name => JSON.stringify(LambdaConfig[name]) !== JSON.stringify(stack.resolve(offered[name])));
}

/** Triggers as the application set them, by their names in the template: those of this library are overrides. */
function ownTriggers(pool: CfnResource): Properties {
  const { lambdaConfig, _cfnProperties: properties } = pool as unknown as { lambdaConfig?: unknown; _cfnProperties?: Properties };
  return inTemplate(Stack.of(pool).resolve(lambdaConfig ?? properties?.LambdaConfig) ?? {}) as Properties;
}

/** An L1's property names as the template has them; names of intrinsic functions are the same in both. */
function inTemplate(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.charAt(0).toUpperCase() + name.slice(1), inTemplate(inner)]));
}

/** Property names and values as an L1 construct takes them. */
export function asL1(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(asL1);
  }
  if (typeof value !== 'object' || value === null || isIntrinsic(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [l1Name(name), asL1(inner)]));
}

export function l1Name(name: string): string {
  return L1_NAMES[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
}

/** What CloudFormation would get. Only this sees property overrides: an L1's own properties do not have them. */
export function templateProperties(resource: CfnResource): Properties {
  const rendered = (resource as unknown as { _toCloudFormation(): { Resources?: object } })._toCloudFormation();
  const template = Tokenization.resolve(rendered, { scope: Stack.of(resource), resolver: new SettingsResolver(), preparing: false });
  const [definition] = Object.values(template?.Resources ?? {}) as { Properties?: Properties }[];
  return definition?.Properties ?? {};
}

/** Resolves as CDK does, but a reference whose value is written in the code becomes that value. */
class SettingsResolver extends DefaultTokenResolver {
  constructor() {
    super({ join });
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token) && CfnResource.isCfnResource(token.target) && token.displayName === 'Ref') {
      const property = REF_PROPERTY[token.target.cfnResourceType];
      const value = property && templateProperties(token.target)[property];
      if (typeof value === 'string') {
        return value;
      }
    }
    return super.resolveToken(token, context, postProcessor);
  }
}

function join(left: unknown, right: unknown): unknown {
  if (left === undefined || right === undefined) {
    return left ?? right;
  }
  if (typeof left !== 'object' && typeof right !== 'object') {
    return `${left}${right}`;
  }
  const parts = [left, right].flatMap(side => {
    const joined = (side as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
    return joined?.[0] === '' ? joined[1] : [side];
  });
  return { 'Fn::Join': ['', parts] };
}

/** `value` without what only the source's stack can resolve; undefined where nothing is left. */
function portable(value: unknown, path: string, unavailable: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((element, index) => portable(element, `${path}[${index}]`, unavailable)).filter(element => element !== undefined);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (isIntrinsic(value)) {
    if (isPortableIntrinsic(value)) {
      return value;
    }
    unavailable.push(path);
    return undefined;
  }
  return Object.fromEntries(Object.entries(value)
    .map(([name, inner]) => [name, portable(inner, `${path}.${name}`, unavailable)])
    .filter(([, inner]) => inner !== undefined));
}

function isIntrinsic(value: object): boolean {
  const names = Object.keys(value);
  return names.length === 1 && (names[0] === 'Ref' || names[0].startsWith('Fn::'));
}

/** Pseudo parameters, and strings built of them, mean the same in every stack. */
function isPortableIntrinsic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.every(isPortableIntrinsic);
  }
  const [[name, argument]] = Object.entries(value);
  if (name === 'Ref') {
    return typeof argument === 'string' && argument.startsWith('AWS::') && argument !== 'AWS::StackId' && argument !== 'AWS::StackName';
  }
  return ['Fn::Join', 'Fn::Select', 'Fn::Split'].includes(name) && isPortableIntrinsic(argument);
}

/** The property that a path begins with. */
export function topLevel(path: string): string {
  return path.split(/[.[]/)[0];
}

/** Whether the source has the property, be it with a value that is not known outside its stack. */
export function mentionsProperty(settings: TemplateSettings, property: string): boolean {
  return settings.properties[property] !== undefined || settings.unavailable.some(path => topLevel(path) === property);
}
