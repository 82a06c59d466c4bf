import { setTimeout } from 'timers/promises';
import { PacerStoppedError } from '../../src/cognito/pacing';
import { poolSettingsOf } from '../../src/cognito/pool-settings';
import { PassedNames } from '../../src/converge/passed-names';
import { ledgerAt } from '../../src/ledger/directory-as-of';
import { UserRow } from '../../src/ledger/schema';
import { matchTarget } from '../../src/restore/match-target';
import { restorePolicy } from '../../src/restore/restore-policy';
import { NO_GROUPS, NO_TALLY, NO_TARGET, RestoreRun, TargetCheckpoint } from '../../src/restore/restore-run';
import { SliceContext } from '../../src/restore/slice-context';
import { Link } from '../../src/state/link';
import { UserOutcome } from '../../src/state/outcome';
import { FakeUser } from '../helpers/fake-cognito';
import { RestoreWorld, SOURCE, WorldOptions } from '../helpers/restore-world';
import { identitiesAt } from '../helpers/standby-world';

const at = (name: string, more: Record<string, string> = {}) => ({ attributes: { email: `${name}@example.com`, email_verified: 'true', ...more } });

/** Three people whom the target has already, without what the ledger knows of them; each page has one. */
function world(): RestoreWorld {
  const made = new RestoreWorld({ usernameAttributes: ['email'], pageSize: 1 });
  for (const name of ['staff', 'helpers']) made.group({ name });
  made.user('aaaa-ann', at('ann', { name: 'Ann' }), ['staff']);
  made.user('bbbb-bob', at('bob', { name: 'Bob' }), ['staff', 'helpers']);
  made.user('cccc-carl', at('carl', { name: 'Carl' }));
  for (const name of ['ann', 'bob', 'carl']) made.pool.seed({ username: `there-${name}`, ...at(name) });
  return made;
}

const named = (made: RestoreWorld) => [...made.pool.users.values()].flatMap(({ attributes: { name } }) => name ?? []).sort();

describe('of the users whom the target has already, before any is made', () => {
  const START: TargetCheckpoint = { phase: 'target', tally: NO_TALLY, groups: NO_GROUPS, target: NO_TARGET };
  const EMAIL = { usernameAttributes: ['email'] } as const;
  const FEDERATED = { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' } as const;

  interface Matching {
    readonly run?: Partial<RestoreRun>;
    readonly from?: TargetCheckpoint;
    readonly context?: Partial<SliceContext>;
    /** What was written before the slice that did it was killed. */
    readonly known?: readonly UserOutcome[];
  }

  /** The phase alone. */
  async function match(made: RestoreWorld, { run: given, from = START, context, known = [] }: Matching = {}) {
    const run = made.run(given);
    const state = made.table.stateOf(run.execution);
    await state.begin();
    if (known.length > 0) await state.write(known.map(outcome => ({ outcome })));
    const [saved, stop] = [[] as TargetCheckpoint[], jest.fn()];
    const settings = poolSettingsOf(await made.pool.describeUserPool());
    const groups = new Map((await made.ledger.groups(SOURCE)).map(row => [row.name, row]));
    const work = matchTarget({
      run,
      ledger: ledgerAt(made.ledger, run.asOf),
      present: made.ledger,
      state,
      target: made.pool,
      settings,
      groups,
      groupRoles: {},
      passedNames: new PassedNames(),
      policyOf: restorePolicy,
      clock: made.clock,
      deadline: Infinity,
      stop,
      ...context,
    }, from, async next => { saved.push(next as TargetCheckpoint); });
    const end = await work.catch((error: Error) => error);
    const outcomes = [...made.table.runs.get(run.execution)!.outcomes.values()];
    return { end, saved, stop, outcomes, target: end && 'target' in end ? end.target : undefined };
  }

  const linkTo = (targetSub: string, sourceSub: string, more: Partial<Link> = {}): Link => ({
    sourceSub, targetSub, firstSub: sourceSub, image: { attributes: {}, enabled: true, groups: [] }, execution: 'earlier', restored: false, at: 1, ...more,
  });
  const marked = (name: string, sourceSub: string) => at(name, { 'custom:source_sub': sourceSub });

  describe('a page', () => {
    function strangers(): RestoreWorld {
      const made = new RestoreWorld({ ...EMAIL, pageSize: 1 });
      for (let i = 0; i < 30; i++) made.pool.seed({ username: `x${i}`, ...at(`x${i}`) });
      return made;
    }

    test('that is done is never read again, and what was counted before is counted on from', async () => {
      const made = strangers();
      const { target, saved } = await match(made, { from: { ...START, cursor: '10', target: { users: 10, unknown: 7 } } });
      expect(target).toEqual({ users: 30, unknown: 27 });
      expect(made.pool.callsOf('listUsers')).toBe(20);
      expect(saved.length).toBeGreaterThan(0);
      for (const { cursor, target: counted } of saved) expect(counted).toEqual({ users: Number(cursor), unknown: Number(cursor) - 3 });
    });

    test('is not begun where the time is over', async () => {
      expect(await match(strangers(), { context: { deadline: 0 } })).toMatchObject({ end: undefined, saved: [] });
    });

    test('for which no call may start any more is left to the next slice', async () => {
      const made = world();
      made.pool.before = operation => { if (operation === 'updateAttributes') throw new PacerStoppedError(); };
      expect(await match(made)).toMatchObject({ end: undefined, saved: [], outcomes: [] });
    });

    test('that fails lets no further call start', async () => {
      const made = world();
      made.table.beforeWrite = what => { if (what === 'write') throw new Error('no table'); };
      const { end, stop, saved } = await match(made);
      expect(end).toEqual(new Error('no table'));
      expect(stop).toHaveBeenCalled();
      expect(saved).toEqual([]);
    });
  });

  const NUMBER = { attributes: { phone_number: '+491', phone_number_verified: 'true' } };

  /** One user of the target, `aaaa-ann` and whoever else is in the ledger; answers whom the user was compared with, and how many are unknown. */
  async function compared(there: Partial<FakeUser>, rows: Record<string, Partial<UserRow>>, { options = EMAIL, link, run, prepare }: {
    readonly options?: WorldOptions;
    readonly link?: (targetSub: string) => Partial<Link>;
    readonly run?: Partial<RestoreRun>;
    readonly prepare?: (made: RestoreWorld, targetSub: string) => void;
  } = {}): Promise<[string[], number | undefined]> {
    const made = new RestoreWorld(options);
    for (const [sub, row] of Object.entries(rows)) made.user(sub, row);
    const { sub: targetSub } = made.pool.seed({ username: 'there', ...there });
    if (link) made.table.links.set(targetSub, linkTo(targetSub, 'gone', link(targetSub)));
    prepare?.(made, targetSub);
    const { outcomes, target } = await match(made, { run });
    return [outcomes.map(({ sub }) => sub), target?.unknown];
  }

  test.each<[string, ...Parameters<typeof compared>]>([
    ['the one whom a restore made of the row', at('new'), { 'aaaa-ann': at('ann') }, { link: () => ({ sourceSub: 'aaaa-ann' }) }],
    ['the one who is marked with the row\'s sub', marked('new', 'aaaa-ann'), { 'aaaa-ann': at('ann') }],
    ['within one pool, the one with the row\'s sub', { sub: 'aaaa-ann', ...at('new') }, { 'aaaa-ann': at('ann') }, { run: { targetUserPoolId: SOURCE } }],
    ['the one who signs in by the same address', at('ann'), { 'aaaa-ann': at('ann') }],
    ['the one who signs in by it in other letters', at('Ann'), { 'aaaa-ann': at('ann') }],
    ['the one who signs in by the same name', { username: 'Ann', ...at('ann') }, { 'aaaa-ann': { username: 'ann', ...at('ann') } }, { options: {} }],
    ['the one who signs in by a number, in a pool of both', NUMBER, { 'aaaa-ann': NUMBER },
      { options: { usernameAttributes: ['email', 'phone_number'] } }],
    ['by the name, the one who carries the same mark on', marked('ann', 'first'), { 'aaaa-ann': marked('ann', 'first') }],
    ['by the name, whatever a mark says that anybody may write', marked('ann', 'gone'), { 'aaaa-ann': at('ann') }, { run: { sourceSubProves: false } }],
    ['by the name, the one whose link the state table shows one way only', at('ann'), { 'aaaa-ann': at('ann') },
      { prepare: (made, targetSub) => { made.table.targetOf.set('aaaa-ann', targetSub); } }],
    ['by the name, the one who was seen with it last', at('ann'), { 'aaaa-ann': { ...at('ann'), observedAt: 9 }, 'bbbb-old': at('ann') }],
    ['by the name, the same whichever is found first', at('ann'), { 'bbbb-old': at('ann'), 'aaaa-ann': { ...at('ann'), observedAt: 9 } }],
    ['by the name, one who confirmed it', at('ann'), { 'bbbb-new': { ...at('ann'), status: 'UNCONFIRMED', observedAt: 9 }, 'aaaa-ann': at('ann') }],
  ])('a row is compared with %s', async (_who, ...given) => {
    expect(await compared(...given)).toEqual([['aaaa-ann'], 0]);
  });

  test.each<[string, ...Parameters<typeof compared>]>([
    ['who has nothing in common with a row', at('new'), { 'aaaa-ann': at('ann') }],
    ['who has the sub of a row of another pool', { sub: 'aaaa-ann', ...at('new') }, { 'aaaa-ann': at('ann') }],
    ['who has a mark that anybody may write', marked('new', 'aaaa-ann'), { 'aaaa-ann': at('ann') }, { run: { sourceSubProves: false } }],
    ['who is marked as another one', marked('ann', 'gone'), { 'aaaa-ann': at('ann') }],
    ['whom a restore made of another one', at('ann'), { 'aaaa-ann': at('ann') }, { link: () => ({}) }],
    ['whose row is one of a deleted user', marked('ann', 'aaaa-ann'), { 'aaaa-ann': { ...at('ann'), deletedAt: 9 } }],
    ['whose name a sign-up had that was never confirmed', at('ann'), { 'aaaa-ann': { ...at('ann'), status: 'UNCONFIRMED' } }],
    ['who has no name to sign in by', { attributes: {} }, { 'aaaa-ann': at('ann') }],
    ['whose user name is the name of somebody who signs in by another one', { username: 'ann@example.com', attributes: {} }, { 'aaaa-ann': at('ann') }],
    ['whose name is of somebody whom a restore made already', at('ann'), { 'aaaa-ann': at('ann') },
      { prepare: made => { made.table.targetOf.set('aaaa-ann', 'elsewhere'); } }],
    ['whose name a row had until a moment ago', at('ann'), { 'aaaa-ann': at('ann') }, {
      prepare: made => {
        made.ledger.holdIndexes();
        made.user('aaaa-ann', at('new'));
      },
    }],
    ['whose name an index has of a row that expired', at('ann'), {}, {
      prepare: made => {
        jest.spyOn(made.ledger, 'subsBySignInName').mockResolvedValue(['aaaa-ann']);
      },
    }],
  ])('nobody is compared with one %s', async (_who, ...given) => {
    expect(await compared(...given)).toEqual([[], 1]);
  });

  describe('two who may be the same person', () => {
    const ANN = { username: 'ann', ...at('ann', { name: 'Ann' }) };
    const PERSON = { username: 'there', ...marked('new', 'aaaa-ann') };

    test.each([
      ['who never confirmed', { username: 'ann', ...at('ann'), status: 'UNCONFIRMED' } as const],
      ['who proved no address', { username: 'ann', attributes: { email: 'ann@example.com' } }],
    ])('the one who is marked is, wherever a stranger is listed %s', async (_who, stranger) => {
      for (const pageSize of [1, 60]) {
        for (const all of [[stranger, PERSON], [PERSON, stranger]]) {
          const made = new RestoreWorld({ pageSize });
          made.user('aaaa-ann', ANN);
          const seeded = all.map(user => made.pool.seed(user));
          const { outcomes, target } = await match(made);
          expect(outcomes).toMatchObject([{ sub: 'aaaa-ann', outcome: 'already-there', targetSub: seeded[all.indexOf(PERSON)].sub }]);
          expect(target).toEqual({ users: 2, unknown: 1 });
        }
      }
    });

    test('are told apart whichever of two pages in flight is the slower one', async () => {
      for (const slow of ['already-there', 'failed']) {
        const made = new RestoreWorld({ pageSize: 1 });
        made.user('aaaa-ann', ANN);
        for (const user of [PERSON, { username: 'ann', attributes: {} }]) made.pool.seed(user);
        const state = made.table.stateOf('run-1');
        const { write } = state;
        jest.spyOn(state, 'write').mockImplementation(async records => {
          if (records[0].outcome.outcome === slow) await setTimeout(20);
          return write(records);
        });
        const { outcomes, target } = await match(made, { context: { state } });
        expect(outcomes).toMatchObject([{ outcome: 'already-there' }]);
        expect(target).toEqual({ users: 2, unknown: 1 });
      }
    });

    test('and bear one mark are the first one and one more whom the ledger does not know', async () => {
      const made = new RestoreWorld({ pageSize: 1 });
      made.user('aaaa-ann', ANN);
      const [first] = ['one', 'two'].map(username => made.pool.seed({ username, ...marked(username, 'aaaa-ann') }));
      const known = { sub: 'aaaa-ann', outcome: 'already-there', targetSub: first.sub } as const;
      const { outcomes, target } = await match(made, { known: [known], from: { ...START, cursor: '1', target: { users: 1, unknown: 0 } } });
      expect(outcomes).toEqual([known]);
      expect(target).toEqual({ users: 2, unknown: 1 });
    });

    test('are one where the slice was killed behind what it did: it is not done, nor counted, again', async () => {
      const made = new RestoreWorld(EMAIL);
      made.user('aaaa-ann', at('ann', { name: 'Ann' }));
      const { sub: targetSub } = made.pool.seed({ username: 'there', ...at('ann') });
      for (const known of [
        { sub: 'aaaa-ann', outcome: 'already-there', targetSub } as const,
        { sub: 'aaaa-ann', outcome: 'failed', reason: { code: 'moment-unknown' } } as const,
      ]) {
        expect(await match(made, { known: [known] })).toMatchObject({ outcomes: [known], target: { users: 1, unknown: 0 } });
        expect(named(made)).toEqual([]);
      }
    });
  });

  describe('one who came through a provider', () => {
    const greta = { ...FEDERATED, ...at('greta') };

    /** Whether the profile was looked at, of which a restore left this. */
    async function completed(run: Partial<RestoreRun>, row: Partial<UserRow> = {}, link: Partial<Link> | null = {}): Promise<boolean> {
      const made = new RestoreWorld(EMAIL);
      made.group({ name: 'staff' });
      made.pool.model.createGroup({ name: 'staff' });
      made.user('aaaa-greta', { ...greta, ...row }, ['staff']);
      const { sub } = made.pool.seed({ ...greta, groups: new Set(['staff']) });
      if (link) made.table.links.set(sub, linkTo(sub, 'aaaa-greta', { image: { attributes: {}, enabled: true, groups: ['staff'] }, ...link }));
      const { outcomes, target } = await match(made, { run });
      expect(target).toEqual({ users: 1, unknown: 0 });
      return outcomes.length > 0;
    }

    test.each<[string, boolean, ...Parameters<typeof completed>]>([
      ['is looked at where they lost something', true, { removeGiven: true }, { enabled: false }],
      ['is looked at where Cognito bars them at the source', true, { removeGiven: true }, { status: 'COMPROMISED', attributes: { identities: identitiesAt('Corp', '7', true) } }],
      ['is looked at where a writer set out to give and was killed', true, { removeGiven: true }, {}, { giving: [] }],
      ['is looked at where the ledger goes back, whatever they have', true, { asOf: 1_000 }],
      ['is left alone where nothing changed', false, { removeGiven: true }],
      ['is left alone where nothing is to be taken away', false, {}, { enabled: false }],
      ['is left alone where this library gave nothing', false, { removeGiven: true }, { enabled: false }, null],
      ['is left alone where the row is one of the pool\'s own user by now', false, { removeGiven: true }, { username: 'greta', status: 'CONFIRMED', enabled: false }],
    ])('%s', async (_what, expected, ...given) => {
      expect(await completed(...given)).toBe(expected);
    });

    test('costs no look-up where nothing is to be taken away', async () => {
      for (const [run, asked] of [[{}, 1], [{ removeGiven: true }, 2], [{ asOf: 1_000 }, 2]] as const) {
        const made = new RestoreWorld(EMAIL);
        made.pool.seed(greta);
        made.pool.seed({ username: 'own', ...at('own') });
        const state = made.table.stateOf('run-1');
        const ofTargets = jest.spyOn(state.links, 'ofTargets');
        await match(made, { run, context: { state } });
        expect(ofTargets.mock.calls.map(([subs]) => subs.length)).toEqual([asked]);
      }
    });
  });

  describe('one whose row is gone', () => {
    /** When the user is to be deleted. */
    async function scheduled(run: Partial<RestoreRun>, row: Partial<UserRow> | undefined, prepare?: (made: RestoreWorld) => void): Promise<number[]> {
      const made = new RestoreWorld(EMAIL);
      if (row) made.user('aaaa-ann', { ...at('ann'), ...row });
      const { sub } = made.pool.seed({ username: 'there', ...at('ann') });
      made.table.links.set(sub, linkTo(sub, 'aaaa-ann'));
      prepare?.(made);
      await match(made, { run });
      return [...made.table.deletions.values()];
    }

    test('is to be deleted at their time, and at once where nobody knows it any more', async () => {
      expect(await scheduled({ removeGiven: true }, { deletedAt: 7 })).toEqual([7]);
      expect(await scheduled({ removeGiven: true }, undefined, made => { jest.spyOn(made.clock, 'now').mockReturnValue(99); })).toEqual([99]);
    });

    test.each<[string, ...Parameters<typeof scheduled>]>([
      ['nothing is to be taken away', {}, { deletedAt: 7 }],
      ['nothing is to be written', { removeGiven: true, dryRun: true }, { deletedAt: 7 }],
      ['the ledger goes back: they may have come since', { removeGiven: true, asOf: 1_000 }, undefined],
      ['the row is live', { removeGiven: true }, {}],
      ['the row was written again meanwhile', { removeGiven: true }, {}, made => { jest.spyOn(made.ledger, 'user').mockResolvedValueOnce(undefined); }],
    ])('stays where %s', async (_why, ...given) => {
      expect(await scheduled(...given)).toEqual([]);
    });
  });

  describe('the marks', () => {
    const rows = () => {
      const made = new RestoreWorld(EMAIL);
      made.user('aaaa-ann', at('ann'));
      made.pool.seed({ username: 'one', ...marked('ann', 'aaaa-ann') });
      made.pool.seed({ username: 'two', sub: 'target-two', ...marked('two', 'first-two') });
      made.pool.seed({ username: 'three', ...at('three') });
      return made;
    };

    test('that no row explains are noted for those who are made later in a chain of restores', async () => {
      const made = rows();
      await match(made);
      expect([...made.table.firstSubs]).toEqual([['first-two', 'target-two']]);
    });

    test('are not noted where anybody may write them', async () => {
      const made = rows();
      await match(made, { run: { sourceSubProves: false } });
      expect(made.table.firstSubs.size).toBe(0);
    });

    test('cost no write where there are none', async () => {
      const made = world();
      const state = made.table.stateOf('run-1');
      const write = jest.spyOn(state, 'writeFirstSubs');
      await match(made, { context: { state } });
      expect(write).not.toHaveBeenCalled();
    });
  });
});

test.each([
  ['everybody', {}, ['Ann', 'Bob', 'Carl']],
  ['those of a list', { subs: ['aaaa-ann', 'cccc-carl'] }, ['Ann', 'Carl']],
  ['members of a group', { groups: ['helpers'] }, ['Bob']],
  ['members of any of several groups', { groups: ['helpers', 'staff'] }, ['Ann', 'Bob']],
])('of the users whom the target has already, a restore converges whom it is about: %s', async (_who, run, expected) => {
  const made = world();
  const { report } = await made.restore(run);
  expect(named(made)).toEqual(expected);
  expect(report).toMatchObject({ alreadyThere: expected.length, restored: 0, failed: 0 });
});

test('whom the ledger does not know is counted over all pages, and left alone', async () => {
  const made = world();
  for (const name of ['x', 'y']) made.pool.seed({ username: name, ...at(name) });
  const { report } = await made.restore();
  expect(report).toMatchObject({ users: 3, alreadyThere: 3, unknownInTarget: 2 });
});

test('who came through a provider is left alone, whatever the ledger has under the name, and is no unknown user', async () => {
  const made = world();
  made.user('dddd-dora', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', ...at('dora', { name: 'Dora' }) });
  made.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { 'email': 'dora@example.com', 'custom:source_sub': 'dddd-dora' } });
  const { report } = await made.restore();
  expect(named(made)).toEqual(['Ann', 'Bob', 'Carl']);
  expect(report).toMatchObject({ unknownInTarget: 0 });
});

test('a restore that has no more time goes on behind the last page that it finished', async () => {
  const made = new RestoreWorld({ usernameAttributes: ['email'], pageSize: 1, sliceSeconds: 31 });
  for (let i = 0; i < 40; i++) {
    made.user(`aaaa-${i}`, at(`u${i}`, { name: `N${i}` }));
    made.pool.seed({ username: `there-${i}`, ...at(`u${i}`) });
  }
  made.pool.before = async operation => { if (operation === 'listUsers') await made.clock.sleep(1_000); };
  const { report } = await made.restore();
  expect(report).toMatchObject({ users: 40, alreadyThere: 40, unknownInTarget: 0 });
  expect(made.slices).toBeGreaterThan(1);
  // Each page is listed about once: in the target, and once more by what counts at the end.
  expect(made.pool.callsOf('listUsers')).toBeLessThan(40 * 3);
});
