import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { RecoveryAlarms } from './recovery-alarms';
import { RecoveryWorkflow, RecoveryWorkflowProps } from './recovery-workflow';
import { createLast } from '../cdk/created-last';
import { HandlerFunction } from '../cdk/handler-function';
import { recoveryTableName } from '../operations/deployment';
import { StateTable } from '../state/state-table';

export interface RecoveryProps extends Omit<RecoveryWorkflowProps, 'recoveryTableName'> {
  readonly encryption?: TableEncryptionV2;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly topics: readonly ITopic[];
}

/**
 * Recovery in place, in the source pool's Region. Its plans and what it replaced are in a table of its own, as the state table is in the replica
 * Region: they hold users' values, which nobody needs in a second Region, and the ledger, which a recovery restores from, stays one that it cannot
 * write.
 */
export class Recovery extends Construct {
  public readonly stateMachine: StateMachine;
  public readonly tableName: string;
  /** Does the work, slice by slice. */
  public readonly slice: HandlerFunction;
  /** The role that writes the pool: what it changes is no incident. */
  public readonly principalArn: string;
  public readonly alarms: readonly Alarm[];
  private readonly workflow: RecoveryWorkflow;

  constructor(scope: Construct, id: string, { encryption, removalPolicy, deletionProtection, topics, ...props }: RecoveryProps) {
    super(scope, id);
    const tableName = this.tableName = recoveryTableName(props.ledgerTableName);
    const { ledgerKeyArn } = props;
    const { table } = new StateTable(this, 'Plans', {
      tableName, removalPolicy, deletionProtection, encryption: ledgerKeyArn === undefined ? encryption : undefined,
    });
    const resource = table.node.defaultChild as CfnResource;
    if (ledgerKeyArn !== undefined) encryptWith(resource, ledgerKeyArn);
    // A deployment that fails leaves no table behind whose name the next one would find taken.
    createLast(scope, [resource]);
    this.workflow = new RecoveryWorkflow(this, 'Workflow', { ...props, recoveryTableName: tableName });
    this.stateMachine = this.workflow.stateMachine;
    this.slice = this.workflow.slice;
    this.principalArn = this.workflow.principalArn;
    const { ledgerTableName } = props;
    this.alarms = new RecoveryAlarms(this, 'RecoveryAlarms', { ledgerTableName, topics, stateMachine: this.stateMachine }).alarms;
  }

  /** Lets somebody read which `sub` a user who came back had before. */
  public grantRead(grantee: IGrantable): Grant {
    return this.workflow.grantRead(grantee);
  }
}

/** With the key that the ledger has in this Region. The CDK refuses to render one in a stack that leaves its Region open. */
function encryptWith(table: CfnResource, keyArn: string): void {
  table.addPropertyOverride('SSESpecification', { SSEEnabled: true, SSEType: 'KMS' });
  table.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: keyArn });
}
