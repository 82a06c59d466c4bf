import { createHash } from 'crypto';

/** Fingerprints in one packed string. */
const PER_STRING = 3_000;
const BYTES = 8;

/**
 * `sub`s of a group's members, as 64-bit fingerprints: about 20 bytes each, where a Set of strings takes 150. The probability that two of five
 * million share a fingerprint, and are taken for each other, is 1e-6.
 */
export class SubSet {
  /** The set that `pack` made strings of. */
  public static async unpack(packed: AsyncIterable<readonly string[]>): Promise<SubSet> {
    const set = new SubSet();
    for await (const strings of packed) {
      for (const text of strings) {
        const bytes = Buffer.from(text, 'base64url');
        for (let at = 0; at < bytes.length; at += BYTES) set.put(bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4));
      }
    }
    return set;
  }

  private count = 0;
  private high = new Uint32Array(1_024);
  private low = new Uint32Array(1_024);
  /** 1 where a slot is taken. It stays 1 after a deletion, because others may have been placed behind it. */
  private taken = new Uint8Array(1_024);
  private deleted = new Uint8Array(1_024);
  private slots = 0;

  public get size(): number {
    return this.count;
  }

  public add(sub: string): void {
    this.put(...fingerprint(sub));
  }

  public has(sub: string): boolean {
    return this.find(sub) !== undefined;
  }

  /** Answers whether the `sub` was there. */
  public delete(sub: string): boolean {
    const slot = this.find(sub);
    if (slot === undefined) return false;
    this.deleted[slot] = 1;
    this.count -= 1;
    return true;
  }

  public * pack(): Iterable<string> {
    let bytes = Buffer.alloc(PER_STRING * BYTES);
    let length = 0;
    for (let slot = 0; slot < this.taken.length; slot += 1) {
      if (!this.taken[slot] || this.deleted[slot]) continue;
      bytes.writeUInt32BE(this.high[slot], length);
      bytes.writeUInt32BE(this.low[slot], length + 4);
      length += BYTES;
      if (length === bytes.length) {
        yield bytes.toString('base64url');
        bytes = Buffer.alloc(PER_STRING * BYTES);
        length = 0;
      }
    }
    if (length > 0) yield bytes.subarray(0, length).toString('base64url');
  }

  private put(high: number, low: number): void {
    if ((this.slots + 1) * 4 > this.taken.length * 3) this.grow();
    const { length } = this.taken;
    let slot = low % length;
    while (this.taken[slot]) {
      if (this.high[slot] === high && this.low[slot] === low) {
        this.count += this.deleted[slot];
        this.deleted[slot] = 0;
        return;
      }
      slot = (slot + 1) % length;
    }
    this.taken[slot] = 1;
    this.high[slot] = high;
    this.low[slot] = low;
    this.slots += 1;
    this.count += 1;
  }

  private find(sub: string): number | undefined {
    const [high, low] = fingerprint(sub);
    const { length } = this.taken;
    for (let slot = low % length; this.taken[slot]; slot = (slot + 1) % length) {
      if (this.high[slot] === high && this.low[slot] === low) return this.deleted[slot] ? undefined : slot;
    }
    return undefined;
  }

  private grow(): void {
    const { high, low, taken, deleted } = this;
    const length = taken.length * 2;
    this.high = new Uint32Array(length);
    this.low = new Uint32Array(length);
    this.taken = new Uint8Array(length);
    this.deleted = new Uint8Array(length);
    this.slots = 0;
    this.count = 0;
    for (let slot = 0; slot < taken.length; slot += 1) {
      if (taken[slot] && !deleted[slot]) this.put(high[slot], low[slot]);
    }
  }
}

function fingerprint(sub: string): [number, number] {
  const hash = createHash('sha256').update(sub).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4)];
}
