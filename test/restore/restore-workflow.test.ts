import { Duration, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Role } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Standby } from '../../src';
import { DEFAULT_QUOTAS } from '../../src/cognito/quotas';
import { LEDGER_RESTORE_ACTIONS } from '../../src/ledger/constants';
import { REMOVAL_COGNITO_ACTIONS, RESTORE_COGNITO_ACTIONS, RESTORE_MEMORY, RESTORE_STATUS, VALIDATE_COGNITO_ACTIONS } from '../../src/restore/constants';
import { mostLookUps } from '../../src/restore/find-missing';
import { STATE_RESTORE_ACTIONS, SWITCH_READ_ACTIONS } from '../../src/state/constants';
import { chosen, definitionOf, problemsOf, statesOf } from '../helpers/state-machine';
import { ACCOUNT, permissions, REPLICA, statementsOf, synth, text } from '../helpers/templates';

const { replica } = synth();
const LEDGER_ARN = 'arn:${AWS::Partition}:dynamodb:us-west-2:111122223333:table/Auth-Dr-us-east-1-ledger';

test('the slices have the memory that was measured', () => {
  replica.hasResourceProperties('AWS::Lambda::Function', { MemorySize: RESTORE_MEMORY, Description: 'Restores Cognito users from the ledger, for one slice of time' });
});

describe('the state machine', () => {
  const definition = definitionOf(replica, 'Restore');

  test('is valid Amazon States Language', () => {
    expect(problemsOf(definition)).toEqual([]);
  });

  test('every Choice has a Default, and every Task a Retry', () => {
    expect(statesOf(definition, 'Choice').filter(([, state]) => !state.Default)).toEqual([]);
    expect(statesOf(definition, 'Task').filter(([, state]) => !state.Retry?.length)).toEqual([]);
  });

  test('an input that is refused fails before the first slice', () => {
    expect(definition.States[definition.StartAt]).toMatchObject({
      Next: 'Input valid?',
      Parameters: { 'execution.$': '$$.Execution.Name', 'startedAt.$': '$$.Execution.StartTime', 'input.$': '$$.Execution.Input' },
    });
    expect(chosen(definition.States['Input valid?'], true)).toBe('Restore a slice');
    expect(chosen(definition.States['Input valid?'], false)).toBe('Input refused');
    expect(definition.States['Input refused']).toMatchObject({ Type: 'Fail', Error: 'InvalidInput', CausePath: '$.message' });
  });

  test('a scheduled one for which nothing is copied yet succeeds, before anything else is asked of the validation', () => {
    expect(definition.States['Input valid?'].Choices![0]).toEqual({ Variable: '$.tooEarly', IsPresent: true, Next: 'Nothing is copied yet' });
    expect(definition.States['Nothing is copied yet']).toMatchObject({ Type: 'Succeed' });
  });

  test.each([
    [RESTORE_STATUS.CONTINUE, 'Restore a slice', 'Task'],
    [RESTORE_STATUS.COMPLETE, 'Restored', 'Succeed'],
    [RESTORE_STATUS.INCOMPLETE, 'Not everything was restored', 'Fail'],
    [RESTORE_STATUS.RUNNING, 'Another restore is running', 'Fail'],
    [RESTORE_STATUS.YIELDED, 'Left to another restore', 'Succeed'],
    ['never heard of', 'Unknown answer', 'Fail'],
  ])('a slice that answers %s leads to "%s"', (status, next, type) => {
    expect(chosen(definition.States['More to restore?'], status)).toBe(next);
    expect(definition.States[next].Type).toBe(type);
  });

  test('knows every status that the function answers', () => {
    const known = definition.States['More to restore?'].Choices!.map(choice => choice.StringEquals);
    expect(known.sort()).toEqual(Object.values(RESTORE_STATUS).sort());
  });

  test.each([0, 1, 1_000])('40 million users with one group each stay below 25,000 events and the timeout, also when %d of them are missing', missing => {
    const [users, share] = [40_000_000, 0.8];
    const rate = (category: keyof typeof DEFAULT_QUOTAS) => DEFAULT_QUOTAS[category] * share;
    // Memberships bind: 25 a second (UserUpdate).
    const restoring = users / Math.min(rate('UserCreation'), rate('UserAccountRecovery'), rate('UserUpdate'));
    // Two chains of calls of about 100 ms side by side, the users and the members of the one group; all again where somebody is missing.
    const listing = users / 60 * 0.1;
    // 1 MB a page of the outcomes, about 5,000.
    const counting = users / 5_000 * 0.1;
    // Everybody in the bucket of each who is missing, and the outcomes again to find them.
    const lookingUp = missing > 0 ? Math.min(missing * users / 1_024, mostLookUps(users)) / rate('UserList') + counting : 0;
    const seconds = restoring + listing * (missing > 0 ? 2 : 1) + counting + lookingUp;
    const slices = Math.ceil(seconds / Duration.minutes(14).toSeconds());
    // TaskStateEntered, LambdaFunctionScheduled, -Started, -Succeeded, TaskStateExited, ChoiceStateEntered, ChoiceStateExited.
    const eventsASlice = 7;
    // One slice in ten fails once: LambdaFunctionFailed, -Scheduled, -Started.
    expect(slices * eventsASlice + slices / 10 * 3).toBeLessThan(25_000);
    expect(seconds).toBeLessThan(definition.TimeoutSeconds);
  });

  test('has a concrete name and logs without data', () => {
    replica.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Auth-Dr-us-east-1-restore',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });
});

describe('permissions', () => {
  const ledger = LEDGER_RESTORE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}`);
  const indexes = [
    `dynamodb:Query on ${LEDGER_ARN}/index/memberships`,
    `dynamodb:Query on ${LEDGER_ARN}/index/sign-in-names`,
    // Of the rows that share an address, one is its owner's.
    `dynamodb:Query on ${LEDGER_ARN}/index/emails`,
    `dynamodb:Query on ${LEDGER_ARN}/index/phone-numbers`,
    `dynamodb:Query on ${LEDGER_ARN}/index/preferred-usernames`,
  ];
  const logs = (name: string) => ['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action} on \${${name}.Arn}`);

  test('validating reads', () => {
    expect(permissions(statementsOf(replica, 'RestoreValidateRole'))).toEqual([
      ...VALIDATE_COGNITO_ACTIONS.map(action => `${action} on \${StandbyUserPool.Arn}`),
      ...SWITCH_READ_ACTIONS.map(action => `${action} on ${LEDGER_ARN}-standby`),
      ...ledger, ...logs('RestoreValidateLogs'),
    ].sort());
  });

  test('a slice writes to the target and to the state table, and only reads the ledger', () => {
    expect(permissions(statementsOf(replica, 'RestoreSliceRole'))).toEqual([
      ...[...RESTORE_COGNITO_ACTIONS, ...REMOVAL_COGNITO_ACTIONS].map(action => `${action} on \${StandbyUserPool.Arn}`),
      ...STATE_RESTORE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}-standby`),
      ...ledger,
      ...indexes,
      ...logs('RestoreSliceLogs'),
    ].sort());
  });

  test('nothing in the list of Cognito actions on every target deletes; a restore may take away attributes and memberships, and no user', () => {
    expect(RESTORE_COGNITO_ACTIONS.filter(action => /Delete|Remove/.test(action))).toEqual([]);
    expect(REMOVAL_COGNITO_ACTIONS).toEqual(['cognito-idp:AdminDeleteUserAttributes', 'cognito-idp:AdminRemoveUserFromGroup']);
  });

  test('the state machine invokes its two functions; the delivery of logs allows no narrower resource', () => {
    expect(permissions(statementsOf(replica, 'RestoreStateMachineRole')).filter(permission => !/^logs:\w+ on \*$/.test(permission))).toEqual([
      'lambda:InvokeFunction on ${RestoreSlice.Arn}',
      'lambda:InvokeFunction on ${RestoreValidate.Arn}',
    ]);
  });
});

describe('targets', () => {
  const targetsOf = (template: typeof replica) => {
    const [variables] = Object.values(template.findResources('AWS::Lambda::Function')).map(f => f.Properties.Environment.Variables)
      .filter(each => 'TARGET_USER_POOL_IDS' in each);
    return [text(variables.STANDBY_USER_POOL_ID), text(variables.TARGET_USER_POOL_IDS)];
  };

  test('the standby pool by default', () => {
    expect(targetsOf(replica)).toEqual(['${StandbyUserPool}', '["${StandbyUserPool}"]']);
  });

  test('and those of restoreTargets, by an ARN of their own Region wherever they were imported', () => {
    const { replica: more } = synth({
      props: (app, stack) => ({
        restoreTargets: [
          UserPool.fromUserPoolId(stack, 'Scratch', 'us-west-2_Scratch'),
          UserPool.fromUserPoolId(stack, 'Replacement', 'us-east-1_Replacement'),
          new UserPool(new Stack(app, 'Other', { env: { account: ACCOUNT, region: REPLICA } }), 'Pool'),
        ],
      }),
    });
    expect(targetsOf(more)[1]).toMatch(/^\["\$\{StandbyUserPool\}","us-west-2_Scratch","us-east-1_Replacement",/);
    const created = statementsOf(more, 'RestoreSliceRole').find(statement => statement.Action.includes('cognito-idp:AdminCreateUser'))!;
    expect(JSON.stringify(created.Resource)).toContain(':cognito-idp:us-west-2:111122223333:userpool/us-west-2_Scratch');
    expect(JSON.stringify(created.Resource)).toContain(':cognito-idp:us-east-1:111122223333:userpool/us-east-1_Replacement');
    expect(created.Resource).toHaveLength(4);
    // Going back to a moment takes away what was gained since, in any of them.
    expect(created.Action).toEqual(expect.arrayContaining([...REMOVAL_COGNITO_ACTIONS]));
  });

  test('none', () => {
    const { replica: none } = synth({ props: { standby: Standby.none() } });
    expect(targetsOf(none)).toEqual(['', '[]']);
    expect(permissions(statementsOf(none, 'RestoreSliceRole')).filter(permission => permission.startsWith('cognito-idp'))).toEqual([]);
    none.resourceCountIs('AWS::Cognito::UserPool', 0);
  });

  test('an existing standby pool', () => {
    const { replica: existing } = synth({
      props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Existing', 'us-west-2_Existing'), unguarded: true }) }),
    });
    expect(targetsOf(existing)).toEqual(['us-west-2_Existing', '["us-west-2_Existing"]']);
    existing.resourceCountIs('AWS::Cognito::UserPool', 0);
  });
});

describe('group roles', () => {
  test('none by default', () => {
    replica.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { GROUP_ROLES: '{}' } } });
    expect(JSON.stringify(statementsOf(replica, 'RestoreSlice'))).not.toContain('iam:PassRole');
  });

  test('exactly those of groupRoles may be passed', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/admins`;
    const { replica: roles } = synth({
      props: (_app, stack) => {
        const role = Role.fromRoleArn(stack, 'Admins', arn);
        return { groupRoles: { admins: role, owners: role } };
      },
    });
    roles.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { GROUP_ROLES: JSON.stringify({ admins: arn, owners: arn }) } } });
    expect(statementsOf(roles, 'RestoreSliceRole').filter(statement => statement.Action === 'iam:PassRole')).toEqual([
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: arn },
    ]);
  });
});

test('the functions have what the properties say', () => {
  const { replica: other } = synth({
    props: { restoreQuotas: { userCreation: 200, userUpdate: 25 }, _sliceDuration: Duration.seconds(5), logRetention: RetentionDays.ONE_WEEK },
  });
  other.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 65,
    Environment: { Variables: { QUOTAS: '{"UserCreation":200,"UserUpdate":25}', SLICE_SECONDS: '5' } },
  });
  other.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
});
