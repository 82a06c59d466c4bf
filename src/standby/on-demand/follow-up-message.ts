/** What the standby's triggers put into the follow-up queue: a user who was made on demand, or came from an identity provider. */
export interface FollowUp {
  /** `sub` in the source pool. */
  readonly sourceSub: string;
  /** User name in the standby pool; where it is not known yet, the sign-in name leads to it. */
  readonly username?: string;
}

/** What a message of the queue says; undefined where it is none of ours. */
export function readFollowUp(body: string): FollowUp | undefined {
  try {
    const { sourceSub, username } = JSON.parse(body) as Partial<FollowUp>;
    return typeof sourceSub === 'string' && (username === undefined || typeof username === 'string') ? { sourceSub, username } : undefined;
  } catch {
    return undefined;
  }
}
