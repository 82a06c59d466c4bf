import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { ReplicaMetrics } from './metrics';
import { Recovery } from './recovery/recovery';
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
  /** @internal */
  protected abstract readonly _recovery: Recovery | undefined;

  /**
   * Brings users and groups back in the source pool itself: plans, executes exactly a plan, takes an executed one back. Undefined with
   * `inPlaceRecovery: false`.
   *
   * @example
   * new CfnOutput(this, 'Recovery', { value: dr.recoveryStateMachine!.stateMachineArn });
   */
  public get recoveryStateMachine(): IStateMachine | undefined {
    return this._recovery?.stateMachine;
  }

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

  /**
   * Lets somebody start a recovery in place: make plans, execute them, and take them back. To execute one is to write the source pool.
   *
   * Throws with `inPlaceRecovery: false`.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantRecovery(operators);
   */
  public grantRecovery(grantee: IGrantable): Grant {
    return this.recovery('grantRecovery').stateMachine.grantStartExecution(grantee);
  }

  /**
   * Lets the source pool's PreTokenGeneration function, say, read which `sub` a user who was brought back had first, in the item of the copy's table
   * with the keys `pk`, `<user pool id>#R#<first two characters of the sub>`, and `sk`, the `sub`, as `firstSub`. Nothing else may be read.
   *
   * Throws with `inPlaceRecovery: false`.
   *
   * @param grantee a function, or its role, in the source pool's Region
   *
   * @example
   * dr.grantReadRecoveredSubs(preTokenGeneration);
   */
  public grantReadRecoveredSubs(grantee: IGrantable): Grant {
    return this.recovery('grantReadRecoveredSubs').grantRead(grantee);
  }

  private recovery(caller: string): Recovery {
    if (this._recovery) return this._recovery;
    throw new Error(`${this.node.path}: ${caller} was called, but there is no recovery in place: leave inPlaceRecovery out, or give true`);
  }
}
