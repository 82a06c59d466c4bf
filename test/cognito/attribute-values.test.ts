import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { addressOf, isSameValue, isTrue, verifiedAddressOf } from '../../src/cognito/attribute-values';
import { UserRow } from '../../src/ledger/schema';
import { isReachable } from '../../src/standby/source-directory';

test.each<[unknown, boolean]>([
  ['true', true], ['True', true], ['TRUE', true], [' true ', true], [true, true],
  ['false', false], ['False', false], ['', false], [undefined, false], [null, false], [false, false], ['1', false], ['truely', false],
])('%j is %s', (value, expected) => {
  expect(isTrue(value)).toBe(expected);
});

describe('an address', () => {
  test.each<[string, Record<string, string>, object | undefined]>([
    ['there is none', { email_verified: 'true' }, undefined],
    ['it is empty', { email: '', email_verified: 'true' }, undefined],
    ['nothing says that it is verified', { email: 'a@b.c' }, { value: 'a@b.c', verified: false }],
    ['it is not verified', { email: 'a@b.c', email_verified: 'false' }, { value: 'a@b.c', verified: false }],
    ['it is verified', { email: 'a@b.c', email_verified: 'true' }, { value: 'a@b.c', verified: true }],
    ['it is verified, as a provider wrote it', { email: 'a@b.c', email_verified: 'True' }, { value: 'a@b.c', verified: true }],
    ['another one is verified', { email: 'a@b.c', phone_number_verified: 'true' }, { value: 'a@b.c', verified: false }],
  ])('where %s', (_what, attributes, expected) => {
    const address = addressOf(attributes, 'email');
    expect(address).toEqual(expected);
    expect(verifiedAddressOf(attributes, 'email')).toBe(address?.verified ? address.value : undefined);
    // A reset code goes to a verified address: the flag alone is none.
    expect(isReachable({ attributes } as unknown as UserRow, { recovery: ['email', 'phone_number'] })).toBe(address?.verified ?? false);
  });
});

test.each<[string, string | undefined, string | undefined, boolean]>([
  ['email_verified', 'True', 'true', true], ['email_verified', undefined, 'false', true], ['email_verified', 'true', undefined, false],
  ['email', 'A@b.c', 'a@b.c', false], ['name', undefined, '', false], ['custom:opted_verified', 'True', 'true', false],
])('%s: %j and %j are the same: %s', (name, a, b, expected) => {
  expect(isSameValue(name, a, b)).toBe(expected);
});

test('no other file of src reads a flag of an address by itself', () => {
  const src = path.join(__dirname, '../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const readers = files.filter(file => /_verified[`'"]?\]?\s*[!=]==/.test(readFileSync(path.join(src, file), 'utf8')));
  expect(readers).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});
