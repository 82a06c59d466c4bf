import { drillBeginning, DrillCall } from '../../src/drill/drill-input.lambda-shared';
import { DrillBeginning } from '../../src/drill/drill-worker';

const PLACE = { region: 'us-east-1', library: '1.2.3', templates: { primary: { stack: 'Auth', sha256: 'a' }, replica: { stack: 'Replica', unreadable: 'TimeoutError' } } };
const ROLE = 'arn:aws:iam::111122223333:role/operator';
const begin = (input: unknown, given: Partial<DrillCall> = {}) =>
  drillBeginning({ execution: 'drill-1', executionArn: 'arn:execution', startedAt: '2026-11-22T04:00:00Z', ...given, input }, PLACE);

test('nothing but braces is a drill of now, about a sample, by an operator', () => {
  expect(begin({})).toEqual({
    order: { seed: expect.stringMatching(/^[0-9a-f]{32}$/), moment: 'latest', windowDays: undefined, users: 1_000, quotaShare: 0.3 },
    facts: {
      id: 'drill-1',
      executionArn: 'arn:execution',
      templates: PLACE.templates,
      startedAt: '2026-11-22T04:00:00.000Z',
      versions: { library: '1.2.3', ledger: 1, node: process.version },
      startedBy: { how: 'operator', roleArn: undefined },
      approvedBy: undefined,
      scenario: expect.stringContaining('lost'),
      objective: expect.stringContaining('sign in'),
      source: { userPoolId: '', region: 'us-east-1' },
      targets: { rto: undefined, rpo: undefined },
    },
  });
});

test('everything can be said', () => {
  const input = {
    moment: 'random',
    windowDays: 7,
    users: 'everybody',
    seed: 's',
    scenario: 'The Region is dark',
    objective: 'All are back',
    startedBy: 'region-switch',
    startedByRole: ROLE,
    approvedBy: ROLE,
    targetRto: 3_600,
    targetRpo: 60,
    quotaShare: 1,
  };
  expect(begin(input)).toMatchObject({
    order: { seed: 's', moment: 'random', windowDays: 7, users: 'everybody', quotaShare: 1 },
    facts: {
      startedBy: { how: 'region-switch', roleArn: ROLE }, approvedBy: { roleArn: ROLE }, scenario: 'The Region is dark', objective: 'All are back', targets: { rto: 3_600, rpo: 60 },
    },
  });
});

test('a repeated call draws the same, and another execution something else', () => {
  const seedOf = (given?: Partial<DrillCall>) => (begin({}, given) as DrillBeginning).order.seed;
  expect(seedOf()).toBe(seedOf());
  expect(seedOf({ executionArn: 'arn:other' })).not.toBe(seedOf());
  expect(seedOf({ startedAt: '2026-11-22T05:00:00Z' })).not.toBe(seedOf());
});

test.each<[unknown, string]>([
  [null, 'input: got null, want a JSON object, such as {}'],
  [{ when: 'now' }, 'when: not a field of a drill; known fields are moment, windowDays, users, seed, scenario, objective, startedBy, startedByRole, approvedBy, targetRto, targetRpo, quotaShare'],
  [{ moment: 'yesterday' }, 'moment: got "yesterday", want "latest" or "random"'],
  [{ windowDays: 0 }, 'windowDays: got 0, want a number of days, at least 1'],
  [{ users: 0 }, 'users: got 0, want "everybody", or a number of users from 1 to 5000'],
  [{ users: 5_001 }, 'users: got 5001, want "everybody", or a number of users from 1 to 5000'],
  [{ users: 'all' }, 'users: got "all", want "everybody", or a number of users from 1 to 5000'],
  [{ startedBy: 'me' }, 'startedBy: got "me", want one of schedule, operator, region-switch'],
  [{ approvedBy: '' }, 'approvedBy: got "", want the ARN of a role'],
  [{ targetRto: 0 }, 'targetRto: got 0, want a number of seconds, above 0'],
  [{ targetRpo: 'soon' }, 'targetRpo: got "soon", want a number of seconds, above 0'],
  [{ quotaShare: 1.1 }, 'quotaShare: got 1.1, want a number above 0 and up to 1'],
])('%j is refused in a sentence', (input, message) => {
  expect(begin(input)).toEqual({ message });
});

test('what the form of the report would not take is refused before the drill, and not after it', () => {
  expect(begin({ scenario: 'x'.repeat(2_049) })).toEqual({ message: expect.stringMatching(/^scenario: got "x{79}\.\.\., want .* of at most 2048 characters$/) });
  expect(begin({ scenario: 'x'.repeat(2_048) })).not.toHaveProperty('message');
});

test.each(['ada@example.com', 'a b', 'x'.repeat(81), ''])('an execution called "%s" has no report that could be named after it', execution => {
  expect(begin({}, { execution })).toEqual({ message: expect.stringMatching(/^name: want letters, digits, /) });
});
