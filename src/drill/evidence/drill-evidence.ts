import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EVIDENCE_PREFIX } from './constants';
import { decryptTable } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { ENV_DRILL_TABLE, ENV_EVIDENCE_BUCKET, ENV_EVIDENCE_LOCK_YEARS, ENV_EVIDENCE_SUBS } from '../../runtime/environment';
import { DIFFERING_ACTIONS } from '../constants';
import { drillKeys } from '../drill-keys';

export interface DrillEvidenceProps {
  /** Years that nobody, the account's root included, can change or delete a report; absent where reports are not locked. */
  readonly lockYears?: number;
  /** How long the `sub`s of users who differ are kept; absent where none are written. */
  readonly subsRetention?: Duration;
  readonly drillTableName: string;
  /** The key of the table of drills, where a customer manages it: the reports are encrypted by it, too. */
  readonly key?: IKey;
  readonly logRetention: RetentionDays;
}

/** The bucket that keeps the reports of drills, and the only function that may write to it. */
export class DrillEvidence extends Construct {
  public readonly bucket: Bucket;
  /** Takes `facts`, which are `DrillFacts`, and answers `WrittenEvidence`. */
  public readonly writer: IFunction;

  constructor(scope: Construct, id: string, props: DrillEvidenceProps) {
    super(scope, id);
    const { lockYears, subsRetention, drillTableName, key } = props;
    // It stays whatever the removal policy of everything else: evidence outlives what it is about.
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: key ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      encryptionKey: key,
      // One request to KMS for many objects.
      bucketKeyEnabled: key && true,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      objectLockEnabled: lockYears === undefined ? undefined : true,
      // What expires gets a delete marker first; a day later it is gone for good. Where nobody is named any more, those go who were.
      lifecycleRules: [
        { prefix: EVIDENCE_PREFIX.SUBS, expiration: subsRetention ?? Duration.days(1), noncurrentVersionExpiration: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { REPORTS, PAGES, SUBS } = EVIDENCE_PREFIX;
    const all = (...prefixes: string[]) => prefixes.map(prefix => this.bucket.arnForObjects(`${prefix}*`));
    this.neverOverwritten(all(REPORTS, PAGES));
    const writer = new HandlerFunction(this, 'Writer', {
      handler: 'drill/evidence/write-evidence',
      description: 'Writes the report of a drill',
      // A few requests to S3, each tried again by the SDK.
      timeout: Duration.minutes(2),
      environment: {
        [ENV_DRILL_TABLE]: drillTableName,
        [ENV_EVIDENCE_BUCKET]: this.bucket.bucketName,
        ...lockYears === undefined ? {} : { [ENV_EVIDENCE_LOCK_YEARS]: String(lockYears) },
        [ENV_EVIDENCE_SUBS]: String(subsRetention !== undefined),
      },
      logRetention: props.logRetention,
    });
    this.writer = writer;
    const allow = (action: string, ...resources: string[]) => writer.addToRolePolicy(new PolicyStatement({ actions: [action], resources }));
    allow('s3:ListBucket', this.bucket.bucketArn);
    allow('s3:GetObject', ...all(REPORTS));
    allow('s3:PutObject', ...all(REPORTS, PAGES), ...subsRetention ? all(SUBS) : []);
    if (lockYears !== undefined) allow('s3:PutObjectRetention', ...all(REPORTS, PAGES));
    const stack = Stack.of(this);
    if (key) {
      writer.addToRolePolicy(new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${stack.region}.${stack.urlSuffix}` } },
      }));
    }
    if (!subsRetention) return;
    // Of the table of drills, only who differs.
    writer.addToRolePolicy(new PolicyStatement({
      actions: [...DIFFERING_ACTIONS],
      resources: [stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: drillTableName })],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [drillKeys.differing('*')] } },
    }));
    if (key) decryptTable(writer, stack, key.keyArn);
  }

  /**
   * Everybody who may write to the bucket, an administrator included, makes a new object or none. Uploads in parts, which begin without that
   * condition, are refused with the others.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
   */
  private neverOverwritten(resources: string[]): void {
    this.bucket.addToResourcePolicy(new PolicyStatement({
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources,
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }));
    // The bucket stays when the stack goes, and so does what protects it.
    this.bucket.policy!.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
