import { Part } from '../part';
import { attributesOf, Pools, PoolUser, subOf } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

interface Settings {
  readonly Enabled?: boolean;
  readonly PreferredMfa?: boolean;
}

const EMAIL = 'EMAIL_OTP';
/** The code that is "sent" by SMS to a user who signs in. */
export const SMS_CODE = '112233';

/**
 * MFA preferences: only of what the user has, and with the one for e-mail, which ministack forgets. A code by SMS is compared; the launcher asks for it.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html
 */
export class MfaRules implements Part {
  public readonly name = 'rules/mfa';
  public readonly standIn = 'an MFA preference needs an enrolled authenticator, a phone number or an e-mail address; keeps the preference for e-mail; '
    + `compares codes by SMS (${SMS_CODE})`;
  private readonly enrolled = new Set<string>();
  private readonly byEmail = new Map<string, { preferred: boolean }>();

  constructor(private readonly pools: Pools) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (isWrongSmsCode(request)) {
      return errorAnswer('CodeMismatchException', 'Invalid code or auth state for the user.');
    }
    if (!isPreference(request)) {
      return undefined;
    }
    const user = await this.pools.userOf(request);
    if (!user) {
      return undefined;
    }
    const attributes = attributesOf(user.UserAttributes);
    const wanted = (member: string) => (request.input[member] as Settings | undefined)?.Enabled === true;
    const impossible = wanted('SoftwareTokenMfaSettings') && !this.enrolled.has(subOf(user)) ? 'SOFTWARE_TOKEN_MFA'
      : wanted('SMSMfaSettings') && !attributes.phone_number ? 'SMS_MFA'
        : wanted('EmailMfaSettings') && !attributes.email ? EMAIL : undefined;
    return impossible && errorAnswer('InvalidParameterException', `User does not have delivery config set to turn on ${impossible}`);
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || answer.status >= 300) {
      return undefined;
    }
    if (isPreference(request)) {
      await this.keep(request);
    } else if (request.operation === 'VerifySoftwareToken') {
      const user = await this.pools.userOf(request);
      if (user) {
        this.enrolled.add(subOf(user));
      }
    } else if (['AdminGetUser', 'GetUser'].includes(request.operation)) {
      return this.shown(answer);
    }
    return undefined;
  }

  /** Whether a user gets codes by e-mail at sign-in. */
  public usesEmail(sub: string): boolean {
    return this.byEmail.has(sub);
  }

  private async keep(request: AwsRequest): Promise<void> {
    const user = await this.pools.userOf(request);
    if (!user) {
      return;
    }
    const sub = subOf(user);
    const email = request.input.EmailMfaSettings as Settings | undefined;
    const other = ['SoftwareTokenMfaSettings', 'SMSMfaSettings'].some(member => (request.input[member] as Settings | undefined)?.PreferredMfa);
    const known = this.byEmail.get(sub);
    if (email?.Enabled === false) {
      this.byEmail.delete(sub);
    } else if (email?.Enabled || known) {
      this.byEmail.set(sub, { preferred: email?.PreferredMfa ?? (known?.preferred === true && !other) });
    }
  }

  private shown(answer: AwsAnswer): AwsAnswer | void {
    const user = JSON.parse(answer.body.toString('utf8')) as PoolUser;
    const email = this.byEmail.get(subOf(user));
    const settings = [...user.UserMFASettingList ?? [], ...email ? [EMAIL] : []];
    const preferred = email?.preferred ? EMAIL : user.PreferredMfaSetting;
    // AWS leaves out what was never set.
    const { UserMFASettingList: _, PreferredMfaSetting: __, ...rest } = user;
    return jsonAnswer(answer.status, {
      ...rest, ...settings.length > 0 ? { UserMFASettingList: settings } : {}, ...preferred ? { PreferredMfaSetting: preferred } : {},
    });
  }
}

function isWrongSmsCode({ service, operation, input }: AwsRequest): boolean {
  return service === 'cognito-idp' && ['RespondToAuthChallenge', 'AdminRespondToAuthChallenge'].includes(operation) && input.ChallengeName === 'SMS_MFA'
    && (input.ChallengeResponses as Record<string, string> | undefined)?.SMS_MFA_CODE !== SMS_CODE;
}

function isPreference(request: AwsRequest): boolean {
  return request.service === 'cognito-idp' && ['AdminSetUserMFAPreference', 'SetUserMFAPreference'].includes(request.operation);
}
