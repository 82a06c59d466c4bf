import { CfnResource, Stack } from 'aws-cdk-lib';
import { PRIMARY } from './templates';
import { Properties, resourcesOf, templateProperties, USER_POOL_CLIENT, USER_POOL_DOMAIN } from '../../src/cdk/pool-definition';
import { attributeName, SchemaAttribute } from '../../src/cognito/schema';
import { PoolDefinitionFile } from '../../src/operations/pool-definition';

export const DESCRIBED_POOL = `${PRIMARY}_AbCdEfGhI`;

/** What only CloudFormation fills in is some ARN: a description has values. */
function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  const [[name] = [''], ...others] = Object.entries(value);
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return `arn:aws:lambda:${PRIMARY}:111122223333:function:x`;
  return Object.fromEntries(Object.entries(value).map(([each, inner]) => [each, filledIn(inner)]));
}

const propertiesOf = (resource: CfnResource) => filledIn(Stack.of(resource).resolve(templateProperties(resource))) as Properties;

/** The file that `pool-definition` would write of a pool that an app defines, once it is deployed. */
export function describedPool(pool: CfnResource): PoolDefinitionFile {
  const {
    UserPoolName, Schema = [], EnabledMfas = [], EmailAuthenticationMessage, EmailAuthenticationSubject, WebAuthnRelyingPartyID,
    WebAuthnUserVerification, WebAuthnFactorConfiguration, ...settings
  } = propertiesOf(pool);
  const of = (type: string) => resourcesOf(pool.node.root, pool, type).map(propertiesOf);
  const [domain] = of(USER_POOL_DOMAIN);
  const mfas = EnabledMfas as string[];
  const value = {
    Id: DESCRIBED_POOL,
    Name: UserPoolName ?? 'users',
    // As Cognito answers of what nobody set.
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    KeyConfiguration: { KeyType: 'AWS_OWNED_KEY' },
    LambdaConfig: {},
    ...settings,
    ...domain && { [domain.CustomDomainConfig ? 'CustomDomain' : 'Domain']: domain.Domain },
    SchemaAttributes: (Schema as SchemaAttribute[]).map(each => ({ ...each, Name: attributeName(each.Name!, each.DeveloperOnlyAttribute === true) })),
  };
  const mfa = {
    ...mfas.includes('SOFTWARE_TOKEN_MFA') && { SoftwareTokenMfaConfiguration: { Enabled: true } },
    ...mfas.includes('SMS_MFA') && { SmsMfaConfiguration: { SmsConfiguration: settings.SmsConfiguration } },
    ...mfas.includes('EMAIL_OTP') && { EmailMfaConfiguration: { Message: EmailAuthenticationMessage, Subject: EmailAuthenticationSubject } },
    ...WebAuthnRelyingPartyID !== undefined && {
      WebAuthnConfiguration: {
        RelyingPartyId: WebAuthnRelyingPartyID, UserVerification: WebAuthnUserVerification, FactorConfiguration: WebAuthnFactorConfiguration,
      },
    },
  };
  const clients = of(USER_POOL_CLIENT).map((client, index) => ({ part: `client#${index}`, value: { ClientName: `web${index}`, ...client, ClientId: `${index}` } }));
  return { schemaVersion: 1, userPoolId: DESCRIBED_POOL, clientsWithSecret: [], parts: [{ part: 'pool', value }, { part: 'mfa', value: mfa }, ...clients] };
}
