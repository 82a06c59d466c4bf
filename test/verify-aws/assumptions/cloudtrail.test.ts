import { CLOUDTRAIL, lagsOf, matching } from './cloudtrail';
import { MadeCall, REFUSED } from './cloudtrail-calls';
import { CLOUDTRAIL_FIXTURES } from '../../capture/hints/fixtures/cloudtrail-events';
import { HeardEvent } from '../event-log';
import { Port } from '../port';

const AT = Date.UTC(2026, 0, 1);
const heard = (eventName: string, more: object = {}, seconds = 0): HeardEvent => ({
  detailType: 'AWS API Call via CloudTrail', detail: { eventName, eventTime: new Date(AT + seconds * 1_000).toISOString(), ...more }, sentAt: AT,
});
const call = (more: Partial<MadeCall> = {}): MadeCall => ({ about: {}, calledAt: AT, ...more });

test('there is one for every event that the fixtures list', () => {
  expect(CLOUDTRAIL.map(({ id }) => id)).toEqual(expect.arrayContaining(CLOUDTRAIL_FIXTURES.map(({ eventName }) => `cloudtrail.${eventName}`)));
});

describe('the event of a call', () => {
  const other = heard('AdminEnableUser', { additionalEventData: { sub: 'other' } });
  const ours = (more: object = {}, seconds = 0, eventName = 'AdminEnableUser') => heard(eventName, { additionalEventData: { sub: 'ours' }, requestID: 'r1', ...more }, seconds);
  const made = call({ about: { sub: 'ours' } });

  test.each<[string, HeardEvent[], string, MadeCall, HeardEvent | undefined]>([
    ['by its request id', [other, ours()], 'AdminEnableUser', call({ requestId: 'r1' }), ours()],
    ['by its user', [other, ours()], 'AdminEnableUser', made, ours()],
    ['by its group', [heard('CreateGroup'), heard('CreateGroup', { requestParameters: { groupName: 'g' } })], 'CreateGroup', call({ about: { groupName: 'g' } }),
      heard('CreateGroup', { requestParameters: { groupName: 'g' } })],
    ['not that of another user', [other, ours()], 'AdminEnableUser', call({ requestId: 'r2', about: { address: 'x' } }), undefined],
    ['not that of another operation', [ours({}, 0, 'AdminDisableUser')], 'AdminEnableUser', made, undefined],
    ['not one of before', [ours({}, -60)], 'AdminEnableUser', made, undefined],
    ['although CloudTrail keeps whole seconds', [ours({}, -1)], 'AdminEnableUser', made, ours({}, -1)],
    ['not that of a refused call', [ours({ errorCode: 'X' })], 'AdminEnableUser', made, undefined],
    ['that of the refused call', [ours({}, 0, 'AdminDisableUser'), ours({ errorCode: 'X' }, 0, 'AdminDisableUser')], REFUSED, call({ requestId: 'r1' }),
      ours({ errorCode: 'X' }, 0, 'AdminDisableUser')],
  ])('%s', (_, events, name, one, expected) => {
    expect(matching(events, name, one)).toEqual(expected && { event: expected, byName: false });
  });

  test('by its name, where it names nobody and is the only one', () => {
    const [refused, again] = [heard('AdminDisableUser', { errorCode: 'X' }), heard('AdminDisableUser', { errorCode: 'Y' })];
    expect(matching([other, refused], REFUSED, call({ requestId: 'r9' }))).toEqual({ event: refused, byName: true });
    expect(matching([refused, again], REFUSED, call({ requestId: 'r9' }))).toBeUndefined();
  });
});

describe('the lag', () => {
  const port = (...events: HeardEvent[]) => ({
    events: { heard: events }, patience: { event: 20, firstEvent: 20, poll: 1 }, signal: new AbortController().signal,
  }) as unknown as Port;
  const calls = (...made: [string, MadeCall][]) => new Map(made);
  const late = (requestID: string, milliseconds: number): HeardEvent => ({ ...heard('AdminEnableUser', { requestID }), sentAt: AT + milliseconds });

  test('is measured of what came; what did not come in time is counted', async () => {
    expect(await lagsOf(port(late('r1', 3_000), late('r2', 5_000)), calls(
      ['AdminEnableUser', call({ requestId: 'r1' })], ['AdminDeleteUser', call({ requestId: 'r3' })],
    ))).toEqual({ milliseconds: [3_000], missing: 1 });
  });

  test('is not that of calls that failed; the one that has to be refused counts', async () => {
    expect(await lagsOf(port(late('r1', 3_000)), calls(
      ['AdminEnableUser', call({ requestId: 'r1' })], ['AdminDeleteUser', call({ error: 'X' })], [REFUSED, call({ error: 'X', requestId: 'r4' })],
    ))).toEqual({ milliseconds: [3_000], missing: 1 });
  });
});
