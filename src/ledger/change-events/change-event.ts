import { EVENT_SOURCE } from '../../runtime/event-source';
import { Cause } from '../beginning';
import { ChangeEffect, DirectoryChange, directoryChangeOf } from '../directory-change';
import { Item, digestOf } from '../schema';

export const CHANGE_EVENT = { SOURCE: EVENT_SOURCE, DETAIL_TYPE: 'Directory Changed' } as const;

/** What is told of a change: who and what, and no value. */
export interface ChangeEventDetail {
  readonly version: 1;
  /** The same change has the same id, however often it is told: drop those that were there before. */
  readonly id: string;
  readonly userPoolId: string;
  readonly kind: DirectoryChange['kind'];
  readonly effect: ChangeEffect;
  readonly sub?: string;
  readonly group?: string;
  /** Names of attributes, and `enabled`, `status`, `username`, `mfa`; of a group `description`, `precedence`, `roleArn`. */
  readonly changed: readonly string[];
  /** ISO 8601: when it happened, or, where no event says so, when it was seen. */
  readonly at: string;
  /** The call and the ARN of whose credentials made it. The name of the session stays in the ledger. */
  readonly cause?: { readonly event: string; readonly principal?: string };
}

/** What one record of the stream tells; undefined where nobody would see a difference. */
export function changeEventOf(before: Item | undefined, after: Item | undefined): ChangeEventDetail | undefined {
  const change = directoryChangeOf(before, after);
  if (!change || !after) return undefined;
  const { poolId, kind, effect, sub, group, changed } = change;
  const cause = after.cause as Cause | undefined;
  return {
    version: 1,
    id: digestOf([after.pk, after.sk, after.observedAt]),
    userPoolId: poolId,
    kind,
    effect,
    sub,
    group,
    changed,
    at: new Date(cause?.at ?? after.observedAt as number).toISOString(),
    ...(cause ? { cause: { event: cause.event, principal: cause.principal } } : {}),
  };
}
