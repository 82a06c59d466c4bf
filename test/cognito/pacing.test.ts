import { PacerStoppedError, QuotaPacer } from '../../src/cognito/pacing';
import { isThrottling } from '../../src/cognito/refusals';
import { cognitoError } from '../helpers/fake-cognito';
import { VirtualClock } from '../helpers/virtual-clock';

/** Calls that `quota` lets through each second; starts are recorded. */
class LimitedService {
  public readonly starts: number[] = [];
  public refused = 0;
  private tokens: number;
  private at: number;

  constructor(private readonly clock: VirtualClock, public quota: number) {
    this.tokens = quota;
    this.at = clock.now();
  }

  public async call(): Promise<void> {
    const now = this.clock.now();
    this.tokens = Math.min(this.quota, this.tokens + (now - this.at) / 1_000 * this.quota);
    this.at = now;
    const isAllowed = this.tokens >= 1;
    if (isAllowed) {
      this.tokens--;
      this.starts.push(now);
    } else {
      this.refused++;
    }
    await this.clock.sleep(50);
    if (!isAllowed) throw cognitoError('TooManyRequestsException');
  }

  public within(from: number, to: number): number {
    return this.starts.filter(start => start >= from && start < to).length;
  }
}

async function fill(clock: VirtualClock, pacer: QuotaPacer, service: LimitedService, calls: number): Promise<void> {
  await clock.run(() => Promise.all(Array.from({ length: calls }, () => pacer.run('UserCreation', () => service.call()))));
}

test('fills the quota and never exceeds it', async () => {
  const clock = new VirtualClock();
  const service = new LimitedService(clock, 50);
  const start = clock.now();
  await fill(clock, new QuotaPacer({ clock, share: 1 }), service, 3_000);
  expect(service.refused).toBe(0);
  expect(clock.now() - start).toBeLessThan(3_000 / 50 * 1_000 * 1.02);
  for (let second = 0; second < 59; second++) expect(service.within(start + second * 1_000, start + (second + 1) * 1_000)).toBeLessThanOrEqual(63);
});

test('uses its share of the quota it is given', async () => {
  const clock = new VirtualClock();
  const service = new LimitedService(clock, 1_000);
  const start = clock.now();
  await fill(clock, new QuotaPacer({ clock, share: 0.5, quotas: { UserCreation: 20 } }), service, 600);
  expect((clock.now() - start) / 1_000).toBeCloseTo(60, -1);
});

test('categories do not wait for each other', async () => {
  const clock = new VirtualClock();
  const pacer = new QuotaPacer({ clock, share: 1 });
  const start = clock.now();
  const many = (category: 'UserCreation' | 'UserUpdate', calls: number) => Array.from({ length: calls }, () => pacer.run(category, () => clock.sleep(50)));
  await clock.run(() => Promise.all([...many('UserCreation', 500), ...many('UserUpdate', 250)]));
  expect((clock.now() - start) / 1_000).toBeLessThan(10.5);
});

test('slows down when throttled for 30 seconds, loses nothing, and comes back', async () => {
  const clock = new VirtualClock();
  const service = new LimitedService(clock, 50);
  const start = clock.now();
  const pacer = new QuotaPacer({ clock, share: 1 });
  void clock.sleep(10_000).then(() => { service.quota = 0; });
  void clock.sleep(40_000).then(() => { service.quota = 50; });
  await fill(clock, pacer, service, 4_000);
  expect(service.starts).toHaveLength(4_000);
  // About three tries a second instead of fifty.
  expect(service.refused).toBeLessThan(250);
  // Twenty quiet seconds later it is at full speed again.
  expect(service.within(start + 62_000, start + 72_000)).toBeGreaterThan(490);
});

test('shares the quota with somebody else at the cost of a few refusals', async () => {
  const clock = new VirtualClock();
  const service = new LimitedService(clock, 30);
  const start = clock.now();
  // Somebody else uses 20 of 50: the pacer believes that it has 50.
  await fill(clock, new QuotaPacer({ clock, share: 1 }), service, 3_000);
  const seconds = (clock.now() - start) / 1_000;
  expect(3_000 / 30 / seconds).toBeGreaterThan(0.9);
  expect(service.refused / 3_000).toBeLessThan(0.12);
});

test('gives up a call that is throttled for longer than a slice can wait', async () => {
  const clock = new VirtualClock();
  const start = clock.now();
  const pacer = new QuotaPacer({ clock, share: 1 });
  const refused = clock.run(() => pacer.run('UserUpdate', async () => {
    await clock.sleep(20);
    throw cognitoError('TooManyRequestsException');
  }));
  await expect(refused).rejects.toThrow('TooManyRequestsException');
  expect(clock.now() - start).toBeGreaterThan(44_000);
  expect(clock.now() - start).toBeLessThan(50_000);
});

test('a trigger that cannot be run for a moment refuses nobody', async () => {
  const clock = new VirtualClock();
  const pacer = new QuotaPacer({ clock, share: 1 });
  const upAgain = clock.now() + 5_000;
  let calls = 0;
  await clock.run(() => Promise.all(Array.from({ length: 20 }, () => pacer.run('UserCreation', async () => {
    calls++;
    await clock.sleep(20);
    if (clock.now() < upAgain) throw cognitoError('UnexpectedLambdaException');
  }))));
  expect(calls).toBeGreaterThan(20);
  expect(clock.now()).toBeLessThan(upAgain + 5_000);
});

test('a trigger that can never be run is given up', async () => {
  const clock = new VirtualClock();
  const start = clock.now();
  const pacer = new QuotaPacer({ clock, share: 1 });
  await expect(clock.run(() => pacer.run('UserCreation', async () => {
    await clock.sleep(20);
    throw cognitoError('UnexpectedLambdaException');
  }))).rejects.toThrow('UnexpectedLambdaException');
  expect(clock.now() - start).toBeGreaterThan(15_000);
  expect(clock.now() - start).toBeLessThan(20_000);
});

test('passes on any other error at once', async () => {
  const clock = new VirtualClock();
  const pacer = new QuotaPacer({ clock, share: 1 });
  let calls = 0;
  await expect(clock.run(() => pacer.run('UserUpdate', async () => {
    calls++;
    throw cognitoError('InvalidParameterException');
  }))).rejects.toThrow('InvalidParameterException');
  expect(calls).toBe(1);
});

test('starts nothing after its time', async () => {
  const clock = new VirtualClock();
  const service = new LimitedService(clock, 50);
  const start = clock.now();
  const pacer = new QuotaPacer({ clock, share: 1, until: start + 2_000 });
  const results = await clock.run(() => Promise.allSettled(Array.from({ length: 300 }, () => pacer.run('UserCreation', () => service.call()))));
  const stopped = results.filter(result => result.status === 'rejected').map(result => result.reason as Error);
  expect(stopped.every(error => error instanceof PacerStoppedError)).toBe(true);
  expect(results.length - stopped.length).toBe(service.starts.length);
  expect(service.starts.every(at => at < start + 2_000)).toBe(true);
  expect(clock.now()).toBeLessThan(start + 2_200);
});

test('stops at once when told to', async () => {
  const clock = new VirtualClock();
  const pacer = new QuotaPacer({ clock, share: 1 });
  pacer.stop();
  await expect(clock.run(() => pacer.run('UserCreation', () => Promise.resolve()))).rejects.toThrow(PacerStoppedError);
});

test.each([['TooManyRequestsException', true], ['ThrottlingException', true], ['LimitExceededException', false], ['InvalidParameterException', false]])('%s is throttling: %s', (name, expected) => {
  expect(isThrottling(cognitoError(name))).toBe(expected);
  expect(isThrottling({ name })).toBe(false);
});
