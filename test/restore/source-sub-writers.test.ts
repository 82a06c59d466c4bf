import {
  DescribeUserPoolClientCommand, DescribeUserPoolCommand, ListUserPoolClientsCommand, TooManyRequestsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Duration } from 'aws-cdk-lib';
import { sliceTimeout } from '../../src/cdk/slice-task';
import { CUSTOM_SOURCE_SUB } from '../../src/cognito/source-sub';
import { items, keys } from '../../src/ledger/schema';
import type { RestoreEvent, Validation } from '../../src/restore/restore-input.lambda-shared';
import { systemClock } from '../../src/runtime/clock';
import { cognito, dynamodb, planNothing, STANDBY } from '../helpers/validating-function';
import { VirtualClock } from '../helpers/virtual-clock';

/** Of the validating function, as the workflow makes it. */
const TIMEOUT = sliceTimeout(Duration.seconds(0)).toMilliseconds();

/** A standby with so many app clients, of which Cognito takes as many calls a second as it is said to; each call takes a twentieth of a second. */
async function validateWith(clients: number, callsPerSecond: number): Promise<{ readonly validation: Validation; readonly took: number }> {
  const clock = new VirtualClock();
  jest.spyOn(systemClock, 'now').mockImplementation(() => clock.now());
  jest.spyOn(systemClock, 'sleep').mockImplementation(async milliseconds => clock.sleep(milliseconds));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  planNothing();
  dynamodb.on(GetCommand).resolves({});
  dynamodb.on(QueryCommand).callsFake(({ ExpressionAttributeValues: { ':key': key } }) => (
    { Items: key === keys.sources() ? [items.source({ poolId: 'us-east-1_Source', sweptAt: 1 })] : [] }));
  cognito.on(DescribeUserPoolCommand).resolves({ UserPool: { UsernameAttributes: ['email'], SchemaAttributes: [{ Name: CUSTOM_SOURCE_SUB }] } });
  const taken: Record<string, number[]> = {};
  const take = async (operation: string) => {
    const recent = (taken[operation] ?? []).filter(at => at > clock.now() - 1_000);
    taken[operation] = recent;
    await clock.sleep(50);
    if (recent.length >= callsPerSecond) throw new TooManyRequestsException({ message: 'too many', $metadata: {} });
    recent.push(clock.now());
  };
  cognito.on(ListUserPoolClientsCommand).callsFake(async ({ NextToken }) => {
    await take('List');
    const from = Number(NextToken ?? 0);
    const to = Math.min(clients, from + 60);
    return {
      UserPoolClients: Array.from({ length: to - from }, (_, i) => ({ ClientId: String(from + i) })),
      NextToken: to < clients ? String(to) : undefined,
    };
  });
  cognito.on(DescribeUserPoolClientCommand).callsFake(async () => {
    await take('Describe');
    return { UserPoolClient: { WriteAttributes: ['email'] } };
  });
  const { handler } = jest.requireActual<{ readonly handler: (event: RestoreEvent) => Promise<Validation> }>('../../src/restore/validate-restore.lambda');
  const began = clock.now();
  const validation = await clock.run(() => handler({ execution: 'run', startedAt: '2026-01-01T00:00:00.000Z', input: {} }));
  return { validation, took: clock.now() - began };
}

test.each([
  [40, 6, true],
  [150, 6, true],
  [1_000, 6, false],
  [40, 2, true],
  [150, 2, false],
  [1_000, 2, false],
  [40, 0, false],
  [150, 0, false],
  [1_000, 0, false],
])('however many clients a target has, validating it ends before its function does: %d, of which Cognito takes %d calls a second', async (clients, rate, proves) => {
  const { validation, took } = await validateWith(clients, rate);
  // What is left is for a call in flight and the answer.
  expect(took).toBeLessThan(TIMEOUT - 10_000);
  expect(validation).toMatchObject({ valid: true, run: { targetUserPoolId: STANDBY } });
  // Not all were looked at: one of the others may write it.
  expect(validation.valid && validation.run.sourceSubProves === true).toBe(proves);
});
