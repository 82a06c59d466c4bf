import { isConnection } from './cli-error-of';
import { Run } from './commands/list';
import { executionsOf } from './commands/status';
import { Session, whyNot } from './session';
import { machinesOf } from '../operations/deployment';
import { EpochMilliseconds } from '../runtime/flavor';

/**
 * Executions that run; with a moment, those that have begun since, too, each machine's newest first. A machine that does not answer hides its own
 * alone, and is added to `unread`, as a sentence.
 */
export async function* listedRuns({ aws, deployment }: Session, since: EpochMilliseconds | undefined, unread: string[]): AsyncGenerator<Run> {
  const dark = new Map<string, string>();
  for (const [machine, arn] of machinesOf(deployment)) {
    const region = arn.split(':')[3];
    // A Region that does not answer takes seconds to say so.
    let why = dark.get(region);
    try {
      if (why === undefined && since === undefined) for (const run of await aws.running(machine, arn)) yield { ...run, status: 'RUNNING' };
      if (why === undefined && since !== undefined) yield* aws.executionsSince(machine, arn, since);
    } catch (error) {
      why = whyNot(error);
      if (isConnection(error)) dark.set(region, why);
    }
    if (why !== undefined) unread.push(`${executionsOf(machine)} could not be read: ${why}`);
  }
}
