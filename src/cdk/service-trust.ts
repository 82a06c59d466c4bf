import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { InlinePolicyRole } from './inline-policy-role';

/**
 * For what each service says that it takes on a role (`aws:SourceArn`): Step Functions and EventBridge for a state machine or a rule, which both name
 * the role and so cannot be named by it; EventBridge Scheduler for the group of a schedule, never for the schedule. Lambda says nothing of that kind.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
 */
const SOURCES = {
  states: { resource: 'stateMachine', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  events: { resource: 'rule', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
  scheduler: { resource: 'schedule-group', resourceName: 'default', arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
};

/** A role that a service takes on for resources of this account and Region alone: nobody else's can make it a confused deputy. */
export function serviceRole(scope: Construct, id: string, service: keyof typeof SOURCES, description: string): Role {
  const stack = Stack.of(scope);
  return new InlinePolicyRole(scope, id, {
    description,
    assumedBy: new ServicePrincipal(`${service}.amazonaws.com`, {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn({ service, ...SOURCES[service] }) },
      },
    }),
  });
}
