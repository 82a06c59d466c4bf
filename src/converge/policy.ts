import { EpochMilliseconds } from '../runtime/flavor';

/** The one that acts; its name is kept in the links of the users that it made. */
export type Actor =
  /** An execution that begins and ends. It, or a later one, finishes the users that it made and left unfinished. */
  | { readonly kind: 'run'; readonly name: string; readonly startedAt: EpochMilliseconds }
  /**
   * Follows the ledger for as long as it is deployed: every user that it finds was in the target before. Its name holds a colon, which Step
   * Functions takes in no name of an execution: an operator's run is never mistaken for it.
   */
  | { readonly kind: 'follower'; readonly name: string };

/**
 * Which value stays where the ledger and the target differ:
 * - `ledger`: the ledger's, where it changed since the baseline,
 * - `newer`: the target's, where Cognito's date says that the same user changed in the target after the copy was read; else the ledger's,
 * - `target`: the target's, where it changed since the baseline,
 * - `ask`: neither. A user that both sides changed is reported and left as they are.
 */
export type Winner = 'ledger' | 'newer' | 'target' | 'ask';

/** What the engine may do when it brings users of the ledger into one pool. Each caller is a policy; nothing else changes a pool. */
export interface ConvergePolicy {
  readonly actor: Actor;
  /** Says what would happen, and writes nothing to Cognito. */
  readonly dryRun: boolean;
  /**
   * Whether users who have no password yet get one that nobody knows. Where Cognito made the user in the middle of a reset, it would overwrite the
   * one that the person is choosing.
   */
  readonly setPasswords: boolean;
  /** Whether users who are not in the target are made. */
  readonly create: boolean;
  /** Whether users who are in the target already are changed. */
  readonly change: boolean;
  /**
   * What is taken away from users who are in the target already:
   * - `nothing`,
   * - `given`: what this library gave and the ledger no longer has; what others gave stays,
   * - `gained`: everything that the ledger has not, whoever gave it, for a ledger that is read as it was. Groups that the source never had stay.
   */
  readonly remove: 'nothing' | 'given' | 'gained';
  /** Whether users and groups that the ledger says are deleted may be deleted. */
  readonly delete: boolean;
  readonly winner: Winner;
  /** What "changed since" compares with: what was last given, which the link holds. Without a baseline the ledger is right about everything. */
  readonly baseline: 'last-given' | 'none';
  /** Whether users who were made once, and are no longer in the target, are made again. */
  readonly recreate: boolean;
  /** Where to look for the user: in the caller's listing of the whole target, or by a look-up of each user. */
  readonly find: 'listing' | 'look-up';
  /** Whether a user yields to a newer user of the ledger with the same sign-in name. A caller that asks for one user by name has decided already. */
  readonly yieldToNamesakes: boolean;
  /** Whether the target has its groups already, or each is made for its first member. */
  readonly groups: 'there' | 'made-on-demand';
  /** Whether identities of providers are linked, as they are at the source. */
  readonly linkIdentities: boolean;
  /**
   * What becomes of a user with attributes that the target's schema lacks, as where one was added to the source pool outside its template: refused,
   * so that nothing is lost without a word, or made without them, where a person waits who would be shut out for an attribute.
   */
  readonly unknownAttributes: 'refuse' | 'leave-out';
  /** Whether users that Cognito made at a federated sign-in get what only the source pool knew of them. */
  readonly completeFederated: boolean;
}
