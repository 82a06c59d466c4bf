import { CfnResource, Duration, Stack, Token, Validations } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import { describe, differ, uniqueName } from './cdk/names';
import { definitionOf, isResource, TemplateSettings, templateSettings, USER_POOL } from './cdk/pool-definition';
import { isTrue } from './cognito/attribute-values';
import { COGNITO_SUBJECT, SOCIAL_PROVIDERS } from './cognito/identities';
import { attributeName, SchemaAttribute, STANDARD_ATTRIBUTES } from './cognito/schema';
import { SignInSettings, signInSettingsOf } from './cognito/sign-in-name';
import { LEDGER_NAME_LENGTH } from './operations/deployment';
import { CognitoDrReplicaProps, RequestQuotas } from './options';
import { Primary } from './replica-stack';
import { schemaMismatch, signInMismatch } from './restore/mismatch';
import { RestoreTarget } from './restore/restore-workflow';

const DEFAULT_INTERVAL = Duration.hours(1);
const DEFAULT_RETENTION = Duration.days(35);
const DEFAULT_SLICE = Duration.minutes(14);

/** Properties that have one right form after validation. */
export interface ValidNumbers {
  readonly sweepInterval: Duration;
  readonly historyRetention: Duration;
  readonly sliceDuration: Duration;
  readonly sweepQuotaShare: number;
  readonly ignoredAttributes: readonly string[];
}

/** @throws when a number or a duration is out of its range */
export function validNumbers(path: string, props: CognitoDrReplicaProps): ValidNumbers {
  const sweepInterval = inRange(path, 'sweepInterval', props.sweepInterval ?? DEFAULT_INTERVAL, Duration.minutes(1), Duration.days(2), 60, 'minutes');
  const historyRetention = inRange(path, 'historyRetention', props.historyRetention ?? DEFAULT_RETENTION, Duration.days(1), undefined, 86400, 'days');
  if (historyRetention.toSeconds() <= sweepInterval.toSeconds()) {
    throw new Error(`${path}: historyRetention is ${historyRetention.toHumanString()} and sweepInterval ${sweepInterval.toHumanString()}; what a `
      + 'sweep finds changed must be kept longer than until the next one: raise historyRetention or shorten sweepInterval');
  }
  const slice = props._sliceDuration ?? DEFAULT_SLICE;
  const sliceDuration = inRange(path, '_sliceDuration', slice, Duration.seconds(1), Duration.minutes(14), 1, 'seconds');
  const sweepQuotaShare = props.sweepQuotaShare ?? 0.5;
  if (Token.isUnresolved(sweepQuotaShare) || !(sweepQuotaShare > 0 && sweepQuotaShare <= 1)) {
    throw new Error(`${path}: sweepQuotaShare is ${describe(sweepQuotaShare)}; give a number above 0 and up to 1, such as 0.5 for half of each `
      + 'quota');
  }
  return { sweepInterval, historyRetention, sliceDuration, sweepQuotaShare, ignoredAttributes: validIgnoredAttributes(path, props) };
}

function validIgnoredAttributes(path: string, { incidentIgnoredAttributes: names = [] }: CognitoDrReplicaProps): string[] {
  const wrong = names.find(name => Token.isUnresolved(name) || !(STANDARD_ATTRIBUTES.includes(name) || /^(dev:)?custom:./.test(name)));
  if (wrong !== undefined) {
    throw new Error(`${path}: incidentIgnoredAttributes has ${describe(wrong)}, which is the name of no attribute; give it as Cognito lists it: `
      + "'custom:lastLogin' for an attribute of your own, or one of OpenID Connect's, such as 'locale'");
  }
  return [...new Set(names)].sort();
}

function inRange(path: string, name: string, value: Duration, min: Duration, max: Duration | undefined, unitSeconds: number, unit: string): Duration {
  const range = max ? `from ${min.toHumanString()} to ${max.toHumanString()}` : `of at least ${min.toHumanString()}`;
  const seconds = value.isUnresolved() ? NaN : value.toMilliseconds() / 1000;
  if (!(seconds >= min.toSeconds() && seconds <= (max?.toSeconds() ?? Infinity) && seconds % unitSeconds === 0)) {
    throw new Error(`${path}: ${name} is ${value.isUnresolved() ? 'not known at synthesis' : value.toHumanString()}; give whole ${unit}, ${range}`);
  }
  return value;
}

/** @throws when the bus is in another Region: the function that tells it is beside the table that it reads */
export function validChangeEvents(path: string, { changeEvents: bus }: CognitoDrReplicaProps, replica: Stack): IEventBus | undefined {
  if (bus && !Token.isUnresolved(bus.env.region) && bus.env.region !== replica.region) {
    throw new Error(`${path}: changeEvents is a bus of ${bus.env.region}; give one of ${replica.region}, by its ARN: `
      + `EventBus.fromEventBusArn(this, 'Changes', 'arn:aws:events:${replica.region}:...:event-bus/...')`);
  }
  return bus;
}

/** Requests per second by quota category, where the caller gave any. */
export function quotasByCategory(path: string, name: string, quotas: RequestQuotas = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== undefined).map(([key, value]: [string, number]) => {
    if (Token.isUnresolved(value) || !(value > 0) || !Number.isFinite(value)) {
      throw new Error(`${path}: ${name}.${key} is ${describe(value)}; give the requests per second that AWS allows this account, more than 0`);
    }
    return [key.charAt(0).toUpperCase() + key.slice(1), value];
  }));
}

/** An ARN of a role with a name of ordinary length, and its quotes. */
const ARN_BYTES = 90;
/** What is left of the 4 KB of a function's environment for the roles of groups. */
const MOST_GROUP_ROLE_BYTES = 3_000;

/** @throws when DynamoDB would refuse the name, or that of a table beside it, such as `<name>-recovery` */
export function validTableName(path: string, name: string): string {
  if (Token.isUnresolved(name) || !/^[A-Za-z0-9_.-]{3,}$/.test(name) || name.length > LEDGER_NAME_LENGTH) {
    throw new Error(`${path}: ledgerTableName is ${describe(name)}; give 3 to ${LEDGER_NAME_LENGTH} letters, digits, '_', '.' and '-': both `
      + 'stacks need the literal name');
  }
  return name;
}

/** JavaScript checks no types: an L1, or nothing, would fail much later and say nothing that helps. */
function isPool(path: string, name: string, pool: unknown): void {
  if (typeof pool === 'object' && pool !== null && isResource(pool as IConstruct, USER_POOL)) {
    throw new Error(`${path}: ${name} is ${(pool as IConstruct).node.path}, a CfnUserPool; give a UserPool, as of UserPool.fromUserPoolId(this, `
      + "'Pool', cfnUserPool.ref), whose settings are found all the same");
  }
  if (typeof pool !== 'object' || pool === null || (pool as Partial<IUserPool>).userPoolId === undefined) {
    throw new Error(`${path}: ${name} is ${describe(pool)}; give a UserPool`);
  }
}

/** @throws where something else than a user pool was given for one */
export function validPools(path: string, { userPool, standby, restoreTargets = [] }: CognitoDrReplicaProps): void {
  isPool(path, 'userPool', userPool);
  const own = standby?._choice.options.userPool;
  if (own !== undefined) isPool(path, 'userPool of standby', own);
  restoreTargets.forEach((target, index) => isPool(path, `restoreTargets[${index}]`, target));
}

/** The names of an app's constructs, by account. */
const NAMES = new WeakMap<IConstruct, Map<string, string>>();

/** @throws when what another construct of the app makes has the same names: of `Web_App` and `Web-App`, or of `Web/App` and `Web-App` */
function validNames(scope: Construct, { stack: primary, region }: Primary): void {
  if (Token.isUnresolved(primary.account)) return;
  const name = uniqueName(scope, 'names', LEDGER_NAME_LENGTH, region);
  const names = NAMES.get(scope.node.root) ?? new Map<string, string>();
  NAMES.set(scope.node.root, names);
  const other = names.get(`${primary.account} ${name}`);
  if (other !== undefined) {
    throw new Error(`${scope.node.path}: what it makes would have the names of what ${other} makes, '${name.replace(/-names$/, '-...')}', because `
      + "names have letters, digits and '-' only: give it another id");
  }
  names.set(`${primary.account} ${name}`, scope.node.path);
}

/** How the id of a pool begins: with its Region. */
const POOL_ID = /^([a-z]{2,4}(?:-[a-z]+)+-\d+)_/;

/** Whether a value that is looked up in an account (`valueFromLookup`) is not there yet: the CDK synthesises once more when it is. */
function isLookedUp({ node: { root } }: IConstruct, value: string): boolean {
  // What stands in for it may be any text: only the CDK knows.
  const misses = (node: IConstruct) => ((node as unknown as { _missingContext?: unknown[] })._missingContext ?? []).length > 0;
  return value.startsWith('dummy-value-for-') || root.node.findAll().some(node => Stack.isStack(node) && misses(node));
}

/** The Region that the id of a pool says; undefined where nobody knows the id at synthesis. */
function regionInId(path: string, name: string, pool: IUserPool): string | undefined {
  const { userPoolId: id } = pool;
  if (Token.isUnresolved(id)) return undefined;
  const region = POOL_ID.exec(id)?.[1];
  if (region === undefined && !isLookedUp(pool, id)) {
    throw new Error(`${path}: ${name} is a user pool with the id ${describe(id)}, which names no Region; give the id of a pool, such as `
      + "'us-east-1_AbCdEfGhI'");
  }
  return region;
}

/** The account and Region of the source pool are those of the stack: the sweep asks Cognito there. */
export function validSource(scope: Construct, userPool: IUserPool, source: Primary): void {
  validNames(scope, source);
  const { stack: primary, region: primaryRegion } = source;
  const { path } = scope.node;
  const region = regionInId(path, 'userPool', userPool) ?? userPool.env.region;
  const { account } = userPool.env;
  // A pool of a stack that does not say its Region either is taken to be deployed there as well.
  if (differ(region, primaryRegion)) {
    throw new Error(`${path}: the user pool is in ${region}, but this construct in ${primaryRegion} (stack ${primary.node.path}): put the `
      + "construct into a stack of the user pool's own Region");
  }
  if (differ(account, primary.account)) {
    throw new Error(`${path}: the user pool is in account ${account}, but this construct in ${primary.account} (stack ${primary.node.path}): put `
      + "the construct into a stack of the user pool's own account");
  }
}

/**
 * A pool of the replica Region, or of the source pool's Region by its literal id: a pool that replaced a lost one is filled from the copy of
 * the lost one. A token of the primary stack would make the replica stack depend on it.
 */
function restoreTarget(path: string, name: string, pool: IUserPool, primaryRegion: string, replicaStack: Stack): RestoreTarget {
  const literal = !Token.isUnresolved(pool.userPoolId);
  const region = literal ? regionInId(path, name, pool) ?? replicaStack.region : pool.env.region;
  const allowed = literal ? [replicaStack.region, primaryRegion] : [replicaStack.region];
  if (!allowed.includes(region)) {
    throw new Error(`${path}: ${name} is the user pool ${literal ? pool.userPoolId : pool.node.path} in ${describe(region)}; a restore runs in `
      + `${replicaStack.region}: name a pool there, or import one of ${primaryRegion} by its id, UserPool.fromUserPoolId(stack, 'Target', `
      + `'${primaryRegion}_...')`);
  }
  if (!literal && differ(pool.env.account, replicaStack.account)) {
    throw new Error(`${path}: ${name} is the user pool ${pool.node.path} of account ${describe(pool.env.account)}; a restore writes to pools of `
      + `its own account, ${replicaStack.account}: name one of those`);
  }
  return {
    userPoolId: pool.userPoolId,
    userPoolArn: literal
      ? replicaStack.formatArn({ service: 'cognito-idp', region, resource: 'userpool', resourceName: pool.userPoolId })
      : pool.userPoolArn,
  };
}

/** What a restore may fill: the standby pool, and what the caller names. */
export function targetsOf(
  path: string, { restoreTargets: named = [] }: CognitoDrReplicaProps, primaryRegion: string, replicaStack: Stack, standby?: IUserPool,
): RestoreTarget[] {
  const targets = named.map((pool, index) => restoreTarget(path, `restoreTargets[${index}]`, pool, primaryRegion, replicaStack));
  return standby ? [restoreTarget(path, 'the standby pool', standby, replicaStack.region, replicaStack), ...targets] : targets;
}

/** Pools that users are brought into, each under the property that names it. */
export type NamedPools = Readonly<Record<string, IUserPool>>;

/** The targets that the user of the library chose; a mirror has the source pool's own settings. */
export function namedTargets({ standby, restoreTargets = [] }: CognitoDrReplicaProps): NamedPools {
  const own = standby?._choice.options.userPool;
  return {
    ...(own ? { 'the standby pool': own } : {}),
    ...Object.fromEntries(restoreTargets.map((pool, index) => [`restoreTargets[${index}]`, pool])),
  };
}

/** What is wrong with pools that this app defines. Called at synthesis: until then a definition may change. */
export function poolProblems(props: CognitoDrReplicaProps): string[] {
  const targets = namedTargets(props);
  return [...targetProblems(props, targets), ...conditionProblems({ userPool: props.userPool, ...targets })];
}

/** Why users could not be brought into targets: what a restore would refuse, as far as it is known. */
function targetProblems({ userPool, standby }: CognitoDrReplicaProps, targets: NamedPools): string[] {
  const definitions = Object.entries(targets).map(([name, pool]) => ({ name, pool, definition: definitionOf(pool) }));
  if (!definitions.some(({ definition }) => definition)) return [];
  const from = knownSettings(definitionOf(userPool) ?? standby?._choice.options.definition?._source);
  return definitions.flatMap(({ name, pool, definition }) => {
    const to = knownSettings(definition);
    // An attribute of the target that is not known may be any that the source has.
    const lacks = from && to?.hasWholeSchema ? schemaMismatch(from.attributes, to.attributes) : undefined;
    const problem = lacks ?? (from?.signIn && to?.signIn && signInMismatch(from.signIn, to.signIn));
    return problem ? [`${name}, the user pool ${pool.node.path}, cannot take the users of ${userPool.node.path}: ${problem}`] : [];
  });
}

/**
 * Pools of this app of which nobody knows at synthesis whether they are made. An id that says under the same condition which pool it is, is right
 * whatever the condition.
 */
function conditionProblems(pools: NamedPools): string[] {
  return Object.entries(pools).flatMap(([name, pool]) => {
    const condition = definitionOf(pool)?.cfnOptions.condition;
    const isChosen = JSON.stringify(Stack.of(pool).resolve(pool.userPoolId)).includes('"Fn::If"');
    return condition && !isChosen ? [`${name}, the user pool ${pool.node.path}, is made under the condition ${condition.node.id} only, and what this `
      + 'construct makes refers to it in any case, so that CloudFormation would refuse the stack where it is not made: decide in the code, with if, '
      + 'or put both into a stack that is deployed where the pool is wanted'] : [];
  });
}

interface KnownSettings {
  /** Undefined where it is given as tokens. */
  readonly signIn?: Required<SignInSettings>;
  /** Names of the attributes of the schema that are known. */
  readonly attributes: readonly string[];
  /** Whether those are all. */
  readonly hasWholeSchema: boolean;
}

/** Undefined where the app does not define the pool. */
function knownSettings(definition: CfnResource | undefined): KnownSettings | undefined {
  if (!definition) return undefined;
  const settings = templateSettings(definition);
  const schema = (settings.properties.Schema ?? []) as SchemaAttribute[];
  // Paths count elements that are left out here: whose flag it is, is not known.
  const isOpen = settings.unavailable.some(path => /^Schema\[\d+\]\.DeveloperOnlyAttribute/.test(path));
  const nameOf = ({ Name: name, DeveloperOnlyAttribute: flag }: SchemaAttribute) => {
    const isKnown = typeof name === 'string' && typeof flag !== 'object' && !(isOpen && flag === undefined);
    return isKnown ? [attributeName(name, isTrue(flag))] : [];
  };
  const attributes = Array.isArray(schema) ? schema.flatMap(nameOf) : [];
  const hasWholeSchema = attributes.length === schema.length && !settings.unavailable.some(path => /^Schema(\[\d+\])?$/.test(path));
  return { signIn: knownSignIn(settings), attributes, hasWholeSchema };
}

function knownSignIn({ properties: { UsernameAttributes, AliasAttributes, UsernameConfiguration }, unavailable }: TemplateSettings) {
  if (unavailable.some(path => /^(UsernameAttributes|AliasAttributes|UsernameConfiguration)/.test(path))) return undefined;
  const { CaseSensitive: caseSensitive = true } = (UsernameConfiguration ?? {}) as { CaseSensitive?: unknown };
  return signInSettingsOf({
    UsernameAttributes: UsernameAttributes as string[] | undefined,
    AliasAttributes: AliasAttributes as string[] | undefined,
    UsernameConfiguration: { CaseSensitive: isTrue(caseSensitive) },
  });
}

/** ARNs of the keys that encrypt the ledger in either Region, where the caller manages them. */
export interface TableKeys {
  readonly primaryKeyArn?: string;
  readonly replicaKeyArn?: string;
}

export function tableKeys(path: string, { encryption }: CognitoDrReplicaProps, primary: Primary, replica: Stack): TableKeys {
  if (encryption?.type !== TableEncryption.CUSTOMER_MANAGED || !encryption.tableKey) {
    return {};
  }
  const { tableKey, replicaKeyArns } = encryption;
  if (differ(tableKey.env.region, replica.region)) {
    throw new Error(`${path}: tableKey of encryption is in ${tableKey.env.region}; the table belongs to the stack in ${replica.region}: give the `
      + `key of ${replica.region} as tableKey and the one of ${primary.region} in replicaKeyArns`);
  }
  const primaryKeyArn = replicaKeyArns?.[primary.region];
  if (!primaryKeyArn || Token.isUnresolved(primaryKeyArn)) {
    throw new Error(`${path}: encryption has ${primaryKeyArn ? 'no literal' : 'no'} key ARN for ${primary.region} in replicaKeyArns; give { `
      + `'${primary.region}': 'arn:...' }, written out, because the stack in ${replica.region} must not depend on one in ${primary.region}`);
  }
  return { primaryKeyArn, replicaKeyArn: tableKey.keyArn };
}

/** Role ARNs that the replica stack can name without depending on another stack. */
export function groupRoleArns(
  path: string, property: 'groupRoles' | 'sourceGroupRoles', { [property]: groupRoles = {} }: CognitoDrReplicaProps, stack: Stack,
): Record<string, string> {
  const bytes = Object.keys(groupRoles).reduce((sum, group) => sum + Buffer.byteLength(group) + ARN_BYTES, 0);
  if (bytes > MOST_GROUP_ROLE_BYTES) {
    throw new Error(`${path}: ${property} names ${Object.keys(groupRoles).length} groups, about ${bytes} bytes with their ARNs; the functions take `
      + `${MOST_GROUP_ROLE_BYTES} in their environment (Lambda allows 4 KB in all): name fewer groups, and give the others their roles after the `
      + 'restore');
  }
  return Object.fromEntries(Object.entries(groupRoles).map(([group, role]) => {
    const owner = Stack.of(role);
    if (owner.region !== stack.region && !isKnownIn(stack, role.roleArn)) {
      const way = CfnResource.isCfnResource(role.node.defaultChild)
        ? 'give that role a roleName, or name an existing role with Role.fromRoleArn'
        : `import it by a literal ARN (Role.fromRoleArn(this, 'Role', 'arn:...')), or import it in ${stack.node.path}`;
      throw new Error(`${path}: the role of ${property}['${group}'] (${role.node.path}) gets its ARN when stack ${owner.node.path} is deployed, on `
        + `which the stack in ${stack.region} must not depend: ${way}`);
    }
    return [group, role.roleArn];
  }));
}

/** Lambda allows 4 KB of environment in all, and groups take half of it. A provider's name has 32 characters, its attribute may be a URI. */
const MOST_LINK_ATTRIBUTE_BYTES = 512;

/** @throws when a provider or an attribute cannot be one, or is a provider whose identities are linked by their subject only */
export function validLinkAttributes(path: string, { linkAttributes = {} }: CognitoDrReplicaProps): Record<string, string> {
  for (const [provider, attribute] of Object.entries(linkAttributes)) {
    const where = `${path}: linkAttributes['${provider}'] is ${describe(attribute)}`;
    if (Token.isUnresolved(provider) || provider.length === 0 || provider.length > 32) {
      throw new Error(`${path}: linkAttributes names the provider ${describe(provider)}; give the name, of 1 to 32 characters, that the provider has `
        + 'in the user pool');
    }
    if (Token.isUnresolved(attribute) || typeof attribute !== 'string' || attribute.trim() === '') {
      throw new Error(`${where}; give what AdminLinkProviderForUser was given as ProviderAttributeName, such as 'email' or '${COGNITO_SUBJECT}'`);
    }
    if (SOCIAL_PROVIDERS.includes(provider) && attribute !== COGNITO_SUBJECT) {
      throw new Error(`${where}; Cognito links identities of ${provider} by '${COGNITO_SUBJECT}' only: leave it out`);
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(linkAttributes));
  if (bytes > MOST_LINK_ATTRIBUTE_BYTES) {
    throw new Error(`${path}: linkAttributes has ${bytes} bytes as JSON; the functions take ${MOST_LINK_ATTRIBUTE_BYTES} in their environment: name `
      + `only the providers whose links are not by '${COGNITO_SUBJECT}'`);
  }
  return linkAttributes;
}

/** Whether a stack can give the value without a reference to another one. */
function isKnownIn(stack: Stack, value: string): boolean {
  try {
    return !/"Ref":"(?!AWS::)|"Fn::(GetAtt|ImportValue|GetStackOutput)"/.test(JSON.stringify(stack.resolve(value)));
  } catch {
    // CDK refuses a reference to a resource of another environment that has no physical name.
    return false;
  }
}

/** The topics of each Region. Throws when one could not be reached by any alarm. */
export function topicsByRegion(
  path: string, { alarmTopics = [] }: CognitoDrReplicaProps, primary: Primary, replica: Stack,
): Record<string, ITopic[]> {
  // A topic whose ARN is a token is taken to be where it is imported.
  const regionOf = (topic: ITopic) => Token.isUnresolved(topic.env.region) ? Stack.of(topic).region : topic.env.region;
  // A stack that does not say its Region has topics whose Region is as open.
  const of = (...regions: string[]) => alarmTopics.filter(topic => regions.includes(regionOf(topic)));
  const topics = { [primary.region]: of(primary.region, primary.stack.region), [replica.region]: of(replica.region) };
  for (const topic of alarmTopics) {
    if (!Object.values(topics).flat().includes(topic)) {
      throw new Error(`${path}: alarm topic ${topic.node.path} is in ${inWords(regionOf(topic))}; an alarm reaches topics of its own Region `
        + `only, here ${primary.region} and ${replica.region}: give a topic of each`);
    }
  }
  return topics;
}

function inWords(region: string): string {
  return Token.isUnresolved(region) ? 'a Region that its stack does not say' : describe(region);
}

/** Fails the synthesis where `replica` came to depend on stacks that may be dark when it is needed. */
export function refuseDependencies(scope: IConstruct, primary: Stack, replica: Stack): void {
  const forbidden = () => replica.dependencies.filter(stack => stack.region !== replica.region || stack === primary);
  scope.node.addValidation({
    validate: () => forbidden().map(stack =>
      `stack ${replica.node.path} came to depend on stack ${stack.node.path}, so that it could not be deployed while that one's Region is `
        + 'unreachable: remove what refers to it (a value of that stack in a property of this construct, or a resource that you added)'),
  });
}

/** The L1 of the source pool: its own, or the one that an imported pool was imported from. */
export function sourceOf(path: string, { userPool, standby }: CognitoDrReplicaProps): CfnResource {
  const source = definitionOf(userPool);
  const described = standby?._choice.options.definition;
  if (described) {
    if (source) {
      throw new Error(`${path}: the user pool ${userPool.node.path} is defined in this app, which says more than a file: leave definition out of `
        + 'standby');
    }
    if (regionInId(path, 'userPool', userPool) !== undefined && userPool.userPoolId !== described._userPoolId) {
      throw new Error(`${path}: definition of standby describes the user pool ${described._userPoolId}, not ${userPool.userPoolId}: write the file `
        + `with npx cognito-dr-replica pool-definition ${userPool.userPoolId}`);
    }
    return described._source;
  }
  if (!source) {
    throw new Error(`${path}: the user pool ${userPool.node.path} is imported, so its settings cannot be mirrored: say what to restore into with `
      + 'standby: Standby.onDemand({ userPool }), a user pool of the replica Region, describe it with definition, or give standby: Standby.none()');
  }
  return source;
}

/** Warns where nothing can be restored, and where alarms of a Region tell nobody although topics were given. */
export function warnOfSilence(scope: IConstruct, targets: number, topics: Record<string, ITopic[]>): void {
  const validations = Validations.of(scope);
  if (targets === 0) {
    validations.addWarning('cognito-dr-replica:noRestoreTarget', 'there is no standby user pool and no restoreTargets, so that nothing can be '
      + 'restored until a deployment names one: give restoreTargets, or acknowledge this');
  }
  const silent = Object.keys(topics).filter(region => topics[region].length === 0);
  if (silent.length === 1) {
    validations.addWarning('cognito-dr-replica:alarmTopics', `alarmTopics has no topic in ${silent[0]}, `
      + 'so that the alarms there tell nobody: add one, or acknowledge this');
  }
}
