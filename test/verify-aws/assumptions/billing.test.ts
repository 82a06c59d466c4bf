import { allowedOperations, MAKES_ACTIVE } from './billing';
import { APPLY_COGNITO_ACTIONS, SWEEP_COGNITO_ACTIONS } from '../../../src/capture/constants';

const role = (...Action: string[]) => ({
  Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: [{ Action }, { Action: 'dynamodb:GetItem' }] } }] },
});

test('operations that the policies of a part allow', () => {
  const template = {
    Resources: {
      DrSweepRole: role('cognito-idp:ListUsers', 'cognito-idp:ListGroups'),
      DrSweepScheduleRole: { Type: 'AWS::IAM::Role', Properties: {} },
      DrCaptureRole: role('cognito-idp:AdminGetUser'),
      Sweep: { Type: 'AWS::SQS::Queue' },
    },
  };
  expect(allowedOperations(template, /Sweep/)).toEqual(['ListGroups', 'ListUsers']);
  expect(allowedOperations(template, /Nobody/)).toEqual([]);
});

test('what the library lets its functions do makes nobody active, but for the one exception', () => {
  const costly = (actions: readonly string[]) => actions.map(action => action.split(':')[1]).filter(operation => MAKES_ACTIVE.includes(operation));
  expect(costly(SWEEP_COGNITO_ACTIONS)).toEqual([]);
  expect(costly(APPLY_COGNITO_ACTIONS)).toEqual(['AdminGetUser']);
});
