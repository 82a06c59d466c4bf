import { FakePoolOptions, FakeUser, FakeUserPool } from './fake-cognito';
import { InMemoryLedger } from './in-memory-ledger';
import { RecoveryTableFake } from './in-memory-recovery-store';
import { lifeOf } from './life';
import { untilEnd } from './until-end';
import { imageOf } from './user-pool-model';
import { VirtualClock } from './virtual-clock';
import { QuotaPacer } from '../../src/cognito/pacing';
import { Page } from '../../src/cognito/page';
import { lookUpNamesOf, signInNameOf } from '../../src/cognito/sign-in-name';
import { TargetPool } from '../../src/cognito/target-pool';
import { UserImage } from '../../src/cognito/user';
import { Cause } from '../../src/ledger/beginning';
import { Grade } from '../../src/ledger/image-at';
import { digestOfUser, GroupRow, items, keys, rows, UserRow } from '../../src/ledger/schema';
import { Directory, PastLedger } from '../../src/recovery/past-reader';
import { PlanOrder, RecoveryRun, Task } from '../../src/recovery/recovery-run';
import { RecoveryAnswer, recoverySlice } from '../../src/recovery/recovery-worker';

export const POOL = 'us-east-1_Source';
export const SCRIPT = 'arn:aws:iam::111122223333:role/script';
export const CLERK = 'arn:aws:iam::111122223333:role/clerk';
const DAY = 86_400_000;

/** The ledger as it was at a moment: a copy of all rows, with a grade for those of whom nobody is sure. */
class Snapshot extends InMemoryLedger implements Directory {
  constructor(public readonly moment: number, private readonly grades: ReadonlyMap<string, Grade> = new Map(),
    private readonly coalesced: ReadonlySet<string> = new Set()) {
    super();
  }

  public override async user(poolId: string, sub: string): Promise<UserRow | undefined> {
    const row = await super.user(poolId, sub);
    return row && this.graded(row);
  }

  public override async usersOfShard(poolId: string, shard: string, cursor?: string): Promise<Page<UserRow>> {
    const page = await super.usersOfShard(poolId, shard, cursor);
    return { ...page, items: page.items.map(row => this.graded(row)) };
  }

  private graded(row: UserRow): UserRow {
    const grade = this.grades.get(row.sub);
    return grade ? { ...row, grade, isCoalesced: this.coalesced.has(row.sub) } as UserRow : row;
  }
}

interface Changed {
  readonly at: number;
  readonly sub: string;
  readonly group?: string;
  readonly cause: Cause;
}

/** A source pool, the ledger that follows it, and the loop of the state machine around the real worker. */
export class RecoveryWorld {
  public readonly clock = new VirtualClock();
  public readonly pool: FakeUserPool;
  public readonly ledger = new Snapshot(Infinity);
  public readonly table = new RecoveryTableFake(() => this.clock.now());
  public readonly grades = new Map<string, Grade>();
  /** Those whose last change was one of several between two looks. */
  public readonly lastOfSeveral = new Set<string>();
  /** Those of the uncertain who changed more than once. */
  public readonly coalesced = new Set<string>();
  /** Groups of which the history is not whole. */
  public readonly unknownGroups = new Set<string>();
  /** Calls that the first, second, ... slice may make before it is killed; the others live. */
  public lives: number[] = [];
  public retries = 0;
  /** Whether capture has read MFA preferences, which no listing shows. */
  public knowsMfa = true;
  public sliceSeconds = 840;
  private readonly snapshots: Snapshot[] = [];
  private readonly log: Changed[] = [];
  private executions = 0;

  constructor(private readonly options: FakePoolOptions = {}) {
    let made = 0;
    this.pool = new FakeUserPool({
      userPoolId: POOL,
      autoVerifiedAttributes: ['email'],
      now: () => this.clock.now(),
      newSub: () => `${(++made * 7_919 % 65_536).toString(16).padStart(4, '0')}0000-${made}`,
      ...options,
    });
  }

  public user(username: string, user: Partial<FakeUser> = {}, groups: readonly string[] = []): FakeUser {
    const made = this.pool.seed({ username, createdAt: this.clock.now(), modifiedAt: this.clock.now(), ...user });
    groups.forEach(group => this.pool.model.addUserToGroup(username, group));
    return made;
  }

  public named(username: string): FakeUser | undefined {
    return [...this.pool.users.values()].find(user => user.username === username);
  }

  public async pass(milliseconds: number): Promise<void> {
    await this.clock.run(() => this.clock.sleep(milliseconds));
  }

  /** Has the ledger know the pool as it is, and answers that moment. */
  public async capture(principal?: string): Promise<number> {
    const { now } = this;
    const cause: Cause = { event: 'test', ...principal ? { principal } : {} };
    this.captureUsers(now, cause);
    this.captureGroups(now, cause);
    const snapshot = new Snapshot(now, this.grades, this.coalesced);
    this.ledger.items.forEach(item => snapshot.put(structuredClone(item)));
    this.snapshots.push(snapshot);
    await this.pass(1_000);
    return now;
  }

  private captureUsers(now: number, cause: Cause): void {
    const stored = new Map([...this.ledger.items.values()].filter(({ pk }) => pk.startsWith(`${POOL}#U#`)).map(rows.user).map(row => [row.sub as string, row]));
    for (const user of this.pool.users.values()) {
      const image: UserImage = imageOf(user);
      const before = stored.get(user.sub);
      stored.delete(user.sub);
      const mfa = this.knowsMfa ? user.mfa : undefined;
      if (before && before.digest === digestOfUser(image) && JSON.stringify(before.mfa?.enabled) === JSON.stringify(mfa?.enabled)) continue;
      this.ledger.put(items.user({
        ...image,
        poolId: POOL,
        digest: digestOfUser(image),
        observedAt: now,
        cause,
        mfa,
        signInName: signInNameOf(this.signIn, image),
        lookUp: lookUpNamesOf(this.signIn, image),
      }));
      this.log.push({ at: now, sub: user.sub, cause });
    }
    for (const row of [...stored.values()].filter(({ deletedAt }) => deletedAt === undefined)) {
      this.ledger.put(items.user({ ...row, deletedAt: now, observedAt: now, cause }));
      this.log.push({ at: now, sub: row.sub, cause });
    }
  }

  private captureGroups(now: number, cause: Cause): void {
    const all = [...this.ledger.items.values()];
    const groups = new Map(all.filter(({ pk }) => pk === keys.groups(POOL)).map(rows.group).map(row => [row.name, row]));
    for (const group of this.pool.groups.values()) {
      const before = groups.get(group.name);
      groups.delete(group.name);
      const row: GroupRow = { ...group, poolId: POOL, observedAt: now, cause };
      const isSame = before?.description === group.description && before?.precedence === group.precedence;
      if (!before || before.deletedAt !== undefined || !isSame) this.ledger.put(items.group(row));
    }
    groups.forEach(row => this.ledger.put(items.group({ ...row, deletedAt: row.deletedAt ?? now })));
    const memberships = new Map(all.filter(({ member }) => member !== undefined).map(item => rows.membership(item)).map(row => [`${row.group}/${row.sub}`, row]));
    for (const user of this.pool.users.values()) {
      for (const group of user.groups) {
        const before = memberships.get(`${group}/${user.sub}`);
        memberships.delete(`${group}/${user.sub}`);
        if (before && before.deletedAt === undefined) continue;
        this.ledger.put(items.membership({ poolId: POOL, group, sub: user.sub, observedAt: now, cause }));
        this.log.push({ at: now, sub: user.sub, group, cause });
      }
    }
    for (const row of [...memberships.values()].filter(({ deletedAt }) => deletedAt === undefined)) {
      this.ledger.put(items.membership({ ...row, deletedAt: now, cause }));
      this.log.push({ at: now, sub: row.sub, group: row.group, cause });
    }
  }

  private get signIn() {
    const { usernameAttributes = [], aliasAttributes, caseSensitive = false } = this.options;
    return { usernameAttributes, aliasAttributes, caseSensitive };
  }

  private get now(): number {
    return this.clock.now();
  }

  public get past(): PastLedger {
    return {
      now: this.ledger,
      at: moment => this.snapshotAt(moment),
      groupsAt: async (pool, sub, moment) => ({ groups: await this.snapshotAt(moment).groupsOfUser(pool, sub), grade: 'certain' }),
      groupsUnknownAt: async () => this.unknownGroups,
      causesSince: async (_pool, sub, moment) => {
        const causes = this.log.filter(entry => entry.at > moment && entry.sub === sub).map(({ cause }) => cause);
        return this.lastOfSeveral.has(sub) ? causes.map(cause => ({ ...cause, isCoalesced: true })) : causes;
      },
    };
  }

  private snapshotAt(moment: number): Snapshot {
    return this.snapshots.filter(snapshot => snapshot.moment <= moment).at(-1) ?? new Snapshot(moment);
  }

  public run(task: Task, execution = `run-${++this.executions}`): RecoveryRun {
    return { execution, startedAt: this.now, sourceUserPoolId: POOL, targetUserPoolId: POOL, task, quotaShare: 1 };
  }

  public async plan(order: Partial<PlanOrder> & Pick<PlanOrder, 'asOf'>, isDifference = false): Promise<RecoveryAnswer & { readonly plan: string }> {
    const run = this.run({ do: 'plan', order: { kind: 'restore', scope: { of: 'everybody' }, allowMessages: false, ...order }, isDifference });
    return { ...await this.execute(run), plan: run.execution };
  }

  /** What the state machine does: call, retry what failed, go on until there is an end. */
  public async execute(run: RecoveryRun): Promise<RecoveryAnswer> {
    return untilEnd(this.clock, async () => this.slice(run), () => { this.retries++; });
  }

  public async slice(run: RecoveryRun): Promise<RecoveryAnswer> {
    const life = lifeOf(this.lives.shift() ?? Infinity);
    const deadline = this.clock.now() + this.sliceSeconds * 1_000;
    return Promise.race([life.end, recoverySlice({
      run,
      past: this.past,
      store: life.bind(this.table.storeOf(run.execution)),
      recovered: life.bind(this.table.recovered),
      target: life.bind<TargetPool>(this.pool),
      pacer: new QuotaPacer({ clock: this.clock, share: run.quotaShare, until: deadline + 40_000 }),
      clock: this.clock,
      deadline,
      groupRoles: {},
      retention: 35 * DAY,
    })]);
  }

  /** Everything about the users that a recovery decides, by user name. */
  public state(labelOf: (user: FakeUser) => string = ({ username }) => username): Record<string, unknown> {
    return Object.fromEntries([...this.pool.users.values()].map(user => {
      const { attributes, enabled, groups } = user;
      return [labelOf(user), { attributes: { ...attributes }, enabled, groups: [...groups].sort() }] as const;
    }).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
