import { compareHeader, csvLine } from './csv-import';

test('a line has a value for each column; commas are escaped', () => {
  expect(csvLine(['name', 'email', 'email_verified', 'cognito:mfa_enabled', 'cognito:username'], { 'name': 'a,b', 'email': 'x', 'email_verified': 'true', 'cognito:username': 'u' }))
    .toBe('a\\,b,x,true,false,u');
});

const SCHEMA = ['sub', 'identities', 'email', 'custom:tenant'];
const HEADER = ['email', 'custom:tenant', 'cognito:mfa_enabled', 'cognito:username'];

test.each<[string, string[], object]>([
  ['as assumed', HEADER, { observed: '4 columns as assumed', holds: true }],
  ['with a column for hashes', [...HEADER, 'password_hash'], { observed: '5 columns as assumed', holds: true }],
  ['with more', [...HEADER, 'sub'], { observed: 'more: sub; fewer: none', holds: false }],
  ['with fewer', HEADER.slice(1), { observed: 'more: none; fewer: email', holds: false }],
])('a header %s', (_, header, expected) => {
  expect(compareHeader(header, SCHEMA)).toEqual(expected);
});
