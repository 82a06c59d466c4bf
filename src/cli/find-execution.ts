import { CliError, EXIT } from './cli-error';
import { Execution, Executions, chooseExecution } from './commands/executions';
import { Deployment, RunningExecution, machinesOf } from '../operations/deployment';
import { errorName } from '../runtime/error-name';

/** The execution that is meant: one that runs, or one that has ended, by its name or ARN. Names are unique among what this library starts. */
export async function findExecution(
  aws: Executions, deployment: Deployment, running: readonly RunningExecution[], named: string | undefined,
): Promise<string> {
  const isNameOfAnEnded = named !== undefined && !named.startsWith('arn:') && !running.some(({ executionArn }) => executionArn.endsWith(`:${named}`));
  if (!isNameOfAnEnded) return chooseExecution(running, named);
  for (const [, machine] of machinesOf(deployment)) {
    const found = await unlessNone(async () => aws.execution(`${machine.replace(':stateMachine:', ':execution:')}:${named}`));
    if (found) return found.executionArn;
  }
  throw new CliError(EXIT.NOT_FOUND, 'no-execution', `no execution is named ${named}; \`list runs --since 7d\` names those of a week`);
}

async function unlessNone(ask: () => Promise<Execution>): Promise<Execution | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}
