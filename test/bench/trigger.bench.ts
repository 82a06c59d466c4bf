/** What a cold start of the trigger function costs by its own code: loading its bundle in a new process. Run by `npm run bench:trigger`. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import * as path from 'node:path';

const BUNDLE = path.join(__dirname, '../../assets/capture/hints/on-user-event.lambda/index.js');
const RUNS = 21;
const MEASURE = `
  const began = process.hrtime.bigint();
  const { handler } = require(${JSON.stringify(BUNDLE)});
  const loaded = process.hrtime.bigint();
  if (typeof handler !== 'function') throw new Error('no handler');
  console.log(Number(loaded - began) / 1e6);`;

const environment = { ...process.env, AWS_REGION: 'us-east-1', LEDGER_TABLE: 'ledger', HINTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/hints' };
const measured = Array.from({ length: RUNS }, () => Number(execFileSync(process.execPath, ['--no-warnings', '-e', MEASURE], { env: environment }))).sort((a, b) => a - b);
const at = (share: number) => measured[Math.floor((measured.length - 1) * share)].toFixed(1);

process.stdout.write(`trigger: bundle ${(statSync(BUNDLE).size / 1_000).toFixed(1)} KB (budget 250 KB), module load ${RUNS} times on Node ${process.version}: `
  + `median ${at(0.5)} ms, p90 ${at(0.9)} ms, slowest ${at(1)} ms\n`);
