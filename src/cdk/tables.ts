import { RemovalPolicy } from 'aws-cdk-lib';
import {
  Attribute, AttributeType, Billing, GlobalSecondaryIndexPropsV2, ProjectionType, TableEncryptionV2, TablePropsV2,
} from 'aws-cdk-lib/aws-dynamodb';

/** What the user of the library decides about its tables. */
export interface TableSettings {
  readonly tableName: string;
  readonly encryption?: TableEncryptionV2;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

/** Names of a table's keys, which are all strings, and of the attribute that says when an item goes. */
export interface TableKeyNames {
  readonly PARTITION_KEY: string;
  readonly SORT_KEY: string;
  readonly TTL: string;
}

/** What both tables of the library have in common: paid by request, and restorable to any second of the last 35 days. */
export function tableProps(settings: TableSettings, names: TableKeyNames): TablePropsV2 {
  return {
    ...settings,
    partitionKey: string(names.PARTITION_KEY),
    sortKey: string(names.SORT_KEY),
    timeToLiveAttribute: names.TTL,
    billing: Billing.onDemand(),
    ...pointInTimeRecovery,
  };
}

/** Of a table and of each of its replicas. */
export const pointInTimeRecovery = { pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true } };

/** An index with the keys of the table and these attributes, or with whole items. */
export function indexOf(indexName: string, partitionKey: string, sortKey: string, attributes?: readonly string[]): GlobalSecondaryIndexPropsV2 {
  return {
    indexName,
    partitionKey: string(partitionKey),
    sortKey: string(sortKey),
    ...attributes
      ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...attributes] }
      : { projectionType: ProjectionType.ALL },
  };
}

function string(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
