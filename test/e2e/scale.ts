/**
 * `E2E=whole`: as many users and operations as a rehearsal before a release should have, which takes some hours. The gate has fewer: each user takes
 * the same way, and what only a large pool shows is simulated elsewhere.
 */
export const IS_WHOLE = process.env.E2E === 'whole';
