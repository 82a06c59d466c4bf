import { DirectoryReader } from './source-directory';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { LookUpKind } from '../cognito/sign-in-name';
import { isSubOfAnother, withOwnFirstSub } from '../ledger/claimed-sub';
import { DirectoryAsOf, gradeOf } from '../ledger/directory-as-of';
import { LedgerHistory } from '../ledger/ledger-store';
import { IsHeld } from '../ledger/live-memberships';
import { GroupRow, PoolPartRow, SourceRow, UserRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { MOMENT_KEPT } from '../state/moment';

type Moment = EpochMilliseconds | undefined;

/**
 * The ledger as everything on the standby reads it: as it is, or, while a restore holds the standby at a moment, as it was then. Without it, the next
 * sign-in, token or change would bring back what was undone. Where the moment cannot be read, nothing can.
 */
export class StandbyLedger implements DirectoryReader {
  private kept?: { readonly readAt: EpochMilliseconds; readonly moment: Promise<Moment> };

  /** @param read a consistent read of the moment in the state table */
  constructor(
    private readonly ledger: LedgerHistory, private readonly read: () => Promise<Moment>, private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Undefined where the standby follows the ledger as it is. An answer that has grown too old is never used where a newer one fails. */
  public async moment(): Promise<Moment> {
    const { kept } = this;
    const now = this.clock.now();
    if (kept && now - kept.readAt < MOMENT_KEPT && now >= kept.readAt) return kept.moment;
    const reading = { readAt: now, moment: this.read() };
    this.kept = reading;
    try {
      return await reading.moment;
    } catch (error) {
      if (this.kept === reading) this.kept = undefined;
      throw error;
    }
  }

  public async sources(): Promise<SourceRow[]> {
    return this.ledger.sources();
  }

  public async poolPart(poolId: UserPoolId, part: string): Promise<PoolPartRow | undefined> {
    return (await this.then()).poolPart(poolId, part);
  }

  /** Nobody is let in as what they may never have been: a user whose history is not whole is no user, and nobody is whom they only claim to be. */
  public async user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined> {
    const row = await (await this.then()).user(poolId, sub);
    return row && gradeOf(row) !== 'incomplete' ? withOwnFirstSub(row, this.ledger) : undefined;
  }

  /** Whether somebody else of the user's pool has, or had, that `sub`. */
  public async isOfAnother(row: UserRow, claimed: string): Promise<boolean> {
    return isSubOfAnother(row, claimed, this.ledger);
  }

  public async subsBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<SourceSub[]> {
    return (await this.then()).subsBySignInName(poolId, name, kind);
  }

  public async subsEverBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<SourceSub[]> {
    return this.ledger.subsEverBySignInName(poolId, name, kind);
  }

  public async subsByFederatedName(poolId: UserPoolId, name: string): Promise<SourceSub[]> {
    return this.ledger.subsByFederatedName(poolId, name);
  }

  public async groupsOfUser(poolId: UserPoolId, sub: SourceSub, candidates?: readonly string[]): Promise<string[]> {
    return (await this.then()).groupsOfUser(poolId, sub, candidates);
  }

  /** `isHeld` is asked of what is marked as gone now; at a moment, what was gone was gone. */
  public async memberships(poolId: UserPoolId, sub: SourceSub, groups: readonly string[], isHeld?: IsHeld): Promise<string[]> {
    return (await this.then()).memberships(poolId, sub, groups, isHeld);
  }

  public async candidateGroups(poolId: UserPoolId, sub: SourceSub): Promise<string[]> {
    return this.ledger.candidateGroups(poolId, sub);
  }

  public async group(poolId: UserPoolId, name: string): Promise<GroupRow | undefined> {
    return (await this.then()).group(poolId, name);
  }

  private async then(): Promise<DirectoryAsOf | LedgerHistory> {
    const moment = await this.moment();
    return moment === undefined ? this.ledger : DirectoryAsOf.withoutSweeps(this.ledger, moment);
  }
}
