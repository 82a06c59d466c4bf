import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Standby } from '../../../src';
import { SWITCH_COGNITO_ACTIONS, SWITCH_STATUS } from '../../../src/standby/switch/constants';
import { SWITCH_TURN_ACTIONS } from '../../../src/state/constants';
import { Sources, sourcesOf } from '../../helpers/import-graph';
import { chosen, definitionOf, problemsOf, statesOf } from '../../helpers/state-machine';
import { ACCOUNT, EVERYTHING, Given, make, permissions, REPLICA, statementsById, statementsOf, synth } from '../../helpers/templates';

const one = synth();
const definition = definitionOf(one.replica, 'Switch');

describe('the state machine of the switch', () => {
  test('is valid Amazon States Language, and every Task retries, every Choice has a Default', () => {
    expect(problemsOf(definition)).toEqual([]);
    expect(statesOf(definition, 'Choice').filter(([, state]) => !state.Default)).toEqual([]);
    expect(statesOf(definition, 'Task').filter(([, state]) => !state.Retry?.length)).toEqual([]);
  });

  test.each([
    [SWITCH_STATUS.TURNED, 'Tell the event bus'],
    [SWITCH_STATUS.INVALID, 'Input refused'],
    [SWITCH_STATUS.SUPERSEDED, 'Turned since'],
    ['never heard of', 'Unknown answer'],
  ])('turned: %s leads to "%s"', (status, next) => {
    expect(definition.States[definition.StartAt]).toMatchObject({
      Next: 'Turned?', Parameters: { 'execution.$': '$$.Execution.Name', 'startedAt.$': '$$.Execution.StartTime', 'input.$': '$$.Execution.Input' },
    });
    expect(chosen(definition.States['Turned?'], status)).toBe(next);
  });

  test('tells the event bus of its Region, then signs everybody out if that was asked for', () => {
    expect(definition.States['Tell the event bus']).toMatchObject({
      Resource: 'arn:aws:states:::events:putEvents',
      Parameters: { Entries: [{ 'Source': 'cognito-dr-replica', 'DetailType': 'Standby Switch Turned', 'Detail.$': '$.report' }] },
      ResultPath: null,
      Next: 'Sign everybody out?',
    });
    expect(chosen(definition.States['Sign everybody out?'], true)).toBe('Sign a slice out');
    expect(chosen(definition.States['Sign everybody out?'], false)).toBe('Switch turned');
    expect(definition.States['Sign a slice out']).toMatchObject({ Parameters: { 'checkpoint.$': '$.checkpoint' }, Next: 'More to sign out?' });
    for (const [status, next] of [[SWITCH_STATUS.CONTINUE, 'Sign a slice out'], [SWITCH_STATUS.COMPLETE, 'Switch turned'], ['?', 'Unknown answer']]) {
      expect(chosen(definition.States['More to sign out?'], status)).toBe(next);
    }
    expect(definition.States['Switch turned']).toMatchObject({ Type: 'Succeed', OutputPath: '$.report' });
  });

  test('may do exactly this', () => {
    const table = `arn:\${AWS::Partition}:dynamodb:${REPLICA}:${ACCOUNT}:table/Auth-Dr-us-east-1-ledger-standby`;
    expect(permissions(statementsOf(one.replica, 'SwitchTurnRole')).filter(permission => !permission.startsWith('logs:'))).toEqual([
      ...SWITCH_COGNITO_ACTIONS.map(action => `${action} on \${StandbyUserPool.Arn}`), ...SWITCH_TURN_ACTIONS.map(action => `${action} on ${table}`),
    ].sort());
    expect(permissions(statementsOf(one.replica, 'SwitchStateMachineRole')).filter(permission => !/^logs:\w+ on \*$/.test(permission))).toEqual([
      'events:PutEvents on arn:${AWS::Partition}:events:us-west-2:111122223333:event-bus/default', 'lambda:InvokeFunction on ${SwitchTurn.Arn}',
    ]);
  });

  test('has a concrete name, so that whoever may turn it needs no reference', () => {
    one.replica.hasResourceProperties('AWS::StepFunctions::StateMachine', { StateMachineName: 'Auth-Dr-us-east-1-switch', LoggingConfiguration: { IncludeExecutionData: false } });
    const { dr, primary } = synth({
      then: made => {
        const role = new Role(made.stack, 'Operators', { assumedBy: new AccountRootPrincipal() });
        made.dr.grantSwitch(role);
      },
    });
    expect(dr.standbySwitchStateMachine).toBeDefined();
    expect(permissions(statementsOf(primary, 'Operators'))).toEqual([expect.stringMatching(/^states:StartExecution on .*:stateMachine:Auth-Dr-us-east-1-switch$/)]);
  });

});

describe('nothing turns the switch but its own function, no restore and no drill either', () => {
  /** Files that name the item of a switch and do more than read it. */
  const writers = (sources: Sources) => [...sources].filter(([, text]) => /\b(?:switchItem|writeSwitch|switchOf\()/.test(
    text.replace(/\breadSwitch\(await \w+\.get\(stateKeys\.switchOf\(\w+\)\)\)/g, '').replace(/\(await switchOf\(/g, '('))).map(([file]) => file);

  test('no other code writes its item', () => {
    expect(writers(sourcesOf(path.join(__dirname, '../../../src')))).toEqual([
      'standby/switch/dynamodb-switch.lambda-shared.ts', 'standby/switch/turn-switch.lambda.ts', 'state/switch.ts',
    ]);
  });

  test('code that does would be found', () => {
    expect(writers(new Map([
      ['restore/reads.ts', 'const mode = readSwitch(await items.get(stateKeys.switchOf(userPoolId))).mode;'],
      ['restore/puts.ts', 'await items.put(switchItem(userPoolId, state));'],
      ['drill/updates.ts', "await items.update(stateKeys.switchOf(userPoolId), { UpdateExpression: 'SET #mode = :open' });"],
    ]))).toEqual(['restore/puts.ts', 'drill/updates.ts']);
  });

  test.each<[string, Given]>([['the one line', {}], ['every feature', EVERYTHING], ['a warm standby', { props: { standby: Standby.warm() } }]])(
    'and nobody but its state machine may call that function, nor anybody start the state machine: %s', (_what, given) => {
      const { primary, replica } = synth(given);
      const statements = ({ template, but }: { readonly template: Template; readonly but: string }) => statementsById(template)
        .filter(([id]) => !id.startsWith(but))
        .flatMap(([, each]) => each);
      const all = [{ template: primary, but: 'none' }, { template: replica, but: 'SwitchStateMachineRole' }].flatMap(statements);
      expect(permissions(all).filter(permission => /^(?:lambda:Invoke|states:Start).*(?:\{SwitchTurn|\{SwitchStateMachine|-switch$)/.test(permission))).toEqual([]);
      expect(permissions(all).some(permission => permission.startsWith('lambda:Invoke'))).toBe(true);
    });
});

describe('without a pool that could be closed', () => {
  const given = (options: object) => ({
    props: (_app: unknown, stack: Stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', `${REPLICA}_Mine`), ...options }) }),
  });

  test('there is no switch, and asking for it says so', () => {
    for (const made of [make({ props: { standby: Standby.none() } }), make(given({ unguarded: true }))]) {
      expect(made.dr.standbySwitchStateMachine).toBeUndefined();
      expect(() => made.dr.grantSwitch(Role.fromRoleArn(made.stack, 'R', `arn:aws:iam::${ACCOUNT}:role/r`))).toThrow('the standby has no switch');
    }
  });
});
