import { KnownUser, UserEvent, UserEventPorts, differs, onUserEvent } from '../../../src/capture/hints/user-event';

const SUB = '704b1e47-34fe-40e9-8c41-504997494531';
const NOW = Date.UTC(2026, 0, 15);

const event = (userAttributes: Record<string, string> = {}, more: Partial<UserEvent> = {}): UserEvent => ({
  triggerSource: 'PostAuthentication_Authentication',
  userPoolId: 'us-east-1_AbCdEfGhI',
  userName: SUB,
  request: {
    userAttributes: {
      'sub': SUB,
      'cognito:user_status': 'CONFIRMED',
      'cognito:email_alias': 'a@example.com',
      'email': 'a@example.com',
      'email_verified': 'true',
      ...userAttributes,
    },
  },
  ...more,
});

const known = (more: Partial<KnownUser> = {}): KnownUser => ({
  username: SUB,
  enabled: true,
  status: 'CONFIRMED',
  attributes: { email: 'a@example.com', email_verified: 'true' },
  mfaReadAt: 0,
  isDeleted: false,
  ...more,
});

class Ports implements UserEventPorts {
  public readonly reads: string[] = [];
  public readonly hints: object[] = [];
  public readonly aborted: string[] = [];

  constructor(private readonly read: () => Promise<KnownUser | undefined>, private readonly queue: () => Promise<void> = async () => undefined) {}

  public async user(poolId: string, sub: string, signal: AbortSignal) {
    this.reads.push(`${poolId} ${sub}`);
    signal.addEventListener('abort', () => this.aborted.push('user'));
    return this.read();
  }

  public async send(hint: object, signal: AbortSignal) {
    signal.addEventListener('abort', () => this.aborted.push('send'));
    await this.queue();
    this.hints.push(hint);
  }
}

const never = async () => new Promise<never>(() => undefined);
const failsWith = (name: string) => async () => { throw Object.assign(new Error('a@example.com'), { name }); };
const CONFIRMATION = { triggerSource: 'PostConfirmation_ConfirmSignUp' };

test('an unchanged user costs one read and no hint', async () => {
  const ports = new Ports(async () => known());
  expect(await onUserEvent(event(), ports, false, NOW)).toEqual({ kind: 'unchanged' });
  expect(ports.reads).toEqual([`us-east-1_AbCdEfGhI ${SUB}`]);
  expect(ports.hints).toEqual([]);
});

test('a hint names the user and the event, and says nothing about the user', async () => {
  const ports = new Ports(async () => undefined);
  expect(await onUserEvent(event({}, CONFIRMATION), ports, false, NOW)).toEqual({ kind: 'sent' });
  expect(ports.hints).toEqual([{
    version: 1,
    userPoolId: 'us-east-1_AbCdEfGhI',
    sub: SUB,
    eventName: 'PostConfirmation_ConfirmSignUp',
    eventTime: '2026-01-15T00:00:00.000Z',
    source: 'trigger',
  }]);
});

describe('a user differs', () => {
  const identities = (dateCreated: number, providerName = 'Google') => JSON.stringify([{ userId: '1', providerName, primary: 'true', dateCreated }]);
  const linked = { email: 'a@example.com', email_verified: 'true', identities: identities(1) };

  test.each<[string, Record<string, string>, Partial<UserEvent>, Partial<KnownUser>]>([
    ['with another attribute', { email: 'b@example.com' }, {}, {}],
    ['with an attribute more', { 'custom:team': 'x' }, {}, {}],
    ['with a verified flag', {}, {}, { attributes: { email: 'a@example.com', email_verified: 'false' } }],
    ['under another name', {}, { userName: 'other' }, {}],
    ['that could not sign in before', {}, {}, { enabled: false }],
    ['with another status', {}, {}, { status: 'FORCE_CHANGE_PASSWORD' }],
    ['with another status, which allows to sign in too', {}, {}, { status: 'EXTERNAL_PROVIDER' }],
    ['that was thought to be gone', {}, {}, { isDeleted: true }],
    ['with another identity', { identities: identities(1, 'Okta') }, {}, { attributes: linked }],
    ['with identities that are no JSON', { identities: '?' }, {}, { attributes: linked }],
    ['with such identities, where the row has none', { identities: '?' }, {}, {}],
  ])('%s', (_what, attributes, more, row) => {
    expect(differs(event(attributes, more), known(row), false, NOW)).toBe(true);
  });

  test('not by what the event leaves out, nor by Cognito\'s own fields', () => {
    const row = known({ attributes: { email: 'a@example.com', email_verified: 'true', name: 'A' } });
    expect(differs(event({ 'cognito:phone_number_alias': '+1' }), row, false, NOW)).toBe(false);
  });

  test('not by the dates of identities', () => {
    const row = known({ status: 'EXTERNAL_PROVIDER', username: 'Google_1', attributes: { identities: identities(1) } });
    const { request: { userAttributes } } = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER', 'identities': identities(1_000) });
    const { email: _email, email_verified: _verified, ...attributes } = userAttributes;
    expect(differs({ ...event(), userName: 'Google_1', request: { userAttributes: attributes } }, row, true, NOW)).toBe(false);
  });

  test('not by the order of identities', () => {
    const [google, okta] = [identities(1), identities(1, 'Okta')].map(text => JSON.parse(text)[0]);
    const row = known({ attributes: { ...linked, identities: JSON.stringify([google, okta]) } });
    expect(differs(event({ identities: JSON.stringify([okta, google]) }), row, false, NOW)).toBe(false);
  });

  test('where the event shows no status, by one that does not allow to sign in', () => {
    const { request: { userAttributes: { 'cognito:user_status': _status, ...userAttributes } } } = event();
    expect(differs({ ...event(), request: { userAttributes } }, known(), false, NOW)).toBe(false);
    expect(differs({ ...event(), request: { userAttributes } }, known({ status: 'EXTERNAL_PROVIDER' }), false, NOW)).toBe(false);
    expect(differs({ ...event(), request: { userAttributes } }, known({ status: 'RESET_REQUIRED' }), false, NOW)).toBe(true);
  });

  test('by an MFA preference that nobody looked up yet, once', () => {
    expect(differs(event(), known(), true, NOW)).toBe(true);
    expect(differs(event(), known({ mfaReadAt: NOW - 86_400_000 }), true, NOW)).toBe(false);
  });

  test('by an MFA preference that was looked up more than a day ago: an event of it may have been lost', () => {
    expect(differs(event(), known({ mfaReadAt: NOW - 86_400_001 }), true, NOW)).toBe(true);
    expect(differs(event(), known({ mfaReadAt: NOW - 86_400_001 }), false, NOW)).toBe(false);
    const through = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' });
    expect(differs({ ...through, userName: 'Google_1' }, known({ status: 'EXTERNAL_PROVIDER', username: 'Google_1' }), true, NOW)).toBe(false);
    // A local user who came in through a linked identity has a preference.
    const row = known({ status: 'EXTERNAL_PROVIDER', attributes: { ...through.request.userAttributes, identities: identities(1) } });
    expect(differs(through, row, true, NOW)).toBe(true);
  });
});

describe('whatever goes wrong, the user goes on, within the budget', () => {
  const budget = { ledger: 60, total: 120 };
  const took = async (ports: Ports, given = event()) => {
    const began = Date.now();
    return { outcome: await onUserEvent(given, ports, false, NOW, budget), milliseconds: Date.now() - began };
  };

  test.each<[string, () => Promise<never>, string]>([
    ['unreachable', failsWith('TimeoutError'), 'TimeoutError'],
    ['throttled', failsWith('ProvisionedThroughputExceededException'), 'ProvisionedThroughputExceededException'],
    ['slow', never, 'Timeout'],
  ])('the ledger is %s: a sign-in is no hint, a confirmation is one', async (_how, read, problem) => {
    const signIn = new Ports(read);
    const first = await took(signIn);
    expect(first.outcome).toEqual({ kind: 'missed', problem });
    expect(signIn.hints).toEqual([]);
    const confirmation = new Ports(read);
    const second = await took(confirmation, event({}, CONFIRMATION));
    expect(second.outcome).toEqual({ kind: 'missed', problem });
    expect(confirmation.hints).toHaveLength(1);
    expect(Math.max(first.milliseconds, second.milliseconds)).toBeLessThan(1_000);
  });

  test.each<[string, () => Promise<never>, string]>([
    ['unreachable', failsWith('ECONNREFUSED'), 'ECONNREFUSED'],
    ['not there yet', failsWith('QueueDoesNotExist'), 'QueueDoesNotExist'],
    ['slow', never, 'Timeout'],
  ])('the queue is %s', async (_how, queue, problem) => {
    const ports = new Ports(async () => undefined, queue);
    const { outcome, milliseconds } = await took(ports, event({}, CONFIRMATION));
    expect(outcome).toEqual({ kind: 'missed', problem });
    expect(milliseconds).toBeLessThan(1_000); // far from never, also on a busy machine
  });

  test('both are slow: the calls are aborted', async () => {
    const ports = new Ports(never, never);
    const { outcome, milliseconds } = await took(ports, event({}, CONFIRMATION));
    expect(outcome.kind).toBe('missed');
    expect(milliseconds).toBeLessThan(1_000); // far from never, also on a busy machine
    expect(ports.aborted).toEqual(['user', 'send']);
  });

  test('an event without a user', async () => {
    const ports = new Ports(never);
    expect((await took(ports, { ...event(), request: { userAttributes: {} } })).outcome).toEqual({ kind: 'missed', problem: 'NoSub' });
    expect((await took(ports, {} as UserEvent)).outcome).toEqual({ kind: 'missed', problem: 'TypeError' });
  });
});
