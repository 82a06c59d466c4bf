import { Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

/** What an application needs to know to work with a pool. */
export interface PoolEndpoint {
  readonly issuer: string;
  readonly jwksUri: string;
}

/** Of a pool of this stack's Region. */
export function endpointOf(stack: Stack, { userPoolId }: IUserPool): PoolEndpoint {
  const issuer = `https://cognito-idp.${stack.region}.${stack.urlSuffix}/${userPoolId}`;
  return { issuer, jwksUri: `${issuer}/.well-known/jwks.json` };
}

/** What applications read when they switch, in the replica Region: the other one may be unreadable by then. */
export class SwitchParameters extends Construct {
  constructor(scope: Construct, id: string, private readonly prefix: string, userPool: IUserPool) {
    super(scope, id);
    const { issuer, jwksUri } = endpointOf(Stack.of(this), userPool);
    this.add('UserPoolId', 'user-pool-id', userPool.userPoolId, 'Standby user pool');
    this.add('Issuer', 'issuer', issuer, 'Issuer of the standby user pool\'s tokens');
    this.add('JwksUri', 'jwks-uri', jwksUri, 'Where the keys are that sign the standby user pool\'s tokens');
  }

  public addClient(name: string, clientId: string): void {
    this.add(`Client-${name}`, `client-id/${name}`, clientId, `App client of the standby user pool that mirrors ${name}`);
  }

  private add(id: string, name: string, stringValue: string, description: string): void {
    new StringParameter(this, id, { parameterName: `${this.prefix}/${name}`, stringValue, description });
  }
}
