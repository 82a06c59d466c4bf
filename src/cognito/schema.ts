import { DescribedAttribute } from './pool-settings';

/**
 * Standard attributes that an app client may write. The others (`sub`, `email_verified`, `phone_number_verified`) are Cognito's to write.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export const WRITABLE_STANDARD_ATTRIBUTES: readonly string[] = [
  'address', 'birthdate', 'email', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name', 'nickname', 'phone_number',
  'picture', 'preferred_username', 'profile', 'updated_at', 'website', 'zoneinfo',
];

/** What users of every pool have. */
export const STANDARD_ATTRIBUTES: readonly string[] = [...WRITABLE_STANDARD_ATTRIBUTES, 'sub', 'email_verified', 'phone_number_verified'];

/** An attribute as a request or a template names it: without prefix. */
export interface SchemaAttribute extends Record<string, unknown> {
  readonly Name?: string;
  readonly AttributeDataType?: string;
  readonly Mutable?: boolean;
  readonly DeveloperOnlyAttribute?: boolean;
  readonly Required?: boolean;
}

/**
 * Whether a schema that names it makes a custom attribute: so does every name that is not an attribute to write, `email_verified` as well.
 * @see https://github.com/aws/aws-cdk/pull/14699
 */
export function isCustomInSchema(name: string): boolean {
  return name !== 'sub' && !WRITABLE_STANDARD_ATTRIBUTES.includes(name);
}

/** As Cognito describes it: its name has the prefix `custom:`, or `dev:custom:` where only developers see it. */
export interface DescribedSchemaAttribute extends DescribedAttribute {
  readonly Required?: boolean;
  readonly DeveloperOnlyAttribute?: boolean;
}

/** Whether the name, as users have it, is that of a custom attribute. */
export function isCustomName(name: string): boolean {
  return /^(dev|custom):/.test(name);
}

/** Lengths of text that a standard attribute has by itself: any, and those of a date of birth. */
const STANDARD_LENGTHS = ['0/2048', '10/10'];

/**
 * Described attributes as a request or a template takes them: without prefixes, and of Cognito's own those alone that are not as in every pool,
 * because a schema that names the others is refused, or makes custom ones.
 */
export function schemaOf(attributes: readonly DescribedSchemaAttribute[]): SchemaAttribute[] {
  return attributes.flatMap(attribute => {
    const { Name: name = '' } = attribute;
    if (!isCustomName(name)) return isChanged(attribute) ? [{ ...attribute }] : [];
    const flag = name.startsWith('dev:') ? { DeveloperOnlyAttribute: true } : {};
    return [{ ...attribute, ...flag, Name: name.replace(/^(dev:)?(custom:)?/, '') }];
  });
}

function isChanged({ Name: name = '', Required, Mutable, StringAttributeConstraints: lengths }: DescribedSchemaAttribute): boolean {
  if (!WRITABLE_STANDARD_ATTRIBUTES.includes(name)) return false;
  const limits = `${lengths?.MinLength ?? 0}/${lengths?.MaxLength ?? 2048}`;
  return Required === true || Mutable === false || (lengths !== undefined && !STANDARD_LENGTHS.includes(limits));
}

/** The name that users have the attribute under. */
export function attributeName(name: string, developerOnly: boolean): string {
  return isCustomInSchema(name) ? `${developerOnly ? 'dev:' : ''}custom:${name}` : name;
}
