import { completeFederated } from './complete-federated';
import { converge } from './converge-user';
import { attributesToFinish } from './convergence';
import { finishUser, finishUserLate } from './finish-user';
import { FoundUser, identify, Identity, isSameUser } from './identify';
import { makeWay } from './make-way';
import { planCreation } from './plan-creation';
import { refusalOfChange, refusalOfNames, refusalOfValues } from './rehearse';
import { isInPlace, LedgerUser, UserContext } from './user-context';
import { forUser, refused, UserFailure } from './user-failure';
import { CreatePlan, withMfaLater } from './user-plan';
import { linkTo } from './user-writes';
import { isFederated } from '../cognito/identities';
import { allPages } from '../cognito/page';
import { randomPassword } from '../cognito/random-password';
import { isException, undefinedIfNo } from '../cognito/refusals';
import { CUSTOM_SOURCE_SUB, firstSubOf, isMarkOf } from '../cognito/source-sub';
import { UserFilter } from '../cognito/target-pool';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { Link } from '../state/link';
import { linkOf } from '../state/links';
import { Reason } from '../state/outcome';
import { UserRecord } from '../state/run-state';

/**
 * Brings one user of the ledger into the target, as the policy says. `found`: the target's user, where the caller knows them. The caller writes the
 * record's link together with the outcome: until then a later run takes the user for unfinished.
 */
export async function bringUser(context: UserContext, user: LedgerUser, found?: FoundUser): Promise<UserRecord> {
  const { row, grade } = user;
  // Nobody is made into what they may never have been.
  if (grade === 'incomplete') return { outcome: { sub: row.sub, outcome: 'failed', reason: { code: 'moment-unknown' } } };
  return recorded(row, async () => {
    if (found && context.policy.completeFederated && [row, found.user].some(isFederated)) return completeFederated(context, user, found);
    const plan = await planCreation(context, user);
    if (plan.kind === 'skip') return skipped(row, plan.reason);
    if (plan.kind === 'fail') throw new UserFailure(plan.reason);
    return bring(context, row, plan, found);
  });
}

/** The same by a plan that was made before, exactly as it is: what has become of the user's names since is Cognito's to say. */
export async function bringPlanned(context: UserContext, row: UserRow, plan: CreatePlan): Promise<UserRecord> {
  return recorded(row, async () => bring(context, row, plan));
}

/** What becomes of the user, whom a refusal that is theirs alone fails. */
async function recorded(row: UserRow, work: () => Promise<UserRecord>): Promise<UserRecord> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserFailure) return { outcome: { sub: row.sub, outcome: 'failed', reason: error.reason } };
    throw error;
  }
}

async function bring(context: UserContext, row: UserRow, plan: CreatePlan, found?: FoundUser): Promise<UserRecord> {
  const { policy } = context;
  const link = found ? found.link : await linkOf(context.links, row.sub);
  const known = found ?? await lookUp(context, row, plan, link);
  // The profile that Cognito made for a linked identity is the same person, but has neither name nor password to sign in by.
  if (known && !isFederated(known.user) && !await leavesName(context, row, plan, known)) return meet(context, row, plan, known);
  const marked = await lookUpMarked(context, row);
  if (marked) return asLate(context, marked.user, await meet(context, row, plan, marked));
  if (link && !known && link.finished !== false && !policy.recreate) {
    return skipped(row, { code: 'deleted-in-target', since: new Date(link.at).toISOString().slice(0, 10) });
  }
  if (!policy.create) return skipped(row, { code: 'not-in-target' });
  if (policy.dryRun) return rehearse(context, row, plan);

  const made = await createWhereFree(context, plan);
  if (made instanceof Error) return meetLate(context, row, plan, made);
  const { revision } = await begin(context, row, plan, made);
  return finishUser(context, row, withMfaLater(plan, context.settings), made, { revision });
}

function skipped(row: UserRow, reason: Reason): UserRecord {
  return { outcome: { sub: row.sub, outcome: 'skipped', reason } };
}

/** What the creation would come to. Cognito itself says who has the name: under an alias, in other letters, or as nobody of the ledger. */
async function rehearse(context: UserContext, row: UserRow, plan: CreatePlan): Promise<UserRecord> {
  const wrong = refusalOfValues(plan, context.settings);
  if (wrong) throw new UserFailure(wrong);
  const holder = context.targetIsEmpty ? undefined : await holderOf(context, plan.signInName);
  if (holder && !await leavesName(context, row, plan, holder)) return asLate(context, holder.user, await meet(context, row, plan, holder));
  const refusal = await refusalOfNames(context, plan);
  if (refusal) throw new UserFailure(refusal);
  return wouldRestore(row, withMfaLater(plan, context.settings));
}

/** The one who signs in by this name. */
async function holderOf(context: UserContext, name: string): Promise<FoundUser | undefined> {
  const found = await forUser('AdminGetUser', () => undefinedIfNo('user', () => context.target.getUser(name)));
  return found && withLink(context, found.user);
}

/** Whether the one who signs in by this name is somebody else, whom the ledger gives another one, and who has it now, or would. */
async function leavesName(context: UserContext, row: UserRow, plan: CreatePlan, holder: FoundUser): Promise<boolean> {
  if (identify(context, plan, row, holder) !== 'other') return false;
  const { settings } = context;
  const name = settings.usernameAttributes.find(one => plan.attributes[one] === plan.signInName);
  return name !== undefined && await makeWay(context, { [name]: plan.signInName }) === 'made';
}

/** What is left to do for a user that an earlier run created: the ledger may have changed since. */
async function rehearseFinish(context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser): Promise<UserRecord> {
  const refusal = await refusalOfChange(context, user, attributesToFinish(context, plan, user));
  if (refusal) throw new UserFailure(refusal);
  return wouldRestore(row, plan);
}

function wouldRestore(row: UserRow, { warnings }: CreatePlan): UserRecord {
  return { outcome: { sub: row.sub, outcome: 'would-restore', warnings } };
}

/** From here on every later run knows that this library made the user and has to finish them, whatever ends this run. */
async function begin(context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser): Promise<Link> {
  // The second factor counts as given once it is set.
  const image = { ...plan.image, mfa: undefined };
  return context.links.write(linkTo(context, row, user, image, { restored: true, finished: false }));
}

/** The same, once those who have one of the names have what the ledger gives them instead. */
async function createWhereFree(context: UserContext, plan: CreatePlan): Promise<TargetUser | Error> {
  const made = await create(context, plan);
  if (!(made instanceof Error)) return made;
  return await makeWay(context, plan.attributes) === 'made' ? create(context, plan) : made;
}

/** Cognito's refusal where a name is taken: which of the two is not documented where it is the second address that somebody has. */
async function create({ settings, target }: UserContext, plan: CreatePlan): Promise<TargetUser | Error> {
  return forUser('AdminCreateUser', async () => {
    try {
      return await target.createUser({
        username: plan.signInName,
        attributes: plan.attributes,
        // Set even where Cognito could choose one: where one-time codes are allowed beside passwords, none means "no password, confirmed".
        temporaryPassword: settings.signsInByPassword ? randomPassword(settings.minimumPasswordLength) : undefined,
      });
    } catch (error) {
      if (isException(error, 'UsernameExistsException', 'AliasExistsException')) return error;
      throw error;
    }
  });
}

/** Looks a few users up one by one, without listing the whole target; after a listing, only a user that a link names and no page showed. */
async function lookUp(context: UserContext, row: UserRow, plan: CreatePlan, link: Link | undefined): Promise<FoundUser | undefined> {
  const { policy, settings } = context;
  const isAlone = policy.find === 'look-up';
  const sub = link?.targetSub ?? (isAlone && isInPlace(context) ? row.sub as string : undefined);
  const bySub = sub === undefined ? undefined : await findUser(context, { attribute: 'sub', value: sub });
  if (bySub || !isAlone) return bySub;
  const attribute = settings.usernameAttributes.find(name => row.attributes[name] === plan.signInName) ?? 'username';
  return findUser(context, { attribute: attribute as UserFilter['attribute'], value: plan.signInName });
}

/** Where the source pool was once a target: a user who carries the first `sub` is the person, even under another name and without a link. */
async function lookUpMarked(context: UserContext, row: UserRow): Promise<FoundUser | undefined> {
  const { links, sourceSubProves } = context;
  const firstSub = firstSubOf(row);
  if (!sourceSubProves || firstSub === row.sub as string) return undefined;
  const sub = await links.targetSubOfFirst(firstSub);
  return sub === undefined ? undefined : findUser(context, { attribute: 'sub', value: sub });
}

async function findUser(context: UserContext, filter: UserFilter): Promise<FoundUser | undefined> {
  const [user] = await allPages(cursor => context.target.listUsers(cursor, filter));
  return user && withLink(context, user);
}

async function withLink(context: UserContext, user: TargetUser): Promise<FoundUser> {
  return { user, link: (await context.links.ofTargets([user.sub])).get(user.sub) };
}

/** The target already has such a user: a stranger, a user that this run made before it was killed, or the same person from before. */
async function meet(context: UserContext, row: UserRow, planned: CreatePlan, found: FoundUser): Promise<UserRecord> {
  const { user, link } = found;
  const identity = identify(context, planned, row, found);
  const plan = mayLackPassword(context, row, found, identity) ? withMfaLater(planned, context.settings) : planned;
  switch (identity) {
    case 'other':
      throw new UserFailure({ code: 'name-of-another' });
    case 'unconfirmed':
      throw new UserFailure({ code: 'name-of-unconfirmed' });
    case 'ours':
      if (context.policy.dryRun) return rehearseFinish(context, row, plan, user);
      return finishUserLate(context, row, plan, user, link, link ?? await begin(context, row, plan, user));
    case 'existing':
      return converge(context, row, plan, user, link);
  }
}

/** Whether the user was made with a password that nobody knows, and nothing has shown since that the person has another. */
function mayLackPassword(context: UserContext, row: UserRow, { user, link, hasPassword }: FoundUser, identity: Identity): boolean {
  if (hasPassword || link?.image.mfa || (isInPlace(context) && isSameUser(user, row))) return false;
  return identity === 'ours' || link?.restored === true || isMarkOf(row, user.attributes[CUSTOM_SOURCE_SUB]);
}

/** Only the refused creation showed that the target has the name already. */
async function meetLate(context: UserContext, row: UserRow, plan: CreatePlan, refusal: Error): Promise<UserRecord> {
  const holder = await holderOf(context, plan.signInName);
  // Somebody has another of the user's names.
  if (!holder) throw new UserFailure(refused('AdminCreateUser', refusal));
  return asLate(context, holder.user, await meet(context, row, plan, holder));
}

/** Marks a user that the listing of the target counted as unknown to the ledger. */
function asLate({ policy: { actor } }: UserContext, user: TargetUser, { outcome, link }: UserRecord): UserRecord {
  const wasListed = outcome.outcome === 'already-there' && actor.kind === 'run' && user.createdAt < actor.startedAt;
  return { outcome: wasListed ? { ...outcome, late: true } : outcome, link };
}
