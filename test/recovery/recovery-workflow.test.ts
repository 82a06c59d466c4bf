import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LEDGER_RESTORE_ACTIONS } from '../../src/ledger/constants';
import { RECOVERY_COGNITO_ACTIONS, RECOVERY_MACHINE, RECOVERY_STATUS } from '../../src/recovery/constants';
import { STATE_RESTORE_ACTIONS } from '../../src/state/constants';
import { chosen, definitionOf, problemsOf, statesOf } from '../helpers/state-machine';
import { EVERYTHING, make, permissions, statementsById, statementsOf, synth } from '../helpers/templates';

const { primary } = synth();
const TABLES = 'arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table';
const LEDGER_ARN = `${TABLES}/Auth-Dr-us-east-1-ledger`;

describe('the state machine', () => {
  const definition = definitionOf(primary, 'Recovery');

  test('is valid Amazon States Language, in which every Choice has a Default and every Task a Retry', () => {
    expect(problemsOf(definition)).toEqual([]);
    expect(statesOf(definition, 'Choice').filter(([, state]) => !state.Default)).toEqual([]);
    expect(statesOf(definition, 'Task').filter(([, state]) => !state.Retry?.length)).toEqual([]);
  });

  test('says what kind of machine it is, which no input can say', () => {
    expect(definition.States[definition.StartAt]).toMatchObject({
      Parameters: {
        'machine': RECOVERY_MACHINE, 'execution.$': '$$.Execution.Name', 'startedAt.$': '$$.Execution.StartTime', 'input.$': '$$.Execution.Input',
      },
    });
    expect(chosen(definition.States['Input valid?'], false)).toBe('Input refused');
    expect(definition.States['Input refused']).toMatchObject({ Type: 'Fail', Error: 'InvalidInput', CausePath: '$.message' });
  });

  test.each([
    [RECOVERY_STATUS.CONTINUE, 'Recover a slice', 'Task'],
    [RECOVERY_STATUS.PLANNED, 'Planned', 'Succeed'],
    [RECOVERY_STATUS.COMPLETE, 'Announce', 'Task'],
    [RECOVERY_STATUS.INCOMPLETE, 'Announce what was recovered', 'Task'],
    [RECOVERY_STATUS.RUNNING, 'Another recovery is running', 'Fail'],
    [RECOVERY_STATUS.REFUSED, 'Plan refused', 'Fail'],
    ['never heard of', 'Unknown answer', 'Fail'],
  ])('a slice that answers %s leads to "%s"', (status, next, type) => {
    expect(chosen(definition.States['More to recover?'], status)).toBe(next);
    expect(definition.States[next].Type).toBe(type);
  });

  test('knows every status that the function answers', () => {
    const known = definition.States['More to recover?'].Choices!.map(choice => choice.StringEquals);
    expect(known.sort()).toEqual(Object.values(RECOVERY_STATUS).sort());
  });

  test('tells of a recovery that has written the pool, and succeeds whoever hears of it', () => {
    expect(definition.States.Announce).toMatchObject({
      Parameters: { Entries: [{ 'Source': 'cognito-dr-replica', 'DetailType': 'Recovery', 'Detail.$': '$.slice.report' }] },
      Next: 'Recovered',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Recovered' }],
    });
  });

  test('tells also of one that did not recover everything, and fails for its reason whoever hears of it', () => {
    expect(definition.States['Announce what was recovered']).toMatchObject({
      Parameters: { Entries: [{ 'Source': 'cognito-dr-replica', 'DetailType': 'Recovery', 'Detail.$': '$.slice.report' }] },
      ResultPath: null,
      Next: 'Not everything was recovered',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Not everything was recovered' }],
    });
    expect(definition.States['Not everything was recovered']).toMatchObject({ Type: 'Fail', Error: 'RecoveryIncomplete', CausePath: '$.slice.message' });
  });

  test('has a concrete name and logs without data', () => {
    primary.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Auth-Dr-us-east-1-recovery', LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });
});

describe('permissions', () => {
  const logs = (name: string) => ['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action} on \${${name}.Arn}`);
  const ledger = LEDGER_RESTORE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}`);

  test('validating reads the ledger and the plans, and nothing of the pool', () => {
    expect(permissions(statementsOf(primary, 'DrRecoveryWorkflowValidateRole'))).toEqual([
      ...ledger, `dynamodb:GetItem on ${LEDGER_ARN}-recovery`, ...logs('DrRecoveryWorkflowValidateLogs'),
    ].sort());
  });

  test('a slice writes the source pool and the plans; of the ledger it writes only who came back as whom', () => {
    const statements = statementsOf(primary, 'DrRecoveryWorkflowSliceRole');
    const indexes = ['memberships', 'sign-in-names', 'emails', 'phone-numbers', 'preferred-usernames'];
    expect(permissions(statements)).toEqual([
      ...RECOVERY_COGNITO_ACTIONS.map(action => `${action} on \${Users.Arn}`),
      ...STATE_RESTORE_ACTIONS.map(action => `${action} on ${LEDGER_ARN}-recovery`),
      ...ledger,
      `dynamodb:UpdateItem on ${LEDGER_ARN}`,
      ...indexes.map(index => `dynamodb:Query on ${LEDGER_ARN}/index/${index}`),
      ...logs('DrRecoveryWorkflowSliceLogs'),
    ].sort());
    const [update] = statements.filter(({ Action }) => Action === 'dynamodb:UpdateItem');
    expect(JSON.stringify(update.Condition)).toMatch(/^\{"ForAllValues:StringLike":\{"dynamodb:LeadingKeys":\[?\{"Fn::Join":\["",\[\{"Ref":"\w+"\},"#R#\*"\]\]\}\]?\}\}$/);
  });

  test('nothing in the list of Cognito actions deletes a user or a group', () => {
    expect(RECOVERY_COGNITO_ACTIONS.filter(action => /Delete|Remove|SignOut|Forget/.test(action)))
      .toEqual(['cognito-idp:AdminDeleteUserAttributes', 'cognito-idp:AdminRemoveUserFromGroup']);
  });

  test('the state machine invokes its two functions and tells the default bus', () => {
    expect(permissions(statementsOf(primary, 'DrRecoveryWorkflowStateMachineRole')).filter(permission => !/^logs:\w+ on \*$/.test(permission))
      .map(permission => permission.replace(/\$\{\w*?(Validate|Slice)\w*\.Arn\}/, '$1'))).toEqual([
      'events:PutEvents on arn:${AWS::Partition}:events:us-east-1:111122223333:event-bus/default',
      'lambda:InvokeFunction on Slice', 'lambda:InvokeFunction on Validate',
    ]);
  });

  test('roles of groups are passed by the map for the source alone, exactly', () => {
    const { primary: template } = synth({
      props: (_app, stack) => ({
        groupRoles: { admins: Role.fromRoleArn(stack, 'West', 'arn:aws:iam::111122223333:role/west') },
        sourceGroupRoles: { admins: Role.fromRoleArn(stack, 'East', 'arn:aws:iam::111122223333:role/east') },
      }),
    });
    const passed = statementsOf(template, 'DrRecoveryWorkflowSliceRole').filter(({ Action }) => Action === 'iam:PassRole');
    expect(passed.map(({ Resource }) => Resource)).toEqual(['arn:aws:iam::111122223333:role/east']);
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { GROUP_ROLES: '{"admins":"arn:aws:iam::111122223333:role/east"}' } } });
  });
});

test('without inPlaceRecovery nothing of this library may write the source pool', () => {
  const { primary: template } = synth({ props: () => ({ inPlaceRecovery: false }) });
  const actions = statementsById(template).flatMap(([, statements]) => statements)
    .flatMap(({ Action }) => Action).filter(action => action.startsWith('cognito-idp:'));
  expect(actions.length).toBeGreaterThan(3);
  expect(actions.filter(action => !/^cognito-idp:(Admin)?(Describe|Get|List)/.test(action))).toEqual([]);
  expect(Object.keys(template.findResources('AWS::StepFunctions::StateMachine')).filter(id => id.includes('Recovery'))).toEqual([]);
  const { dr, stack } = make({ props: { inPlaceRecovery: false } });
  expect(dr.recoveryStateMachine).toBeUndefined();
  const grantee = new Role(stack, 'Operators', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  for (const grant of ['grantRecovery', 'grantReadRecoveredSubs'] as const) {
    expect(() => dr[grant](grantee)).toThrow(`${grant} was called, but there is no recovery in place: leave inPlaceRecovery out, or give true`);
  }
});

test('who may start a recovery, and who may read the subs, is granted apart from restores', () => {
  const { dr, stack } = make();
  const role = (id: string) => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  dr.grantRecovery(role('Operators'));
  dr.grantReadRecoveredSubs(role('Tokens'));
  const template = Template.fromStack(Stack.of(dr));
  expect(permissions(statementsOf(template, 'Operators'))).toEqual([expect.stringMatching(/^states:StartExecution on \$\{DrRecovery\w+\}$/)]);
  expect(permissions(statementsOf(template, 'Tokens'))).toEqual([`dynamodb:GetItem on ${LEDGER_ARN}`]);
  expect(JSON.stringify(statementsOf(template, 'Tokens')[0].Condition)).toContain('#R#*');
});

test('who may read the subs may also read them where a customer\'s key encrypts the copy', () => {
  const { dr, stack } = make(EVERYTHING);
  dr.grantReadRecoveredSubs(new Role(stack, 'Tokens', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  const statements = statementsOf(Template.fromStack(Stack.of(dr)), 'Tokens').filter(({ Action }) => Action !== 'dynamodb:GetItem');
  expect(statements).toMatchObject([{ Action: 'kms:Decrypt', Effect: 'Allow', Condition: { StringEquals: { 'kms:ViaService': expect.anything() } } }]);
});
