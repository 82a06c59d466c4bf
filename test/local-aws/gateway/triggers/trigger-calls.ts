import { Backend } from '../backend';
import { Iam } from '../iam/iam';
import { Outage } from '../outage';
import { regionOf } from '../pools';

/** Cognito waits no longer for any trigger. */
const LIMIT_MS = 5_000;
/** What Cognito gives as the app client of an administrator's call. */
export const NO_CLIENT = 'CLIENT_ID_NOT_APPLICABLE';

export interface TriggerInvocation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly userPoolId: string;
  readonly region: string;
  /** Slot of the pool's LambdaConfig: `PostConfirmation`, `UserMigration`, ... */
  readonly trigger: string;
  readonly triggerSource: string;
  readonly functionName: string;
  readonly userName: string;
  readonly durationMs: number;
  readonly outcome: 'answered' | 'failed' | 'timed out' | 'invalid answer';
  /** The message that the user got where the trigger failed. */
  readonly message?: string;
}

export interface TriggerCall {
  readonly userPoolId: string;
  readonly trigger: string;
  readonly triggerSource: string;
  readonly functionArn: string;
  readonly userName: string;
  readonly clientId?: string;
  readonly version?: string;
  readonly request: Record<string, unknown>;
  readonly response?: Record<string, unknown>;
}

/** What the user's call fails with. */
export class TriggerError extends Error {
  public readonly name = 'TriggerError';

  constructor(public readonly type: string, message: string) {
    super(message);
  }
}

/**
 * Calls of functions as Cognito makes them: five seconds, and an error or a bad answer fails the user's call.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
export class TriggerCalls {
  public readonly made: TriggerInvocation[] = [];

  constructor(private readonly backend: Backend, private readonly outage: Outage, private readonly iam: Iam) {}

  /**
   * Invokes a trigger with AWS's event and returns the event that it handed back.
   * @throws TriggerError as AWS would refuse the user's call
   */
  public async call(call: TriggerCall): Promise<Record<string, unknown>> {
    const start = Date.now();
    const region = regionOf(call.userPoolId);
    let outcome: TriggerInvocation['outcome'] = 'answered';
    let message: string | undefined;
    const fail = (kind: TriggerInvocation['outcome'], type: string, text: string) => {
      outcome = kind;
      message = text;
      return new TriggerError(type, text);
    };
    try {
      const event = {
        version: call.version ?? '1',
        region,
        userPoolId: call.userPoolId,
        userName: call.userName,
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: call.clientId ?? NO_CLIENT },
        triggerSource: call.triggerSource,
        request: call.request,
        response: call.response ?? {},
      };
      const answer = this.outage.isOff(region) ? 'off' : await this.refused(call, region) ? 'refused'
        : await within(LIMIT_MS, this.backend.invoke(call.functionArn, region, JSON.stringify(event)));
      if (answer === 'refused') {
        throw fail('failed', 'UnexpectedLambdaException', `${call.trigger} invocation failed due to error AccessDeniedException.`);
      }
      if (answer === 'off') {
        throw fail('failed', 'UnexpectedLambdaException', `${call.trigger} invocation failed due to error ServiceUnavailable.`);
      }
      if (answer === undefined) {
        throw fail('timed out', 'UnexpectedLambdaException', `${call.trigger} invocation failed due to error Socket timeout while invoking Lambda function.`);
      }
      const content = parsed(answer.body);
      if (answer.status >= 300) {
        const type = typeof answer.headers['x-amzn-errortype'] === 'string' ? answer.headers['x-amzn-errortype'] : `HTTP ${answer.status}`;
        throw fail('failed', 'UnexpectedLambdaException', `${call.trigger} invocation failed due to error ${type}.`);
      }
      if (answer.headers['x-amz-function-error'] !== undefined) {
        const said = (content as { errorMessage?: string } | undefined)?.errorMessage ?? 'Unknown';
        throw fail('failed', 'UserLambdaValidationException', `${call.trigger} failed with error ${said}.`);
      }
      if (!isObject(content) || !isObject(content.response)) {
        throw fail('invalid answer', 'InvalidLambdaResponseException', 'Unrecognizable lambda output');
      }
      return content;
    } finally {
      const { userPoolId, trigger, triggerSource, functionArn, userName } = call;
      const functionName = functionArn.split(':')[6];
      const durationMs = Date.now() - start;
      this.made.push({ at: start, userPoolId, region, trigger, triggerSource, functionName, userName, durationMs, outcome, message });
    }
  }

  /** A function's own policy says which pools may call it. */
  private refused(call: TriggerCall, region: string): Promise<string | undefined> {
    const { account } = this.backend;
    return this.iam.refusedCall({
      principal: { service: 'cognito-idp.amazonaws.com', sourceArn: `arn:aws:cognito-idp:${region}:${account}:userpool/${call.userPoolId}`, sourceAccount: account },
      region,
      needs: [{ action: 'lambda:InvokeFunction', resource: call.functionArn }],
    });
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `undefined` where the time is over first; the function then goes on unheard. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  work.catch(() => undefined);
  try {
    return await Promise.race([work, new Promise<undefined>(resolve => { timer = setTimeout(() => resolve(undefined), milliseconds); })]);
  } finally {
    clearTimeout(timer);
  }
}
