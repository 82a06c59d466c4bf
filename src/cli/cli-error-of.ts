import { CliError, EXIT } from './cli-error';
import { errorName } from '../runtime/error-name';

const DARK = ['TimeoutError', 'NetworkingError', 'ConnectTimeoutError', 'AggregateError'];

/** What an error of AWS means to who typed the command. */
const SENTENCES: readonly { readonly names: readonly string[]; readonly code: string; readonly sentence: string }[] = [
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
    names: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'],
    code: 'access-denied',
    sentence: 'AWS denies the call to these credentials: dr.grantStatus, grantRead and grantOperate give what the commands need',
  },
  {
    names: DARK,
    code: 'region-dark',
    sentence: 'the Region does not answer: name the other one with --region',
  },
];

export function cliErrorOf(error: unknown): CliError {
  const name = errorName(error);
  const known = SENTENCES.find(({ names }) => names.includes(name)) ?? (isConnection(error) ? SENTENCES.at(-1) : undefined);
  if (known) return new CliError(EXIT.FAILED, known.code, known.sentence);
  return new CliError(EXIT.FAILED, 'unexpected', `${name}: ${error instanceof Error ? error.message : 'a value that is not an Error was thrown'}`);
}

/** Whether nobody answered. */
export function isConnection(error: unknown): boolean {
  if (DARK.includes(errorName(error))) return true;
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'].includes(code);
}
