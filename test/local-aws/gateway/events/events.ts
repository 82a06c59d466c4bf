import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, DeliveryKnobs } from './deliveries';
import { EventBus } from './event-bus';
import { Whom } from './whom';
import { Call, CLOUDTRAIL_FIXTURES, CloudTrailEnvelope, cloudTrailEvent } from '../../../capture/hints/fixtures/cloudtrail-events';
import { Backend } from '../backend';
import { Iam } from '../iam/iam';
import { sessionOf } from '../iam/principals';
import { Outage } from '../outage';
import { Part } from '../part';
import { Pools, regionOf } from '../pools';
import { AwsAnswer, AwsRequest } from '../request';

export interface EventKnobs extends DeliveryKnobs {
  /** Whether our seeding makes events as well. Default: true. */
  readonly seeding: boolean;
  /** Whether events of calls with a user's token say which pool it is: those of 2026 do, those of 2024 did not. Default: true. */
  readonly tokenCallsNameThePool: boolean;
}

/** Since the start. */
export interface EventCounts {
  /** Events of calls in Regions with a trail, lost ones among them; without any rule to hear them there are none. */
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  /** Those that at least one rule wanted, counted at each arrival. */
  readonly matched: number;
  /** What targets got. */
  readonly delivered: number;
  /** What targets did not take; the last reason is in {@link Events.lastFailure}. */
  readonly failed: number;
}

const FIXTURES = new Map(CLOUDTRAIL_FIXTURES.filter(({ caller }) => caller !== 'endpoint').map(fixture => [fixture.eventName, fixture]));

/**
 * CloudTrail's events of the calls that change users, groups and memberships, on the default bus of the call's Region.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/logging-using-cloudtrail.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-cognito-idp.html
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 * @see docs/evidence.md, Assumed: cloudtrail-events
 */
export class Events implements Part {
  public readonly name = 'events';
  public readonly standIn = 'CloudTrail\'s event of each call that changes a user or group, to the queues and functions of the Region\'s rules';
  private readonly bus: EventBus;
  private readonly whom: Whom;
  private readonly deliveries: Deliveries;
  /** What tests say, and what was found where they say nothing. */
  private readonly trails = new Map<string, boolean>();
  private readonly foundTrails = new Map<string, Promise<boolean>>();
  private readonly asked = new WeakMap<AwsRequest, { sub?: string; at: number }>();
  private seeding = true;
  private tokenCallsNameThePool = true;
  private readonly counted = { sent: 0, matched: 0, delivered: 0, failed: 0 };
  private failure: Error | undefined;

  constructor(
    private readonly backend: Backend, private readonly pools: Pools, private readonly outage: Outage, private readonly trailEverywhere: boolean,
    iam: Iam,
  ) {
    this.bus = new EventBus(backend, iam);
    this.whom = new Whom(backend, pools);
    this.deliveries = new Deliveries(region => outage.isOff(region), error => this.failed(error));
  }

  public configure({ seeding, tokenCallsNameThePool, ...knobs }: Partial<EventKnobs>): void {
    this.seeding = seeding ?? this.seeding;
    this.tokenCallsNameThePool = tokenCallsNameThePool ?? this.tokenCallsNameThePool;
    this.deliveries.configure(knobs);
  }

  /** Whether a Region has a trail that logs management events: without one, nothing comes. */
  public trail(region: string, on: boolean): void {
    this.trails.set(region, on);
  }

  public get counts(): EventCounts {
    return { ...this.counted, ...this.deliveries.counts };
  }

  public get lastFailure(): Error | undefined {
    return this.failure;
  }

  /** Resolves when no event is on its way any more, apart from those of Regions that are off. */
  public async settled(timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (this.deliveries.pending > 0) {
      if (Date.now() > end) {
        throw new Error(`${this.deliveries.pending} events are still on their way after ${timeoutMs} ms`);
      }
      await sleep(5);
    }
  }

  public async before(request: AwsRequest): Promise<void> {
    if (request.service === 'cognito-idp' && FIXTURES.has(request.operation) && await this.isHeard(request)) {
      this.asked.set(request, { at: Date.now(), sub: await this.whom.before(request) });
    }
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<void> {
    if (['events', 'cloudtrail', 'cloudformation'].includes(request.service)) {
      // A deployment changes rules and trails at any time, until its last status is read.
      this.bus.forget(request.region);
      this.foundTrails.delete(request.region);
      return;
    }
    const known = this.asked.get(request);
    if (!known || this.outage.isOff(request.region)) {
      return;
    }
    const succeeded = answer.status < 300;
    const content = JSON.parse(answer.body.toString('utf8') || '{}') as Record<string, unknown>;
    const event = cloudTrailEvent(request.operation, {
      ...await this.place(request),
      ...callerOf(request),
      sub: (known.sub ?? (succeeded ? this.whom.after(answer) : undefined))!,
      groupName: request.input.GroupName as string,
      eventTime: known.at,
      errorCode: succeeded ? undefined : String(content.__type ?? 'InternalErrorException').split('#').pop(),
    }, visibleParameters(request));
    this.send(withResponse(event!, content));
  }

  /** A sign-in through a provider, as ministack tells of it: its event is one of a page, and names no user. */
  public async federated(userPoolId: string, clientId: string): Promise<void> {
    const region = regionOf(userPoolId);
    if (!this.outage.isOff(region) && await this.hasTrail(region) && await this.bus.hasRules(region)) {
      const call = { userPoolId, clientId, region, account: this.backend.account, eventTime: Date.now() };
      this.send(cloudTrailEvent('SAML2Response_POST', call)!);
    }
  }

  public close(): void {
    this.deliveries.close();
  }

  private send(event: CloudTrailEnvelope): void {
    this.counted.sent++;
    this.deliveries.add(event.region, async () => {
      const targets = await this.bus.targetsOf(event);
      this.counted.matched += targets.length > 0 ? 1 : 0;
      for (const target of targets) {
        // What one target does not take, the others get.
        await this.bus.deliver(event, target).then(() => this.counted.delivered++, (error: Error) => this.failed(error));
      }
    });
  }

  private failed(error: Error): void {
    this.counted.failed++;
    this.failure = error;
  }

  private async isHeard(request: AwsRequest): Promise<boolean> {
    return (this.seeding || request.caller.kind !== 'seed') && await this.hasTrail(request.region) && this.bus.hasRules(request.region);
  }

  private async hasTrail(region: string): Promise<boolean> {
    const told = this.trails.get(region);
    if (told !== undefined || this.trailEverywhere) {
      return told ?? true;
    }
    const found = this.foundTrails.get(region) ?? this.findTrail(region);
    this.foundTrails.set(region, found);
    return found;
  }

  private async findTrail(region: string): Promise<boolean> {
    const { trailList } = await this.backend.json<{ trailList: { TrailARN: string }[] }>('cloudtrail', 'DescribeTrails', region, {});
    const statuses = await Promise.all(trailList.map(({ TrailARN: Name }) =>
      this.backend.json<{ IsLogging: boolean }>('cloudtrail', 'GetTrailStatus', region, { Name })));
    return statuses.some(({ IsLogging }) => IsLogging);
  }

  private async place(request: AwsRequest): Promise<Pick<Call, 'userPoolId' | 'clientId' | 'account' | 'region' | 'tokenCallsNameThePool'>> {
    return {
      userPoolId: (await this.pools.poolIdOf(request))!,
      clientId: request.input.ClientId as string,
      account: request.account,
      region: request.region,
      tokenCallsNameThePool: this.tokenCallsNameThePool,
    };
  }
}

/** The role that signed the call; callers that IAM does not judge are administrators, as the fixtures have them. */
function callerOf(request: AwsRequest): Partial<Pick<Call, 'role' | 'session'>> {
  const signed = sessionOf(request);
  return signed ? { role: signed.roleArn.split(':role/')[1], session: signed.sessionName } : {};
}

/** Parameters that are not masked and whose values the fixtures cannot know; one that the call did not have is not in its event. */
function visibleParameters(request: AwsRequest): Record<string, unknown> {
  const { input } = request;
  switch (request.operation) {
    case 'AdminCreateUser': return { messageAction: input.MessageAction };
    case 'AdminSetUserPassword': return { permanent: input.Permanent };
    case 'AdminRespondToAuthChallenge':
    case 'RespondToAuthChallenge': return { challengeName: input.ChallengeName };
    case 'ConfirmSignUp': return { forceAliasCreation: input.ForceAliasCreation };
    default: return {};
  }
}

function withResponse(event: CloudTrailEnvelope, content: Record<string, unknown>): CloudTrailEnvelope {
  const { responseElements } = event.detail as { responseElements: Record<string, unknown> | null };
  if (responseElements && 'userConfirmed' in responseElements) {
    return { ...event, detail: { ...event.detail, responseElements: { ...responseElements, userConfirmed: content.UserConfirmed } } };
  }
  return event;
}
