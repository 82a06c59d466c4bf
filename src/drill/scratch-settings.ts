import { DRILL_TAG } from './constants';
import { DescribedAttribute, DescribedUserPool } from '../cognito/pool-settings';
import { DescribedSchemaAttribute, isCustomName, schemaOf } from '../cognito/schema';
import { CUSTOM_SOURCE_SUB, SOURCE_SUB_ATTRIBUTE } from '../cognito/source-sub';

/** The part `pool` of the ledger's configuration: DescribeUserPool's answer, as it was. */
export interface CapturedPool extends Omit<DescribedUserPool, 'SchemaAttributes' | 'LambdaConfig'> {
  readonly SchemaAttributes?: readonly DescribedSchemaAttribute[];
  readonly [setting: string]: unknown;
}

/** What DescribeUserPool says of a pool that was made for a drill. */
export interface DescribedScratchPool {
  readonly Id?: string;
  readonly Name?: string;
  readonly UserPoolTags?: Readonly<Record<string, string>>;
  readonly AutoVerifiedAttributes?: readonly string[];
  readonly CreationDate?: Date | string;
  readonly CustomDomain?: string;
  readonly Domain?: string;
  readonly EmailConfiguration?: { readonly EmailSendingAccount?: string; readonly SourceArn?: string };
  readonly LambdaConfig?: object;
  readonly MfaConfiguration?: string;
  readonly SmsConfiguration?: { readonly SnsCallerArn?: string };
  readonly SchemaAttributes?: readonly DescribedAttribute[];
}

/** Of a pool that a drill makes: nobody can mistake it. */
export interface ScratchName {
  /** Name of the drill's state machine. */
  readonly owner: string;
  /** Name of the pool: the owner's and the drill's. */
  readonly name: string;
}

/** Fixed when a pool is created, or what decides how users are made in it and sign in. */
const KEPT = ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration', 'UserPoolTier'] as const;
/** Of the policies, what a password and a sign-in have to be; not how many old passwords are remembered. */
const KEPT_POLICIES = ['PasswordPolicy', 'SignInPolicy'] as const;
/** What says nothing about how the pool works, or is the drill's own. */
const NO_SETTINGS = [
  'Arn', 'CreationDate', 'DeletionProtection', 'EstimatedNumberOfUsers', 'Id', 'LastModifiedDate', 'Name', 'Policies', 'SchemaAttributes', 'Status',
  'UserPoolTags', 'UserPoolType',
];
/** As Cognito has them where nothing was set: leaving them out changes nothing. */
const NOTHING_SET: Readonly<Record<string, unknown>> = {
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
  EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
  MfaConfiguration: 'OFF',
  VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
};
/** Cognito's limit for one user pool. */
const MOST_CUSTOM_ATTRIBUTES = 50;

/**
 * The request that makes a pool in which the source's users can be made, and from which nothing can reach anybody: no trigger, no sender, no domain,
 * no role for text messages, no second factor, no code for a new password. `leftOut`: settings of the source that it has not.
 */
export function scratchSettings(
  captured: CapturedPool, { owner, name }: ScratchName,
): { readonly request: Readonly<Record<string, unknown>>; readonly leftOut: readonly string[] } {
  const policies = (captured.Policies ?? {}) as Readonly<Record<string, unknown>>;
  const kept = KEPT.filter(setting => isSet(captured[setting]));
  return {
    request: {
      ...Object.fromEntries(kept.map(setting => [setting, captured[setting]])),
      PoolName: name,
      Policies: Object.fromEntries(KEPT_POLICIES.filter(policy => isSet(policies[policy]) && !isPasswordAlone(policies[policy]))
        .map(policy => [policy, policies[policy]])),
      Schema: markedSchema(captured.SchemaAttributes ?? []),
      MfaConfiguration: 'OFF',
      AutoVerifiedAttributes: [],
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'INACTIVE',
      UserPoolTags: { [DRILL_TAG]: owner },
    },
    leftOut: Object.keys(captured).filter(setting => !(KEPT as readonly string[]).includes(setting) && !NO_SETTINGS.includes(setting)
      && isSet(captured[setting]) && JSON.stringify(captured[setting]) !== JSON.stringify(NOTHING_SET[setting])).sort(),
  };
}

/** Whether a drill of this owner made the pool: by its tag, which nobody else may give on its behalf, and by its name. */
export function isScratchPool({ Name: name = '', UserPoolTags: tags = {} }: DescribedScratchPool, owner: string): boolean {
  return tags[DRILL_TAG] === owner && isScratchName(name, owner);
}

function isScratchName(name: string, owner: string): boolean {
  return name.startsWith(`${owner}-`) && name.length > owner.length + 1;
}

/** With room for who the users are in the source. */
function markedSchema(attributes: readonly DescribedSchemaAttribute[]): object[] {
  const custom = attributes.filter(({ Name: name = '' }) => isCustomName(name));
  const marked = custom.some(({ Name: name }) => name === CUSTOM_SOURCE_SUB) || custom.length >= MOST_CUSTOM_ATTRIBUTES;
  return [...marked ? [] : [{ Name: SOURCE_SUB_ATTRIBUTE, AttributeDataType: 'String', Mutable: false }], ...schemaOf(attributes)];
}

/** As where no such policy was set, which a pool of the plan Lite does not take. */
function isPasswordAlone(policy: unknown): boolean {
  return JSON.stringify(policy) === JSON.stringify({ AllowedFirstAuthFactors: ['PASSWORD'] });
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'object' && Object.keys(value).length === 0);
}
