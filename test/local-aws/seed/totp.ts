import { createHmac } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The six digits that an authenticator app shows now (RFC 6238). */
export function totp(secret: string, now = Date.now()): string {
  let bits = '';
  for (const letter of secret.replace(/=+$/, '')) {
    bits += BASE32.indexOf(letter).toString(2).padStart(5, '0');
  }
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[digest.length - 1] % 16;
  return String(digest.readUInt32BE(offset) % 0x80000000 % 1_000_000).padStart(6, '0');
}
