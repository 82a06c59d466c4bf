export { CognitoDrReplica } from './cognito-dr-replica';
export { PoolDefinition } from './pool-definition';
export {
  Drill, Standby, type CognitoDrReplicaProps, type DrillScheduleOptions, type RequestQuotas, type StandbyOptions, type WarmStandbyOptions,
} from './options';
