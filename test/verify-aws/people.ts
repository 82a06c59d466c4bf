import {
  AdminCreateUserCommand, AdminInitiateAuthCommand, AdminSetUserPasswordCommand, AttributeType, AuthenticationResultType,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';

export const PASSWORD = 'Verify-1-password';

/** A user that the run made. */
export interface Person {
  readonly poolId: string;
  readonly address: string;
  readonly sub: string;
}

/** Users of the run. All of their addresses are SES's mailbox simulator: whatever Cognito sends is accepted and thrown away. */
export class People {
  private readonly known = new Set<string>();

  constructor(private readonly cognito: CognitoIdentityProviderClient, private readonly run: string) {}

  /** @param tag tells the run's users apart, in events of triggers too */
  public address(tag: string): string {
    return `success+${this.run}-${tag}@simulator.amazonses.com`;
  }

  /** Every `sub` so far: whose events are the run's. */
  public get subs(): ReadonlySet<string> {
    return this.known;
  }

  public remember(sub: string | undefined): void {
    if (sub) this.known.add(sub);
  }

  /** Somebody who may sign in: CONFIRMED, with a verified address. */
  public async confirmed(poolId: string, tag: string, attributes: Record<string, string> = {}): Promise<Person> {
    const person = await this.created(poolId, tag, attributes);
    await this.cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: poolId, Username: person.address, Password: PASSWORD, Permanent: true }));
    return person;
  }

  /** As an administrator makes somebody: FORCE_CHANGE_PASSWORD. */
  public async created(poolId: string, tag: string, attributes: Record<string, string> = {}, temporaryPassword?: string): Promise<Person> {
    const address = this.address(tag);
    const { User: user } = await this.cognito.send(new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: address,
      MessageAction: 'SUPPRESS',
      TemporaryPassword: temporaryPassword,
      UserAttributes: listOf({ 'email': address, 'email_verified': 'true', 'custom:tenant': 'verify', ...attributes }),
    }));
    const sub = valueOf(user?.Attributes, 'sub')!;
    this.remember(sub);
    return { poolId, address, sub };
  }

  public async signIn(poolId: string, clientId: string, username: string): Promise<AuthenticationResultType> {
    const { AuthenticationResult: tokens, ChallengeName: challenge } = await this.cognito.send(new AdminInitiateAuthCommand({
      UserPoolId: poolId, ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD },
    }));
    if (!tokens) throw new Error(`the sign-in was answered with the challenge ${challenge}`);
    return tokens;
  }
}

export function listOf(attributes: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}

export function valueOf(attributes: readonly AttributeType[] | undefined, name: string): string | undefined {
  return attributes?.find(attribute => attribute.Name === name)?.Value;
}
