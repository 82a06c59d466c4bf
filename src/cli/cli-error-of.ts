import { CliError, EXIT, ExitCode } from './cli-error';
import { isThrottling } from '../cognito/refusals';
import { SECRET_ACTIONS } from '../operations/permissions';
import { errorName } from '../runtime/error-name';

const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
const DARK = ['TimeoutError', 'NetworkingError', 'ConnectTimeoutError', 'AggregateError'];

/** What an error of AWS means to who typed the command. */
const SENTENCES: readonly { readonly names: readonly string[]; readonly code: string; readonly sentence: string; readonly exit?: ExitCode }[] = [
  {
    names: ['CredentialsProviderError'],
    code: 'no-credentials',
    sentence: 'no AWS credentials were found: log in, or name a profile with --profile',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'],
    code: 'expired-credentials',
    sentence: 'the AWS credentials have expired: log in again',
  },
  {
    names: ['InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidSignatureException', 'SignatureDoesNotMatch'],
    code: 'invalid-credentials',
    sentence: 'AWS does not accept the credentials: name a profile with --profile, or log in again',
  },
  {
    names: DENIED,
    code: 'access-denied',
    sentence: 'AWS denies the call to these credentials: dr.grantStatus, grantRead and grantOperate give what the commands need',
  },
  {
    names: ['ExecutionDoesNotExist', 'InvalidArn'],
    code: 'no-execution',
    sentence: 'there is no such execution: `list runs --since 7d` names those of a week',
    exit: EXIT.NOT_FOUND,
  },
  {
    names: DARK,
    code: 'region-dark',
    sentence: 'the Region does not answer: name the other one with --region',
  },
];

export function cliErrorOf(error: unknown): CliError {
  const name = errorName(error);
  const denied = deniedAction(error);
  if (denied !== undefined && SECRET_ACTIONS.includes(denied)) {
    return new CliError(EXIT.FAILED, 'access-denied', `AWS denies ${denied} to these credentials: its answer has secrets, and no grant of this `
      + 'library gives it; allow it on the pool in a policy of your own');
  }
  const known = SENTENCES.find(({ names }) => names.includes(name)) ?? (isConnection(error) ? SENTENCES.at(-1) : undefined);
  if (known) {
    const sentence = denied === undefined ? known.sentence : known.sentence.replace('denies the call', `denies ${denied}`);
    return new CliError(known.exit ?? EXIT.FAILED, known.code, sentence);
  }
  return new CliError(EXIT.FAILED, 'unexpected', `${name}: ${error instanceof Error ? error.message : 'a value that is not an Error was thrown'}`);
}

/** The action that AWS denies, as its message names it; the rest of that names accounts and users. */
function deniedAction(error: unknown): string | undefined {
  if (!(error instanceof Error) || !DENIED.includes(errorName(error))) return undefined;
  return /\bperform: ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(error.message)?.[1];
}

/** Whether the same call may be answered a moment later. */
export function isPassing(error: unknown): boolean {
  const { httpStatusCode: status = 0 } = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata ?? {};
  return isConnection(error) || isThrottling(error) || status === 429 || status >= 500;
}

/** Whether nobody answered. */
export function isConnection(error: unknown): boolean {
  if (DARK.includes(errorName(error))) return true;
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'].includes(code);
}
