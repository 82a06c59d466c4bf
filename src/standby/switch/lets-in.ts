import { normalizedName, SignInSettings } from '../../cognito/sign-in-name';
import { UserRow } from '../../ledger/schema';
import { SwitchState } from '../../state/switch';

/** Whether the switch lets a person in who is known by these names, compared as the pool compares them. */
export function letsIn({ mode, names }: SwitchState, settings: SignInSettings, knownBy: readonly string[]): boolean {
  if (mode !== 'rehearsal') return mode === 'open';
  const listed = new Set(names.map(name => normalizedName(settings, name)));
  return knownBy.some(name => listed.has(normalizedName(settings, name)));
}

/** Every name by which a list may name a user of the ledger. */
export function namesOfRow({ username, signInName, lookUp = {} }: UserRow): string[] {
  return [username, ...signInName === undefined ? [] : [signInName], ...Object.values(lookUp).flat()];
}
