import { CSV_LIMITS, csvColumns, csvRow, exportedUser } from '../../src/cli/commands/export';
import { UserRow } from '../../src/ledger/schema';

const ROW: UserRow = {
  poolId: 'us-east-1_a',
  sub: 's',
  username: 'greta',
  signInName: 'greta@example.com',
  enabled: false,
  status: 'CONFIRMED',
  createdAt: 0,
  modifiedAt: 1_000,
  digest: 'd',
  observedAt: 2,
  lookUp: { name: 'greta@example.com' },
  mfa: { enabled: ['SMS_MFA'], preferred: 'SMS_MFA', readAt: 5 },
  attributes: { email: 'greta@example.com', email_verified: 'true', address: '1, Main St, Ulm', birthdate: '1990-02-01' },
};
const POOL = { SchemaAttributes: ['sub', 'address', 'birthdate', 'email', 'email_verified', 'identities', 'custom:team'].map(Name => ({ Name })) };
const COLUMNS = csvColumns(POOL);
const csv = (more: Partial<UserRow>) => csvRow({ ...ROW, ...more }, COLUMNS);

test('columns are those that an import may set', () => {
  expect(COLUMNS).toEqual(['address', 'birthdate', 'email', 'email_verified', 'custom:team', 'cognito:mfa_enabled', 'cognito:username']);
});

test('a row is as Cognito takes it: commas escaped, the date of birth turned round, the name that the user signs in by', () => {
  expect(csv({})).toEqual({ row: '1\\, Main St\\, Ulm,02/01/1990,greta@example.com,true,,true,greta@example.com' });
  expect(csv({ attributes: { ...ROW.attributes, email_verified: 'True' } })).toEqual({ row: expect.stringContaining('greta@example.com') });
  expect(csv({ signInName: undefined, mfa: undefined })).toEqual({ row: expect.stringMatching(/,false,greta$/) });
});

test.each<[string, Partial<UserRow>]>([
  ['federated', { status: 'EXTERNAL_PROVIDER', username: 'google_1', attributes: { ...ROW.attributes, identities: '[{"providerName":"google","userId":"1"}]' } }],
  ['no-verified-address', { attributes: { email: 'greta@example.com' } }],
  ['line-break', { attributes: { ...ROW.attributes, address: 'a\nb' } }],
  ['backslash', { attributes: { ...ROW.attributes, address: 'a\\' } }],
  ['backslash', { attributes: { ...ROW.attributes, address: 'a\\,b' } }],
  ['too-long', { attributes: { ...ROW.attributes, address: 'a'.repeat(CSV_LIMITS.ROW_CHARACTERS) } }],
])('%s: left out, and counted', (leftOut, more) => {
  expect(csv(more)).toEqual({ leftOut });
});

test('a line of JSON has what the copy has of the user, and nothing of its own keeping', () => {
  expect(JSON.parse(JSON.stringify(exportedUser({ ...ROW, grade: 'by-event' } as UserRow, ['staff'])))).toEqual({
    sub: 's',
    username: 'greta',
    signInName: 'greta@example.com',
    status: 'CONFIRMED',
    enabled: false,
    createdAt: '1970-01-01T00:00:00.000Z',
    modifiedAt: '1970-01-01T00:00:01.000Z',
    attributes: ROW.attributes,
    groups: ['staff'],
    mfa: { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' },
    certainty: 'by-event',
  });
});
