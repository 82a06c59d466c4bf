import { COSTS } from './call-costs';
import { attributesOf, CountedPool, sourceSubOf as subOf } from './counted-pool';
import { seededRandom } from './random';
import { VirtualClock } from './virtual-clock';
import { VirtualProcessor } from './virtual-processor';
import { QuotaPacer } from '../../src/cognito/pacing';
import { DEFAULT_QUOTAS, QuotaCategory } from '../../src/cognito/quotas';
import { CATEGORY_OF, TargetPool } from '../../src/cognito/target-pool';
import { LedgerHistory } from '../../src/ledger/ledger-store';
import { SHARDS, UserRow } from '../../src/ledger/schema';
import { RESTORE_MEMORY } from '../../src/restore/constants';
import { bindingSeconds, restoreCalls } from '../../src/restore/restore-pace';
import { Checkpoint, RestoreRun } from '../../src/restore/restore-run';
import { restoreSlice } from '../../src/restore/restore-worker';
import { Link, PlannedImage } from '../../src/state/link';
import { UserOutcome } from '../../src/state/outcome';
import { RunState, UserRecord } from '../../src/state/run-state';

export interface SimulationProps {
  readonly users: number;
  readonly groupsEach: number;
  readonly quotaShare?: number;
  readonly sliceSeconds?: number;
  /** Megabytes of the function, as deployed by default. */
  readonly memory?: number;
  /** Called after each slice and every so many users. */
  readonly onProgress?: () => void;
  /** A user that vanishes from the target after everything was done. */
  readonly missing?: number;
}

export interface SimulationResult {
  readonly users: number;
  readonly groupsEach: number;
  readonly minutes: number;
  /** Minutes that the slowest quota needs for the calls of the restore, over the minutes that it took, verification included. */
  readonly ratio: number;
  readonly throttled: number;
  /** Share of the time in which the function's part of a processor was busy. */
  readonly busy: number;
  readonly calls: Readonly<Partial<Record<QuotaCategory, number>>>;
  readonly slices: number;
  readonly status: string;
}

const POOL = 'us-east-1_Source';
const LEDGER_PAGE = 500;

/**
 * Runs the real worker and the real pacer, in virtual time, against a Cognito that answers in 30 to 120 ms and refuses whatever is above
 * its quotas, on the part of a processor that the function's memory brings. Users are made up when they are asked for, so that the memory measured is the worker's.
 */
export class SimulatedRestore {
  private readonly clock = new VirtualClock();
  /** The same for every run, so that the figures of docs/evidence.md can be held to the digit. */
  private readonly random = seededRandom(1);
  private readonly processor: VirtualProcessor;
  private readonly buckets = new Map<QuotaCategory, { tokens: number; at: number }>();
  private readonly calls: Partial<Record<QuotaCategory, number>> = {};
  private throttled = 0;
  public readonly differences: string[] = [];
  private readonly groups: readonly string[];
  private readonly pool: CountedPool;
  /** How often the outcome of a user was written. */
  private readonly done: Uint8Array;
  private checkpoint: Checkpoint | undefined;

  constructor(private readonly props: SimulationProps) {
    this.pool = new CountedPool(props.users, () => this.clock.now(), props.missing);
    this.done = new Uint8Array(props.users);
    this.processor = new VirtualProcessor(this.clock, props.memory ?? RESTORE_MEMORY);
    this.groups = Array.from({ length: props.groupsEach }, (_, i) => `group-${i}`);
  }

  public async run(): Promise<SimulationResult> {
    const startedAt = this.clock.now();
    const run: RestoreRun = { execution: 'bench', startedAt, sourceUserPoolId: POOL, targetUserPoolId: 'us-west-2_Target', dryRun: false, quotaShare: this.props.quotaShare ?? 1, sourceSubProves: true };
    let slices = 0;
    const status = await this.clock.run(async () => {
      for (;;) {
        slices++;
        const deadline = this.clock.now() + (this.props.sliceSeconds ?? 840) * 1_000;
        const pacer = new QuotaPacer({ clock: this.clock, share: run.quotaShare, until: deadline + 40_000 });
        const answer = await restoreSlice({
          run, pacer, deadline, clock: this.clock, ledger: this.ledger(), state: this.state(), target: this.target(), groupRoles: {},
        });
        if (answer.status !== 'continue') return answer.status;
        // Step Functions takes a moment between two invocations.
        await this.clock.sleep(300);
      }
    });
    this.check();
    const seconds = (this.clock.now() - startedAt) / 1_000;
    const { users, groupsEach } = this.props;
    const binding = bindingSeconds(restoreCalls(users, users * groupsEach), run.quotaShare);
    const { throttled, calls, processor } = this;
    const busy = processor.busyFor(seconds * 1_000);
    return { users, groupsEach, minutes: seconds / 60, ratio: binding / seconds, throttled, busy, calls, slices, status };
  }

  private check(): void {
    for (let i = 0; i < this.props.users; i++) {
      if (!this.pool.isWhole(i) || this.done[i] !== 1) throw new Error(`user ${i} was not restored exactly once`);
    }
    if (this.pool.repeated > 0) throw new Error(`${this.pool.repeated} writes changed nothing`);
  }

  private row(i: number): UserRow {
    return {
      poolId: POOL,
      sub: subOf(i),
      username: `user-${i}`,
      signInName: `user-${i}`,
      attributes: attributesOf(i),
      enabled: true,
      status: 'CONFIRMED',
      createdAt: 0,
      modifiedAt: 0,
      digest: '',
      observedAt: 0,
    };
  }

  private ledger(): LedgerHistory {
    const after = this.table();
    const unplanned = (what: string) => () => Promise.reject(new Error(`the test did not plan a call of ${what}`));
    return {
      sources: () => after(() => [{ poolId: POOL, sweptAt: 1, users: this.props.users }]),
      user: (_pool, sub) => after(() => this.row(Number(sub.slice(5)))),
      usersOfShard: (_pool, shard, cursor) => after(() => {
        const [first, from] = [SHARDS.indexOf(shard), Number(cursor ?? 0)];
        const inShard = first < 256 && first < this.props.users ? Math.ceil((this.props.users - first) / 256) : 0;
        const to = Math.min(inShard, from + LEDGER_PAGE);
        return { items: range(from, to).map(k => this.row(first + 256 * k)), next: to < inShard ? String(to) : undefined };
      }, ({ items }) => items.length * COSTS.itemRead),
      subsBySignInName: () => after(() => []),
      groups: () => after(() => this.groups.map(name => ({ poolId: POOL, name, observedAt: 0 }))),
      groupsOfUser: () => after(() => [...this.groups]),
      membersOfGroup: unplanned('membersOfGroup'),
      group: unplanned('group'),
      poolPart: unplanned('poolPart'),
      subsEverBySignInName: unplanned('subsEverBySignInName'),
      subsByFederatedName: unplanned('subsByFederatedName'),
      recoveredSub: unplanned('recoveredSub'),
      memberships: unplanned('memberships'),
      membershipRows: unplanned('membershipRows'),
      candidateGroups: unplanned('candidateGroups'),
      history: unplanned('history'),
      poolParts: () => after(() => []),
    };
  }

  private state(): RunState<Checkpoint> {
    const after = this.table();
    const index = (sub: string) => Number(sub.slice(5));
    const image = (i: number): PlannedImage => ({ attributes: attributesOf(i), enabled: true, groups: this.groups });
    const outcome = (i: number): UserOutcome => ({ sub: subOf(i), outcome: 'restored', targetSub: `target-${i}`, memberships: this.groups.length });
    return {
      deletions: { schedule: () => Promise.reject(new Error('nobody is deleted here')) },
      begin: () => after(() => this.checkpoint),
      save: checkpoint => after(() => { this.checkpoint = checkpoint; this.props.onProgress?.(); }),
      outcomesOf: subs => after(
        () => new Map(subs.map(index).filter(i => this.done[i]).map(i => [subOf(i), outcome(i)])), () => subs.length * COSTS.itemRead),
      // The outcome, and both directions of the link.
      write: records => after(
        () => records.forEach(({ outcome: { sub } }: UserRecord) => { this.done[index(sub)]++; }), () => 3 * records.length * COSTS.stateWrite),
      links: {
        ofTargets: subs => after(() => new Map(subs.map(sub => {
          const i = Number(sub.slice('target-'.length));
          const link: Link = { sourceSub: subOf(i), targetSub: sub, firstSub: subOf(i), image: image(i), execution: 'bench', restored: true, at: 0 };
          return [sub, link];
        })), () => subs.length * COSTS.itemRead),
        targetSubOf: () => after(() => undefined),
        targetSubOfFirst: () => after(() => undefined),
        write: link => after(() => link),
      },
      writeFirstSubs: () => after(() => undefined),
      writeMoment: () => Promise.reject(new Error('no moment is held here')),
      lease: () => after(() => undefined),
      release: () => after(() => undefined),
      groupImages: () => after(() => new Map()),
      writeGroupImage: () => after(() => undefined),
      outcomes: cursor => after(() => {
        const from = Number(cursor ?? 0);
        const to = Math.min(this.props.users, from + 5_000);
        return { items: range(from, to).filter(i => this.done[i]).map(outcome), next: to < this.props.users ? String(to) : undefined };
      }),
      writeDifference: (_sub, difference) => after(() => { this.differences.push(difference.code); }),
    };
  }

  /** A call of DynamoDB, and what it costs besides. */
  private table() {
    return async <T>(value: () => T, items: (answer: T) => number = () => 0) => {
      await this.clock.sleep(this.processor.work(COSTS.call) + 5 + this.random() * 10);
      const answer = value();
      const cost = items(answer);
      if (cost > 0) await this.clock.sleep(this.processor.work(cost));
      return answer;
    };
  }

  private target(): TargetPool {
    const unplanned = (operation: string) => () => Promise.reject(new Error(`the test did not plan a call of ${operation}`));
    const { pool } = this;
    return {
      describeUserPool: () => this.call('describeUserPool', () => pool.describe()),
      listUsers: (cursor, filter) => this.call('listUsers', () => pool.listUsers(cursor, filter)),
      createUser: user => this.call('createUser', () => pool.createUser(user)),
      getUser: username => this.call('getUser', () => pool.getUser(username)),
      setPermanentPassword: username => this.call('setPermanentPassword', () => pool.setPermanentPassword(username)),
      addUserToGroup: (username, group) => this.call('addUserToGroup', () => pool.addUserToGroup(username, group)),
      groupsOfUser: username => this.call('groupsOfUser', () => pool.groupsOfUser(username)),
      listGroups: () => this.call('listGroups', () => pool.listGroups()),
      createGroup: group => this.call('createGroup', () => pool.createGroup(group)),
      listUsersInGroup: (group, cursor) => this.call('listUsersInGroup', () => pool.listUsersInGroup(group, cursor)),
      updateAttributes: unplanned('updateAttributes'),
      enableUser: unplanned('enableUser'),
      disableUser: unplanned('disableUser'),
      setMfaPreference: unplanned('setMfaPreference'),
      updateGroup: unplanned('updateGroup'),
      removeUserFromGroup: unplanned('removeUserFromGroup'),
      deleteAttributes: unplanned('deleteAttributes'),
      linkProvider: unplanned('linkProvider'),
    };
  }

  /** Half of the latency on the way, then the quota (a bucket one second deep), then the way back. */
  private async call<T>(operation: keyof TargetPool, effect: () => T): Promise<T> {
    const category = CATEGORY_OF[operation];
    const latency = 30 + this.random() * 90;
    await this.clock.sleep(this.processor.work(category === 'UserList' ? COSTS.listing : COSTS.call) + latency / 2);
    const now = this.clock.now();
    const quota = DEFAULT_QUOTAS[category];
    const bucket = this.buckets.get(category) ?? { tokens: quota, at: now };
    bucket.tokens = Math.min(quota, bucket.tokens + (now - bucket.at) / 1_000 * quota);
    bucket.at = now;
    this.buckets.set(category, bucket);
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) {
      bucket.tokens--;
      this.calls[category] = (this.calls[category] ?? 0) + 1;
    } else {
      this.throttled++;
    }
    const result = isAllowed ? effect() : undefined;
    await this.clock.sleep(latency / 2);
    if (!isAllowed) throw Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException' });
    return result as T;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
}
