import { DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { scratchNameOf } from './make-pool';
import { FoundPool } from './scratch-pools';
import { isScratchName, isScratchPool } from './scratch-settings';

/** Pools that drills of this state machine made, by their names; whether each has the tag too is asked before anything is done to it. */
async function ownPools({ pools, owner }: Pick<DrillContext, 'pools' | 'owner'>): Promise<FoundPool[]> {
  return (await pools.named(`${owner}-`)).filter(({ name }) => isScratchName(name, owner));
}

/** Deletes the pool if Cognito says that it has a drill's name and tag. Answers whether it did. */
async function deleteOwn({ pools, owner }: Pick<DrillContext, 'pools' | 'owner'>, userPoolId: string): Promise<boolean> {
  const described = await pools.describe(userPoolId);
  if (!described || !isScratchPool(described, owner)) return false;
  await pools.delete(userPoolId);
  return true;
}

/** What earlier drills left: this one has the right to drill, so that none of them is at work. */
export async function removeLeftovers(context: DrillContext): Promise<void> {
  const { store, execution } = context;
  for (const { id } of await ownPools(context)) await deleteOwn(context, id);
  for (const scratch of await store.scratches()) {
    if (scratch.execution === execution) continue;
    await deleteOwn(context, scratch.userPoolId);
    await store.purge(scratch);
  }
}

/** Deletes the pool of this drill, also one whose creation nobody noted. */
export async function deletePool(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { pools, clock } = context;
  const known = at.facts.scratch?.userPoolId;
  const named = (await pools.named(scratchNameOf(context, at))).map(({ id }) => id);
  const ids = [...new Set([...known ? [known] : [], ...named])];
  for (const id of ids) await deleteOwn(context, id);
  const removal = ids.length === 0
    ? { how: 'nothing-to-remove' } as const
    : { how: 'not-proven', deletedAt: new Date(clock.now()).toISOString() } as const;
  // A slice that came before may have deleted it, and not have said so.
  return { ...at, facts: { ...at.facts, removal: at.facts.removal ?? removal } };
}

/** Looks whether the pool is still there: by its id, and among all pools of the drill's name. */
export async function proveDeletion(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { pools, clock } = context;
  const { removal, scratch } = at.facts;
  if (removal?.how !== 'not-proven') return at;
  const listed = await pools.named(scratchNameOf(context, at));
  const isThere = listed.length > 0 || (scratch !== undefined && await pools.describe(scratch.userPoolId) !== undefined);
  if (isThere) return at;
  return { ...at, facts: { ...at.facts, removal: { how: 'proven', deletedAt: removal.deletedAt, provenAt: new Date(clock.now()).toISOString() } } };
}
