import { HINT_VERSION, Hint } from './hint';
import { isFederated, UserStatus } from '../../cognito/user-status';
import { identitiesOf } from '../../cognito/identities';
import { errorName } from '../../runtime/error-name';

/** What this library reads of the event that Cognito gives to PostConfirmation and PostAuthentication triggers. */
export interface UserEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

/** What a trigger compares of a user's row. */
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

/** Cognito waits for the trigger, and the user for Cognito: 1.5 seconds are the most that a sign-up may lose, with Lambda's own share in it. */
export const BUDGET: Budget = { ledger: 600, total: 1_200 };

export interface TriggerOutcome {
  /** `missed`: it could not be told whether anything changed, or could not be said; the next sweep finds it. */
  readonly kind: 'unchanged' | 'sent' | 'missed';
  /** What went wrong, by the error's name. */
  readonly problem?: string;
}

/** Changes of the MFA preference that no event told of are found at the first sign-in after so many milliseconds. */
export const MFA_IS_FRESH = 86_400_000;

/** A sign-in says by itself that the user has one of these. */
const CAN_SIGN_IN: readonly UserStatus[] = ['CONFIRMED', 'EXTERNAL_PROVIDER'];

/**
 * One read of the ledger; a hint where that does not know the user as Cognito now describes them. Never throws, never takes longer than the
 * budget.
 */
export async function onUserEvent(
  event: UserEvent, ports: UserEventPorts, poolHasMfa: boolean, now: number, budget = BUDGET,
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
    // Everybody's sign-in would become a hint while the ledger is away; a confirmation happens once to each user.
    if (!triggerSource.startsWith('PostConfirmation_')) return { kind: 'missed', problem };
  }
  const hint: Hint = { version: HINT_VERSION, userPoolId, sub, eventName: triggerSource, eventTime: new Date(now).toISOString(), source: 'trigger' };
  await ports.send(hint, total);
  return problem === undefined ? { kind: 'sent' } : { kind: 'missed', problem };
}

/**
 * Whether the event shows something that the row does not have. An attribute that the event leaves out counts as unchanged: that it was
 * removed has an event of its own, and if Cognito left out something here that it lists elsewhere, every sign-in would look like a change.
 */
export function differs(event: UserEvent, known: KnownUser, poolHasMfa: boolean, now: number): boolean {
  const { sub: _sub, 'cognito:user_status': status, ...attributes } = event.request.userAttributes;
  if (known.isDeleted || !known.enabled || known.username !== event.userName) return true;
  if (status === undefined ? !(CAN_SIGN_IN as readonly string[]).includes(known.status) : known.status !== status) return true;
  // Nobody else tells: a listing does not show it. Federated users have none in Cognito.
  if (poolHasMfa && now - known.mfaReadAt > MFA_IS_FRESH && !isFederated(known)) return true;
  return Object.entries(attributes).some(([name, value]) => !name.startsWith('cognito:') && !isSame(name, value, known.attributes[name]));
}

function isSame(name: string, shown: string, stored: string | undefined): boolean {
  if (shown === stored) return true;
  // JSON whose dates and order differ between the event and a listing.
  return name === 'identities' && stored !== undefined && essenceOf(shown) === essenceOf(stored);
}

/** The identities without dates, in one order. */
function essenceOf(json: string): string {
  return identitiesOf(json).map(({ provider, subject }) => JSON.stringify([provider, subject])).sort().join();
}

/** What the call answers, unless the time is over first: the call may not heed the signal. */
async function within<T>(signal: AbortSignal, call: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('the time is over'), { name: 'Timeout' })), { once: true });
    call.then(resolve, reject);
  });
}

function missed(error: unknown): TriggerOutcome {
  return { kind: 'missed', problem: errorName(error) };
}
