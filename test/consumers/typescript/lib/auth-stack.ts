import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { CognitoDrReplica } from 'cognito-dr-replica';
import { Construct } from 'constructs';

export class AuthStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const userPool = new UserPool(this, 'Users', { signInAliases: { email: true }, selfSignUpEnabled: true });
    const web = userPool.addClient('Web', { authFlows: { userSrp: true }, preventUserExistenceErrors: true });

    new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2' });

    new CfnOutput(this, 'UserPoolId', { value: userPool.userPoolId });
    new CfnOutput(this, 'WebClientId', { value: web.userPoolClientId });
  }
}
