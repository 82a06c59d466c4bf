import { FollowUp } from './follow-up-message';
import { groupsNow } from './groups-now';
import { ADDRESSES, verifiedAddressOf } from '../../cognito/attribute-values';
import { DescribedUser, describedUserOf, hasIdentity, identitiesOf, isFederated, isProfileOf } from '../../cognito/identities';
import { SourceSub, TargetSub, UserPoolId } from '../../cognito/ids';
import { LookUpKind, lookUpNamesOf } from '../../cognito/sign-in-name';
import { CUSTOM_SOURCE_SUB, firstSubOf, isMarkOf } from '../../cognito/source-sub';
import { maySignIn } from '../../cognito/user-status';
import { awaitsMfa } from '../../converge/user-plan';
import { Incident, incidentOfUser } from '../../ledger/incident';
import { GroupRow, MembershipRow, UserRow } from '../../ledger/schema';
import { givenGroups, Link } from '../../state/link';
import { SwitchState } from '../../state/switch';
import { isGroupHeld, isMembershipHeld, openIncidents } from '../open-incidents';
import { SourceDirectory } from '../source-directory';
import { letsIn, namesOfRow } from '../switch/lets-in';
import { SwitchReader } from '../switch/switch-reader';

/** What this library reads of the event that Cognito gives to a PreTokenGeneration trigger, version 1, 2 or 3. */
export interface TokenEvent {
  readonly version: string;
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly callerContext?: { readonly clientId?: string };
  readonly request: {
    readonly userAttributes: Readonly<Record<string, string>>;
    readonly groupConfiguration?: GroupConfiguration;
  };
  response: Record<string, unknown>;
}

export interface GroupConfiguration {
  readonly groupsToOverride?: readonly string[];
  readonly iamRolesToOverride?: readonly string[];
  readonly preferredRole?: string | null;
}

/** The link of a user of the standby, and the pool of its source user. */
export type KnownLink = Link & { readonly sourceUserPoolId: UserPoolId };

export interface TokenPorts {
  readonly switch: Pick<SwitchReader, 'of'>;
  readonly directory: SourceDirectory;
  /** Consistent reads. */
  linkOf(userPoolId: UserPoolId, sub: TargetSub): Promise<KnownLink | undefined>;
  row(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined>;
  /** Whether somebody else of the row's pool has, or had, that `sub`. */
  isOfAnother(row: UserRow, sub: string): Promise<boolean>;
  /** `isHeld`: whether a row that is marked as gone counts all the same. */
  memberships(
    poolId: UserPoolId, sub: SourceSub, groups: readonly string[], isHeld: (row: GroupRow | MembershipRow) => Promise<boolean>,
  ): Promise<string[]>;
  /** Incidents of the pool, confirmed or not. */
  incidents(poolId: UserPoolId): Promise<Incident[]>;
  /** An eventually consistent one: groups that the user may be in. */
  candidates(poolId: UserPoolId, sub: SourceSub): Promise<string[]>;
  /** Whether the standby asks the user for a second factor. */
  hasSecondFactor(userPoolId: UserPoolId, username: string): Promise<boolean>;
  /** Has somebody brought into line who came before the standby was opened. Must not fail. */
  compareAgain(message: FollowUp): Promise<void>;
}

export interface TokenOptions {
  /** Whether users that are made from the ledger carry `custom:source_sub`: otherwise, until their link is written, they look like newcomers. */
  readonly marksUsers: boolean;
}

export interface TokenIdentity {
  readonly sub: string;
  readonly groups: readonly string[];
}

/** Why nobody gets a token; for the log alone. */
export type TokenRefusal =
  | 'closed'
  | 'not-listed'
  | 'not-in-ledger'
  | 'deleted'
  | 'disabled'
  | 'not-the-linked-user'
  /** An identity that this library linked still opens the profile, and its link is gone at the source: an administrator of the standby unlinks it. */
  | 'unlinked-at-source'
  /** The address is the one that this library gave, and at the source the user has another one by now; a comparison brings it. */
  | 'address-of-before'
  /** The source asks the user for a second factor, and the standby does not yet. */
  | 'second-factor-not-set'
  /** The account, or its link, says that the user was first known by what is another user's `sub`. */
  | 'sub-of-another'
  | 'holds-name-of-another';

export class TokenRefused extends Error {
  public readonly name = 'TokenRefused';

  constructor(public readonly code: TokenRefusal) {
    super(code);
  }
}

/** What everybody is told who gets no token, whatever the reason. Cognito shows it to the user, after words of its own. */
export const NO_TOKEN = 'Signing in is not possible here at the moment.';

const CLIENT_CREDENTIALS = 'TokenGeneration_ClientCredentials';
/** What a sign-in says of the user's password. */
const PASSWORD_OF: Readonly<Record<string, FollowUp['password']>> = {
  TokenGeneration_NewPasswordChallenge: 'set',
  TokenGeneration_Authentication: 'used',
  TokenGeneration_HostedAuth: 'used',
};
/** What one read of the ledger brings about a user. */
interface Known {
  readonly row?: UserRow;
  readonly candidates: readonly string[];
}

/**
 * The user's identity to applications, the `sub` of the first pool that they were in, and their groups as the ledger has them at this moment.
 * Undefined for an app client that signs in for itself.
 *
 * @throws TokenRefused where the switch or the ledger says no; any other error means that it could not be read, and is as good as a no
 */
export async function identityOf(event: TokenEvent, ports: TokenPorts, { marksUsers }: TokenOptions): Promise<TokenIdentity | undefined> {
  const { userPoolId, triggerSource, callerContext } = event;
  const state = await ports.switch.of(userPoolId);
  if (state.mode === 'closed') throw new TokenRefused('closed');
  if (triggerSource === CLIENT_CREDENTIALS) {
    if (state.mode === 'rehearsal' && !state.clients?.includes(callerContext?.clientId ?? '')) throw new TokenRefused('not-listed');
    return undefined;
  }
  const { [CUSTOM_SOURCE_SUB]: sourceSub } = event.request.userAttributes;
  const { link, known } = await find(event, ports);
  // Signed up here: this pool is their first one.
  if (!known) return ofNewcomer(event, ports, state, marksUsers);

  const { row, candidates } = known;
  if (!row) throw new TokenRefused('not-in-ledger');
  // Only where something is marked as gone: an ordinary token does not ask.
  let asked: Promise<Incident[]> | undefined;
  const open = async () => openIncidents(await (asked ??= ports.incidents(row.poolId)), state);
  if (row.deletedAt !== undefined && !incidentOfUser(await open(), row)) throw new TokenRefused('deleted');
  // Somebody who came in an earlier opening; the pool is to say the same as the ledger, also of one who gets no token.
  const comparison = link && link.at < state.at ? ports.compareAgain({ sourceSub: row.sub, username: event.userName, since: state.at }) : undefined;
  if (!maySignIn(row)) {
    await comparison;
    throw new TokenRefused('disabled');
  }
  const user = describedUserOf(event);
  const isLinked = isFederated(user)
    ? isProfileOf(row, user)
    : !sourceSub || !link || link.firstSub === sourceSub || isMarkOf(row, sourceSub);
  if (!isLinked) throw new TokenRefused('not-the-linked-user');
  if (link && keepsIdentity(user, row, link)) throw new TokenRefused('unlinked-at-source');
  if (link && keepsAddress(user, row, link)) {
    await Promise.all([comparison, ports.compareAgain({ sourceSub: row.sub, username: event.userName, since: link.at + 1 })]);
    throw new TokenRefused('address-of-before');
  }
  if (awaitsMfa(row, link) && !isFederated(user)) {
    const since = (link?.at ?? 0) + 1;
    const [isSet] = await Promise.all([
      ports.hasSecondFactor(userPoolId, event.userName),
      comparison,
      ports.compareAgain({ sourceSub: row.sub, username: event.userName, since, password: PASSWORD_OF[triggerSource] }),
    ]);
    if (!isSet) throw new TokenRefused('second-factor-not-set');
  }
  const firstSub = row.firstSub ?? link?.firstSub ?? firstSubOf(row);
  const there = event.request.groupConfiguration?.groupsToOverride ?? [];
  const [ledger] = await Promise.all([
    ports.memberships(row.poolId, row.sub, [...candidates, ...there, ...givenGroups(link)], async gone => (
      'sub' in gone ? isMembershipHeld(await open(), gone, row) : isGroupHeld(await open(), gone))),
    letPass(event, ports, state, true, row),
    refuseSubOfAnother(ports, row, [firstSub, sourceSub]),
    comparison,
  ]);
  return { sub: firstSub, groups: groupsNow({ ledger, there, link }) };
}

/**
 * The row that stands for the user. An immutable attribute, or the link, says who that is; side by side, as they mostly agree. Cognito itself makes
 * federated users, without the attribute. `known` is absent for somebody whom the ledger never had.
 */
async function find(event: TokenEvent, ports: TokenPorts): Promise<{ readonly link?: KnownLink; readonly known?: Known }> {
  const { userPoolId, userName, request: { userAttributes: attributes } } = event;
  const { sub, [CUSTOM_SOURCE_SUB]: sourceSub } = attributes;
  const readAll = async (poolId: UserPoolId, of: SourceSub): Promise<Known> => {
    const [row, candidates] = await Promise.all([ports.row(poolId, of), ports.candidates(poolId, of)]);
    return { row, candidates };
  };
  const assumedPool = sourceSub ? await ports.directory.poolId() : undefined;
  const [link, assumed] = await Promise.all([
    ports.linkOf(userPoolId, sub), assumedPool !== undefined ? readAll(assumedPool, sourceSub) : undefined,
  ]);
  if (link) {
    const present = link.sourceUserPoolId === await ports.directory.poolId()
      ? undefined
      // A deployment replaced the source pool: where the new one has the person, its word is newer.
      : await ports.directory.ofStandbyUser(link.firstSub, attributes, userName);
    if (present) return { link, known: await ofRow(ports, present) };
    const isAssumed = link.sourceUserPoolId === assumedPool && link.sourceSub === sourceSub;
    return { link, known: isAssumed ? assumed : await readAll(link.sourceUserPoolId, link.sourceSub) };
  }
  if (assumed?.row && assumed.row.deletedAt === undefined) return { known: assumed };
  if (sourceSub) return { known: await ofRow(ports, await ports.directory.ofStandbyUser(sourceSub, attributes, userName)) };
  const user = describedUserOf(event);
  if (!isFederated(user)) return {};
  // Deleted at the source: to it, who comes again through the provider is a new user.
  const row = await ports.directory.findFederated(user);
  return row && row.deletedAt === undefined ? { known: await ofRow(ports, row) } : {};
}

/** Whether a profile of the standby still opens by an identity that this library linked, and that the source has unlinked since. */
function keepsIdentity(user: DescribedUser, row: UserRow, link: Link): boolean {
  return !isFederated(user) && identitiesOf(link.identities).some(given => hasIdentity(user, given) && !hasIdentity(row, given));
}

/**
 * Whether a code still goes to an address that this library gave, and that is not, or no more verified, the user's at the source: whoever has its
 * mailbox now could not come in there. One that the user proved on the standby is not such an address.
 */
function keepsAddress(user: DescribedUser, row: UserRow, { image }: Link): boolean {
  return !isFederated(user) && ADDRESSES.some(address => {
    const [there, given, now] = [user, image, row].map(({ attributes }) => verifiedAddressOf(attributes, address)?.toLowerCase());
    return there !== undefined && there === given && there !== now;
  });
}

/** What the account or its link says, and the row does not: another row may have been behind it once, and a token must not make one the other. */
async function refuseSubOfAnother(ports: TokenPorts, row: UserRow, claimed: readonly (string | undefined)[]): Promise<void> {
  const doubtful = [...new Set(claimed)].filter(sub => sub !== undefined && !isMarkOf(row, sub)) as string[];
  const isAnothers = await Promise.all(doubtful.map(async sub => ports.isOfAnother(row, sub)));
  if (isAnothers.includes(true)) throw new TokenRefused('sub-of-another');
}

async function ofRow(ports: TokenPorts, row: UserRow | undefined): Promise<Known> {
  return { row, candidates: row ? await ports.candidates(row.poolId, row.sub) : [] };
}

async function ofNewcomer(event: TokenEvent, ports: TokenPorts, state: SwitchState, guardsNames: boolean): Promise<TokenIdentity> {
  await letPass(event, ports, state, guardsNames);
  return { sub: event.request.userAttributes.sub, groups: event.request.groupConfiguration?.groupsToOverride ?? [] };
}

/** Refuses somebody who is not on the list of a rehearsal, and somebody who took a name on the standby that the ledger says is another's. */
async function letPass(event: TokenEvent, { directory }: TokenPorts, state: SwitchState, guardsNames: boolean, row?: UserRow): Promise<void> {
  const source = await directory.settledSource();
  const settings = source?.settings ?? { usernameAttributes: [] };
  const user = describedUserOf(event);
  const { federated = [], ...names } = lookUpNamesOf(settings, user) ?? {};
  const held = Object.entries(names) as [LookUpKind, string][];
  if (!letsIn(state, settings, row ? namesOfRow(row) : [...Object.values(names), ...federated])) throw new TokenRefused('not-listed');
  // Nobody signs in by the name of a federated user. Rows of a pool that was replaced share no names with those of its successor.
  if (!guardsNames || isFederated(user) || (row && row.poolId !== source?.poolId)) return;
  // Somebody whose deletion is not confirmed yet has no claim to a name that a live user has by now.
  const own = row && row.deletedAt === undefined ? namesOfRow(row) : [];
  const isAnothers = await Promise.all(held.map(async ([kind, name]) => {
    // The row may be of before its user gave the name up: whoever was seen with it last has it.
    if (own.includes(name) && !await directory.isShared(name, kind, row!.sub)) return false;
    const owner = await directory.find(name);
    return owner !== undefined && owner.sub !== row?.sub && owner.deletedAt === undefined && owner.status !== 'UNCONFIRMED';
  }));
  if (isAnothers.includes(true)) throw new TokenRefused('holds-name-of-another');
}

/**
 * The answer in the form of the event's version. The groups are always said, for what Cognito does without is not documented alike everywhere: an
 * empty object takes all of them away. Roles come with the groups of the pool: `groupRoles` says which go with a group that the token lacks.
 */
export function tokenResponse(
  version: string, claim: string, identity: TokenIdentity, current: GroupConfiguration = {}, groupRoles: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  const claims = { claimsToAddOrOverride: { [claim]: identity.sub } };
  const groups = { groupOverrideDetails: groupDetails(identity.groups, current, groupRoles) };
  return version === '1'
    ? { claimsOverrideDetails: { ...claims, ...groups } }
    : { claimsAndScopeOverrideDetails: { idTokenGeneration: claims, accessTokenGeneration: claims, ...groups } };
}

function groupDetails(groups: readonly string[], current: GroupConfiguration, groupRoles: Readonly<Record<string, string>>): GroupConfiguration {
  if (groups.length === 0) return {};
  const keepsAll = (current.groupsToOverride ?? []).every(group => groups.includes(group));
  const stay = new Set(groups.map(group => groupRoles[group]));
  const mayStay = (role: string) => keepsAll || stay.has(role);
  const { iamRolesToOverride: roles, preferredRole: preferred } = current;
  return {
    groupsToOverride: groups,
    ...(roles ? { iamRolesToOverride: roles.filter(mayStay) } : {}),
    ...(preferred && mayStay(preferred) ? { preferredRole: preferred } : {}),
  };
}
