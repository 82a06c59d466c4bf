import { SourceSub } from '../../cognito/ids';

/** What the standby's triggers put into the follow-up queue: a user that was made on demand, or came from an identity provider. */
export interface FollowUp {
  /** `sub` in the source pool. */
  readonly sourceSub: SourceSub;
  /** User name in the standby pool; where it is not known yet, the sign-in name leads to it. */
  readonly username?: string;
  /** Milliseconds since the epoch: a user who was left as the ledger has them since then need not be looked at. */
  readonly since?: number;
  /**
   * That the person has a password of their own by now: `set` on the standby or proved at the source, or `used` to sign in, which proves it where the
   * standby takes nothing else.
   */
  readonly password?: 'set' | 'used';
}
