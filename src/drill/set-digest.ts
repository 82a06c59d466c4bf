import { createHash } from 'crypto';
import { DirectoryDigest } from './evidence/drill-facts';
import { Attributes, isFlag, isTrue } from '../cognito/attribute-values';
import { SourceSub } from '../cognito/ids';
import { GroupImage } from '../cognito/user';

/** One user as both sets have them: the ledger's, and what the scratch pool holds. */
export interface ComparedUser {
  readonly sub: SourceSub;
  readonly attributes: Attributes;
  readonly enabled: boolean;
  /** `CONFIRMED`, as a restore leaves everybody. */
  readonly status: string;
  readonly groups: readonly string[];
  /** Whether there is a second factor that an administrator could have set. */
  readonly hasSecondFactor: boolean;
}

/** A digest while its set is gone through. Plain data: it travels in a checkpoint. */
export interface RunningDigest {
  /** Sum of the users' own digests, modulo 2^256, hexadecimal: it is the same in whatever order they come. */
  readonly sum: string;
  readonly users: number;
  readonly memberships: number;
}

export const NO_DIGEST: RunningDigest = { sum: '0', users: 0, memberships: 0 };
const RANGE = 2n ** 256n;

/** `salt`: of this drill, so that nobody learns from two reports that a user has not changed. */
export function digested(digest: RunningDigest, salt: string, users: readonly ComparedUser[]): RunningDigest {
  const sum = users.reduce((all, user) => (all + BigInt(`0x${sha256(`${salt}\n${canonical(user)}`)}`)) % RANGE, BigInt(`0x${digest.sum}`));
  return {
    sum: sum.toString(16),
    users: digest.users + users.length,
    memberships: digest.memberships + users.reduce((all, { groups }) => all + groups.length, 0),
  };
}

export function endOfDigest({ sum, users, memberships }: RunningDigest, groups: readonly GroupImage[]): DirectoryDigest {
  const ofGroups = groups.map(({ name, description, precedence }) => JSON.stringify([name, description ?? '', precedence ?? null])).sort();
  return { sha256: sha256(`${sum}\n${ofGroups.join('\n')}`), users, groups: groups.length, memberships };
}

function canonical({ sub, attributes, groups, ...access }: ComparedUser): string {
  // A flag may be absent where it is false.
  const said = Object.entries(attributes).filter(([name, value]) => value !== '' && (!isFlag(name) || isTrue(value)));
  const sorted = said.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, isFlag(name) ? 'true' : value]);
  return JSON.stringify([sub, sorted, access.enabled, access.status, access.hasSecondFactor, [...groups].sort()]);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
