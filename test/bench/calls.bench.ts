import { measureCalls } from './calls';
import { MEASURED_COSTS } from '../helpers/call-costs';

/** What our own side of each call costs on this processor, beside what the simulations were told. Run by `npm run bench:calls`. */
async function main(): Promise<void> {
  const costs = await measureCalls();
  console.log('processor time    milliseconds here  simulated, before the allowance');
  for (const [name, cost] of Object.entries(costs)) {
    console.log(`${name.padEnd(16)} ${cost.toFixed(4).padStart(18)} ${String(MEASURED_COSTS[name as keyof typeof costs]).padStart(32)}`);
  }
}

void main();
