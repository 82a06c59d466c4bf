import { Ask } from './ask';
import { CliError, EXIT, ExitCode } from './cli-error';
import { CopiedUser, StandbyUser, severalUsers, showUser, shownUser } from './commands/show';
import { ledgerOf } from './read-ledger';
import { Session, silentStacks, whyNot } from './session';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { allPages } from '../cognito/page';
import { LookUpKind } from '../cognito/sign-in-name';
import { DynamoDbRecoveredSubs } from '../ledger/dynamodb-recovered-subs.lambda-shared';
import { LedgerHistory } from '../ledger/ledger-store';
import { RecoveredSubs } from '../ledger/recovered-subs';
import { systemClock } from '../runtime/clock';
import { DynamoDbLinks } from '../state/dynamodb-links.lambda-shared';
import { linkOf } from '../state/links';
import { StateItems } from '../state/state-items.lambda-shared';

/** `show`: whoever has or had that sub, address or name, as they are now, with what they were. */
export async function show({ terminal, session, masked, args: [wanted] }: Ask): Promise<ExitCode> {
  const { ledger, poolId, region } = await ledgerOf(session);
  const recovered = new DynamoDbRecoveredSubs(session.aws.table(region), session.deployment.ledgerTableName, poolId);
  const found = await usersMeant({ ledger, recovered, poolId }, wanted);
  if (found.length === 0) {
    throw new CliError(EXIT.NOT_FOUND, 'no-user',
      'nobody in the copy has that sub, address or name, or had it as far back as the history reaches: try the sub, or another name');
  }
  if (found.length > 1 && terminal.format === 'json') throw severalUsers(found);
  for (const [i, user] of found.entries()) {
    const { row: { sub }, earlier, firstSub } = user;
    const document = shownUser({ ...user, standby: await standbyUserOf(session, poolId, sub) }, masked);
    if (i > 0) terminal.line();
    if (wanted !== sub && [firstSub, ...earlier.map(before => before.sub)].includes(wanted)) terminal.line(`${wanted} came back, and is now ${sub}`);
    showUser(terminal, document);
    terminal.document(document);
    terminal.record(document);
  }
  return EXIT.DONE;
}

/** Where `usersMeant` looks. */
export interface ShownFrom {
  readonly ledger: Pick<LedgerHistory, 'user' | 'groupsOfUser' | 'history' | 'subsEverBySignInName'>;
  readonly recovered: Pick<RecoveredSubs, 'of'>;
  readonly poolId: UserPoolId;
}

/** Each person once, under the sub that they have now: those who are there first, then whoever went last. */
export async function usersMeant(from: ShownFrom, wanted: string): Promise<CopiedUser[]> {
  const found = new Map<SourceSub, CopiedUser>();
  for (const sub of await subsOf(from, wanted)) {
    const user = await copiedUser(from, sub);
    if (user) found.set(user.row.sub, user);
  }
  const until = ({ row: { deletedAt = Infinity } }: CopiedUser) => deletedAt;
  return [...found.values()].sort((a, b) => (until(a) === until(b) ? 0 : until(b) - until(a)));
}

async function copiedUser({ ledger, recovered, poolId }: ShownFrom, sub: SourceSub): Promise<CopiedUser | undefined> {
  const subs = await chainOf(recovered, sub);
  const all = await Promise.all(subs.map(async each => ({
    sub: each,
    row: await ledger.user(poolId, each),
    history: await allPages(async cursor => ledger.history(poolId, 'U', each, cursor)),
  })));
  // The copy may not have heard yet of somebody who came back a moment ago.
  const at = all.findIndex(({ row }) => row !== undefined);
  if (at < 0) return undefined;
  const { row, history } = all[at];
  const { firstSub = row!.firstSub } = await recovered.of(row!.sub);
  return { row: row!, history, groups: await ledger.groupsOfUser(poolId, row!.sub), earlier: all.slice(at + 1), firstSub, replacedBy: subs[at - 1] };
}

/** Every sub that somebody has had, the latest one first. */
async function chainOf(recovered: Pick<RecoveredSubs, 'of'>, sub: SourceSub): Promise<SourceSub[]> {
  const subs = [sub];
  for (;;) {
    const { replacedBy } = await recovered.of(subs[0]);
    if (replacedBy === undefined || subs.includes(replacedBy)) break;
    subs.unshift(replacedBy);
  }
  for (;;) {
    const { replaces } = await recovered.of(subs.at(-1)!);
    if (replaces === undefined || subs.includes(replaces)) break;
    subs.push(replaces);
  }
  return subs;
}

async function subsOf({ ledger, recovered, poolId }: ShownFrom, wanted: string): Promise<SourceSub[]> {
  if (await ledger.user(poolId, wanted)) return [wanted];
  const { replaces, replacedBy, isNow } = await recovered.of(wanted);
  // A first sub may be what an attribute claims: it leads to somebody only where no other user has or had it.
  if (replaces !== undefined || replacedBy !== undefined) return [wanted];
  if (isNow !== undefined) return [isNow];
  const kinds: LookUpKind[] = ['name', 'email', 'phone', 'preferredUsername'];
  const names = [...new Set([wanted, wanted.toLowerCase()])];
  const found = await Promise.all(names.flatMap(name => kinds.map(async kind => ledger.subsEverBySignInName(poolId, name, kind))));
  return [...new Set(found.flat())];
}

/** The user who stands for them on the standby; why that is not known, as its Region may be dark. */
async function standbyUserOf(session: Session, poolId: UserPoolId, sub: SourceSub): Promise<StandbyUser> {
  const { aws, deployment: { replicaRegion, stateTableName, standbyUserPoolId } } = session;
  if (standbyUserPoolId === undefined) {
    // Only that stack says which pool it is.
    const silent = silentStacks(session).find(({ region }) => region === replicaRegion);
    return silent ? { unread: silent.sentence } : {};
  }
  try {
    const links = new DynamoDbLinks(new StateItems(aws.table(replicaRegion), stateTableName, systemClock), poolId, standbyUserPoolId);
    return { sub: (await linkOf(links, sub))?.targetSub };
  } catch (error) {
    return { unread: `${replicaRegion}: ${whyNot(error)}` };
  }
}
