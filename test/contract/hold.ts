import { BEHAVIOURS } from './behaviours/all';
import { Driver, NotModelled } from './driver';

/** Holds one model to the contract, each behaviour in a pool of its own. What the model cannot show is told in the name of its test, and must be so. */
export function holdToTheContract(driver: () => Driver, { name, cannot }: Pick<Driver, 'name' | 'cannot'>): void {
  describe(name, () => {
    test(`cannot show ${Object.keys(cannot).length} of ${BEHAVIOURS.length} behaviours, each of which there is`, () => {
      expect(Object.keys(cannot).filter(id => BEHAVIOURS.every(behaviour => behaviour.id !== id))).toEqual([]);
    });

    for (const { id, what, kind, check } of BEHAVIOURS) {
      const run = async () => check(await driver().open(kind));
      if (cannot[id] === undefined) test(`${id}: ${what}`, run);
      else test(`${id}: cannot be shown: ${cannot[id]}`, async () => expect(run()).rejects.toBeInstanceOf(NotModelled));
    }
  });
}
