import { items } from '../../src/ledger/schema';
import { RECOVERY_MACHINE } from '../../src/recovery/constants';
import { IncidentMoment, RecoveryEvent, validateRecovery } from '../../src/recovery/recovery-input.lambda-shared';
import { PlanHead } from '../../src/recovery/recovery-line';
import { InMemoryLedger } from '../helpers/in-memory-ledger';

const POOL = 'us-east-1_Source';
const NOW = Date.parse('2026-11-02T12:00:00Z');
const DAY = 86_400_000;
const T1 = '2026-11-02T10:30:00Z';
const T2 = '2026-11-02T11:00:00+00:00';
const ARN = 'arn:aws:iam::111122223333:role/script';
const INCIDENT: IncidentMoment = {
  before: Date.parse(T1),
  noticedAt: Date.parse(T2),
  causes: [{ event: 'AdminDeleteUser', principal: ARN, count: 60 }, { event: 'AdminDisableUser', principal: ARN, count: 1 }],
};

const HELD: IncidentMoment = { ...INCIDENT, causes: [{ event: 'sweep', count: 60 }], held: true, noticedAt: NOW + 1 };
const INCIDENTS: Record<string, IncidentMoment> = {
  i: INCIDENT,
  sweep: { ...INCIDENT, causes: [{ event: 'sweep', count: 60 }] },
  both: { ...INCIDENT, causes: [...INCIDENT.causes, { event: 'sweep', count: 340 }] },
  held: HELD,
  many: { ...INCIDENT, causes: [...INCIDENT.causes, { event: 'AdminDeleteUser', count: 1 }] },
  marked: { ...HELD, noticedAt: NOW - 1_000 },
  replaced: { ...INCIDENT, replacedPoolId: 'us-east-1_Before', causes: [{ event: 'sweep', count: 60 }] },
};

const HEAD: PlanHead = { plan: 'p', userPoolId: POOL, isDifference: false, plannedAt: NOW - 60_000 };
const HEADS: Record<string, PlanHead> = {
  p: HEAD,
  old: { ...HEAD, plan: 'old', plannedAt: NOW - DAY },
  other: { ...HEAD, plan: 'other', userPoolId: 'us-east-1_Replaced' },
  read: { ...HEAD, plan: 'read', isDifference: true },
  half: { ...HEAD, plan: 'half', plannedAt: undefined },
  done: { ...HEAD, plan: 'p0', executor: 'done', executionBegunAt: NOW - 50_000, executedAt: NOW - 40_000 },
  stopped: { ...HEAD, plan: 'stopped', plannedAt: NOW - 2 * DAY, executor: 'x', executionBegunAt: NOW - DAY },
};

function ledgerOf(firstSweptAt: number | undefined = NOW - 10 * DAY): InMemoryLedger {
  const ledger = new InMemoryLedger();
  ledger.put(items.source({ poolId: POOL, sweptAt: NOW, historyDays: 35, firstSweptAt }));
  const row = { username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 1, poolId: POOL, digest: '', observedAt: 1 } as const;
  ledger.put(items.user({ ...row, sub: 'known' }));
  ledger.put(items.user({ ...row, sub: 'gone', deletedAt: 2 }));
  ledger.put(items.group({ poolId: POOL, name: 'staff', observedAt: 1, deletedAt: 2 }));
  ledger.put(items.poolPart({
    poolId: POOL, part: 'pool', digest: '', observedAt: 1, value: { SchemaAttributes: [{ Name: 'email' }, { Name: 'custom:team' }] },
  }));
  return ledger;
}

async function validated(input: unknown, more: Partial<RecoveryEvent> = {}, ledger = ledgerOf(), incidents: readonly string[] = []) {
  return validateRecovery({ machine: RECOVERY_MACHINE, execution: 'run', startedAt: new Date(NOW).toISOString(), input, ...more }, {
    userPoolId: POOL,
    ledger,
    store: { plan: async name => HEADS[name] },
    incident: async id => INCIDENTS[id],
    incidents: async () => incidents.map(id => ({ id, ...INCIDENTS[id] })),
  });
}

async function taskOf(input: unknown) {
  const validation = await validated(input);
  if (!validation.valid) throw new Error(validation.message);
  return validation.run.task;
}

const plan = { kind: 'restore', dryRun: true };

test('a plan by a moment says whose deletions a sweep holds, which are not in it; nothing of incidents whose deletions are marked', async () => {
  for (const input of [{ ...plan, asOf: T1, everybody: true }, { difference: [T1] }]) {
    const heldIn = async (...incidents: string[]) => {
      const validation = await validated(input, {}, undefined, incidents);
      return validation.valid && validation.run.task.do === 'plan' && validation.run.task.order.deletionsHeld;
    };
    expect([await heldIn(), await heldIn('i', 'marked'), await heldIn('i', 'held')]).toEqual([undefined, undefined, 'held']);
  }
});

test.each<[string, object, object]>([
  ['everybody, as of a moment', { ...plan, asOf: T1, everybody: true }, { order: { kind: 'restore', asOf: Date.parse(T1), scope: { of: 'everybody' }, allowMessages: false } }],
  ['users, deleted or not', { ...plan, kind: 'undelete', asOf: T1, subs: ['known', 'gone', 'gone'] }, { order: { scope: { of: 'subs', subs: ['known', 'gone'] } } }],
  ['a group that is gone', { ...plan, asOf: T1, groups: ['staff'] }, { order: { scope: { of: 'groups', groups: ['staff'] } } }],
  ['a period, as of its beginning', { ...plan, deletedBetween: [T1, T2] },
    { order: { asOf: Date.parse(T1), scope: { of: 'deleted', from: Date.parse(T1), to: Date.parse(T2) } } }],
  ['a period, as of another moment', { ...plan, asOf: '2026-11-01T00:00:00+02:00', changedBetween: [T1, T2] }, { order: { asOf: Date.parse('2026-10-31T22:00:00Z') } }],
  ['one who did it', { ...plan, asOf: T1, changedBy: ARN }, { order: { scope: { of: 'changed-by', principals: [ARN] } } }],
  ['an incident, by those who caused it', { before: 'i', kind: 'undelete', dryRun: true }, { order: { kind: 'undelete', asOf: Date.parse(T1), scope: { of: 'changed-by', principals: [ARN] } } }],
  ['an incident that is known in part by its callers, and in part by a sweep', { before: 'both', kind: 'undelete', dryRun: true },
    { order: { scope: { of: 'changed-by', principals: [ARN], orFound: true } } }],
  ['one who did it, as the ledger shows a session without its issuer', { ...plan, asOf: T1, changedBy: 'arn:aws:sts::111122223333:assumed-role/script' },
    { order: { scope: { of: 'changed-by', principals: ['arn:aws:sts::111122223333:assumed-role/script'] } } }],
  ['one attribute, by the name that it has in Cognito', { ...plan, kind: 'revert', asOf: T1, everybody: true, attributes: ['custom:team'] }, { order: { attributes: ['custom:team'] } }],
  ['an incident with more causes than it names', { before: 'many', kind: 'revert', dryRun: true }, { order: { scope: { of: 'changed' } } }],
  ['users by their subs, of an incident whose deletions a sweep holds', { ...plan, before: 'held', subs: ['known'] }, { order: { scope: { of: 'subs' } } }],
  ['an incident that a sweep held, once one has marked who is gone', { ...plan, before: 'marked' }, { order: { asOf: Date.parse(T1) } }],
  ['an incident that a sweep found', { before: 'sweep', kind: 'revert', dryRun: true }, { order: { scope: { of: 'changed', from: Date.parse(T1), to: Date.parse(T2) } } }],
  ['an incident, of everybody', { ...plan, before: 'i', everybody: true }, { order: { scope: { of: 'everybody' } } }],
  ['one attribute', { ...plan, kind: 'revert', asOf: T1, everybody: true, attributes: ['email'], allowMessages: true }, { order: { attributes: ['email'], allowMessages: true } }],
  ['a difference from a moment to now', { difference: [T1] }, { isDifference: true, order: { asOf: Date.parse(T1), scope: { of: 'everybody' } } }],
  ['a difference of two moments', { difference: [T1, T2], groups: ['staff'] }, { isDifference: true, order: { to: Date.parse(T2), scope: { of: 'groups' } } }],
  ['a plan', { plan: 'p', quotaShare: 0.5 }, { do: 'execute', plan: 'p' }],
  ['a plan whose execution was stopped', { plan: 'stopped' }, { do: 'execute', plan: 'stopped' }],
  ['an undo, by the name of the execution', { undo: 'done' }, { do: 'undo', undone: 'p0', dryRun: false, allowMessages: false }],
])('%s', async (_what, input, task) => {
  expect(await taskOf(input)).toMatchObject(task);
});

test('it takes 0.3 of the quotas, writes the pool of its own stack, and no other', async () => {
  expect(await validated({ plan: 'p' })).toEqual({
    valid: true,
    run: { execution: 'run', startedAt: NOW, sourceUserPoolId: POOL, targetUserPoolId: POOL, task: { do: 'execute', plan: 'p' }, quotaShare: 0.3 },
  });
});

test.each<[string, unknown, string]>([
  ['nothing', {}, 'kind: not given; want undelete, revert or restore to make a plan, or one of plan, undo and difference instead'],
  ['no object', 'x', 'input: got "x", want a JSON object, such as {"kind": "undelete", "asOf": "2026-01-31T09:05:00Z", "everybody": true, "dryRun": true}'],
  ['another field', { targetUserPoolId: 'us-east-1_X' }, 'targetUserPoolId: not a field of a recovery; known fields are kind, asOf, before, subs, groups, '
    + 'deletedBetween, changedBetween, changedBy, everybody, attributes, allowMessages, dryRun, plan, undo, difference, quotaShare'],
  ['a machine of its own', { machine: 'x', plan: 'p' }, 'machine: not a field of a recovery; known fields are kind, asOf, before, subs, groups, '
    + 'deletedBetween, changedBetween, changedBy, everybody, attributes, allowMessages, dryRun, plan, undo, difference, quotaShare'],
  ['another kind', { kind: 'delete' }, 'kind: got "delete", want one of undelete, revert, restore'],
  ['no plan', { kind: 'revert', asOf: T1, everybody: true }, 'dryRun: a recovery in place executes a plan that somebody has read: make one with '
    + '{"dryRun": true}, and start again with {"plan": "<name of that execution>"}'],
  ['a moment without a zone', { ...plan, asOf: '2026-11-02T10:30:00', everybody: true },
    'asOf: got "2026-11-02T10:30:00", want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z"'],
  ['a moment in words', { ...plan, asOf: 'yesterday', everybody: true }, 'asOf: got "yesterday", want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z"'],
  ['a moment to come', { ...plan, asOf: '2027-01-01T00:00:00Z', everybody: true },
    'asOf: 2027-01-01T00:00:00.000Z has not come yet; want a moment before the start of the recovery, 2026-11-02T12:00:00.000Z'],
  ['a moment before the ledger', { ...plan, asOf: '2026-01-01T00:00:00Z', everybody: true },
    'asOf: the ledger goes back to 2026-10-23T12:00:00.000Z for us-east-1_Source, not to 2026-01-01T00:00:00.000Z; want that moment or a later one'],
  ['no moment', { ...plan, everybody: true },
    'asOf: not given; want a moment in ISO 8601 with its time zone, such as "2026-01-31T09:05:00Z", or the incident before which to go back as before'],
  ['two moments', { ...plan, asOf: T1, before: 'i' }, 'before: cannot be given together with asOf; leave one of the two out'],
  ['an incident of another pool', { ...plan, before: 'replaced' }, 'before: replaced is of users of the pool us-east-1_Before, which this one replaced; restore them '
    + 'from the copy, with the input that the incident names'],
  ['another incident', { ...plan, before: 'nobody' }, 'before: there is no incident nobody; take the id from the alarm or the event, or give asOf'],
  ['nobody', { ...plan, asOf: T1 }, 'everybody: not given; name one of subs, groups, deletedBetween, changedBetween, changedBy, everybody; without one, only an '
    + 'incident says which users it is about'],
  ['two scopes', { ...plan, asOf: T1, groups: ['staff'], everybody: true },
    'everybody: cannot be given together with groups; name one of subs, groups, deletedBetween, changedBetween, changedBy, everybody'],
  ['users of another pool', { ...plan, asOf: T1, subs: ['stranger'] }, 'subs: the ledger has no user stranger of us-east-1_Source; name users by the sub that they had in that pool'],
  ['another group', { ...plan, asOf: T1, groups: ['Staff'] }, 'groups: the ledger has no group "Staff" of us-east-1_Source; names are case-sensitive'],
  ['a period that goes backwards', { ...plan, deletedBetween: [T2, T1] },
    'deletedBetween: got a list of 2, want two moments in ISO 8601 with their time zones, the earlier one first'],
  ['a name for an ARN', { ...plan, asOf: T1, changedBy: 'script' }, 'changedBy: got "script", want the ARN of an IAM role or user'],
  ['a session for a role', { ...plan, asOf: T1, changedBy: 'arn:aws:sts::111122223333:assumed-role/script/jane' },
    'changedBy: got "arn:aws:sts::111122223333:assumed-role/script/jane", want the ARN of the role itself, without a session: '
      + 'arn:aws:iam::<account>:role/<its path and name>, as userIdentity.sessionContext.sessionIssuer.arn of CloudTrail'],
  ['an attribute that the pool has not', { ...plan, kind: 'revert', asOf: T1, everybody: true, attributes: ['email', 'team'] },
    'attributes: us-east-1_Source has no team; custom attributes are called custom:<name>'],
  ['a moment that is later than the beginning of the period', { ...plan, asOf: T2, deletedBetween: [T1, T2] },
    'asOf: 2026-11-02T11:00:00.000Z is later than the beginning of deletedBetween, 2026-11-02T10:30:00.000Z; want that moment or an earlier one'],
  ['an incident whose deletions a sweep holds', { ...plan, before: 'held' },
    'before: a sweep holds the deletions of held, so that the ledger still has everybody; start a sweep with the allowDeletions that the message of that one names, '
      + 'and this again once it is over'],
  ['the same with another scope', { ...plan, before: 'held', everybody: true },
    'before: a sweep holds the deletions of held, so that the ledger still has everybody; start a sweep with the allowDeletions that the message of that one names, '
      + 'and this again once it is over'],
  ['attributes of those who come back', { ...plan, asOf: T1, everybody: true, attributes: ['email'] },
    'attributes: users who come back get all of them; leave it out, or want kind revert'],
  ['everything at once', { plan: 'p', undo: 'p' }, 'undo: cannot be given together with plan; leave one of the two out'],
  ['a plan and a moment', { plan: 'p', asOf: T1 }, 'asOf: cannot be given together with plan; leave one of the two out'],
  ['no such plan', { plan: 'nobody' }, 'plan: there is no plan nobody; a plan is valid for a day: make one with {"dryRun": true}'],
  ['a plan of another pool', { plan: 'other' }, 'plan: other is a plan of us-east-1_Replaced, and this recovery writes us-east-1_Source; make a new plan'],
  ['an expired plan', { plan: 'old' }, 'plan: old expired at 2026-11-02T12:00:00.000Z, 24 hours after it was made; make a new plan'],
  ['an executed plan', { plan: 'done' }, 'plan: done was executed by done at 2026-11-02T11:59:20.000Z; make a new plan, or take it back with {"undo": "done"}'],
  ['a difference', { plan: 'read' }, 'plan: read is a difference, which is only read; make a plan with {"kind": ..., "dryRun": true}'],
  ['a plan that is being made', { plan: 'half' }, 'plan: half is not whole; wait for the end of its execution, or make a new plan'],
  ['undo of nothing', { undo: 'nobody' }, 'undo: nothing is kept of a recovery nobody; what a run replaced is kept for as long as the history'],
  ['undo of a plan', { undo: 'p' }, 'undo: the plan p was never executed; there is nothing to take back'],
  ['undo in another pool', { undo: 'other' }, 'undo: other wrote us-east-1_Replaced, and this recovery writes us-east-1_Source'],
  ['too much of the quotas', { plan: 'p', quotaShare: 2 }, 'quotaShare: got 2, want a number above 0 and up to 1'],
])('%s is refused in one sentence', async (_what, input, message) => {
  expect(await validated(input)).toEqual({ valid: false, message });
});

test('a ledger that no sweep has completed cannot go back', async () => {
  const ledger = new InMemoryLedger();
  expect(await validated({ ...plan, asOf: T1, everybody: true }, {}, ledger))
    .toEqual({ valid: false, message: 'input: the ledger holds nothing of us-east-1_Source yet; wait for the first sweep' });
  ledger.put(items.source({ poolId: POOL }));
  expect(await validated({ ...plan, asOf: T1, everybody: true }, {}, ledger))
    .toEqual({ valid: false, message: 'asOf: the ledger cannot go back yet for us-east-1_Source; wait for the next complete sweep' });
});

test('another state machine is no machine of a recovery in place', async () => {
  await expect(validated({ plan: 'p' }, { machine: 'restore' })).rejects.toThrow('this function validates for the state machine of a recovery in place alone');
});

test.each([
  ['subs', 5_000, 50], ['groups', 1_000, 256],
] as const)('%s that are too long for a state machine\'s payload are refused', async (field, count, length) => {
  const ledger = ledgerOf();
  const names = Array.from({ length: count }, (_, i) => String(i).padStart(length, '0'));
  for (const name of names) {
    ledger.put(field === 'groups' ? items.group({ poolId: POOL, name, observedAt: 1 }) : items.user({
      poolId: POOL, sub: name, username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 1, digest: '', observedAt: 1,
    }));
  }
  expect(await validated({ kind: 'revert', asOf: T1, [field]: names, dryRun: true }, {}, ledger)).toEqual({
    valid: false, message: `${field}: too long for an execution's state; start several recoveries one after the other`,
  });
});
