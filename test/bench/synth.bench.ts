import { App, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { CognitoDrReplica } from '../../src';

/** What the one line may add to a warm synthesis, in milliseconds of processor time. */
const BUDGET = 300;
const ROUNDS = 15;

/** Processor time of one synthesis: what else the machine does counts little. */
function milliseconds(withReplica: boolean): number {
  const before = process.cpuUsage();
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Auth', { env: { account: '111122223333', region: 'us-east-1' } });
  const userPool = new UserPool(stack, 'Users');
  if (withReplica) new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: 'us-west-2' });
  app.synth();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

[true, true, true].forEach(milliseconds); // warms up
const added = Array.from({ length: ROUNDS }, () => milliseconds(true) - milliseconds(false)).sort((a, b) => a - b);
const median = added[Math.floor(ROUNDS / 2)];
process.stdout.write(`the one line adds ${Math.round(median)} ms to a warm synthesis (from ${Math.round(added[0])} to ${Math.round(added[ROUNDS - 1])}), `
  + `${Math.round(median / BUDGET * 100)} % of its budget of ${BUDGET} ms\n`);
