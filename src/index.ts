export { CognitoDrReplica } from './cognito-dr-replica';
export { PoolDefinition } from './pool-definition';
export { Standby, type CognitoDrReplicaProps, type RequestQuotas, type StandbyOptions, type WarmStandbyOptions } from './options';
