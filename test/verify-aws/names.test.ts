import { contractPoolOf, Deployed, deployedOf, Names, poolIdsOf } from './names';

const ID = 'us-east-1_AbCdEfGhI';
const outputs = (more: Partial<Deployed> = {}) => {
  const values: Partial<Deployed> = {
    sourcePool: ID,
    sourceClient: 'a',
    sweep: 'b',
    probePool: ID,
    probeClient: 'c',
    aliasesPool: ID,
    aliasesClient: 'd',
    eitherPool: ID,
    eitherClient: 'e',
    mfaPool: ID,
    mfaClient: 'f',
    contractPools: `${ID},us-east-1_Contract`,
    contractClient: 'm',
    eventsQueue: 'g',
    recorder: 'h',
    recorderLogs: 'i',
    importRole: 'j',
    restore: 'k',
    drill: 'o',
    evidenceBucket: 'p',
    switch: 'n',
    standbyPool: 'us-west-2_AbCdEfGhI',
    standbyClient: 'l',
    ...more,
  };
  const named = Object.entries(values).map(([name, value]) => [`Verify${name}`, value]);
  return { Primary: Object.fromEntries([...named, ['Other', 'x']]) as Record<string, string> };
};

test('outputs of both stacks', () => {
  const { Primary } = outputs();
  const { Verifyrestore, ...others } = Primary;
  expect(deployedOf({ Primary: others, Replica: { Verifyrestore } })).toMatchObject({ sourcePool: ID, restore: 'k', standbyClient: 'l' });
  expect(poolIdsOf(deployedOf(outputs()))).toEqual([ID, ID, ID, ID, ID, 'us-west-2_AbCdEfGhI', ID, 'us-east-1_Contract']);
});

test.each([{ restore: undefined, mfaPool: '' }, { restore: '', mfaPool: undefined }])('one that is missing or empty is refused: %j', more => {
  expect(() => deployedOf(outputs(more))).toThrow('the stacks have no output mfaPool, restore');
});

test('what is no id of a pool is refused', () => {
  expect(() => poolIdsOf(deployedOf(outputs({ mfaPool: 'us-east-1_' })))).toThrow('\'us-east-1_\' is no id of a user pool');
});

test('the contract\'s pools by their kind', () => {
  const deployed = { contractPools: 'us-east-1_Email,us-east-1_Either,us-east-1_Aliases' };
  expect(contractPoolOf(deployed, 'aliases')).toBe('us-east-1_Aliases');
  expect(contractPoolOf(deployed, 'passwordless')).toBeUndefined();
});

test('a run has eight hexadecimal digits of its own', () => {
  expect(new Names().run).toMatch(/^[0-9a-f]{8}$/);
  expect(new Names().run).not.toBe(new Names().run);
  expect(() => new Names('')).toThrow('\'\' is no suffix of a run');
});

test.each<[boolean, string]>([
  [true, 'CognitoDrVerify-01234567'],
  [true, 'CognitoDrVerify-01234567-DrSweep1234-AbCd'],
  [true, 'cognitodrverify-01234567-drtrailbucket-abcd'],
  [true, 'cognito-dr-verify-01234567-events'],
  [true, '/cognito-dr-verify/01234567/recorder'],
  [true, '/aws/lambda/CognitoDrVerify-01234567-Dr'],
  [false, 'customers-01234567'],
  [false, 'cognito-dr-verify-012345678'],
  [false, 'cognito-dr-verify-89abcdef-01234567'],
  [false, 'my-cognito-dr-verifier-01234567'],
  [false, 'mycognito-dr-verify-01234567'],
  [false, ''],
])('whether a name is the run\'s: %p %p', (expected, name) => {
  expect(new Names('01234567').owns(name)).toBe(expected);
});
