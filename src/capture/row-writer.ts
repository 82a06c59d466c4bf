import { FirstSubReader } from './first-subs';
import { Observation } from './observation';
import { groupChange, membershipChange, poolPartChange, tombstone, userChange } from './row-changes';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { SignInSettings } from '../cognito/sign-in-name';
import { GroupImage, MfaPreference, SourceUser } from '../cognito/user';
import { isRecoveryCause } from '../ledger/incident';
import { LedgerStore, RowChange } from '../ledger/ledger-store';
import { RowRefusedError } from '../ledger/row-refused-error';
import { GroupRow, MembershipRow, PoolPartRow } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';
import { PublicError } from '../runtime/public-error';

/** Few write one row at the same moment: more conflicts in a row than this are a fault, not a race. */
const ATTEMPTS = 5;

/** Must not fail: the row is written. */
export type OnWritten = (change: RowChange, seen: Observation) => Promise<void>;

/** Carries out what row-changes.ts decides. Each method answers whether a row was written. */
export class RowWriter {
  /**
   * @param onWritten is told of each row that was written
   * @param firstSubs absent where nobody can have come back
   */
  constructor(
    private readonly store: LedgerStore, private readonly poolId: UserPoolId, private readonly onWritten: OnWritten = async () => undefined,
    private readonly firstSubs?: FirstSubReader,
  ) {}

  /** `known` says whether the ledger may hold the user already; a new one is written without a read of the row. */
  public async user(image: SourceUser, known: boolean, seen: Observation, settings: SignInSettings, mfa?: MfaPreference): Promise<boolean> {
    const read = async () => this.store.user(this.poolId, image.sub);
    const stored = known ? await read() : undefined;
    // A recovery notes who came back after it has made them: its later calls bring what the first look came too early for.
    const mayBeBack = !stored || (stored.firstSub === undefined && isByRecovery(seen));
    const firstSub = mayBeBack ? await this.firstSubs?.of(image) : undefined;
    return this.converge(read, stored, row => userChange(row, { ...image, firstSub: row?.firstSub ?? firstSub }, seen, settings, mfa), seen);
  }

  public async group(image: GroupImage, stored: GroupRow | undefined, seen: Observation, touch = false): Promise<boolean> {
    return this.converge(async () => this.store.group(this.poolId, image.name), stored, row => groupChange(row, image, seen, touch), seen);
  }

  public async membership(group: string, sub: SourceSub, seen: Observation, touch = false): Promise<boolean> {
    const read = async () => this.store.membership(this.poolId, group, sub);
    return this.converge(read, undefined, stored => membershipChange(stored, group, sub, seen, touch), seen);
  }

  public async poolPart(part: string, value: unknown, stored: PoolPartRow | undefined, seen: Observation): Promise<boolean> {
    const read = async () => (await this.store.poolParts(this.poolId)).find(row => row.part === part);
    return this.converge(read, stored, row => poolPartChange(row, part, value, seen), seen);
  }

  public async buryUser(sub: SourceSub, seen: Observation): Promise<boolean> {
    const read = async () => this.store.user(this.poolId, sub);
    return this.converge(read, await read(), stored => stored && tombstone.user(stored, seen), seen);
  }

  public async buryGroup(name: string, seen: Observation): Promise<boolean> {
    const read = async () => this.store.group(this.poolId, name);
    return this.converge(read, await read(), stored => stored && tombstone.group(stored, seen), seen);
  }

  public async buryMembership(group: string, sub: SourceSub, seen: Observation): Promise<boolean> {
    const read = async (): Promise<MembershipRow | undefined> => this.store.membership(this.poolId, group, sub);
    return this.converge(read, await read(), stored => stored && tombstone.membership(stored, seen), seen);
  }

  public async buryPoolPart(stored: PoolPartRow, seen: Observation): Promise<boolean> {
    const read = async () => (await this.store.poolParts(this.poolId)).find(row => row.part === stored.part);
    return this.converge(read, stored, row => row && tombstone.poolPart(row, seen), seen);
  }

  private async converge<R>(
    read: () => Promise<R | undefined>, first: R | undefined, plan: (stored: R | undefined) => RowChange | undefined, seen: Observation,
  ): Promise<boolean> {
    let stored = first;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const change = plan(stored);
      if (!change) return false;
      if (await this.written(change, seen.observedAt)) {
        await this.onWritten(change, seen);
        return true;
      }
      stored = await read();
    }
    throw new PublicError(`a ledger row of pool ${this.poolId} was changed by another writer ${ATTEMPTS} times in a row`);
  }

  /** What is in the ledger is not what there is, if DynamoDB does not take the new row: then it says so. */
  private async written(change: RowChange, observedAt: EpochMilliseconds): Promise<boolean> {
    try {
      return await this.store.write(change);
    } catch (error) {
      if (error instanceof RowRefusedError) {
        error.isKnown = change.replacesObservedAt === undefined
          ? error.kind === 'U' || error.kind === 'G'
          : await this.store.markRefused(change, observedAt);
      }
      throw error;
    }
  }
}

function isByRecovery({ events = [] }: Observation): boolean {
  return events.some(({ name }) => isRecoveryCause(name));
}
