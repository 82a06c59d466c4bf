import { MOST_SWEEP_DAYS, SWEEP_MEMORY } from '../../../src/capture/constants';
import { SimulatedSweep } from '../../helpers/simulated-sweep';
import { definitionOf } from '../../helpers/state-machine';
import { synth } from '../../helpers/templates';

const USERS = 20_000;
/** Cognito's limit. */
const LARGEST = 40_000_000;

test('the quota binds a sweep of unchanged users, also on a processor that is half as fast', async () => {
  for (const memory of [SWEEP_MEMORY, SWEEP_MEMORY / 2]) {
    const { ratio, written, busy } = await new SimulatedSweep({ users: USERS, memory, unchanged: true }).run();
    // The last page of a shard is not full.
    expect(ratio).toBeGreaterThan(0.75);
    expect(busy).toBeLessThan(0.6);
    expect(written).toBe(0);
  }
});

test('the processor binds the first copy: more memory makes it faster at the same price, and the largest pool ends in time on half as fast a one', async () => {
  const at = async (memory: number) => new SimulatedSweep({ users: USERS, memory, unchanged: false }).run();
  const [half, deployed, double] = [await at(SWEEP_MEMORY / 2), await at(SWEEP_MEMORY), await at(2 * SWEEP_MEMORY)];
  expect(deployed.written).toBe(USERS);
  expect(double.minutes).toBeLessThan(deployed.minutes * 0.55);
  expect(double.gigabyteSeconds / deployed.gigabyteSeconds).toBeCloseTo(1, 1);
  const timeout = definitionOf(synth().primary).TimeoutSeconds!;
  expect(half.minutes * 60 * LARGEST / USERS).toBeLessThan(timeout);
  expect(timeout).toBeLessThan(MOST_SWEEP_DAYS * 86_400);
});

test('the function has the memory that was measured', () => {
  synth().primary.hasResourceProperties('AWS::Lambda::Function', { MemorySize: SWEEP_MEMORY, Description: 'Lists a Cognito user pool and writes what differs to the ledger' });
});
