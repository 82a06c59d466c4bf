import { ConvergePolicy } from '../converge/policy';
import { restorePolicy } from '../restore/restore-policy';
import { RestoreRun } from '../restore/restore-run';

/**
 * A drill brings users as a restore does. It differs where the pool was made for it: nobody has to be looked up in it, also where the drill is about
 * a sample, so that it measures the calls of a restore of everybody; and nobody has gained anything there that would have to be taken away.
 */
export function drillPolicy(run: RestoreRun): ConvergePolicy {
  return { ...restorePolicy(run, true), find: 'listing', remove: 'nothing', completeFederated: false };
}
