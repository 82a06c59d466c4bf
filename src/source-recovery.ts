import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CognitoDrReplicaProps } from './options';
import { Recovery, RecoveryProps } from './recovery/recovery';
import { groupRoleArns, quotasByCategory, validNumbers } from './validate';

type Made = 'userPool' | 'groupRoles' | 'quotas' | 'sliceDuration' | 'historyRetention';

/** Recovery in place, beside the source pool; undefined where nobody wants the right to write it. */
export function sourceRecovery(scope: Construct, props: CognitoDrReplicaProps, settings: Omit<RecoveryProps, Made>): Recovery | undefined {
  if (props.inPlaceRecovery === false) return undefined;
  const { path } = scope.node;
  const { sliceDuration, historyRetention } = validNumbers(path, props);
  return new Recovery(scope, 'Recovery', {
    ...settings,
    userPool: props.userPool,
    groupRoles: groupRoleArns(path, 'sourceGroupRoles', props, Stack.of(scope)),
    quotas: quotasByCategory(path, 'sweepQuotas', props.sweepQuotas),
    sliceDuration,
    historyRetention,
  });
}
