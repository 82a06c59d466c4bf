import { CHECKS, CheckName, CheckState, DoctorFacts, ExaminedClient, examine, isIll } from '../../src/cli/commands/doctor';
import { Deployment } from '../../src/operations/deployment';

const NOW = Date.parse('2026-11-02T12:00:00Z');
const HOUR = 3_600_000;
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:Auth-OnUserEvent';
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alarms';
const TABLE = { name: 'ledger', region: 'us-east-1', hasPointInTimeRecovery: true, isProtected: true };
const DEPLOYMENT = { primaryRegion: 'us-east-1', standbyUserPoolId: 'us-west-2_b', replicaRegion: 'us-west-2', definitionDigest: 'd' } as Deployment;
const ALARM = { name: 'a', region: 'us-east-1', actions: [TOPIC], isEnabled: true, isThere: true };
const QUOTA = { region: 'us-west-2', category: 'UserCreation', typed: 50, provisioned: 50 };
const CLIENT: ExaminedClient = { ClientName: 'web', RefreshTokenValidity: 30 };

const SchemaAttributes = [{ Name: 'email' }, { Name: 'custom:plan' }];
const SOURCE = { DeletionProtection: 'ACTIVE', LambdaConfig: { PostConfirmation: FUNCTION, PostAuthentication: FUNCTION }, SchemaAttributes };
const STANDBY = {
  DeletionProtection: 'ACTIVE',
  EmailConfiguration: { EmailSendingAccount: 'DEVELOPER' },
  SmsConfiguration: {},
  SchemaAttributes: [...SOURCE.SchemaAttributes, { Name: 'custom:source_sub' }],
};
const HEALTHY: DoctorFacts = {
  now: NOW,
  deployment: DEPLOYMENT,
  eventSeenAt: NOW - HOUR,
  source: SOURCE,
  standby: STANDBY,
  functionArns: [FUNCTION],
  tables: [TABLE],
  alarms: [ALARM],
  subscriptions: new Map([[TOPIC, 1]]),
  quotas: [QUOTA],
  isMailSandbox: false,
  isSmsSandbox: false,
  definitionDigest: 'd',
  sourceClients: [CLIENT],
  standbyClients: [CLIENT],
  replicas: [],
  silent: [],
  unread: new Map(),
};

test('nothing is wrong where nothing is', () => {
  const { checks } = examine(HEALTHY);
  expect(checks.map(({ check, state }) => [check, state])).toEqual(CHECKS.map(check => [check, 'ok']));
  expect(isIll({ schemaVersion: 1, checks })).toBe(false);
});

test.each<[CheckName, CheckState, Partial<DoctorFacts>, RegExp?]>([
  ['trail', 'wrong', { eventSeenAt: undefined }, /createTrail/],
  ['trail', 'warning', { eventSeenAt: NOW - 80 * HOUR }, /createTrail/],
  ['triggers', 'warning', { source: { ...SOURCE, LambdaConfig: {} } }],
  ['triggers', 'warning', { source: { ...SOURCE, LambdaConfig: { ...SOURCE.LambdaConfig, PostConfirmation: `${FUNCTION}-of-another` } } }],
  ['triggers', 'warning', { source: { ...SOURCE, LambdaConfig: { PostConfirmation: FUNCTION } } }, /grantCaptureHints/],
  ['point-in-time-recovery', 'wrong', { tables: [TABLE, { ...TABLE, hasPointInTimeRecovery: false, region: 'us-west-2' }] }, /us-west-2 --ta/],
  ['tables-protected', 'warning', { tables: [{ ...TABLE, isProtected: false }] }, /--deletion-protection-enabled/],
  ['source-pool-protected', 'wrong', { source: { ...SOURCE, DeletionProtection: 'INACTIVE' } }, /deletionProtection/],
  ['standby-pool-protected', 'wrong', { standby: { ...STANDBY, DeletionProtection: undefined } }],
  ['alarm-actions', 'wrong', { alarms: [ALARM, { ...ALARM, actions: [] }] }, /alarmTopics/],
  ['alarm-actions', 'wrong', { alarms: [ALARM, { ...ALARM, isEnabled: false }] }, /enable-alarm-actions --region us-east-1 --alarm-names a/],
  ['alarm-actions', 'wrong', { alarms: [ALARM, { ...ALARM, actions: [], isThere: false }] }, /detect-stack-drift --region us-east-1/],
  ['alarm-actions', 'wrong', { alarms: [] }],
  ['alarm-subscribers', 'wrong', { subscriptions: new Map([[TOPIC, 0]]) }, /sns subscribe --region us-east-1/],
  ['alarm-subscribers', 'off', { subscriptions: new Map() }],
  ['quotas', 'wrong', { quotas: [{ ...QUOTA, typed: 80 }] }, /restoreQuotas/],
  ['quotas', 'warning', { quotas: [{ ...QUOTA, provisioned: 80 }] }],
  ['mail-sandbox', 'wrong', { isMailSandbox: true }, /put-account-details --region us-west-2/],
  ['mail-sandbox', 'off', { standby: { ...STANDBY, EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' } } }],
  ['sms-sandbox', 'wrong', { isSmsSandbox: true }],
  ['sms-sandbox', 'off', { standby: { ...STANDBY, SmsConfiguration: undefined } }],
  ['schema', 'wrong', { standby: { ...STANDBY, SchemaAttributes: [{ Name: 'email' }] } }],
  ['definition', 'wrong', { definitionDigest: 'e' }, /pool-definition/],
  ['definition', 'off', { deployment: { ...DEPLOYMENT, definitionDigest: undefined } }],
  ['sessions', 'warning', { standbyClients: [{ ...CLIENT, RefreshTokenValidity: 1 }] }],
  ['replication', 'warning', { replicas: ['eu-west-1'] }],
  ['schema', 'off', { deployment: { ...DEPLOYMENT, standbyUserPoolId: undefined }, standby: undefined }],
  ['schema', 'unknown', { source: undefined }],
  ['quotas', 'unknown', { quotas: undefined }],
  ['triggers', 'unknown', { unread: new Map([['triggers', 'AccessDeniedException']]) }],
])('%s: %s', (check, state, more, ...[command]) => {
  const found = examine({ ...HEALTHY, ...more }).checks.find(each => each.check === check)!;
  expect(found.state).toBe(state);
  if (command) expect(found.command).toMatch(command);
  expect(isIll({ schemaVersion: 1, checks: [found] })).toBe(state === 'wrong' || state === 'unknown');
});

describe('where a stack says nothing, what only that one knows is not known, and why is said', () => {
  const silent = [{ region: 'us-west-2', sentence: 'us-west-2 did not answer (AccessDenied)' }];
  const { standbyUserPoolId: _, ...deployment } = DEPLOYMENT;
  const unseen = { silent, deployment, standby: undefined, standbyClients: undefined, isMailSandbox: undefined, isSmsSandbox: undefined };
  const statesOf = (more: Partial<DoctorFacts>) =>
    Object.fromEntries(examine({ ...HEALTHY, ...more }).checks.map(({ check, state, why }) => [check, `${state}: ${why}`]));

  test.each<CheckName>(['standby-pool-protected', 'alarm-actions', 'alarm-subscribers', 'mail-sandbox', 'sms-sandbox', 'schema', 'sessions'])('%s', check => {
    expect(statesOf(unseen)[check]).toBe('unknown: not known: us-west-2 did not answer (AccessDenied)');
  });

  test('the other checks are made', () => {
    const found = examine({ ...HEALTHY, ...unseen }).checks.filter(({ state }) => state === 'ok').map(({ check }) => check);
    expect(found).toEqual(['trail', 'triggers', 'point-in-time-recovery', 'tables-protected', 'source-pool-protected', 'quotas', 'definition', 'replication']);
  });

  test('what was found wrong elsewhere is wrong all the same; to have found no alarm says nothing', () => {
    expect(statesOf({ ...unseen, alarms: [{ ...ALARM, actions: [] }] })['alarm-actions']).toMatch(/^wrong/);
    expect(statesOf({ ...unseen, alarms: [] })['alarm-actions']).toMatch(/^unknown/);
  });

  test('of the source pool\'s stack, its functions', () => {
    const states = statesOf({ silent: [{ region: 'us-east-1', sentence: 'us-east-1 did not answer (TimeoutError)' }], functionArns: undefined });
    expect(states.triggers).toBe('unknown: not known: us-east-1 did not answer (TimeoutError)');
    expect(states.schema).toMatch(/^ok/);
  });
});
