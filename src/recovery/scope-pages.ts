import { difference, DifferencePosition, membersOfEither, UserChange } from './difference';
import { PastLedger } from './past-reader';
import { PlanView } from './plan-view';
import { ScopePosition } from './recovery-checkpoint';
import { WorkPage } from '../runtime/pipeline';

/** One user whom a plan may be about. `of`: present where a comparison shows what differs. */
export interface Candidate {
  readonly sub: string;
  readonly of?: UserChange['of'];
  /** Whether it happened in the period that the scope names is not known. */
  readonly isUncertain?: true;
}

export interface CandidatePage extends WorkPage<Candidate> {
  /** Where the next page begins; absent at the end. */
  readonly next?: ScopePosition | DifferencePosition;
}

const PER_PAGE = 50;

/** Everybody whom the plan may be about, page by page, from where an earlier slice stopped. Somebody may come twice, and gets the same line. */
export async function* scopePages(past: PastLedger, view: PlanView, from?: ScopePosition | DifferencePosition): AsyncGenerator<CandidatePage> {
  const { order: { scope, kind }, then, now, poolId } = view;
  switch (scope.of) {
    case 'subs': return yield* pagesOfSubs(scope.subs, from);
    case 'groups': return yield* pagesOfGroups(view, scope.groups, from);
    case 'everybody':
    case 'changed-by': return yield* pagesOfDifference(difference(then, now, poolId, from as DifferencePosition | undefined), () => true);
    case 'deleted':
    case 'changed': {
      const mayBeGone = ({ change, isUncertain }: UserChange) => change === 'deleted' || isUncertain === true;
      const isWanted = (change: UserChange) => scope.of === 'changed' || (change.of === 'user' && mayBeGone(change));
      // Nothing that is not of the period is named as such, newcomers of it included, where users are to come back alone.
      const changes = difference(past.at(scope.from), past.at(scope.to), poolId, from as DifferencePosition | undefined);
      return yield* pagesOfDifference(changes, change => isWanted(change) && (kind !== 'undelete' || mayBeGone(change)));
    }
  }
}

async function* pagesOfDifference(
  pages: AsyncIterable<{ readonly changes: readonly UserChange[]; readonly next?: DifferencePosition }>, isWanted: (change: UserChange) => boolean,
): AsyncGenerator<CandidatePage> {
  const candidate = ({ sub, of, isUncertain }: UserChange): Candidate => ({ sub, of, isUncertain });
  for await (const { changes, next } of pages) yield { items: changes.filter(isWanted).map(candidate), next };
}

async function* pagesOfSubs(subs: readonly string[], from: ScopePosition = { part: 0 }): AsyncGenerator<CandidatePage> {
  for (let { part } = from; part * PER_PAGE < subs.length; part++) {
    const items = subs.slice(part * PER_PAGE, (part + 1) * PER_PAGE).map(sub => ({ sub }));
    yield { items, next: (part + 1) * PER_PAGE < subs.length ? { part: part + 1 } : undefined };
  }
}

async function* pagesOfGroups(
  { then, now, poolId }: PlanView, groups: readonly string[], from: ScopePosition = { part: 0 },
): AsyncGenerator<CandidatePage> {
  for (let { part, after } = from; part < groups.length; part++, after = undefined) {
    let items: Candidate[] = [];
    for await (const sub of membersOfEither(then, now, poolId, groups[part], after)) {
      items.push({ sub });
      if (items.length < PER_PAGE) continue;
      yield { items, next: { part, after: sub } };
      items = [];
    }
    yield { items, next: part + 1 < groups.length ? { part: part + 1 } : undefined };
  }
}
