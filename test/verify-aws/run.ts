import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { verifyApp } from './app';
import { ASSUMPTIONS } from './assumptions/all';
import { Assumption } from './assumptions/assumption';
import { deploy } from './deploy';
import { closeQueue, EventLog } from './event-log';
import { deployedOf, Names, poolIdsOf } from './names';
import { People } from './people';
import { Patience, PATIENCE, Port, Region } from './port';
import { Left, Removal } from './removal';
import { EXIT, exitCodeOf, jsonOf, summaryOf, tableOf } from './report';
import { TriggerLog } from './trigger-log';
import { Row, rowOf, verify } from './verify';
import { makeTemporary, removeTemporary } from '../local-aws/temporary';

export interface RunOptions {
  readonly region: string;
  readonly replicaRegion: string;
  readonly createTrail: boolean;
  /** Do not remove anything. */
  readonly keep: boolean;
  readonly yes: boolean;
  /** File for the report. */
  readonly json?: string;
}

/** What a test gives otherwise. */
export interface RunSettings {
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  readonly names?: Names;
  readonly assumptions?: readonly Assumption[];
  readonly patience?: Patience;
}

/** Something that the user has to see to before a run can begin. */
export class Refusal extends Error {
  public readonly name = 'Refusal';
}

const TOOLKIT = 'CDKToolkit';
const REMOVAL: Omit<Assumption, 'check'> = {
  id: 'product.removed',
  what: 'Deleting both stacks on the day they were made, the global table among them',
  assumed: 'nothing is left',
  source: 'inferred: DynamoDB\'s guide names a time of 24 hours for the table that a replica was added to',
};

/** One run, from the first question to the removal of everything it made. Answers the exit code. */
export class Run {
  private readonly names: Names;
  private readonly patience: Patience;
  private readonly source: Region;
  private readonly replica: Region;
  private poolIds: readonly string[] = [];

  constructor(private readonly options: RunOptions, private readonly settings: RunSettings) {
    this.names = settings.names ?? new Names();
    this.patience = settings.patience ?? PATIENCE;
    this.source = new Region(options.region);
    this.replica = new Region(options.replicaRegion);
  }

  /** @throws Refusal before anything is changed; what the deployment failed with, after everything is removed */
  public async run(): Promise<number> {
    try {
      const account = await this.ready();
      if (!this.options.yes) {
        this.say(`${planOf(this.options, account)}\n\nNothing has been changed. Add --yes to do it.\n`);
        return EXIT.AS_ASSUMED;
      }
      return await this.deployed(account);
    } finally {
      this.source.close();
      this.replica.close();
    }
  }

  private async ready(): Promise<string> {
    const { region, replicaRegion } = this.options;
    if (region === replicaRegion) throw new Refusal(`--region and --replica-region are both ${region}: give two different Regions`);
    const account = await this.account();
    for (const { name, cloudFormation } of [this.source, this.replica]) {
      try {
        await cloudFormation.send(new DescribeStacksCommand({ StackName: TOOLKIT }));
      } catch (error) {
        if (!/does not exist/.test((error as Error).message)) throw error;
        throw new Refusal(`${name} is not bootstrapped for the CDK (there is no stack ${TOOLKIT}): run npx cdk bootstrap aws://${account}/${name}`);
      }
    }
    return account;
  }

  private async account(): Promise<string> {
    const sts = new STSClient({ region: this.options.region });
    try {
      return (await sts.send(new GetCallerIdentityCommand({}))).Account!;
    } catch (error) {
      throw new Refusal(`there are no AWS credentials that work (${(error as Error).name}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`);
    } finally {
      sts.destroy();
    }
  }

  private async deployed(account: string): Promise<number> {
    const startedAt = new Date().toISOString();
    const directory = makeTemporary('verify-aws');
    const rows: Row[] = [];
    let left: Left[] = [];
    try {
      rows.push(...await this.verified(account, directory));
      // Whatever becomes of the removal, and of whoever waits for it: what was seen is known.
      this.say(`\n${tableOf(rows)}\n`);
      this.write(startedAt, rows, ['everything: its removal was not over when this was written']);
    } finally {
      removeTemporary(directory);
      left = await this.removed(rows);
    }
    this.say(`\n${tableOf(rows.slice(-1))}\n${summaryOf(rows)}\n`);
    const lines = left.map(({ what, command }) => `${what}: ${command}`);
    this.write(startedAt, rows, lines);
    if (this.settings.signal.aborted) return EXIT.FAILED;
    return exitCodeOf({ rows, left: this.options.keep ? [] : lines });
  }

  private write(startedAt: string, rows: readonly Row[], left: readonly string[]): void {
    const { region, replicaRegion, json } = this.options;
    if (json) writeFileSync(json, jsonOf({ run: this.names.run, region, replicaRegion, startedAt, rows, left }));
  }

  private async verified(account: string, directory: string): Promise<Row[]> {
    const { signal } = this.settings;
    const { region, replicaRegion, createTrail } = this.options;
    this.say(`Run ${this.names.run}: deploying two stacks into ${region} and ${replicaRegion} …\n`);
    const assembly = verifyApp({ account, region, replicaRegion, names: this.names, createTrail, outdir: path.join(directory, 'cdk.out') });
    const deployed = deployedOf(await deploy({ assembly, outputsFile: path.join(directory, 'outputs.json'), signal, say: text => this.say(text) }));
    const ids = poolIdsOf(deployed);
    this.poolIds = ids;
    const people = new People(this.source.cognito, this.names.run);
    const { sourceClient, probeClient, aliasesClient, eitherClient, mfaClient, contractClient } = deployed;
    const clients = [sourceClient, probeClient, aliasesClient, eitherClient, mfaClient, contractClient];
    const isOurs = (text: string) => [...ids, ...clients, ...people.subs].some(each => text.includes(each));
    const events = new EventLog(this.source.sqs, deployed.eventsQueue, isOurs);
    const port: Port = {
      names: this.names,
      deployed,
      source: this.source,
      replica: this.replica,
      people,
      events,
      triggers: new TriggerLog(this.source.logs, deployed.recorderLogs),
      patience: this.patience,
      signal,
    };
    events.start();
    try {
      return await verify(this.settings.assumptions ?? ASSUMPTIONS, port, ({ what }) => this.say(`  ${what}\n`));
    } finally {
      await events.stop();
    }
  }

  /** Whatever happened before. Adds the row about it. */
  private async removed(rows: Row[]): Promise<Left[]> {
    const removal = new Removal({
      names: this.names,
      source: this.source,
      replica: this.replica,
      poolIds: this.poolIds,
      patience: this.patience,
    });
    if (this.options.keep) {
      const closed = await closeQueue(this.source.sqs, this.names.eventsQueue).then(
        () => 'The queue is closed to further events and emptied.',
        (error: Error) => `The queue could not be closed (${error.name}): if it is there, it goes on keeping each of Cognito's events for an hour.`,
      );
      this.say(`\n--keep: nothing is removed. ${closed} To do it later, in this order (most of it goes with the stacks):\n`);
      const kept = await removal.left();
      kept.forEach(({ command }) => this.say(`  ${command}\n`));
      rows.push(rowOf(REMOVAL, { notObserved: '--keep' }));
      return kept;
    }
    this.say('\nRemoving everything …\n');
    const left = await removal.remove();
    rows.push(rowOf(REMOVAL, { observed: left.length === 0 ? 'nothing is left' : `${left.length} things are left`, holds: left.length === 0 }));
    if (left.length > 0) this.say(`${left.length} things of this run are still there:\n`);
    left.forEach(({ what, command }) => this.say(`  ${what}\n    ${command}\n`));
    return left;
  }

  private say(text: string): void {
    this.settings.say(text);
  }
}

export function planOf({ region, replicaRegion, createTrail, keep }: RunOptions, account: string): string {
  return [
    `Account ${account}, Regions ${region} and ${replicaRegion}. With --yes, this is what happens:`,
    '',
    `- Two stacks CognitoDrVerify-... are deployed: in ${region} a user pool with CognitoDrReplica, nine pools that only the checks use, a queue and`,
    `  a rule that copies every CloudTrail event about Cognito in ${region} into it (those of other pools are looked through in memory and not kept),`,
    `  and a function that records triggers; in ${replicaRegion} the global table, two tables, the standby pool, and a pool that a drill makes and removes.`,
    '- Fewer than 150 users are made with addresses at SES\'s mailbox simulator, and changed, signed in and deleted. About ten e-mails go there, of the 50',
    '  a day that Cognito\'s own sender may send for the account. No user pool of yours is read or changed.',
    '- Request quotas: a few calls a second at most, which your own pools in both Regions share.',
    '- It takes 20 to 60 minutes; most of it waits for CloudTrail. Use credentials that last two hours and may administer both Regions.',
    ...keep ? [
      '- Nothing is removed (--keep): the commands that do are printed, and the queue is closed to further events and emptied.',
    ] : [
      '- At the end everything is removed, also after a failure or Ctrl-C. The CDK\'s bootstrap buckets keep the uploaded assets, as always.',
      '- AWS may refuse to delete the global table for 24 hours after its replica was added; the run then names it, gives the command, and exits with 1.',
    ],
    '',
    'Cost: cents. The users are monthly active ones within Cognito\'s free tier of 10,000, or about 2 USD at 0.015 each if it is used up; everything',
    createTrail
      ? 'else is billed by request. --create-trail makes a trail for an hour: free if it is the first in this Region, otherwise 2 USD for 100,000 events.'
      : 'else is billed by request. No trail is made: events arrive only if one logs management events in the first Region (--create-trail makes one).',
  ].join('\n');
}
