import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
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

export interface TableGrant {
  readonly grantee: IGrantable;
  /** The stack whose Region the table is used in. */
  readonly stack: Stack;
  readonly tableName: string;
  readonly actions: readonly string[];
  /** Indexes that the grantee queries. */
  readonly indexes?: readonly string[];
  /** The key that encrypts the table in that Region, where a customer manages it. */
  readonly keyArn?: string;
}

/** Exactly these actions on exactly this table and these indexes; the actions are the ones that the handler's port calls. */
export function grantTable(grant: TableGrant): void {
  const tableArn = grant.stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: grant.tableName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...grant.actions], resources: [tableArn] }));
  if (grant.indexes?.length) {
    grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: grant.indexes.map(index => `${tableArn}/index/${index}`),
    }));
  }
  if (grant.keyArn) {
    grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      resources: [grant.keyArn],
      // DynamoDB uses the key on the caller's behalf; nothing else may.
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${grant.stack.region}.${grant.stack.urlSuffix}` } },
    }));
  }
}
