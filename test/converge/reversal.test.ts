import * as fc from 'fast-check';
import { poolSettingsOf } from '../../src/cognito/pool-settings';
import { beforeReversal, isEmptyReversal, planReversal, planUndo, PresentUser, remainderOf, Reversal } from '../../src/converge/reversal';
import { UserPoolModel } from '../helpers/user-pool-model';

const settings = poolSettingsOf(new UserPoolModel({ autoVerifiedAttributes: ['email'], customAttributes: { tenant: { mutable: false }, tier: {} } }).describe());
const rules = { userPoolId: 'P', settings, hasGroup: (name: string) => name !== 'gone', allowMessages: false };
const present = (attributes: Record<string, string>, enabled = true, groups: readonly string[] = []): PresentUser => ({
  user: { sub: 's', username: 'u', attributes, enabled, status: 'CONFIRMED', createdAt: 1, modifiedAt: 1 }, groups,
});
const NOTHING: Reversal = { set: {}, unset: [], join: [], leave: [], before: {} };

test.each<[string, Record<string, string>, Record<string, string>, Partial<Reversal>, string[]]>([
  ['what was overwritten', { name: 'A' }, { name: 'B' }, { set: { name: 'A' }, before: { name: 'B' } }, []],
  ['what was gained', {}, { nickname: 'x' }, { unset: ['nickname'], before: { nickname: 'x' } }, []],
  ['what was lost', { nickname: 'x' }, {}, { set: { nickname: 'x' } }, []],
  ['an address goes with its flag', { email: 'a@x', email_verified: 'true' }, { email: 'b@x', email_verified: 'false' },
    { set: { email: 'a@x', email_verified: 'true' }, before: { email: 'b@x', email_verified: 'false' } }, []],
  ['a flag alone', { email: 'a@x', email_verified: 'true' }, { email: 'a@x', email_verified: 'false' },
    { set: { email: 'a@x', email_verified: 'true' }, before: { email: 'a@x', email_verified: 'false' } }, []],
  ['a flag that was gained goes alone: with its address, Cognito may take it for a new one and write to it', { email: 'a@x' }, { email: 'a@x', email_verified: 'true' },
    { set: { email_verified: 'false' }, before: { email_verified: 'true' } }, []],
  ['an address that Cognito would write to stays, and is no way to a password', { email: 'a@x' }, { email: 'b@x', email_verified: 'true' },
    { set: { email_verified: 'false' }, before: { email_verified: 'true' } }, ['would-notify']],
  ['an address that Cognito writes to for no reason', { phone_number: '+1234' }, { phone_number: '+1235' },
    { set: { phone_number: '+1234', phone_number_verified: 'false' }, before: { phone_number: '+1235' } }, []],
  ['an address that was gained', {}, { email: 'b@x', email_verified: 'true' },
    { unset: ['email', 'email_verified'], before: { email: 'b@x', email_verified: 'true' } }, []],
  ['what cannot change', { 'custom:tenant': '1' }, { 'custom:tenant': '2' }, {}, ['attribute-immutable']],
  ['what is Cognito\'s own', { identities: '[]' }, { 'cognito:x': '1' }, {}, []],
  ['a flag in other words', { email: 'a@x', email_verified: 'True' }, { email: 'a@x', email_verified: 'true' }, {}, []],
])('%s', (_what, then, now, reversal, codes) => {
  const planned = planReversal({ attributes: then, enabled: true, groups: [] }, present(now), rules);
  expect(planned).toEqual({ reversal: { ...NOTHING, ...reversal }, warnings: codes.map(code => expect.objectContaining({ code })) });
});

test('groups are those of the moment, but for those of a provider and those that are gone', () => {
  const { reversal, warnings } = planReversal({ attributes: {}, enabled: false, groups: ['a', 'gone', 'P_Google'] }, present({}, true, ['b', 'P_Okta']), rules);
  expect(reversal).toMatchObject({ enabled: false, join: ['a'], leave: ['b'] });
  expect(warnings).toEqual([{ code: 'group-not-restored' }]);
});

test('named attributes are all that is written', () => {
  const then = { attributes: { name: 'A', email: 'a@x', email_verified: 'true' }, enabled: false, groups: ['a'] };
  for (const only of [['email'], ['email_verified']]) {
    const { reversal } = planReversal(then, present({ name: 'B', email: 'b@x', email_verified: 'true' }), { ...rules, only });
    expect(reversal).toEqual({ ...NOTHING, set: { email: 'a@x', email_verified: 'true' }, before: { email: 'b@x', email_verified: 'true' } });
  }
});

const values = fc.option(fc.constantFrom('1', '2'), { nil: undefined });
const someone = fc.record({
  attributes: fc.record({ name: values, nickname: values, email: fc.option(fc.constantFrom('a@x', 'b@x'), { nil: undefined }), email_verified: fc.constant('true') }),
  enabled: fc.boolean(),
  groups: fc.subarray(['a', 'b', 'c']),
}).map(({ attributes, ...rest }) => {
  const given = Object.entries(attributes).filter(([name, value]) => value !== undefined && (name !== 'email_verified' || attributes.email !== undefined));
  return { ...rest, attributes: Object.fromEntries(given) as Record<string, string> };
});
type Somebody = { attributes: Record<string, string>; enabled: boolean; groups: string[] };
const shown = ({ user: { attributes, enabled }, groups }: PresentUser) => ({ attributes, enabled, groups: [...groups].sort() });

/** The user with a part of the reversal written: each of its calls, or not. */
function written({ user, groups }: PresentUser, { set, unset, enabled, join, leave }: Reversal, done = [true, true, true, true, true]): PresentUser {
  const attributes = { ...user.attributes, ...done[0] ? set : {} };
  if (done[1]) unset.forEach(name => delete attributes[name]);
  const rest = groups.filter(name => !done[3] || !leave.includes(name));
  return {
    user: { ...user, attributes, enabled: done[2] ? enabled ?? user.enabled : user.enabled }, groups: [...new Set([...rest, ...done[4] ? join : []])],
  };
}

test('whatever was and is: the reversal makes the user what they were, its undo what they are, and any part of it is known and gone on with', () => {
  fc.assert(fc.property(someone, someone, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (then: Somebody, is: Somebody, done) => {
    const now = present(is.attributes, is.enabled, is.groups);
    const { reversal } = planReversal(then, now, rules);
    const after = written(now, reversal);
    expect(shown(after)).toEqual({ ...then, groups: [...then.groups].sort() });
    expect(isEmptyReversal(planReversal(then, after, rules).reversal)).toBe(true);
    const partly = written(now, reversal, done);
    expect(shown(beforeReversal(reversal, partly)!)).toEqual(shown(now));
    expect(shown(written(partly, remainderOf(reversal, partly)))).toEqual(shown(after));
    expect(shown(written(partly, planUndo(reversal, partly, rules).reversal))).toEqual(shown(now));
  }));
});

test('what somebody has changed since is left as it is by an undo, and named', () => {
  const { reversal } = planReversal({ attributes: { name: 'A', nickname: 'n' }, enabled: true, groups: ['a'] }, present({ name: 'B' }, false), rules);
  const undo = planUndo(reversal, present({ name: 'C', nickname: 'n' }, true, []), rules);
  expect(undo).toEqual({
    reversal: { set: {}, unset: ['nickname'], enabled: false, join: [], leave: [], before: { nickname: 'n' } }, warnings: [{ code: 'changed-since-run', fields: ['name'] }],
  });
  expect(beforeReversal(reversal, present({ name: 'C' }, false))).toBeUndefined();
});
