import { RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { STATE } from '../../src/state/constants';
import { EVERYTHING, PRIMARY, REPLICA, synth } from '../helpers/templates';

const NAME = 'Auth-Dr-us-east-1-ledger-standby';

test('lives in the replica Region only, with point-in-time recovery, protection, TTL and the index of outcomes', () => {
  const { replica, primary } = synth();
  replica.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Retain',
    Properties: {
      TableName: NAME,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: STATE.PARTITION_KEY, KeyType: 'HASH' }, { AttributeName: STATE.SORT_KEY, KeyType: 'RANGE' }],
      TimeToLiveSpecification: { AttributeName: STATE.TTL, Enabled: true },
      GlobalSecondaryIndexes: [{
        IndexName: STATE.OUTCOME_INDEX,
        KeySchema: [{ AttributeName: STATE.OUTCOME_INDEX_PARTITION_KEY, KeyType: 'HASH' }, { AttributeName: STATE.SORT_KEY, KeyType: 'RANGE' }],
        Projection: { ProjectionType: 'ALL' },
      }],
      Replicas: [{ Region: REPLICA, DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    },
  });
  // That of recoveries in place is in the Region of the source pool, and there alone.
  primary.resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
  primary.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Retain',
    Properties: { TableName: 'Auth-Dr-us-east-1-ledger-recovery', Replicas: [{ Region: PRIMARY, DeletionProtectionEnabled: true }] },
  });
  synth({ props: { inPlaceRecovery: false } }).primary.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
});

test('of recoveries is encrypted with the key that the ledger has in its Region', () => {
  synth(EVERYTHING).primary.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    Replicas: [{ SSESpecification: { KMSMasterKeyId: Match.stringLikeRegexp(`kms:${PRIMARY}`) } }],
  });
});

test('can be disposable, and encrypted with DynamoDB\'s key in KMS', () => {
  const { replica } = synth({
    props: { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false, encryption: TableEncryptionV2.awsManagedKey() },
  });
  replica.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Delete',
    Properties: { TableName: NAME, SSESpecification: { SSEEnabled: true, SSEType: 'KMS' }, Replicas: [{ DeletionProtectionEnabled: false }] },
  });
});
