import { Measured, measures } from '../../src/drill/measure';
import { watchDrills } from '../../src/drill/watch-drills';

const MINUTE = 60_000;
const DAY = 86_400_000;
const SAMPLE: Measured = {
  startedAt: 0,
  restoreStartedAt: 20_000,
  restoreEndedAt: 131_111,
  restored: 1_000,
  memberships: 0,
  byPassword: true,
  population: 1_000_000,
  isSample: true,
  quotaShare: 0.3,
  quotas: {},
  moment: 90 * MINUTE,
  sweep: { startedAt: 30 * MINUTE },
  earliest: 0,
  uncertainUsers: 2,
};

test('everybody takes as many times longer than the slowest quota allows as the sample did', () => {
  // 1,000 passwords at 9 a second: 111.1 seconds; a million at 24 a second: 41,667.
  const { extrapolated, ...measured } = measures(SAMPLE);
  expect(measured).toEqual({
    restoreSeconds: 111.111, recoverySeconds: 131.111, usersPerSecond: 9, quotaShare: 0.3, copyAgeSeconds: 3_600, uncertainUsers: 2,
  });
  expect(extrapolated).toMatchObject({ users: 1_000_000, quotaShare: 0.8 });
  expect(extrapolated!.recoverySeconds).toBeCloseTo(20 + 41_667, -1);
  expect(measures({ ...SAMPLE, restoreEndedAt: 20_000 + 2 * 111_111 }).extrapolated!.recoverySeconds).toBeCloseTo(20 + 2 * 41_667, -1);
});

test('memberships bind where there are more of them than passwords fit into the time', () => {
  const { recoverySeconds } = measures({ ...SAMPLE, memberships: 3_000, restoreEndedAt: 20_000 + 400_000 }).extrapolated!;
  expect(recoverySeconds).toBeCloseTo(20 + 3_000_000 / 20, -1);
});

test('nothing is extrapolated from everybody, nor from nobody', () => {
  expect(measures({ ...SAMPLE, isSample: false }).extrapolated).toBeUndefined();
  expect(measures({ ...SAMPLE, restored: 0 }).extrapolated).toBeUndefined();
});

test('a clock that is behind the one before, as of another machine, makes nothing negative, which no report takes', () => {
  expect(measures({ ...SAMPLE, startedAt: 500_000, restoreStartedAt: 140_000 })).toMatchObject({
    restoreSeconds: 0, recoverySeconds: 0, usersPerSecond: 1_000_000, extrapolated: { recoverySeconds: 41_666.667 },
  });
  expect(measures({ ...SAMPLE, moment: 0 }).copyAgeSeconds).toBe(0);
});

test('without a sweep that is known, the copy is as old as it can have been', () => {
  expect(measures({ ...SAMPLE, sweep: undefined }).copyAgeSeconds).toBe(5_400);
});

describe('the watch', () => {
  const NAMES: Readonly<Record<string, string>> = { own: 'drill-1', named: 'drill-2', other: 'users' };
  const pools = (made: Readonly<Record<string, number>>) => ({
    named: async (beginning: string) => beginning === '' ? [] : Object.keys(made).map(id => ({ id, name: NAMES[id] })).filter(({ name }) => name.startsWith(beginning)),
    describe: async (id: string) => ({
      Name: NAMES[id], CreationDate: new Date(made[id]), UserPoolTags: id === 'own' ? { 'cognito-dr-replica:drill': 'drill' } : undefined,
    }),
  });
  const watch = async (made: Readonly<Record<string, number>>, passedAt?: number) =>
    watchDrills({ owner: 'drill', pools: pools(made), passedAt, since: 0, intervalDays: 7, now: 20 * DAY });

  test('sees how old the oldest pool of a drill is, and no pool of anybody else', async () => {
    expect((await watch({ own: 18 * DAY, named: 1, other: 1 })).poolAge).toBe(2 * 86_400);
    expect((await watch({ named: 1, other: 1 })).poolAge).toBe(0);
  });

  test('says that drills are overdue after two intervals without one that passed, or since it first looked', async () => {
    expect((await watch({}, 6 * DAY)).isOverdue).toBe(false);
    expect((await watch({}, 6 * DAY - 1)).isOverdue).toBe(true);
    expect((await watch({})).isOverdue).toBe(true);
  });
});
