import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { needsOf } from './needs';

export interface CreatedLastOptions {
  /**
   * Whether what a clock of `scope` starts reads one of them: a schedule may fire as soon as it is there, and is created after them. No reference
   * says so, as their names are literals.
   */
  readonly areReadByTheClock?: boolean;
}

/**
 * Lets a stack create these resources after all others of `scope`, one after the other, but for what needs them. A deployment that fails then fails
 * before they are there: they keep a fixed name when they are rolled back, and the next deployment would find it taken.
 *
 * It acts when the app is validated: by then every Aspect has had its say, and every dependency between constructs is one between resources. A
 * dependency that came later could close a circle.
 */
export function createLast(scope: Construct, resources: readonly CfnResource[], options: CreatedLastOptions = {}): void {
  scope.node.addValidation({
    validate: () => {
      order(scope, resources, options);
      return [];
    },
  });
}

function order(scope: Construct, last: readonly CfnResource[], { areReadByTheClock = false }: CreatedLastOptions): void {
  const ours = scope.node.findAll().filter(CfnResource.isCfnResource).filter(resource => Stack.of(resource) === Stack.of(scope));
  const needs = allNeeds(ours);
  const wanted = neededBy(needs, last);
  const clocks = areReadByTheClock ? ours.filter(resource => firesByTime(resource) && !wanted.has(resource)) : [];
  const needing = closure(needs, [...last, ...clocks]);
  const before = ours.filter(resource => !needing.has(resource));
  const needed = new Set(before.flatMap(resource => [...needs.get(resource)!]));
  // What another one of them needs is there before that one.
  const ends = before.filter(resource => !needed.has(resource));
  ends.forEach(resource => last[0].addResourceDependency(resource));
  last.slice(1).forEach((resource, index) => resource.addResourceDependency(last[index]));
  clocks.forEach(clock => clock.addResourceDependency(last[last.length - 1]));
}

/** What each resource needs of its stack, and what that needs: the rest of the application, which may be large, is not rendered for it. */
function allNeeds(resources: readonly CfnResource[]): Map<CfnResource, ReadonlySet<CfnResource>> {
  const needs = new Map<CfnResource, ReadonlySet<CfnResource>>();
  // Grows while it is walked.
  const queue = [...resources];
  for (const resource of queue) {
    if (needs.has(resource)) continue;
    const needed = needsOf(resource);
    needs.set(resource, new Set(needed));
    queue.push(...needed);
  }
  return needs;
}

/** Whatever the resources need, directly or by others. */
function neededBy(needs: ReadonlyMap<CfnResource, ReadonlySet<CfnResource>>, resources: readonly CfnResource[]): Set<CfnResource> {
  const found = new Set(resources.flatMap(resource => [...needs.get(resource)!]));
  // Grows while it is walked.
  for (const resource of found) needs.get(resource)!.forEach(each => found.add(each));
  return found;
}

/** A rule may wait for events instead. */
function firesByTime(resource: CfnResource): boolean {
  return CfnSchedule.isCfnSchedule(resource) || (CfnRule.isCfnRule(resource) && resource.scheduleExpression !== undefined);
}

/** The resources, and whatever needs one of them, directly or by others. */
function closure(needs: ReadonlyMap<CfnResource, ReadonlySet<CfnResource>>, last: readonly CfnResource[]): Set<CfnResource> {
  const found = new Set(last);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    needs.forEach((needed, resource) => {
      if ([...needed].some(each => found.has(each))) found.add(resource);
    });
  }
  return found;
}
