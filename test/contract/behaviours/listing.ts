import { UserImage } from '../../../src/cognito/user';
import { api, Behaviour, refused, same } from '../behaviour';
import { ContractPool, Filter } from '../driver';

const LIST = api('ListUsers');
const REFUSAL = 'InvalidParameterException';

async function subsOf(pool: ContractPool, filter?: Filter): Promise<string[]> {
  return (await pool.pages(filter)).flat().map(({ sub }) => sub);
}

/** Exactly one of the listing is that user. */
async function shows(pool: ContractPool, sub: string, filter: Filter): Promise<void> {
  await pool.eventually(async () => same('users found', (await subsOf(pool, filter)).map(found => found === sub), [true]));
}

/** Answers the pages. */
async function everybody(pool: ContractPool): Promise<readonly (readonly UserImage[])[]> {
  const subs: string[] = [];
  let pages: readonly (readonly UserImage[])[] = [];
  for (let i = 0; i <= pool.pageSize; i++) subs.push((await pool.createUser(pool.newcomer())).sub);
  await pool.eventually(async () => {
    pages = await pool.pages();
    const found = pages.flat().map(({ sub }) => sub);
    same('users missing', subs.filter(sub => !found.includes(sub)).length, 0);
    same('users shown twice', found.length - new Set(found).size, 0);
    same('pages above the limit', pages.filter(page => page.length > pool.pageSize).length, 0);
    same('more than one page', pages.length > 1, true);
  });
  return pages;
}

export const LISTING: readonly Behaviour[] = [
  {
    id: 'listing.pages',
    what: 'Pages have at most as many users as were asked for, and together show everybody once.',
    source: LIST,
    kind: 'username',
    check: async pool => { await everybody(pool); },
  },
  {
    id: 'listing.empty-pages',
    what: 'A page may be empty and still have a token: everybody is shown by the pages that follow.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      await pool.withEmptyPages();
      const pages = await everybody(pool);
      same('an empty page among them', pages.some(page => page.length === 0), true);
    },
  },
  {
    id: 'listing.limit',
    what: 'A limit above 60 is refused.',
    source: LIST,
    kind: 'username',
    check: async pool => refused('ListUsers', () => pool.page(61), REFUSAL),
  },
  {
    id: 'listing.image',
    what: 'A listing shows what AdminGetUser shows of a user.',
    source: api('UserType'),
    kind: 'email',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      const { user } = await pool.getUser(newcomer.username);
      await pool.eventually(async () => same('the user', (await pool.pages(['sub', '=', sub])).flat(), [user]));
    },
  },
  {
    id: 'listing.image-of-chosen-name',
    what: 'So it does where users choose their names.',
    source: api('UserType'),
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      const { user } = await pool.getUser(newcomer.username);
      await pool.eventually(async () => same('the user', (await pool.pages(['sub', '=', sub])).flat(), [user]));
    },
  },
  {
    id: 'listing.by-sub',
    what: 'sub = "..." shows that user and nobody else; nobody where the user was deleted.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      const [newcomer] = [pool.newcomer(), await pool.createUser(pool.newcomer())];
      const { sub } = await pool.createUser(newcomer);
      await shows(pool, sub, ['sub', '=', sub]);
    },
  },
  {
    id: 'listing.by-sub-of-nobody',
    what: 'Nobody is shown by the sub of somebody who was deleted.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      const newcomer = pool.newcomer();
      const { sub } = await pool.createUser(newcomer);
      await shows(pool, sub, ['sub', '=', sub]);
      await pool.deleteUser(newcomer.username);
      await pool.eventually(async () => same('users found', (await subsOf(pool, ['sub', '=', sub])).length, 0));
    },
  },
  {
    id: 'listing.by-sub-prefix',
    what: 'sub ^= "..." shows everybody whose sub begins so, and nobody else.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      const { sub } = await pool.createUser(pool.newcomer());
      await pool.createUser(pool.newcomer());
      const prefix = sub.slice(0, 2);
      await pool.eventually(async () => {
        const found = await subsOf(pool, ['sub', '^=', prefix]);
        same('the user is there', found.includes(sub), true);
        same('users of another prefix', found.filter(each => !each.startsWith(prefix)).length, 0);
        same('everybody of the prefix', found.length, (await subsOf(pool)).filter(each => each.startsWith(prefix)).length);
      });
    },
  },
  {
    id: 'listing.by-username',
    what: 'username = "..." shows that user.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      const { username, sub } = await pool.createUser(pool.newcomer());
      await shows(pool, sub, ['username', '=', username]);
    },
  },
  {
    id: 'listing.by-email',
    what: 'email = "..." shows the user who has the address.',
    source: LIST,
    kind: 'email',
    check: async pool => {
      const { attributes, sub } = await pool.createUser(pool.newcomer());
      await shows(pool, sub, ['email', '=', attributes.email]);
    },
  },
  {
    id: 'listing.unknown-filter',
    what: 'A filter by something that is no searchable attribute is refused, custom attributes among them.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      await refused('ListUsers by nickname', () => pool.pages(['nickname', '=', 'x']), REFUSAL);
      await refused('ListUsers by a custom attribute', () => pool.pages(['custom:note', '=', 'x']), REFUSAL);
    },
  },
  {
    id: 'listing.long-filter',
    what: 'A filter of more than 256 characters is refused.',
    source: LIST,
    kind: 'email',
    check: async pool => refused('ListUsers', () => pool.pages(['email', '=', 'n'.repeat(256)]), REFUSAL),
  },
  {
    id: 'listing.by-status',
    what: 'cognito:user_status = "..." shows those who have it.',
    source: LIST,
    kind: 'username',
    check: async pool => {
      const { sub } = await pool.createUser(pool.newcomer());
      await pool.eventually(async () => {
        const found = (await pool.pages(['cognito:user_status', '=', 'FORCE_CHANGE_PASSWORD'])).flat();
        same('the user is there', found.some(user => user.sub === sub), true);
        same('users of another status', found.filter(({ status }) => status !== 'FORCE_CHANGE_PASSWORD').length, 0);
      });
    },
  },
];
