import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LEDGER, LOOK_UP_INDEXES } from '../../src/ledger/constants';
import { Given, permissions, PRIMARY, REPLICA, statementsOf, synth } from '../helpers/templates';

const NAME = 'Auth-Dr-us-east-1-ledger';
const PRIMARY_KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-11111111111111111111111111111111';
const REPLICA_KEY = 'arn:aws:kms:us-west-2:111122223333:key/mrk-11111111111111111111111111111111';

const replicaOf = (region: string, deletionProtection: boolean) => ({
  Region: region,
  DeletionProtectionEnabled: deletionProtection,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
});

test('belongs to the replica stack and is replicated to the primary Region, both with point-in-time recovery and protection', () => {
  const { replica } = synth();
  const index = (name: string, partitionKey: string, sortKey: string, attributes: readonly string[]) => ({
    IndexName: name,
    KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }, { AttributeName: sortKey, KeyType: 'RANGE' }],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: attributes },
  });
  replica.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: NAME,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: LEDGER.PARTITION_KEY, KeyType: 'HASH' }, { AttributeName: LEDGER.SORT_KEY, KeyType: 'RANGE' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: LEDGER.TTL, Enabled: true },
      GlobalSecondaryIndexes: [
        index(LEDGER.DIGEST_INDEX, LEDGER.DIGEST_INDEX_PARTITION_KEY, LEDGER.SORT_KEY, LEDGER.DIGEST_INDEX_ATTRIBUTES),
        index(LEDGER.MEMBERSHIP_INDEX, LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY, LEDGER.PARTITION_KEY, LEDGER.MEMBERSHIP_INDEX_ATTRIBUTES),
        ...Object.values(LOOK_UP_INDEXES).map(({ index: name, key }) => index(name, key, LEDGER.SORT_KEY, LEDGER.LOOK_UP_INDEX_ATTRIBUTES)),
      ],
      Replicas: [replicaOf(PRIMARY, true), replicaOf(REPLICA, true)],
    },
  });
});

test('can be disposable, and named', () => {
  synth({ props: { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false, ledgerTableName: 'my.users_1' } }).replica
    .hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Delete',
      Properties: { TableName: 'my.users_1', Replicas: [replicaOf(PRIMARY, false), replicaOf(REPLICA, false)] },
    });
});

describe('with keys of the customer\'s', () => {
  const given: Given = {
    props: (_app, stack: Stack) => ({
      encryption: TableEncryptionV2.customerManagedKey(Key.fromKeyArn(stack, 'Key', REPLICA_KEY), { [PRIMARY]: PRIMARY_KEY }),
    }),
  };

  test('both replicas, and the state table, use the key of their Region', () => {
    const { replica } = synth(given);
    const keys = Object.values(replica.findResources('AWS::DynamoDB::GlobalTable'))
      .map(table => table.Properties.Replicas.map((one: { Region: string; SSESpecification: { KMSMasterKeyId: string } }) =>
        [one.Region, one.SSESpecification.KMSMasterKeyId]));
    expect(keys).toEqual([[[PRIMARY, PRIMARY_KEY], [REPLICA, REPLICA_KEY]], [[REPLICA, REPLICA_KEY]]]);
  });

  test.each([['primary', 'DrSweep', PRIMARY, PRIMARY_KEY], ['replica', 'RestoreSlice', REPLICA, REPLICA_KEY]] as const)(
    'the functions of the %s stack may use the key of their Region, through DynamoDB only', (stack, role, region, key) => {
      const statements = statementsOf(synth(given)[stack], role).filter(statement => JSON.stringify(statement).includes('kms:'));
      for (const statement of statements) {
        expect(statement.Condition).toEqual({
          StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', [`dynamodb.${region}.`, { Ref: 'AWS::URLSuffix' }]] } },
        });
      }
      expect([...new Set(permissions(statements))]).toEqual(['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'].map(action => `kms:${action} on ${key}`));
    });
});
