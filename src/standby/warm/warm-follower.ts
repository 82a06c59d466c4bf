import { Duration, Stack } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { grantTable, passGroupRoles } from '../../cdk/grants';
import { HandlerFunction } from '../../cdk/handler-function';
import { deadLetterQueue } from '../../cdk/queues';
import { serviceRole } from '../../cdk/service-trust';
import { sliceTimeout } from '../../cdk/slice-task';
import { LEDGER, LEDGER_LOOK_UP_ACTIONS, LOOK_UP_INDEXES } from '../../ledger/constants';
import { followLedger } from '../../ledger/ledger-stream';
import {
  ENV_DELETION_GRACE_SECONDS, ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_LINK_ATTRIBUTES, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SET_ASIDE_QUEUE_URL,
  ENV_SOURCE_SUB_PROVES,
  ENV_STATE_TABLE, ENV_STANDBY_USER_POOL_ID,
} from '../../runtime/environment';
import { WARM_TABLE_ACTIONS } from '../../state/constants';
import { DELETION_COGNITO_ACTIONS, WARM_COGNITO_ACTIONS } from '../constants';
import { StandbyFunctionProps } from '../standby-function-props';

export interface WarmFollowerProps extends StandbyFunctionProps {
  /** The ledger as its owner has it: only there the ARN of its stream is known. */
  readonly ledgerTable: TableV2;
  /** `true` or `false`, as at the end of synthesis: whether `custom:source_sub` says who a user of the standby is. */
  readonly sourceSubProves: string;
  readonly deletionGracePeriod: Duration;
  readonly quotaShare: number;
  /** Fills the pool, and finds what a stream lost. */
  readonly restore: IStateMachine;
}

/** An invocation applies at most this many changes, a few calls each, at Cognito's pace. */
const BATCH = 50;
/** Lambda repeats a batch that failed; four hours are longer than a hiccup of Cognito, and the stream keeps a day. */
const MAX_AGE = Duration.hours(4);
const RETRIES = 100;

/** Keeps the standby pool as the ledger says: follows the table's stream, deletes after a grace period, and restores once a day. */
export class WarmFollower extends Construct {
  /** Changes that could not be applied: those of one user, by `sub`, or batches that Lambda gave up. */
  public readonly setAsideQueue: Queue;
  /** Applies changes, in the order of the stream. */
  public readonly changes: IFunction;
  /** Deletes users and groups whose grace period is over, once an hour. */
  public readonly deletions: IFunction;

  constructor(scope: Construct, id: string, props: WarmFollowerProps) {
    super(scope, id);
    this.setAsideQueue = deadLetterQueue(this, 'SetAside');
    const environment = {
      [ENV_LEDGER_TABLE]: props.ledgerTableName,
      [ENV_STATE_TABLE]: props.stateTableName,
      [ENV_STANDBY_USER_POOL_ID]: props.userPool.userPoolId,
      [ENV_SET_ASIDE_QUEUE_URL]: this.setAsideQueue.queueUrl,
      [ENV_GROUP_ROLES]: Stack.of(this).toJsonString(props.groupRoles),
      [ENV_LINK_ATTRIBUTES]: JSON.stringify(props.linkAttributes),
      [ENV_QUOTAS]: JSON.stringify(props.quotas),
      [ENV_QUOTA_SHARE]: String(props.quotaShare),
      [ENV_SOURCE_SUB_PROVES]: props.sourceSubProves,
      [ENV_DELETION_GRACE_SECONDS]: String(props.deletionGracePeriod.toSeconds()),
    };
    const changes = new HandlerFunction(this, 'ApplyChange', {
      handler: 'standby/warm/apply-change',
      timeout: sliceTimeout(Duration.minutes(4)),
      logRetention: props.logRetention,
      description: 'Brings users of the standby pool to what the ledger says',
      environment,
    });
    followLedger(this, changes, {
      ledgerTable: props.ledgerTable,
      batchSize: BATCH,
      retryAttempts: RETRIES,
      maxRecordAge: MAX_AGE,
      givenUp: this.setAsideQueue,
      // The sign that every sweep gives, at its end as at its beginning: that nothing at all comes is then no rest of a quiet pool, but a mapping
      // that is disabled or a table that does not replicate.
      alsoWithNumber: 'sweptAt',
    });
    this.changes = changes;
    const deletions = this.deletions = new HandlerFunction(this, 'ApplyDeletions', {
      handler: 'standby/warm/apply-deletions',
      isAsynchronous: true,
      timeout: sliceTimeout(Duration.minutes(14)),
      logRetention: props.logRetention,
      description: 'Deletes users of the standby pool whose grace period is over',
      environment,
    });
    // Without an input of its own a target gets the clock's event, which the restore refuses as it refuses any field that it does not know.
    new Rule(this, 'Deletions', {
      description: 'Deletes users of the standby pool whose grace period is over',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaTarget(deletions, { event: RuleTargetInput.fromObject({}) })],
    });
    new Rule(this, 'Fill', {
      description: 'Brings the standby pool into line with what the stream did not bring',
      schedule: Schedule.rate(Duration.days(1)),
      // What a stream lost may also be that somebody left a group, or the pool.
      targets: [new SfnStateMachine(props.restore, {
        input: RuleTargetInput.fromObject({ quotaShare: props.quotaShare, removeGiven: true, scheduled: true }),
        role: serviceRole(this, 'FillRole', 'events', 'Lets the rule start a restore'),
      })],
    });

    this.grant(changes, props, WARM_COGNITO_ACTIONS, []);
    this.grant(deletions, props, DELETION_COGNITO_ACTIONS, Object.values(LOOK_UP_INDEXES).map(({ index }) => index));
  }

  private grant(grantee: LambdaFunction, props: WarmFollowerProps, actions: readonly string[], nameIndexes: readonly string[]): void {
    const stack = Stack.of(this);
    grantee.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [props.userPool.userPoolArn] }));
    grantee.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.setAsideQueue.queueArn] }));
    passGroupRoles(props.groupRoles).forEach(statement => grantee.addToRolePolicy(statement));
    grantTable({
      grantee,
      stack,
      tableName: props.ledgerTableName,
      actions: LEDGER_LOOK_UP_ACTIONS,
      indexes: [...nameIndexes, LEDGER.MEMBERSHIP_INDEX],
      keyArn: props.tableKeyArn,
    });
    grantTable({ grantee, stack, tableName: props.stateTableName, actions: WARM_TABLE_ACTIONS });
  }
}
