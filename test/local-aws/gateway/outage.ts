import { DROP, Part } from './part';
import { AwsAnswer, AwsRequest, errorAnswer } from './request';

export type OutageMode = 'refused' | '503';

/** Regions that are switched off. */
export class Outage implements Part {
  public readonly name = 'outage';
  public readonly standIn = 'a Region switched off: every call to it, and every call of a Lambda in it, is cut off or answered 503';
  private readonly modes = new Map<string, OutageMode>();

  public switchOff(region: string, mode: OutageMode = 'refused'): void {
    this.modes.set(region, mode);
  }

  public switchOn(region: string): void {
    this.modes.delete(region);
  }

  public isOff(region: string): boolean {
    return this.modes.has(region);
  }

  public before(request: AwsRequest): AwsAnswer | typeof DROP | void {
    const mode = this.modes.get(request.region) ?? this.modes.get(request.caller.functionRegion ?? '');
    if (mode === undefined) {
      return undefined;
    }
    return mode === 'refused' ? DROP : errorAnswer('ServiceUnavailableException', 'Service is unavailable.', 503);
  }
}
