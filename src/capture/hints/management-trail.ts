import { createHash } from 'crypto';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { uniqueName } from '../../cdk/names';

/**
 * EventBridge gets CloudTrail's events only where a trail logs them. This one is for that; nobody reads its files, which go after a month. The
 * bucket stays whatever the removal policy: CloudFormation cannot delete one that has files.
 */
export class ManagementTrail extends Construct {
  constructor(scope: Construct, id: string, region: string) {
    super(scope, id);
    const { account } = Stack.of(this);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [{ expiration: Duration.days(30), noncurrentVersionExpiration: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // A name of ours: the bucket's policy names the trail, which cannot be made before it.
    const trailName = trailNameOf(uniqueName(this, 'events', 128, region));
    const trailArn = Stack.of(this).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName });
    const allow = (action: string, resource: string, more: Record<string, string> = {}) => bucket.addToResourcePolicy(new PolicyStatement({
      principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
      actions: [action],
      resources: [resource],
      // No other trail, of this account or another, may use the bucket by way of CloudTrail.
      conditions: { StringEquals: { 'aws:SourceArn': trailArn, ...more } },
    }));
    allow('s3:GetBucketAcl', bucket.bucketArn);
    allow('s3:PutObject', bucket.arnForObjects(`AWSLogs/${account}/*`), { 's3:x-amz-acl': 'bucket-owner-full-control' });
    const trail = new CfnTrail(this, 'Trail', {
      trailName,
      s3BucketName: bucket.bucketName,
      isLogging: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      enableLogFileValidation: true,
      eventSelectors: [{ includeManagementEvents: true, readWriteType: 'WriteOnly' }],
    });
    // CloudTrail tries to write when the trail is made.
    trail.node.addDependency(bucket.policy!);
  }
}

/** Of characters that it allows, CloudTrail takes no two of '-', '.' and '_' in a row. A name that had them is told apart by a hash. */
function trailNameOf(name: string): string {
  const allowed = name.replace(/-{2,}/g, '-');
  return allowed === name ? name : `${allowed.slice(0, 119)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`.replace('--', '-');
}
