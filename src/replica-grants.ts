import { Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { grantStart } from './cdk/grants';
import { uniqueName } from './cdk/names';
import { ReplicaMetrics } from './metrics';
import { recoveryTableName, stateTableNameOf } from './operations/deployment';
import { grantForgetTo, grantReadTo, grantStatusTo, grantStopTo, Operated } from './operator-grants';
import { CognitoDrReplicaProps } from './options';
import { Recovery } from './recovery/recovery';
import { Rehearsals } from './replica-drills';
import { primaryOf } from './replica-stack';
import { StandbyParts } from './standby/standby';
import { tableKeys } from './validate';

/**
 * What `CognitoDrReplica` lets others start: a hidden base class, whose members jsii shows as that class's own.
 * @internal
 */
export abstract class ReplicaGrants extends ReplicaMetrics {
  /** The stack in the replica Region. */
  public abstract readonly replicaStack: Stack;
  /** The standby pool. */
  public abstract readonly standbyUserPool?: IUserPool;
  /** Restores users and groups from the copy into the standby user pool, or into one of `restoreTargets`. */
  public abstract readonly restoreStateMachine: IStateMachine;
  /** @internal */
  protected abstract readonly _standby: StandbyParts;
  /** @internal */
  protected abstract readonly _recovery: Recovery | undefined;
  /** @internal */
  protected abstract readonly _rehearsals: Rehearsals;

  constructor(scope: Construct, id: string, private readonly given: CognitoDrReplicaProps) {
    super(scope, id);
  }

  /**
   * Rehearses the restore. Undefined without `drill`.
   *
   * @example
   * new CfnOutput(dr.replicaStack, 'Drills', { value: dr.drillStateMachine!.stateMachineArn });
   */
  public get drillStateMachine(): IStateMachine | undefined {
    return this._rehearsals.drills?.stateMachine;
  }

  /**
   * Keeps the reports of drills, in the replica Region: `reports/` is the chain, `pages/` the same for people, `subs/` who differs, if wanted.
   * It stays when the stack goes. Undefined without `drill`.
   *
   * @example
   * dr.evidenceBucket!.grantRead(auditors, 'reports/*');
   */
  public get evidenceBucket(): IBucket | undefined {
    return this._rehearsals.drills?.evidenceBucket;
  }

  /**
   * Starts a restore or a drill for a step of an ARC Region switch plan, whose role has to be allowed to invoke it. Undefined without `regionSwitch`.
   *
   * @example
   * dr.regionSwitchFunction!.grantInvoke(planRole);
   */
  public get regionSwitchFunction(): IFunction | undefined {
    return this._rehearsals.regionSwitch?.lambdaFunction;
  }

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
    return grantStart(this.restoreStateMachine, this.replicaStack.region, grantee);
  }

  /**
   * Lets somebody start a drill, which restores into a pool that it makes and removes, and touches no other.
   *
   * Throws without `drill`.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantStartDrill(operators);
   */
  public grantStartDrill(grantee: IGrantable): Grant {
    const { drills } = this._rehearsals;
    if (drills) return grantStart(drills.stateMachine, this.replicaStack.region, grantee);
    throw new Error(`${this.node.path}: grantStartDrill was called, but there are no drills: give drill: Drill.schedule()`);
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
    return grantStart(stateMachine, this.replicaStack.region, grantee);
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
    return grantStart(this.recovery('grantRecovery').stateMachine, this._metricSource.primary, grantee);
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

  /**
   * Lets somebody ask how good the copy is with the command line: `status`, `doctor`, and the lists of incidents, executions, drills and counts. No
   * row of a user can be read, and no secret of an app client.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantStatus(operators);
   */
  public grantStatus(grantee: IGrantable): Grant {
    return grantStatusTo(this.operated(), grantee);
  }

  /**
   * Lets somebody read the copy with the command line: `grantStatus`, and the commands that show people, such as `show`, `list users`, `diff` and
   * `export`. To read the copy is to read everybody.
   *
   * `diff --settings` against a pool also calls `cognito-idp:DescribeUserPoolClient` and `DescribeIdentityProvider`. Their answers have secrets, and
   * this does not give them: allow them in a policy of your own.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantRead(operators);
   */
  public grantRead(grantee: IGrantable): Grant {
    return grantReadTo(this.operated(), grantee);
  }

  /**
   * Lets somebody do everything with the command line but `forget`: `grantRead`, `grantStartRestore`, `grantRecovery`, `grantSwitch` and
   * `grantStartDrill`, as far as there are a recovery, a switch and drills, and stopping what runs. What became of each user of a restore or a
   * recovery can be read, too.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantOperate(operators);
   */
  public grantOperate(grantee: IGrantable): Grant {
    const operated = this.operated();
    const grant = grantReadTo(operated, grantee);
    this.grantStartRestore(grantee);
    if (this._recovery) this.grantRecovery(grantee);
    if (this._standby.switch) this.grantSwitch(grantee);
    if (this._rehearsals.drills) this.grantStartDrill(grantee);
    grantStopTo(operated, grantee);
    return grant;
  }

  /**
   * Lets somebody delete every trace of one person with the command line: `forget`. Nothing brings it back but a backup.
   *
   * **WARNING** This is the strongest grant. A trace may be in any item of any table, so it reads everybody, and changes and deletes any item of the
   * ledger, of the state table and of the tables of recoveries and drills: by these, its holder can open the standby and be anybody there, and change
   * a plan before somebody executes it. Give it to a role of its own.
   *
   * @param grantee a role or user, of a stack in either Region
   *
   * @example
   * dr.grantForget(operators);
   */
  public grantForget(grantee: IGrantable): Grant {
    return grantForgetTo(this.operated(), grantee);
  }

  private operated(): Operated {
    const { node: { path }, given, replicaStack, standbyUserPool, _metricSource: { ledgerTableName, primary } } = this;
    const named = (what: string) => uniqueName(this, what, 80, primary);
    const stateTableName = stateTableNameOf(ledgerTableName);
    const replica = replicaStack.region;
    const recovery = this._recovery && recoveryTableName(ledgerTableName);
    const { drills } = this._rehearsals;
    return {
      scope: this,
      primaryRegion: primary,
      replicaStack,
      ledgerTableName,
      stateTableName,
      recoveryTableName: recovery,
      drillTableName: drills?.tableName,
      evidenceBucket: drills?.evidenceBucket,
      hintsQueueName: named('hints'),
      tables: [
        [primary, ledgerTableName], [replica, ledgerTableName], [replica, stateTableName],
        ...recovery === undefined ? [] : [[primary, recovery] as const],
        ...drills ? [[replica, drills.tableName] as const] : [],
      ],
      keys: tableKeys(path, given, primaryOf(this, given), replicaStack),
      sourcePool: given.userPool,
      standbyPool: standbyUserPool,
      machines: [
        [primary, named('sweep')], [replica, named('restore')],
        ...this._recovery ? [[primary, named('recovery')] as const] : [],
        ...this._standby.switch ? [[replica, named('switch')] as const] : [],
        ...drills ? [[replica, named('drill')] as const] : [],
      ],
    };
  }

  private recovery(caller: string): Recovery {
    if (this._recovery) return this._recovery;
    throw new Error(`${this.node.path}: ${caller} was called, but there is no recovery in place: leave inPlaceRecovery out, or give true`);
  }
}
