import * as path from 'node:path';
import {
  AdminCreateUserCommand, AdminDisableUserCommand, AdminInitiateAuthCommand, AdminUpdateUserAttributesCommand, ConfirmForgotPasswordCommand,
  DescribeUserPoolCommand, ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { QUOTA_SCALE } from './quota-scale';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { RestoreReport } from '../../src/restore/report';
import { captureLags, drained, lagText } from '../helpers/capture-watch';
import { PoolState, differences, readPool, restored } from '../helpers/compare';
import { RESET_CODE } from '../local-aws/gateway/rules/recovery';
import { LocalAws } from '../local-aws/local-aws';
import { PROJECT_ROOT } from '../local-aws/paths';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

const PRIMARY = 'us-east-1';
const REPLICA = 'us-west-2';
/** Users who are added, and users who are changed, after the first sweep. */
const ADDED = 20;
const CHANGED = 15;
/** Users who come to the standby before any restore. */
const VISITORS = 10;

export interface DemoResult {
  /** In the source pool when its Region went dark. */
  readonly users: number;
  /** Of them in the ledger. */
  readonly captured: number;
  readonly restored: number;
  readonly skipped: number;
  readonly failed: number;
  /** Neither in the standby pool as they were, nor skipped for a reason that docs/what-is-kept.md gives. */
  readonly lost: number;
  readonly rpoSeconds: number;
  readonly rtoSeconds: number;
  readonly signedIn: boolean;
}

interface Outputs {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly hintsQueue: string;
  readonly sweep: string;
  readonly restore: string;
  readonly standbyUserPoolId: string;
  readonly switch: string;
  readonly standbyClientId: string;
}

/** The promise of the landing page, from `cdk deploy` to a user who signs in on the other side. */
export class Demo {
  private aws!: LocalAws;
  private outputs!: Outputs;

  constructor(private readonly userCount: number) {}

  public async run(): Promise<DemoResult> {
    this.aws = await this.step('Starting a local AWS with two Regions', async () => LocalAws.start({ quotas: QUOTA_SCALE }));
    try {
      return await this.play();
    } finally {
      await this.aws.stop();
    }
  }

  private async play(): Promise<DemoResult> {
    // Who is there before the first sweep is that one's business.
    this.aws.events.configure({ seeding: false });
    this.outputs = await this.step('cdk deploy --all: an app with one CognitoDrReplica', async () => this.deploy());
    const seeded = await this.step(`Seeding ${this.userCount} users`, async () => this.seed());
    await this.step('Sweeping the user pool into the ledger', async () => this.sweep());
    const lastChange = await this.step(`Adding ${ADDED} users, changing ${CHANGED}`, async () => this.change(seeded));
    const lags = await this.step('Waiting until capture has copied that, without a sweep', async () => this.captured());
    const source = await readPool(this.aws.client(PRIMARY, { seed: true }).cognito, this.outputs.userPoolId);
    await this.aws.replication.settled();
    const rpoSeconds = seconds(Date.now() - lastChange);

    this.aws.switchOff(PRIMARY);
    this.say(`\n${PRIMARY} is dark.\n`);
    const dark = Date.now();
    await this.step('Opening the standby', async () => this.open());
    const { count, milliseconds } = await this.step(`${VISITORS} users come to the empty standby: new password, sign-in`, async () => this.visit(seeded));
    this.say(`  ${count} of them are in, ${milliseconds} ms each (median), with their groups and the sub that applications know\n`);
    const report = await this.restore();
    const rtoSeconds = seconds(Date.now() - dark);
    const signedIn = await this.step('A user resets the password on the standby and signs in', async () => this.resetAndSignIn(seeded));
    const lost = await this.step('Comparing the standby with the source, field by field', async () => this.lostUsers(source));

    const result: DemoResult = {
      users: source.users.size,
      captured: report.users,
      restored: report.restored + report.alreadyThere,
      skipped: report.skipped,
      failed: report.failed,
      lost: countLost(lost),
      rpoSeconds,
      rtoSeconds,
      signedIn,
    };
    this.print(result, report, lost, lags);
    return result;
  }

  private async deploy(): Promise<Outputs> {
    const app = `npx tsx ${path.join(PROJECT_ROOT, 'test', 'demo', 'app.ts')}`;
    const outputs = Object.values(await this.aws.deploy(app)).reduce((all, some) => ({ ...all, ...some }), {});
    const value = (name: string) => Object.entries(outputs).find(([key]) => key.includes(name))![1];
    return {
      userPoolId: outputs.UserPoolId,
      clientId: outputs.ClientId,
      hintsQueue: outputs.HintsQueue,
      sweep: value('SweepStateMachineArn'),
      restore: value('RestoreStateMachineArn'),
      standbyUserPoolId: value('StandbyUserPoolId'),
      switch: value('StandbySwitchStateMachineArn'),
      standbyClientId: value('StandbyClientId'),
    };
  }

  private async seed(): Promise<Seeded> {
    const { userPoolId, clientId } = this.outputs;
    return seedUsers({ endpoint: this.aws.endpoint, account: this.aws.account, region: PRIMARY, userPoolId, clientId, users: this.userCount });
  }

  private async sweep(): Promise<SweepReport> {
    const { status, output, error, cause } = await this.aws.runStateMachine(PRIMARY, this.outputs.sweep);
    if (status !== 'SUCCEEDED') throw new Error(`the sweep ended ${status}: ${error ?? ''} ${cause ?? ''}`);
    return output as SweepReport;
  }

  private async open(): Promise<void> {
    const { status, error, cause } = await this.aws.runStateMachine(REPLICA, this.outputs.switch, { mode: 'open', reason: `${PRIMARY} is dark` });
    if (status !== 'SUCCEEDED') throw new Error(`opening the standby ended ${status}: ${error ?? ''} ${cause ?? ''}`);
  }

  private async captured(): Promise<number[]> {
    await drained(this.aws, PRIMARY, this.outputs.hintsQueue);
    return captureLags(this.aws, PRIMARY);
  }

  /** Answers when the last change was made. */
  private async change({ users }: Seeded): Promise<number> {
    this.aws.events.configure({ seeding: true });
    const { cognito } = this.aws.client(PRIMARY, { seed: true });
    const UserPoolId = this.outputs.userPoolId;
    for (let i = 0; i < ADDED; i += 1) {
      const Username = `late-${i}@example.com`;
      await cognito.send(new AdminCreateUserCommand({
        UserPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: Username }, { Name: 'email_verified', Value: 'true' }],
      }));
    }
    const confirmed = users.filter(({ state, person }) => state === 'confirmed' && !person.disabled);
    for (const { username: Username } of confirmed.slice(0, CHANGED)) {
      await cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes: [{ Name: 'custom:note', Value: 'changed today' }] }));
    }
    await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: confirmed[0].username }));
    return Date.now();
  }

  private async restore(): Promise<RestoreReport> {
    const { cognito } = this.aws.client(REPLICA, { seed: true });
    const bar = new SingleBar({ format: 'Restoring in the second Region |{bar}| {value}/{total} users', noTTYOutput: true, notTTYSchedule: 5_000 }, Presets.shades_classic);
    bar.start(this.userCount + ADDED, 0);
    let looking = false;
    const look = async () => {
      const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId: this.outputs.standbyUserPoolId }));
      bar.update(UserPool?.EstimatedNumberOfUsers ?? 0);
      looking = false;
    };
    const pending: Promise<void>[] = [];
    const { status, output, error, cause } = await this.aws.runStateMachine(REPLICA, this.outputs.restore, {}, {
      timeoutMs: 240_000,
      onProgress: () => {
        if (looking) return;
        looking = true;
        pending.push(look());
      },
    });
    await Promise.all([...pending, look()]);
    bar.stop();
    if (status !== 'SUCCEEDED') throw new Error(`the restore ended ${status}: ${error ?? ''} ${cause ?? ''}`);
    return output as RestoreReport;
  }

  /** Before any restore: users who are in no hurry to wait for one. */
  private async visit({ users }: Seeded): Promise<{ count: number; milliseconds: number }> {
    const visitors = users.filter(({ state, person }) => state === 'confirmed' && !person.disabled && person.index % 5 !== 1).slice(-VISITORS);
    const times: number[] = [];
    for (const { sub, person } of visitors) {
      const start = Date.now();
      const claims = await this.resetPassword(person.email);
      if (claims?.source_sub !== sub) throw new Error('a token does not say who the user was in the source pool');
      times.push(Date.now() - start);
    }
    return { count: times.length, milliseconds: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] };
  }

  private async resetAndSignIn({ users }: Seeded): Promise<boolean> {
    const { person } = users.find(user => user.state === 'force-change-password' && !user.person.disabled && user.person.index % 5 !== 1)!;
    return await this.resetPassword(person.email) !== undefined;
  }

  /** What a user does in the application: "forgot password", the code from the e-mail, sign in. Answers the claims of the ID token. */
  private async resetPassword(Username: string): Promise<Record<string, unknown> | undefined> {
    const { cognito } = this.aws.client(REPLICA);
    const { standbyClientId: ClientId, standbyUserPoolId: UserPoolId } = this.outputs;
    const Password = 'A-brand-new-Passw0rd';
    await cognito.send(new ForgotPasswordCommand({ ClientId, Username }));
    await cognito.send(new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode: RESET_CODE, Password }));
    const { AuthenticationResult: tokens } = await cognito.send(new AdminInitiateAuthCommand({
      UserPoolId, ClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: Username, PASSWORD: Password },
    }));
    return tokens?.IdToken && JSON.parse(Buffer.from(tokens.IdToken.split('.')[1], 'base64url').toString());
  }

  /** One line for each user or group who is not on the standby as in the source. */
  private async lostUsers(source: PoolState): Promise<string[]> {
    const standby = await readPool(this.aws.client(REPLICA, { seed: true }).cognito, this.outputs.standbyUserPoolId);
    return differences(source, standby, { user: restored({ generatedUsernames: true }) });
  }

  private async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    this.say(`${what} … `);
    const result = await work();
    this.say(`${seconds(Date.now() - start)} s\n`);
    return result;
  }

  private say(text: string): void {
    process.stdout.write(text);
  }

  private print(result: DemoResult, report: RestoreReport, lost: readonly string[], lags: readonly number[]): void {
    const table = new Table({ head: ['', 'Users'], style: { head: [], border: [] } });
    table.push(
      ['in the source pool', result.users],
      ['captured in the ledger', result.captured],
      ['restored in the second Region', result.restored],
      ['skipped', result.skipped],
      ...Object.entries(report.reasons.skipped ?? {}).map(([reason, count]) => [`  ${reason}`, count]),
      ['failed', result.failed],
      ['lost', result.lost],
    );
    this.say(`\n${table.toString()}\n`);
    lost.slice(0, 10).forEach(line => this.say(`  ${line}\n`));
    this.say(`From a change to the ledger: ${lagText(lags)}; on AWS, CloudTrail takes seconds to minutes more\n`);
    this.say(`RPO as measured here: ${result.rpoSeconds} s from the last change to a copy in the second Region; for what no hint tells, up to one sweepInterval\n`);
    this.say(`RTO as measured here: ${result.rtoSeconds} s, with Cognito's default quotas times ${QUOTA_SCALE}; on AWS with defaults expect about ${QUOTA_SCALE} times as long\n`);
    this.say('\nStand-ins for AWS in this run:\n');
    this.aws.standIns.forEach(line => this.say(`  - ${line}\n`));
  }
}

/** Users, not lines: several may be about one. Lines about groups count as they are. */
export function countLost(lines: readonly string[]): number {
  return new Set(lines.map(line => /^user [^\s:]+/.exec(line)?.[0] ?? line)).size;
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
