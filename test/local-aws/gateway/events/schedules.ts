import { randomUUID } from 'node:crypto';
import { inputOf, Started, Target, Targets } from './targets';
import { Backend } from '../backend';
import { Iam } from '../iam/iam';
import { HEADER_ROLE } from '../request';

/** What a clock fires: a rule of EventBridge with a schedule, or a schedule of EventBridge Scheduler. */
interface Scheduled {
  readonly name: string;
  readonly arn: string;
  /** What each target gets at that moment. */
  readonly targets: readonly { readonly target: Target; readonly input: string }[];
}

/**
 * What a clock does, at the moment that a test chooses: exactly what the template says is given to exactly its targets, on their way through the
 * gateway, as the role that it names. A rule that says no input gives its own event.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export class Schedules {
  /** @param backend what there is to fire @param gateway the gateway's own port, through which everything that is fired goes */
  constructor(private readonly backend: Backend, private readonly gateway: () => Backend, private readonly iam: Iam) {}

  /** Names of everything that a clock fires in a Region. */
  public async names(region: string): Promise<string[]> {
    return (await this.all(region)).map(({ name }) => name).sort();
  }

  /**
   * Fires the only one of a Region whose name contains `part`, and waits for its functions, but not for its state machines.
   * @throws where a target does not start or a function fails, which on AWS nobody would hear
   */
  public async fire(region: string, part: string): Promise<Started[]> {
    const found = (await this.all(region)).filter(({ name }) => name.includes(part));
    if (found.length !== 1) {
      throw new Error(`${found.length} schedules in ${region} have '${part}' in their name: ${found.map(({ name }) => name).join(', ')}`);
    }
    const started: Started[] = [];
    const [{ name: Name, arn: Arn, targets }] = found;
    for (const { target, input } of targets) {
      const refused = await this.iam.refusedTarget(target, { Name, Arn });
      if (refused) {
        throw new Error(refused);
      }
      const caller = this.gateway().with(target.RoleArn ? { [HEADER_ROLE]: target.RoleArn } : {});
      started.push(await new Targets(caller).start(target, input, true));
    }
    return started;
  }

  private async all(region: string): Promise<Scheduled[]> {
    return [...await this.rules(region), ...await this.schedules(region)];
  }

  private async rules(region: string): Promise<Scheduled[]> {
    const found: Scheduled[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.backend.json<{
        Rules: { Name: string; Arn: string; State: string; ScheduleExpression?: string }[]; NextToken?: string;
      }>('events', 'ListRules', region, { NextToken });
      for (const rule of page.Rules.filter(each => each.ScheduleExpression && each.State.startsWith('ENABLED'))) {
        const { Targets: targets } = await this.backend.json<{ Targets: Target[] }>('events', 'ListTargetsByRule', region, { Rule: rule.Name });
        const event = clockEvent('aws.events', region, this.backend.account, rule.Arn);
        found.push({ name: rule.Name, arn: rule.Arn, targets: targets.map(target => ({ target, input: inputOf(event, target, rule) })) });
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  private async schedules(region: string): Promise<Scheduled[]> {
    const { Schedules: listed } = await this.backend.get<{ Schedules: { Name: string; GroupName: string; State: string }[] }>(
      'scheduler', region, '/schedules?MaxResults=100');
    return Promise.all(listed.filter(({ State }) => State === 'ENABLED').map(async ({ Name: name, GroupName }) => {
      const { Arn: arn, Target: target } = await this.backend.get<{ Arn: string; Target: Target }>(
        'scheduler', region, `/schedules/${name}?groupName=${GroupName}`);
      const event = clockEvent('aws.scheduler', region, this.backend.account, arn);
      return { name, arn, targets: [{ target, input: withContext(target.Input ?? JSON.stringify(event), arn, event.time) }] };
    }));
  }
}

function clockEvent(source: string, region: string, account: string, arn: string) {
  return {
    'version': '0', 'id': randomUUID(), 'detail-type': 'Scheduled Event', source, account, 'time': new Date().toISOString(), region, 'resources': [arn], 'detail': {},
  };
}

function withContext(input: string, arn: string, time: string): string {
  const values: Record<string, string> = { 'schedule-arn': arn, 'scheduled-time': time, 'execution-id': randomUUID(), 'attempt-number': '1' };
  return input.replace(/<aws\.scheduler\.([\w-]+)>/g, (keyword, name: string) => values[name] ?? keyword);
}
