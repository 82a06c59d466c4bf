import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { LEDGER, LOOK_UP_INDEXES } from './constants';

export interface LedgerProps {
  /** A concrete name: the primary stack finds its replica of the table by it. */
  readonly tableName: string;
  readonly primaryRegion: string;
  readonly encryption?: TableEncryptionV2;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

/** The global table, owned by the replica stack: it must be usable, and outlive everything else, with the primary Region dark. */
export class Ledger extends Construct {
  public readonly table: TableV2;

  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id);
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new TableV2(this, 'Table', {
      tableName: props.tableName,
      partitionKey: string(LEDGER.PARTITION_KEY),
      sortKey: string(LEDGER.SORT_KEY),
      timeToLiveAttribute: LEDGER.TTL,
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: props.encryption,
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
      // Neither setting is replicated by DynamoDB: each replica needs its own.
      replicas: [{
        region: props.primaryRegion,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: props.deletionProtection,
      }],
      globalSecondaryIndexes: [
        {
          indexName: LEDGER.DIGEST_INDEX,
          partitionKey: string(LEDGER.DIGEST_INDEX_PARTITION_KEY),
          sortKey: string(LEDGER.SORT_KEY),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [...LEDGER.DIGEST_INDEX_ATTRIBUTES],
        },
        {
          indexName: LEDGER.MEMBERSHIP_INDEX,
          partitionKey: string(LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY),
          sortKey: string(LEDGER.PARTITION_KEY),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [...LEDGER.MEMBERSHIP_INDEX_ATTRIBUTES],
        },
        ...Object.values(LOOK_UP_INDEXES).map(({ index, key }) => ({
          indexName: index,
          partitionKey: string(key),
          sortKey: string(LEDGER.SORT_KEY),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [...LEDGER.SIGN_IN_NAME_INDEX_ATTRIBUTES],
        })),
      ],
    });
  }
}
