import { Change } from './difference';
import { PlanOrder } from './recovery-run';
import { NameAttribute } from '../cognito/attribute-values';
import { TargetSub, UserPoolId } from '../cognito/ids';
import { GroupImage } from '../cognito/user';
import { PresentUser, Reversal } from '../converge/reversal';
import { CreatePlan } from '../converge/user-plan';
import { Grade } from '../ledger/image-at';
import { digestOf, digestOfUser, GroupRow, UserRow } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';
import { Outcome, Reason } from '../state/outcome';

/** What has become of a line of a plan that is being executed. */
export interface LineResult {
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly warnings?: readonly Reason[];
  /** The `sub` of a user who was brought back. */
  readonly targetSub?: TargetSub;
}

interface Line {
  /** Unique in the plan, and in the order of execution: groups first. */
  readonly id: string;
  /** What has become of it since the moment. */
  readonly change: Change;
  readonly certainty: Grade;
  readonly warnings: readonly Reason[];
  /** From right before the first look that a write to the pool may follow. */
  readonly begunAt?: EpochMilliseconds;
  readonly result?: LineResult;
}

interface UserLine extends Line {
  readonly of: 'user';
  /** `sub` in the pool, before the recovery. */
  readonly sub: string;
}

/** Brings a user back who was deleted. */
export interface CreateLine extends UserLine {
  readonly action: 'create';
  /** As the user was at the moment. */
  readonly row: UserRow;
  readonly plan: CreatePlan;
}

/** Makes a user again what they were. */
export interface ReverseLine extends UserLine {
  readonly action: 'reverse';
  readonly username: string;
  readonly reversal: Reversal;
  /** Of the user and their groups, as they were when the plan was made. */
  readonly digest: string;
  /** Names that turned out to be free, or to be given up by others of the plan. */
  readonly settled?: { readonly [attribute in NameAttribute]?: SettledName };
}

/** `round`: who looked; `isMoved`: another user of the plan has the name, and gives it up. */
interface SettledName {
  readonly round: string;
  readonly isMoved: boolean;
}

/** Names a user who is left as they are. */
export interface LeaveLine extends UserLine {
  readonly action: 'leave';
  readonly reason: Reason;
}

/** Makes a group again, or gives it back its fields. */
export interface GroupLine extends Line {
  readonly of: 'group';
  readonly action: 'create' | 'reverse';
  readonly group: GroupImage;
  /** Absent where the pool had no such group. */
  readonly before?: GroupImage;
}

/** Names a group that is left as it is. */
export interface LeaveGroupLine extends Line {
  readonly of: 'group';
  readonly action: 'leave';
  readonly reason: Reason;
}

/** One line of a plan. It holds values of users, and is in the table of recoveries alone. */
export type RecoveryLine = CreateLine | ReverseLine | LeaveLine | GroupLine | LeaveGroupLine;

/** What a plan is about, and how far it was executed. */
export interface PlanHead {
  readonly plan: string;
  readonly userPoolId: UserPoolId;
  readonly order?: PlanOrder;
  /** Name of the plan that this one takes back. */
  readonly undoes?: string;
  /** A difference is read, and never executed. */
  readonly isDifference: boolean;
  /** When the last line was written; absent while the plan is being made. */
  readonly plannedAt?: EpochMilliseconds;
  /** Whether names that only one user can have move from one user of the plan to another. */
  readonly movesNames?: boolean;
  /** The execution that executes it, or has. */
  readonly executor?: string;
  readonly executionBegunAt?: EpochMilliseconds;
  readonly executedAt?: EpochMilliseconds;
}

/** Cognito's group names hold no control characters, and a `sub` does not begin with one. */
export function userLineId(sub: string): string {
  return `U#${sub}`;
}

export function groupLineId(name: string): string {
  return `G#${name}`;
}

/** Fingerprint of a user and their groups: whatever a recovery could overwrite. */
export function digestOfPresent({ user, groups }: PresentUser): string {
  return digestOf([digestOfUser(user), [...groups].sort()]);
}

export function groupImageOf({ name, description, precedence, roleArn }: GroupRow): GroupImage {
  return { name, description, precedence, roleArn };
}

/** Fingerprint of what a recovery could overwrite of a group; an empty description is none. */
export function digestOfGroup({ description, precedence, roleArn }: GroupImage): string {
  return digestOf([description || null, precedence ?? null, roleArn ?? null]);
}
