import { Duration, Stack } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD } from '../../cdk/alarms';
import { decryptTable } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { deadLetterQueue } from '../../cdk/queues';
import { ENV_EVENT_BUS_NAME } from '../../runtime/environment';
import { followLedger } from '../ledger-stream';

export interface ChangeEventsProps extends PartAlarmsProps {
  /** The ledger as its owner has it: only there the ARN of its stream is known. */
  readonly ledgerTable: TableV2;
  readonly bus: IEventBus;
  readonly logRetention: RetentionDays;
  /** The key that encrypts the table in this Region, where a customer manages it. */
  readonly tableKeyArn?: string;
}

/** Ten calls of ten events each. */
const BATCH = 100;
/** The stream keeps a day: what the bus does not take for so long goes to the queue. */
const MAX_AGE = Duration.hours(20);

/** Tells an event bus of every change that reaches the copy, from the table's stream. */
export class ChangeEvents extends PartAlarms {
  public readonly deadLetterQueue: Queue;
  public readonly put: HandlerFunction;

  constructor(scope: Construct, id: string, props: ChangeEventsProps) {
    super(scope, id, props);
    const deadLetters = this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    const put = this.put = new HandlerFunction(this, 'PutChanges', {
      handler: 'ledger/change-events/put-changes',
      timeout: Duration.minutes(1),
      logRetention: props.logRetention,
      description: 'Tells an event bus which users, groups and memberships changed',
      environment: { [ENV_EVENT_BUS_NAME]: props.bus.eventBusArn },
    });
    put.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [props.bus.eventBusArn] }));
    if (props.tableKeyArn !== undefined) decryptTable(put, Stack.of(this), props.tableKeyArn);
    followLedger(this, put, { ledgerTable: props.ledgerTable, batchSize: BATCH, maxRecordAge: MAX_AGE, givenUp: deadLetters });
    this.addMessages('DeadLetters',
      'Changes of users, groups or memberships could not be told to the event bus of changeEvents. See the messages of the queue: each names a ' +
      'batch of the stream that Lambda gave up after 20 hours. The copy itself is not concerned; whoever listens should read it anew. Then purge ' +
      'the queue.', deadLetters);
    this.add('Behind',
      'The events of changeEvents are 15 minutes behind the copy. See the log of the function PutChanges for the name of the error: mostly ' +
      'EventBridge throttles, which passes, or its resource policy or the bus is gone.',
      put.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }), { threshold: Duration.minutes(15).toMilliseconds() });
  }
}
