import { App } from 'aws-cdk-lib';
import { encrypted, importedPool, ownReplicaStack, warmStandby } from '../lib/configurations';

const app = new App();
const env = { account: '111122223333', region: 'us-east-1' };
importedPool(app, env);
ownReplicaStack(app, env);
warmStandby(app, env);
encrypted(app, env);
