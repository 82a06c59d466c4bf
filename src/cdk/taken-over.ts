import { CfnResource, Lazy } from 'aws-cdk-lib';
import { asL1, l1Name, Properties } from './pool-definition';

/**
 * Sets L1 properties to what `settings` answers at the end of synthesis, when every Aspect and escape hatch has had its say. A resource that is
 * rendered asks once for all of them: in an app of many clients, once for each would take longer than all else.
 */
export function takeOver(target: CfnResource, names: readonly string[], settings: () => Properties): void {
  const ours = Object.fromEntries(names.map(name => [l1Name(name), Lazy.uncachedAny({ produce: () => asL1(settings()[name]) })]));
  Object.assign(target, ours);
  Object.defineProperty(target, 'cfnProperties', {
    get: () => {
      const current = asL1(settings()) as Properties;
      const given = Reflect.get(Object.getPrototypeOf(target), 'cfnProperties', target) as Properties;
      return Object.fromEntries(Object.entries(given)
        .map(([name, value]) => [name, name in ours && value === ours[name] ? current[name] : value]));
    },
  });
}
