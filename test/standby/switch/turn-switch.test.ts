import { TooManyRequestsException } from '@aws-sdk/client-cognito-identity-provider';
import { QuotaPacer } from '../../../src/cognito/pacing';
import { SWITCH_STATUS } from '../../../src/standby/switch/constants';
import { switchInput } from '../../../src/standby/switch/switch-input.lambda-shared';
import { TURN_QUOTA_SHARE, TURN_SLICE } from '../../../src/standby/switch/switch-workflow';
import { MOST_CLIENTS, signOutSlice, SwitchInput, TurnPorts, turnSwitch } from '../../../src/standby/switch/turn-switch';
import { NEVER_TURNED, SwitchState } from '../../../src/state/switch';
import { FakeStandbyPool, STANDBY } from '../../helpers/standby-world';
import { VirtualClock } from '../../helpers/virtual-clock';

/** The item of the switch, with the condition that the table has; and clients whose tokens live so many seconds. */
class SwitchWorld {
  public state: SwitchState = NEVER_TURNED;
  public now = 5_000;
  public writes = 0;
  /** What others do between a turn's read and its write, one after the other. */
  public readonly meanwhile: (() => void)[] = [];
  public readonly ports: TurnPorts;

  constructor(tokens: readonly number[] = [3_600, 7_200, 300], gaps: readonly string[] = []) {
    this.ports = {
      userPoolId: STANDBY,
      gaps,
      read: async () => this.state,
      write: async (state, before) => {
        this.meanwhile.shift()?.();
        if (this.state.at > state.at || (before !== undefined && this.state !== before)) return false;
        this.state = state;
        this.writes += 1;
        return true;
      },
      clients: { listClients: async () => ({ items: tokens.map((_, i) => String(i)) }), tokenSecondsOf: async id => tokens[Number(id)] },
      clock: { now: () => this.now },
    };
  }

  public async turn(input: SwitchInput, execution = 'e', startedAt = 1_000) {
    return turnSwitch({ execution, startedAt, input }, this.ports);
  }
}

describe('turning', () => {
  test('says from what to what, when, by which execution, by whom and why', async () => {
    const world = new SwitchWorld();
    expect(await world.turn({ mode: 'open', by: 'ops', reason: 'us-east-1 is dark' })).toMatchObject({
      status: SWITCH_STATUS.TURNED,
      signOut: false,
      report: {
        userPoolId: STANDBY, from: 'closed', to: 'open', at: '1970-01-01T00:00:01.000Z', execution: 'e', by: 'ops', reason: 'us-east-1 is dark',
      },
    });
    expect(world.state).toEqual({ mode: 'open', from: 'closed', names: [], at: 1_000, execution: 'e', by: 'ops', reason: 'us-east-1 is dark' });
  });

  test('says nothing of what was not given, and hands the sign-out the same report', async () => {
    const report = { userPoolId: STANDBY, from: 'closed', to: 'open', at: '1970-01-01T00:00:01.000Z', execution: 'e' };
    expect(await new SwitchWorld().turn({ mode: 'open' })).toStrictEqual({ status: SWITCH_STATUS.TURNED, report, signOut: false, checkpoint: { report } });
  });

  test.each<SwitchInput>([{ mode: 'open' }, { mode: 'closed' }])('says what it cannot close, where that was accepted: %j', async input => {
    const gaps = ['PreSignUp', 'client_credentials'];
    expect(await new SwitchWorld([], gaps).turn(input)).toMatchObject({ report: { unguarded: gaps } });
  });

  test.each([['another execution that started at the same moment', 'f', 1_000], ['a later execution of the same name', 'e', 2_000]])(
    'by %s is another turn', async (_what, execution, startedAt) => {
      const world = new SwitchWorld();
      await world.turn({ mode: 'open' });
      expect(await world.turn({ mode: 'closed' }, execution, startedAt)).toMatchObject({ report: { from: 'open', to: 'closed' } });
      expect([world.state.mode, world.writes]).toEqual(['closed', 2]);
    });

  test('to closed says until when tokens live that are out, of the client whose live longest', async () => {
    const world = new SwitchWorld();
    await world.turn({ mode: 'open' });
    expect(await world.turn({ mode: 'closed', signOut: true }, 'f', 2_000)).toMatchObject({
      signOut: true, report: { from: 'open', to: 'closed', issuedTokensLiveUntil: new Date(5_000 + 7_200_000).toISOString() },
    });
    // None was issued.
    expect(await world.turn({ mode: 'closed' }, 'g', 3_000)).not.toHaveProperty('report.issuedTokensLiveUntil');
    // And some still are.
    await world.turn({ mode: 'open' }, 'h', 4_000);
    expect(await world.turn({ mode: 'rehearsal', names: ['ann'] }, 'i', 5_000)).not.toHaveProperty('report.issuedTokensLiveUntil');
  });

  test('to closed is done before anything else that may fail, and a retry says the rest', async () => {
    const world = new SwitchWorld();
    await world.turn({ mode: 'open' });
    const broken = { ...world.ports, clients: { listClients: async () => Promise.reject(new Error('throttled')), tokenSecondsOf: async () => 1 } };
    await expect(turnSwitch({ execution: 'f', startedAt: 2_000, input: { mode: 'closed' } }, broken)).rejects.toThrow('throttled');
    expect(world.state.mode).toBe('closed');
    expect(await world.turn({ mode: 'closed' }, 'f', 2_000)).toMatchObject({ report: { from: 'open', to: 'closed', issuedTokensLiveUntil: expect.anything() } });
    expect(world.writes).toBe(2);
  });

  test('confirms incidents, and keeps those that were confirmed before', async () => {
    const world = new SwitchWorld();
    expect(await world.turn({ mode: 'closed', confirmIncidents: ['one'] })).toMatchObject({ report: { from: 'closed', to: 'closed', confirmedIncidents: ['one'] } });
    await world.turn({ mode: 'open', confirmIncidents: ['two', 'one'] }, 'f', 2_000);
    await world.turn({ mode: 'closed' }, 'g', 3_000);
    expect(world.state.confirmedIncidents).toEqual(['one', 'two']);
    expect(switchInput({ mode: 'open', confirmIncidents: ['one'] })).toMatchObject({ confirmIncidents: ['one'] });
    expect(switchInput({ mode: 'open', confirmIncidents: [] })).toMatchObject({ message: expect.stringContaining('confirmIncidents') });
  });

  const other = (at: number, execution: string): SwitchState => (
    { mode: 'open', from: 'closed', names: [], at, execution, confirmedIncidents: [`of ${execution}`] });

  test('two at once lose no confirmed incident: one that began before, and wrote after the other read, is read again', async () => {
    const world = new SwitchWorld();
    world.meanwhile.push(() => { world.state = other(500, 'one'); }, () => { world.state = other(600, 'two'); });
    const answer = await world.turn({ mode: 'closed', confirmIncidents: ['mine'] });
    expect(answer).toMatchObject({ status: SWITCH_STATUS.TURNED, report: { from: 'open', to: 'closed', confirmedIncidents: ['mine'] } });
    // The second of them had read the first one's, or it would not have written either.
    expect(world.state).toMatchObject({ mode: 'closed', from: 'open', confirmedIncidents: ['of two', 'mine'] });
  });

  test('two at once, of which the other began later: it stands, and whoever confirmed is told that nothing was changed', async () => {
    const world = new SwitchWorld();
    world.meanwhile.push(() => { world.state = other(5_000, 'later'); });
    expect(await world.turn({ mode: 'closed', confirmIncidents: ['mine'] })).toEqual({
      status: SWITCH_STATUS.SUPERSEDED, message: 'the switch was turned by the execution later, which started later; nothing was changed',
    });
    expect(world.state).toEqual(other(5_000, 'later'));
  });

  test('whose write succeeded, and whose answer was lost, is done', async () => {
    const world = new SwitchWorld();
    const { write } = world.ports;
    const lost = jest.spyOn(world.ports, 'write').mockImplementationOnce(async (...args) => { await write(...args); return false; });
    expect(await world.turn({ mode: 'open', confirmIncidents: ['mine'] })).toMatchObject({ status: SWITCH_STATUS.TURNED, report: { from: 'closed', to: 'open' } });
    expect([world.writes, lost.mock.calls.length]).toEqual([1, 1]);
  });

  test('remembers the last thousand confirmed incidents: what others deleted is long gone for good', async () => {
    const world = new SwitchWorld();
    const ids = Array.from({ length: 1_001 }, (_, i) => `i${i}`);
    await world.turn({ mode: 'closed', confirmIncidents: ids });
    expect(world.state.confirmedIncidents).toEqual(ids.slice(1));
  });

  test('late is refused where it was turned since: what was asked last stands', async () => {
    const world = new SwitchWorld();
    await world.turn({ mode: 'closed' }, 'later', 9_000);
    expect(await world.turn({ mode: 'open' }, 'earlier', 8_000)).toEqual({
      status: SWITCH_STATUS.SUPERSEDED, message: expect.stringContaining('turned by the execution later, which started later'),
    });
    expect(world.state.mode).toBe('closed');
  });

  test('to a rehearsal counts the names, and does not repeat them', async () => {
    const answer = await new SwitchWorld().turn({ mode: 'rehearsal', names: ['ann@example.com', 'bob@example.com'] });
    expect(answer).toMatchObject({ report: { to: 'rehearsal', names: 2 } });
    expect(JSON.stringify(answer)).not.toContain('example.com');
    expect(await new SwitchWorld().turn({ mode: 'rehearsal', clients: ['job', 'cron'] })).toMatchObject({ report: { names: 0, clients: 2 } });
  });

  test('asks every client as long as there is time for it', async () => {
    const world = new SwitchWorld(Array.from({ length: MOST_CLIENTS }, () => 300));
    await world.turn({ mode: 'open' });
    expect(await world.turn({ mode: 'closed' }, 'f', 2_000)).toMatchObject({ report: { issuedTokensLiveUntil: new Date(5_000 + 300_000).toISOString() } });
  });

  test('in a pool of very many clients reckons with the longest life that Cognito allows', async () => {
    const world = new SwitchWorld(Array.from({ length: 1_001 }, () => 300));
    await world.turn({ mode: 'open' });
    const describe = jest.spyOn(world.ports.clients, 'tokenSecondsOf');
    expect(await world.turn({ mode: 'closed' }, 'f', 2_000)).toMatchObject({ report: { issuedTokensLiveUntil: new Date(5_000 + 86_400_000).toISOString() } });
    expect(describe).not.toHaveBeenCalled();
  });
});

test('describing as many clients as it asks for ends before the function does', async () => {
  const clock = new VirtualClock();
  const pacer = new QuotaPacer({ clock, share: TURN_QUOTA_SHARE });
  const asked = Array.from({ length: MOST_CLIENTS }, async () => pacer.run('UserPoolClientRead', () => clock.sleep(50)));
  const start = clock.now();
  await clock.run(() => Promise.all(asked));
  expect(clock.now() - start).toBeLessThan(TURN_SLICE.toMilliseconds());
});

test.each([[40, 1_000], [500, 1_000], [500, 3]])('closing is told before the function ends, also where Cognito throttles: %d clients, one second in %d', async (clients, one) => {
  const clock = new VirtualClock();
  const world = new SwitchWorld(Array.from({ length: clients }, () => 300));
  await world.turn({ mode: 'open' });
  const began = clock.now();
  const pacer = new QuotaPacer({ clock, share: TURN_QUOTA_SHARE, until: began + TURN_SLICE.toMilliseconds() });
  const throttled = async () => pacer.run('UserPoolClientRead', async () => {
    await clock.sleep(50);
    if (Math.floor((clock.now() - began) / 1_000) % one !== one - 1) throw new TooManyRequestsException({ message: 'too many', $metadata: {} });
    return 300;
  });
  const ports = { ...world.ports, clock, clients: { ...world.ports.clients, tokenSecondsOf: throttled } };
  const answer = await clock.run(() => turnSwitch({ execution: 'f', startedAt: 2_000, input: { mode: 'closed' } }, ports));
  expect(clock.now() - began).toBeLessThan(TURN_SLICE.toMilliseconds() + 10_000);
  expect(answer).toMatchObject({
    status: SWITCH_STATUS.TURNED, report: { issuedTokensLiveUntil: new Date(clock.now() + 86_400_000).toISOString() },
  });
});

describe('signing everybody out', () => {
  const report = { userPoolId: STANDBY, from: 'open', to: 'closed', at: '', execution: 'e' } as const;

  test('reaches every user, over pages and slices, and counts them', async () => {
    const pool = new FakeStandbyPool({ userPoolId: STANDBY, pageSize: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) pool.seed({ username: name });
    let now = 0;
    const ports = () => ({ pool, clock: { now: () => now }, deadline: now + 20_001 });
    const list = pool.listUsers.bind(pool);
    pool.listUsers = async (...args) => { now += 1; return list(...args); };
    let answer = await signOutSlice({ report }, ports());
    let slices = 1;
    for (; answer.status === SWITCH_STATUS.CONTINUE; slices += 1) answer = await signOutSlice(answer.checkpoint, ports());
    expect(answer).toEqual({ status: SWITCH_STATUS.COMPLETE, report: { ...report, signedOut: 5 } });
    expect([slices, [...pool.signedOut].sort()]).toEqual([3, ['a', 'b', 'c', 'd', 'e']]);
  });

  test('goes on to the last page as long as there is time, and not beyond', async () => {
    const pool = new FakeStandbyPool({ userPoolId: STANDBY, pageSize: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) pool.seed({ username: name });
    let now = 0;
    const list = pool.listUsers.bind(pool);
    pool.listUsers = async (...args) => { now += 10_000; return list(...args); };
    expect(await signOutSlice({ report }, { pool, clock: { now: () => now }, deadline: 100_000 })).toMatchObject({ status: SWITCH_STATUS.COMPLETE });
    expect(pool.signedOut).toHaveLength(5);
  });

  test('leaves those alone who were deleted meanwhile, and fails on anything else', async () => {
    const pool = new FakeStandbyPool({ userPoolId: STANDBY });
    for (const name of ['a', 'b']) pool.seed({ username: name });
    const signOut = pool.signOutUser.bind(pool);
    pool.signOutUser = async name => { if (name === 'a') await pool.deleteUser(name); await signOut(name); };
    expect(await signOutSlice({ report }, { pool, clock: { now: () => 0 }, deadline: 1 })).toMatchObject({ report: { signedOut: 2 } });
    pool.signOutUser = async () => Promise.reject(new Error('down'));
    await expect(signOutSlice({ report }, { pool, clock: { now: () => 0 }, deadline: 1 })).rejects.toThrow('down');
  });
});

describe('the input', () => {
  test.each<[SwitchInput]>([
    [{ mode: 'open' }], [{ mode: 'open', by: 'ops', reason: 'outage' }], [{ mode: 'closed', signOut: true }], [{ mode: 'rehearsal', names: ['a@b.c'], signOut: true }],
    [{ mode: 'rehearsal', clients: ['job'] }],
  ])('is taken as it is: %j', input => {
    expect(switchInput(input)).toEqual(input);
  });

  test.each<[unknown, string]>([
    ['open', 'input: got "open", want a JSON object, such as {"mode": "open"}'],
    [{}, 'mode: got nothing, want "closed" or "open" or "rehearsal"'],
    [{ mode: 'ajar' }, 'mode: got "ajar", want "closed" or "open" or "rehearsal"'],
    [{ mode: 'open', until: 5 }, 'until: not a field of the switch; known fields are mode, names, clients, by, reason, confirmIncidents, signOut'],
    [{ mode: 'rehearsal' }, 'names: not given, and a rehearsal is for those of a list only: want at least one name'],
    [{ mode: 'rehearsal', names: [] }, 'names: got a list of 0, want at least one name'],
    [{ mode: 'rehearsal', names: [''] }, 'names[0]: got "", want a name that somebody signs in by'],
    [{ mode: 'rehearsal', names: Array.from({ length: 1_001 }, () => 'a') }, 'names: got a list of 1001, want at most 1000 names: for more, open the standby'],
    [{ mode: 'closed', clients: ['job'] }, 'clients: given with mode "closed"; only a rehearsal has a list'],
    [{ mode: 'open', names: ['a'] }, 'names: given with mode "open"; only a rehearsal has a list'],
    [{ mode: 'open', signOut: true }, 'signOut: given with mode "open"; sessions are ended when the standby closes, or for a rehearsal'],
    [{ mode: 'closed', signOut: 'yes' }, 'signOut: got "yes", want true or false'],
    [{ mode: 'closed', reason: '' }, 'reason: got "", want a sentence, for the record'],
  ])('that is wrong is said in one sentence that names the field: %j', (given, message) => {
    expect(switchInput(given)).toEqual({ status: SWITCH_STATUS.INVALID, message });
  });
});
