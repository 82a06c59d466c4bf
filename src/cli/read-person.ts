import { Person, namesIn } from './commands/forget';
import { ReadableLedger } from './read-ledger';
import { Session } from './session';
import { allPages } from '../cognito/page';
import { DynamoDbRecoveredSubs } from '../ledger/dynamodb-recovered-subs.lambda-shared';
import { UserRow, rows } from '../ledger/schema';
import { systemClock } from '../runtime/clock';
import { knownLink } from '../state/dynamodb-links.lambda-shared';
import { stateKeys } from '../state/keys';
import { StateItems } from '../state/state-items.lambda-shared';

/**
 * A person is known by several `sub`s: by one of each pool that they were in, and by another one after each return. Links and recoveries lead from
 * one to the next, in all pools that the copy has followed. What an attribute claims is not believed: somebody else's traces would go.
 */
export async function personOf(
  { aws, deployment }: Pick<Session, 'aws' | 'deployment'>, { ledger, region }: Pick<ReadableLedger, 'ledger' | 'region'>, given: string,
): Promise<Person> {
  const { ledgerTableName, stateTableName, replicaRegion, standbyUserPoolId } = deployment;
  const pools = (await ledger.sources()).map(({ poolId }) => poolId);
  const targets = [...pools, ...standbyUserPoolId === undefined ? [] : [standbyUserPoolId]];
  const items = new StateItems(aws.table(replicaRegion), stateTableName, systemClock);
  const subs = new Set<string>([given]);
  const names = new Set<string>();
  const add = (sub: string | undefined) => { if (sub !== undefined) subs.add(sub); };
  // What is added meanwhile is looked up as well.
  for (const sub of subs) {
    for (const poolId of pools) {
      const row = await ledger.user(poolId, sub);
      const history = await allPages(async cursor => ledger.history(poolId, 'U', sub, cursor));
      const images: UserRow[] = [...row ? [row] : [], ...history.map(({ image }) => rows.user(image))];
      for (const name of images.flatMap(namesIn)) names.add(name);
      const { replaces, replacedBy } = await new DynamoDbRecoveredSubs(aws.table(region), ledgerTableName, poolId).of(sub);
      add(replaces);
      add(replacedBy);
    }
    for (const target of targets) {
      add((await knownLink(items, target, sub))?.sourceSub);
      for (const source of pools) {
        const targetSub = (await items.get(stateKeys.linkOfSource(source, target, sub)))?.targetSub as string | undefined;
        // A user of the target may have become somebody else's since: then they are not this person's.
        if (targetSub !== undefined && (await knownLink(items, target, targetSub))?.sourceSub === sub) add(targetSub);
      }
    }
  }
  return { subs, names };
}
