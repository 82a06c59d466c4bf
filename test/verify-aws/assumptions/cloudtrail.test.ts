import { CLOUDTRAIL, matching } from './cloudtrail';
import { MadeCall, REFUSED } from './cloudtrail-calls';
import { CLOUDTRAIL_FIXTURES } from '../../capture/fixtures/cloudtrail-events';
import { HeardEvent } from '../event-log';

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
  const ours = heard('AdminEnableUser', { additionalEventData: { sub: 'ours' }, requestID: 'r1' });

  test.each<[string, HeardEvent[], string, MadeCall, HeardEvent | undefined]>([
    ['by its request id', [other, ours], 'AdminEnableUser', call({ requestId: 'r1' }), ours],
    ['by its user', [other, ours], 'AdminEnableUser', call({ about: { sub: 'ours' } }), ours],
    ['the first, where it names nobody', [other, ours], 'AdminEnableUser', call(), other],
    ['not that of another operation', [heard('AdminDisableUser')], 'AdminEnableUser', call(), undefined],
    ['not one of before', [heard('AdminEnableUser', {}, -60)], 'AdminEnableUser', call(), undefined],
    ['although CloudTrail keeps whole seconds', [heard('AdminEnableUser', {}, -1)], 'AdminEnableUser', call(), expect.anything() as HeardEvent],
    ['not that of a refused call', [heard('AdminEnableUser', { errorCode: 'X' })], 'AdminEnableUser', call(), undefined],
    ['that of the refused call', [heard('AdminDisableUser'), heard('AdminDisableUser', { errorCode: 'X' })], REFUSED, call(), heard('AdminDisableUser', { errorCode: 'X' })],
  ])('%s', (_, events, name, made, expected) => {
    expect(matching(events, name, made)).toEqual(expected);
  });
});
