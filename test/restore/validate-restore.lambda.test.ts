import { DescribeUserPoolCommand, ListUserPoolClientsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { items, keys } from '../../src/ledger/schema';
import type { Validation } from '../../src/restore/restore-input.lambda-shared';
import { NEVER_TURNED, switchItem, SwitchMode } from '../../src/state/switch';
import { cognito, dynamodb, planNothing, STANDBY } from '../helpers/validating-function';

test.each<[SwitchMode, boolean]>([['closed', false], ['open', true], ['rehearsal', true]])(
  'a restore asks how the switch of the standby stands, and turns nothing: %s', async (mode, takesAway) => {
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    planNothing();
    const turned = switchItem(STANDBY, { ...NEVER_TURNED, mode });
    dynamodb.on(GetCommand).callsFake(({ Key: { pk } }) => ({ Item: pk === turned.pk ? turned : undefined }));
    dynamodb.on(QueryCommand).callsFake(({ ExpressionAttributeValues: { ':key': key } }) => (
      { Items: key === keys.sources() ? [items.source({ poolId: 'us-east-1_Source', sweptAt: 1 })] : [] }));
    cognito.on(DescribeUserPoolCommand).resolves({ UserPool: { UsernameAttributes: ['email'], SchemaAttributes: [] } });
    cognito.on(ListUserPoolClientsCommand).resolves({ UserPoolClients: [] });
    type Handler = (event: object) => Promise<Validation>;
    const { handler } = jest.requireActual<{ readonly handler: Handler }>('../../src/restore/validate-restore.lambda');
    const validation = await handler({ execution: 'run', startedAt: '2026-01-01T00:00:00.000Z', input: {} });
    expect(validation).toMatchObject({ valid: true, run: { targetUserPoolId: STANDBY } });
    expect(validation.valid && validation.run.removeGiven === true).toBe(takesAway);
  });
