import { DirectoryAsOf } from '../../src/ledger/directory-as-of';
import { LedgerHistory, UsersPage } from '../../src/ledger/ledger-store';
import { SHARDS } from '../../src/ledger/schema';
import { VIRTUAL_MOMENT, VIRTUAL_POOL, VirtualLedger } from '../helpers/virtual-ledger';

/**
 * What it costs to read all users as they were, beside a read of what they are: read units of DynamoDB, whose pages have 1 MB, and memory. Every user has
 * had ten images.
 */
const SIZES = [10_000, 100_000, 1_000_000];
const IMAGES = 10;
const CHANGED = 0.01;
/** As of a moment since which one user of a hundred changed. */
const MOST_RATIO = 1.2;
/** A hundred times as many users may take this much more: nothing of them is kept, the collector is never quite done. */
const FLAT = 1.25;
const HEAP_SAMPLE_EVERY = 16;
/** Of a million, on demand, in each Region of a global table. */
const WRITE_UNIT_USD = 0.625;

interface BenchResult {
  readonly users: number;
  readonly changedShare: number;
  readonly readUnits: number;
  readonly ratio: number;
  readonly peakHeapMb: number;
}

async function main(): Promise<void> {
  const [none, all] = [await measure(SIZES[0], 0), await measure(SIZES[0], 1)];
  const results: BenchResult[] = [];
  for (const users of SIZES) results.push(await measure(users, CHANGED));
  console.log('users      changed  read units  of a read of now  peak heap');
  for (const { users, changedShare, readUnits, ratio, peakHeapMb } of [none, all, ...results]) {
    console.log([
      String(users).padEnd(9), `${changedShare * 100} %`.padStart(8), String(readUnits).padStart(11), ratio.toFixed(3).padStart(17),
      `${peakHeapMb.toFixed(1)} MB`.padStart(10),
    ].join(' '));
  }
  const unchanged = none.readUnits / none.users;
  const more = (all.readUnits - none.readUnits) / all.users;
  console.log(`read units of a user who did not change since: ${unchanged.toFixed(2)}; of one who did, ${more.toFixed(2)} more`);
  printCostOfChange();
  const growth = results[results.length - 1].peakHeapMb / results[0].peakHeapMb;
  const dear = results.filter(({ ratio }) => ratio > MOST_RATIO);
  if (growth > FLAT) console.log(`the heap grows by ${growth.toFixed(2)}: more than ${FLAT}`);
  dear.forEach(({ users, ratio }) => console.log(`${users} users cost ${ratio.toFixed(2)} times a read of now: more than ${MOST_RATIO}`));
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(results.map(result => ({ ...result, ratio: round(result.ratio, 3), peakHeapMb: round(result.peakHeapMb, 1) }))));
  }
  if (growth > FLAT || dear.length > 0) process.exitCode = 1;
}

async function measure(users: number, changedShare: number): Promise<BenchResult> {
  const now = new VirtualLedger(users, IMAGES, changedShare);
  await readAll(async (shard, cursor) => now.usersOfShard(VIRTUAL_POOL, shard, cursor), users);
  const ledger = new VirtualLedger(users, IMAGES, changedShare);
  // What the virtual ledger has not is not read.
  const directory = new DirectoryAsOf(ledger as unknown as LedgerHistory, VIRTUAL_MOMENT);
  const peakHeapMb = await readAll(async (shard, cursor) => directory.usersOfShard(VIRTUAL_POOL, shard, cursor), users);
  return { users, changedShare, readUnits: ledger.readUnits, ratio: ledger.readUnits / now.readUnits, peakHeapMb };
}

/** What a change costs more than without history: the image, and that both are written as one. Prices of us-east-1, as in docs/cost.md. */
function printCostOfChange(): void {
  const { row, image } = new VirtualLedger(1, IMAGES, 1).bytesOfChange();
  const units = (bytes: number) => Math.ceil(bytes / 1_024);
  // A transaction writes twice where it is made, and once where it is replicated to. The index of digests has one unit of each.
  const [here, there] = [2 * (units(row) + units(image)) + 1, units(row) + units(image) + 1];
  const without = 2 * (units(row) + 1);
  console.log(`a change writes a row of ${row} bytes and an image of ${image}: ${here} write units in the source's Region and ${there} in the other, `
    + `${here + there - without} of them for the history: ${((here + there - without) * WRITE_UNIT_USD).toFixed(2)} USD a million changes`);
}

/** Reads every user once, shard by shard; answers the highest heap on the way, in MB. */
async function readAll(read: (shard: string, cursor?: string) => Promise<UsersPage>, users: number): Promise<number> {
  let [count, pages, peak] = [0, 0, 0];
  for (const shard of SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await read(shard, cursor);
      count += page.items.length;
      cursor = page.next;
      if (pages++ % HEAP_SAMPLE_EVERY === 0) peak = Math.max(peak, heap());
    } while (cursor !== undefined);
  }
  if (count !== users) throw new Error(`${count} of ${users} users were read`);
  return peak;
}

/** In MB, without what is garbage. */
function heap(): number {
  global.gc!();
  return process.memoryUsage().heapUsed / 1_048_576;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

void main();
