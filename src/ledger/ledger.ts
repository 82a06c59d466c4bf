import { StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { LEDGER, LOOK_UP_INDEXES } from './constants';
import { indexOf, pointInTimeRecovery, tableProps, TableSettings } from '../cdk/tables';

/** The primary stack finds its replica of the table by its name, which is therefore a concrete one. */
export interface LedgerProps extends TableSettings {
  readonly primaryRegion: string;
}

/** The global table, owned by the replica stack: it must be usable, and outlive everything else, with the primary Region dark. */
export class Ledger extends Construct {
  public readonly table: TableV2;

  constructor(scope: Construct, id: string, { primaryRegion, ...settings }: LedgerProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      ...tableProps(settings, LEDGER),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      // DynamoDB replicates neither of the two settings: each replica needs its own.
      replicas: [{ region: primaryRegion, ...pointInTimeRecovery, deletionProtection: settings.deletionProtection }],
      globalSecondaryIndexes: [
        indexOf(LEDGER.DIGEST_INDEX, LEDGER.DIGEST_INDEX_PARTITION_KEY, LEDGER.SORT_KEY, LEDGER.DIGEST_INDEX_ATTRIBUTES),
        indexOf(LEDGER.MEMBERSHIP_INDEX, LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY, LEDGER.PARTITION_KEY, LEDGER.MEMBERSHIP_INDEX_ATTRIBUTES),
        ...Object.values(LOOK_UP_INDEXES).map(({ index, key }) => indexOf(index, key, LEDGER.SORT_KEY, LEDGER.LOOK_UP_INDEX_ATTRIBUTES)),
      ],
    });
  }
}
