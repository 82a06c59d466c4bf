import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { EVIDENCE_PREFIX } from './constants';
import { EvidenceStore } from './evidence-store';
import { isKeyTaken, isUndecided } from '../../cognito/refusals';
import { Clock } from '../../runtime/clock';

export interface S3EvidenceProps {
  readonly bucket: string;
  /** Years that reports and pages are locked; absent where they are not. */
  readonly lockYears?: number;
  readonly clock: Pick<Clock, 'now'>;
}

const CREATE_TRIES = 5;

/** The bucket of the evidence. S3 shows what was written at once, in listings as well. */
export class S3EvidenceStore implements EvidenceStore {
  constructor(private readonly s3: S3Client, private readonly props: S3EvidenceProps) {}

  public async lastReport(): Promise<string | undefined> {
    let last: string | undefined;
    let token: string | undefined;
    // By name, a thousand a page: of one drill a day a page holds almost three years.
    do {
      const page = await this.s3.send(new ListObjectsV2Command({
        Bucket: this.props.bucket, Prefix: EVIDENCE_PREFIX.REPORTS, ContinuationToken: token,
      }));
      last = page.Contents?.at(-1)?.Key ?? last;
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return last;
  }

  public async read(key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.props.bucket, Key: key }));
    return Body!.transformToString();
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
  public async create(key: string, text: string, contentType: string): Promise<boolean> {
    const put = new PutObjectCommand({
      Bucket: this.props.bucket,
      Key: key,
      Body: text,
      ContentType: contentType,
      IfNoneMatch: '*',
      // Object Lock takes no object without a checksum; S3 holds it against what arrives.
      ChecksumAlgorithm: 'SHA256',
      ...this.lockOf(key),
    });
    for (let tries = 1; ; tries++) {
      try {
        await this.s3.send(put);
        return true;
      } catch (error) {
        if (isKeyTaken(error)) return false;
        // S3 decides nothing between two writers of one moment, and asks for another try.
        if (!isUndecided(error) || tries === CREATE_TRIES) throw error;
      }
    }
  }

  /** By object, and not by a default of the bucket, which would keep `sub`s for years as well. */
  private lockOf(key: string): { readonly ObjectLockMode: 'COMPLIANCE'; readonly ObjectLockRetainUntilDate: Date } | undefined {
    const { lockYears, clock } = this.props;
    if (lockYears === undefined || key.startsWith(EVIDENCE_PREFIX.SUBS)) return undefined;
    const until = new Date(clock.now());
    until.setUTCFullYear(until.getUTCFullYear() + lockYears);
    return { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until };
  }
}
