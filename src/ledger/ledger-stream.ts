import { Duration } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { STREAM_ACTIONS } from './constants';

export interface LedgerStreamProps {
  /** The ledger as its owner has it: only there the ARN of its stream is known. */
  readonly ledgerTable: TableV2;
  readonly batchSize: number;
  readonly maxRecordAge: Duration;
  /** Without it a batch is repeated until it is too old. */
  readonly retryAttempts?: number;
  /** Takes the places in the stream of batches that Lambda gave up. */
  readonly givenUp: Queue;
  /** Rows to follow besides those of users, memberships and groups: those that have this number. History and settings are not followed. */
  readonly alsoWithNumber?: string;
}

/** Has a function follow the rows of the ledger, from what was there when it was deployed on. */
export function followLedger(scope: Construct, reader: LambdaFunction, props: LedgerStreamProps): void {
  const { ledgerTable, batchSize, maxRecordAge, retryAttempts, givenUp, alsoWithNumber } = props;
  const exists = (attribute: string, type: 'S' | 'N' = 'S') =>
    FilterCriteria.filter({ dynamodb: { NewImage: { [attribute]: { [type]: FilterRule.exists() } } } });
  const eventSourceArn = ledgerTable.tableStreamArn!;
  // Not DynamoEventSource, which allows decryption with every key where the table's is defined in another Region's stack.
  const mapping = reader.addEventSourceMapping('Stream', {
    eventSourceArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize,
    maxBatchingWindow: Duration.seconds(1),
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts,
    maxRecordAge,
    onFailure: new SqsDlq(givenUp),
    filters: [exists('shard'), exists('member'), exists('name'), ...alsoWithNumber === undefined ? [] : [exists(alsoWithNumber, 'N')]],
  });
  // A policy of its own: only it and the mapping wait for the table.
  mapping.node.addDependency(new Policy(scope, 'StreamOfTable', {
    roles: [reader.role!], statements: [new PolicyStatement({ actions: [...STREAM_ACTIONS], resources: [eventSourceArn] })],
  }));
}
