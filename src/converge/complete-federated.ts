import { FoundUser } from './identify';
import { LedgerUser, UserContext } from './user-context';
import { UserFailure } from './user-failure';
import { withGiven } from './user-plan';
import { linkTo, NO_REMOVAL, writeChanges, writesOfOneUser } from './user-writes';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';
import { isFederated } from '../cognito/user-status';
import { digestOf, UserRow } from '../ledger/schema';
import { PlannedImage } from '../state/link';
import { UserRecord } from '../state/run-state';

const NOT_WRITTEN = ['sub', 'identities', CUSTOM_SOURCE_SUB];

/**
 * Completes a user that Cognito made at a sign-in through an identity provider: the provider's values win, and what only the source pool knew is
 * added. Immutable attributes can no longer be set, custom:source_sub included, so the claim comes from the link.
 */
export async function completeFederated(context: UserContext, { row, groups }: LedgerUser, { user, link }: FoundUser): Promise<UserRecord> {
  const { policy, settings, target } = context;
  if (!isFederated(user)) throw new UserFailure({ code: 'not-federated-in-target' });
  // Cognito names both `<provider>_<id at the provider>`: a user of another name is somebody else.
  if (user.username.toLowerCase() !== row.username.toLowerCase()) throw new UserFailure({ code: 'another-federated-user' });
  const write = writesOfOneUser(context.clock);
  const kept = groups.filter(context.hasGroup);
  const missing = Object.fromEntries(Object.entries(row.attributes).filter(([name, value]) =>
    value !== '' && !user.attributes[name] && settings.attributes.get(name)?.mutable && !NOT_WRITTEN.includes(name) && !isFlag(name)));
  if (policy.dryRun) return { outcome: { sub: row.sub, outcome: 'already-there', reason: { code: 'would-converge' }, targetSub: user.sub } };
  const enabledChanged = link !== undefined && link.image.enabled !== row.enabled;
  if (enabledChanged && row.enabled) await write('AdminEnableUser', () => target.enableUser(user.username));
  await writeChanges(context, user, {
    attributes: missing,
    groups: kept,
    identities: [],
    removal: policy.remove === 'given' && link ? { groups: link.image.groups.filter(name => !kept.includes(name)), attributes: [] } : NO_REMOVAL,
  }, write);
  if (enabledChanged && !row.enabled) await write('AdminDisableUser', () => target.disableUser(user.username));
  const image = { attributes: missing, enabled: row.enabled, groups: kept };
  return {
    outcome: { sub: row.sub, outcome: 'already-there', reason: { code: 'converged' }, targetSub: user.sub },
    link: linkTo(context, row, user, policy.remove === 'given' ? image : withGiven(image, link?.image), { restored: false }),
  };
}

/** Whether what the source pool alone knows of a user of an identity provider is as it was last given. */
export function isSameAccess(image: PlannedImage, row: UserRow, groups: readonly string[]): boolean {
  return image.enabled === row.enabled && digestOf([...image.groups].sort()) === digestOf([...groups].sort());
}

/** Only the provider gives a verified flag, together with the address. */
function isFlag(name: string): boolean {
  return name.endsWith('_verified');
}
