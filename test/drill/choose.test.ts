import * as fc from 'fast-check';
import { choose, sourceToDrill } from '../../src/drill/choose';
import { chooseMoment } from '../../src/drill/choose-moment';
import { chooseSample } from '../../src/drill/choose-sample';
import { DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { DrillContext } from '../../src/drill/drill-context';
import { SourceRow, UserRow } from '../../src/ledger/schema';
import { DrillWorld } from '../helpers/drill-world';
import { SOURCE } from '../helpers/restore-world';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const source: SourceRow = { poolId: SOURCE, firstSweptAt: NOW - 100 * DAY, historyDays: 35 };

test('a random moment is within the window and what the copy goes back to, and the seed decides it', () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 50 }), (seed, windowDays, age) => {
    const young = { ...source, firstSweptAt: NOW - age * DAY };
    const moment = chooseMoment({ moment: 'random', windowDays, seed }, young, NOW)!;
    const at = Date.parse(moment.at);
    expect(at).toBeLessThanOrEqual(NOW);
    expect(at).toBeGreaterThanOrEqual(NOW - Math.min(windowDays, age, 35) * DAY);
    expect(chooseMoment({ moment: 'random', windowDays, seed }, young, NOW)).toEqual(moment);
  }));
});

test('what was replaced right after the earliest moments goes while the drill runs: they are not drawn', () => {
  const earliest = (history: SourceRow) => Math.min(...Array.from({ length: 300 }, (_, i) =>
    Date.parse(chooseMoment({ moment: 'random', windowDays: 100, seed: `${i}` }, history, NOW)!.at)));
  expect((NOW - earliest(source)) / DAY).toBeGreaterThan(32);
  expect((NOW - earliest(source)) / DAY).toBeLessThanOrEqual(33);
  expect((NOW - earliest({ ...source, historyDays: 2 })) / DAY).toBeGreaterThan(1.4);
  expect((NOW - earliest({ ...source, historyDays: 2 })) / DAY).toBeLessThanOrEqual(1.5);
  // Nothing goes of a young copy.
  expect((NOW - earliest({ ...source, firstSweptAt: NOW - DAY })) / DAY).toBeGreaterThan(0.95);
});

test('different seeds choose moments from all over the window', () => {
  const days = Array.from({ length: 200 }, (_, i) => Math.floor((NOW - Date.parse(chooseMoment({ moment: 'random', windowDays: 10, seed: `${i}` }, source, NOW)!.at)) / DAY));
  expect(new Set(days).size).toBe(10);
});

test('the latest moment is the start of the drill; of a copy without a sweep nothing is known', () => {
  expect(chooseMoment({ moment: 'latest', windowDays: 1, seed: '' }, source, NOW)).toEqual({ choice: 'latest', at: new Date(NOW).toISOString() });
  expect(chooseMoment({ moment: 'latest', windowDays: 1, seed: '' }, { poolId: SOURCE }, NOW)).toBeUndefined();
});

test('a sample has as many live users as there are or as were asked for, each once, and the seed decides which', async () => {
  const { ledger } = inhabited(300);
  for (const users of [1, 25, 299, 300, 1_000]) {
    const chosen = await chooseSample(ledger, SOURCE, { users, seed: 'a' });
    expect(new Set(chosen).size).toBe(Math.min(users, 300));
    expect(await chooseSample(ledger, SOURCE, { users, seed: 'a' })).toEqual(chosen);
  }
  expect(await chooseSample(ledger, SOURCE, { users: 25, seed: 'b' })).not.toEqual(await chooseSample(ledger, SOURCE, { users: 25, seed: 'a' }));
});

test('a sample reads no more shards than it needs, and leaves out who was deleted', async () => {
  const { ledger } = inhabited(300);
  let shards = 0;
  const counting = { usersOfShard: async (...args: [string, string, string?]) => { shards++; return ledger.usersOfShard(...args); } };
  await chooseSample(counting, SOURCE, { users: 20, seed: 'a' });
  expect(shards).toBeLessThan(60);
  expect((await chooseSample(ledger, SOURCE, { users: 1_000, seed: 'a' })).filter(sub => sub.endsWith('gone'))).toEqual([]);
});

test('no more than asked for of a shard with many, on all of its pages', async () => {
  const page = (from: number, next?: string) => ({ items: Array.from({ length: 10 }, (_, i) => ({ sub: `u${from + i}` }) as UserRow), next });
  const ledger = { usersOfShard: async (_pool: string, _shard: string, cursor?: string) => (cursor === undefined ? page(0, 'next') : page(10)) };
  expect(await chooseSample(ledger, SOURCE, { users: 7, seed: 'a' })).toHaveLength(7);
  expect(await chooseSample(ledger, SOURCE, { users: 25, seed: 'a' })).toHaveLength(25);
  expect(new Set(await chooseSample(ledger, SOURCE, { users: 20, seed: 'a' })).size).toBe(20);
});

test('two releases of this library draw the same moment, and say from when until when it was drawn', () => {
  expect(chooseMoment({ moment: 'random', windowDays: 10, seed: 'seed' }, source, NOW)).toEqual({
    choice: 'random', seed: 'seed', at: '2026-05-29T04:08:24.744Z', window: { from: '2026-05-22T00:00:00.000Z', to: '2026-06-01T00:00:00.000Z' },
  });
});

describe('the first phase', () => {
  const at = { order: { seed: 's', moment: 'latest', users: 10, quotaShare: 1 }, facts: { startedAt: new Date(NOW).toISOString() } } as unknown as DrillCheckpoint;
  const contextOf = (sources: SourceRow[], sweep?: object) => ({
    execution: 'drill-1',
    owner: 'o',
    ledger: { sources: async () => sources },
    sweeps: { lastEndedBy: async (_pool: string, by: number) => by === NOW ? sweep : undefined },
    store: { scratches: async () => [] },
    pools: { named: async () => [] },
  }) as unknown as DrillContext;

  test('is about the pool that was swept last, whatever the order; one that never was is none', async () => {
    const [old, newer, never] = [{ ...source, poolId: 'us-east-1_Old', sweptAt: 1 }, { ...source, sweptAt: 2 }, { ...source, poolId: 'us-east-1_Never' }];
    for (const sources of [[old, newer, never], [never, newer, old]]) expect((await sourceToDrill(contextOf(sources)))!.poolId).toBe(SOURCE);
    expect(await sourceToDrill(contextOf([never]))).toBeUndefined();
  });

  test('knows the sweep before the moment and its users, or else the users of the last one, or none', async () => {
    const swept = { ...source, sweptAt: 2, users: 7 };
    expect((await choose(contextOf([swept], { startedAt: 5, users: 9 }), at)).chosen).toEqual({
      sourceUserPoolId: SOURCE, moment: NOW, earliest: NOW - 35 * DAY, sweepStartedAt: 5, population: 9,
    });
    const { chosen, facts } = await choose(contextOf([swept]), at);
    expect(chosen).toEqual({ sourceUserPoolId: SOURCE, moment: NOW, earliest: NOW - 35 * DAY, population: 7 });
    expect(facts.source).toEqual({ userPoolId: SOURCE, region: 'us-east-1' });
    expect((await choose(contextOf([{ ...swept, users: undefined }]), at)).chosen!.population).toBe(0);
  });

  test('fails where nothing was ever swept', async () => {
    await expect(choose(contextOf([]), at)).rejects.toMatchObject({ code: 'NothingCopied', message: expect.stringContaining('drill-1: no sweep') });
  });
});

function inhabited(users: number): DrillWorld {
  const world = new DrillWorld();
  for (let i = 0; i < users; i++) world.user(`${((i * 37) % 256).toString(16).padStart(2, '0')}000000-${i}`);
  world.user('aa000000-gone', { deletedAt: 5, expiresAt: 9_999_999_999 } as Partial<UserRow>);
  return world;
}
