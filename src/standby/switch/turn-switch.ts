import { SWITCH_STATUS } from './constants';
import { ClientReader } from '../../cognito/client-reader';
import { UserPoolId } from '../../cognito/ids';
import { unlessStopped } from '../../cognito/pacing';
import { allPages } from '../../cognito/page';
import { undefinedOn } from '../../cognito/refusals';
import { StandbyPool } from '../../cognito/target-pool';
import { signOutPage } from '../../converge/sign-out';
import { Clock, isOver } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';
import { SwitchMode, SwitchState, TurnReport } from '../../state/switch';

/** The input of an execution, once it is known to be valid. */
export interface SwitchInput {
  readonly mode: SwitchMode;
  readonly names?: readonly string[];
  readonly clients?: readonly string[];
  readonly by?: string;
  readonly reason?: string;
  readonly signOut?: boolean;
  /** Incidents whose deletions count from now on. */
  readonly confirmIncidents?: readonly string[];
}

export interface TurnRequest {
  readonly execution: string;
  readonly startedAt: EpochMilliseconds;
  readonly input: SwitchInput;
}

/** Where the sign-out of everybody stands. */
export interface SignOutCheckpoint {
  readonly report: TurnReport;
  readonly cursor?: string;
}

export type TurnAnswer =
  | { readonly status: typeof SWITCH_STATUS.TURNED; readonly report: TurnReport; readonly signOut: boolean; readonly checkpoint: SignOutCheckpoint }
  | { readonly status: typeof SWITCH_STATUS.INVALID | typeof SWITCH_STATUS.SUPERSEDED; readonly message: string };

export type SignOutAnswer =
  | { readonly status: typeof SWITCH_STATUS.COMPLETE; readonly report: TurnReport }
  | { readonly status: typeof SWITCH_STATUS.CONTINUE; readonly checkpoint: SignOutCheckpoint };

export interface TurnPorts {
  readonly userPoolId: UserPoolId;
  readonly gaps: readonly string[];
  /** Its pacer stops before the function times out. */
  readonly clients: Pick<ClientReader, 'listClients' | 'tokenSecondsOf'>;
  readonly clock: Pick<Clock, 'now'>;
  /** A consistent read. */
  read(): Promise<SwitchState>;
  /**
   * False where the switch is not any more as it was read `before`, or was turned by an execution that started later: what was asked last is right.
   */
  write(state: SwitchState, before: SwitchState): Promise<boolean>;
}

export interface SignOutPorts {
  readonly pool: StandbyPool;
  readonly clock: Pick<Clock, 'now'>;
  readonly deadline: EpochMilliseconds;
}

/** Cognito allows no longer life to an access or ID token. */
const LONGEST_TOKEN = 86_400;
/** Describing so many takes three minutes and a half, at half of the five calls a second that Cognito takes for one pool. */
export const MOST_CLIENTS = 500;
/** Incidents expire with the history of what they deleted: those confirmed before these are long gone. */
const MOST_CONFIRMED = 1_000;
/** Each that fails is another execution's turn, of which operators start a few. */
const MOST_TRIES = 10;
/** A page has 60 users, whose calls take a few seconds at Cognito's pace. */
const PAGE_RESERVE = 20_000;

/** Turns the switch. May be called again at any time: an execution turns it once. */
export async function turnSwitch({ execution, startedAt, input }: TurnRequest, ports: TurnPorts): Promise<TurnAnswer> {
  const { by, reason, confirmIncidents = [] } = input;
  // Closed first: all else can wait.
  const state = await turned({ execution, startedAt, input }, ports);
  if (!state) {
    const { execution: other } = await ports.read();
    return { status: SWITCH_STATUS.SUPERSEDED, message: `the switch was turned by the execution ${other}, which started later; nothing was changed` };
  }
  const report: TurnReport = {
    userPoolId: ports.userPoolId,
    from: state.from,
    to: state.mode,
    at: new Date(state.at).toISOString(),
    execution,
    ...(by !== undefined ? { by } : {}),
    ...(reason !== undefined ? { reason } : {}),
    ...(state.mode === 'rehearsal' ? { names: state.names.length } : {}),
    ...(state.clients ? { clients: state.clients.length } : {}),
    ...(ports.gaps.length > 0 ? { unguarded: ports.gaps } : {}),
    ...(confirmIncidents.length > 0 ? { confirmedIncidents: confirmIncidents } : {}),
    ...(state.mode === 'closed' && state.from !== 'closed' ? { issuedTokensLiveUntil: await lastToken(ports) } : {}),
  };
  return { status: SWITCH_STATUS.TURNED, report, signOut: input.signOut ?? false, checkpoint: { report } };
}

/**
 * How the switch stands once this execution has turned it; undefined where a later one has. What another one wrote meanwhile is read first: the
 * incidents that it confirmed stay confirmed.
 */
async function turned({ execution, startedAt: at, input }: TurnRequest, ports: TurnPorts): Promise<SwitchState | undefined> {
  const { mode, names = [], clients, by, reason, confirmIncidents = [] } = input;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await ports.read();
    if (before.execution === execution && before.at === at) return before;
    if (before.at > at) return undefined;
    const confirmed = [...new Set([...before.confirmedIncidents ?? [], ...confirmIncidents])].slice(-MOST_CONFIRMED);
    const confirmedIncidents = confirmed.length > 0 ? { confirmedIncidents: confirmed } : {};
    const state = { mode, from: before.mode, names, clients, at, execution, by, reason, ...confirmedIncidents };
    if (await ports.write(state, before)) return state;
  }
  return undefined;
}

/** A function that read the switch just before it closed may have issued one more token, within seconds. */
async function lastToken({ clients, clock }: TurnPorts): Promise<string> {
  // A client that could not be asked in time may be the one whose tokens live longest.
  const longest = await unlessStopped(async () => undefinedOn(['TooManyRequestsException'], async () => longestOf(clients))) ?? LONGEST_TOKEN;
  return new Date(clock.now() + longest * 1_000).toISOString();
}

async function longestOf(clients: TurnPorts['clients']): Promise<number> {
  const ids = await allPages(cursor => clients.listClients(cursor));
  if (ids.length > MOST_CLIENTS) return LONGEST_TOKEN;
  let longest = 0;
  for (const id of ids) longest = Math.max(longest, await clients.tokenSecondsOf(id));
  return longest;
}

/** Ends the sessions of all users, for one slice of time. A page that was done twice does no harm. */
export async function signOutSlice({ report, cursor: from }: SignOutCheckpoint, { pool, clock, deadline }: SignOutPorts): Promise<SignOutAnswer> {
  let [cursor, signedOut] = [from, report.signedOut ?? 0];
  do {
    const page = await signOutPage(pool, cursor);
    cursor = page.next;
    signedOut += page.users;
  } while (cursor !== undefined && !isOver({ clock, deadline }, PAGE_RESERVE));
  const done = { ...report, signedOut };
  if (cursor === undefined) return { status: SWITCH_STATUS.COMPLETE, report: done };
  return { status: SWITCH_STATUS.CONTINUE, checkpoint: { report: done, cursor } };
}
