import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DrillEvidence, DrillEvidenceProps } from '../../../src/drill/evidence/drill-evidence';
import { OWN_LOGS } from '../../helpers/templates';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/a';

function templateOf(props: (stack: Stack) => Partial<DrillEvidenceProps> = () => ({})): Template {
  const stack = new Stack(new App(), 'Replica', { env: { region: 'us-west-2', account: '111122223333' } });
  new DrillEvidence(stack, 'Evidence', { drillTableName: 'ledger-drill', logRetention: RetentionDays.ONE_MONTH, ...props(stack) });
  return Template.fromStack(stack);
}

const bucket = { 'Fn::GetAtt': [Match.stringLikeRegexp('^EvidenceBucket'), 'Arn'] };
const below = (prefix: string) => ({ 'Fn::Join': ['', [bucket, `/${prefix}*`]] });
const statement = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
/** The role of the function that writes reports, with what it may besides listing and reading, and nothing else. */
const writerThatMay = (...more: unknown[]) => ({
  Policies: [{ PolicyDocument: { Statement: [OWN_LOGS, statement('s3:ListBucket', bucket), statement('s3:GetObject', below('reports/')), ...more] } }],
});

test('the bucket is private, versioned, encrypted, reached by TLS alone, and stays', () => {
  const template = templateOf();
  template.hasResource('AWS::S3::Bucket', {
    Properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: Match.absent(),
      // Nobody is named; what was written while somebody wanted it goes.
      LifecycleConfiguration: { Rules: [{ Prefix: 'subs/', ExpirationInDays: 1, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' }] },
    },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
  template.hasResource('AWS::S3::BucketPolicy', {
    Properties: {
      PolicyDocument: {
        Statement: [
          { Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } }, Effect: 'Deny', Principal: { AWS: '*' } },
          {
            Action: 's3:PutObject',
            Condition: { Null: { 's3:if-none-match': 'true' } },
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Resource: [below('reports/'), below('pages/')],
          },
        ],
      },
    },
    // It outlives the stack with the bucket that it protects.
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
});

test('a key of the customer\'s own encrypts the reports as well, and the writer may use it for S3 alone', () => {
  const template = templateOf(stack => ({ key: Key.fromKeyArn(stack, 'Key', KEY) }));
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } }],
    },
  });
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: KEY,
          Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.us-west-2.', { Ref: 'AWS::URLSuffix' }]] } } },
        }]),
      },
    }],
  });
});

test('its writer may list, read reports, and write reports and pages; nothing may delete', () => {
  const template = templateOf();
  template.hasResourceProperties('AWS::IAM::Role', writerThatMay(statement('s3:PutObject', [below('reports/'), below('pages/')])));
  expect(JSON.stringify(template.toJSON())).not.toMatch(/s3:(Delete|Bypass|\*")(?!.*Deny)/);
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { EVIDENCE_SUBS: 'false', EVIDENCE_LOCK_YEARS: Match.absent() } } });
});

test('a lock is by object: it has no default of the bucket, which would keep subs as well', () => {
  const template = templateOf(stack => ({ lockYears: 7, subsRetention: Duration.days(90), key: Key.fromKeyArn(stack, 'Key', KEY) }));
  template.hasResourceProperties('AWS::S3::Bucket', {
    ObjectLockEnabled: true,
    ObjectLockConfiguration: Match.absent(),
    LifecycleConfiguration: { Rules: [{ Prefix: 'subs/', ExpirationInDays: 90, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' }] },
  });
  template.hasResourceProperties('AWS::IAM::Role', writerThatMay(
    statement('s3:PutObject', [below('reports/'), below('pages/'), below('subs/')]),
    statement('s3:PutObjectRetention', [below('reports/'), below('pages/')]),
    Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
    {
      ...statement('dynamodb:Query', {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':dynamodb:us-west-2:111122223333:table/ledger-drill']],
      }),
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DRILL#*#DIFFERING'] } },
    },
    {
      ...statement('kms:Decrypt', KEY),
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.us-west-2.', { Ref: 'AWS::URLSuffix' }]] } } },
    },
  ));
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { EVIDENCE_SUBS: 'true', EVIDENCE_LOCK_YEARS: '7' } } });
});
