import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DrillEvidence, DrillEvidenceProps } from '../../../src/drill/evidence/drill-evidence';

function templateOf(props: Partial<DrillEvidenceProps> = {}): Template {
  const stack = new Stack(new App(), 'Replica', { env: { region: 'us-west-2', account: '111122223333' } });
  new DrillEvidence(stack, 'Evidence', { drillTableName: 'ledger-drill', logRetention: RetentionDays.ONE_MONTH, ...props });
  return Template.fromStack(stack);
}

const bucket = { 'Fn::GetAtt': [Match.stringLikeRegexp('^EvidenceBucket'), 'Arn'] };
const below = (prefix: string) => ({ 'Fn::Join': ['', [bucket, `/${prefix}*`]] });
const statement = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

test('the bucket is private, versioned, encrypted, reached by TLS alone, and stays', () => {
  const template = templateOf();
  template.hasResource('AWS::S3::Bucket', {
    Properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: Match.absent(),
      LifecycleConfiguration: Match.absent(),
    },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: [{ Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } }, Effect: 'Deny', Principal: { AWS: '*' } }] },
  });
});

test('its writer may list, read reports, and write reports and pages; nothing may delete', () => {
  const template = templateOf();
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        statement('s3:ListBucket', bucket),
        statement('s3:GetObject', below('reports/')),
        statement('s3:PutObject', [below('reports/'), below('pages/')]),
      ],
    },
  });
  expect(JSON.stringify(template.toJSON())).not.toMatch(/s3:(Delete|Bypass|\*")(?!.*Deny)/);
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { EVIDENCE_SUBS: 'false', EVIDENCE_LOCK_YEARS: Match.absent() } } });
});

test('a lock is by object: it has no default of the bucket, which would keep subs as well', () => {
  const template = templateOf({ lockYears: 7, subsRetention: Duration.days(90), tableKeyArn: 'arn:key' });
  template.hasResourceProperties('AWS::S3::Bucket', {
    ObjectLockEnabled: true,
    ObjectLockConfiguration: Match.absent(),
    LifecycleConfiguration: { Rules: [{ Prefix: 'subs/', ExpirationInDays: 90, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' }] },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        statement('s3:ListBucket', bucket),
        statement('s3:GetObject', below('reports/')),
        statement('s3:PutObject', [below('reports/'), below('pages/'), below('subs/')]),
        statement('s3:PutObjectRetention', [below('reports/'), below('pages/')]),
        {
          ...statement('dynamodb:Query', {
            'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':dynamodb:us-west-2:111122223333:table/ledger-drill']],
          }),
          Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DRILL#*#DIFFERING'] } },
        },
        {
          ...statement('kms:Decrypt', 'arn:key'),
          Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.us-west-2.', { Ref: 'AWS::URLSuffix' }]] } } },
        },
      ],
    },
  });
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { EVIDENCE_SUBS: 'true', EVIDENCE_LOCK_YEARS: '7' } } });
});
