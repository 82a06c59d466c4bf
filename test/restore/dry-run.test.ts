import * as fc from 'fast-check';
import { RestoreRun } from '../../src/restore/restore-run';
import { cognitoError } from '../helpers/fake-cognito';
import { EndOfRestore, RestoreWorld, SOURCE_SUB, WorldOptions } from '../helpers/restore-world';

type Pool = Pick<WorldOptions, 'usernameAttributes' | 'aliasAttributes' | 'firstAuthFactors'>;

interface Person {
  readonly username: string;
  readonly attributes: Record<string, string>;
}

const ADDRESSES = ['a@example.com', 'b@example.com', '+4911', '+4912'] as const;

/** Of one user of the ledger and one of the target, in a chain of restores. */
const MARK = { 'custom:source_sub': 'first-1' };

/** Few names, so that they meet. */
const people = fc.record({
  username: fc.constantFrom('ann', 'bob', ...ADDRESSES),
  attributes: fc.record({
    'email': fc.constantFrom('a@example.com', 'b@example.com', 'no address'),
    'email_verified': fc.constantFrom('true', 'True', 'false'),
    'phone_number': fc.constantFrom('+4911', '+4912', '004911'),
    'phone_number_verified': fc.constantFrom('true', 'false'),
    'preferred_username': fc.constantFrom('joe', 'nick'),
    'custom:tier': fc.constantFrom('gold', 'x'.repeat(11)),
  }, { requiredKeys: [] }),
});
const pools = fc.constantFrom<Pool>(
  {}, { usernameAttributes: ['email'] }, { usernameAttributes: ['email', 'phone_number'] }, { aliasAttributes: ['email', 'phone_number'] },
  { aliasAttributes: ['email', 'preferred_username'] }, { firstAuthFactors: ['EMAIL_OTP'] },
);

/** The same world each time: a run changes it. */
function world(pool: Pool, inLedger: readonly Person[], inTarget: readonly Person[], isMarked: boolean): RestoreWorld {
  const made = new RestoreWorld({ ...pool, customAttributes: { ...SOURCE_SUB, tier: { maxLength: 10 } }, newSub: subs() });
  const { usernameAttributes = [] } = pool;
  // In a pool with both kinds of address, of which the second counts once it is verified, it is.
  const [fromLedger, there] = [inLedger, inTarget].map(all => all.map(({ username, attributes }): Person => ({
    username,
    attributes: {
      ...attributes,
      ...usernameAttributes.length > 1 && attributes.phone_number ? { phone_number_verified: 'true' } : {},
      ...usernameAttributes.length > 1 && attributes.email ? { email_verified: 'true' } : {},
    },
  })));
  fromLedger.forEach(({ username, attributes }, i) => made.user(`aaaa-${i}`, {
    username: usernameAttributes.length > 0 ? `u${i}` : username, attributes: { ...attributes, ...isMarked && i === 0 ? MARK : {} }, createdAt: i,
  }));
  const taken = new Set<string>();
  for (const { username, attributes } of there) {
    // Who could be in such a pool: no two with one name.
    const names = usernameAttributes.length > 0 ? usernameAttributes.flatMap(name => attributes[name] ?? []) : [username];
    const all = [...names, ...Object.values(attributes)].filter(name => !/^(true|True|false|gold|x+)$/.test(name));
    // Nor one with an address that is none.
    if (names.length === 0 || all.some(name => taken.has(name) || ['no address', '004911'].includes(name))) continue;
    all.forEach(name => taken.add(name));
    made.pool.seed({ username: usernameAttributes.length > 0 ? `t-${names[0]}` : username, attributes: { ...attributes, ...isMarked && taken.size === all.length && username === inLedger[0]?.username ? MARK : {} }, createdAt: -1 });
  }
  return made;
}

function subs(): () => string {
  let next = 0;
  return () => `new-${next++}`;
}

/** A dry run changes nothing, so what it would restore is what a run restores. */
function result({ report }: EndOfRestore) {
  const { users, restored, wouldRestore = 0, alreadyThere, skipped, failed, reasons } = report!;
  return { users, restored: restored + wouldRestore, alreadyThere, skipped, failed, failures: reasons.failed };
}

test('a dry run tries every rule that the run does: both say the same of everybody', async () => {
  await fc.assert(fc.asyncProperty(pools, fc.array(people, { maxLength: 3 }), fc.array(people, { maxLength: 3 }), fc.boolean(), async (...given) => {
    const dry = await world(...given).restore({ dryRun: true });
    const run = await world(...given).restore();
    expect(result(dry)).toEqual(result(run));
  }), { numRuns: 100, seed: 14, endOnFailure: true, interruptAfterTimeLimit: 40_000 });
});

/** Users of an earlier restore, and what has changed since. */
const SINCE: Record<string, { readonly pool: Pool; readonly given?: Partial<RestoreRun>; readonly prepare: (made: RestoreWorld) => unknown }> = {
  'the user was deleted at the source, and made again under the same name': {
    pool: {},
    prepare: async made => {
      made.user('aaaa-1', { username: 'ann' });
      await made.restore();
      made.user('aaaa-1', { username: 'ann', deletedAt: 9 });
      made.user('bbbb-2', { username: 'ann', observedAt: 10 });
    },
  },
  'the same, and a sweep has not seen it yet': {
    pool: {},
    prepare: async made => {
      made.user('aaaa-1', { username: 'ann' });
      await made.restore();
      made.user('bbbb-2', { username: 'ann', observedAt: 10 });
    },
  },
  'the same, where the address is the name': {
    pool: { usernameAttributes: ['email'] },
    prepare: async made => {
      made.user('aaaa-1', { attributes: { email: 'a@example.com', email_verified: 'true' } });
      await made.restore();
      made.user('bbbb-2', { attributes: { email: 'a@example.com', email_verified: 'true' }, observedAt: 10 });
    },
  },
  'somebody has the name in other letters': {
    pool: {},
    given: { subs: ['aaaa-1'] },
    prepare: made => {
      made.user('aaaa-1', { username: 'ann' });
      made.pool.seed({ username: 'Ann', createdAt: -1 });
    },
  },
  'somebody else signs in by the address': {
    pool: { aliasAttributes: ['email'] },
    prepare: made => {
      const attributes = { email: 'a@example.com', email_verified: 'true' };
      made.user('aaaa-1', { username: 'ann', attributes });
      made.pool.seed({ username: 'bob', attributes, createdAt: -1 });
    },
  },
  'somebody else has the preferred user name, which is given once the user is confirmed': {
    pool: { aliasAttributes: ['email', 'preferred_username'] },
    prepare: made => {
      made.user('aaaa-1', { username: 'ann', attributes: { preferred_username: 'joe' } });
      made.pool.seed({ username: 'bob', attributes: { preferred_username: 'joe' }, createdAt: -1 });
    },
  },
  'somebody is not finished, and has a value by now that Cognito refuses': {
    pool: {},
    prepare: async made => {
      made.user('aaaa-1', { username: 'ann' });
      made.pool.before = operation => {
        if (operation === 'setPermanentPassword') throw cognitoError('AccessDeniedException');
      };
      await expect(made.restore()).rejects.toThrow('AccessDenied');
      made.pool.before = undefined;
      made.table.holder = undefined;
      made.user('aaaa-1', { username: 'ann', attributes: { 'custom:tier': 'x'.repeat(11) } });
    },
  },
};

test.each(Object.entries(SINCE))('a dry run says what the run says where %s', async (_what, { pool, given, prepare }) => {
  const [dry, run] = await Promise.all([true, false].map(async dryRun => {
    const made = world(pool, [], [], false);
    await prepare(made);
    return result(await made.restore({ dryRun, ...given }));
  }));
  expect(run.failed).toBe(1);
  expect(dry).toEqual(run);
});
