import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { STATE } from './constants';

export interface StateTableProps {
  readonly tableName: string;
  readonly encryption?: TableEncryptionV2;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

/** What the replica Region learns by itself: whom a restore made from whom, outcomes, checkpoints. Not replicated, so nothing is written back. */
export class StateTable extends Construct {
  public readonly table: TableV2;

  constructor(scope: Construct, id: string, props: StateTableProps) {
    super(scope, id);
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new TableV2(this, 'Table', {
      tableName: props.tableName,
      partitionKey: string(STATE.PARTITION_KEY),
      sortKey: string(STATE.SORT_KEY),
      timeToLiveAttribute: STATE.TTL,
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // The ledger's encryption names keys of two Regions; this table has one.
      encryption: props.encryption?.tableKey ? TableEncryptionV2.customerManagedKey(props.encryption.tableKey) : props.encryption,
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
      globalSecondaryIndexes: [{
        indexName: STATE.OUTCOME_INDEX,
        partitionKey: string(STATE.OUTCOME_INDEX_PARTITION_KEY),
        sortKey: string(STATE.SORT_KEY),
        projectionType: ProjectionType.ALL,
      }],
    });
  }
}
