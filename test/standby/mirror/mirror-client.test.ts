import { lostCallbacks, mirroredClient, missingProviders } from '../../../src/standby/mirror/mirror-client';

const POOL = { Schema: [{ Name: 'team', AttributeDataType: 'String', Mutable: true }] };
const FULL = { Schema: Array.from({ length: 50 }, (_, i) => ({ Name: `a${i}` })) };

test('providers that the standby lacks, COGNITO never among them', () => {
  expect(missingProviders({ SupportedIdentityProviders: ['COGNITO', 'Google', 'Okta'] }, ['Okta'])).toEqual(['Google']);
  expect(missingProviders({}, [])).toEqual([]);
  // A client of federated users only is left without a provider rather than open to passwords in managed login.
  expect(mirroredClient({ SupportedIdentityProviders: ['Google'] }, POOL, []).SupportedIdentityProviders).toBeUndefined();
});

test.each<[string, Record<string, unknown>, boolean]>([
  ['a redirect flow with addresses', { AllowedOAuthFlows: ['code'], CallbackURLs: ['https://a/'] }, false],
  ['a redirect flow that never had addresses', { AllowedOAuthFlows: ['code'] }, false],
  ['a redirect flow that lost them', { AllowedOAuthFlows: ['code'], CallbackURLs: [] }, true],
  ['client credentials', { AllowedOAuthFlows: ['client_credentials'], CallbackURLs: [] }, false],
])('lost callbacks: %s', (_name, client, lost) => {
  expect(lostCallbacks(client)).toBe(lost);
  const mirrored = mirroredClient({ ...client, AllowedOAuthFlowsUserPoolClient: true }, POOL, []);
  expect(mirrored.AllowedOAuthFlowsUserPoolClient).toBe(lost ? undefined : true);
});

test('a client that lists what it reads also reads custom:source_sub, where there is one', () => {
  expect(mirroredClient({ ReadAttributes: ['email'] }, POOL, []).ReadAttributes).toEqual(['email', 'custom:source_sub']);
  expect(mirroredClient({ ReadAttributes: ['email'] }, FULL, []).ReadAttributes).toEqual(['email']);
  expect(mirroredClient({}, POOL, []).ReadAttributes).toBeUndefined();
});

test('no client writes custom:source_sub', () => {
  for (const client of [{}, { WriteAttributes: ['custom:source_sub', 'email'] }, { WriteAttributes: [] }]) {
    expect(mirroredClient(client, POOL, []).WriteAttributes).not.toContain('custom:source_sub');
    // Nor where a provider of the standby gives it: its users would be whom it says.
    expect(mirroredClient(client, POOL, ['Corp'], ['custom:source_sub', 'email']).WriteAttributes).toEqual(
      client.WriteAttributes?.length === 0 ? ['locale'] : ['email']);
  }
});
