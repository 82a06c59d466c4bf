import { readFileSync } from 'fs';
import { CfnResource } from 'aws-cdk-lib';
import { definitionDigest, readPoolDefinition } from './operations/pool-definition';
import { resourcesOfDescribed } from './standby/mirror/described-pool';

/**
 * The settings of a user pool that no construct of the app defines: made by hand, by Terraform or Amplify, or by another app. From them the standby
 * pool is made that pools of the app get by themselves.
 *
 * `npx cognito-dr-replica pool-definition <user pool id> --out pool.json` writes the file, without secrets; write it again when the pool changes.
 * `npx cognito-dr-replica doctor` says when it is behind.
 *
 * @example
 * new CognitoDrReplica(this, 'Dr', {
 *   userPool: UserPool.fromUserPoolId(this, 'Users', 'us-east-1_AbCdEfGhI'),
 *   replicaRegion: 'us-west-2',
 *   standby: Standby.onDemand({ definition: PoolDefinition.fromFile('pool.json') }),
 * });
 */
export class PoolDefinition {
  /**
   * The settings in a file.
   *
   * Throws when there is no such file, and when it is no definition of a user pool.
   *
   * @param path the file, from the directory in which the app is synthesized
   *
   * @example
   * Standby.warm({ definition: PoolDefinition.fromFile('pool.json') });
   */
  public static fromFile(path: string): PoolDefinition {
    try {
      const definition = readPoolDefinition(readFileSync(path, 'utf8'));
      return new PoolDefinition(definition.userPoolId, resourcesOfDescribed(definition), definitionDigest(definition.parts));
    } catch (error) {
      throw new Error(`PoolDefinition.fromFile got '${path}': ${(error as Error).message}`);
    }
  }

  private constructor(
    /** @internal */
    public readonly _userPoolId: string,
    /** @internal */
    public readonly _source: CfnResource,
    /** @internal */
    public readonly _digest: string,
  ) {}
}
