import { AdminInitiateAuthCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { mockClient } from 'aws-sdk-client-mock';
import { items } from '../../../src/ledger/schema';
import { SourcePasswords } from '../../../src/standby/on-demand/source-passwords.lambda-shared';
import { cognitoError } from '../../helpers/fake-cognito';
import { SOURCE, StandbyWorld } from '../../helpers/standby-world';

const cognito = mockClient(CognitoIdentityProviderClient);
let world: StandbyWorld;
let passwords: SourcePasswords;

function client(id: string, deletedAt?: number): void {
  world.ledger.put(items.poolPart({ poolId: SOURCE, part: `client#${id}`, value: { ClientName: 'passwords' }, digest: id, observedAt: 1, deletedAt }));
}

beforeEach(() => {
  cognito.reset();
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  world = new StandbyWorld();
  passwords = new SourcePasswords(world.ledger, world.directory, 'passwords');
});

afterEach(() => jest.restoreAllMocks());

test('asks with the client of that name, not with one that was deleted before it', async () => {
  client('a-deleted', 5);
  client('now');
  cognito.on(AdminInitiateAuthCommand, { ClientId: 'now', UserPoolId: SOURCE }).resolves({ AuthenticationResult: {} });
  expect(await passwords.isRight('ann', 'pw')).toBe(true);
});

test.each<[string, object, boolean]>([
  ['a second factor to go', { ChallengeName: 'SMS_MFA' }, true],
  ['a new password to set', { ChallengeName: 'NEW_PASSWORD_REQUIRED' }, false],
  ['no answer at all', {}, false],
])('%s', async (_what, answer, isRight) => {
  client('now');
  cognito.on(AdminInitiateAuthCommand).resolves(answer);
  expect(await passwords.isRight('ann', 'pw')).toBe(isRight);
});

test('whatever fails is a wrong password, once: the next one is checked', async () => {
  client('now');
  jest.spyOn(world.ledger, 'poolParts').mockRejectedValueOnce(new Error('throttled'));
  cognito.on(AdminInitiateAuthCommand)
    .rejectsOnce(cognitoError('NotAuthorizedException')).rejectsOnce(cognitoError('ResourceNotFoundException')).resolves({ AuthenticationResult: {} });
  const answers: boolean[] = [];
  for (let i = 0; i < 4; i += 1) answers.push(await passwords.isRight('ann', 'pw'));
  expect(answers).toEqual([false, false, false, true]);
});

test('nobody is asked where the client was not copied yet', async () => {
  expect(await passwords.isRight('ann', 'pw')).toBe(false);
  expect(cognito.calls()).toHaveLength(0);
});
