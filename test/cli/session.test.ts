import { Aws } from '../../src/cli/aws';
import { findSession, silentRegions, silentStacks } from '../../src/cli/session';
import { DeployedStack, Deployment } from '../../src/operations/deployment';

const deployment = { primaryRegion: 'us-east-1', replicaRegion: 'us-west-2' } as Deployment;
const stackIn = (region: string): DeployedStack => ({ stackName: 'Auth', region, deployment });

test.each([
  [['us-east-1', 'us-west-2'], []],
  [['us-west-2'], ['us-east-1']],
  [['us-east-1'], ['us-west-2']],
])('of stacks in %j, those in %j did not answer', (answered, silent) => {
  expect(silentRegions({ deployment, stacks: answered.map(stackIn) })).toEqual(silent);
});

describe('of a stack that says nothing, the name of the error is kept: denied is not dark', () => {
  const described = { ...deployment, cognitoDrReplica: 1, ledgerTableName: 'ledger', path: 'Auth/Dr' };
  const sessionWhere = async (elsewhere: () => Promise<[]>) => findSession({
    account: async () => '111122223333',
    stacks: async (region: string) => region === 'us-east-1' ? [{ stackName: 'Auth', outputs: [JSON.stringify(described)] }] : elsewhere(),
  } as unknown as Aws, { region: 'us-east-1' });

  test('in an error', async () => {
    const session = await sessionWhere(async () => { throw Object.assign(new Error('x'), { name: 'AccessDenied' }); });
    expect(silentStacks(session)).toEqual([{ region: 'us-west-2', sentence: 'us-west-2 did not answer (AccessDenied)' }]);
  });

  test('where it answered and has none', async () => {
    expect(silentStacks(await sessionWhere(async () => []))).toEqual([{ region: 'us-west-2', sentence: 'us-west-2 has no stack of this deployment' }]);
  });
});
