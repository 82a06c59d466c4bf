import { attributesToFinish, changedSinceTheCopy, convergenceOf, whatToRemove } from './convergence';
import { FoundUser, identify } from './identify';
import { planCreation } from './plan-creation';
import { isInPlace, UserContext } from './user-context';
import { forUser, UserFailure } from './user-failure';
import { CreatePlan, NO_REMOVAL, planRemoval, Removal } from './user-plan';
import { Attributes, flagOf, isAddress, NameAttribute, nameIn, pickUnits, unitOf } from '../cognito/attribute-values';
import { isFederated } from '../cognito/identities';
import { holderOfName } from '../cognito/name-holder';
import { doneUnless } from '../cognito/refusals';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';
import { nobodysName, uniqueAttributesOf, uniqueNameOf } from '../cognito/unique-names';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { baselineOf } from '../state/link';

/** Every link of a chain is a few reads while one user waits. A longer one was made by a script, such as one whose table was off by a row. */
const MOST_MOVES = 100;
/** Of such a chain, which takes a minute or two: a slice has to have time for it. What is longer still takes several runs. */
const MOST_MOVES_IN_TURN = 1_000;

/** `made`: another user had a name, and has what the ledger gives them instead by now; in a dry run, would have. */
export type Way = 'free' | 'made' | 'taken';

/** What one user gets instead of a name. */
interface Move {
  readonly user: TargetUser;
  readonly set: Attributes;
  readonly unset: readonly string[];
  /** For a moment only, between two writes. */
  readonly isAside?: boolean;
}

/**
 * Sees to it that names are free for one user, before they are written. The ledger may have passed a name on from one user to the next, or round in a
 * circle, where the target has not followed: the order of writes would decide who fails, and a circle would fail whole. So the one who has the name
 * gets what the ledger gives them instead, as far as this name goes; all else is brought when their turn comes.
 *
 * Cognito's reference says that it refuses an alias that another user signs in by; public code has seen it taken from that user without a word.
 * A user to whom the ledger gives no other one keeps theirs, and the name counts as taken. `self`: the user, where they are in the target already.
 */
export async function makeWay(context: UserContext, attributes: Attributes, self?: TargetUser): Promise<Way> {
  const { target, settings, targetIsEmpty, passedNames } = context;
  let way: Way = 'free';
  for (const attribute of targetIsEmpty ? [] : uniqueAttributesOf(settings)) {
    const isWritten = Object.keys(attributes).some(name => unitOf(name) === attribute);
    const value = isWritten ? uniqueNameOf(settings, attribute, { ...self?.attributes, ...attributes }) : undefined;
    const holder = value ? await holderOfName(target, settings, attribute, value) : undefined;
    if (!holder || holder.sub === self?.sub) continue;
    const own = self && { user: self, set: pick(attributes, attribute), unset: [] };
    const made = await moveAll(context, attribute, await movesOf(context, attribute, holder, own, MOST_MOVES))
      ?? await passedNames.inTurn(async () => {
        const now = await holderOfName(target, settings, attribute, value!);
        if (!now || now.sub === self?.sub) return true;
        return moveAll(context, attribute, await movesOf(context, attribute, now, own, MOST_MOVES_IN_TURN));
      });
    if (!made) return 'taken';
    way = 'made';
  }
  return way;
}

/** Whether all could be moved; undefined where there may be more of them. */
async function moveAll(context: UserContext, attribute: NameAttribute, moves: Move[] | 'taken' | 'more'): Promise<boolean | undefined> {
  if (typeof moves === 'string') return moves === 'taken' ? false : undefined;
  if (!context.policy.dryRun) await carryOut(context, attribute, moves);
  else context.passedNames.noteFree(attribute, moves.map(({ user }) => user.sub));
  return true;
}

/** The way of each name, last first: nobody gets one before it is free. `taken`: somebody keeps theirs; `more`: than so many would have to move. */
async function movesOf(
  context: UserContext, attribute: NameAttribute, first: TargetUser, self: Move | undefined, most: number,
): Promise<Move[] | 'taken' | 'more'> {
  const { target, settings, policy, passedNames } = context;
  const moves: Move[] = [];
  let holder: TargetUser | undefined = first;
  while (holder) {
    if (passedNames.isFree(attribute, holder.sub)) return moves;
    if (moves.length >= most) return 'more';
    const move: Move | undefined = await moveOf(context, attribute, holder);
    if (!move || moves.some(({ user }) => user.sub === move.user.sub)) return 'taken';
    moves.unshift(move);
    const value = uniqueNameOf(settings, attribute, attributesAfter(move));
    const next = value ? await holderOfName(target, settings, attribute, value) : undefined;
    // Their own turn came meanwhile.
    holder = next?.sub === move.user.sub ? undefined : next;
    // A circle. In the source pool itself, a date of our own making would say that the user changed after the copy.
    if (holder && holder.sub === self?.user.sub) return policy.winner === 'newer' ? 'taken' : [aside(attribute, self.user), ...moves, self];
  }
  return moves;
}

/** What the ledger gives the holder instead of this name; undefined where that is nothing, or not to be given. */
async function moveOf(context: UserContext, attribute: NameAttribute, user: TargetUser): Promise<Move | undefined> {
  if (isFederated(user)) return undefined;
  const found: FoundUser = { user, link: (await context.links.ofTargets([user.sub])).get(user.sub) };
  const row = await rowOf(context, found);
  if (!row || !await context.mayMove(row)) return undefined;
  const plan = await planCreation(context, { row, groups: [] });
  if (plan.kind !== 'create') return undefined;
  const { set, removal } = changeOf(context, row, plan, found) ?? {};
  if (!set || !removal) return undefined;
  const move = { user, set: pick(set, attribute), unset: removal.attributes.filter(name => unitOf(name) === attribute) };
  const [before, after] = [user.attributes, attributesAfter(move)].map(attributes => uniqueNameOf(context.settings, attribute, attributes));
  return before === after ? undefined : move;
}

/** The same as when the holder's own turn comes. */
function changeOf(
  context: UserContext, row: UserRow, plan: CreatePlan, found: FoundUser,
): { readonly set: Attributes; readonly removal: Removal } | undefined {
  const { policy, settings } = context;
  const { user, link } = found;
  switch (identify(context, plan, row, found)) {
    case 'existing': {
      const { attributes: set, conflicts } = convergenceOf(context, row, plan, found);
      if (!policy.change || conflicts.length > 0 || (policy.winner === 'newer' && changedSinceTheCopy(context, row, user))) return undefined;
      return { set, removal: whatToRemove(context, plan, found, []) };
    }
    case 'ours':
      return {
        set: attributesToFinish(context, plan, user),
        removal: policy.remove !== 'nothing' && link ? planRemoval(plan.image, user, baselineOf(link), settings) : NO_REMOVAL,
      };
    default:
      return undefined;
  }
}

/** The live row of the holder, by a sign that no stranger can give themselves. */
async function rowOf(context: UserContext, { user, link }: FoundUser): Promise<UserRow | undefined> {
  const { ledger, sourceUserPoolId, sourceSubProves } = context;
  const marked = sourceSubProves ? user.attributes[CUSTOM_SOURCE_SUB] : undefined;
  for (const sub of [link?.sourceSub as string | undefined, isInPlace(context) ? user.sub as string : undefined, marked]) {
    const row = sub && await ledger.user(sourceUserPoolId, sub);
    if (row && row.deletedAt === undefined) return row;
  }
  return undefined;
}

async function carryOut({ target, settings }: UserContext, attribute: NameAttribute, moves: readonly Move[]): Promise<void> {
  const write = async ({ user: { username }, set, unset }: Move) => forUser('AdminUpdateUserAttributes', async () => {
    if (Object.keys(set).length > 0) await target.updateAttributes(username, set);
    if (unset.length > 0) await target.deleteAttributes(username, unset);
  });
  try {
    for (const move of moves) await write(move);
  } catch (error) {
    const { user, isAside } = moves[0];
    const before = pick(user.attributes, attribute);
    const wouldNotify = settings.autoVerifiedAttributes.includes(attribute) && nameIn(before, attribute) === undefined;
    // Back to the old name, unless the next one in the circle has it already. A later run goes on from either.
    if (error instanceof UserFailure && isAside && !wouldNotify) {
      await doneUnless(['AliasExistsException'], () => target.updateAttributes(user.username, before));
    }
    throw error;
  }
}

/** Out of the circle for as long as the others need to move up. It counts as verified, so that Cognito sends no code to it. */
function aside(attribute: NameAttribute, user: TargetUser): Move {
  const flag = isAddress(attribute) ? { [flagOf(attribute)]: 'true' } : {};
  return { user, set: { [attribute]: nobodysName(attribute, user.sub), ...flag }, unset: [], isAside: true };
}

function pick(attributes: Attributes, attribute: NameAttribute): Attributes {
  return pickUnits(attributes, unit => unit === attribute);
}

function attributesAfter({ user, set, unset }: Move): Attributes {
  return Object.fromEntries(Object.entries({ ...user.attributes, ...set }).filter(([name]) => !unset.includes(name)));
}
