import { FakePoolOptions, FakeUserPool } from './fake-cognito';
import { InMemoryLedger } from './in-memory-ledger';
import { StateTableFake } from './in-memory-run-state';
import { lifeOf } from './life';
import { untilEnd } from './until-end';
import { VirtualClock } from './virtual-clock';
import { QuotaPacer } from '../../src/cognito/pacing';
import { lookUpNamesOf, SignInSettings, signInNameOf } from '../../src/cognito/sign-in-name';
import { TargetPool } from '../../src/cognito/target-pool';
import { GroupImage, SourceUser } from '../../src/cognito/user';
import { digestOfUser, items, UserRow } from '../../src/ledger/schema';
import { RestoreReport } from '../../src/restore/report';
import { RestoreRun } from '../../src/restore/restore-run';
import { restoreSlice, SliceAnswer } from '../../src/restore/restore-worker';

export const SOURCE = 'us-east-1_Source';
export const SOURCE_SUB = { source_sub: { mutable: false } };

/** How a restore ended: a report, a sentence, or both. */
export interface EndOfRestore extends Pick<SliceAnswer, 'status' | 'progress'> {
  readonly report?: RestoreReport;
  readonly message?: string;
}

export interface WorldOptions extends FakePoolOptions {
  readonly sliceSeconds?: number;
  readonly groupRoles?: Readonly<Record<string, string>>;
}

/** A ledger, a target pool and a state table in virtual time, and the loop of the state machine around the real worker. */
export class RestoreWorld {
  public readonly clock = new VirtualClock();
  public readonly ledger = new InMemoryLedger();
  public readonly table = new StateTableFake(() => this.clock.now());
  public readonly pool: FakeUserPool;
  public slices = 0;
  public retries = 0;
  /** Calls to Cognito and the state table that the first, second, ... slice may make before it is killed; the others live. */
  public lives: number[] = [];
  private executions = 0;

  constructor(private readonly options: WorldOptions = {}) {
    this.pool = new FakeUserPool({ customAttributes: SOURCE_SUB, ...options, now: () => this.clock.now() });
    this.ledger.put(items.source({ poolId: SOURCE, sweptAt: 1, users: 0 }));
  }

  public user(sub: string, user: Partial<UserRow> = {}, groups: readonly string[] = []): UserRow {
    const base: SourceUser = {
      sub, username: user.username ?? `name-${sub}`, attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 2, ...user,
    };
    const row: UserRow = {
      poolId: SOURCE,
      observedAt: 3,
      digest: digestOfUser(base),
      ...base,
      signInName: 'signInName' in user ? user.signInName : signInNameOf({ usernameAttributes: this.options.usernameAttributes ?? [] }, base),
      lookUp: 'signInName' in user ? undefined : lookUpNamesOf(this.signInSettings, base),
    };
    this.ledger.put(items.user(row));
    for (const group of groups) this.ledger.put(items.membership({ poolId: SOURCE, group, sub, observedAt: 3 }));
    return row;
  }

  private get signInSettings(): SignInSettings {
    const { usernameAttributes = [], aliasAttributes, caseSensitive = false } = this.options;
    return { usernameAttributes, aliasAttributes, caseSensitive };
  }

  public group(group: GroupImage): void {
    this.ledger.put(items.group({ poolId: SOURCE, observedAt: 3, ...group }));
  }

  public run(run: Partial<RestoreRun> = {}): RestoreRun {
    return {
      execution: `run-${++this.executions}`, startedAt: this.clock.now(), sourceUserPoolId: SOURCE, targetUserPoolId: this.pool.userPoolId, dryRun: false, quotaShare: 1, sourceSubProves: true, ...run,
    };
  }

  /** What the state machine does: call, retry what failed, go on until there is a report. */
  public async restore(given: Partial<RestoreRun> = {}): Promise<EndOfRestore> {
    const run = this.run(given);
    return untilEnd(this.clock, async () => this.slice(run), () => { this.retries++; });
  }

  public async slice(run: RestoreRun): Promise<SliceAnswer> {
    this.slices++;
    const life = lifeOf(this.lives.shift() ?? Infinity);
    const deadline = this.clock.now() + (this.options.sliceSeconds ?? 840) * 1_000;
    return Promise.race([life.end, restoreSlice({
      run,
      ledger: this.ledger,
      state: life.bind(this.table.stateOf(run.execution)),
      target: life.bind<TargetPool>(this.pool),
      pacer: new QuotaPacer({ clock: this.clock, share: run.quotaShare, until: deadline + 40_000 }),
      clock: this.clock,
      deadline,
      groupRoles: this.options.groupRoles ?? {},
    })]);
  }
}
