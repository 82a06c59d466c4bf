import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { challengeEventPattern, userEventPattern } from './event-pattern';
import { ManagementTrail } from './management-trail';
import { grantTable } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { deadLetterQueue, secureQueue } from '../../cdk/queues';
import { sliceTimeout } from '../../cdk/slice-task';
import { LEDGER, LEDGER_APPLY_ACTIONS } from '../../ledger/constants';
import {
  ENV_HINTS_QUEUE_URL, ENV_HISTORY_DAYS, ENV_IGNORED_ATTRIBUTES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_QUOTA_SHARE, ENV_RECOVERY_PRINCIPALS,
  ENV_SLICE_SECONDS, ENV_USER_POOL_ID,
} from '../../runtime/environment';
import { APPLY_COGNITO_ACTIONS } from '../constants';
import { grantIncidentEvents } from '../incidents/incident-events';

export interface CaptureProps {
  readonly userPool: IUserPool;
  /** A concrete name: triggers in the source pool's stack find the queue by it, although this stack is deployed after that one. */
  readonly queueName: string;
  readonly ledgerTableName: string;
  readonly ledgerKeyArn?: string;
  readonly quotas: Record<string, number>;
  readonly historyRetention: Duration;
  /** Attributes whose changes make no incident. */
  readonly ignoredAttributes: readonly string[];
  /** ARNs of the roles by which a recovery of this library writes the source pool. */
  readonly recoveryPrincipals?: readonly string[];
  readonly logRetention: RetentionDays;
  readonly createTrail: boolean;
  /** By name, also where the stack does not say it. */
  readonly primaryRegion: string;
}

/** Cognito's listings lag behind its writes by a second or so. */
const CONSISTENCY = Duration.seconds(2);
/** An invocation stops beginning things after this; hints come again. */
const WORK = Duration.seconds(40);
/** Retries come after 2, 4, 8 ... seconds: 17 minutes in all. Then something is wrong that does not pass by itself. */
const DELIVERIES = 10;
/** Two consumers, the fewest that Lambda allows here, share a quarter of each quota; a sweep has half, the application the rest. */
const CONSUMERS = 2;
const QUOTA_SHARE = 0.25;

/** From an event to the ledger: CloudTrail's events and hints of triggers go through one queue to one consumer, which asks Cognito. */
export class Capture extends Construct {
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  /** Events that EventBridge could not put into the queue. SQS moves messages back only to a queue that they came from, and these came from none. */
  public readonly eventDeadLetterQueue: Queue;
  public readonly consumer: HandlerFunction;

  constructor(scope: Construct, id: string, props: CaptureProps) {
    super(scope, id);
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters');
    this.eventDeadLetterQueue = deadLetterQueue(this, 'EventDeadLetters');
    this.queue = secureQueue(this, 'Hints', {
      queueName: props.queueName,
      deliveryDelay: CONSISTENCY,
      // For a consumer that died: AWS advises six times the function's timeout. One that wants to look again says when.
      visibilityTimeout: Duration.seconds(6 * sliceTimeout(WORK).toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: DELIVERIES },
    });

    const { userPoolId, userPoolArn } = props.userPool;
    const consumer = this.consumer = new HandlerFunction(this, 'Function', {
      handler: 'capture/hints/apply-hints',
      timeout: sliceTimeout(WORK),
      logRetention: props.logRetention,
      description: 'Asks Cognito about users that may have changed and writes what differs to the ledger',
      environment: {
        [ENV_LEDGER_TABLE]: props.ledgerTableName,
        [ENV_USER_POOL_ID]: userPoolId,
        [ENV_HINTS_QUEUE_URL]: this.queue.queueUrl,
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_QUOTA_SHARE]: String(QUOTA_SHARE / CONSUMERS),
        [ENV_SLICE_SECONDS]: String(WORK.toSeconds()),
        [ENV_HISTORY_DAYS]: String(props.historyRetention.toDays()),
        [ENV_IGNORED_ATTRIBUTES]: JSON.stringify(props.ignoredAttributes),
        ...props.recoveryPrincipals ? { [ENV_RECOVERY_PRINCIPALS]: Stack.of(this).toJsonString(props.recoveryPrincipals) } : {},
      },
    });
    consumer.addToRolePolicy(new PolicyStatement({ actions: [...APPLY_COGNITO_ACTIONS], resources: [userPoolArn] }));
    // Where a group has more members than one invocation has time for, another message goes on with them.
    consumer.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
    grantIncidentEvents(consumer);
    grantTable({
      grantee: consumer,
      stack: Stack.of(this),
      tableName: props.ledgerTableName,
      actions: LEDGER_APPLY_ACTIONS,
      indexes: [LEDGER.MEMBERSHIP_INDEX],
      keyArn: props.ledgerKeyArn,
    });
    consumer.addEventSource(new SqsEventSource(this.queue, {
      batchSize: 50,
      // What AWS asks for with batches above ten; a burst about one user folds into one look.
      maxBatchingWindow: Duration.seconds(1),
      maxConcurrency: CONSUMERS,
      reportBatchItemFailures: true,
    }));

    const targets = () => [new SqsQueue(this.queue, { deadLetterQueue: this.eventDeadLetterQueue })];
    new Rule(this, 'UserEvents', {
      description: 'Calls that change users and groups of the source user pool',
      eventPattern: userEventPattern(userPoolId),
      targets: targets(),
    });
    new Rule(this, 'ChallengeEvents', {
      description: 'Answers to challenges that change a user of the source user pool',
      eventPattern: challengeEventPattern(userPoolId),
      targets: targets(),
    });
    if (props.createTrail) new ManagementTrail(this, 'Trail', props.primaryRegion);
  }
}

/** A queue of that name in this stack, without a reference to the stack that makes it. */
export function queueByName(scope: Construct, id: string, stack: Stack, name: string): IQueue {
  return Queue.fromQueueArn(scope, id, stack.formatArn({ service: 'sqs', resource: name, arnFormat: ArnFormat.NO_RESOURCE_NAME }));
}
