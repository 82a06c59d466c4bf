import { AdminInitiateAuthCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { SourceDirectory } from '../source-directory';
import { logError } from './trigger-clients.lambda-shared';
import { PasswordOwner } from './user-migration';
import { isException } from '../../cognito/refusals';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { limitedTo } from '../../runtime/call-limits';

/** The password was right, and a second factor is next: the standby asks for its own. */
const RIGHT = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP'];
/** With a cold start, still within Cognito's five seconds. */
const LIMITS = limitedTo({ attempts: 1, connection: 700, answer: 2_000 });

/** Asks the source pool whose password it is, as long as its Region answers. */
export class SourcePasswords {
  private client?: Promise<{ userPoolId: string; clientId: string; cognito: CognitoIdentityProviderClient } | undefined>;

  constructor(
    private readonly ledger: Pick<DynamoDbLedgerStore, 'poolParts'>,
    private readonly directory: SourceDirectory,
    private readonly clientName: string,
  ) {}

  /** The user whom the source pool lets in; undefined where it lets in nobody, or does not say who it is. */
  public async userOf(typed: string, password: string): Promise<PasswordOwner | undefined> {
    try {
      const client = await (this.client ??= this.find());
      if (!client) {
        this.client = undefined;
        return undefined;
      }
      const answer = await client.cognito.send(new AdminInitiateAuthCommand({
        UserPoolId: client.userPoolId,
        ClientId: client.clientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: typed, PASSWORD: password },
      }));
      const { AuthenticationResult: tokens, ChallengeName: challenge, ChallengeParameters: parameters } = answer;
      if (tokens) return ownerOfToken(tokens.AccessToken ?? tokens.IdToken);
      const username = challenge !== undefined && RIGHT.includes(challenge) ? parameters?.USER_ID_FOR_SRP : undefined;
      return username ? { username } : undefined;
    } catch (error) {
      // The client was made anew since.
      if (isException(error, 'ResourceNotFoundException')) this.client = undefined;
      // A wrong password and an unknown user are expected; all else is logged.
      if (!isException(error, 'NotAuthorizedException', 'UserNotFoundException')) logError('password not checked', error);
      return undefined;
    }
  }

  /** Only the source's Region knows the client's id; here it comes from what a sweep copied. */
  private async find() {
    try {
      return await this.read();
    } catch (error) {
      logError('client for passwords not read', error);
      return undefined;
    }
  }

  private async read() {
    const source = await this.directory.source();
    if (!source) return undefined;
    const parts = await this.ledger.poolParts(source.poolId);
    const client = parts.find(({ deletedAt, part, value }) =>
      deletedAt === undefined && part.startsWith('client#') && (value as { ClientName?: string }).ClientName === this.clientName);
    return client && {
      userPoolId: source.poolId,
      clientId: client.part.slice('client#'.length),
      cognito: new CognitoIdentityProviderClient({ ...LIMITS, region: source.poolId.split('_')[0] }),
    };
  }
}

/** The token comes from Cognito itself, over the connection of the call: only its content is of interest. */
function ownerOfToken(token = ''): PasswordOwner | undefined {
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}') as { sub?: unknown };
  return typeof sub === 'string' && sub !== '' ? { sub } : undefined;
}
