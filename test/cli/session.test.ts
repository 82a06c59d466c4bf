import { silentRegions } from '../../src/cli/session';
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
