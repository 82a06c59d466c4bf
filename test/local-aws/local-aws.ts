import { existsSync, readFileSync } from 'node:fs';
import { AddressInfo, createServer } from 'node:net';
import * as path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, HistoryEvent, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { cdk } from './cdk';
import { Backend } from './gateway/backend';
import { Events } from './gateway/events/events';
import { Schedules } from './gateway/events/schedules';
import { Started } from './gateway/events/targets';
import { Faults } from './gateway/faults';
import { Gateway } from './gateway/gateway';
import { Iam } from './gateway/iam/iam';
import { sessionToken } from './gateway/iam/principals';
import { Models } from './gateway/models/models';
import { ServiceModels } from './gateway/models/service-models';
import { Outage, OutageMode } from './gateway/outage';
import { Pools, regionOf } from './gateway/pools';
import { Quotas } from './gateway/quotas';
import { Recording } from './gateway/recording';
import { Replication } from './gateway/replication';
import { HEADER_REGION, HEADER_SEED } from './gateway/request';
import { AliasRules } from './gateway/rules/aliases';
import { AttributeRules } from './gateway/rules/attributes';
import { GroupRules } from './gateway/rules/groups';
import { HiddenUserRules } from './gateway/rules/hidden-users';
import { IndexKeyRules } from './gateway/rules/index-keys';
import { LinkRules } from './gateway/rules/links';
import { ListingRules } from './gateway/rules/listings';
import { MessageMoves } from './gateway/rules/message-moves';
import { MfaRules } from './gateway/rules/mfa';
import { PasswordlessRules } from './gateway/rules/passwordless';
import { PoolReplicaRules } from './gateway/rules/pool-replicas';
import { RecoveryRules } from './gateway/rules/recovery';
import { SmsSandboxRules } from './gateway/rules/sms-sandbox';
import { StaleIndexes } from './gateway/rules/stale-indexes';
import { UsernameAttributeRules } from './gateway/rules/username-attributes';
import { NameClaims } from './gateway/sign-in-names';
import { Settings, Switches } from './gateway/switches';
import { TriggerInvocation } from './gateway/triggers/trigger-calls';
import { Triggers } from './gateway/triggers/triggers';
import { Violations } from './gateway/violations';
import { Ministack } from './ministack';
import { makeTemporary, removeTemporary } from './temporary';
import { pythonWithMinistack } from './venv';

export interface LocalAwsOptions {
  /** Cognito's request quotas: how many times faster than AWS, or `off`. Default: `off`. */
  readonly quotas?: number | 'off';
  /** How long a change of a global table takes to the other Region. Default: 100 ms. */
  readonly replicationDelayMs?: number;
  /** Factor on the waits and retry intervals of state machines. Default: 1. */
  readonly waitScale?: number;
  /** Whether every Region has a trail; otherwise those where a test says so, or a stack made one. Default: true. */
  readonly trail?: boolean;
  /** Which of AWS's possible behaviours is shown; the rest, and all without this, as SWITCHES says first. */
  readonly switches?: Partial<Settings>;
  /** Default: us-east-1 and us-west-2. */
  readonly regions?: readonly string[];
}

export interface Clients {
  readonly cognito: CognitoIdentityProviderClient;
  readonly dynamodb: DynamoDBClient;
  readonly stepFunctions: SFNClient;
  readonly lambda: LambdaClient;
  readonly cloudFormation: CloudFormationClient;
  readonly logs: CloudWatchLogsClient;
}

export interface Execution {
  readonly arn: string;
  readonly status: string;
  /** The parsed output, where it is JSON. */
  readonly output: unknown;
  readonly error?: string;
  readonly cause?: string;
  history(): Promise<HistoryEvent[]>;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface RunOptions {
  readonly name?: string;
  readonly timeoutMs?: number;
  readonly onProgress?: (elapsedMs: number) => void;
}

export interface DeployOptions {
  readonly stacks?: readonly string[];
  /** Region of stacks that name none. */
  readonly region?: string;
  readonly args?: readonly string[];
}

/** Milliseconds of a tick of /proc: Linux shows a hundred a second. */
const CLOCK_TICK = 10;

/** Two Regions of AWS on this machine: ministack behind our gateway. */
export class LocalAws {
  public static readonly ACCOUNT = '000000000000';

  public static async start(options: LocalAwsOptions = {}): Promise<LocalAws> {
    const port = await freePort();
    const backend = new Backend(port, LocalAws.ACCOUNT);
    const aws = new LocalAws(backend, ServiceModels.of(await pythonWithMinistack()), options);
    const endpoint = `http://127.0.0.1:${await aws.gateway.listen()}`;
    try {
      aws.running = { endpoint, ministack: await Ministack.start({ port, endpoint, waitScale: options.waitScale ?? 1, hooks: endpoint }) };
    } catch (error) {
      await aws.gateway.close();
      removeTemporary(aws.outputs);
      throw error;
    }
    return aws;
  }

  public readonly account = LocalAws.ACCOUNT;
  public readonly regions: readonly string[];
  public readonly gateway: Gateway;
  public readonly calls = new Recording();
  public readonly faults = new Faults();
  public readonly outage = new Outage();
  public readonly quotas?: Quotas;
  public readonly violations = new Violations();
  public readonly iam: Iam;
  public readonly models: Models;
  public readonly events: Events;
  public readonly switches: Switches;
  public readonly replication: Replication;
  private readonly triggerPart: Triggers;
  private readonly schedules: Schedules;
  private readonly indexes: StaleIndexes;
  private running?: { endpoint: string; ministack: Ministack };
  private readonly clients = new Map<string, Clients>();
  private readonly bootstrapped = new Set<string>();
  private readonly outputs = makeTemporary('cdk');

  private constructor(private readonly backend: Backend, models: ServiceModels, options: LocalAwsOptions) {
    this.regions = options.regions ?? ['us-east-1', 'us-west-2'];
    this.gateway = new Gateway(backend, this.account);
    this.replication = new Replication(backend, this.outage, { delayMs: options.replicationDelayMs ?? 100 });
    this.switches = new Switches(options.switches);
    this.indexes = new StaleIndexes(backend, this.switches, this.regions);
    this.iam = new Iam(backend, models, this.account);
    this.iam.answerHooks(this.gateway);
    let front: Backend | undefined;
    this.schedules = new Schedules(backend, () => front ??= new Backend(Number(new URL(this.endpoint).port), this.account), this.iam);
    // First the one that sees everything; then what never gets to a Region; then what the Region itself says.
    this.gateway.use(this.calls);
    this.gateway.use(this.outage);
    this.models = new Models(models);
    this.gateway.use(this.models);
    const pools = new Pools(backend, this.regions);
    this.events = new Events(backend, pools, this.outage, options.trail ?? true, this.iam);
    this.gateway.use(this.events);
    this.gateway.use(this.faults);
    if (options.quotas !== undefined && options.quotas !== 'off') {
      this.quotas = new Quotas({ scale: options.quotas });
      this.gateway.use(this.quotas);
    }
    this.gateway.use(this.iam);
    this.gateway.use(this.violations);
    this.gateway.regionOfClient = async clientId => {
      const poolId = await pools.poolIdOfClient(clientId);
      return poolId && regionOf(poolId);
    };
    const creationRules = [new AttributeRules(backend, pools), new AliasRules(backend, pools, this.switches)];
    const claims = new NameClaims();
    this.triggerPart = new Triggers(backend, pools, this.outage, creationRules, claims, this.events, this.switches, this.iam);
    this.triggerPart.answerHooks(this.gateway);
    const mfa = new MfaRules(pools);
    // Before the rules, which look at the user that a trigger may make.
    this.gateway.use(this.triggerPart);
    for (const rule of [
      new ListingRules(backend), ...creationRules, new UsernameAttributeRules(backend, pools, claims, this.switches),
      new RecoveryRules(backend, pools, mfa, request => this.triggerPart.hasMigrated(request)), new LinkRules(pools, this.switches),
      new HiddenUserRules(pools, this.switches), this.indexes,
      mfa, new PasswordlessRules(backend, pools), new GroupRules(backend, pools), new IndexKeyRules(backend), new MessageMoves(backend),
      new PoolReplicaRules(), new SmsSandboxRules(),
    ]) {
      this.gateway.use(rule);
    }
    this.gateway.use(this.replication);
  }

  /** Where every SDK and the CLI send their calls. */
  public get endpoint(): string {
    return this.started.endpoint;
  }

  /** What ministack printed. */
  public get logFile(): string {
    return this.started.ministack.logFile;
  }

  /** One line for each thing that stands in for AWS. */
  public get standIns(): string[] {
    return this.gateway.standIns;
  }

  /** Every invocation of a user pool's trigger so far, oldest first. */
  public get triggers(): readonly TriggerInvocation[] {
    return this.triggerPart.invocations;
  }

  /** `role`: the ARN of a deployed role that calls are made with, and judged by; without it they are an administrator's. */
  public client(region: string, { seed = false, role }: { seed?: boolean; role?: string } = {}): Clients {
    const id = `${region}/${seed}/${role}`;
    const known = this.clients.get(id) ?? this.newClients(region, seed, role);
    this.clients.set(id, known);
    return known;
  }

  /** Makes both Regions ready for the CDK, once. */
  public async bootstrap(): Promise<void> {
    const wanted = this.regions.filter(region => !this.bootstrapped.has(region) && !this.outage.isOff(region));
    if (wanted.length > 0) {
      await this.cdk(['bootstrap', ...wanted.map(region => `aws://${this.account}/${region}`)]);
      wanted.forEach(region => this.bootstrapped.add(region));
    }
  }

  /**
   * Deploys a cloud assembly (its directory) or an app (its command, with spaces) with the CDK CLI.
   * @returns the outputs of the deployed stacks, by stack name
   */
  public async deploy(app: string, options: DeployOptions = {}): Promise<Record<string, Record<string, string>>> {
    await this.bootstrap();
    const outputs = path.join(this.outputs, `${Date.now()}.json`);
    const stacks = options.stacks ?? ['--all'];
    await this.cdk([
      'deploy', ...stacks, '--app', app, '--output', path.join(this.outputs, 'cdk.out'), '--require-approval', 'never', '--outputs-file', outputs, ...options.args ?? [],
    ], options.region);
    return existsSync(outputs) ? JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>> : {};
  }

  public async destroy(app: string, options: DeployOptions = {}): Promise<void> {
    await this.cdk([
      'destroy', ...options.stacks ?? ['--all'], '--app', app, '--output', path.join(this.outputs, 'cdk.out'), '--force', ...options.args ?? [],
    ], options.region);
  }

  public async cdk(args: readonly string[], region = this.regions[0]): Promise<string> {
    return cdk(args, { endpoint: this.endpoint, account: this.account, region });
  }

  public async stackOutputs(region: string, stackName: string): Promise<Record<string, string>> {
    const { Stacks } = await this.client(region).cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map(output => [output.OutputKey!, output.OutputValue!]));
  }

  /** Turns switches; secondary indexes that become stale show from then on what is there at this moment. */
  public async turn(settings: Partial<Settings>): Promise<void> {
    this.switches.turn(settings);
    if (this.switches.of('indexes') === 'stale') await this.indexes.take();
  }

  /** Names of everything that a clock fires in a Region: rules with a schedule, and schedules. */
  public async scheduled(region: string): Promise<string[]> {
    return this.schedules.names(region);
  }

  /**
   * Fires the only rule or schedule of a Region whose name contains `part`, as the clock would. What failed throws; of a state machine the answer has
   * the execution.
   */
  public async fireSchedule(region: string, part: string): Promise<Started[]> {
    return this.schedules.fire(region, part);
  }

  public switchOff(region: string, mode?: OutageMode): void {
    this.outage.switchOff(region, mode);
  }

  public switchOn(region: string): void {
    this.outage.switchOn(region);
  }

  public async startStateMachine(region: string, stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> {
    const { executionArn } = await this.client(region).stepFunctions.send(new StartExecutionCommand({
      stateMachineArn, name, input: typeof input === 'string' ? input : JSON.stringify(input),
    }));
    return executionArn!;
  }

  /** Starts a state machine and waits for its end, whatever that is. */
  public async runStateMachine(region: string, stateMachineArn: string, input: unknown = {}, options: RunOptions = {}): Promise<Execution> {
    return this.waitForExecution(region, await this.startStateMachine(region, stateMachineArn, input, options.name), options);
  }

  public async waitForExecution(region: string, executionArn: string, options: RunOptions = {}): Promise<Execution> {
    const { stepFunctions } = this.client(region);
    const start = Date.now();
    const timeoutMs = options.timeoutMs ?? 120_000;
    for (let pause = 20; ; pause = Math.min(pause * 1.5, 250)) {
      const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') {
        return {
          arn: executionArn,
          status: execution.status ?? 'UNKNOWN',
          // ministack gives a failed execution an output too.
          output: execution.status === 'SUCCEEDED' ? parsed(execution.output) : undefined,
          error: execution.error,
          cause: execution.cause,
          history: () => this.history(region, executionArn),
        };
      }
      const elapsed = Date.now() - start;
      options.onProgress?.(elapsed);
      if (elapsed > timeoutMs) {
        const last = (await this.history(region, executionArn)).slice(-5);
        throw new Error(`${executionArn} still runs after ${timeoutMs} ms; its last events: ${JSON.stringify(last)}`);
      }
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }

  /** @returns the parsed answer; a function that failed throws what it said */
  public async invokeLambda(region: string, functionName: string, event: unknown = {}): Promise<unknown> {
    const { Payload, FunctionError } = await this.client(region).lambda.send(new InvokeCommand({
      FunctionName: functionName, Payload: JSON.stringify(event),
    }));
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError) {
      throw new Error(`${functionName} failed: ${text}`);
    }
    return parsed(text);
  }

  /**
   * Ends the process that runs a function, as when AWS loses a machine: a task that waits for it fails, the next call starts a new one.
   * @returns how many processes there were
   */
  public killLambda(functionName: string): number {
    const processes = this.started.ministack.lambdaProcesses(functionName);
    processes.forEach(pid => process.kill(pid, 'SIGKILL'));
    return processes.length;
  }

  /** Milliseconds of a processor that the running processes of a function have taken so far, as Linux counts them. */
  public processorTime(functionName: string): number {
    return this.started.ministack.lambdaProcesses(functionName).reduce((sum, pid) => {
      // The name of the command is in brackets, and may hold anything; the 14th and 15th field are the time in user and in kernel mode.
      const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      const [user, kernel] = fields.join(') ').split(' ').slice(11, 13).map(Number);
      return sum + (user + kernel) * CLOCK_TICK;
    }, 0);
  }

  /** The name of the only function of a Region whose name contains `part`. */
  public async functionName(region: string, part: string): Promise<string> {
    const { Functions } = await this.client(region).lambda.send(new ListFunctionsCommand({}));
    const names = (Functions ?? []).map(each => each.FunctionName!).filter(name => name.includes(part));
    if (names.length !== 1) {
      throw new Error(`${names.length} functions in ${region} have '${part}' in their name: ${names.join(', ')}`);
    }
    return names[0];
  }

  /** Every e-mail that was "sent", oldest first: invitations, confirmation and reset codes. */
  public async mails(): Promise<Mail[]> {
    const answer = await this.backend.send({ method: 'GET', url: '/_ministack/ses/messages', headers: {} });
    const { messages } = JSON.parse(answer.body.toString('utf8')) as { messages: Record<string, { To: string[]; Subject: string; BodyText: string }[]> };
    return Object.values(messages).flat().map(({ To: to, Subject: subject, BodyText: text }) => ({ to, subject, text }));
  }

  /** Every log line of every function of a Region, for example to look for personal data in them. */
  public async lambdaLogs(region: string): Promise<string[]> {
    const { logs } = this.client(region);
    const lines: string[] = [];
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
    for (const { logGroupName } of logGroups) {
      let nextToken: string | undefined;
      do {
        const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
        lines.push(...(page.events ?? []).map(event => event.message ?? ''));
        nextToken = page.nextToken;
      } while (nextToken);
    }
    return lines;
  }

  /** @throws when a call broke one of our rules, see {@link Violations}, or was refused by IAM or a model and no test took note of it */
  public async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    this.clients.forEach(clients => Object.values(clients).forEach((client: { destroy(): void }) => client.destroy()));
    // Asked while there is somebody to ask, and said when all is stopped.
    const taken = running && this.iam.takeTakenAway();
    await taken?.catch(() => undefined);
    await running?.ministack.stop();
    await this.gateway.close();
    removeTemporary(this.outputs);
    const [violation] = this.violations.found;
    if (violation) {
      throw new Error(`${this.violations.found.length} calls broke a rule of ours; the first: ${JSON.stringify(violation)}`);
    }
    const denials = [...this.iam.denied, ...await taken ?? []];
    const [denial] = denials;
    if (denial) {
      throw new Error(`IAM refused ${denials.length} calls; the first: ${denial.message}`);
    }
    // Others have seen the error that their call was answered; a function may have swallowed it.
    const [invalid] = this.models.violations.filter(({ caller }) => caller !== 'other' && caller !== 'seed');
    if (invalid) {
      throw new Error(`a function made a call that its service's model does not allow: ${JSON.stringify(invalid)}`);
    }
  }

  private async history(region: string, executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client(region).stepFunctions.send(new GetExecutionHistoryCommand({
        executionArn, nextToken, includeExecutionData: true,
      }));
      events.push(...page.events ?? []);
      nextToken = page.nextToken;
    } while (nextToken);
    return events;
  }

  private get started(): { endpoint: string; ministack: Ministack } {
    if (!this.running) {
      throw new Error('the local AWS is not running');
    }
    return this.running;
  }

  private newClients(region: string, seed: boolean, role?: string): Clients {
    const configuration = {
      region,
      endpoint: this.endpoint,
      credentials: {
        accessKeyId: this.account, secretAccessKey: 'local', ...role ? { sessionToken: sessionToken({ roleArn: role, sessionName: 'test' }) } : {},
      },
      // A test wants to see the first answer, not the third.
      maxAttempts: 1,
    };
    const clients: Clients = {
      cognito: new CognitoIdentityProviderClient(configuration),
      dynamodb: new DynamoDBClient(configuration),
      stepFunctions: new SFNClient(configuration),
      lambda: new LambdaClient(configuration),
      cloudFormation: new CloudFormationClient(configuration),
      logs: new CloudWatchLogsClient(configuration),
    };
    clients.cognito.middlewareStack.add(next => args => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers[HEADER_REGION] = region;
      if (seed) {
        headers[HEADER_SEED] = '1';
      }
      return next(args);
    }, { step: 'build', name: 'local-aws' });
    return clients;
  }
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
