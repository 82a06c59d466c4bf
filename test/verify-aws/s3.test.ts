import { sign, versionsIn } from './s3';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const EXAMPLE = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const NOW = new Date('2013-05-24T00:00:00Z');
const HOST = 'https://examplebucket.s3.amazonaws.com';

test.each([
  ['an object', `${HOST}/test.txt`, { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['a parameter without value', `${HOST}/?lifecycle`, {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['parameters', `${HOST}/?max-keys=2&prefix=J`, {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('signs as in AWS\'s examples: %s', (_, url, headers, signature) => {
  expect(sign({ method: 'GET', url: new URL(url), headers: headers as Record<string, string> }, 'us-east-1', EXAMPLE, NOW).authorization).toContain(`Signature=${signature}`);
});

test('a session token is sent and signed', () => {
  const signed = sign({ method: 'GET', url: new URL(HOST), headers: {} }, 'us-east-1', { ...EXAMPLE, sessionToken: 'token' }, NOW);
  expect(signed['x-amz-security-token']).toBe('token');
  expect(signed.authorization).toContain('x-amz-security-token');
});

test('versions and delete markers of a listing', () => {
  const xml = '<ListVersionsResult><Name>b</Name><Version><Key>a&amp;b/c d</Key><VersionId>1</VersionId></Version><DeleteMarker><Key>e</Key><VersionId>null</VersionId></DeleteMarker></ListVersionsResult>';
  expect(versionsIn(xml)).toEqual([{ key: 'a&b/c d', versionId: '1' }, { key: 'e', versionId: 'null' }]);
});
