import { makeGroup } from './bring-group';
import { makeWay } from './make-way';
import { UserContext } from './user-context';
import { forUser, orFailure, UserFailure } from './user-failure';
import { Removal } from './user-plan';
import { hasIdentity, identitiesOf, identitiesText, IdentityLink, isSameIdentity, linksOf } from '../cognito/identities';
import { CognitoException, doneUnless, isException, isPoolMissing } from '../cognito/refusals';
import { firstSubOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { givenGroups, Link, PlannedImage } from '../state/link';
import { Reason } from '../state/outcome';

export type Write = (operation: string, call: () => Promise<unknown>) => Promise<void>;

/** Cognito allows about ten writes a second on one user: a user in many groups would exceed that while few others are in flight. */
const WRITES_WITHOUT_PAUSE = 3;
const PAUSE = 100;
/** The user or the group is gone: nothing is left to take away. */
export const GONE: readonly CognitoException[] = ['ResourceNotFoundException', 'UserNotFoundException'];
/** The target may lack the provider, or have a profile for the identity already: neither is a reason to hold the user up. */
const LINK_REFUSED: readonly CognitoException[] = [
  'InvalidParameterException', 'ResourceNotFoundException', 'AliasExistsException', 'LimitExceededException',
];

export function writesOfOneUser(clock: Clock): Write {
  let writes = 0;
  return async (operation, call) => {
    if (writes++ >= WRITES_WITHOUT_PAUSE) await clock.sleep(PAUSE);
    await forUser(operation, call);
  };
}

/** What is written for a user who is in the target, in this order. */
export interface UserChanges {
  readonly password?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly mfa?: PlannedImage['mfa'];
  /** MFA methods that are switched off. */
  readonly mfaOff?: readonly string[];
  readonly identities: readonly IdentityLink[];
  readonly removal: Removal;
}

export function isEmpty({ attributes, groups, mfa, identities, removal }: UserChanges): boolean {
  return Object.keys(attributes).length === 0 && groups.length === 0 && mfa === undefined && identities.length === 0
    && removal.groups.length === 0 && removal.attributes.length === 0;
}

/**
 * Carries the changes out; answers warnings. Each is tried even where one before was refused: a refused address must not cost a user their groups,
 * nor keep what is to be taken away. The first refusal is thrown at the end, as a {@link UserFailure}.
 */
export async function writeChanges(context: UserContext, user: TargetUser, changes: UserChanges, write: Write): Promise<Reason[]> {
  const { target } = context;
  const { username } = user;
  const { password, attributes, groups, identities, removal } = changes;
  let refusal: UserFailure | undefined;
  const attempt: Write = async (operation, call) => {
    const { failure } = await orFailure(() => write(operation, call));
    refusal ??= failure;
  };
  if (password !== undefined) await attempt('AdminSetUserPassword', () => target.setPermanentPassword(username, password));
  if (Object.keys(attributes).length > 0) {
    await attempt('AdminUpdateUserAttributes', async () => {
      if (await makeWay(context, attributes, user) === 'taken') {
        throw new UserFailure({ code: 'refused', operation: 'AdminUpdateUserAttributes', error: 'AliasExistsException' });
      }
      await target.updateAttributes(username, attributes);
    });
  }
  for (const group of groups) await attempt('AdminAddUserToGroup', () => joinGroup(context, username, group));
  const warnings = await setMfa(context, username, changes, write);
  for (const identity of identities) {
    await attempt('AdminLinkProviderForUser', async () => {
      if (!await doneUnless(LINK_REFUSED, () => target.linkProvider(username, identity))) warnings.push({ code: 'link-refused' });
    });
  }
  for (const group of removal.groups) {
    await attempt('AdminRemoveUserFromGroup', () => doneUnless(GONE, () => target.removeUserFromGroup(username, group)));
  }
  if (removal.attributes.length > 0) {
    await attempt('AdminDeleteUserAttributes', async () => {
      try {
        await target.deleteAttributes(username, removal.attributes);
      } catch (error) {
        if (!isException(error, 'InvalidParameterException') || removal.attributes.length === 1) throw error;
        // One that the pool requires must not cost the others, which may give rights.
        for (const name of removal.attributes) await attempt('AdminDeleteUserAttributes', () => target.deleteAttributes(username, [name]));
      }
    });
  }
  if (refusal) throw refusal;
  return warnings;
}

/**
 * Says in the link which groups come next, so that whatever ends this writer, they count as given by the library and not by an administrator. A user
 * without a link gets one, by which nothing was given so far. Answers the link as it is then.
 */
export async function noteGiving(
  context: UserContext, row: UserRow, user: TargetUser, link: Link | undefined, groups: readonly string[],
): Promise<Link | undefined> {
  const known = givenGroups(link);
  if (groups.every(group => known.includes(group))) return link;
  const before = link ?? linkTo(context, row, user, NOTHING_GIVEN, { restored: false, finished: false });
  return context.links.write({ ...before, giving: [...new Set([...before.giving ?? [], ...groups])] });
}

/** As if the user had been let in: whoever goes on shuts out who may not come in, and lets in nobody whom an administrator shut out. */
const NOTHING_GIVEN: PlannedImage = { attributes: {}, enabled: true, groups: [] };

/** Where groups are made on demand, the first member to join a group makes it. */
async function joinGroup(context: UserContext, username: string, name: string): Promise<void> {
  const { policy, target, groupRow } = context;
  if (policy.groups === 'there') return target.addUserToGroup(username, name);
  try {
    await target.addUserToGroup(username, name);
  } catch (error) {
    if (!isException(error, 'ResourceNotFoundException') || isPoolMissing(error)) throw error;
    const row = await groupRow(name);
    if (!row) throw error;
    await makeGroup(context, row);
    await target.addUserToGroup(username, name);
  }
}

/** A refused preference is a warning and does not fail the user: they can set it themselves. */
async function setMfa({ target }: UserContext, username: string, { mfa, mfaOff = [] }: UserChanges, write: Write): Promise<Reason[]> {
  if (!mfa && mfaOff.length === 0) return [];
  try {
    await write('AdminSetUserMFAPreference', () => target.setMfaPreference(username, mfa ?? { enabled: [] }, mfaOff));
    return [];
  } catch (error) {
    if (error instanceof UserFailure) return [{ code: 'mfa-refused' }];
    throw error;
  }
}

/**
 * What the link says was given. A second factor that Cognito refused was not: it is tried again, and until then no token is issued. In a pool that
 * asks nobody for one there is nothing to wait for.
 */
export function givenImage({ settings }: UserContext, image: PlannedImage, warnings: readonly Reason[]): PlannedImage {
  if (!settings.hasMfa || !warnings.some(({ code }) => code === 'mfa-refused')) return image;
  const { mfa: _refused, ...given } = image;
  return given;
}

/** What is to be linked with the user in the target: neither linked before, nor shown there as linked. */
export function linksToMake({ policy, linkAttributes }: UserContext, row: UserRow, user: TargetUser, known?: Link): IdentityLink[] {
  if (!policy.linkIdentities || known?.identities === row.attributes.identities) return [];
  const before = identitiesOf(known?.identities);
  const isLinked = (link: IdentityLink) => before.some(one => isSameIdentity(one, link)) || hasIdentity(user, link);
  return linksOf(row, linkAttributes).filter(link => !isLinked(link));
}

/**
 * What the link says of the identities: the row's, once they are linked. After a refusal the next run tries again. What the source has unlinked since
 * stays noted for as long as the target shows it: no token is issued meanwhile.
 */
export function linkedIdentities(
  { policy }: UserContext, row: UserRow, user: TargetUser, link: Link | undefined, warnings: readonly Reason[],
): string | undefined {
  const isDone = policy.linkIdentities && !warnings.some(({ code }) => code === 'link-refused');
  if (!isDone) return link?.identities;
  const unlinked = identitiesOf(link?.identities).filter(identity => hasIdentity(user, identity) && !hasIdentity(row, identity));
  return unlinked.length === 0 ? row.attributes.identities : identitiesText([...identitiesOf(row.attributes.identities), ...unlinked]);
}

/**
 * The link that later runs find for a user. `identities`: those that the user is linked with in the target; `revision`: of the link that this one
 * takes the place of.
 */
export function linkTo(
  { policy, clock }: UserContext, row: UserRow, user: TargetUser, image: PlannedImage,
  how: Pick<Link, 'restored' | 'finished' | 'identities' | 'revision'>,
): Link {
  return { sourceSub: row.sub, targetSub: user.sub, firstSub: firstSubOf(row), image, execution: policy.actor.name, at: clock.now(), ...how };
}
