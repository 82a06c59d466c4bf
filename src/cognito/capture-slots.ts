/** A user pool calls one function for each of these. */
export const CAPTURE_SLOTS = ['PostConfirmation', 'PostAuthentication'] as const;
export type CaptureSlot = typeof CAPTURE_SLOTS[number];

/** What comes late where a slot does not tell of it. */
export const LATE_WITHOUT_SLOT: Readonly<Record<CaptureSlot, string>> = {
  PostConfirmation: 'users that sign up through managed login or an identity provider',
  PostAuthentication: 'what a sign-in through an identity provider changed',
};
