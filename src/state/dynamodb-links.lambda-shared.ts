import { stateKeys } from './keys';
import { asWritten, Link, linkItems, mergeLinks, readLink } from './link';
import { RemovableLinks } from './links';
import { Condition, ItemPut, StateItems } from './state-items.lambda-shared';
import { FirstSub, SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { PublicError } from '../runtime/public-error';

/** At most a follow-up, a warm follower and a restore are at one user. */
const WRITES = 8;

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

  public async write(link: Link): Promise<Link> {
    let next = link;
    for (let attempt = 1; attempt <= WRITES; attempt += 1) {
      const [ofSource, ofTarget] = this.putsOf(next);
      if (await this.items.transact([ofSource, ofTarget])) return asWritten(link);
      const other = await knownLink(this.items, this.targetUserPoolId, link.targetSub);
      const isOurs = other?.sourceUserPoolId === this.sourceUserPoolId;
      next = other && isOurs ? mergeLinks(link, other) : { ...link, revision: other?.revision };
    }
    throw new PublicError(`a link was changed ${WRITES} times by others while it was written`);
  }

  public async remove({ sourceSub, targetSub }: Pick<Link, 'sourceSub' | 'targetSub'>): Promise<void> {
    await this.items.transact([
      { delete: stateKeys.linkOfSource(this.sourceUserPoolId, this.targetUserPoolId, sourceSub) },
      { delete: stateKeys.linkOfTarget(this.targetUserPoolId, targetSub) },
    ]);
  }

  /** Both directions; which user of the source it is never changes, so that only the other one asks for the revision. */
  protected putsOf(link: Link): readonly [ItemPut, ItemPut] {
    const [ofSource, ofTarget] = linkItems(this.sourceUserPoolId, this.targetUserPoolId, asWritten(link));
    return [{ put: ofSource }, { put: ofTarget, condition: isAt(link.revision) }];
  }
}

function isAt(revision: number | undefined): Condition {
  const ExpressionAttributeNames = { '#link': 'link', '#revision': 'revision' };
  // Links of an earlier version of this library have none.
  if (revision === undefined) return { ConditionExpression: 'attribute_not_exists(#link.#revision)', ExpressionAttributeNames };
  return { ConditionExpression: '#link.#revision = :revision', ExpressionAttributeNames, ExpressionAttributeValues: { ':revision': revision } };
}

/** The link of a user of a target, whatever the source pool; undefined where none was written yet. */
export async function knownLink(
  items: StateItems, targetUserPoolId: UserPoolId, targetSub: TargetSub,
): Promise<(Link & { readonly sourceUserPoolId: UserPoolId }) | undefined> {
  const found = await items.get(stateKeys.linkOfTarget(targetUserPoolId, targetSub));
  return found && readLink(found);
}
