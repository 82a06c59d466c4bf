import { Hint, HINT_VERSION } from '../../../src/capture/hints/hint';
import { jobsOf, Message } from '../../../src/capture/hints/hint-jobs';

const NOW = Date.UTC(2026, 0, 15, 12);

let sent = 0;
beforeEach(() => { sent = 0; });

function message(hint: Partial<Hint>, receives = 1, sentAt = 0): Message {
  const read = { hint: { version: HINT_VERSION, eventName: 'AdminDisableUser', eventTime: new Date(NOW).toISOString(), source: 'cloudtrail', ...hint } as Hint };
  return { id: `m${sent += 1}`, read, sentAt, receives };
}

const at = (milliseconds: number) => new Date(NOW + milliseconds).toISOString();
/** The jobs of the messages, in this order and in the other: the queue keeps none. */
const inAnyOrder = (...messages: Message[]) => [jobsOf(messages, NOW), jobsOf([...messages].reverse(), NOW)];

test('no messages are no jobs', () => {
  expect(jobsOf([], NOW)).toEqual({ users: [], groups: [], ignored: [], unreadable: [] });
  // About the pool itself, say.
  expect(jobsOf([message({})], NOW)).toMatchObject({ users: [], groups: [] });
});

test('the newest message of CloudTrail is noted, also one that is ignored; one of a trigger says nothing of CloudTrail', () => {
  const ignored: Message = { id: 'i', read: { ignored: 'failed', source: 'cloudtrail' } as never, sentAt: 7, receives: 1 };
  for (const jobs of inAnyOrder(message({ sub: 'a' }, 1, 5), ignored, message({ sub: 'a', source: 'trigger' }, 1, 9))) expect(jobs.eventSeenAt).toBe(7);
  expect(jobsOf([message({ sub: 'a' }, 1, 5)], NOW).eventSeenAt).toBe(5);
  expect(jobsOf([message({ sub: 'a', source: 'trigger' }, 1, 9)], NOW).eventSeenAt).toBeUndefined();
});

describe('the date that an answer must have', () => {
  test.each<[string, number, Message[], number]>([
    ['that of the event, whose times are whole seconds', 1_000, [message({ sub: 'a', eventTime: at(1_900) }, 2)], 2],
    ['that of the newest of the events, with its looks, though an older one had more', 2_000, [message({ sub: 'a', eventTime: at(1_000) }, 5), message({ sub: 'a', eventTime: at(2_000) }, 3)], 3],
    ['that of the newest, though an older one had fewer', 2_000, [message({ sub: 'a', eventTime: at(1_000) }, 1), message({ sub: 'a', eventTime: at(2_000) }, 3)], 3],
    ['of two in one second, that of the one that was looked at less', 2_000, [message({ sub: 'a', eventTime: at(2_000) }, 5), message({ sub: 'a', eventTime: at(2_300) }, 3)], 3],
  ])('is %s', (_what, moment, messages, looks) => {
    for (const { users: [job] } of inAnyOrder(...messages)) expect([job.movedAt - NOW, job.movedLooks]).toEqual([moment, looks]);
  });

  test('is none where no event of CloudTrail says that something moved it', () => {
    for (const hint of [{ source: 'trigger' }, { source: undefined }, { eventName: 'AdminAddUserToGroup', group: 'g' }] as const) {
      expect(jobsOf([message({ sub: 'a', ...hint })], NOW).users).toMatchObject([{ movedAt: 0, movedLooks: Infinity }]);
    }
  });
});

test('each kind of event has its own patience', () => {
  const [job] = jobsOf([message({ sub: 'a' }, 4)], NOW).users;
  expect(job).toMatchObject({ removes: false, looks: 4, freshLooks: 4, removedLooks: Infinity, mfaLooks: Infinity });
  for (const { users: [both] } of inAnyOrder(message({ sub: 'a' }, 4), message({ sub: 'a', eventName: 'AdminDeleteUser' }, 2), message({ sub: 'a', eventName: 'DeleteUser' }, 3))) {
    expect(both).toMatchObject({ removes: true, looks: 4, freshLooks: 2, removedLooks: 2, mfaLooks: Infinity });
  }
});

describe('the members of a group', () => {
  const from = (...places: (string | undefined)[]) =>
    inAnyOrder(...places.map(membersFrom => message({ eventName: 'DeleteGroup', group: 'g', membersFrom }))).map(({ groups: [job] }) => job.membersFrom);

  test('go on at the earliest place that a message names, and anew where one names none', () => {
    expect(from('7')).toEqual(['7', '7']);
    expect(from('7', '3', '5')).toEqual(['3', '3']);
    expect(from('7', undefined)).toEqual([undefined, undefined]);
    expect(from('7', undefined, '3')).toEqual([undefined, undefined]);
  });
});
