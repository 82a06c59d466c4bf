import { createHash } from 'crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** The stack that is deployed by itself and holds `scope`, directly or in nested stacks. */
export function topLevelStackOf(scope: Construct): Stack {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) {
    stack = stack.nestedStackParent;
  }
  return stack;
}

/**
 * A concrete name for something in the replica Region or in both. It tells apart: constructs, deployments of one app under several stack
 * names, and stacks of one name in several Regions, all of which may share an account and a replica Region.
 *
 * @param region of the source pool, where its stack does not say it
 */
export function uniqueName(scope: Construct, what: string, maxLength: number, region = topLevelStackOf(scope).region): string {
  const primary = topLevelStackOf(scope);
  if (Token.isUnresolved(region)) throw new Error(`${scope.node.path}: a concrete name was asked for where the Region has none`);
  const path = scope.node.scopes.slice(primary.node.scopes.length).map(part => part.node.id);
  const name = [primary.stackName, ...path, region].join('-').replace(/[^A-Za-z0-9-]+/g, '-');
  const suffix = `-${what}`;
  if (name.length + suffix.length <= maxLength) {
    return name + suffix;
  }
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maxLength - suffix.length - 1 - hash.length)}-${hash}${suffix}`;
}

/** Whether two accounts or Regions are known to be different: what only CloudFormation knows may be either. */
export function differ(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}

/** What was given, for a message: a token has no value yet at synthesis. */
export function describe(value: unknown): string {
  return Token.isUnresolved(value) ? 'not known at synthesis' : typeof value === 'string' ? `'${value}'` : String(value);
}
