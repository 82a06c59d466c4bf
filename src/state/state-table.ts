import { TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { STATE } from './constants';
import { indexOf, tableProps, TableSettings } from '../cdk/tables';

/**
 * What the replica Region learns by itself: which target user stands for which source user, outcomes, checkpoints. It is not replicated, so
 * nothing is written back.
 */
export class StateTable extends Construct {
  public readonly table: TableV2;

  constructor(scope: Construct, id: string, { encryption, ...settings }: TableSettings) {
    super(scope, id);
    // The ledger's encryption names keys of two Regions; this table has one.
    const ownEncryption = encryption?.tableKey ? TableEncryptionV2.customerManagedKey(encryption.tableKey) : encryption;
    this.table = new TableV2(this, 'Table', {
      ...tableProps({ ...settings, encryption: ownEncryption }, STATE),
      globalSecondaryIndexes: [indexOf(STATE.OUTCOME_INDEX, STATE.OUTCOME_INDEX_PARTITION_KEY, STATE.SORT_KEY)],
    });
  }
}
