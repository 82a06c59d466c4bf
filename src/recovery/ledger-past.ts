import { ChangeCause, GroupsAt, leastCertain, PastLedger } from './past-reader';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { Cause } from '../ledger/beginning';
import { DirectoryAsOf, Doubted, isCoalesced } from '../ledger/directory-as-of';
import { LedgerHistory } from '../ledger/ledger-store';
import { Dated, HistoryKind, Item, membershipId, rows } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

type DatedRow = Dated & { readonly observedAt: EpochMilliseconds };

/** Rows of earlier releases do not say what changed them. */
const NOBODY_KNOWN: Cause = { event: 'unknown' };

/** What the ledger's history says of earlier moments. Each is looked at by one directory, for as long as a slice lasts. */
export class LedgerPast implements PastLedger {
  private readonly directories = new Map<EpochMilliseconds, DirectoryAsOf>();

  constructor(public readonly now: LedgerHistory) {}

  public at(moment: EpochMilliseconds): DirectoryAsOf {
    const directory = this.directories.get(moment) ?? new DirectoryAsOf(this.now, moment);
    this.directories.set(moment, directory);
    return directory;
  }

  public async groupsAt(poolId: UserPoolId, sub: SourceSub, moment: EpochMilliseconds): Promise<GroupsAt> {
    const doubts: Doubted[] = [];
    const groups = await this.at(moment).listening(doubt => doubts.push(doubt)).groupsOfUser(poolId, sub);
    const coalesced = doubts.some(isCoalesced);
    return { groups, grade: leastCertain(doubts.map(({ grade }) => grade)), ...coalesced ? { isCoalesced: true } : {} };
  }

  public async groupsUnknownAt(poolId: UserPoolId, moment: EpochMilliseconds): Promise<ReadonlySet<string>> {
    const unknown = new Set<string>();
    await this.at(moment).listening(({ id, grade }) => { if (grade === 'incomplete') unknown.add(id); }).groups(poolId);
    return unknown;
  }

  public async causesSince(poolId: UserPoolId, sub: SourceSub, moment: EpochMilliseconds): Promise<ChangeCause[]> {
    const user = await this.now.user(poolId, sub);
    const causes = user ? await this.causesOf(poolId, 'U', sub, user, rows.user, moment) : [];
    const memberships = await this.now.membershipRows(poolId, sub, await this.now.candidateGroups(poolId, sub));
    for (const row of memberships) {
      causes.push(...await this.causesOf(poolId, 'M', membershipId(row.group, sub), row, rows.membership, moment));
    }
    return causes;
  }

  /** From the row back to the first image that had begun by the moment. */
  private async causesOf(
    poolId: UserPoolId, kind: HistoryKind, id: string, row: DatedRow, toRow: (item: Item) => DatedRow, moment: EpochMilliseconds,
  ): Promise<ChangeCause[]> {
    const causes: ChangeCause[] = [];
    const isSince = ({ began, observedAt }: DatedRow) => (began?.since ?? observedAt) > moment;
    const note = (image: DatedRow) => {
      const { cause = NOBODY_KNOWN, began } = image;
      if (isSince(image)) causes.push(began?.coalesced ? { ...cause, isCoalesced: true } : cause);
      return isSince(image);
    };
    let goesOn = note(row);
    let cursor: string | undefined;
    while (goesOn) {
      const page = await this.now.history(poolId, kind, id, cursor);
      for (const { image } of page.items) goesOn &&= note(toRow(image));
      cursor = page.next;
      goesOn &&= cursor !== undefined;
    }
    return causes;
  }
}
