/** Fewer than these are believed at any size of pool; more are believed only where they are a small part of it. */
const FEW = 50;
const SHARE = 0.05;

/** How many of so many known rows may be gone at once before an operator has to say that it is true. */
export function deletionLimit(known: number): number {
  return Math.max(FEW, Math.floor(known * SHARE));
}
