import { CliError, EXIT } from './cli-error';
import { isConnection } from './cli-error-of';
import { Execution, Executions, chooseExecution } from './commands/executions';
import { Deployment, RunningExecution, machinesOf } from '../operations/deployment';
import { errorName } from '../runtime/error-name';

/** The execution that is meant: one that runs, or one that has ended, by its name or ARN. Names are unique among what this library starts. */
export async function findExecution(
  aws: Executions, deployment: Deployment, running: readonly RunningExecution[], named: string | undefined,
  unread: readonly string[] = [],
): Promise<string> {
  const isNameOfAnEnded = named !== undefined && !named.startsWith('arn:') && !running.some(({ executionArn }) => executionArn.endsWith(`:${named}`));
  if (!isNameOfAnEnded) return chooseExecution(running, named, unread);
  const dark = new Set<string>();
  for (const [, machine] of machinesOf(deployment)) {
    const region = machine.split(':')[3];
    // One that does not answer takes seconds to say so.
    if (dark.has(region)) continue;
    const found = await unlessNone(async () => aws.execution(`${machine.replace(':stateMachine:', ':execution:')}:${named}`), () => dark.add(region));
    if (found) return found.executionArn;
  }
  throw new CliError(EXIT.NOT_FOUND, 'no-execution', `no execution is named ${named}${dark.size > 0
    ? `, or it is one of ${[...dark].join(', ')}, which does not answer` : '; `list runs --since 7d` names those of a week'}`);
}

async function unlessNone(ask: () => Promise<Execution>, whenDark: () => void): Promise<Execution | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isConnection(error)) whenDark();
    else if (errorName(error) !== 'ExecutionDoesNotExist') throw error;
    return undefined;
  }
}
