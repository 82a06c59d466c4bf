import { HINT_VERSION, Hint } from './hint';
import { isSameValue } from '../../cognito/attribute-values';
import { identitiesOf, isFederated } from '../../cognito/identities';
import { UserStatus } from '../../cognito/user-status';
import { errorName } from '../../runtime/error-name';
import { within } from '../../runtime/within';

/** What this library reads of the event that Cognito gives to PostConfirmation and PostAuthentication triggers. */
export interface UserEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

/** The part of a user's row that a trigger compares. */
export interface KnownUser {
  readonly username: string;
  readonly enabled: boolean;
  readonly status: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When the MFA preference was last read; 0 if never. */
  readonly mfaReadAt: number;
  readonly isDeleted: boolean;
}

export interface UserEventPorts {
  user(poolId: string, sub: string, signal: AbortSignal): Promise<KnownUser | undefined>;
  send(hint: Hint, signal: AbortSignal): Promise<void>;
}

export interface Budget {
  /** Milliseconds that the ledger has to answer. */
  readonly ledger: number;
  /** Milliseconds for everything. */
  readonly total: number;
}

/** Cognito waits for the trigger, and the user for Cognito: a sign-up may lose 1.5 seconds at most, Lambda's own share included. */
export const TRIGGER_BUDGET: Budget = { ledger: 600, total: 1_200 };

export interface TriggerOutcome {
  /** `missed`: the trigger could not tell whether anything changed, or could not send the hint; the next sweep finds the change. */
  readonly kind: 'unchanged' | 'sent' | 'missed';
  /** What went wrong, by the error's name. */
  readonly problem?: string;
}

/** A change of the MFA preference without an event is found at the first sign-in after this time, in milliseconds. */
export const MFA_IS_FRESH = 86_400_000;

/** A user that signs in has one of these. */
const CAN_SIGN_IN: readonly UserStatus[] = ['CONFIRMED', 'EXTERNAL_PROVIDER'];

/**
 * Reads the user's row, and sends a hint where it differs from what Cognito says now. Never throws, and never takes longer than the budget: its
 * timers do not keep the process alive, and need not, as a call under way does.
 */
export async function onUserEvent(
  event: UserEvent, ports: UserEventPorts, poolHasMfa: boolean, now: number, budget = TRIGGER_BUDGET,
): Promise<TriggerOutcome> {
  const total = AbortSignal.timeout(budget.total);
  const ledger = AbortSignal.timeout(budget.ledger);
  try {
    return await within(total, hintIfChanged(event, ports, poolHasMfa, now, ledger, total));
  } catch (error) {
    return missed(error);
  }
}

async function hintIfChanged(
  event: UserEvent, ports: UserEventPorts, poolHasMfa: boolean, now: number, ledger: AbortSignal, total: AbortSignal,
): Promise<TriggerOutcome> {
  const { userPoolId, triggerSource, request: { userAttributes: { sub } } } = event;
  if (!sub) return { kind: 'missed', problem: 'NoSub' };
  let problem: string | undefined;
  try {
    const known = await within(ledger, ports.user(userPoolId, sub, ledger));
    if (known && !differs(event, known, poolHasMfa, now)) return { kind: 'unchanged' };
  } catch (error) {
    problem = missed(error).problem;
    // While the ledger is away every sign-in would become a hint; a confirmation happens only once to each user.
    if (!triggerSource.startsWith('PostConfirmation_')) return { kind: 'missed', problem };
  }
  const hint: Hint = { version: HINT_VERSION, userPoolId, sub, eventName: triggerSource, eventTime: new Date(now).toISOString(), source: 'trigger' };
  await ports.send(hint, total);
  return problem === undefined ? { kind: 'sent' } : { kind: 'missed', problem };
}

/**
 * Whether the event shows something that the row does not have. An attribute that the event leaves out counts as unchanged: its removal has an event
 * of its own, and if Cognito left out something here that it lists elsewhere, every sign-in would look like a change.
 */
export function differs(event: UserEvent, known: KnownUser, poolHasMfa: boolean, now: number): boolean {
  const { sub: _sub, 'cognito:user_status': status, ...attributes } = event.request.userAttributes;
  if (known.isDeleted || !known.enabled || known.username !== event.userName) return true;
  if (status === undefined ? !(CAN_SIGN_IN as readonly string[]).includes(known.status) : known.status !== status) return true;
  // Nothing else shows it: a listing leaves it out. Federated users have none in Cognito.
  if (poolHasMfa && now - known.mfaReadAt > MFA_IS_FRESH && !isFederated(known)) return true;
  return Object.entries(attributes).some(([name, value]) => !name.startsWith('cognito:') && !isSame(name, value, known.attributes[name]));
}

function isSame(name: string, shown: string, stored: string | undefined): boolean {
  if (isSameValue(name, shown, stored)) return true;
  // The dates and the order in this JSON differ between the event and a listing.
  return name === 'identities' && stored !== undefined && essenceOf(shown) === essenceOf(stored);
}

/** The identities without dates, in one order. */
function essenceOf(json: string): string {
  return identitiesOf(json).map(({ provider, subject }) => JSON.stringify([provider, subject])).sort().join();
}

function missed(error: unknown): TriggerOutcome {
  return { kind: 'missed', problem: errorName(error) };
}
