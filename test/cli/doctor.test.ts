import { CHECKS, CheckName, CheckState, DoctorFacts, ExaminedClient, examine, isIll } from '../../src/cli/commands/doctor';
import { Deployment } from '../../src/operations/deployment';

const NOW = Date.parse('2026-11-02T12:00:00Z');
const HOUR = 3_600_000;
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:Auth-OnUserEvent';
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alarms';
const TABLE = { name: 'ledger', region: 'us-east-1', hasPointInTimeRecovery: true, isProtected: true };
const DEPLOYMENT = { standbyUserPoolId: 'us-west-2_b', replicaRegion: 'us-west-2', definitionDigest: 'd' } as Deployment;
const QUOTA = { region: 'us-west-2', category: 'UserCreation', typed: 50, provisioned: 50 };
const CLIENT: ExaminedClient = { ClientName: 'web', RefreshTokenValidity: 30 };

const SchemaAttributes = [{ Name: 'email' }, { Name: 'custom:plan' }];
const SOURCE = { DeletionProtection: 'ACTIVE', LambdaConfig: { PostConfirmation: FUNCTION }, SchemaAttributes };
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
  alarms: [{ name: 'a', region: 'us-east-1', actions: [TOPIC] }],
  subscriptions: new Map([[TOPIC, 1]]),
  quotas: [QUOTA],
  isMailSandbox: false,
  isSmsSandbox: false,
  definitionDigest: 'd',
  sourceClients: [CLIENT],
  standbyClients: [CLIENT],
  replicas: [],
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
  ['triggers', 'warning', { source: { ...SOURCE, LambdaConfig: { PostConfirmation: `${FUNCTION}-of-another` } } }],
  ['triggers', 'ok', { source: { ...SOURCE, LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: FUNCTION } } } }],
  ['point-in-time-recovery', 'wrong', { tables: [TABLE, { ...TABLE, hasPointInTimeRecovery: false, region: 'us-west-2' }] }, /us-west-2 --ta/],
  ['tables-protected', 'warning', { tables: [{ ...TABLE, isProtected: false }] }, /--deletion-protection-enabled/],
  ['source-pool-protected', 'wrong', { source: { ...SOURCE, DeletionProtection: 'INACTIVE' } }, /deletionProtection/],
  ['standby-pool-protected', 'wrong', { standby: { ...STANDBY, DeletionProtection: undefined } }],
  ['alarm-actions', 'wrong', { alarms: [{ name: 'a', region: 'us-east-1', actions: [] }] }, /alarmTopics/],
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
  ['schema', 'off', { deployment: {} as Deployment, standby: undefined }],
  ['schema', 'unknown', { source: undefined }],
  ['quotas', 'unknown', { quotas: undefined }],
  ['triggers', 'unknown', { unread: new Map([['triggers', 'AccessDeniedException']]) }],
])('%s: %s', (check, state, more, ...[command]) => {
  const found = examine({ ...HEALTHY, ...more }).checks.find(each => each.check === check)!;
  expect(found.state).toBe(state);
  if (command) expect(found.command).toMatch(command);
  expect(isIll({ schemaVersion: 1, checks: [found] })).toBe(state === 'wrong');
});
