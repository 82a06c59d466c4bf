import { CLOUDTRAIL_FIXTURES, Call, EXAMPLE_CALL, cloudTrailEvent } from './fixtures/cloudtrail-events';
import { readHint } from '../../../src/capture/hints/read-hint.lambda-shared';
import { API_EVENTS, CHALLENGE_EVENTS, PAGE_EVENTS } from '../../../src/capture/hints/user-events';

const { userPoolId: POOL, sub, groupName: group } = EXAMPLE_CALL;
const SENT_AT = Date.UTC(2026, 0, 15, 13);
const read = (message: unknown) => readHint(typeof message === 'string' ? message : JSON.stringify(message), POOL, SENT_AT);
const event = (name: string, about?: Partial<Call>, request?: Record<string, unknown>) => cloudTrailEvent(name, about, request)!;

test('there is a fixture for every event that is followed, and no other', () => {
  expect(CLOUDTRAIL_FIXTURES.map(fixture => fixture.eventName).sort())
    .toEqual(Object.keys({ ...API_EVENTS, ...CHALLENGE_EVENTS, ...PAGE_EVENTS }).sort());
});

describe.each(CLOUDTRAIL_FIXTURES)('$eventName ($mark)', fixture => {
  const about = { eventId: 'id', eventTime: Date.UTC(2026, 0, 15, 12, 0, 1, 999) };
  const expected = {
    'user': { sub },
    'group': { group },
    'user and group': { sub, group },
    'nobody': undefined,
  }[fixture.names];

  test('names what it is about, or says that it does not', () => {
    const eventTime = '2026-01-15T12:00:01Z';
    const caller = fixture.caller === 'admin' ? { principal: 'arn:aws:iam::111122223333:role/admin', session: 'admin' } : {};
    const pool = fixture.caller === 'user' && fixture.names === 'nobody' ? {} : { userPoolId: POOL };
    expect(read(event(fixture.eventName, about))).toEqual(expected
      ? { hint: { version: 1, ...pool, ...expected, eventName: fixture.eventName, eventTime, eventId: 'id', source: 'cloudtrail', ...caller } }
      : { ignored: 'no-user', source: 'cloudtrail' });
  });

  test('is dropped where the call was refused', () => {
    expect(read(event(fixture.eventName, { errorCode: 'NotAuthorizedException' }))).toEqual({ ignored: 'failed-call', source: 'cloudtrail' });
  });

  test('is dropped where it is about another pool', () => {
    const other = read(event(fixture.eventName, { userPoolId: 'us-east-1_Other' }));
    // Sign-up names no pool; only its user could tell, and it names none either.
    expect(other).toEqual({ ignored: fixture.eventName === 'SignUp' ? 'no-user' : 'other-pool', source: 'cloudtrail' });
  });
});

test.each(CLOUDTRAIL_FIXTURES.filter(({ caller, names }) => caller === 'user' && names === 'user'))(
  '$eventName without a pool, as before 2026, is somebody to look for', ({ eventName }) => {
    const { hint } = read(event(eventName, { tokenCallsNameThePool: false })) as { hint: object };
    expect(hint).toMatchObject({ sub });
    expect(hint).toHaveProperty('userPoolId', undefined);
  });

test.each([
  ['PASSWORD_VERIFIER', false], ['SOFTWARE_TOKEN_MFA', false], ['NEW_PASSWORD_REQUIRED', true], ['MFA_SETUP', true],
])('a challenge %s is followed: %s', (challengeName, isFollowed) => {
  expect('hint' in read(event('RespondToAuthChallenge', {}, { challengeName }))).toBe(isFollowed);
});

test.each([
  ['a read', { ...event('AdminDeleteUser').detail, eventName: 'ListUsers', readOnly: true }],
  ['a call that changes no user', { ...event('AdminDeleteUser').detail, eventName: 'CreateUserPoolClient' }],
  ['the name of an object\'s own method', { ...event('AdminDeleteUser').detail, eventName: 'toString' }],
  ['another service', { ...event('AdminDeleteUser').detail, eventSource: 'cognito-identity.amazonaws.com' }],
])('%s is unrelated', (_what, detail) => {
  expect(read({ ...event('AdminDeleteUser'), detail })).toEqual({ ignored: 'unrelated-event', source: 'cloudtrail' });
});

describe('the caller is', () => {
  const caller = (userIdentity: unknown) => {
    const { hint: { principal, session } } = read({ ...event('AdminDisableUser'), detail: { ...event('AdminDisableUser').detail, userIdentity } }) as {
      hint: { principal?: string; session?: string };
    };
    return { principal, session };
  };
  const role = 'arn:aws:iam::111122223333:role/path/of/Admin';
  const issuer = { sessionIssuer: { type: 'Role', arn: role } };
  test.each<[string, unknown, string | undefined, string | undefined]>([
    ['a role and its session', {
      type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/Admin/jane.doe@example.com', sessionContext: issuer,
    }, role, 'jane.doe@example.com'],
    ['the session of a role, where CloudTrail does not say whose', {
      type: 'AssumedRole', arn: 'arn:aws-us-gov:sts::111122223333:assumed-role/Admin/ann',
    }, 'arn:aws-us-gov:sts::111122223333:assumed-role/Admin', 'ann'],
    ['an IAM user', { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', userName: 'ann' }, 'arn:aws:iam::111122223333:user/ann', undefined],
    ['the root user', { type: 'Root', arn: 'arn:aws:iam::111122223333:root' }, 'arn:aws:iam::111122223333:root', undefined],
    ['an IAM user with a session', {
      type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', sessionContext: { attributes: {} },
    }, 'arn:aws:iam::111122223333:user/ann', undefined],
    ['nobody, where a user called with a token', { type: 'Unknown', principalId: 'Anonymous' }, undefined, undefined],
    ['nobody, on a page of managed login', { accountId: '111122223333' }, undefined, undefined],
    ['nobody, where AWS called', { type: 'AWSService', invokedBy: 'cognito-idp.amazonaws.com' }, undefined, undefined],
    ['nobody, where nothing is said', undefined, undefined, undefined],
    ['nobody, where it is no ARN', { arn: 'x'.repeat(100_000), sessionContext: 1 }, undefined, undefined],
  ])('%s', (_who, userIdentity, principal, session) => {
    expect(caller(userIdentity)).toEqual({ principal, session });
  });

  test('not told by an application', () => {
    const { hint } = read({ version: 1, userPoolId: POOL, sub, principal: role, session: 'ann' }) as { hint: object };
    expect(Object.keys(hint)).not.toEqual(expect.arrayContaining(['principal']));
  });
});

describe('a hint of an application', () => {
  test('needs no more than a user or a group', () => {
    expect(read({ version: 1, userPoolId: POOL, sub })).toEqual({
      hint: { version: 1, userPoolId: POOL, sub, group: undefined, eventName: 'Hint', eventTime: '2026-01-15T13:00:00.000Z', source: 'application' },
    });
    expect(read({ version: 1, userPoolId: POOL, group })).toMatchObject({ hint: { group } });
  });

  test('of another pool is dropped', () => {
    expect(read({ version: 1, userPoolId: 'us-east-1_Other', sub })).toEqual({ ignored: 'other-pool', source: 'application' });
  });

  test('may come from the trigger', () => {
    expect(read({ version: 1, userPoolId: POOL, sub, source: 'trigger' })).toMatchObject({ hint: { source: 'trigger' } });
  });
});

test.each<[string, unknown]>([
  ['not JSON', '{'],
  ['empty', ''],
  ['a list', []],
  ['a text', '"sub"'],
  ['null', 'null'],
  ['256 KB', JSON.stringify({ version: 1, userPoolId: POOL, sub: 'x'.repeat(256 * 1024) })],
  ['256 KB that are not JSON', 'x'.repeat(256 * 1024)],
  ['no version', { userPoolId: POOL, sub }],
  ['a later version', { version: 2, userPoolId: POOL, sub }],
  ['no pool', { version: 1, sub }],
  ['nobody', { version: 1, userPoolId: POOL }],
  ['a sub that is no text', { version: 1, userPoolId: POOL, sub: 1 }],
  ['an empty group', { version: 1, userPoolId: POOL, group: '' }],
  ['a time that is none', { version: 1, userPoolId: POOL, sub, eventTime: 'yesterday' }],
  ['an envelope without a detail', { 'detail-type': 'AWS API Call via CloudTrail' }],
  ['an event without a name', { ...event('AdminDeleteUser'), detail: { eventTime: '2026-01-15T12:00:00Z' } }],
])('unreadable: %s', (_what, message) => {
  const answer = read(message);
  expect(answer).toHaveProperty('unreadable');
  expect(JSON.stringify(answer).length).toBeLessThan(100);
});
