import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Properties, RESOURCE_SERVER, USER_POOL, USER_POOL_CLIENT, USER_POOL_DOMAIN } from '../../cdk/pool-definition';
import { DescribedSchemaAttribute, schemaOf } from '../../cognito/schema';
import { PoolDefinitionFile } from '../../operations/pool-definition';

/**
 * Of a pool that DescribeUserPool answers: what is no setting, what no template can set, and what is in a template under another name. The rest is
 * as CloudFormation takes it; what this version does not know is said, as of a pool of the app.
 */
export const NOT_OF_POOL: readonly string[] = [
  'AcrConfiguration', 'Arn', 'CreationDate', 'CustomDomain', 'DcrConfiguration', 'DeletionProtection', 'Domain', 'EmailConfigurationFailure',
  'EstimatedNumberOfUsers', 'Id', 'LastModifiedDate', 'Name', 'SchemaAttributes', 'SmsConfigurationFailure', 'Status', 'UserPoolTags', 'UserPoolType',
];
/** Of a client: what is the pool's own, a date, or a secret. */
const NOT_OF_CLIENT: readonly string[] = ['ClientId', 'ClientSecret', 'CreationDate', 'LastModifiedDate', 'UserPoolId'];

type Nested = Readonly<Record<string, Properties | undefined>>;

/**
 * The resources that would have made a pool, in an app of their own that nobody synthesizes: a mirror reads the settings of an existing pool from
 * them as it reads those of a pool of the app.
 */
export function resourcesOfDescribed({ userPoolId, parts, clientsWithSecret }: PoolDefinitionFile): CfnResource {
  const stack = new Stack(new App({ analyticsReporting: false }), userPoolId, { stackName: 'Described' });
  const valueOf = (part: string) => parts.find(each => each.part === part)?.value as Properties | undefined;
  const settings = valueOf('pool')!;
  const pool = new CfnResource(stack, 'UserPool', { type: USER_POOL, properties: poolProperties(settings, valueOf('mfa') ?? {}) });
  const add = (type: string, id: string, properties: Properties) =>
    new CfnResource(stack, id, { type, properties }).addPropertyOverride('UserPoolId', pool.ref);
  const domain = settings.CustomDomain ?? settings.Domain;
  if (domain !== undefined) add(USER_POOL_DOMAIN, 'Domain', { Domain: domain });
  for (const { part, value } of parts) {
    const [kind, ...rest] = part.split('#');
    const id = rest.join('#');
    const described = value as Properties;
    if (kind === 'resource-server') add(RESOURCE_SERVER, `ResourceServer-${plain(id)}`, pick(described, ['Identifier', 'Name', 'Scopes']));
    if (kind !== 'client') continue;
    const properties = pick(described, Object.keys(described).filter(name => !NOT_OF_CLIENT.includes(name)));
    // Its name is that of the SSM parameter in which applications find the mirror's id: a client's own name may be any, and may be another one's.
    add(USER_POOL_CLIENT, `${plain(String(described.ClientName))}-${id}`, { ...properties, GenerateSecret: clientsWithSecret.includes(id) });
  }
  return pool;
}

function poolProperties(pool: Properties, mfa: Properties): Properties {
  const {
    SoftwareTokenMfaConfiguration: totp, SmsMfaConfiguration: sms, EmailMfaConfiguration: email, WebAuthnConfiguration: passkeys,
  } = mfa as Nested;
  const methods = [
    ...totp?.Enabled ? ['SOFTWARE_TOKEN_MFA'] : [], ...sms ? ['SMS_MFA'] : [], ...email ? ['EMAIL_OTP'] : [],
  ];
  const { UnusedAccountValidityDays: _old, ...creation } = (pool as Nested).AdminCreateUserConfig ?? {};
  return {
    ...pick(pool, Object.keys(pool).filter(name => !NOT_OF_POOL.includes(name))),
    UserPoolName: pool.Name,
    AdminCreateUserConfig: creation,
    Schema: schemaOf(pool.SchemaAttributes as DescribedSchemaAttribute[] ?? []),
    ...methods.length > 0 ? { EnabledMfas: methods } : {},
    ...pick({ EmailAuthenticationMessage: email?.Message, EmailAuthenticationSubject: email?.Subject }, [
      'EmailAuthenticationMessage', 'EmailAuthenticationSubject',
    ]),
    ...passkeys ? pick({
      WebAuthnFactorConfiguration: passkeys.FactorConfiguration,
      WebAuthnRelyingPartyID: passkeys.RelyingPartyId,
      WebAuthnUserVerification: passkeys.UserVerification,
    }, ['WebAuthnFactorConfiguration', 'WebAuthnRelyingPartyID', 'WebAuthnUserVerification']) : {},
  };
}

/** What is there of these, without lists that are empty: CloudFormation takes both kinds of names for given where one is. */
function pick(from: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(names.flatMap(name => {
    const value: unknown = from[name];
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name, value]];
  }));
}

function plain(text: string): string {
  return text.replace(/[^\w.-]/g, '-');
}
