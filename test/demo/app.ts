import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { StringAttribute, UserPool } from 'aws-cdk-lib/aws-cognito';
import { QUOTA_SCALE } from './quota-scale';
import { CognitoDrReplica, RequestQuotas } from '../../src';
import { LocalAws } from '../local-aws/local-aws';


/** Cognito's default quotas, as many times faster as the local AWS allows them here. */
const quotas = (rates: RequestQuotas): RequestQuotas => Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate * QUOTA_SCALE]));

const app = new App();
const stack = new Stack(app, 'Demo', { env: { account: LocalAws.ACCOUNT, region: 'us-east-1' } });

const userPool = new UserPool(stack, 'Users', {
  signInAliases: { email: true },
  selfSignUpEnabled: true,
  customAttributes: { tenant: new StringAttribute({ mutable: false }), note: new StringAttribute({ mutable: true }) },
  removalPolicy: RemovalPolicy.DESTROY,
});
const client = userPool.addClient('App', { authFlows: { userPassword: true, adminUserPassword: true } });

const dr = new CognitoDrReplica(stack, 'Dr', {
  userPool,
  replicaRegion: 'us-west-2',
  restoreQuotas: quotas({ userCreation: 50, userAccountRecovery: 30, userRead: 120, userUpdate: 25, userResourceRead: 50, userList: 30 }),
  sweepQuotas: quotas({ userList: 30, userRead: 120, userResourceRead: 50 }),
});

new CfnOutput(stack, 'UserPoolId', { value: userPool.userPoolId });
new CfnOutput(stack, 'HintsQueue', { value: dr.captureHintsQueue.queueName });
new CfnOutput(stack, 'ClientId', { value: client.userPoolClientId });
new CfnOutput(dr.replicaStack, 'StandbyClientId', { value: dr.standbyClient(client).userPoolClientId });
