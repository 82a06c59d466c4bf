import { inputOf, Target, Targets } from './targets';
import { CloudTrailEnvelope } from '../../../capture/hints/fixtures/cloudtrail-events';
import { Backend } from '../backend';
import { Iam } from '../iam/iam';

interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly pattern: string;
  readonly targets: readonly Target[];
}

/** A target, and the rule that wanted an event for it. */
export interface Wanted {
  readonly target: Target;
  readonly rule: Rule;
}

/** Members that differ in every event; where no pattern names one of them, it cannot decide either. */
const VARYING = ['id', 'time', 'eventTime', 'eventID', 'requestID', 'sub', 'userCreateDate'];
const MOST_MEMORIES = 5_000;

/**
 * The default bus of each Region: which rules want an event, and what their targets get.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class EventBus {
  private readonly rules = new Map<string, Promise<readonly Rule[]>>();
  /** What a pattern said to an event, apart from what differs in each of them: asking ministack anew is what makes seeding slow. */
  private readonly remembered = new Map<string, Promise<boolean>>();

  private readonly started: Targets;

  constructor(private readonly backend: Backend, private readonly iam: Iam) {
    this.started = new Targets(backend);
  }

  /** Rules of a Region may have changed. */
  public forget(region: string): void {
    this.rules.delete(region);
  }

  /** Whether any rule there listens. */
  public async hasRules(region: string): Promise<boolean> {
    return (await this.rulesOf(region)).length > 0;
  }

  public async targetsOf(event: CloudTrailEnvelope): Promise<Wanted[]> {
    const wanted: Wanted[] = [];
    for (const rule of await this.rulesOf(event.region)) {
      if (await this.matches(rule.pattern, event)) {
        wanted.push(...rule.targets.map(target => ({ target, rule })));
      }
    }
    return wanted;
  }

  public async deliver(event: CloudTrailEnvelope, { target, rule }: Wanted): Promise<void> {
    const refused = await this.iam.refusedTarget(target, rule);
    if (refused) {
      throw new Error(refused);
    }
    await this.started.start(target, inputOf(event, target, rule));
  }

  private rulesOf(region: string): Promise<readonly Rule[]> {
    const known = this.rules.get(region);
    if (known) {
      return known;
    }
    const read = this.read(region);
    this.rules.set(region, read);
    read.catch(() => this.rules.delete(region));
    return read;
  }

  private async read(region: string): Promise<Rule[]> {
    const rules: Rule[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.backend.json<{ Rules: { Name: string; Arn: string; State: string; EventPattern?: string }[]; NextToken?: string }>(
        'events', 'ListRules', region, { NextToken });
      for (const { Name, Arn, State, EventPattern } of page.Rules.filter(rule => rule.EventPattern && rule.State !== 'DISABLED')) {
        const { Targets: targets } = await this.backend.json<{ Targets: Target[] }>('events', 'ListTargetsByRule', region, { Rule: Name });
        if (State.startsWith('ENABLED')) {
          rules.push({ Name, Arn, pattern: EventPattern!, targets });
        }
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return rules;
  }

  private matches(pattern: string, event: CloudTrailEnvelope): Promise<boolean> {
    if (VARYING.some(name => pattern.includes(`"${name}"`))) {
      return this.ask(pattern, event);
    }
    const key = `${pattern}\n${JSON.stringify(event, (name, value: unknown) => VARYING.includes(name) ? '' : value)}`;
    const known = this.remembered.get(key);
    if (known) {
      return known;
    }
    if (this.remembered.size >= MOST_MEMORIES) {
      this.remembered.clear();
    }
    const asked = this.ask(pattern, event);
    this.remembered.set(key, asked);
    asked.catch(() => this.remembered.delete(key));
    return asked;
  }

  private async ask(EventPattern: string, event: CloudTrailEnvelope): Promise<boolean> {
    const { Result } = await this.backend.json<{ Result: boolean }>('events', 'TestEventPattern', event.region, { EventPattern, Event: JSON.stringify(event) });
    return Result;
  }
}
