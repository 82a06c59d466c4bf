import { UserRow } from '../../../src/ledger/schema';
import { letsIn, namesOfRow } from '../../../src/standby/switch/lets-in';
import { NEVER_TURNED, SwitchState } from '../../../src/state/switch';

const IGNORES_CASE = { usernameAttributes: [], caseSensitive: false };
const rehearsal = (...names: string[]): SwitchState => ({ ...NEVER_TURNED, mode: 'rehearsal', names });

test.each<[string, SwitchState, object, string[], boolean]>([
  ['closed: nobody', NEVER_TURNED, {}, ['ann'], false],
  ['closed: nobody, although a list was left', { ...NEVER_TURNED, names: ['ann'] }, {}, ['ann'], false],
  ['open: everybody', { ...NEVER_TURNED, mode: 'open' }, {}, ['ann'], true],
  ['open: also who has no name', { ...NEVER_TURNED, mode: 'open' }, {}, [], true],
  ['rehearsal: who is listed by one of their names', rehearsal('bob', 'ann@example.com'), {}, ['ann', 'ann@example.com'], true],
  ['rehearsal: nobody else', rehearsal('bob'), {}, ['ann', 'ann@example.com'], false],
  ['rehearsal: nobody whose name a listed one begins with', rehearsal('anna'), {}, ['ann'], false],
  ['rehearsal: in any case, where the pool ignores it', rehearsal('Ann'), IGNORES_CASE, ['aNN'], true],
  ['rehearsal: as it is written, where the pool does not', rehearsal('Ann'), {}, ['aNN'], false],
  ['rehearsal: nobody without a name', rehearsal('ann'), {}, [], false],
])('%s', (_who, state, settings, knownBy, isIn) => {
  expect(letsIn(state, { usernameAttributes: [], ...settings }, knownBy)).toBe(isIn);
});

test.each<[string, Partial<UserRow>, string[]]>([
  ['the user name alone', {}, ['ann']],
  ['the name to sign in by', { signInName: 'ann@example.com' }, ['ann', 'ann@example.com']],
  [
    'every name that is looked up, and those of identities',
    { signInName: 'A@b.c', lookUp: { name: 'a@b.c', phone: '+1555', federated: ['corp_7', 'google_8'] } },
    ['ann', 'A@b.c', 'a@b.c', '+1555', 'corp_7', 'google_8'],
  ],
])('a list may name a user by %s', (_what, row, names) => {
  // Strictly: an undefined name would be as good as one that is missing in `toEqual`.
  expect(namesOfRow({ username: 'ann', ...row } as UserRow)).toStrictEqual(names);
});
