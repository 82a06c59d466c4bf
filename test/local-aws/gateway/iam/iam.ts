import { CustomerKeys } from './customer-keys';
import { Denial, Judge } from './judge';
import { Call, Need, needsOf, UnknownNeed } from './needs';
import { Policies } from './policies';
import { Principal, principalArn, RoleSession, ServiceCaller, sessionOf } from './principals';
import { Backend } from '../backend';
import { Gateway } from '../gateway';
import { ServiceModels } from '../models/service-models';
import { Part } from '../part';
import { refusal } from '../refusal';
import { AwsAnswer, AwsRequest } from '../request';

/** A call that a service makes for somebody, as ministack or a part of the gateway asks before it makes it. */
export interface AskedCall {
  readonly principal: Principal;
  /** The service that takes on the principal's role, and for what. */
  readonly assumedBy?: ServiceCaller;
  readonly region: string;
  readonly needs?: readonly Need[];
  readonly call?: Pick<Call, 'service' | 'operation' | 'input'>;
}

export interface RecordedDenial extends Denial {
  readonly region: string;
}

/** What may change a policy, or the role of a function: CloudFormation does that inside of ministack, so that every call about it counts. */
const CHANGING = new Set(['cloudformation', 'iam', 'kms']);
const CHANGING_OPERATION = /^(Add|Remove|Put|Delete|Set|Update|Create)/;
const WITH_RESOURCE_POLICIES = new Set(['lambda', 'sqs', 's3', 'dynamodb']);
const DATA_OPERATION = /^(PutItem|UpdateItem|DeleteItem|DeleteMessage|DeleteMessageBatch|PutObject|DeleteObject|DeleteObjects|CreateMultipartUpload)$/;

/** What a rule or a schedule does with a target. */
const TARGET_ACTIONS: Readonly<Record<string, string>> = {
  states: 'states:StartExecution', lambda: 'lambda:InvokeFunction', sqs: 'sqs:SendMessage', sns: 'sns:Publish', events: 'events:PutEvents',
};

const LAMBDA = { service: 'lambda.amazonaws.com' };

/**
 * Every function and every service calls with a role, or by the leave of a resource's policy, and is refused what those do not allow. The tests' own
 * calls, unless they name a role, the CDK's and the seeding are an administrator's, and are not judged.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/security-iam.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
export class Iam implements Part {
  public readonly name = 'iam';
  public readonly standIn = 'IAM: calls of functions, state machines, rules, schedules and triggers are judged by the deployed policies of roles and resources';
  public readonly judge: Judge;
  private readonly keys: CustomerKeys;
  private readonly denials: RecordedDenial[] = [];
  private readonly sessions = new Map<string, RoleSession | undefined>();

  constructor(backend: Backend, private readonly models: ServiceModels, private readonly account: string) {
    this.judge = new Judge(new Policies(backend), account);
    this.keys = new CustomerKeys(backend);
  }

  /** Every refusal so far that no test has taken note of. */
  public get denied(): readonly RecordedDenial[] {
    return this.denials;
  }

  /** Refusals that a test meant to happen; those that nobody takes fail {@link LocalAws.stop}. */
  public takeDenials(): RecordedDenial[] {
    return this.denials.splice(0);
  }

  /** And those of what an update took from who stayed; taken note of as well, or failing {@link LocalAws.stop}. */
  public takeTakenAway(): Promise<RecordedDenial[]> {
    return this.judge.takenFromWhoStayed();
  }

  public answerHooks(gateway: Gateway): void {
    gateway.answer('authorize', async question => ({ refused: await this.refusedCall(question as unknown as AskedCall) ?? null }));
  }

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    const session = this.sessionOf(request);
    if (!session && request.caller.kind !== 'lambda') {
      return undefined;
    }
    const { operation = request.operation, input = request.input, open } = this.called(request);
    if (open) {
      return undefined;
    }
    if (!session) {
      return this.refuse(request, {
        principal: request.caller.functionName!, action: operation, resource: '*', message: 'The security token included in the request is invalid.',
      });
    }
    try {
      const { service, region, account } = request;
      const assumedBy = session.functionArn === undefined ? undefined : LAMBDA;
      const denial = await this.deniedTo(session, assumedBy, needsOf({ service, operation, region, account, input }), region);
      return denial && this.refuse(request, denial);
    } catch (error) {
      if (error instanceof UnknownNeed) {
        return this.refuse(request, { principal: principalArn(session), action: `${request.service}:${operation}`, resource: '*', message: error.message });
      }
      throw error;
    }
  }

  public after(request: AwsRequest): void {
    if (CHANGING.has(request.service)
      || (WITH_RESOURCE_POLICIES.has(request.service) && CHANGING_OPERATION.test(this.called(request).operation ?? '') && !DATA_OPERATION.test(request.operation))) {
      this.judge.forget();
      this.keys.forget();
    }
  }

  /** Why a service may not make a call; `undefined` where it may. A refusal is remembered as those of functions are. */
  public async refusedCall({ principal, assumedBy, region, needs, call }: AskedCall): Promise<string | undefined> {
    let denial: Denial | undefined;
    try {
      denial = await this.deniedTo(principal, assumedBy, needs ?? needsOf({ ...call!, region, account: this.account }), region);
    } catch (error) {
      if (!(error instanceof UnknownNeed)) {
        throw error;
      }
      denial = { principal: principalArn(principal), action: `${call!.service}:${call!.operation}`, resource: '*', message: error.message };
    }
    if (denial) {
      this.remember(denial, region);
    }
    return denial?.message;
  }

  /** Why a rule or a schedule may not call its target: with the role that it names, or else by the leave of the target's policy. */
  public async refusedTarget(
    target: { readonly Arn: string; readonly RoleArn?: string }, source: { readonly Name: string; readonly Arn: string },
  ): Promise<string | undefined> {
    const [, , service, region, account, resource] = source.Arn.split(':');
    const caller: ServiceCaller = {
      service: `${service}.amazonaws.com`,
      // A schedule calls for its group.
      sourceArn: service === 'scheduler' ? `arn:aws:scheduler:${region}:${account}:schedule-group/${resource.split('/')[1]}` : source.Arn,
      sourceAccount: account,
    };
    const needs = [{ action: TARGET_ACTIONS[target.Arn.split(':')[2]], resource: target.Arn }];
    return target.RoleArn
      ? this.refusedCall({ principal: { roleArn: target.RoleArn, sessionName: source.Name }, assumedBy: caller, region, needs })
      : this.refusedCall({ principal: caller, region, needs });
  }

  private async deniedTo(
    principal: Principal, assumedBy: ServiceCaller | undefined, needs: readonly Need[], region: string,
  ): Promise<Denial | undefined> {
    if (assumedBy && 'roleArn' in principal) {
      const denial = await this.judge.denial(assumedBy, { action: 'sts:AssumeRole', resource: principal.roleArn }, region);
      if (denial) {
        return denial;
      }
    }
    for (const need of needs) {
      for (const each of [need, ...await this.keys.needsOf(need, region)]) {
        const denial = await this.judge.denial(principal, each, region);
        if (denial) {
          return denial;
        }
      }
    }
    return undefined;
  }

  /** The operation in its service's own words, and whether anybody may call it. */
  private called(request: AwsRequest): { operation?: string; input?: Readonly<Record<string, unknown>>; open: boolean } {
    const named = this.models.operation(request.service, request.operation);
    if (named) {
      return { operation: request.operation, open: named.authtype === 'none' };
    }
    const call = this.models.call(request);
    // What no model has is a page of managed login.
    return { operation: call?.operation.name, input: call?.input, open: request.service === 'unknown' && call === undefined };
  }

  private sessionOf(request: AwsRequest): RoleSession | undefined {
    const token = String(request.headers['x-amz-security-token'] ?? request.url);
    if (!this.sessions.has(token)) {
      // A presigned URL is used once or twice.
      if (this.sessions.size > 1_000) {
        this.sessions.clear();
      }
      this.sessions.set(token, sessionOf(request));
    }
    return this.sessions.get(token);
  }

  private remember(denial: Denial, region: string): void {
    if (!denial.isTakenAway) {
      this.denials.push({ ...denial, region });
    }
  }

  private refuse(request: AwsRequest, denial: Denial): AwsAnswer {
    this.remember(denial, request.region);
    const [type, status] = request.service === 's3' ? ['AccessDenied', 403] as const
      : request.service === 'lambda' ? ['AccessDeniedException', 403] as const
        : ['iam', 'sts', 'cloudformation'].includes(request.service) ? ['AccessDenied', 403] as const : ['AccessDeniedException', 400] as const;
    return refusal(request, type, denial.message, status);
  }
}
