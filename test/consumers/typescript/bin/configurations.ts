import { App } from 'aws-cdk-lib';
import { AuthStack } from '../lib/auth-stack';
import { encrypted, importedPool, ownReplicaStack, warmStandby } from '../lib/configurations';

const app = new App();
const env = { account: '111122223333', region: 'us-east-1' };
new AuthStack(app, 'AuthStack', { env });
importedPool(app, env);
ownReplicaStack(app, env);
warmStandby(app, env);
encrypted(app, env);
