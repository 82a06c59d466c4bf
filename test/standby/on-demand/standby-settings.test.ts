import { DescribedUserPool } from '../../../src/cognito/pool-settings';
import { items } from '../../../src/ledger/schema';
import { StandbySettings } from '../../../src/standby/on-demand/standby-settings';
import { migrateUser } from '../../../src/standby/on-demand/user-migration';
import { cognitoError } from '../../helpers/fake-cognito';
import { SOURCE, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const STANDARD = ['email', 'email_verified'].map(Name => ({ Name, Mutable: true }));
const POOL: DescribedUserPool = { UsernameAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false }, SchemaAttributes: STANDARD };

function worldOf(): StandbyWorld {
  const world = new StandbyWorld();
  world.ledger.put(items.poolPart({ poolId: SOURCE, part: 'pool', value: POOL, digest: 'd', observedAt: 1 }));
  world.user('ann');
  return world;
}

test('are asked for once, also where the first answer is that too many ask: users come in meanwhile, marked', async () => {
  const { directory, switch: open } = worldOf();
  const describe = jest.fn<Promise<DescribedUserPool>, [string]>()
    .mockRejectedValueOnce(cognitoError('TooManyRequestsException'))
    .mockResolvedValue({ ...POOL, SchemaAttributes: [...STANDARD, { Name: 'custom:source_sub', Mutable: false }] });
  const settings = new StandbySettings(describe, directory);
  const come = async () => migrateUser({ triggerSource: 'UserMigration_ForgotPassword', userPoolId: STANDBY, userName: 'ann@example.com', request: {} }, {
    switch: open, directory, settings: async userPoolId => settings.of(userPoolId), followUp: async () => undefined,
  }, { resetPasswordAtSignIn: false });
  const first = await come();
  expect(first?.userAttributes).toEqual({ 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' });
  expect([await come(), await come()]).toEqual([first, first]);
  expect(describe).toHaveBeenCalledTimes(2);
});

test('are not made up after any other error', async () => {
  const settings = new StandbySettings(async () => Promise.reject(cognitoError('ResourceNotFoundException')), worldOf().directory);
  await expect(settings.of(STANDBY)).rejects.toThrow('ResourceNotFoundException');
});
