import { AdminInitiateAuthCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { mockClient } from 'aws-sdk-client-mock';
import { items } from '../../../src/ledger/schema';
import { SourcePasswords } from '../../../src/standby/on-demand/source-passwords.lambda-shared';
import { cognitoError } from '../../helpers/fake-cognito';
import { SOURCE, StandbyWorld } from '../../helpers/standby-world';

const cognito = mockClient(CognitoIdentityProviderClient);
let world: StandbyWorld;
let passwords: SourcePasswords;

/** As Cognito issues it: three parts, the middle one JSON. */
function token(claims: object): string {
  return ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.');
}

function tokensOf(sub: string) {
  return { AccessToken: token({ sub, token_use: 'access' }), IdToken: token({ sub, token_use: 'id' }) };
}

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
  cognito.on(AdminInitiateAuthCommand, { ClientId: 'now', UserPoolId: SOURCE }).resolves({ AuthenticationResult: tokensOf('a1') });
  expect(await passwords.userOf('ann', 'pw')).toEqual({ sub: 'a1' });
});

test.each<[string, object, object | undefined]>([
  ['tokens', { AuthenticationResult: tokensOf('a1') }, { sub: 'a1' }],
  ['an ID token alone', { AuthenticationResult: { IdToken: token({ sub: 'a1' }) } }, { sub: 'a1' }],
  ['tokens that do not say whose', { AuthenticationResult: { AccessToken: token({}) } }, undefined],
  ['something that is no token', { AuthenticationResult: { AccessToken: 'x' } }, undefined],
  ['no token', { AuthenticationResult: {} }, undefined],
  ['a second factor to go', { ChallengeName: 'SMS_MFA', ChallengeParameters: { USER_ID_FOR_SRP: 'Ann' } }, { username: 'Ann' }],
  ['a second factor, without a word whose', { ChallengeName: 'SMS_MFA', ChallengeParameters: {} }, undefined],
  ['a new password to set', { ChallengeName: 'NEW_PASSWORD_REQUIRED', ChallengeParameters: { USER_ID_FOR_SRP: 'Ann' } }, undefined],
  ['no answer at all', {}, undefined],
])('tells whose password it is: %s', async (_what, answer, owner) => {
  client('now');
  cognito.on(AdminInitiateAuthCommand).resolves(answer);
  expect(await passwords.userOf('ann', 'pw')).toEqual(owner);
});

test('whatever fails is a wrong password, once: the next one is checked', async () => {
  client('now');
  jest.spyOn(world.ledger, 'poolParts').mockRejectedValueOnce(new Error('throttled'));
  cognito.on(AdminInitiateAuthCommand)
    .rejectsOnce(cognitoError('NotAuthorizedException')).rejectsOnce(cognitoError('ResourceNotFoundException')).resolves({ AuthenticationResult: tokensOf('a1') });
  const answers: unknown[] = [];
  for (let i = 0; i < 4; i += 1) answers.push(await passwords.userOf('ann', 'pw'));
  expect(answers).toEqual([undefined, undefined, undefined, { sub: 'a1' }]);
});

test('nobody is asked where the client was not copied yet', async () => {
  expect(await passwords.userOf('ann', 'pw')).toBeUndefined();
  expect(cognito.calls()).toHaveLength(0);
});
