import { FoundUser } from './identify';
import { doubtsOf, LedgerUser, UserContext } from './user-context';
import { UserFailure } from './user-failure';
import { NO_REMOVAL, withGiven } from './user-plan';
import { linkTo, noteGiving, writeChanges, writesOfOneUser } from './user-writes';
import { isFlag, NAME_ATTRIBUTES } from '../cognito/attribute-values';
import { isFederated, isProfileOf } from '../cognito/identities';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';
import { maySignIn } from '../cognito/user-status';
import { digestOf, UserRow } from '../ledger/schema';
import { baselineOf, PlannedImage } from '../state/link';
import { UserRecord } from '../state/run-state';

const NOT_WRITTEN = ['sub', 'identities', CUSTOM_SOURCE_SUB];

/**
 * Completes a user that Cognito made at a sign-in through an identity provider: the provider's values win, and what only the source pool knew is
 * added. Immutable attributes can no longer be set, custom:source_sub included, so the claim comes from the link. At the source the identity may be
 * linked with a profile of the pool's own, and the standby has none yet: the person is the same, but the names to sign in by stay free for it.
 */
export async function completeFederated(context: UserContext, ledgerUser: LedgerUser, { user, link }: FoundUser): Promise<UserRecord> {
  const { policy, settings, target } = context;
  const { row, groups } = ledgerUser;
  if (!isFederated(user)) throw new UserFailure({ code: 'not-federated-in-target' });
  if (!isProfileOf(row, user)) throw new UserFailure({ code: 'another-federated-user' });
  const write = writesOfOneUser(context.clock);
  const doubts = doubtsOf(ledgerUser);
  const enabled = maySignIn(row);
  const kept = groups.filter(context.hasGroup);
  const isOurs = (name: string) => link?.image.attributes[name] !== undefined && user.attributes[name] === link.image.attributes[name];
  // Where the ledger is read as it was, so is what this library added.
  const mayChange = (name: string) => !user.attributes[name] || (policy.remove === 'gained' && isOurs(name));
  const added = Object.fromEntries(Object.entries(row.attributes).filter(([name, value]) => value !== '' && mayChange(name)
    && user.attributes[name] !== value && settings.attributes.get(name)?.mutable && isForTheProfile(row, name)));
  const gained = Object.keys(user.attributes).filter(name => policy.remove === 'gained' && isOurs(name) && !row.attributes[name]);
  if (policy.dryRun) return { outcome: { sub: row.sub, outcome: 'already-there', reason: { code: 'would-converge' }, targetSub: user.sub } };
  if (enabled && link && !link.image.enabled) await write('AdminEnableUser', () => target.enableUser(user.username));
  const noted = await noteGiving(context, row, user, link, kept);
  await writeChanges(context, user, {
    attributes: added,
    groups: kept,
    identities: [],
    removal: policy.remove !== 'nothing' && link
      ? { groups: baselineOf(link).groups.filter(name => !kept.includes(name)), attributes: gained }
      : NO_REMOVAL,
  }, write);
  // Users whom an administrator of the standby let in again stay in, unless the source pool changes its mind.
  if (!enabled && (link ? link.image.enabled : user.enabled)) await write('AdminDisableUser', () => target.disableUser(user.username));
  const stillOurs = Object.fromEntries(Object.entries(user.attributes).filter(([name]) => isOurs(name) && !gained.includes(name)));
  const image = { attributes: { ...stillOurs, ...added }, enabled, groups: kept };
  return {
    outcome: {
      sub: row.sub, outcome: 'already-there', reason: { code: 'converged' }, targetSub: user.sub, ...doubts.length > 0 ? { warnings: doubts } : {},
    },
    link: linkTo(context, row, user, policy.remove !== 'nothing' || !link ? image : withGiven(image, baselineOf(link)), {
      restored: false, revision: noted?.revision,
    }),
  };
}

/** Whether what the source pool alone knows of a user of an identity provider is as it was last given. */
export function isSameAccess(image: PlannedImage, row: UserRow, groups: readonly string[]): boolean {
  return image.enabled === maySignIn(row) && digestOf([...image.groups].sort()) === digestOf([...groups].sort());
}

/** Only the provider gives a verified flag, together with the address. */
function isForTheProfile(row: UserRow, name: string): boolean {
  const isName = (NAME_ATTRIBUTES as readonly string[]).includes(name);
  return !NOT_WRITTEN.includes(name) && !isFlag(name) && (isFederated(row) || !isName);
}
