import { createServer, IncomingHttpHeaders } from 'node:http';
import { AddressInfo } from 'node:net';
import { compareHeader, csvLine, upload } from './csv-import';

test('a line has a value for each column; commas are escaped', () => {
  expect(csvLine(['name', 'email', 'email_verified', 'cognito:mfa_enabled', 'cognito:username'], { 'name': 'a,b', 'email': 'x', 'email_verified': 'true', 'cognito:username': 'u' }))
    .toBe('a\\,b,x,true,false,u');
});

const SCHEMA = ['sub', 'identities', 'email', 'custom:tenant'];
const HEADER = ['email', 'custom:tenant', 'cognito:mfa_enabled', 'cognito:username'];

test.each<[string, string[], object]>([
  ['as assumed', HEADER, { observed: '4 columns as assumed', holds: true }],
  ['with a column for hashes', [...HEADER, 'password_hash'], { observed: '5 columns as assumed', holds: true }],
  ['with more', [...HEADER, 'sub'], { observed: 'more: sub; fewer: none', holds: false }],
  ['with fewer', HEADER.slice(1), { observed: 'more: none; fewer: email', holds: false }],
])('a header %s', (_, header, expected) => {
  expect(compareHeader(header, SCHEMA)).toEqual(expected);
});

test('the file goes up with the one header that the URL was signed for', async () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray() as Buffer[];
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(received.length === 1 ? 200 : 403).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file?X-Amz-Signature=x`;
  const { signal } = new AbortController();
  try {
    await upload(url, 'a,ü\n', signal);
    await expect(upload(url, 'b', signal)).rejects.toMatchObject({ name: 'HTTP 403' });
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
  expect(received[0].body).toBe('a,ü\n');
  expect(received[0].headers).toMatchObject({ 'x-amz-server-side-encryption': 'aws:kms', 'content-length': '5' });
  expect(received[0].headers).not.toHaveProperty('content-type');
});
