import { SignInCandidate, Comparing, DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { SignInOfKind } from './evidence/drill-facts';
import { poolSettingsOf } from '../cognito/pool-settings';
import { randomPassword } from '../cognito/random-password';
import { LookUpKind, lookUpNamesOf, signInSettingsOf, kindsToLookUp, SignInSettings } from '../cognito/sign-in-name';
import { paced, TargetPool } from '../cognito/target-pool';
import { TargetUser } from '../cognito/user';

const BY_KIND: Readonly<Record<LookUpKind, string>> = {
  name: 'sign-in-name', email: 'email-alias', phone: 'phone-alias', preferredUsername: 'preferred-user-name',
};
const DISABLED = 'disabled';

/** The kinds of sign-in that a pool with these settings has. */
export function kindsOf(settings: SignInSettings): string[] {
  return [...kindsToLookUp(settings).map(kind => BY_KIND[kind]), DISABLED];
}

/** What the user can be the one to try. */
export function kindsOfUser(settings: SignInSettings, user: TargetUser): string[] {
  if (!user.enabled) return [DISABLED];
  const names = lookUpNamesOf(settings, user) ?? {};
  return kindsToLookUp(settings).filter(kind => names[kind] !== undefined).map(kind => BY_KIND[kind]);
}

/** The candidates, with this user for each kind that has none yet. */
export function withCandidate(candidates: Comparing['candidates'], settings: SignInSettings, user: TargetUser): Comparing['candidates'] {
  const missing = kindsOfUser(settings, user).filter(kind => !candidates.some(candidate => candidate.kind === kind));
  return [...candidates, ...missing.map(kind => ({ kind, targetSub: user.sub }))];
}

/**
 * One user of each kind gets a password by the API, which sends nothing, and signs in with it. Those who may not sign in are refused, whatever the
 * password.
 */
export async function checkSignIns(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { pacer, targetOf } = context;
  const target = paced(targetOf(at.facts.scratch!.userPoolId), pacer);
  const pool = await target.describeUserPool();
  const settings = signInSettingsOf(pool);
  const kinds: SignInOfKind[] = [];
  for (const kind of kindsOf(settings)) {
    const candidate = at.compared!.candidates.find(each => each.kind === kind);
    const expected = kind === DISABLED ? 'refused' : 'signed-in';
    kinds.push(candidate
      ? { kind, expected, ...await signIn(context, at, target, candidate, settings, poolSettingsOf(pool).minimumPasswordLength) }
      : { kind, expected, seen: 'no-such-user' });
  }
  return { ...at, facts: { ...at.facts, signIn: { kinds } } };
}

async function signIn(
  { pools }: DrillContext, { facts, clientId }: DrillCheckpoint, target: TargetPool, { kind, targetSub }: SignInCandidate, settings: SignInSettings,
  minimumLength: number,
): Promise<Pick<SignInOfKind, 'seen' | 'error'>> {
  const { items: [user] } = await target.listUsers(undefined, { attribute: 'sub', value: targetSub });
  if (!user) return { seen: 'no-such-user' };
  const answer = await pools.signIn(facts.scratch!.userPoolId, clientId!, {
    username: user.username, name: nameOf(kind, settings, user), password: randomPassword(minimumLength),
  });
  if ('error' in answer) return { seen: 'refused', ...kind === DISABLED ? {} : { error: answer.error } };
  return answer.sub === targetSub ? { seen: 'signed-in' } : { seen: 'failed', error: 'AnotherUser' };
}

function nameOf(kind: string, settings: SignInSettings, user: TargetUser): string {
  const names = lookUpNamesOf(settings, user) ?? {};
  const [by] = Object.entries(BY_KIND).find(([, code]) => code === kind) ?? [];
  return (by && names[by as LookUpKind]) ?? names.name ?? user.username;
}
