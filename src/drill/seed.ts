import { createHash } from 'crypto';

/** 52 bits: every one of them is a number on its own, and together they are below 1. */
const DIGITS = 13;
const RANGE = 16 ** DIGITS;

/** A number from 0 up to, and without, 1 that the seed and what it is for decide: everybody who has the seed draws the same. */
export function drawn(seed: string, what: string): number {
  return parseInt(createHash('sha256').update(`${seed}\n${what}`).digest('hex').slice(0, DIGITS), 16) / RANGE;
}

/** The same things in an order that the seed decides, and not the order in which they are given. */
export function shuffledBy<T extends string>(seed: string, things: readonly T[]): T[] {
  return [...things].map(thing => [drawn(seed, thing), thing] as const).sort(([a], [b]) => a - b).map(([, thing]) => thing);
}
