import { Properties } from '../../cdk/pool-definition';
import { isCustomInSchema, SchemaAttribute, WRITABLE_STANDARD_ATTRIBUTES } from '../../cognito/schema';
import { SOURCE_SUB_ATTRIBUTE } from '../../cognito/source-sub';

/** Cognito's limit for one user pool. */
export const MAX_CUSTOM_ATTRIBUTES = 50;

function attributesOf(pool: Properties): SchemaAttribute[] {
  return (pool.Schema ?? []) as SchemaAttribute[];
}

function customAttributes(pool: Properties): SchemaAttribute[] {
  return attributesOf(pool).filter(attribute => isCustomInSchema(attribute.Name ?? ''));
}

/** Names of the custom attributes, as Cognito describes the pool. */
export function customAttributeNames(pool: Properties): string[] {
  return customAttributes(pool).map(attribute => `custom:${attribute.Name}`);
}

/** The `custom:source_sub` of a pool that has one: it may be a standby that became the source. */
function ownSourceSub(pool: Properties): SchemaAttribute | undefined {
  return customAttributes(pool).find(attribute => attribute.Name === SOURCE_SUB_ATTRIBUTE);
}

/** Whether a mirror of the pool has `custom:source_sub`. */
export function hasSourceSub(pool: Properties): boolean {
  return ownSourceSub(pool) !== undefined || customAttributes(pool).length < MAX_CUSTOM_ATTRIBUTES;
}

function isMark({ AttributeDataType: type, Mutable: mutable, DeveloperOnlyAttribute: developerOnly }: SchemaAttribute): boolean {
  return type === 'String' && mutable === false && !developerOnly;
}

/** Whether a standby pool of your own has the attribute, and in such a way that no user can change who they are. */
export function sourceSubOf(pool: Properties): 'none' | 'mark' | 'changeable' {
  const own = ownSourceSub(pool);
  return own ? (isMark(own) ? 'mark' : 'changeable') : 'none';
}

/** What is wrong with a `custom:source_sub` that the source pool has already. */
export function sourceSubProblem(pool: Properties): string | undefined {
  const own = ownSourceSub(pool);
  return own && !isMark(own)
    ? `the source pool has an attribute custom:${SOURCE_SUB_ATTRIBUTE} that is not an immutable string; a restore keeps the source user's sub in `
      + 'an attribute of that name: give your attribute another name, or bring your own standby pool with standby: Standby.onDemand({ userPool })'
    : undefined;
}

/**
 * `custom:source_sub`, then the source's attributes in their own order. Immutable, so that only the administrator who creates a user can set it,
 * once. First, because the source's attributes can only become more, at their end: whether CloudFormation compares schemas by name or by
 * position, an attribute that is added to the source is added to the mirror.
 */
export function mirroredSchema(pool: Properties): Properties[] | undefined {
  const attributes = attributesOf(pool);
  if (ownSourceSub(pool) || !hasSourceSub(pool)) {
    return attributes;
  }
  return [{ Name: SOURCE_SUB_ATTRIBUTE, AttributeDataType: 'String', Mutable: false }, ...attributes];
}

/** Attributes that every sign-up has to give. */
export function requiredAttributes(pool: Properties): string[] {
  return attributesOf(pool).flatMap(({ Name: name, Required: required }) => name && required ? [name] : []);
}

/** Every attribute that a client of the pool without a list of its own may write, `custom:source_sub` excepted. */
export function writableAttributes(pool: Properties): string[] {
  const custom = customAttributes(pool)
    .filter(attribute => !attribute.DeveloperOnlyAttribute && attribute.Name !== SOURCE_SUB_ATTRIBUTE)
    .map(attribute => `custom:${attribute.Name}`);
  return [...WRITABLE_STANDARD_ATTRIBUTES, ...custom];
}
