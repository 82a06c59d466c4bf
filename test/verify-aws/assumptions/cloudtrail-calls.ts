import {
  AdminAddUserToGroupCommand, AdminConfirmSignUpCommand, AdminCreateUserCommand, AdminDeleteSoftwareTokenCommand, AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand, AdminDisableProviderForUserCommand, AdminDisableUserCommand, AdminEnableUserCommand, AdminInitiateAuthCommand,
  AdminLinkProviderForUserCommand,
  AdminRemoveUserFromGroupCommand, AdminResetUserPasswordCommand, AdminRespondToAuthChallengeCommand, AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand, AdminSetUserSettingsCommand, AdminUpdateUserAttributesCommand, AssociateSoftwareTokenCommand, CreateGroupCommand,
  CreateIdentityProviderCommand, DeleteGroupCommand, DeleteUserAttributesCommand, DeleteUserCommand, InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SetUserMFAPreferenceCommand, SetUserSettingsCommand, SignUpCommand, UpdateGroupCommand, UpdateUserAttributesCommand, VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { About } from './event-shape';
import { totp } from '../../local-aws/seed/totp';
import { listOf, PASSWORD, valueOf } from '../people';
import { once, Port } from '../port';

/** A call whose event is waited for. */
export interface MadeCall {
  /** Beside the pool and the client, which are the same for all. */
  readonly about: Partial<About>;
  readonly calledAt: number;
  /** CloudTrail repeats it. */
  readonly requestId?: string;
  /** Name of the error where the call failed. */
  readonly error?: string;
}

const TEMPORARY_PASSWORD = 'Verify-0-temporary';
const GROUP = 'verify-events';
const PROVIDER = 'VerifyProvider';
const NEW_PASSWORD = 'NEW_PASSWORD_REQUIRED';
/** The call that is refused: the user is nobody. */
export const REFUSED = 'AdminDisableUser (refused)';

/** Calls every operation whose event is assumed to look in some way, once, on the probe pool. A call that fails takes with it those that need it. */
export const madeCalls = once(async (port: Port): Promise<ReadonlyMap<string, MadeCall>> => new Calls(port).make());

class Calls {
  private readonly made = new Map<string, MadeCall>();

  constructor(private readonly port: Port) {}

  public async make(): Promise<ReadonlyMap<string, MadeCall>> {
    const admin = await this.administered();
    await this.groups(admin.address, admin.sub);
    await this.providers(admin.address, admin.sub);
    await this.byToken();
    await this.signUp();
    await this.refused();
    // At the end: nobody signs in any more.
    const one = { UserPoolId: this.pool, Username: admin.address };
    await this.call('AdminResetUserPassword', admin, () => this.cognito.send(new AdminResetUserPasswordCommand(one)));
    await this.call('AdminDeleteUser', admin, () => this.cognito.send(new AdminDeleteUserCommand(one)));
    return this.made;
  }

  private async administered(): Promise<{ address: string; sub?: string }> {
    const { cognito } = this;
    const admin = await this.create('event-admin', 'AdminCreateUser');
    const one = { UserPoolId: this.pool, Username: admin.address };
    const session = await this.sessionOf(() => cognito.send(new AdminInitiateAuthCommand({
      UserPoolId: this.pool, ClientId: this.client, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: admin.address, PASSWORD: TEMPORARY_PASSWORD },
    })));
    await this.call('AdminRespondToAuthChallenge', { ...admin, challengeName: NEW_PASSWORD }, () => cognito.send(new AdminRespondToAuthChallengeCommand({
      UserPoolId: this.pool,
      ClientId: this.client,
      ChallengeName: NEW_PASSWORD,
      Session: session,
      ChallengeResponses: { USERNAME: admin.address, NEW_PASSWORD: PASSWORD },
    })));
    await this.call('AdminSetUserPassword', admin, () => cognito.send(new AdminSetUserPasswordCommand({ ...one, Password: PASSWORD, Permanent: true })));
    await this.call('AdminUpdateUserAttributes', admin, () => cognito.send(new AdminUpdateUserAttributesCommand({
      ...one, UserAttributes: listOf({ 'custom:note': 'one' }),
    })));
    await this.call('AdminDeleteUserAttributes', admin, () => cognito.send(new AdminDeleteUserAttributesCommand({ ...one, UserAttributeNames: ['custom:note'] })));
    await this.call('AdminSetUserSettings', admin, () => cognito.send(new AdminSetUserSettingsCommand({ ...one, MFAOptions: [] })));
    await this.call('AdminDisableUser', admin, () => cognito.send(new AdminDisableUserCommand(one)));
    await this.call('AdminEnableUser', admin, () => cognito.send(new AdminEnableUserCommand(one)));
    return admin;
  }

  private async groups(address: string, sub?: string): Promise<void> {
    const { cognito } = this;
    const group = { UserPoolId: this.pool, GroupName: GROUP };
    const user = { address, sub };
    await this.call('CreateGroup', { groupName: GROUP }, () => cognito.send(new CreateGroupCommand(group)));
    await this.call('UpdateGroup', { groupName: GROUP }, () => cognito.send(new UpdateGroupCommand({ ...group, Description: 'Verification' })));
    await this.call('AdminAddUserToGroup', { ...user, groupName: GROUP }, () => cognito.send(new AdminAddUserToGroupCommand({ ...group, Username: address })));
    await this.call('AdminRemoveUserFromGroup', { ...user, groupName: GROUP }, () => cognito.send(new AdminRemoveUserFromGroupCommand({ ...group, Username: address })));
    await this.call('DeleteGroup', { groupName: GROUP }, () => cognito.send(new DeleteGroupCommand(group)));
  }

  /** Nobody ever asks the provider anything: all of its addresses are given, so that Cognito does not look for them. */
  private async providers(address: string, sub?: string): Promise<void> {
    const { cognito } = this;
    const identity = { ProviderName: PROVIDER, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: `${this.port.names.run}-subject` };
    const user = { address, sub };
    await this.call('AdminLinkProviderForUser', user, async () => {
      const at = (path: string) => `https://example.com/${path}`;
      await cognito.send(new CreateIdentityProviderCommand({
        UserPoolId: this.pool,
        ProviderName: PROVIDER,
        ProviderType: 'OIDC',
        ProviderDetails: {
          client_id: 'verify',
          client_secret: 'verify',
          oidc_issuer: 'https://example.com',
          attributes_request_method: 'GET',
          authorize_scopes: 'openid',
          authorize_url: at('authorize'),
          token_url: at('token'),
          attributes_url: at('attributes'),
          jwks_uri: at('jwks'),
        },
      }));
      return cognito.send(new AdminLinkProviderForUserCommand({
        UserPoolId: this.pool, SourceUser: identity, DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: sub ?? address },
      }));
    });
    await this.call('AdminDisableProviderForUser', user, () => cognito.send(new AdminDisableProviderForUserCommand({ UserPoolId: this.pool, User: identity })));
  }

  /** What users do themselves, with the token of a sign-in. */
  private async byToken(): Promise<void> {
    const { cognito } = this;
    const user = await this.create('event-user');
    const session = await this.sessionOf(() => cognito.send(new InitiateAuthCommand({
      ClientId: this.client, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: user.address, PASSWORD: TEMPORARY_PASSWORD },
    })));
    const signedIn = await this.call('RespondToAuthChallenge', { ...user, challengeName: NEW_PASSWORD }, () => cognito.send(new RespondToAuthChallengeCommand({
      ClientId: this.client, ChallengeName: NEW_PASSWORD, Session: session, ChallengeResponses: { USERNAME: user.address, NEW_PASSWORD: PASSWORD },
    })));
    const AccessToken = signedIn?.AuthenticationResult?.AccessToken;
    await this.call('UpdateUserAttributes', user, () => cognito.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: listOf({ name: 'Verify' }) })));
    await this.call('DeleteUserAttributes', user, () => cognito.send(new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames: ['name'] })));
    await this.call('SetUserSettings', user, () => cognito.send(new SetUserSettingsCommand({ AccessToken, MFAOptions: [] })));
    await this.call('VerifySoftwareToken', user, async () => {
      const { SecretCode: secret } = await cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
      return cognito.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: totp(secret!, Date.now()) }));
    });
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
    await this.call('SetUserMFAPreference', user, () => cognito.send(new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings })));
    const one = { UserPoolId: this.pool, Username: user.address };
    await this.call('AdminSetUserMFAPreference', user, () => cognito.send(new AdminSetUserMFAPreferenceCommand({
      ...one, SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false },
    })));
    await this.call('AdminDeleteSoftwareToken', user, () => cognito.send(new AdminDeleteSoftwareTokenCommand(one)));
    await this.call('DeleteUser', user, () => cognito.send(new DeleteUserCommand({ AccessToken })));
  }

  private async signUp(): Promise<void> {
    const address = this.port.people.address('event-sign-up');
    const sign = () => this.cognito.send(new SignUpCommand({
      ClientId: this.client, Username: address, Password: PASSWORD, UserAttributes: listOf({ 'email': address, 'custom:tenant': 'verify' }),
    }));
    // Before the call nobody knows the sub; the event comes later.
    const about: { address: string; sub?: string } = { address };
    const answer = await this.call('SignUp', about, sign);
    about.sub = answer?.UserSub;
    this.port.people.remember(about.sub);
    await this.call('AdminConfirmSignUp', about, () => this.cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: this.pool, Username: address })));
  }

  private async refused(): Promise<void> {
    const address = this.port.people.address('event-nobody');
    await this.call(REFUSED, { address }, () => this.cognito.send(new AdminDisableUserCommand({ UserPoolId: this.pool, Username: address })));
  }

  /** @param name of the call, where its event is waited for */
  private async create(tag: string, name?: string): Promise<{ address: string; sub?: string }> {
    const user: { address: string; sub?: string } = { address: this.port.people.address(tag) };
    const create = () => this.cognito.send(new AdminCreateUserCommand({
      UserPoolId: this.pool,
      Username: user.address,
      MessageAction: 'SUPPRESS',
      TemporaryPassword: TEMPORARY_PASSWORD,
      UserAttributes: listOf({ 'email': user.address, 'email_verified': 'true', 'custom:tenant': 'verify' }),
    }));
    const answer = name ? await this.call(name, user, create) : await create();
    user.sub = valueOf(answer?.User?.Attributes, 'sub');
    this.port.people.remember(user.sub);
    return user;
  }

  private async sessionOf(start: () => Promise<{ Session?: string }>): Promise<string | undefined> {
    try {
      return (await start()).Session;
    } catch {
      // The call that needs the session fails, and says so.
      return undefined;
    }
  }

  /** @param about kept as it is: the caller may learn the sub from the answer */
  private async call<T extends { $metadata: { requestId?: string } }>(
    name: string, about: Partial<About>, send: () => Promise<T>,
  ): Promise<T | undefined> {
    const calledAt = Date.now();
    try {
      const answer = await send();
      this.made.set(name, { about, calledAt, requestId: answer.$metadata.requestId });
      return answer;
    } catch (error) {
      const { name: errorName, $metadata } = error as Error & { $metadata?: { requestId?: string } };
      this.made.set(name, { about, calledAt, requestId: $metadata?.requestId, error: errorName });
      return undefined;
    }
  }

  private get cognito() {
    return this.port.source.cognito;
  }

  private get pool(): string {
    return this.port.deployed.probePool;
  }

  private get client(): string {
    return this.port.deployed.probeClient;
  }
}
