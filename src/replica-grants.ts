import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { ReplicaMetrics } from './metrics';
import { StandbyParts } from './standby/standby';

/**
 * What `CognitoDrReplica` lets others start: a hidden base class, whose members jsii shows as that class's own.
 * @internal
 */
export abstract class ReplicaGrants extends ReplicaMetrics {
  /** Restores users and groups from the copy into the standby user pool, or into one of `restoreTargets`. */
  public abstract readonly restoreStateMachine: IStateMachine;
  /** @internal */
  protected abstract readonly _standby: StandbyParts;

  /**
   * Opens and closes the standby pool, which is closed until it is opened. Undefined with `Standby.none()`, and where no triggers can be attached to
   * the pool.
   *
   * @example
   * new CfnOutput(dr.replicaStack, 'Switch', { value: dr.standbySwitchStateMachine!.stateMachineArn });
   */
  public get standbySwitchStateMachine(): IStateMachine | undefined {
    return this._standby.switch;
  }

  /**
   * Lets somebody start a restore, which fills the standby pool or one of `restoreTargets`.
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantStartRestore(operators);
   */
  public grantStartRestore(grantee: IGrantable): Grant {
    return this.restoreStateMachine.grantStartExecution(grantee);
  }

  /**
   * Lets somebody open and close the standby pool. To open it is to let everybody in whom the copy lets in: give it to those who declare an outage.
   *
   * Throws when there is no switch: with `Standby.none()`, and where no triggers can be attached to the pool.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantSwitch(operators);
   */
  public grantSwitch(grantee: IGrantable): Grant {
    const stateMachine = this._standby.switch;
    if (!stateMachine) {
      throw new Error(`${this.node.path}: grantSwitch was called, but the standby has no switch: only a standby pool of the replica stack has one, `
        + 'which Standby.onDemand() and Standby.warm() make');
    }
    return stateMachine.grantStartExecution(grantee);
  }
}
