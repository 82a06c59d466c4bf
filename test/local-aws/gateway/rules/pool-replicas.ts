import { Part } from '../part';
import { AwsAnswer, AwsRequest, jsonAnswer } from '../request';

/**
 * Pools here have no replicas of Cognito's own.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolReplicas.html
 */
export class PoolReplicaRules implements Part {
  public readonly name = 'rules/pool-replicas';
  public readonly standIn = 'says that Cognito itself replicates no pool';

  public before({ service, operation }: AwsRequest): AwsAnswer | void {
    return service === 'cognito-idp' && operation === 'ListUserPoolReplicas' ? jsonAnswer(200, { UserPoolReplicas: [] }) : undefined;
  }
}
