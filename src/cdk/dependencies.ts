import { CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { needsOf } from './needs';

/** One resource that was told to wait for another. */
interface Wait {
  readonly waiting: CfnResource;
  readonly awaited: CfnResource;
}

/** Constructs of a Stage that have a stack in themselves. */
const LINES = new WeakMap<IConstruct, IConstruct[]>();

/**
 * Mends what the CDK makes of `node.addDependency` on, or of, a construct that has a stack in itself, or of one around it: every resource of the one
 * would wait for every resource of the other, those of the inner stack included. CloudFormation refuses a template that names what is in another
 * one; the order of the stacks is said already.
 *
 * Nor can what a pool calls wait for the pool: of waiting that goes in a circle through `line`, what no order can keep is left out.
 *
 * It acts when the app is validated, before any other: by then every dependency between constructs is one between resources.
 */
export function mendDependencies(line: IConstruct): void {
  const stage = Stage.of(line) ?? line.node.root;
  const lines = LINES.get(stage);
  if (lines) {
    lines.push(line);
    return;
  }
  const all = [line];
  LINES.set(stage, all);
  stage.node.addValidation({
    validate: () => {
      mend(stage, all);
      return [];
    },
  });
}

function mend(stage: IConstruct, lines: readonly IConstruct[]): void {
  const ours = new Set(lines.flatMap(line => line.node.findAll()));
  const outward: Wait[] = [];
  const inward: Wait[] = [];
  for (const waiting of stage.node.findAll()) {
    if (!CfnResource.isCfnResource(waiting)) continue;
    for (const awaited of waiting._directResourceDependencies()) {
      const wait = { waiting, awaited };
      if (Stack.of(waiting) !== Stack.of(awaited)) waiting._removeResourceDependency(awaited);
      else if (ours.has(waiting) && !ours.has(awaited)) outward.push(wait);
      else if (!ours.has(waiting) && ours.has(awaited)) inward.push(wait);
    }
  }
  // First what the line waits for: its trigger may stay what the pool waits for.
  for (const waits of [outward, inward]) circular(waits).forEach(({ waiting, awaited }) => waiting._removeResourceDependency(awaited));
}

/** Those that are part of a circle, whatever else is. */
function circular(waits: readonly Wait[]): Wait[] {
  const circles = circlesAmong(waits.map(({ awaited }) => awaited));
  return waits.filter(({ waiting, awaited }) => circles.get(waiting) !== undefined && circles.get(waiting) === circles.get(awaited));
}

/**
 * For each of these resources, and for all that they need, a number: equal for two that need each other, directly or by others.
 * @see https://en.wikipedia.org/wiki/Tarjan%27s_strongly_connected_components_algorithm
 */
function circlesAmong(roots: readonly CfnResource[]): Map<CfnResource, number> {
  const circles = new Map<CfnResource, number>();
  const seen = new Map<CfnResource, number>();
  const open: CfnResource[] = [];
  const visit = (resource: CfnResource): number => {
    const index = seen.size;
    seen.set(resource, index);
    open.push(resource);
    let first = index;
    for (const needed of needsOf(resource)) {
      if (!seen.has(needed)) first = Math.min(first, visit(needed));
      else if (!circles.has(needed)) first = Math.min(first, seen.get(needed)!);
    }
    if (first === index) open.splice(open.indexOf(resource)).forEach(each => circles.set(each, index));
    return first;
  };
  for (const root of roots) if (!seen.has(root)) visit(root);
  return circles;
}
