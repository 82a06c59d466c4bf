import { CfnResource, Stack, Stage, Token, Validations } from 'aws-cdk-lib';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { isResource, Properties, templateProperties, USER_POOL } from './pool-definition';
import { referencesOf } from './references';

const PERMISSION = 'AWS::Lambda::Permission';
const POLICIES = [
  'Policy', 'ManagedPolicy', 'RolePolicy', 'UserPolicy', 'GroupPolicy', 'Role', 'User', 'Group',
].map(type => `AWS::IAM::${type}`);
const COGNITO = 'cognito-idp.amazonaws.com';
/** The end of an ARN of every pool. */
const ANY_POOL = /userpool\/\*|^"\*"$/;
/** Calls that set what an update by CloudFormation sets again, as the template says. */
const SETTERS = ['cognito-idp:updateuserpool', 'cognito-idp:setuserpoolmfaconfig'];
/** Members of a policy, and of what it belongs to, that allow no call. Tokens there, mostly of ARNs and names, are no reason to render it. */
const SAYS_NO_CALL = new RegExp(`^(${[
  'sid', 'effect', '(not)?resource', '(not)?principal', 'condition', 'assumeRolePolicyDocument', 'managedPolicyArns', 'permissionsBoundary',
  'path', 'description', 'tags', 'groups', 'roles', 'users', 'loginProfile', '((managed)?policy|role|user|group)name',
].join('|')})$`, 'i');

/** Warns before a trigger is attached to a pool, which is an update of all of its settings: to the template's, or to Cognito's defaults. */
export function warnBeforeUpdate(owner: IConstruct, pool: CfnResource): void {
  warnOfPlan(owner, pool);
  const signs = signsOfOutsideSettings(pool);
  if (signs.length === 0) return;
  Validations.of(owner).addWarning('cognito-dr-replica:outsideSettings', `the user pool ${pool.node.path} seems to have settings or triggers that `
    + `its template does not know: ${signs.join('; ')}. Attaching a trigger updates the pool with what the template says, and what was set outside `
    + 'of it is gone: look with "aws cloudformation detect-stack-drift" before you deploy, write what it finds into the pool\'s definition (a '
    + 'function with userPool.addTrigger), or acknowledge this');
}

function warnOfPlan(owner: IConstruct, pool: CfnResource): void {
  if (templateProperties(pool).UserPoolTier !== undefined) return;
  Validations.of(owner).addWarning('cognito-dr-replica:featurePlan', `the user pool ${pool.node.path} names no plan (featurePlan). Attaching a `
    + 'trigger updates it, and what an update leaves out becomes Cognito\'s default: a pool that is on the plan Lite, as those made before '
    + 'November 2024 are, may come to the plan Essentials, which costs more for each active user; one with threat protection may be refused: look '
    + '(aws cognito-idp describe-user-pool) before you deploy, give the pool the featurePlan that it has, or acknowledge this');
}

/**
 * Signs that a user pool has settings, or triggers, that its template does not know: a function that Cognito may call for this pool but that is in
 * no slot of it, and a policy that lets somebody set them. The next update of the pool by CloudFormation takes those back.
 */
function signsOfOutsideSettings(pool: CfnResource): string[] {
  const resources = (Stage.of(pool) ?? pool.node.root).node.findAll().filter(CfnResource.isCfnResource);
  const pools = resources.filter(resource => isResource(resource, USER_POOL));
  let inAll: readonly string[] | undefined;
  // Rendered once: an application may have many pools, and more permissions.
  const inSlotsOfAll = () => inAll ??= pools.flatMap(inSlotsOf);
  const callable = resources.filter(resource => isResource(resource, PERMISSION) && isForeignTrigger(resource, pool, inSlotsOfAll));
  const setters = resources.filter(resource => POLICIES.includes(resource.cfnResourceType) && mayLetSet(resource) && letsSet(resource, pool));
  return [
    ...callable.map(({ node }) => `Cognito may call the function of ${node.path}, which is in none of its slots`),
    ...setters.map(({ node }) => `${node.path} lets somebody change its settings`),
  ];
}

/** A permission that names no pool, or all of them, is for this one as well, unless its function is in a slot of another. */
function isForeignTrigger(permission: CfnResource, pool: CfnResource, inSlotsOfAll: () => readonly string[]): boolean {
  const { principal: written, rawOverrides } = permission as unknown as { principal?: unknown; rawOverrides: object };
  if (typeof written === 'string' && !Token.isUnresolved(written) && written !== COGNITO && Object.keys(rawOverrides).length === 0) return false;
  const { Principal: principal, FunctionName: functionName, SourceArn: arn } = templateProperties(permission);
  if (principal !== COGNITO) return false;
  const isForAny = (arn === undefined || ANY_POOL.test(JSON.stringify(arn))) && Stack.of(permission).region === Stack.of(pool).region;
  if (!isForAny && !referencesOf(permission).includes(pool)) return false;
  const inSlots = isForAny ? inSlotsOfAll() : inSlotsOf(pool);
  return !functionsIn(functionName).some(name => inSlots.includes(name));
}

function inSlotsOf(pool: CfnResource): string[] {
  return Object.values(templateProperties(pool).LambdaConfig ?? {}).flatMap(functionsIn);
}

/** As it is written, which is quick: an application may have a thousand policies, and to render one takes long. */
function mayLetSet(policy: CfnResource): boolean {
  const { cfnProperties, rawOverrides } = policy as unknown as { cfnProperties?: unknown; rawOverrides?: unknown };
  let may = false;
  JSON.stringify([cfnProperties, rawOverrides], function (this: Record<string, unknown>, name, value: unknown) {
    if (may || SAYS_NO_CALL.test(name)) return undefined;
    // A document says its statements itself. A token of the application's own may be anything, even one that holds the whole tree.
    may = Token.isUnresolved(this[name]) && !(this[name] instanceof PolicyDocument) || /^notaction$/i.test(name)
      || typeof value === 'string' && SETTERS.some(setter => isMatch(value.toLowerCase(), setter));
    return may ? undefined : value;
  });
  return may;
}

function letsSet(policy: CfnResource, pool: CfnResource): boolean {
  const { PolicyDocument: document, Policies: inline } = templateProperties(policy);
  // In the stack of the pool, its logical id is enough.
  const isOfPool = () => Stack.of(policy) === Stack.of(pool) || referencesOf(policy).includes(pool);
  const poolId: string = Stack.of(pool).resolve(pool.logicalId);
  const isThere = Stack.of(policy).region === Stack.of(pool).region;
  return statementsIn([document, inline]).some(({ Effect: effect, Action: action, NotAction: others, Resource: resource, NotResource: spared }) => {
    if (!textsIn(effect).includes('Allow')) return false;
    const names = (value: unknown) => JSON.stringify(value ?? '').includes(`"${poolId}"`) && isOfPool();
    // An administrator of everything is no sign: no template says what such a person does.
    if (isThere && SETTERS.some(setter => textsIn(action).some(text => text.toLowerCase() === setter))) {
      return resource === undefined ? !names(spared) : textsIn(resource).some(text => ANY_POOL.test(JSON.stringify(text))) || names(resource);
    }
    const isIn = (calls: unknown, setter: string) => textsIn(calls).some(text => isMatch(text.toLowerCase(), setter));
    return SETTERS.some(setter => others === undefined ? isIn(action, setter) : !isIn(others, setter)) && names(resource);
  });
}

/** Statements of a policy, in either branch of a condition as well. */
function statementsIn(value: unknown): Properties[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'Effect' in value ? [value as Properties] : Object.values(value).flatMap(statementsIn);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** As IAM reads a pattern: any number of characters, or one. */
export function isMatch(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const parts = pattern.split(/([*?])/).map(part => part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('')}$`, 's').test(name);
}

/** The functions that a value of a template speaks of: by logical id, or by the name alone or in an ARN. */
function functionsIn(value: unknown): string[] {
  const json = JSON.stringify(value) ?? '';
  const names = (pattern: RegExp) => [...json.matchAll(pattern)].map(([, name]) => name);
  const ids = names(/"(?:Ref":"|Fn::GetAtt":\[")(?!AWS::)([^"]+)"/g);
  return ids.length > 0 ? ids : names(/(?:^"|:function:)([\w-]+)/g);
}
