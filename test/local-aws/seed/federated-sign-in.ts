import { CALLBACK_URL } from './pools';
import { Backend } from '../gateway/backend';

export interface FederatedSignIn {
  readonly clientId: string;
  /** Name of a SAML provider of the pool. */
  readonly provider: string;
  readonly nameId: string;
  /** What the provider says of the user. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The way of a real one: the app sends the browser to the provider, whose signed assertion comes back.
 * @returns the code that the app gets, for `/oauth2/token`
 */
export async function signInFederated(api: Backend, { clientId, provider, nameId, attributes }: FederatedSignIn): Promise<string> {
  const query = new URLSearchParams({
    client_id: clientId, redirect_uri: CALLBACK_URL, response_type: 'code', scope: 'openid', identity_provider: provider,
  });
  const away = await api.send({ method: 'GET', url: `/oauth2/authorize?${query.toString()}`, headers: {} });
  const relay = new URL(String(away.headers.location)).searchParams.get('RelayState');
  const body = new URLSearchParams({ RelayState: relay ?? '', SAMLResponse: Buffer.from(assertion(nameId, attributes)).toString('base64') });
  const back = await api.send({
    method: 'POST', url: '/saml2/idpresponse', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body.toString()),
  });
  if (back.status !== 302) {
    throw new Error(`federated sign-in of ${nameId} answered ${back.status}: ${back.body.toString('utf8')}`);
  }
  return new URL(String(back.headers.location)).searchParams.get('code')!;
}

/** The tokens of a federated sign-in. */
export async function exchangeCode(api: Backend, clientId: string, code: string): Promise<{ id_token: string; access_token: string }> {
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: CALLBACK_URL });
  const answer = await api.send({
    method: 'POST', url: '/oauth2/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body.toString()),
  });
  if (answer.status >= 300) {
    throw new Error(`the code was not exchanged: ${answer.body.toString('utf8')}`);
  }
  return JSON.parse(answer.body.toString('utf8')) as { id_token: string; access_token: string };
}

function assertion(nameId: string, attributes: Readonly<Record<string, string>>): string {
  const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
  const statements = Object.entries(attributes)
    .map(([name, value]) => `<saml:Attribute Name="${name}"><saml:AttributeValue>${escape(value)}</saml:AttributeValue></saml:Attribute>`);
  return '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Assertion>'
    + `<saml:Subject><saml:NameID>${escape(nameId)}</saml:NameID></saml:Subject>`
    + `<saml:AttributeStatement>${statements.join('')}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;
}
