import { IncomingHttpHeaders } from 'node:http';

/** The caller, as far as the gateway can tell. */
export interface Caller {
  /** `seed`: our seeding, free of quotas and of the rules about how users may be created. `other`: tests, the CDK CLI, the demo. */
  readonly kind: 'lambda' | 'role' | 'seed' | 'other';
  /** Present where a Lambda function calls. */
  readonly functionName?: string;
  readonly functionRegion?: string;
  /** Present where a service calls in a role that it was given. */
  readonly roleArn?: string;
}

/** A parsed call of an AWS API. */
export interface AwsRequest {
  /** Signing name of the service: `cognito-idp`, `dynamodb`, `states`, `s3`, ... */
  readonly service: string;
  /** Operation for the JSON and query protocols, otherwise `<METHOD> <path>`. */
  readonly operation: string;
  readonly region: string;
  readonly account: string;
  readonly caller: Caller;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty for calls that are streamed through. */
  readonly body: Buffer;
  /** The parsed JSON body or query parameters; parts may read it, not change it. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export const HEADER_CALLER = 'x-local-aws-caller';
/** The role that a service takes on for a call, such as that of a schedule. */
export const HEADER_ROLE = 'x-local-aws-role';
export const HEADER_SEED = 'x-local-aws-seed';
/** Says the Region of a call that is not signed (SignUp, InitiateAuth, ...). */
export const HEADER_REGION = 'x-local-aws-region';

const SERVICES_BY_TARGET: Record<string, string> = {
  AWSCognitoIdentityProviderService: 'cognito-idp',
  AWSStepFunctions: 'states',
  AmazonSSM: 'ssm',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
};

/** `undefined` where the head alone does not say; see {@link Gateway}. */
export interface RequestHead {
  readonly service?: string;
  readonly target?: string;
  readonly region?: string;
  readonly account?: string;
  readonly caller: Caller;
}

export function parseHead(url: string, headers: IncomingHttpHeaders): RequestHead {
  const credential = /Credential=([^/,\s]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '')
    ?? /[?&]X-Amz-Credential=([^/%&]+)(?:\/|%2F)\d+(?:\/|%2F)([^/%&]+)(?:\/|%2F)([^/%&]+)(?:\/|%2F)/i.exec(url);
  const [targetService, target] = header(headers, 'x-amz-target')?.split('.').slice(-2) ?? [];
  const [, accessKey, region, service] = credential ?? [];
  return {
    service: service ?? (targetService && SERVICES_BY_TARGET[targetService]),
    target,
    region: region ?? header(headers, HEADER_REGION),
    account: accessKey && /^\d{12}$/.test(accessKey) ? accessKey : undefined,
    caller: caller(headers),
  };
}

function caller(headers: IncomingHttpHeaders): Caller {
  if (headers[HEADER_SEED] !== undefined) {
    return { kind: 'seed' };
  }
  const roleArn = header(headers, HEADER_ROLE);
  if (roleArn !== undefined) {
    return { kind: 'role', roleArn };
  }
  const [functionRegion, functionName] = header(headers, HEADER_CALLER)?.split('/') ?? [];
  return functionName ? { kind: 'lambda', functionName, functionRegion } : { kind: 'other' };
}

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function parseInput(body: Buffer, contentType: string | undefined): Record<string, unknown> {
  const text = body.toString('utf8');
  if (contentType?.includes('x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

/** The Region in a user pool id, or in the issuer of an access token. */
export function regionInIds(input: Readonly<Record<string, unknown>>): string | undefined {
  const { UserPoolId: poolId, AccessToken: token } = input;
  if (typeof poolId === 'string' && poolId.includes('_')) {
    return poolId.split('_')[0];
  }
  return typeof token === 'string' ? poolOfToken(token)?.split('_')[0] : undefined;
}

/** The pool that issued a token; the signature is not checked. */
export function poolOfToken(token: string): string | undefined {
  return claimsOf(token)?.iss?.split('/').pop();
}

export function claimsOf(token: string): Record<string, string> | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, string>;
  } catch {
    return undefined;
  }
}

/** An answer in the shape of the JSON protocols, which Cognito, DynamoDB and Step Functions speak. */
export function jsonAnswer(status: number, content: object, errorType?: string): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', ...(errorType ? { 'x-amzn-errortype': errorType } : {}) },
    body: Buffer.from(JSON.stringify(content)),
  };
}

export function errorAnswer(type: string, message: string, status = 400): AwsAnswer {
  return jsonAnswer(status, { __type: type, message }, type);
}
