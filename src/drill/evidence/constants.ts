/** Where things are in the bucket of the evidence. The chain and its pages are kept; the `sub`s of users who differ expire. */
export const EVIDENCE_PREFIX = {
  /** The chain of reports: `reports/<sequence>-<drill>.json` would let two drills claim one place, so the sequence alone is the name. */
  REPORTS: 'reports/',
  /** The same reports, for people. */
  PAGES: 'pages/',
  /** Outside of the chain and the lock. */
  SUBS: 'subs/',
} as const;

/** Digits of a sequence in a name, so that names sort as numbers do: a drill every minute needs 190 years for more. */
const SEQUENCE_DIGITS = 8;

export function reportKey(sequence: number): string {
  return `${EVIDENCE_PREFIX.REPORTS}${padded(sequence)}.json`;
}

export function pageKey(sequence: number): string {
  return `${EVIDENCE_PREFIX.PAGES}${padded(sequence)}.html`;
}

export function subsKey(sequence: number): string {
  return `${EVIDENCE_PREFIX.SUBS}${padded(sequence)}.json`;
}

function padded(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, '0');
}

/** How many differences of users are named: enough to see what they have in common. */
export const MOST_DIFFERING = 1_000;
