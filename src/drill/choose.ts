import { chooseMoment } from './choose-moment';
import { DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { DrillFailedError } from './drill-failed-error';
import { removeLeftovers } from './remove-scratch';
import { earliestMoment } from '../ledger/earliest-moment';
import { newestFirst } from '../ledger/newest-first';
import { SourceRow } from '../ledger/schema';

/** A window that is wider than any ledger goes back. */
const EVERYTHING_DAYS = 36_500;

/** The pool that was swept last; undefined where none was. */
export async function sourceToDrill({ ledger }: Pick<DrillContext, 'ledger'>): Promise<SourceRow | undefined> {
  return newestFirst(await ledger.sources()).find(({ sweptAt }) => sweptAt !== undefined);
}

/** What an earlier drill left goes first. Then the moment is drawn, and kept: a slice that comes again draws the same. */
export async function choose(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { sweeps, execution } = context;
  const { order, facts } = at;
  await removeLeftovers(context);
  const now = Date.parse(facts.startedAt);
  const source = await sourceToDrill(context);
  const moment = source && chooseMoment({ ...order, windowDays: order.windowDays ?? EVERYTHING_DAYS }, source, now);
  if (!moment) throw new DrillFailedError('NothingCopied', `drill ${execution}: no sweep of a user pool has been complete yet`);
  const { poolId: sourceUserPoolId } = source!;
  const asOf = Date.parse(moment.at);
  const sweep = await sweeps.lastEndedBy(sourceUserPoolId, asOf);
  return {
    ...at,
    chosen: {
      sourceUserPoolId,
      moment: asOf,
      earliest: earliestMoment(source!, now)!,
      ...sweep ? { sweepStartedAt: sweep.startedAt } : {},
      population: sweep?.users ?? source!.users ?? 0,
    },
    facts: { ...facts, source: { userPoolId: sourceUserPoolId, region: sourceUserPoolId.split('_')[0] }, moment },
  };
}
