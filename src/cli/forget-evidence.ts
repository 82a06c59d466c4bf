import {
  DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, ListObjectVersionsOutput, ObjectVersion, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { ForgottenEvidence, Person, traceInFile } from './commands/forget';
import { isAccessDenied } from '../cognito/refusals';
import { EVIDENCE_PREFIX } from '../drill/evidence/constants';

/**
 * Looks through every version of the files that name who differed in a drill, and with `deletes` takes the person out of them: a version that names
 * them goes for good, and the file is written again for the others whom its newest one names. The reports themselves name nobody.
 */
export async function sweepEvidence(s3: S3Client, Bucket: string, person: Person, deletes: boolean): Promise<ForgottenEvidence> {
  let [deleted, edited, kept] = [0, 0, 0];
  for (const { Key, VersionId, IsLatest } of await versionsOf(s3, Bucket)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    const trace = traceInFile(await Body!.transformToString(), person);
    if (!trace) continue;
    const isEdited = IsLatest === true && trace.do === 'edit';
    if (deletes && isEdited) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: trace.text, ContentType: 'application/json', ChecksumAlgorithm: 'SHA256' }));
    }
    if (isEdited) edited += 1;
    if (deletes && !await isLetGo(s3, { Bucket, Key: Key!, VersionId: VersionId! })) kept += 1;
    else deleted += 1;
  }
  return { bucket: Bucket, deleted, edited, kept };
}

async function versionsOf(s3: S3Client, Bucket: string): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  let at: Pick<ListObjectVersionsOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = at;
    const page: ListObjectVersionsOutput = await s3.send(new ListObjectVersionsCommand({
      Bucket, Prefix: EVIDENCE_PREFIX.SUBS, KeyMarker, VersionIdMarker,
    }));
    found.push(...page.Versions ?? []);
    at = page;
  } while (at.NextKeyMarker !== undefined);
  return found;
}

/** The library locks no such file, but the bucket's owner may: S3 answers as if it were not allowed. */
async function isLetGo(s3: S3Client, version: { readonly Bucket: string; readonly Key: string; readonly VersionId: string }): Promise<boolean> {
  try {
    await s3.send(new DeleteObjectCommand(version));
    return true;
  } catch (error) {
    if (isAccessDenied(error)) return false;
    throw error;
  }
}
