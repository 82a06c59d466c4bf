import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** The default bus of the source pool's Region: rules of anybody who wants to know are there. */
export function grantIncidentEvents(grantee: LambdaFunction): void {
  const bus = Stack.of(grantee).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
  grantee.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] }));
}
