import { sizeOfFields } from './dynamodb-limits';
import { Page } from '../../src/cognito/page';
import { Beginning, Cause } from '../../src/ledger/beginning';
import { LedgerHistory } from '../../src/ledger/ledger-store';
import { HistoryKind, HistoryRow, items, keys, SHARDS, SourceRow, UserRow } from '../../src/ledger/schema';

export const VIRTUAL_POOL = 'us-east-1_Virtual01';
/** The moment that a bench goes back to: users who changed since have their last image later. */
export const VIRTUAL_MOMENT = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;
/** Bytes of a page of a query, and of what one read unit reads consistently. */
const PAGE_BYTES = 1_024 * 1_024;
const UNIT_BYTES = 4 * 1_024;
/** As many as the store of DynamoDB asks for. */
const IMAGES_PER_PAGE = 4;
/** Of the users of one shard, whose `sub` begins with it. */
const REGULAR_SHARDS = 256;
const CAUSE: Cause = {
  event: 'AdminUpdateUserAttributes', id: '00000000-0000-4000-8000-000000000000', principal: 'arn:aws:iam::111122223333:role/Support',
};
/** Keys and version of a history item. */
const KEY_BYTES = 100;

/** A ledger of any number of users, of whom each has had so many images. Nothing of it is kept: rows are made when they are read, and paid for. */
export class VirtualLedger implements Pick<LedgerHistory, 'usersOfShard' | 'history' | 'sources'> {
  public readUnits = 0;
  public queries = 0;

  constructor(private readonly users: number, private readonly images: number, private readonly changedShare: number) {}

  public async sources(): Promise<SourceRow[]> {
    return [{ poolId: VIRTUAL_POOL, sweptAt: VIRTUAL_MOMENT, users: this.users }];
  }

  public async usersOfShard(_poolId: string, shard: string, cursor?: string): Promise<Page<UserRow>> {
    const first = SHARDS.indexOf(shard);
    const inShard = first < REGULAR_SHARDS && first < this.users ? Math.ceil((this.users - first) / REGULAR_SHARDS) : 0;
    const found: UserRow[] = [];
    let bytes = 0;
    let k = Number(cursor ?? 0);
    for (; k < inShard && bytes < PAGE_BYTES; k += 1) {
      const row = this.row(first + REGULAR_SHARDS * k, this.images - 1);
      found.push(row);
      bytes += sizeOfFields(items.user(row));
    }
    this.charge(bytes);
    return { items: found, next: k < inShard ? String(k) : undefined };
  }

  public async history(_poolId: string, _kind: HistoryKind, id: string, cursor?: string): Promise<Page<HistoryRow>> {
    const user = parseInt(id.slice(0, 2), 16) + REGULAR_SHARDS * parseInt(id.slice(2, 8), 16);
    const newest = cursor === undefined ? this.images - 2 : Number(cursor);
    const found: HistoryRow[] = [];
    let bytes = 0;
    for (let n = newest; n >= 0 && found.length < IMAGES_PER_PAGE; n -= 1) {
      const [image, ended] = [items.user(this.row(user, n)), this.began(user, n + 1)];
      const kept = { key: this.keyOf(user, n), image, ended, cause: CAUSE, expiresAt: 2_000_000_000 };
      found.push(kept);
      bytes += sizeOfFields(kept) + KEY_BYTES;
    }
    this.charge(bytes);
    const next = newest - found.length;
    return { items: found, next: next >= 0 ? String(next) : undefined };
  }

  /** Bytes of what a change of a user writes: their row, and the image that it replaced. */
  public bytesOfChange(): { readonly row: number; readonly image: number } {
    const row = sizeOfFields(items.user(this.row(0, this.images - 1)));
    const replaced = items.user(this.row(0, this.images - 2));
    const end = { ended: this.began(0, this.images - 1), cause: CAUSE, expiresAt: 2_000_000_000 };
    const image = sizeOfFields(items.history(VIRTUAL_POOL, 'U', replaced.sk, replaced, this.row(0, this.images - 2).observedAt, end));
    return { row, image };
  }

  private charge(bytes: number): void {
    this.queries += 1;
    this.readUnits += Math.max(1, Math.ceil(bytes / UNIT_BYTES));
  }

  /** An image an hour, up to an hour before the moment, or after it. */
  private began(user: number, image: number): Beginning {
    const last = VIRTUAL_MOMENT + (this.hasChanged(user) ? HOUR : -HOUR);
    const since = last - (this.images - 1 - image) * HOUR;
    return { notBefore: since - 60_000, since, byEvent: { notBefore: since - 3_000, since: since - 1_000 } };
  }

  private keyOf(user: number, image: number): string {
    return keys.history(VIRTUAL_POOL, 'U', '', this.began(user, image).since).sk;
  }

  /** Spread evenly over the pool. */
  private hasChanged(user: number): boolean {
    return Math.floor((user + 1) * this.changedShare) > Math.floor(user * this.changedShare);
  }

  private row(user: number, image: number): UserRow {
    const [shard, inShard] = [user % REGULAR_SHARDS, Math.floor(user / REGULAR_SHARDS)];
    const sub = `${shard.toString(16).padStart(2, '0')}${inShard.toString(16).padStart(6, '0')}-0000-4000-8000-000000000000`;
    const name = `user-${user}@example.com`;
    const began = this.began(user, image);
    return {
      poolId: VIRTUAL_POOL,
      sub,
      username: sub,
      attributes: {
        sub,
        'email': name,
        'email_verified': 'true',
        'name': `User Number ${user}`,
        'phone_number': '+15555550100',
        'phone_number_verified': 'false',
        'locale': 'en-GB',
        'custom:tenant': `tenant-${user % 1_000}`,
        'custom:image': String(image),
      },
      enabled: true,
      status: 'CONFIRMED',
      createdAt: VIRTUAL_MOMENT - 1_000 * HOUR,
      modifiedAt: began.since,
      digest: 'AAAAAAAAAAAAAAAAAAAAAA',
      observedAt: began.since,
      signInName: name,
      lookUp: { name },
      began,
      cause: CAUSE,
      ...(image > 0 ? { replaces: this.keyOf(user, image - 1) } : {}),
    };
  }
}
