import { COSTS } from './call-costs';
import { seededRandom } from './random';
import { VirtualClock } from './virtual-clock';
import { VirtualProcessor } from './virtual-processor';
import { SWEEP_MEMORY, SWEEP_STATUS } from '../../src/capture/constants';
import { sweepSlice } from '../../src/capture/sweep/sweep';
import { SweepCheckpoint } from '../../src/capture/sweep/sweep-context';
import { QuotaPacer } from '../../src/cognito/pacing';
import { DEFAULT_QUOTAS } from '../../src/cognito/quotas';
import { SourcePool } from '../../src/cognito/source-pool';
import { UserImage } from '../../src/cognito/user';
import { LedgerStore } from '../../src/ledger/ledger-store';
import { digestOfUser } from '../../src/ledger/schema';

export interface SweepSimulationProps {
  readonly users: number;
  /** Whether the ledger holds everybody already: a sweep in which nothing changed. Otherwise it is the first copy. */
  readonly unchanged: boolean;
  /** Share of Cognito's quotas, as by default. */
  readonly quotaShare?: number;
  /** Megabytes of the function, as deployed by default. */
  readonly memory?: number;
}

export interface SweepSimulationResult {
  readonly minutes: number;
  /** The time that the quota for listings needs for the users, over the time that it took. */
  readonly ratio: number;
  /** Share of the time in which the function's part of a processor was busy. */
  readonly busy: number;
  readonly gigabyteSeconds: number;
  readonly written: number;
  readonly slices: number;
}

const POOL = 'us-east-1_Source';
const PAGE = 60;
/** What a page of the index holds of the 1 MB that DynamoDB reads. */
const DIGESTS_PER_PAGE = 5_000;
const SLICE = 840_000;
const ALL = 2 ** 32;

/**
 * Runs the real sweep and the real pacer, in virtual time, against a Cognito that answers in 30 to 120 ms and a table that answers in 5 to 15 ms, on the
 * part of a processor that the function's memory brings. Users are made up when they are asked for.
 */
export class SimulatedSweep {
  private readonly clock = new VirtualClock();
  private readonly random = seededRandom(1);
  private readonly processor: VirtualProcessor;
  private readonly memory: number;
  private written = 0;

  constructor(private readonly props: SweepSimulationProps) {
    this.memory = props.memory ?? SWEEP_MEMORY;
    this.processor = new VirtualProcessor(this.clock, this.memory);
  }

  public async run(): Promise<SweepSimulationResult> {
    const { users, quotaShare = 0.5 } = this.props;
    const startedAt = this.clock.now();
    let slices = 0;
    await this.clock.run(async () => {
      let checkpoint: SweepCheckpoint | undefined;
      for (;;) {
        slices++;
        const pacer = new QuotaPacer({ clock: this.clock, share: quotaShare });
        const answer = await sweepSlice({
          poolId: POOL,
          source: this.source(),
          store: this.store(),
          pacer,
          clock: this.clock,
          historyDays: 35,
          standbyAttributes: null,
          sliceLength: SLICE,
        }, { run: 'bench', checkpoint });
        if (answer.status === SWEEP_STATUS.COMPLETE && answer.report.users.listed === users) return;
        if (answer.status !== SWEEP_STATUS.CONTINUE) throw new Error(`the sweep ended ${answer.status}`);
        ({ checkpoint } = answer);
      }
    });
    const seconds = (this.clock.now() - startedAt) / 1_000;
    const needed = users / PAGE / (DEFAULT_QUOTAS.UserList * quotaShare);
    return {
      minutes: seconds / 60,
      ratio: needed / seconds,
      busy: this.processor.busyFor(seconds * 1_000),
      gigabyteSeconds: seconds * this.memory / 1_024,
      written: this.written,
      slices,
    };
  }

  private source(): SourcePool {
    const nothing = () => this.cognito(COSTS.call, () => ({ items: [] }));
    const unplanned = (operation: string) => () => Promise.reject(new Error(`the bench did not plan a call of ${operation}`));
    return {
      describe: () => this.cognito(COSTS.call, () => (
        { estimatedUsers: this.props.users, attributes: [], usernameAttributes: ['email'], caseSensitive: false })),
      configuration: nothing,
      listUsers: (prefix, token) => this.cognito(COSTS.listing + PAGE * COSTS.comparison, () => {
        const [first, last] = this.within(prefix);
        const from = first + Number(token ?? 0);
        const to = Math.min(last, from + PAGE);
        return { items: Array.from({ length: to - from }, (_, k) => this.user(from + k)), next: to < last ? String(to - first) : undefined };
      }),
      listGroups: nothing,
      userBySub: unplanned('userBySub'),
      listUsersInGroup: unplanned('listUsersInGroup'),
      group: unplanned('group'),
      groupsOfUser: unplanned('groupsOfUser'),
    };
  }

  private store(): LedgerStore {
    const { props } = this;
    const none = () => this.table(0, () => []);
    const within = (prefix: string) => this.within(prefix);
    const digests = async function* (this: SimulatedSweep, shard: string, prefix = ''): AsyncIterable<{ sub: string; digest: string }> {
      const [first, last] = props.unchanged && shard !== 'other' ? within(prefix.length > shard.length ? prefix : shard) : [0, 0];
      for (let from = first; from === first || from < last; from += DIGESTS_PER_PAGE) {
        const length = Math.max(0, Math.min(DIGESTS_PER_PAGE, last - from));
        await this.table(length * COSTS.digest, () => undefined);
        for (let i = from; i < from + length; i++) {
          const user = this.user(i);
          yield { sub: user.sub, digest: digestOfUser(user) };
        }
      }
    }.bind(this);
    const planned: Partial<LedgerStore> = {
      lease: () => this.table(0, () => true),
      release: () => this.table(0, () => undefined),
      keepSweep: () => this.table(0, () => undefined),
      sources: none,
      groups: none,
      poolParts: none,
      digestsOfShard: (_pool, shard, prefix) => digests(shard, prefix),
      write: () => this.table(COSTS.row - COSTS.call, () => {
        this.written++;
        return true;
      }),
      // Reads nothing: the first copy finds no list of missing users.
      loadLists: () => (async function* () { yield* []; })(),
    };
    return new Proxy(planned as LedgerStore, {
      get: (store, name) => Reflect.get(store, name) ?? (() => { throw new Error(`the bench did not plan a call of ${String(name)}`); }),
    });
  }

  /** Users are spread evenly over all prefixes. */
  private within(prefix: string): [number, number] {
    const { users } = this.props;
    const from = prefix === '' ? 0 : parseInt(prefix, 16) / 16 ** prefix.length;
    const to = prefix === '' ? 1 : (parseInt(prefix, 16) + 1) / 16 ** prefix.length;
    return [Math.ceil(from * users), Math.ceil(to * users)];
  }

  private user(i: number): UserImage {
    const digits = Math.floor(i / this.props.users * ALL).toString(16).padStart(8, '0');
    const sub = `${digits}-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const attributes = { email: `user-${i}@example.com`, email_verified: 'true', name: `User ${i}` };
    return { sub, username: sub, attributes, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0 };
  }

  private async cognito<T>(cost: number, answer: () => T): Promise<T> {
    return this.over(30 + this.random() * 90, cost, answer);
  }

  private async table<T>(cost: number, answer: () => T): Promise<T> {
    return this.over(5 + this.random() * 10, COSTS.call + cost, answer);
  }

  private async over<T>(latency: number, cost: number, answer: () => T): Promise<T> {
    await this.clock.sleep(this.processor.work(cost) + latency);
    return answer();
  }
}
