import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { editOf, hashOf, isAboutPerson, leadsOn, namesIn, Person, receiptOf, traceIn, traceInFile } from '../../src/cli/commands/forget';
import { sweepEvidence } from '../../src/cli/forget-evidence';
import { differingKey, drillKeys } from '../../src/drill/drill-keys';
import { linkedIdentityItems } from '../../src/ledger/linked-identities';
import { fieldsOfReturn } from '../../src/ledger/recovered-subs';
import { Item, items, keys, UserRow } from '../../src/ledger/schema';
import { stateKeys } from '../../src/state/keys';
import { linkItems } from '../../src/state/link';

const [SUB, OTHER, THERE] = ['5e0c2a4e-7d0e-4d3b-9a52-0c1f7c8b7f10', '77777777-7d0e-4d3b-9a52-0c1f7c8b7f10', 'aaaaaaaa-7d0e-4d3b-9a52-0c1f7c8b7f10'];
const POOL = 'us-east-1_AbCdEfGhI';
const STANDBY = 'us-west-2_AbCdEfGhI';
const PERSON: Person = { subs: new Set([SUB, THERE]), names: new Set(['greta', 'greta@example.com']) };
const row = (sub: string): UserRow => ({
  poolId: POOL,
  sub,
  username: 'greta',
  attributes: { email: 'greta@example.com' },
  enabled: true,
  status: 'CONFIRMED',
  createdAt: 1,
  modifiedAt: 1,
  digest: 'd',
  observedAt: 2,
  lookUp: { federated: ['google_1'] },
});
const LINK = {
  sourceSub: SUB,
  targetSub: THERE,
  firstSub: SUB,
  image: { attributes: { email: 'greta@example.com' }, enabled: true, groups: [] },
  execution: 'run',
  restored: true,
  at: 3,
};
const END = { cause: 'x', expiresAt: 9 };

test.each<[string, Item]>([
  ['the row', items.user(row(SUB))],
  ['an image of the past', items.history(POOL, 'U', SUB, items.user(row(SUB)), 1, END)],
  ['a membership', items.membership({ poolId: POOL, group: 'staff#1', sub: SUB, observedAt: 1 })],
  ['a membership of the past', items.history(POOL, 'M', `staff#${SUB}`, { pk: 'p', sk: 's' }, 1, END)],
  ['what leads from an identity', linkedIdentityItems(row(SUB))[0]],
  ['who came back as whom', {
    ...fieldsOfReturn(POOL, { replaced: OTHER, sub: SUB, firstSub: 'x'.repeat(2_000), execution: 'e', at: 1 })[2].fields,
    ...fieldsOfReturn(POOL, { replaced: OTHER, sub: SUB, firstSub: 'x'.repeat(2_000), execution: 'e', at: 1 })[2].key,
  }],
  ['a link', linkItems(POOL, STANDBY, LINK)[0]],
  ['a link from the standby', linkItems(POOL, STANDBY, LINK)[1]],
  ['a link from the pool of a drill, whose subs nobody knows', linkItems(POOL, 'us-west-2_Scratch01', { ...LINK, targetSub: 'of-that-pool' })[1]],
  ['that a drill found them', { pk: drillKeys.found('drill'), sk: SUB }],
  ['that they differed in a drill', { ...differingKey('drill', { sub: SUB, code: 'user-missing' }) }],
  ['a first sub', { ...stateKeys.firstSub(STANDBY, 'y'.repeat(2_000)), targetSub: THERE }],
  ['an outcome', { ...stateKeys.outcome('run', SUB), outcome: 'failed' }],
  ['a difference', { ...stateKeys.difference('run', SUB), sub: SUB }],
  ['a deletion that waits', { ...stateKeys.deletion(STANDBY, SUB), dueAt: 1 }],
  ['a line of a plan', { pk: 'PLAN#p', sk: `U#${SUB}`, line: { sub: SUB } }],
])('%s goes', (_, item) => {
  expect(traceIn(item, PERSON)).toEqual({ do: 'delete' });
});

test.each<[string, Item, object]>([
  ['a list of a sweep', { ...keys.sweepList(POOL, 'gone', 0), list: 'gone', values: [OTHER, SUB] }, { list: 'gone', values: [OTHER] }],
  ['a run that named users', { ...stateKeys.run('run'), checkpoint: { subs: [SUB, OTHER], tally: { users: 2 } } }, { checkpoint: { subs: [OTHER], tally: { users: 2 } } }],
  ['the sample of a drill', { ...drillKeys.sample('drill'), subs: [OTHER, SUB] }, { subs: [OTHER] }],
  ['a plan\'s head', { pk: 'PLAN#p', sk: '#head', head: { order: { scope: { of: 'subs', subs: [SUB] } } } }, { head: { order: { scope: { of: 'subs', subs: [] } } } }],
  ['counts by old sub', { pk: 'RUN#r', sk: '#run', counts: { subs: { [OTHER]: 'z', [SUB]: 'y' } } }, { counts: { subs: { [OTHER]: 'z' } } }],
  ['a rehearsal', { ...stateKeys.switchOf(STANDBY), names: ['greta@example.com', 'otto'], mode: 'rehearsal' }, { names: ['otto'], mode: 'rehearsal' }],
])('%s is kept without the person', (_, item, rest) => {
  const { pk, sk } = item;
  expect(traceIn(item, PERSON)).toEqual({ do: 'edit', item: { pk, sk, ...rest } });
});

test.each<[string, Item]>([
  ['somebody else who has the name now', items.user(row(OTHER))],
  ['a sub that only begins alike', items.user(row(`${SUB}-2`))],
  ['a group', items.group({ poolId: POOL, name: 'greta', observedAt: 1 })],
])('%s stays', (_, item) => {
  expect(traceIn(item, PERSON)).toBeUndefined();
});

const NOBODY = [POOL, STANDBY, 'U', 'M', 'S', 'H', 'T', 'admins', 'RUN', 'PLAN', 'DRILL', 'SOURCE', '#head', '#run', '#group#admins', 'run', 'e', 'Scratch', ''];
const EXECUTION = '9b2e7c10-7d0e-4d3b-9a52-0c1f7c8b7f10';

describe('what is no sub of a user', () => {
  const came = fieldsOfReturn(POOL, { replaced: OTHER, sub: THERE, firstSub: OTHER, execution: EXECUTION, at: 1 })
    .map(({ key, fields }) => ({ ...fields, ...key }));
  const all: Item[] = [
    ...[SUB, OTHER].map(sub => items.user(row(sub))),
    items.history(POOL, 'U', OTHER, items.user(row(OTHER)), 1, END),
    items.group({ poolId: POOL, name: 'admins', observedAt: 1 }),
    items.history(POOL, 'G', 'admins', items.group({ poolId: POOL, name: 'admins', observedAt: 1 }), 1, END),
    items.membership({ poolId: POOL, group: 'admins', sub: OTHER, observedAt: 1 }),
    items.history(POOL, 'M', `admins#${OTHER}`, { pk: 'p', sk: 's' }, 1, END),
    items.source({ poolId: POOL }),
    ...linkItems(POOL, STANDBY, { ...LINK, execution: EXECUTION }),
    ...came,
    { pk: `${POOL}#R#run`, sk: '2026-11-02T10:30:00.000Z', execution: EXECUTION },
    { ...stateKeys.deletion(STANDBY, '#group#admins'), dueAt: 1 },
    { ...stateKeys.run(EXECUTION), poolId: POOL },
    { ...stateKeys.outcome(EXECUTION, OTHER), outcome: 'failed' },
    { ...stateKeys.difference(EXECUTION, OTHER), sub: OTHER },
    { pk: `PLAN#${EXECUTION}`, sk: '#head' },
    { pk: `PLAN#${EXECUTION}`, sk: `U#${OTHER}` },
    { pk: 'SCRATCH', sk: 'us-west-2_Scratch01', userPoolId: 'us-west-2_Scratch01' },
    { pk: drillKeys.found(EXECUTION), sk: OTHER },
    { ...differingKey(EXECUTION, { sub: OTHER, code: 'user-missing' }) },
  ];

  test.each([...NOBODY, EXECUTION, '2026-11-02T10:30:00.000Z', 'us-west-2_Scratch01'])('deletes nothing: %p', given => {
    expect(all.filter(item => traceIn(item, { subs: new Set([given]), names: new Set() })?.do === 'delete')).toEqual([]);
    const file = JSON.stringify({ drill: EXECUTION, differing: [{ sub: OTHER, code: 'user-missing' }] });
    expect(traceInFile(file, { subs: new Set([given]), names: new Set() })).toBeUndefined();
  });

  test('and what is one deletes nobody else\'s', () => {
    const gone = all.filter(item => traceIn(item, { subs: new Set([SUB]), names: new Set() })?.do === 'delete');
    expect(gone).toEqual([items.user(row(SUB)), ...linkItems(POOL, STANDBY, { ...LINK, execution: EXECUTION })]);
    const managed = { ...LINK, sourceSub: OTHER, firstSub: OTHER, image: { ...LINK.image, attributes: { 'custom:manager': SUB, 'email': 'o@example.com' } } };
    const [, ofTarget] = linkItems(POOL, STANDBY, { ...managed, targetSub: 'of-other' });
    expect(traceIn(ofTarget, PERSON)).toMatchObject({ do: 'edit', item: { link: { image: { attributes: { email: 'o@example.com' } } } } });
  });

  test('a group that is called as the person\'s sub keeps its name, and its other members', () => {
    const group = items.group({ poolId: POOL, name: SUB, observedAt: 1 });
    const membership = items.membership({ poolId: POOL, group: SUB, sub: OTHER, observedAt: 1 });
    expect([group, membership].map(item => traceIn(item, PERSON))).toEqual([undefined, undefined]);
  });

  test('of what goes, that which leads to other subs goes last', () => {
    const [ofSource, ofTarget] = linkItems(POOL, STANDBY, LINK);
    expect([ofSource, ofTarget, ...came].every(leadsOn)).toBe(true);
    expect([items.user(row(SUB)), items.source({ poolId: POOL }), { pk: `${POOL}#T`, sk: 's' }].map(leadsOn)).toEqual([false, false, false]);
  });
});

test('an edit touches nothing else of the item, and nothing that was written since', () => {
  const before: Item = { ...stateKeys.switchOf(STANDBY), names: ['greta', 'otto'], mode: 'rehearsal', by: SUB };
  const trace = traceIn(before, PERSON) as { readonly item: Item };
  expect(editOf(before, trace.item)).toEqual({
    UpdateExpression: 'SET #n0 = :is0 REMOVE #n1',
    ConditionExpression: '#n0 = :was0 AND #n1 = :was1',
    ExpressionAttributeNames: { '#n0': 'names', '#n1': 'by' },
    ExpressionAttributeValues: { ':was0': ['greta', 'otto'], ':was1': SUB, ':is0': ['otto'] },
  });
});

test('a set of which nothing is left goes: DynamoDB has no empty one', () => {
  const before = { pk: 'RUN#r', sk: '#run', some: new Set([SUB]), others: new Set([SUB, OTHER]) } as Item;
  const trace = traceIn(before, PERSON) as { readonly item: Item };
  expect(trace.item).toEqual({ pk: 'RUN#r', sk: '#run', some: undefined, others: new Set([OTHER]) });
  expect(editOf(before, trace.item)).toMatchObject({ UpdateExpression: 'SET #n1 = :is1 REMOVE #n0' });
});

test('a dead letter is known by sub or by name, whole, in JSON or not', () => {
  expect(isAboutPerson(JSON.stringify({ detail: { requestParameters: { username: 'greta' } } }), PERSON)).toBe(true);
  expect(isAboutPerson(JSON.stringify({ detail: { additionalEventData: { sub: SUB } } }), PERSON)).toBe(true);
  expect(isAboutPerson(`what ${SUB} did`, PERSON)).toBe(true);
  expect(isAboutPerson(JSON.stringify({ username: 'gretas' }), PERSON)).toBe(false);
  expect(namesIn(row(SUB))).toEqual(['greta', 'greta@example.com']);
});

describe('the file that names who differed in a drill', () => {
  const [mine, others] = [{ sub: SUB, code: 'attribute', field: 'email' }, { sub: OTHER, code: 'user-missing' }];
  const file = (...differing: object[]) => `${JSON.stringify({ drill: 'd', differing, more: 2 }, null, 2)}\n`;

  test('is kept without the person, goes where it names nobody else, and is left alone where it does not name them', () => {
    expect(traceInFile(file(mine, others, mine), PERSON)).toEqual({ do: 'edit', text: file(others) });
    expect(traceInFile(file(mine), PERSON)).toEqual({ do: 'delete' });
    expect(traceInFile(`no JSON, ${SUB}`, PERSON)).toEqual({ do: 'delete' });
    expect(traceInFile(file(others), PERSON)).toBeUndefined();
    expect(traceInFile(file({ sub: `${SUB}-2`, code: 'user-missing' }), PERSON)).toBeUndefined();
  });

  const s3 = mockClient(S3Client);
  const texts: Record<string, string> = { now: file(mine, others), old: file(mine), other: file(others), alone: file(mine) };
  beforeEach(() => {
    s3.reset();
    s3.on(ListObjectVersionsCommand).callsFake(({ KeyMarker }) => (KeyMarker === undefined
      ? { Versions: [{ Key: 'subs/1.json', VersionId: 'now', IsLatest: true }, { Key: 'subs/1.json', VersionId: 'old' }], NextKeyMarker: 'subs/1.json' }
      : { Versions: [{ Key: 'subs/2.json', VersionId: 'other', IsLatest: true }, { Key: 'subs/3.json', VersionId: 'alone', IsLatest: true }] }));
    s3.on(GetObjectCommand).callsFake(({ VersionId }) => ({ Body: { transformToString: async () => texts[VersionId as string] } }));
    s3.on(DeleteObjectCommand).resolves({});
    s3.on(PutObjectCommand).resolves({});
  });
  const sweep = async (deletes: boolean) => sweepEvidence(new S3Client({ region: 'us-west-2' }), 'bucket', PERSON, deletes);
  const deletedOf = () => s3.commandCalls(DeleteObjectCommand).map(({ args: [{ input: { VersionId } }] }) => VersionId);

  test('every version of it goes, a newer one without the person first; a plan changes nothing', async () => {
    expect(await sweep(false)).toEqual({ bucket: 'bucket', deleted: 3, edited: 1, kept: 0 });
    expect([deletedOf(), s3.commandCalls(PutObjectCommand)]).toEqual([[], []]);
    expect(await sweep(true)).toEqual({ bucket: 'bucket', deleted: 3, edited: 1, kept: 0 });
    expect(deletedOf()).toEqual(['now', 'old', 'alone']);
    expect(s3.commandCalls(PutObjectCommand).map(({ args: [{ input: { Key, Body } }] }) => [Key, Body])).toEqual([['subs/1.json', file(others)]]);
    expect(s3.commandCalls(ListObjectVersionsCommand)[0].args[0].input).toMatchObject({ Bucket: 'bucket', Prefix: 'subs/' });
  });

  test('a version that a lock keeps is counted, and the receipt says so', async () => {
    s3.on(DeleteObjectCommand, { VersionId: 'old' }).rejects(Object.assign(new Error('locked'), { name: 'AccessDenied' }));
    const evidence = await sweep(true);
    expect(evidence).toMatchObject({ deleted: 2, kept: 1 });
    const stays = (given?: typeof evidence) =>
      receiptOf({ userPoolId: POOL, sub: SUB, salt: 's', at: 0, tables: [], messages: 0, evidence: given }).stays.map(({ what }) => what);
    expect(stays(evidence)).toEqual(expect.arrayContaining(['versions that name the sub in s3://bucket/subs/: 1', expect.stringContaining('reports of drills')]));
    expect(stays({ ...evidence, kept: 0 }).join()).not.toContain('versions that name');
    expect(stays().join()).not.toContain('drill');
  });
});

test('the receipt names nobody, and proves whom it is about', () => {
  const receipt = receiptOf({ userPoolId: POOL, sub: SUB, salt: 's', at: 0, historyDays: 30, tables: [], messages: 1 });
  expect(JSON.stringify(receipt)).not.toContain(SUB);
  expect(receipt.hash).toBe(hashOf('s', SUB));
  expect(hashOf('t', SUB)).not.toBe(receipt.hash);
  expect(receipt.stays.map(({ what }) => what).join()).toMatch(/point-in-time recovery.*executions.*CloudTrail/);
  expect(receipt.stays[0].until).toBe('1970-02-05T00:00:00.000Z');
});
