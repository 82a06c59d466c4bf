import { DrillDiffering, DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { DrillStore, KnownScratch } from '../../src/drill/drill-store';

/** What several drills share. */
export class DrillTableFake {
  public readonly checkpoints = new Map<string, DrillCheckpoint>();
  public readonly samples = new Map<string, readonly string[]>();
  public readonly known = new Map<string, KnownScratch>();
  public readonly found = new Map<string, Set<string>>();
  public readonly differing = new Map<string, Map<string, DrillDiffering>>();
  public readonly purged: KnownScratch[] = [];
  public holder: { readonly execution: string; readonly until: number } | undefined;
  public passedAt: number | undefined;

  constructor(private readonly now: () => number) {}

  /** Everything that says something of a user. */
  public get isEmpty(): boolean {
    return this.samples.size + this.known.size + this.found.size + this.differing.size === 0;
  }

  public storeOf(execution: string): DrillStore {
    return {
      lock: async until => {
        if (this.holder && this.holder.execution !== execution && this.holder.until >= this.now()) return this.holder.execution;
        this.holder = { execution, until };
        return undefined;
      },
      unlock: async passedAt => {
        if (this.holder?.execution === execution) this.holder = undefined;
        this.passedAt = passedAt ?? this.passedAt;
      },
      load: async () => structuredClone(this.checkpoints.get(execution)),
      // As DynamoDB would: what is undefined is not kept.
      save: async checkpoint => { this.checkpoints.set(execution, JSON.parse(JSON.stringify(checkpoint)) as DrillCheckpoint); },
      saveSample: async subs => { this.samples.set(execution, subs); },
      sample: async () => this.samples.get(execution) as string[] | undefined,
      noteScratch: async scratch => { this.known.set(scratch.userPoolId, scratch); },
      scratches: async () => [...this.known.values()],
      noteFound: async subs => { this.found.set(execution, new Set([...this.found.get(execution) ?? [], ...subs])); },
      foundOf: async subs => new Set(subs.filter(sub => this.found.get(execution)?.has(sub))),
      noteDiffering: async users => {
        if (users.length === 0) return;
        const all = this.differing.get(execution) ?? new Map<string, DrillDiffering>();
        users.forEach(user => all.set(JSON.stringify([user.sub, user.code, user.field]), user));
        this.differing.set(execution, all);
      },
      forgetCompared: async () => {
        this.found.delete(execution);
        this.differing.delete(execution);
      },
      purge: async scratch => {
        this.purged.push(scratch);
        for (const map of [this.samples, this.found, this.differing]) map.delete(scratch.execution);
        this.known.delete(scratch.userPoolId);
      },
    };
  }
}
