import { stateKeys } from './keys';
import { UserPoolId } from '../cognito/ids';
import { Item } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

export const SWITCH_MODES = ['closed', 'open', 'rehearsal'] as const;

/**
 * Whether a standby pool takes users: nobody, everybody whom the ledger lets in, or only those of a list. It is an item of the state table, whose
 * rate of reads nothing bounds: a parameter of SSM would decide by its request rate, in an outage, who gets in.
 */
export type SwitchMode = typeof SWITCH_MODES[number];

/** How the switch of a standby pool stands, and by whose word. */
export interface SwitchState {
  readonly mode: SwitchMode;
  /** Before that. */
  readonly from: SwitchMode;
  /** The people of a rehearsal, by any name that they sign in by, as the operator wrote them. */
  readonly names: readonly string[];
  /** Ids of app clients that sign in for themselves in a rehearsal. Not among the names: they are no secret, and anybody could sign up as one. */
  readonly clients?: readonly string[];
  /** Start of the execution that turned it; a switch that nobody ever turned: the beginning of time. */
  readonly at: EpochMilliseconds;
  /** Name of that execution, for which CloudTrail knows the caller. */
  readonly execution?: string;
  /** As the operator said it. */
  readonly by?: string;
  readonly reason?: string;
  /** Incidents whose deletions an operator confirmed: until then nobody loses a right on the standby by them. The last ones of all turns. */
  readonly confirmedIncidents?: readonly string[];
}

/** As a standby is deployed, and what an item that cannot be understood means. */
export const NEVER_TURNED: SwitchState = { mode: 'closed', from: 'closed', names: [], at: 0 };

/** Together with {@link readSwitch}, the only codec of switches. */
export function switchItem(userPoolId: UserPoolId, { at, ...state }: SwitchState): Item {
  return { ...stateKeys.switchOf(userPoolId), ...state, turnedAt: at };
}

export function readSwitch(item: Item | undefined): SwitchState {
  type Stored = Partial<Omit<SwitchState, 'at'>> & { readonly turnedAt?: number };
  const { mode, from, names, clients, turnedAt, execution, by, reason, confirmedIncidents } = (item ?? {}) as Stored;
  if (mode === undefined || !SWITCH_MODES.includes(mode)) return NEVER_TURNED;
  return { mode, from: from ?? 'closed', names: names ?? [], clients, at: turnedAt ?? 0, execution, by, reason, confirmedIncidents };
}

/** What came of a turn of the switch: output of the execution, and detail of its event. */
export interface TurnReport {
  readonly userPoolId: UserPoolId;
  readonly from: SwitchMode;
  readonly to: SwitchMode;
  /** ISO 8601: start of the execution. From a few seconds after it on, every function knows. */
  readonly at: string;
  readonly execution: string;
  readonly by?: string;
  readonly reason?: string;
  /** How many people are on the list of a rehearsal. Their names are personal, and stay in the input. */
  readonly names?: number;
  /** How many app clients are. */
  readonly clients?: number;
  readonly confirmedIncidents?: readonly string[];
  /** When the switch closes: until when tokens that were issued before are taken by whoever does not ask Cognito. ISO 8601. */
  readonly issuedTokensLiveUntil?: string;
  /**
   * What the switch cannot close, in a pool that was accepted as `unguarded`: trigger slots that other functions have, or `client_credentials`.
   * Absent where it closes all.
   */
  readonly unguarded?: readonly string[];
  /** Users whose sessions were ended. */
  readonly signedOut?: number;
}
