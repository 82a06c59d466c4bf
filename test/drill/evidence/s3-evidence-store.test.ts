import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { S3EvidenceStore } from '../../../src/drill/evidence/s3-evidence-store.lambda-shared';

const s3 = mockClient(S3Client);
const clock = { now: () => Date.parse('2028-02-29T12:00:00Z') };
const storeOf = (lockYears?: number) => new S3EvidenceStore(new S3Client(), { bucket: 'evidence', lockYears, clock });
const refusal = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => s3.reset());

test('the last report is the last of all pages', async () => {
  s3.on(ListObjectsV2Command).resolvesOnce({ Contents: [{ Key: 'reports/00000001.json' }], NextContinuationToken: 'more' })
    .resolvesOnce({ Contents: [{ Key: 'reports/00000002.json' }, { Key: 'reports/00000003.json' }] });
  expect(await storeOf().lastReport()).toBe('reports/00000003.json');
  expect(s3.commandCalls(ListObjectsV2Command)[1].args[0].input).toEqual({ Bucket: 'evidence', Prefix: 'reports/', ContinuationToken: 'more' });
});

test('an empty bucket has no report', async () => {
  s3.on(ListObjectsV2Command).resolves({});
  expect(await storeOf().lastReport()).toBeUndefined();
});

test('a file is written only where there is none', async () => {
  s3.on(PutObjectCommand).resolvesOnce({}).rejectsOnce(refusal('PreconditionFailed'));
  expect(await storeOf().create('reports/00000001.json', '{}', 'application/json')).toBe(true);
  expect(await storeOf().create('reports/00000001.json', '{}', 'application/json')).toBe(false);
  expect(s3.commandCalls(PutObjectCommand)[0].args[0].input).toEqual({
    Bucket: 'evidence', Key: 'reports/00000001.json', Body: '{}', ContentType: 'application/json', IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256',
  });
});

test('a write that S3 did not decide is tried again, and not for ever', async () => {
  s3.on(PutObjectCommand).rejectsOnce(refusal('ConditionalRequestConflict')).resolvesOnce({});
  expect(await storeOf().create('pages/00000001.html', '', 'text/html')).toBe(true);
  s3.reset();
  s3.on(PutObjectCommand).rejects(refusal('ConditionalRequestConflict'));
  await expect(storeOf().create('pages/00000001.html', '', 'text/html')).rejects.toThrow('ConditionalRequestConflict');
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(5);
});

test('any other refusal is an error', async () => {
  s3.on(PutObjectCommand).rejects(refusal('AccessDenied'));
  await expect(storeOf().create('reports/00000001.json', '', '')).rejects.toThrow('AccessDenied');
  s3.on(GetObjectCommand).rejects(refusal('NoSuchKey'));
  await expect(storeOf().read('reports/00000009.json')).rejects.toThrow('NoSuchKey');
});

test('reports and pages are locked for whole years, and subs never', async () => {
  s3.on(PutObjectCommand).resolves({});
  for (const key of ['reports/00000001.json', 'pages/00000001.html', 'subs/00000001.json']) await storeOf(7).create(key, '', '');
  const locks = s3.commandCalls(PutObjectCommand).map(call => call.args[0].input)
    .map(({ ObjectLockMode, ObjectLockRetainUntilDate }) => [ObjectLockMode, ObjectLockRetainUntilDate?.toISOString()]);
  // Of a leap day: the day after, as seven years later there is none.
  expect(locks).toEqual([['COMPLIANCE', '2035-03-01T12:00:00.000Z'], ['COMPLIANCE', '2035-03-01T12:00:00.000Z'], [undefined, undefined]]);
});
