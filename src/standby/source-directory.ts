import { ADDRESSES } from '../cognito/attribute-values';
import { DescribedUser, isFederated, isProfileOf } from '../cognito/identities';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { addressesToRecoverBy } from '../cognito/mfa';
import { DescribedUserPool, PoolSettings } from '../cognito/pool-settings';
import { LookUpKind, SignInSettings, kindsToLookUp, normalizedName, signInSettingsOf } from '../cognito/sign-in-name';
import { isMarkOf } from '../cognito/source-sub';
import { maySignIn } from '../cognito/user-status';
import { byClaim } from '../converge/namesakes';
import { newestFirst } from '../ledger/newest-first';
import { SourceRow, UserRow, PoolPartRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { PublicError } from '../runtime/public-error';

/** What the standby reads of the ledger, all of it in its own Region. */
export interface DirectoryReader {
  sources(): Promise<SourceRow[]>;
  poolPart(poolId: UserPoolId, part: string): Promise<PoolPartRow | undefined>;
  user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined>;
  subsBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<string[]>;
  /** The same, with users who are gone. */
  subsEverBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<string[]>;
  /**
   * The `sub`s of users that are, or were, linked with the identity for which Cognito would make a profile of this name, as the pool's settings
   * normalise it: the user's row says whether they still are.
   */
  subsByFederatedName(poolId: UserPoolId, name: string): Promise<string[]>;
  /** See `LedgerReader`: read consistently, of the groups that the index knows and of the candidates. */
  groupsOfUser(poolId: UserPoolId, sub: SourceSub, candidates?: readonly string[]): Promise<string[]>;
}

export interface SourcePoolView {
  readonly poolId: UserPoolId;
  readonly settings: SignInSettings;
  /** As a sweep last saw it. */
  readonly described: DescribedUserPool;
}

interface View extends Partial<SourcePoolView> {
  readonly readAt: number;
}

/** The source pool is another one only after a deployment that replaced it. */
const VIEW_KEPT = 60_000;
/** Read where no user was found, so that an unknown user takes as many reads as a deleted one. */
const NOBODY = 'nobody';

export class SourceNotCopiedError extends PublicError {
  public readonly name = 'SourceNotCopiedError';
}

/** The source pool's users as the ledger has them: the standby looks up each user that comes. */
export class SourceDirectory {
  private view?: View;
  private assumed?: string;

  constructor(private readonly ledger: DirectoryReader, private readonly clock: Pick<Clock, 'now'>) {}

  /** The pool that was swept last; before the first sweep is complete, the one that is being copied. */
  public async source(): Promise<SourcePoolView | undefined> {
    const { poolId, settings, described } = await this.read();
    return poolId !== undefined && settings && described ? { poolId, settings, described } : undefined;
  }

  /**
   * The same, for who guards names: undefined only where the ledger knows of no pool at all. While the first copy of one is made, nobody knows yet
   * how its users sign in, and so not whose a name is.
   *
   * @throws where that is not known yet
   */
  public async settledSource(): Promise<SourcePoolView | undefined> {
    const source = await this.source();
    if (!source && await this.poolId() !== undefined) throw new SourceNotCopiedError('how users of the source pool sign in is not in the ledger yet');
    return source;
  }

  public async poolId(): Promise<string | undefined> {
    return (await this.read()).poolId ?? this.assumed;
  }

  /** A row of this pool was seen: it counts as the source until the ledger names one, because rows of one table overtake each other. */
  public assume(poolId: UserPoolId): void {
    this.assumed = poolId;
  }

  /**
   * The user that signs in by this name, as the source pool tells names apart, in any state. Every name takes the same number of reads, so that
   * the time gives nothing away.
   */
  public async find(typed: string): Promise<UserRow | undefined> {
    return (await this.rowsOf(typed))[0];
  }

  /** Users who are gone, and had the name then. */
  public async goneWith(typed: string): Promise<UserRow[]> {
    return (await this.rowsOf(typed, 'subsEverBySignInName')).filter(({ deletedAt }) => deletedAt !== undefined);
  }

  /**
   * Whether somebody else may have this name by now, of a user who has it as this kind of name. A user name is nobody else's; of other names one look
   * at the index says so, which is all that an ordinary token takes.
   */
  public async isShared(name: string, kind: LookUpKind, sub: SourceSub): Promise<boolean> {
    const source = await this.source();
    if (!source || (kind === 'name' && source.settings.usernameAttributes.length === 0)) return false;
    // It may be the other one's sign-in name, where a pool takes both kinds of address.
    const kinds = kindsToLookUp(source.settings).filter(one => one === kind || one === 'name');
    const found = await Promise.all(kinds.map(async one => this.ledger.subsBySignInName(source.poolId, name, one)));
    return found.flat().some(other => other !== sub);
  }

  /**
   * The user who signs in through an identity provider as this profile: the one that Cognito made for the identity in the source pool, or the
   * profile that is linked with it there. No other user is taken for them, whatever alias that one chose.
   */
  public async findFederated(profile: DescribedUser): Promise<UserRow | undefined> {
    const source = await this.source();
    if (!source) return undefined;
    const { poolId, settings } = source;
    const name = normalizedName(settings, profile.username);
    const [named, linked] = await Promise.all([this.rowsOf(profile.username), this.ledger.subsByFederatedName(poolId, name)]);
    const others = await Promise.all(linked.filter(sub => !named.some(row => row.sub === sub)).map(async sub => this.ledger.user(poolId, sub)));
    return [...named, ...others].filter((row): row is UserRow => row !== undefined && isProfileOf(row, profile)).sort(byFederatedClaim)[0];
  }

  /**
   * The row that a standby user was made from. Where the source pool was a standby itself once, `custom:source_sub` is older than its rows; that of
   * somebody who was deleted and brought back is a tombstone's.
   */
  public async ofStandbyUser(sourceSub: string, attributes: Readonly<Record<string, string>>, username: string): Promise<UserRow | undefined> {
    const row = await this.user(sourceSub);
    if (row && row.deletedAt === undefined) return row;
    for (const name of new Set([username, ...ADDRESSES.flatMap(attribute => attributes[attribute] || [])])) {
      const found = await this.find(name);
      if (found && (row ? found.firstSub === sourceSub : isMarkOf(found, sourceSub))) return found;
    }
    return row;
  }

  public async user(sub: string): Promise<UserRow | undefined> {
    const poolId = await this.poolId();
    return poolId === undefined ? undefined : this.ledger.user(poolId, sub);
  }

  /** `candidates`: groups that the user may be in, as the caller knows: see {@link DirectoryReader.groupsOfUser}. */
  public async groupsOf(row: UserRow, candidates: readonly string[] = []): Promise<string[]> {
    return this.ledger.groupsOfUser(row.poolId, row.sub, candidates);
  }

  /** The users with this name, the right one first. */
  private async rowsOf(typed: string, look: 'subsBySignInName' | 'subsEverBySignInName' = 'subsBySignInName'): Promise<UserRow[]> {
    const source = await this.source();
    if (!source) return [];
    const { poolId, settings } = source;
    const name = normalizedName(settings, typed);
    const kinds = kindsToLookUp(settings);
    const found = await Promise.all(kinds.map(async kind => this.ledger[look](poolId, name, kind)));
    const subs = new Set(found.flat());
    const rows = await Promise.all([...(subs.size > 0 ? subs : [NOBODY])].map(async sub => this.ledger.user(poolId, sub)));
    // The index is behind the row for a moment.
    const kindOf = ({ lookUp = {} }: UserRow) => kinds.findIndex(kind => lookUp[kind] === name);
    // A user name that was chosen comes first, as in Cognito; of two addresses neither does.
    const rankOf = settings.usernameAttributes.length > 0 ? undefined : kindOf;
    return rows.filter((row): row is UserRow => row !== undefined && kindOf(row) >= 0)
      .sort((a, b) => byClaim(a, b, rankOf));
  }

  private async read(): Promise<View> {
    const now = this.clock.now();
    if (this.view?.settings && now - this.view.readAt <= VIEW_KEPT) return this.view;
    const [last] = newestFirst(await this.ledger.sources());
    const pool = last && await this.ledger.poolPart(last.poolId, 'pool');
    const described = pool?.value as DescribedUserPool | undefined;
    this.view = { readAt: now, poolId: last?.poolId, settings: described && signInSettingsOf(described), described };
    return this.view;
  }
}

/** An identity signs in as one user: a live one before one that is gone, else the one that was seen with it last. */
function byFederatedClaim(a: UserRow, b: UserRow): number {
  const [gone, other] = [a, b].map(({ deletedAt }) => Number(deletedAt !== undefined));
  return gone - other || b.observedAt - a.observedAt || b.createdAt - a.createdAt;
}

/** Whether the standby may make this user: not one that was deleted, is barred, never proved an address, or came from a provider. */
export function mayEnter(row: UserRow | undefined): row is UserRow {
  return row !== undefined && row.deletedAt === undefined && maySignIn(row) && row.status !== 'UNCONFIRMED' && !isFederated(row);
}

/**
 * Whether the standby could send a reset code: it refuses users without a verified address of a kind that it recovers by. A second factor, to whose
 * address it sends none either, is not set before there is a password.
 */
export function isReachable({ attributes }: UserRow, { recovery }: Pick<PoolSettings, 'recovery'>): boolean {
  return addressesToRecoverBy(recovery, attributes).length > 0;
}
