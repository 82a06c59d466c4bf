import { Flavor } from '../runtime/flavor';

export type UserPoolId = Flavor<string, 'UserPoolId'>;

/** `sub` of a user in the pool that is copied. */
export type SourceSub = Flavor<string, 'SourceSub'>;

/** `sub` of a user in the pool that users are brought into. */
export type TargetSub = Flavor<string, 'TargetSub'>;

/** `sub` that the person had in the very first pool; applications know it, and `custom:source_sub` carries it from pool to pool. */
export type FirstSub = Flavor<string, 'FirstSub'>;
