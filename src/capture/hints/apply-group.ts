import { AGAIN, Applied, ApplyContext, counted, occasionOf } from './apply-context';
import { GroupJob } from './hint-jobs';
import { isOver } from '../../runtime/clock';
import { forEachConcurrently } from '../../runtime/concurrency';
import { Observation, look } from '../observation';

/** A group has no date to compare: an answer that contradicts the event is asked for once more. */
const LOOKS = 2;
const MEMBERSHIPS_AT_A_TIME = 16;

/**
 * Makes the ledger agree with Cognito about one group. Where the group was deleted, also about its members: what earlier events said of them does
 * not hold any more. Looks again where Cognito does not seem to know of the event yet, or where the time ran out.
 */
export async function applyGroup(context: ApplyContext, job: GroupJob): Promise<Applied> {
  const { seen, answer: group } = await context.pacer.run('UserPoolResourceRead', async () => (
    look(context, occasionOf(context, job.hints), async () => context.pool.group(job.group))));
  if (job.removes === (group !== undefined) && job.hints.length === 1 && job.looks < LOOKS) return AGAIN;
  if (group) {
    const stored = await context.store.group(context.poolId, job.group);
    await counted(context, context.rows.group(group, stored, seen, true));
  } else {
    await counted(context, context.rows.buryGroup(job.group, seen));
  }
  if (group && !job.removes) return true;
  const members = group ? await membersOf(context, job) : { seen, subs: new Set<string>() };
  if (!members) {
    context.counts.groupsLeftToSweep += 1;
    return true;
  }
  return applyMembers(context, job, members.subs, members.seen);
}

/**
 * Members of a group that was deleted and created again under the same name. Undefined where they are more than the time allows: each further try
 * would end there too.
 */
async function membersOf(context: ApplyContext, job: GroupJob): Promise<{ seen: Observation; subs: Set<string> } | undefined> {
  const subs = new Set<string>();
  let first: Observation | undefined;
  let token: string | undefined;
  do {
    const { seen, answer: page } = await context.pacer.run('UserList', async () => (
      look(context, occasionOf(context, job.hints), async () => context.pool.listUsersInGroup(job.group, token))));
    first = { ...first ?? seen, answeredAt: seen.answeredAt };
    // The group was deleted meanwhile.
    if (!page) return { seen, subs: new Set() };
    for (const sub of page.items) subs.add(sub);
    token = page.next;
    if (token && isOver(context)) return undefined;
  } while (token);
  return { seen: first, subs };
}

async function applyMembers(context: ApplyContext, { group, membersFrom }: GroupJob, subs: Set<string>, seen: Observation): Promise<Applied> {
  let cursor = membersFrom;
  do {
    const page = await context.store.membersOfGroup(context.poolId, group, cursor);
    const live = page.items.filter(row => row.deletedAt === undefined).map(row => row.sub);
    const gone = live.filter(sub => !subs.delete(sub));
    await forEachConcurrently(gone, MEMBERSHIPS_AT_A_TIME, async sub => counted(context, context.rows.buryMembership(group, sub, seen)));
    cursor = page.next;
    if (cursor && isOver(context)) return { membersFrom: cursor };
  } while (cursor);
  await forEachConcurrently(subs, MEMBERSHIPS_AT_A_TIME, async sub => counted(context, context.rows.membership(group, sub, seen)));
  return true;
}
