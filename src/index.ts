export { CognitoDrReplica } from './cognito-dr-replica';
export { Standby, type CognitoDrReplicaProps, type RequestQuotas, type StandbyOptions, type WarmStandbyOptions } from './options';
