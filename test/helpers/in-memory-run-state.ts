import { writeLink } from './write-link';
import { Page } from '../../src/cognito/page';
import { GroupImage } from '../../src/cognito/user';
import { Checkpoint } from '../../src/restore/restore-run';
import { Link } from '../../src/state/link';
import { HeldMoment } from '../../src/state/moment';
import { Reason, UserOutcome } from '../../src/state/outcome';
import { Lease, RunState, SupersededError, UserRecord } from '../../src/state/run-state';

interface RunFake {
  slice: symbol;
  checkpoint?: Checkpoint;
  readonly outcomes: Map<string, UserOutcome>;
  readonly differences: Map<string, Reason>;
}

type BeforeWrite = (what: 'begin' | 'lease' | 'moment' | 'save' | 'write' | 'difference') => unknown;

const LEASE = 5 * 60_000;

/** What several slices and several restores share. */
export class StateTableFake {
  public readonly runs = new Map<string, RunFake>();
  public readonly links = new Map<string, Link>();
  public readonly targetOf = new Map<string, string>();
  public readonly firstSubs = new Map<string, string>();
  public readonly groups = new Map<string, GroupImage>();
  /** When which user is to be deleted, by `sub` of the source. */
  public readonly deletions = new Map<string, number>();
  /** What the restores said of it, one after the other. */
  public readonly moments: HeldMoment[] = [];
  /** The execution that may fill the target, and until when. */
  public holder: Lease | undefined;

  constructor(private readonly now: () => number = () => 0) {}

  /** Called before each write; may throw. */
  public beforeWrite: BeforeWrite = () => undefined;

  /** The view of one slice of one execution. */
  public stateOf(execution: string): RunState<Checkpoint> {
    const slice = Symbol(execution);
    const run = () => this.runs.get(execution)!;
    return {
      links: {
        ofTargets: async (subs: readonly string[]) => new Map(subs.flatMap(sub => this.links.has(sub) ? [[sub, this.links.get(sub)!]] : [])),
        targetSubOf: async (sub: string) => this.targetOf.get(sub),
        targetSubOfFirst: async (firstSub: string) => this.firstSubs.get(firstSub),
        write: async (link: Link) => {
          await this.beforeWrite('write');
          this.targetOf.set(link.sourceSub, link.targetSub);
          return writeLink(this.links, link);
        },
      },
      deletions: { schedule: async (sub, dueAt) => { this.deletions.set(sub, dueAt); } },
      writeMoment: async moment => {
        await this.beforeWrite('moment');
        this.moments.push(moment);
      },
      begin: async () => {
        await this.beforeWrite('begin');
        const known = this.runs.get(execution);
        if (known) known.slice = slice;
        else this.runs.set(execution, { slice, outcomes: new Map(), differences: new Map() });
        return structuredClone(known?.checkpoint);
      },
      lease: async () => {
        await this.beforeWrite('lease');
        if (this.holder && this.holder.execution !== execution && this.holder.until >= this.now()) return this.holder;
        this.holder = { execution, until: this.now() + LEASE };
        return undefined;
      },
      release: async () => {
        await this.beforeWrite('lease');
        if (this.holder?.execution === execution) this.holder = undefined;
      },
      save: async (checkpoint: Checkpoint) => {
        await this.beforeWrite('save');
        if (run().slice !== slice) throw new SupersededError(execution);
        // As DynamoDB would: what is undefined is not kept.
        run().checkpoint = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
      },
      outcomesOf: async (subs: readonly string[]) => new Map(subs.flatMap(sub => run().outcomes.has(sub) ? [[sub, run().outcomes.get(sub)!]] : [])),
      write: async (records: readonly UserRecord[]) => {
        await this.beforeWrite('write');
        for (const { link } of records) {
          if (!link) continue;
          writeLink(this.links, link);
          this.targetOf.set(link.sourceSub, link.targetSub);
        }
        await this.beforeWrite('write');
        for (const { outcome } of records) run().outcomes.set(outcome.sub, outcome);
      },
      writeFirstSubs: async (targetSubs: ReadonlyMap<string, string>) => {
        await this.beforeWrite('write');
        targetSubs.forEach((targetSub, firstSub) => this.firstSubs.set(firstSub, targetSub));
      },
      groupImages: async () => new Map(this.groups),
      writeGroupImage: async (group: GroupImage) => { this.groups.set(group.name, group); },
      outcomes: async (cursor?: string): Promise<Page<UserOutcome>> => {
        const all = [...run().outcomes.values()];
        const from = Number(cursor ?? 0);
        return { items: all.slice(from, from + 50), next: from + 50 < all.length ? String(from + 50) : undefined };
      },
      writeDifference: async (sub: string, difference: Reason) => {
        await this.beforeWrite('difference');
        run().differences.set(sub, difference);
      },
    };
  }
}
