import { FakePoolOptions } from './fake-cognito';
import { RestoreWorld } from './restore-world';

interface Kind {
  readonly pool: FakePoolOptions;
  /** What somebody has who has this name. */
  readonly named: (name: string) => Record<string, string>;
}

export const byEmail = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });
const byPhone = (name: string) => ({ phone_number: `+4912345${name.charCodeAt(0)}`, phone_number_verified: 'true' });

export const KINDS: Record<string, Kind> = {
  'the address is the user name': { pool: { usernameAttributes: ['email'], autoVerifiedAttributes: ['email'] }, named: byEmail },
  'a phone number is the user name': { pool: { usernameAttributes: ['phone_number'] }, named: byPhone },
  'both addresses are': { pool: { usernameAttributes: ['email', 'phone_number'] }, named: name => ({ ...byEmail(name), ...byPhone(name) }) },
  'the address is an alias': { pool: { aliasAttributes: ['email'], autoVerifiedAttributes: ['email'] }, named: byEmail },
  'there is a preferred user name': { pool: { aliasAttributes: ['preferred_username'] }, named: name => ({ preferred_username: name }) },
};

/** By user: the name at first, and the one that the ledger has since. Nobody has `z`. */
export const SHAPES: Record<string, Record<string, readonly [before: string, after: string]>> = {
  'two swapped': { one: ['a', 'b'], two: ['b', 'a'] },
  'three in a circle': { one: ['a', 'b'], two: ['b', 'c'], three: ['c', 'a'] },
  'each took the next one\'s': { one: ['a', 'b'], two: ['b', 'c'], three: ['c', 'z'] },
  'each took the one\'s before': { one: ['a', 'z'], two: ['b', 'a'], three: ['c', 'b'] },
  'two swapped, and a third waits for nobody': { one: ['a', 'b'], two: ['b', 'a'], three: ['c', 'd'] },
};
export type Shape = typeof SHAPES[string];

export const CASES = Object.entries(KINDS).flatMap(([kind, of]) => Object.entries(SHAPES).map(([shape, names]) => ({ kind, shape, of, names })));

/** Restored once; then the names were passed on at the source. */
export async function passedOn({ pool, named }: Kind, names: Shape, more: FakePoolOptions = {}): Promise<RestoreWorld> {
  const made = new RestoreWorld({ ...pool, ...more });
  const put = (at: 0 | 1, observedAt: number) => Object.entries(names).forEach(([sub, of]) => {
    made.user(sub, { username: `user-${sub}`, attributes: named(of[at]), observedAt });
  });
  put(0, 3);
  expect((await made.restore()).report).toMatchObject({ restored: Object.keys(names).length });
  made.pool.calls.length = 0;
  put(1, 10);
  return made;
}

/** The attributes of each user in the target, by the `sub` in the ledger. */
export function there({ pool }: RestoreWorld): Record<string, Record<string, string>> {
  return Object.fromEntries([...pool.users.values()].map(({ attributes: { 'custom:source_sub': sub, ...attributes } }) => [sub, attributes]));
}

export const wanted = ({ named }: Kind, names: Shape) => Object.fromEntries(Object.entries(names).map(([sub, [, after]]) => [sub, named(after)]));
