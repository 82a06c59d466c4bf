import { ServiceModel, ServiceModels } from './service-models';
import { Validation } from './validation';
import { Part } from '../part';
import { refusal } from '../refusal';
import { AwsAnswer, AwsRequest } from '../request';

export interface ModelViolation {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly caller: string;
  readonly faults: readonly string[];
}

/** How each service calls an input that its model does not allow. */
const ERRORS: Readonly<Record<string, string>> = {
  'cognito-idp': 'InvalidParameterException',
  'logs': 'InvalidParameterException',
  'cloudformation': 'ValidationError',
  'iam': 'ValidationError',
  'sts': 'ValidationError',
  's3': 'InvalidRequest',
  'sqs': 'InvalidParameterValue',
};

/**
 * Every call, whoever makes it, is held against the model of its service: required members, types, lengths, patterns, values of enumerations, ranges.
 * A member that the model does not have is refused here, where AWS ignores it: nobody sends one who knows that it does nothing.
 * @see https://smithy.io/2.0/spec/constraint-traits.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export class Models implements Part {
  public readonly name = 'models';
  public readonly standIn = 'every request is held against the model of its service';
  public readonly spent = { calls: 0, milliseconds: 0 };
  private readonly found: ModelViolation[] = [];
  private readonly validations = new Map<ServiceModel, Validation>();

  constructor(private readonly models: ServiceModels) {}

  /** Calls that no model allows and that no test has taken note of. */
  public get violations(): readonly ModelViolation[] {
    return this.found;
  }

  /** Violations that a test meant to happen; those of functions that nobody takes fail {@link LocalAws.stop}. */
  public takeViolations(): ModelViolation[] {
    return this.found.splice(0);
  }

  public before(request: AwsRequest): AwsAnswer | void {
    // Pages of managed login, and what is ministack's own.
    if (request.service === 'unknown') {
      return undefined;
    }
    const start = performance.now();
    const faults = this.faults(request);
    this.spent.calls++;
    this.spent.milliseconds += performance.now() - start;
    if (faults.length === 0) {
      return undefined;
    }
    const { service, operation, region, caller } = request;
    this.found.push({ service, operation, region, caller: caller.functionName ?? caller.kind, faults });
    const message = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`;
    return refusal(request, ERRORS[service] ?? 'ValidationException', message);
  }

  private faults(request: AwsRequest): string[] {
    const call = this.models.call(request);
    if (!call) {
      return [`${request.service} has no operation ${request.operation}`];
    }
    const validation = this.validations.get(call.model) ?? new Validation(call.model);
    this.validations.set(call.model, validation);
    return [...validation.faults(call.input, call.operation.input), ...call.unknown.map(name => `Unknown member '${name}'`)];
  }
}
