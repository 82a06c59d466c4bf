import {
  AdminDeleteUserCommand, AdminUpdateUserAttributesCommand, ListUsersCommand, ListUsersCommandInput, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { API, Assumption, DOCS, INFERRED, Observation, refusedWith } from './assumption';
import { SUB_PREFIX_DIGITS } from '../../../src/ledger/schema';
import { listOf, Person, valueOf } from '../people';
import { once, Port, until } from '../port';

/** docs/evidence.md, "Assumed". */
const MOST_LAG_MS = 30_000;
const PEOPLE = 5;
const REFUSAL = 'InvalidParameterException';
const LIST_USERS = `${API}ListUsers.html`;

const people = once(async (port: Port): Promise<Person[]> => {
  const made: Person[] = [];
  for (let i = 0; i < PEOPLE; i++) made.push(await port.people.confirmed(port.deployed.probePool, `listed-${i}`));
  for (const { sub } of made) await until(port, port.patience.listing, async () => (await bySub(port, sub))[0]);
  return made;
});

const list = (port: Port, input: Partial<ListUsersCommandInput>) =>
  port.source.cognito.send(new ListUsersCommand({ UserPoolId: port.deployed.probePool, ...input }));
const refused = async (port: Port, input: Partial<ListUsersCommandInput>) => refusedWith(list(port, input), REFUSAL);
const subOf = (user: UserType) => valueOf(user.Attributes, 'sub')!;
const bySub = async (port: Port, sub: string) => (await list(port, { Filter: `sub = "${sub}"` })).Users ?? [];

export const LISTING: readonly Assumption[] = [
  {
    id: 'listing.limit', what: 'ListUsers with a Limit of 61', assumed: `refused: ${REFUSAL}`, source: LIST_USERS, check: async port => refused(port, { Limit: 61 }),
  },
  {
    id: 'listing.unknown-filter',
    what: 'ListUsers filtered by something that is no attribute',
    assumed: `refused: ${REFUSAL}`,
    source: LIST_USERS,
    check: async port => refused(port, { Filter: 'no_such_attribute = "x"' }),
  },
  {
    id: 'listing.custom-filter',
    what: 'ListUsers filtered by a custom attribute',
    assumed: `refused: ${REFUSAL}`,
    source: LIST_USERS,
    check: async port => refused(port, { Filter: 'custom:tenant = "verify"' }),
  },
  {
    id: 'listing.sub',
    what: 'ListUsers filtered by sub = "..."',
    assumed: 'that user and nobody else',
    source: LIST_USERS,
    check: async port => {
      const [{ sub }] = await people(port);
      const found = await bySub(port, sub);
      return { observed: `${found.length} users${found.every(user => subOf(user) === sub) ? '' : ', another one among them'}`, holds: found.length === 1 && subOf(found[0]) === sub };
    },
  },
  {
    id: 'listing.sub-prefix',
    what: 'ListUsers filtered by sub ^= "<two digits>"',
    assumed: 'all whose sub begins so, and nobody else',
    source: LIST_USERS,
    check: async port => {
      const made = await people(port);
      const prefix = made[0].sub.slice(0, 2);
      const { users } = await pages(port, { Filter: `sub ^= "${prefix}"` });
      const subs = users.map(subOf);
      const missing = made.filter(({ sub }) => sub.startsWith(prefix) && !subs.includes(sub)).length;
      const wrong = subs.filter(sub => !sub.startsWith(prefix)).length;
      return { observed: `${subs.length} found, ${missing} missing, ${wrong} too many`, holds: missing === 0 && wrong === 0 };
    },
  },
  {
    id: 'listing.empty-page',
    what: 'A filtered page without users may carry a token',
    assumed: 'possible: only the absence of a token ends a listing',
    source: LIST_USERS,
    check: async port => {
      await people(port);
      let [count, empty] = [0, 0];
      for (const digit of '0123456789abcdef') {
        const listed = await pages(port, { Filter: `sub ^= "${digit}"`, Limit: 1 });
        [count, empty] = [count + listed.count, empty + listed.empty];
      }
      const observed = `${empty} of ${count} pages`;
      return empty > 0 ? { observed, holds: true } : { observed, notObserved: 'no such page here, which does not say that there is none' };
    },
  },
  {
    id: 'listing.sub-is-hexadecimal',
    what: `The first ${SUB_PREFIX_DIGITS} characters of a sub`,
    assumed: 'lower-case hexadecimal digits (others are swept too, but slower)',
    source: INFERRED,
    check: async port => {
      const others = [...port.people.subs, ...(await people(port)).map(({ sub }) => sub)].filter(sub => !new RegExp(`^[0-9a-f]{${SUB_PREFIX_DIGITS}}`).test(sub));
      return { observed: others.length === 0 ? 'hexadecimal, all' : `${others.length} are not`, holds: others.length === 0 };
    },
  },
  {
    id: 'listing.username-is-sub',
    what: 'The user name that Cognito makes where people sign in by e-mail',
    assumed: 'equals sub',
    source: `${DOCS}user-pool-settings-attributes.html`,
    check: async port => {
      const [{ sub }] = await people(port);
      const [user] = await bySub(port, sub);
      return { observed: user.Username === sub ? 'equals sub' : 'is something else', holds: user.Username === sub };
    },
  },
  {
    id: 'listing.new-user',
    what: 'From AdminCreateUser to ListUsers (unfiltered)',
    assumed: `at most ${MOST_LAG_MS / 1_000} s`,
    source: 'docs/evidence.md, Assumed: listing-lag',
    check: async port => {
      const { sub } = await port.people.created(port.deployed.probePool, 'listed-late');
      return lag(port, async () => (await pages(port, {})).users.some(user => subOf(user) === sub));
    },
  },
  {
    id: 'listing.changed-user',
    what: 'From AdminUpdateUserAttributes to ListUsers (sub = "...")',
    assumed: `at most ${MOST_LAG_MS / 1_000} s`,
    source: 'docs/evidence.md, Assumed: listing-lag',
    check: async port => {
      const [{ poolId, address, sub }] = await people(port);
      await port.source.cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId: poolId, Username: address, UserAttributes: listOf({ 'custom:note': 'changed' }) }));
      return lag(port, async () => (await bySub(port, sub)).some(user => valueOf(user.Attributes, 'custom:note') === 'changed'));
    },
  },
  {
    id: 'listing.deleted-user',
    what: 'From AdminDeleteUser until ListUsers (sub = "...") does not show the user',
    assumed: `at most ${MOST_LAG_MS / 1_000} s`,
    source: 'docs/evidence.md, Assumed: listing-lag',
    check: async port => {
      const { poolId, address, sub } = (await people(port))[1];
      await port.source.cognito.send(new AdminDeleteUserCommand({ UserPoolId: poolId, Username: address }));
      return lag(port, async () => (await bySub(port, sub)).length === 0);
    },
  },
  {
    id: 'listing.sub-never-again',
    what: 'The sub of a user who is created again under the same address',
    assumed: 'another one',
    source: 'docs/evidence.md, Assumed: listing-lag',
    check: async port => {
      const { poolId, address, sub } = (await people(port))[2];
      await port.source.cognito.send(new AdminDeleteUserCommand({ UserPoolId: poolId, Username: address }));
      const again = await port.people.created(poolId, 'listed-2');
      return { observed: again.sub === sub ? 'the same' : 'another one', holds: again.sub !== sub };
    },
  },
];

async function pages(port: Port, input: Partial<ListUsersCommandInput>): Promise<{ users: UserType[]; count: number; empty: number }> {
  const users: UserType[] = [];
  let [count, empty] = [0, 0];
  let PaginationToken: string | undefined;
  do {
    const page = await list(port, { ...input, PaginationToken });
    users.push(...page.Users ?? []);
    ({ PaginationToken } = page);
    count++;
    if (PaginationToken && !page.Users?.length) empty++;
  } while (PaginationToken);
  return { users, count, empty };
}

async function lag(port: Port, isListed: () => Promise<boolean>): Promise<Observation> {
  const start = Date.now();
  const took = await until(port, port.patience.listing, async () => (await isListed() ? Date.now() - start : undefined));
  if (took !== undefined) return { observed: `${(took / 1_000).toFixed(1)} s`, holds: took <= MOST_LAG_MS };
  const waited = `not yet after ${port.patience.listing / 1_000} s`;
  return port.patience.listing < MOST_LAG_MS ? { notObserved: waited } : { observed: waited, holds: false };
}
