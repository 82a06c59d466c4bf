import { defineBackend } from '@aws-amplify/backend';
import { CognitoDrReplica } from 'cognito-dr-replica';
import { auth } from './auth/resource.js';

const backend = defineBackend({ auth });

// The check of this app synthesises it without the line as well: it may change nothing else.
if (!process.env.WITHOUT_DR) {
  // Amplify deploys to the Region of whoever deploys, which the stack does not say.
  new CognitoDrReplica(backend.createStack('dr'), 'Dr', {
    userPool: backend.auth.resources.userPool,
    primaryRegion: 'us-east-1',
    replicaRegion: 'us-west-2',
  });
}
