import { EpochMilliseconds } from '../runtime/flavor';

/** Who acts: the name is kept in the links of the users that were made. */
export type Actor =
  /** An execution that begins and ends. Users that it made itself and did not finish are finished by it, or by a later one. */
  | { readonly kind: 'run'; readonly name: string; readonly startedAt: EpochMilliseconds }
  /** Follows the ledger for as long as it is deployed: whatever it finds was there before. */
  | { readonly kind: 'follower'; readonly name: string };

/**
 * Whose value stays where the ledger and the target differ:
 * - `ledger`: the ledger's, where it changed since the baseline,
 * - `newer`: the target's, where Cognito's date says that the same user changed there after the copy was read; else the ledger's,
 * - `target`: the target's, where it changed since the baseline,
 * - `ask`: nobody's. A user whom both sides changed is reported and left as they are.
 */
export type Winner = 'ledger' | 'newer' | 'target' | 'ask';

/** What bringing users of the ledger into one pool may do. A caller of the engine is a policy; there is no other way to change a pool. */
export interface ConvergePolicy {
  readonly actor: Actor;
  /** Says what would happen, and writes nothing to Cognito. */
  readonly dryRun: boolean;
  /** Whether users who are not in the target are made. */
  readonly create: boolean;
  /** Whether users who are there already are changed. */
  readonly change: boolean;
  /** Takes away nothing, or what this library gave and the ledger no longer has. What somebody else gave stays in either case. */
  readonly remove: 'nothing' | 'given';
  readonly winner: Winner;
  /** What "changed since" is told from: what was last given, which the link holds. Without a baseline the ledger is right about everything. */
  readonly baseline: 'last-given' | 'none';
  /** Whether users who were made once, and are no longer in the target, are made again. */
  readonly recreate: boolean;
  /** Where the user to bring is looked for: in a listing that the caller has made of the whole target, or by a look-up of each user. */
  readonly find: 'listing' | 'look-up';
  /** Whether a user yields to a newer one of the ledger who has the same sign-in name. A caller that asks for one user by name has decided that. */
  readonly yieldToNamesakes: boolean;
  /** Whether the target has its groups already, or each is made for its first member. */
  readonly groups: 'there' | 'made-on-demand';
  /** Whether identities of providers are linked, as they are at the source. */
  readonly linkIdentities: boolean;
  /** Whether users whom Cognito made at a federated sign-in get what only the source pool knew of them. */
  readonly completeFederated: boolean;
}
