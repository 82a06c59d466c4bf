import { AwsRequest, header } from '../request';

/** A role that somebody has taken on: its policies decide. */
export interface RoleSession {
  readonly roleArn: string;
  /** As the caller shows in `assumed-role/<role>/<session>`: a function's name. */
  readonly sessionName: string;
  /** Where a function calls. */
  readonly functionArn?: string;
}

/** A service that calls for a resource of somebody's: a rule, a user pool. Resource policies decide. */
export interface ServiceCaller {
  /** `events.amazonaws.com` */
  readonly service: string;
  /** Absent where the service does not say for what it calls. */
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

export type Principal = RoleSession | ServiceCaller;

const SESSION_TOKEN = 'local-aws.';

/**
 * The role whose credentials signed a call, as `ministack_iam.py` gave them to a function: the session token names it, as it does on AWS, though
 * there nobody else can read it. The access key is the account's in every case: that is how ministack knows the account.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
export function sessionOf(request: AwsRequest): RoleSession | undefined {
  const token = header(request.headers, 'x-amz-security-token') ?? new URL(request.url, 'http://localhost').searchParams.get('X-Amz-Security-Token') ?? '';
  return token.startsWith(SESSION_TOKEN)
    ? JSON.parse(Buffer.from(token.slice(SESSION_TOKEN.length), 'base64url').toString('utf8')) as RoleSession
    : undefined;
}

/** Credentials of a role that somebody has taken on; the other half of {@link sessionOf}. */
export function sessionToken(session: RoleSession): string {
  return SESSION_TOKEN + Buffer.from(JSON.stringify(session)).toString('base64url');
}

export function principalArn(principal: Principal): string {
  if ('service' in principal) {
    return principal.service;
  }
  const [, partition, , , account, role] = principal.roleArn.split(':');
  return `arn:${partition}:sts::${account}:assumed-role/${role.split('/').pop()!}/${principal.sessionName}`;
}
