/** How many times faster than AWS the demo's quotas are, so that it takes minutes; the ratios are AWS's. */
export const QUOTA_SCALE = 10;
