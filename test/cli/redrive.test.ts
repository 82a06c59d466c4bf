import { Queues, waitingLetters } from '../../src/cli/commands/redrive';
import { doneIn, machineOf } from '../../src/cli/progress';
import { DeployedStack, Deployment } from '../../src/operations/deployment';

const arn = (name: string) => `arn:aws:sqs:us-east-1:111122223333:${name}`;
const url = (name: string) => `https://sqs.us-east-1.amazonaws.com/111122223333/${name}`;
const QUEUES: Queues = {
  resources: async () => ['hints', 'dead-hints', 'set-aside'].map(url),
  letters: async (_region, queueUrl) => {
    const name = queueUrl.split('/').at(-1)!;
    return { queueArn: arn(name), messages: 3, ...name === 'hints' ? { deadLetterArn: arn('dead-hints') } : {} };
  },
};
const STACK: DeployedStack = { stackName: 'Auth', region: 'us-east-1', deployment: { logicalIdPrefix: 'Dr' } as Deployment };

test('queues of dead letters, with the queue that they go back to, where there is one; what is on its way is none', async () => {
  expect(await waitingLetters(QUEUES, [STACK])).toEqual([
    { queueArn: arn('dead-hints'), messages: 3, sourceQueue: arn('hints') },
    { queueArn: arn('set-aside'), messages: 3 },
  ]);
});

test('how far an execution is: users of a restore, lines of a plan, nothing before the first', () => {
  expect(doneIn({ tally: { users: 7 } })).toBe(7);
  expect(doneIn({ outcomes: { restored: 3, failed: 1 } })).toBe(4);
  expect([doneIn(undefined), doneIn({})]).toEqual([undefined, undefined]);
  expect(machineOf('arn:aws:states:us-east-1:111122223333:execution:Auth-Dr-restore:run-1'))
    .toBe('arn:aws:states:us-east-1:111122223333:stateMachine:Auth-Dr-restore');
});
