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

/** The name that users have the attribute under. */
export function attributeName(name: string, developerOnly: boolean): string {
  return isCustomInSchema(name) ? `${developerOnly ? 'dev:' : ''}custom:${name}` : name;
}
