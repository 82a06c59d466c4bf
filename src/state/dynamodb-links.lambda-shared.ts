import { stateKeys } from './keys';
import { Link, linkItems, readLink } from './link';
import { RemovableLinks } from './links';
import { StateItems } from './state-items.lambda-shared';
import { FirstSub, SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { Item } from '../ledger/schema';

/** The regional map in the state table. Both directions of a link are written at once. */
export class DynamoDbLinks implements RemovableLinks {
  constructor(
    protected readonly items: StateItems, private readonly sourceUserPoolId: UserPoolId, private readonly targetUserPoolId: UserPoolId,
  ) {}

  public async ofTargets(targetSubs: readonly TargetSub[]): Promise<Map<TargetSub, Link>> {
    const found = await this.items.getAll(targetSubs.map(sub => stateKeys.linkOfTarget(this.targetUserPoolId, sub)));
    const links = found.map(readLink).filter(link => link.sourceUserPoolId === this.sourceUserPoolId);
    return new Map(links.map(({ sourceUserPoolId: _source, ...link }) => [link.targetSub, link]));
  }

  public async targetSubOf(sourceSub: SourceSub): Promise<TargetSub | undefined> {
    const found = await this.items.get(stateKeys.linkOfSource(this.sourceUserPoolId, this.targetUserPoolId, sourceSub));
    return found?.targetSub as TargetSub | undefined;
  }

  public async targetSubOfFirst(firstSub: FirstSub): Promise<TargetSub | undefined> {
    const [found] = await this.items.getAll([stateKeys.firstSub(this.targetUserPoolId, firstSub)]);
    return found?.targetSub as TargetSub | undefined;
  }

  public async write(link: Link): Promise<void> {
    await this.items.transact(this.itemsOf(link).map(put => ({ put })));
  }

  public async remove({ sourceSub, targetSub }: Pick<Link, 'sourceSub' | 'targetSub'>): Promise<void> {
    await this.items.transact([
      { delete: stateKeys.linkOfSource(this.sourceUserPoolId, this.targetUserPoolId, sourceSub) },
      { delete: stateKeys.linkOfTarget(this.targetUserPoolId, targetSub) },
    ]);
  }

  protected itemsOf(link: Link): readonly [Item, Item] {
    return linkItems(this.sourceUserPoolId, this.targetUserPoolId, link);
  }
}

/** The link of a user of a target, whatever the source pool; undefined where none was written yet. */
export async function knownLink(
  items: StateItems, targetUserPoolId: UserPoolId, targetSub: TargetSub,
): Promise<(Link & { readonly sourceUserPoolId: UserPoolId }) | undefined> {
  const found = await items.get(stateKeys.linkOfTarget(targetUserPoolId, targetSub));
  return found && readLink(found);
}
