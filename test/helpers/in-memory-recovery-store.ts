import { StateTableFake } from './in-memory-run-state';
import { Page } from '../../src/cognito/page';
import { RecoveredSub, RecoveredSubs, Return } from '../../src/ledger/recovered-subs';
import { RecoveryCheckpoint } from '../../src/recovery/recovery-checkpoint';
import { PlanHead, RecoveryLine } from '../../src/recovery/recovery-line';
import { RecoveryStore } from '../../src/recovery/recovery-store';
import { Checkpoint } from '../../src/restore/restore-run';
import { RunState } from '../../src/state/run-state';

/** The table of recoveries, and who came back as whom. */
export class RecoveryTableFake {
  public readonly state: StateTableFake;
  public readonly plans = new Map<string, PlanHead>();
  public readonly executors = new Map<string, string>();
  public readonly allLines = new Map<string, Map<string, RecoveryLine>>();
  /** When each line goes, by plan and id. */
  private readonly goneAt = new Map<string, number>();
  public readonly subs = new Map<string, RecoveredSub>();
  /** Runs that wrote the pool, from when. */
  public readonly runs: { readonly execution: string; readonly begunAt: number }[] = [];
  public pageSize = 20;
  constructor(private readonly now: () => number) {
    this.state = new StateTableFake(now);
    this.state.beforeWrite = what => this.beforeWrite(what);
  }

  /** Writes of lines, heads and returns; those of the run itself are counted by `state`. */
  public beforeWrite: (what: string) => unknown = () => undefined;

  public storeOf(execution: string): RecoveryStore {
    const { begin, lease, release, save, links } = this.state.stateOf(execution) as unknown as RunState<RecoveryCheckpoint> & RunState<Checkpoint>;
    return {
      begin: begin as RecoveryStore['begin'],
      lease,
      release,
      save: save as RecoveryStore['save'],
      links,
      plan: async name => copy(this.plans.get(this.executors.get(name) ?? name)),
      writePlan: async head => {
        await this.beforeWrite('plan');
        this.plans.set(head.plan, copy(head));
      },
      writeExecutor: async (head, executor) => {
        await this.beforeWrite('executor');
        this.executors.set(executor, head.plan);
      },
      line: async (plan, id) => copy(this.allLines.get(plan)?.get(id)),
      lines: async (plan, cursor): Promise<Page<RecoveryLine>> => {
        const all = this.linesOf(plan).filter(({ id }) => cursor === undefined || id > cursor);
        const items = all.slice(0, this.pageSize);
        return { items, next: items.length < all.length ? items[items.length - 1].id : undefined };
      },
      writeLines: async (plan, lines, until) => {
        await this.beforeWrite('lines');
        if (!(until > this.now())) throw new Error('lines that are gone at once');
        const known = this.allLines.get(plan) ?? new Map<string, RecoveryLine>();
        this.allLines.set(plan, known);
        lines.forEach(line => known.set(line.id, copy(line)));
        lines.forEach(line => this.goneAt.set(JSON.stringify([plan, line.id]), until));
      },
    };
  }

  /** In the order of their ids. */
  public linesOf(plan: string): RecoveryLine[] {
    const there = [...this.allLines.get(plan)?.values() ?? []].filter(({ id }) => this.goneAt.get(JSON.stringify([plan, id]))! > this.now());
    return copy(there.sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  public get recovered(): RecoveredSubs {
    return {
      of: async sub => ({ ...this.subs.get(sub) }),
      write: async ({ replaced, sub, firstSub }: Return) => {
        await this.beforeWrite('return');
        const add = (key: string, fields: RecoveredSub) => this.subs.set(key, { ...this.subs.get(key), ...fields });
        add(sub, { firstSub, replaces: replaced });
        add(replaced, { replacedBy: sub });
        add(firstSub, { isNow: sub });
      },
      beginRun: async (execution, begunAt) => {
        await this.beforeWrite('run');
        this.runs.push({ execution, begunAt });
      },
    };
  }
}

/** As DynamoDB would: what is undefined is not kept. */
function copy<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value)) as T;
}
