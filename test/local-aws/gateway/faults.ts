import { DROP, Part } from './part';
import { refusal } from './refusal';
import { AwsAnswer, AwsRequest, jsonAnswer } from './request';

export interface Fault {
  readonly operation: string;
  readonly service?: string;
  readonly region?: string;
  readonly when?: (request: AwsRequest) => boolean;
  /** After that many calls the fault is over; without a limit it lasts until it is removed. */
  readonly times?: number;
  /** The fault is over at that moment (milliseconds since the epoch). */
  readonly until?: number;
  /**
   * What the caller gets in place of ministack's answer: an answer, a cut connection, or ministack's own answer late, after some time or after what
   * the test does meanwhile. A function may change what ministack answered, to cut a listing short for example.
   */
  readonly answer: { status?: number; body: object } | typeof DROP | { delayMs: number } | { meanwhile: () => Promise<unknown> }
  | ((answer: object, request: AwsRequest) => object);
}

/** What `inject` returns: how often the fault struck, and the way to end it. */
export interface InjectedFault {
  readonly struck: number;
  remove(): void;
}

export const throttled = { status: 400, body: { __type: 'TooManyRequestsException', message: 'Rate exceeded' } };

/** Disturbances that a test asks for. */
export class Faults implements Part {
  public readonly name = 'faults';
  private readonly active = new Map<Fault, { struck: number }>();
  private readonly changing = new WeakMap<AwsRequest, Fault>();

  public inject(fault: Fault): InjectedFault {
    const state = { struck: 0 };
    this.active.set(fault, state);
    return {
      get struck() { return state.struck; },
      remove: () => { this.active.delete(fault); },
    };
  }

  public clear(): void {
    this.active.clear();
  }

  public async before(request: AwsRequest): Promise<AwsAnswer | typeof DROP | void> {
    const fault = this.strike(request);
    if (!fault) {
      return undefined;
    }
    if (typeof fault.answer === 'function') {
      this.changing.set(request, fault);
      return undefined;
    }
    if (fault.answer === DROP) {
      return DROP;
    }
    if ('delayMs' in fault.answer) {
      const { delayMs } = fault.answer;
      await new Promise(resolve => setTimeout(resolve, delayMs));
      return undefined;
    }
    if ('meanwhile' in fault.answer) {
      await fault.answer.meanwhile();
      return undefined;
    }
    const body = fault.answer.body as { __type?: string; message?: string };
    return body.__type ? refusal(request, body.__type, body.message ?? '', fault.answer.status ?? 400) : jsonAnswer(fault.answer.status ?? 200, body);
  }

  public after(request: AwsRequest, answer: AwsAnswer): AwsAnswer | void {
    const fault = this.changing.get(request);
    if (!fault || typeof fault.answer !== 'function') {
      return undefined;
    }
    return jsonAnswer(answer.status, fault.answer(JSON.parse(answer.body.toString('utf8')) as object, request));
  }

  private strike(request: AwsRequest): Fault | undefined {
    for (const [fault, state] of this.active) {
      if ((fault.until !== undefined && Date.now() >= fault.until) || (fault.times !== undefined && state.struck >= fault.times)) {
        continue;
      }
      if (fault.operation === request.operation && (fault.service ?? request.service) === request.service
        && (fault.region ?? request.region) === request.region && (!fault.when || fault.when(request))) {
        state.struck++;
        return fault;
      }
    }
    return undefined;
  }
}
