import { NameAttribute } from '../cognito/attribute-values';
import { TargetSub } from '../cognito/ids';
import { Turns } from '../runtime/concurrency';

/** What those who are brought at the same time know of names that were passed on. */
export class PassedNames {
  private readonly turns = new Turns();
  private readonly free = new Set<string>();

  /** One at a time: of many users in one long row, the first one's work is the others'. */
  public async inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.take([''], work);
  }

  /** A dry run moves nobody: of whom it found that they would move, it need not be found out again. */
  public noteFree(attribute: NameAttribute, subs: readonly TargetSub[]): void {
    subs.forEach(sub => this.free.add(`${attribute}#${sub}`));
  }

  public isFree(attribute: NameAttribute, sub: TargetSub): boolean {
    return this.free.has(`${attribute}#${sub}`);
  }
}
