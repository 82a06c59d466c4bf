import { Step, beginningOf, mergedBeginning } from '../../src/capture/beginnings';
import { factsOf } from '../../src/capture/hints/user-events';
import { ChangeEvent } from '../../src/capture/observation';
import { CLOCK_SKEW, MOST_LAG } from '../../src/ledger/beginning';

/** Whole seconds from an arbitrary noon. */
const NOON = Date.UTC(2026, 0, 10, 12);
const at = (seconds: number) => NOON + seconds * 1_000;
const call = (name: string, seconds: number, more: Partial<ChangeEvent> = {}): ChangeEvent => (
  { name, at: at(seconds), source: 'cloudtrail', id: `${name}-${seconds}`, ...factsOf(name), ...more });
const trigger = (seconds: number): ChangeEvent => ({ ...call('PostAuthentication_Authentication', seconds), source: 'trigger', id: undefined });
const LATE = MOST_LAG / 1_000 + 1;

/** A user who was seen enabled at noon, and disabled ten minutes later by a look of two seconds. */
const step = (changes: Partial<Step> & { events?: ChangeEvent[] } = {}): Step => ({
  before: { observedAt: at(0), isCompared: true },
  differs: ['enabled'],
  is: { existence: true, enabled: false },
  ...changes,
  seen: { observedAt: at(600), answeredAt: at(602), cause: { event: 'sweep', id: 'r' }, events: changes.events, ...changes.seen },
});
const began = (changes?: Parameters<typeof step>[0]) => beginningOf(step(changes)).began;
const seconds = (interval?: { notBefore?: number; since: number }) => interval && [
  interval.notBefore === undefined ? undefined : (interval.notBefore - NOON) / 1_000, (interval.since - NOON) / 1_000,
];

test('the clock may be wrong by a second, and Cognito late by a minute', () => {
  expect([CLOCK_SKEW, MOST_LAG]).toEqual([1_000, 60_000]);
});

describe('whatever was lost, a row began', () => {
  const looked = { observedAt: at(600), answeredAt: at(602), cause: { event: 'sweep' } };
  test.each<[string, Partial<Step>, [number | undefined, number]]>([
    ['between the look before and the answer', {}, [-LATE, 603]],
    ['after a sweep that compared it', { seen: { ...looked, comparedAt: at(300) } }, [300 - LATE, 603]],
    ['after the look before, if that was later than the sweep', { seen: { ...looked, comparedAt: at(-300) } }, [-LATE, 603]],
    ['after the look before, if the sweep compared what was refused', { seen: { ...looked, comparedAt: at(300) }, before: { observedAt: at(0) } }, [-LATE, 603]],
    ['by the date that Cognito shows', { changedAt: at(500) }, [-LATE, 501]],
    ['by the answer, if the date is later', { changedAt: at(603) }, [-LATE, 603]],
    ['after the date of what was before', { before: { observedAt: at(0), changedAt: at(-10) }, changedAt: at(500) }, [-11, 501]],
    ['after what was before', { before: { observedAt: at(0), began: { notBefore: at(-5), since: at(1) } } }, [-5, 603]],
    ['with a user whom Cognito made', { before: {}, createdAt: at(400), changedAt: at(400), differs: ['existence'] }, [399, 401]],
    ['after a sweep that did not find a group', { before: { isCompared: true }, seen: { ...looked, comparedAt: at(300) } }, [300 - LATE, 603]],
    ['some time, if nobody looked before', { before: { isCompared: true } }, [undefined, 603]],
    ['around both, if Cognito was later than it may be', { before: { observedAt: at(599), changedAt: at(599) }, changedAt: at(300) }, [299, 603]],
  ])('%s', (_what, changes, expected) => {
    const { byEvent, ...interval } = began(changes);
    expect(seconds(interval)).toEqual(expected);
    expect(byEvent).toBeUndefined();
  });
});

describe('by an event', () => {
  test.each<[string, Parameters<typeof step>[0], (number | string)[]]>([
    ['in its second', { events: [call('AdminDisableUser', 500)] }, [499, 502]],
    ['in its second, up to Cognito\'s date', { events: [call('AdminDisableUser', 500)], changedAt: at(500.2) }, [499, 501.2]],
    ['once, if it came twice', { events: [call('AdminDisableUser', 500), call('AdminDisableUser', 500)] }, [499, 502]],
    ['and not by what the state before is the work of', {
      before: { observedAt: at(490), cause: { event: 'AdminEnableUser', id: 'AdminEnableUser-480' } },
      events: [call('AdminEnableUser', 480), call('AdminDisableUser', 500)],
    }, [499, 502]],
    ['and not by one that changes something else', { events: [call('AdminDisableUser', 500), call('AdminSetUserPassword', 300)], changedAt: at(500) }, [499, 501]],
    ['from the first to the last of several', { events: [call('AdminDisableUser', 500), call('AdminEnableUser', 300), call('AdminDisableUser', 100)] }, [99, 502, 'coalesced']],
    ['from the first to the last, one of which may have undone the other', {
      events: [call('AdminDisableUser', 500), call('AdminUpdateUserAttributes', 300), call('AdminUpdateUserAttributes', 310)], changedAt: at(500),
    }, [299, 501, 'coalesced']],
    ['of each difference', {
      differs: ['enabled', 'attributes'], events: [call('AdminDisableUser', 500), call('AdminUpdateUserAttributes', 510)], changedAt: at(510),
    }, [499, 511, 'coalesced']],
    ['that made a user', { before: {}, createdAt: at(400), changedAt: at(400), differs: ['existence'], events: [call('AdminCreateUser', 400)] }, [399, 401]],
    ['that made a user, who was changed since', {
      before: {}, createdAt: at(400), changedAt: at(410), differs: ['existence'], events: [call('AdminCreateUser', 400), call('AdminUpdateUserAttributes', 410)],
    }, [399, 411, 'coalesced']],
    ['that deleted a user', { differs: ['existence'], is: { existence: false }, events: [call('AdminDeleteUser', 500)] }, [499, 502]],
    ['that deleted a user, who was changed before', {
      differs: ['existence'], is: { existence: false }, events: [call('AdminDeleteUser', 500), call('AdminUpdateUserAttributes', 300)],
    }, [299, 502, 'coalesced']],
    ['that deleted the user of a membership', { differs: ['membership'], is: { membership: false }, events: [call('AdminDeleteUser', 500)] }, [499, 502]],
    ['of a membership, not of the user', {
      differs: ['membership'], is: { membership: true }, events: [call('AdminAddUserToGroup', 500), call('AdminDisableUser', 300)],
    }, [499, 502]],
    ['that a trigger followed', { events: [trigger(500)], changedAt: at(497) }, [496, 498]],
  ])('%s', (_what, changes, expected) => {
    const { byEvent, coalesced, notBefore, since } = began(changes);
    expect([...seconds(byEvent) ?? [], ...coalesced ? ['coalesced'] : []]).toEqual(expected);
    expect(byEvent!.notBefore).toBeGreaterThanOrEqual(notBefore!);
    expect(byEvent!.since).toBeLessThanOrEqual(since);
  });

  test.each<[string, Parameters<typeof step>[0]]>([
    ['none', {}],
    ['one that can not have made the difference', { events: [call('AdminUpdateUserAttributes', 500)] }],
    ['one that made the opposite', { events: [call('AdminEnableUser', 500)] }],
    ['one from before the look before', { events: [call('AdminDisableUser', -70)] }],
    ['one that is not of the moment that Cognito shows', { events: [call('AdminDisableUser', 300)], changedAt: at(500) }],
    ['one for the first of two differences', { differs: ['enabled', 'attributes'], events: [call('AdminDisableUser', 500)] }],
    ['a trigger without a date', { events: [trigger(500)] }],
    ['a trigger long after the date', { events: [trigger(500)], changedAt: at(400) }],
  ])('is not said of %s', (_what, changes) => {
    expect(began(changes).byEvent).toBeUndefined();
  });
});

test('a user who was made at one moment and changed at another before anybody looked: what stood in between is not known', () => {
  expect(began({ before: {}, createdAt: at(100), changedAt: at(400), differs: ['existence'] })).toEqual(
    { notBefore: at(99), since: at(401), coalesced: true });
});

describe('the cause', () => {
  const who = { principal: 'arn:aws:iam::111122223333:role/script', session: 'ann' };
  test('is the event that explains the change, and who made the call', () => {
    const events = [call('AdminDisableUser', 500, who), call('AdminAddUserToGroup', 510, { principal: 'another' })];
    expect(beginningOf(step({ events })).cause).toEqual({ event: 'AdminDisableUser', id: 'AdminDisableUser-500', at: at(500), ...who });
  });
  test('is what the look was made for, and nobody, where no event explains it', () => {
    expect(beginningOf(step({ events: [call('AdminAddUserToGroup', 510, who)] })).cause).toEqual({ event: 'sweep', id: 'r' });
  });
});

test('two beginnings in a row are one where what stood between them is not kept', () => {
  const first = { notBefore: 10, since: 20, byEvent: { notBefore: 12, since: 14 } };
  const second = { notBefore: 15, since: 40, byEvent: { notBefore: 30, since: 33 } };
  expect(mergedBeginning(first, second)).toEqual({ notBefore: 10, since: 40, byEvent: { notBefore: 12, since: 33 }, coalesced: true });
  expect(mergedBeginning({ since: 20 }, second)).toEqual({ since: 40, coalesced: true });
  expect(mergedBeginning(undefined, { since: 40 })).toEqual({ since: 40, coalesced: true });
});
