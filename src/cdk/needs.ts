import { CfnResource, Stack } from 'aws-cdk-lib';
import { referencesOf } from './references';

/** What a resource needs of its own stack: what it refers to, and what it was told to wait for. */
export function needsOf(resource: CfnResource): CfnResource[] {
  return [...referencesOf(resource), ...resource.obtainDependencies()].filter(CfnResource.isCfnResource)
    .filter(each => Stack.of(each) === Stack.of(resource));
}
