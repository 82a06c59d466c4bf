import { Part } from './part';
import { attributesOf } from './pools';
import { AwsRequest } from './request';

export interface Violation {
  readonly operation: string;
  readonly region: string;
  readonly caller: string;
  readonly what: string;
}

const MESSAGES_TO_USERS = new Set(['AdminResetUserPassword', 'ForgotPassword', 'ResendConfirmationCode', 'GetUserAttributeVerificationCode']);

/** What AWS allows and we do not: a backup or a restore sends no user a message, and no user's identity back. */
export class Violations implements Part {
  public readonly name = 'violations';
  public readonly found: Violation[] = [];

  public before(request: AwsRequest): void {
    if (request.service !== 'cognito-idp' || request.caller.kind === 'seed') {
      return;
    }
    if (request.operation === 'AdminCreateUser') {
      if (request.input.MessageAction !== 'SUPPRESS') {
        this.add(request, 'without MessageAction SUPPRESS: the user gets an invitation');
      }
      const names = Object.keys({ ...attributesOf(request.input.UserAttributes), ...attributesOf(request.input.ValidationData) });
      names.filter(name => name === 'sub' || name === 'identities' || name.startsWith('cognito:')).forEach(name => this.add(request, `with the attribute ${name}`));
    }
    if (request.caller.kind === 'lambda' && MESSAGES_TO_USERS.has(request.operation)) {
      this.add(request, 'sends a message to a user');
    }
  }

  private add(request: AwsRequest, what: string): void {
    const caller = request.caller.functionName ?? request.caller.kind;
    this.found.push({ operation: request.operation, region: request.region, caller, what });
  }
}
