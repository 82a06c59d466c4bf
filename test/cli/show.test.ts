import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Ask } from '../../src/cli/ask';
import { show, usersMeant } from '../../src/cli/run-show';
import { Format, Terminal, TerminalStreams } from '../../src/cli/terminal';
import { Return, fieldsOfReturn } from '../../src/ledger/recovered-subs';
import { Item, UserRow, items } from '../../src/ledger/schema';
import { DeployedStack } from '../../src/operations/deployment';
import { linkItems } from '../../src/state/link';
import { schemaOf } from '../helpers/document-schemas';
import { InMemoryLedger } from '../helpers/in-memory-ledger';
import { RecoveryTableFake } from '../helpers/in-memory-recovery-store';

const [POOL, STANDBY] = ['us-east-1_AbCdEfGhI', 'us-west-2_AbCdEfGhI'];
const [OLD, NEWER, NOW, OTHER, THERE, FIRST] = ['1-old', '2-newer', '3-now', '4-other', '5-there', '0-first'];
const EMAIL = 'greta@example.com';
const AT = Date.parse('2026-11-02T10:00:00Z');
const SCRIPT = 'arn:aws:iam::111122223333:role/script';

const row = (sub: string, more: Partial<UserRow> = {}): UserRow => ({
  poolId: POOL,
  sub,
  username: sub,
  attributes: { email: EMAIL },
  enabled: true,
  status: 'CONFIRMED',
  createdAt: AT,
  modifiedAt: AT,
  digest: 'd',
  observedAt: AT,
  lookUp: { email: EMAIL },
  ...more,
});
const gone = (sub: string, deletedAt = AT + 60_000) =>
  row(sub, { deletedAt, observedAt: deletedAt, cause: { event: 'AdminDeleteUser', principal: SCRIPT }, attributes: { email: EMAIL, name: 'Greta' } });
const back = (replaced: string, sub: string, firstSub = replaced): Return => ({ replaced, sub, firstSub, execution: 'run', at: AT });

/** A copy in memory with these rows, and who came back as whom. */
async function copyOf(users: readonly UserRow[], returns: readonly Return[] = []) {
  const ledger = new InMemoryLedger();
  const table = new RecoveryTableFake(() => AT);
  for (const user of users) ledger.put(items.user(user));
  for (const each of returns) await table.recovered.write(each);
  return { ledger, recovered: table.recovered, poolId: POOL };
}

describe('whom `show` means', () => {
  const subsMeant = async (from: Awaited<ReturnType<typeof copyOf>>, wanted: string) =>
    (await usersMeant(from, wanted)).map(({ row: { sub }, earlier }) => [sub, ...earlier.map(before => before.sub)]);

  test.each([OLD, NEWER, NOW, EMAIL, EMAIL.toUpperCase(), FIRST])('%s leads to the person under the present sub, with the earlier ones', async wanted => {
    const copy = await copyOf([gone(OLD), gone(NEWER), row(NOW)], [back(OLD, NEWER, FIRST), back(NEWER, NOW, FIRST)]);
    expect(await subsMeant(copy, wanted)).toEqual([[NOW, NEWER, OLD]]);
    expect((await usersMeant(copy, wanted))[0]).toMatchObject({ firstSub: FIRST, replacedBy: undefined });
  });

  test('a first sub that an attribute claims does not lead away from the user whose sub it is', async () => {
    const copy = await copyOf([row(OTHER), gone(OLD), row(NOW)], [back(OLD, NOW, OTHER)]);
    expect(await subsMeant(copy, OTHER)).toEqual([[OTHER]]);
  });

  test('somebody who came back a moment ago is shown as before, with the new sub', async () => {
    const [user] = await usersMeant(await copyOf([gone(OLD)], [back(OLD, NOW)]), OLD);
    expect(user).toMatchObject({ row: { sub: OLD }, replacedBy: NOW, earlier: [] });
  });

  test('an earlier sub whose row is gone is still said, and leads to the person', async () => {
    expect(await subsMeant(await copyOf([row(NOW)], [back(OLD, NOW)]), OLD)).toEqual([[NOW, OLD]]);
  });

  test('of several with one address those who are there come first, then whoever went last', async () => {
    expect(await subsMeant(await copyOf([gone(OLD), gone(NEWER, AT + 90_000), row(OTHER)]), EMAIL)).toEqual([[OTHER], [NEWER], [OLD]]);
  });
});

/** One command against tables in memory; `dark`: the standby's table does not answer. */
async function shown(wanted: string, users: readonly UserRow[], { format = 'json', returns = [], dark = false, silent = false }: {
  readonly format?: Format; readonly returns?: readonly Return[]; readonly dark?: boolean; readonly silent?: boolean;
} = {}) {
  const { ledger } = await copyOf(users);
  ledger.put(items.source({ poolId: POOL }));
  const image = { attributes: {}, enabled: true, groups: [] };
  const known: Item[] = [
    ...ledger.items.values(),
    ...returns.flatMap(each => fieldsOfReturn(POOL, each)).map(({ key, fields }) => ({ ...key, ...fields })),
    ...linkItems(POOL, STANDBY, { sourceSub: NOW, targetSub: THERE, firstSub: OLD, image, execution: 'run', restored: true, at: AT }),
  ];
  const at = ({ pk, sk }: Item) => Object.assign({}, ...known.filter(item => item.pk === pk && item.sk === sk)) as Item;
  const found = (key: Item) => (Object.keys(at(key)).length > 0 ? at(key) : undefined);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' }));
  const isDark = (table?: string) => { if (dark && table === 'state') throw Object.assign(new Error('no answer'), { name: 'TimeoutError' }); };
  const mocked = mockClient(client);
  mocked.on(GetCommand).callsFake(({ TableName, Key }) => { isDark(TableName); return { Item: found(Key) }; });
  mocked.on(BatchGetCommand).callsFake(({ RequestItems }) => ({
    Responses: Object.fromEntries(Object.entries(RequestItems as Record<string, { Keys: Item[] }>)
      .map(([table, { Keys }]) => { isDark(table); return [table, Keys.flatMap(key => found(key) ?? [])]; })),
  }));
  mocked.on(QueryCommand).callsFake(({ IndexName, ExpressionAttributeValues }) => {
    const [value] = Object.values(ExpressionAttributeValues as Record<string, string>);
    return { Items: known.filter(item => (IndexName === undefined ? item.pk === value : Object.values(item).includes(value))) };
  });
  let text = '';
  const stdout = { isTTY: false, write: (line: string) => { text += line; return true; } };
  const terminal = new Terminal(format, { stdin: { isTTY: false }, stdout, stderr: { write: () => true } } as unknown as TerminalStreams);
  const deployment = {
    primaryRegion: 'us-east-1', replicaRegion: 'us-west-2', ledgerTableName: 'ledger', stateTableName: 'state', ...silent ? {} : { standbyUserPoolId: STANDBY },
  };
  const stacks = ['us-east-1', ...silent ? [] : ['us-west-2']].map(region => ({ region }) as DeployedStack);
  const session = { aws: { table: () => client }, deployment, stacks, whySilent: silent ? 'TimeoutError' : undefined };
  await show({ terminal, session, options: {}, args: [wanted], masked: (value: string) => value } as unknown as Ask);
  return text;
}

describe('what `show` says', () => {
  const world = { returns: [back(OLD, NOW)] };

  test('of somebody who came back: subs, the user of the standby, and a timeline through both lives', async () => {
    const text = await shown(OLD, [gone(OLD), row(NOW)], world);
    const document = JSON.parse(text) as object;
    const isValid = schemaOf('show');
    expect([isValid(document), isValid.errors]).toEqual([true, null]);
    expect(document).toMatchObject({
      sub: NOW,
      replaces: OLD,
      firstSub: OLD,
      standbySub: THERE,
      timeline: [
        { changed: ['name', 'username', 'came back'] },
        { sub: OLD, event: 'AdminDeleteUser', principal: SCRIPT, changed: ['first image'] },
      ],
    });
    const forPeople = await shown(OLD, [gone(OLD), row(NOW)], { ...world, format: 'text' });
    expect(forPeople).toContain(`${OLD} came back, and is now ${NOW}`);
    for (const line of [`brought back from +${OLD}`, `first sub +${OLD}`, `user of the standby +${THERE}`, `first image \\(as ${OLD}\\)`]) {
      expect(forPeople).toMatch(new RegExp(line));
    }
    expect(await shown(NOW, [gone(OLD), row(NOW)], { ...world, format: 'text' })).not.toContain('came back, and is now');
  });

  test('a standby without them, and one that cannot be read, are not the same', async () => {
    expect(await shown(OTHER, [row(OTHER)], { format: 'text' })).toMatch(/user of the standby +none/);
    expect(JSON.parse(await shown(OTHER, [row(OTHER)]))).not.toHaveProperty('standbyUnread');
    expect(await shown(NOW, [row(NOW)], { format: 'text', dark: true })).toMatch(/user of the standby +not known: us-west-2: TimeoutError/);
    expect(JSON.parse(await shown(NOW, [row(NOW)], { dark: true }))).not.toHaveProperty('standbySub');
    expect(await shown(NOW, [row(NOW)], { format: 'text', silent: true })).toMatch(/user of the standby +not known: us-west-2 did not answer \(TimeoutError\)/);
  });

  test('--json is one document: of several users it says which there are; --jsonl and text show each', async () => {
    const both = [gone(OLD), row(OTHER)];
    await expect(shown(EMAIL, both)).rejects.toMatchObject({
      exit: 64,
      code: 'several-users',
      message: '--json: 2 users have, or had, that address or name; give the sub of one of them, or --jsonl for all:\n'
        + `  ${OTHER}: is there\n  ${OLD}: deleted 2026-11-02T10:01:00.000Z`,
    });
    expect((await shown(EMAIL, both, { format: 'jsonl' })).trim().split('\n').map(line => (JSON.parse(line) as { sub: string }).sub)).toEqual([OTHER, OLD]);
    const text = await shown(EMAIL, both, { format: 'text' });
    expect(text.indexOf(OTHER)).toBeLessThan(text.indexOf(`${OLD} deleted`));
    await expect(shown('nobody@example.com', both)).rejects.toMatchObject({ exit: 4, code: 'no-user' });
  });
});
