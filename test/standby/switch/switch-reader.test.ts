import { SWITCH_KEPT, SwitchReader } from '../../../src/standby/switch/switch-reader';
import { NEVER_TURNED, readSwitch, switchItem, SwitchState } from '../../../src/state/switch';

const OPEN: SwitchState = { mode: 'open', from: 'closed', names: [], at: 7, execution: 'e', by: 'ops', reason: 'outage' };

describe('the switch is read', () => {
  test('at most once every few seconds, and known everywhere after them', async () => {
    let [now, state, reads] = [1_000, OPEN, 0];
    const reader = new SwitchReader(async () => { reads += 1; return state; }, { now: () => now });
    expect(await Promise.all([reader.of('a'), reader.of('a')])).toEqual([OPEN, OPEN]);
    state = NEVER_TURNED;
    now += SWITCH_KEPT - 1;
    expect([await reader.of('a'), reads]).toEqual([OPEN, 1]);
    now += 1;
    expect([await reader.of('a'), reads]).toEqual([NEVER_TURNED, 2]);
    await reader.of('b');
    expect(reads).toBe(3);
    // A clock that was set back makes no answer last for ever.
    now -= 500_000;
    await reader.of('b');
    expect(reads).toBe(4);
  });

  test('anew after a failure, which no earlier answer hides', async () => {
    let [now, fails] = [1_000, false];
    const reader = new SwitchReader(async () => { if (fails) throw new Error('down'); return OPEN; }, { now: () => now });
    await reader.of('a');
    fails = true;
    now += SWITCH_KEPT;
    await expect(reader.of('a')).rejects.toThrow('down');
    await expect(reader.of('a')).rejects.toThrow('down');
    fails = false;
    expect(await reader.of('a')).toEqual(OPEN);
  });
});

test('the item of a switch reads back; none, and one that cannot be understood, are closed', () => {
  expect(readSwitch(switchItem('us-west-2_Target', OPEN))).toEqual(OPEN);
  expect(switchItem('us-west-2_Target', OPEN)).toMatchObject({ pk: 'SWITCH#us-west-2_Target', sk: '#switch' });
  expect(readSwitch(undefined)).toEqual(NEVER_TURNED);
  expect(readSwitch({ pk: 'p', sk: 's', mode: 'ajar', names: ['x'] })).toEqual(NEVER_TURNED);
});
