import { DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { ScratchRemoval } from './evidence/drill-facts';
import { NOT_OWN_POOL, scratchNameOf } from './make-pool';
import { isScratchPool } from './scratch-settings';
import { isRefusal } from '../cognito/refusals';
import { isOver } from '../runtime/clock';
import { errorName } from '../runtime/error-name';

/** AWS does not say how long its lists may show a pool that is gone. A pool that is seen after that long is there. */
const LONGEST_LAG = 5 * 60_000;
const LOOK_AGAIN = 10_000;

/**
 * Deletes the pool if Cognito says that it has a drill's name and tag; answers why it stays, and nothing where there is none any more, or none that
 * IAM lets a drill look at. One that somebody protects is no reason to do nothing else: the drill fails that made it, and `PoolLeft` goes off.
 */
async function deleteOwn({ pools, owner }: Pick<DrillContext, 'pools' | 'owner'>, userPoolId: string): Promise<string | undefined> {
  const described = await pools.describe(userPoolId);
  if (!described) return undefined;
  if (!isScratchPool(described, owner)) return NOT_OWN_POOL;
  try {
    await pools.delete(userPoolId);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return errorName(error);
    throw error;
  }
}

/** What earlier drills left: this one has the right to drill, so that none of them is at work. */
export async function removeLeftovers(context: DrillContext): Promise<void> {
  const { store, pools, owner, execution } = context;
  for (const { id } of await pools.named(`${owner}-`)) await deleteOwn(context, id);
  for (const scratch of await store.scratches()) {
    if (scratch.execution === execution) continue;
    // As long as a pool is there, it stays known that a drill made it, and of whom.
    if (await deleteOwn(context, scratch.userPoolId) === undefined) await store.purge(scratch);
  }
}

/** Deletes the pool of this drill, also one whose creation nobody noted. */
export async function deletePool(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { pools, store, clock, execution } = context;
  const noted = (await store.scratches()).filter(scratch => scratch.execution === execution).map(({ userPoolId }) => userPoolId);
  const named = (await pools.named(scratchNameOf(context, at))).map(({ id }) => id);
  const ids = [...new Set([...noted, ...named])];
  if (ids.length === 0) return withRemoval(at, at.facts.removal ?? { how: 'nothing-to-remove' });
  let error: string | undefined;
  for (const id of ids) {
    const why = await deleteOwn(context, id);
    error ??= why;
  }
  return withRemoval(at, error === undefined ? { how: 'not-proven', deletedAt: new Date(clock.now()).toISOString() } : { how: 'failed', error });
}

/** Looks whether the pool is still there: by its id, and among all pools of the drill's name, which may be shown for a while after it is gone. */
export async function proveDeletion(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint | undefined> {
  const { clock } = context;
  const { removal } = at.facts;
  if (removal?.how !== 'not-proven') return at;
  while (await isThere(context, at)) {
    if (clock.now() >= Date.parse(removal.deletedAt) + LONGEST_LAG) return at;
    if (isOver(context)) return undefined;
    await clock.sleep(LOOK_AGAIN);
  }
  return withRemoval(at, { how: 'proven', deletedAt: removal.deletedAt, provenAt: new Date(clock.now()).toISOString() });
}

async function isThere(context: DrillContext, at: DrillCheckpoint): Promise<boolean> {
  const { pools } = context;
  const { scratch } = at.facts;
  if ((await pools.named(scratchNameOf(context, at))).length > 0) return true;
  return scratch !== undefined && await pools.describe(scratch.userPoolId) !== undefined;
}

function withRemoval(at: DrillCheckpoint, removal: ScratchRemoval): DrillCheckpoint {
  return { ...at, facts: { ...at.facts, removal } };
}
