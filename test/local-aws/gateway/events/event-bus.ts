import { CloudTrailEnvelope } from '../../../capture/hints/fixtures/cloudtrail-events';
import { Backend } from '../backend';

interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: object;
  readonly SqsParameters?: { readonly MessageGroupId: string };
}

interface Rule {
  readonly pattern: string;
  readonly targets: readonly Target[];
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
  private readonly queueUrls = new Map<string, Promise<string>>();
  /** What a pattern said to an event, apart from what differs in each of them: asking ministack anew is what makes seeding slow. */
  private readonly remembered = new Map<string, Promise<boolean>>();

  constructor(private readonly backend: Backend) {}

  /** Rules of a Region may have changed. */
  public forget(region: string): void {
    this.rules.delete(region);
  }

  /** Whether any rule there listens. */
  public async hasRules(region: string): Promise<boolean> {
    return (await this.rulesOf(region)).length > 0;
  }

  public async targetsOf(event: CloudTrailEnvelope): Promise<Target[]> {
    const wanted: Target[] = [];
    for (const rule of await this.rulesOf(event.region)) {
      if (await this.matches(rule.pattern, event)) {
        wanted.push(...rule.targets);
      }
    }
    return wanted;
  }

  public async deliver(event: CloudTrailEnvelope, target: Target): Promise<void> {
    const [, , service, region] = target.Arn.split(':');
    const payload = inputOf(event, target);
    if (service === 'sqs') {
      const QueueUrl = await this.queueUrl(target.Arn);
      await this.backend.json('sqs', 'SendMessage', region, { QueueUrl, MessageBody: payload, MessageGroupId: target.SqsParameters?.MessageGroupId });
    } else if (service === 'lambda') {
      const answer = await this.backend.invoke(target.Arn, region, payload, true);
      if (answer.status >= 300) {
        throw new Error(`${target.Arn} answered ${answer.status}`);
      }
    } else {
      throw new Error(`the local AWS delivers events to queues and functions, not to ${target.Arn}`);
    }
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
      const page = await this.backend.json<{ Rules: { Name: string; State: string; EventPattern?: string }[]; NextToken?: string }>(
        'events', 'ListRules', region, { NextToken });
      for (const { Name, State, EventPattern } of page.Rules.filter(rule => rule.EventPattern && rule.State !== 'DISABLED')) {
        const { Targets } = await this.backend.json<{ Targets: Target[] }>('events', 'ListTargetsByRule', region, { Rule: Name });
        if (State.startsWith('ENABLED')) {
          rules.push({ pattern: EventPattern!, targets: Targets });
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

  private queueUrl(arn: string): Promise<string> {
    const [, , , region, , QueueName] = arn.split(':');
    const known = this.queueUrls.get(arn)
      ?? this.backend.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', region, { QueueName }).then(({ QueueUrl }) => QueueUrl);
    this.queueUrls.set(arn, known);
    known.catch(() => this.queueUrls.delete(arn));
    return known;
  }
}

function inputOf(event: CloudTrailEnvelope, target: Target): string {
  if (target.InputTransformer) {
    throw new Error(`the local AWS does not transform the input of ${target.Arn}`);
  }
  if (target.InputPath) {
    const found = target.InputPath.split('.').slice(1).reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
    return JSON.stringify(found ?? null);
  }
  return target.Input ?? JSON.stringify(event);
}
