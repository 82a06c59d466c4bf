import { Execution } from '../../src/cli/commands/executions';
import { findExecution } from '../../src/cli/find-execution';
import { Deployment } from '../../src/operations/deployment';

const ARN = 'arn:aws:states:us-west-2:111122223333';
const DEPLOYMENT = {
  sweepStateMachineArn: `${ARN}:stateMachine:sweep`, restoreStateMachineArn: `${ARN}:stateMachine:restore`, recoveryStateMachineArn: `${ARN}:stateMachine:recovery`,
} as Deployment;
const ENDED = `${ARN}:execution:recovery:ended`;
const aws = {
  async execution(executionArn: string): Promise<Execution> {
    if (executionArn === ENDED) return { executionArn } as Execution;
    if (executionArn.includes(':eu-west-1:')) throw Object.assign(new Error('none'), { name: 'TimeoutError' });
    throw Object.assign(new Error('none'), { name: executionArn.endsWith('denied') ? 'AccessDeniedException' : 'ExecutionDoesNotExist' });
  },
};
const found = async (named?: string) => findExecution(aws, DEPLOYMENT, [{ machine: 'restore', executionArn: `${ARN}:execution:restore:now`, startedAt: 0 }], named);

test('one that runs is found by its name, or by none; one that has ended by its name alone, of whichever machine it was', async () => {
  expect(await found()).toBe(`${ARN}:execution:restore:now`);
  expect(await found('now')).toBe(`${ARN}:execution:restore:now`);
  expect(await found('ended')).toBe(ENDED);
  expect(await found(ENDED)).toBe(ENDED);
});

test('a name that nothing has is said; what AWS denies is not taken for that', async () => {
  await expect(found('typo')).rejects.toThrow('no execution is named typo');
  await expect(found('denied')).rejects.toThrow('none');
});

test('a Region that is dark hides its own executions alone: the restore of an outage is found, and what is not found says so', async () => {
  const dark = { ...DEPLOYMENT, sweepStateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sweep' };
  expect(await findExecution(aws, dark, [], 'ended')).toBe(ENDED);
  await expect(findExecution(aws, dark, [], 'typo')).rejects.toThrow('no execution is named typo, or it is one of eu-west-1, which does not answer');
});
