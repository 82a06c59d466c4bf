import { RecoveryContext } from './recovery-context';
import { RecoveryLine, ReverseLine, userLineId } from './recovery-line';
import { planIdOf } from './recovery-run';
import { NameAttribute } from '../cognito/attribute-values';
import { holderOfName } from '../cognito/name-holder';
import { unlessStopped } from '../cognito/pacing';
import { Page } from '../cognito/page';
import { uniqueAttributesOf } from '../cognito/unique-names';
import { TargetUser } from '../cognito/user';
import { Reversal } from '../converge/reversal';
import { givesUp, nameGiven, withoutName, withParked } from '../converge/reversal-names';
import { isOver } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { Reason } from '../state/outcome';

/** One user who gets a name back, and whoever has it. `giver`: the line by which that one gives it up. */
interface Step {
  readonly line: ReverseLine;
  readonly holder?: TargetUser;
  readonly giver?: ReverseLine;
}

export interface NamesPosition {
  readonly cursor?: string;
  /** Whether a name was found that moves from one user of the plan to another. */
  readonly moves: boolean;
}

/**
 * Finds out of every name that the plan gives back whether it is free by then: nobody has it, or somebody who gets another one by the same plan. Of
 * those who hold each other up, in a circle or a row, all give up their names first. A name that somebody else keeps is not written, and the line
 * says so. Answers whether names move; undefined where the slice is over. `round`: what was found by another one counts for nothing.
 */
export async function settleNames(
  context: RecoveryContext, round: string, until: EpochMilliseconds, at: NamesPosition, save: (at: NamesPosition) => Promise<void>,
): Promise<boolean | undefined> {
  const { store, run, settings } = context;
  const attributes = uniqueAttributesOf(settings);
  let { cursor, moves } = at;
  // One after the other: each row of users is looked through once, from whichever end, and the quota for look-ups bounds the pace anyway.
  do {
    const page: Page<RecoveryLine> = attributes.length > 0 ? await store.lines(planIdOf(run), cursor) : { items: [] };
    // A slice may have been killed right after it settled some.
    moves ||= page.items.some(line => isReversal(line) && Object.values(line.settled ?? {}).some(({ isMoved }) => isMoved));
    for (const { id } of page.items.filter(line => isReversal(line) && isOpen(line))) {
      for (const attribute of attributes) {
        if (isOver(context)) return undefined;
        await context.keepLease();
        const moved = await unlessStopped(() => new Settling(context, attribute, round, until).settle(id));
        if (moved === undefined) return undefined;
        moves ||= moved;
      }
    }
    cursor = page.next;
    if (cursor !== undefined) await save({ cursor, moves });
  } while (cursor !== undefined);
  return moves;
}

/** Settles one kind of name. */
class Settling {
  constructor(
    private readonly context: RecoveryContext, private readonly attribute: NameAttribute, private readonly round: string,
    private readonly until: EpochMilliseconds,
  ) {}

  /** Settles the name of this line, and of all that hold it up; answers whether one moves. */
  public async settle(id: string): Promise<boolean> {
    const first = await this.reverseLine(id);
    if (!first || !this.isToSettle(first)) return false;
    const { steps, isFree } = await this.walk(first);
    return this.write(steps, isFree);
  }

  /** From whoever wants a name to whoever has it, and on to whoever has theirs. `isFree`: whether the last one's is. */
  private async walk(first: ReverseLine): Promise<{ readonly steps: readonly Step[]; readonly isFree: boolean }> {
    const { target, settings } = this.context;
    const steps: Step[] = [];
    for (let line = first; ;) {
      const found: TargetUser | undefined = await holderOfName(target, settings, this.attribute, this.nameOf(line)!);
      const holder = found?.sub === line.sub ? undefined : found;
      const giver = holder && await this.giverOf(holder);
      steps.push({ line, holder, giver });
      if (!holder) return { steps, isFree: true };
      if (!giver) return { steps, isFree: false };
      // A circle, or somebody whose own name is free.
      if (steps.some(step => step.line.id === giver.id) || !this.isToSettle(giver)) return { steps, isFree: true };
      line = giver;
    }
  }

  private async write(steps: readonly Step[], isLastFree: boolean): Promise<boolean> {
    const { settings } = this.context;
    const reversals = new Map<string, Reversal | undefined>();
    const [taken, givers] = [new Set<string>(), new Map<string, ReverseLine>()];
    for (const { line, giver } of steps) for (const each of [line, ...giver ? [giver] : []]) reversals.set(each.id, each.reversal);
    for (const [index, { line, holder, giver }] of [...steps.entries()].reverse()) {
      const given = giver && reversals.get(giver.id);
      // Somebody who does not get the own name back may give up the one of another all the same.
      const isFree = index === steps.length - 1 ? isLastFree : given !== undefined && this.gives(given, holder!);
      if (!isFree) {
        taken.add(line.id);
        reversals.set(line.id, withoutName(line.reversal, this.attribute));
      } else if (giver && given) {
        givers.set(giver.id, { ...giver, reversal: withParked(giver.reversal, settings, this.attribute, giver.sub) });
        reversals.set(giver.id, withParked(given, settings, this.attribute, giver.sub));
      }
    }
    // A slice that is killed in between settles the same again: nobody counts as settled before those who hold them up are told to give way.
    await this.put([...givers.values()]);
    await this.put(steps.map(({ line, giver }) =>
      this.settled(line, reversals.get(line.id), taken.has(line.id), giver !== undefined)));
    return givers.size > 0;
  }

  private settled(line: ReverseLine, reversal: Reversal | undefined, isTaken: boolean, isGiven: boolean): RecoveryLine {
    const { of, id, sub, change, certainty } = line;
    const settled = { round: this.round, isMoved: isGiven && !isTaken };
    const warnings: Reason[] = isTaken ? [...line.warnings, { code: 'name-taken', attribute: this.attribute }] : [...line.warnings];
    if (!reversal) return { of, id, sub, change, certainty, warnings, action: 'leave', reason: { code: 'nothing-to-write' } };
    return { ...line, warnings, reversal, settled: { ...line.settled, [this.attribute]: settled } };
  }

  private async giverOf(holder: TargetUser): Promise<ReverseLine | undefined> {
    const line = await this.reverseLine(userLineId(holder.sub));
    return line && line.result === undefined && this.gives(line.reversal, holder) ? line : undefined;
  }

  private gives(reversal: Reversal, { attributes }: TargetUser): boolean {
    return givesUp(reversal, this.context.settings, this.attribute, attributes);
  }

  /** What was begun is gone on with as it is. */
  private isToSettle(line: ReverseLine): boolean {
    return isOpen(line) && line.settled?.[this.attribute]?.round !== this.round && this.nameOf(line) !== undefined;
  }

  private nameOf({ reversal }: ReverseLine): string | undefined {
    return nameGiven(reversal, this.context.settings, this.attribute);
  }

  private async reverseLine(id: string): Promise<ReverseLine | undefined> {
    const line = await this.context.store.line(planIdOf(this.context.run), id);
    return line && isReversal(line) ? line : undefined;
  }

  private async put(lines: readonly RecoveryLine[]): Promise<void> {
    await this.context.store.writeLines(planIdOf(this.context.run), lines, this.until);
  }
}

function isReversal(line: RecoveryLine): line is ReverseLine {
  return line.of === 'user' && line.action === 'reverse';
}

function isOpen({ result, begunAt }: RecoveryLine): boolean {
  return result === undefined && begunAt === undefined;
}
