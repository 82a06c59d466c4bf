import { DRILL_TAG } from '../../src/drill/constants';
import { DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { DrillContext } from '../../src/drill/drill-context';
import { ScratchRemoval } from '../../src/drill/evidence/drill-facts';
import { scratchNameOf } from '../../src/drill/make-pool';
import { deletePool, proveDeletion, removeLeftovers } from '../../src/drill/remove-scratch';

const OWNER = 'Auth-drill';
const START = Date.parse('2026-11-02T10:00:00Z');
const MINUTE = 60_000;

interface Pool { readonly Name: string; readonly UserPoolTags?: Record<string, string> }

/** Pools of a Region, notes of drills, and what was done. */
function world(
  pools: Record<string, Pool>, noted: Record<string, string> = {}, { removal, scratch }: { removal?: ScratchRemoval; scratch?: string } = {},
) {
  let now = START;
  const there = new Map(Object.entries(pools));
  const shown = new Map(there);
  const kept = new Map(Object.entries(noted).map(([userPoolId, execution]) => [userPoolId, { userPoolId, execution }]));
  const deleted: string[] = [];
  const described: string[] = [];
  const refusals = new Map<string, Error>();
  const context = {
    owner: OWNER,
    execution: 'this',
    pools: {
      named: async (beginning: string) => [...shown].map(([id, { Name: name }]) => ({ id, name })).filter(({ name }) => name.startsWith(beginning)),
      describe: async (id: string) => {
        described.push(id);
        return there.get(id);
      },
      delete: async (id: string) => {
        const refusal = refusals.get(id);
        if (refusal) throw refusal;
        deleted.push(id);
        there.delete(id);
        shown.delete(id);
      },
    },
    store: {
      scratches: async () => [...kept.values()],
      purge: async ({ userPoolId }: { userPoolId: string }) => { kept.delete(userPoolId); },
    },
    clock: { now: () => now, sleep: async (milliseconds: number) => { now += milliseconds; } },
    deadline: START + 60 * MINUTE,
  } as unknown as DrillContext;
  const facts = { startedAt: '2026-11-02T09:59:00.000Z', ...removal ? { removal } : {}, ...scratch ? { scratch: { userPoolId: scratch } } : {} };
  const at = { phase: 'remove', facts } as unknown as DrillCheckpoint;
  return { context, at, deleted, described, kept, there, shown, refusals, waited: () => now - START };
}

const own = (Name: string): Pool => ({ Name, UserPoolTags: { [DRILL_TAG]: OWNER } });
const THIS = scratchNameOf({ owner: OWNER, execution: 'this' }, { facts: { startedAt: '2026-11-02T09:59:00.000Z' } } as unknown as DrillCheckpoint);
const refused = (name: string) => Object.assign(new Error('no'), { name, $fault: 'client' });

describe('what earlier drills left', () => {
  test('goes, with what was noted of it; what no drill made stays, whatever it is called', async () => {
    const { context, deleted, described, kept } = world({
      a: own(`${OWNER}-1`), b: own(`${OWNER}-2`), c: { Name: `${OWNER}-3`, UserPoolTags: { [DRILL_TAG]: 'Other-drill' } }, d: { Name: `${OWNER}-4` }, e: own('Users'),
    }, { b: 'earlier', c: 'earlier', gone: 'earlier' });
    await removeLeftovers(context);
    expect(deleted).toEqual(['a', 'b']);
    expect(described).not.toContain('e');
    // It stays known that a drill made the one that is still there.
    expect([...kept.keys()]).toEqual(['c']);
  });

  test('is found by its note where its name is not listed yet', async () => {
    const { context, deleted, kept, shown } = world({ a: own(`${OWNER}-1`) }, { a: 'earlier' });
    shown.clear();
    await removeLeftovers(context);
    expect([deleted, kept.size]).toEqual([['a'], 0]);
  });

  test('is not what this drill itself has noted', async () => {
    const { context, deleted, kept, shown } = world({ a: own(THIS) }, { a: 'this' });
    shown.clear();
    await removeLeftovers(context);
    expect([deleted, [...kept.keys()]]).toEqual([[], ['a']]);
  });

  test('stays, known, where somebody protects it; any other failure is one of the drill', async () => {
    const { context, kept, refusals } = world({ a: own(`${OWNER}-1`) }, { a: 'earlier' });
    refusals.set('a', refused('InvalidParameterException'));
    await removeLeftovers(context);
    expect([...kept.keys()]).toEqual(['a']);
    refusals.set('a', Object.assign(new Error('later'), { name: 'InternalErrorException', $fault: 'server' }));
    await expect(removeLeftovers(context)).rejects.toThrow('later');
  });
});

describe('the pool of this drill', () => {
  test('goes by its note and by its name, each once, and no other does', async () => {
    const { context, at, deleted } = world({ a: own(THIS), b: own(THIS), c: own(`${OWNER}-1`), d: own('d') }, { a: 'this', c: 'earlier' });
    expect((await deletePool(context, at)).facts).toEqual({ ...at.facts, removal: { how: 'not-proven', deletedAt: '2026-11-02T10:00:00.000Z' } });
    expect(deleted).toEqual(['a', 'b']);
  });

  test('is found by its note where its name is not listed yet, and by its name where nobody noted it', async () => {
    const noted = world({ a: own(THIS), c: own(`${OWNER}-1`) }, { a: 'this', c: 'earlier' });
    noted.shown.clear();
    await deletePool(noted.context, noted.at);
    const named = world({ a: own(THIS) });
    await deletePool(named.context, named.at);
    expect([noted.deleted, named.deleted]).toEqual([['a'], ['a']]);
  });

  test('is none where none was made, and what was said of it stays', async () => {
    const first = world({ c: own(`${OWNER}-1`) }, { c: 'earlier' });
    expect((await deletePool(first.context, first.at)).facts.removal).toEqual({ how: 'nothing-to-remove' });
    const removal = { how: 'proven', deletedAt: '2026-11-02T09:59:10.000Z', provenAt: '2026-11-02T09:59:20.000Z' } as const;
    const again = world({}, {}, { removal });
    expect((await deletePool(again.context, again.at)).facts.removal).toEqual(removal);
  });

  test.each([
    ['InvalidParameterException', own(THIS)],
    ['NotOwnPool', { Name: THIS, UserPoolTags: {} }],
  ])('that stays says why: %s', async (error, pool) => {
    const { context, at, deleted, refusals } = world({ a: pool }, { a: 'this', gone: 'this' });
    refusals.set('a', refused('InvalidParameterException'));
    expect((await deletePool(context, at)).facts.removal).toEqual({ how: 'failed', error });
    expect(deleted).toEqual([]);
  });
});

describe('that it is gone', () => {
  const removal = { how: 'not-proven', deletedAt: new Date(START).toISOString() } as const;

  test('is proven at once where neither its id nor its name is known any more, beside others', async () => {
    const { context, at, waited } = world({ c: own(`${OWNER}-1`) }, {}, { removal, scratch: 'a' });
    expect((await proveDeletion(context, at))!.facts.removal).toEqual({ how: 'proven', deletedAt: removal.deletedAt, provenAt: removal.deletedAt });
    expect(waited()).toBe(0);
  });

  test.each<[string, (all: ReturnType<typeof world>) => Map<string, Pool>]>([
    ['its id', ({ there }) => there], ['its name', ({ shown }) => shown],
  ])('is looked at again, every ten seconds, while it is still seen by %s', async (_how, seenIn) => {
    const all = world({}, {}, { removal, scratch: 'a' });
    seenIn(all).set('a', own(THIS));
    const { sleep } = all.context.clock;
    let times = 0;
    all.context.clock.sleep = async milliseconds => {
      expect(milliseconds).toBe(10_000);
      await sleep(milliseconds);
      times += 1;
      if (times === 3) seenIn(all).clear();
    };
    expect((await proveDeletion(all.context, all.at))!.facts.removal).toEqual({ how: 'proven', deletedAt: removal.deletedAt, provenAt: new Date(START + 30_000).toISOString() });
  });

  test('is not proven where it is seen for five minutes', async () => {
    const { context, at, waited } = world({ a: own(THIS) }, {}, { removal, scratch: 'a' });
    expect(await proveDeletion(context, at)).toBe(at);
    expect(waited()).toBe(5 * MINUTE);
  });

  test('is for the next slice where this one is over', async () => {
    const { context, at } = world({ a: own(THIS) }, {}, { removal, scratch: 'a' });
    expect(await proveDeletion({ ...context, deadline: START + MINUTE }, at)).toBeUndefined();
  });

  test.each([undefined, { how: 'failed', error: 'NotOwnPool' } as const, { how: 'nothing-to-remove' } as const])('is not asked after %j', async given => {
    const { context, at } = world({ a: own(THIS) }, {}, { removal: given, scratch: 'a' });
    expect(await proveDeletion(context, at)).toBe(at);
  });

  test('is asked by name alone where no pool was noted', async () => {
    const { context, at } = world({}, {}, { removal });
    expect((await proveDeletion(context, at))!.facts.removal!.how).toBe('proven');
  });
});
