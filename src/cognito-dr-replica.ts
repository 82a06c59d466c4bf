import { Construct } from 'constructs';

/** Keeps a copy of a user pool in a second Region. */
export class CognitoDrReplica extends Construct {
}
