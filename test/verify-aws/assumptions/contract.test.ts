import { CONTRACT, rowOfBehaviour, UNSEEN } from './contract';
import { Behaviour, refused, same } from '../../contract/behaviour';
import { BEHAVIOURS } from '../../contract/behaviours/all';
import { FAKE_POOL } from '../../contract/drivers/in-memory';
import { Port } from '../port';
import { verify } from '../verify';

const port = { signal: new AbortController().signal } as Port;
const behaviour = (check: Behaviour['check']): Behaviour => ({ id: 'test.row', what: 'x', source: 'a test', kind: 'email', check });
const rowFor = async (check: Behaviour['check']) => (await verify([rowOfBehaviour(behaviour(check), () => Promise.resolve(FAKE_POOL))], port))[0];

test('every behaviour has a row, and those that a run cannot see a reason', () => {
  expect(CONTRACT.map(({ id }) => id)).toEqual(BEHAVIOURS.map(({ id }) => `contract.${id}`));
  expect(Object.keys(UNSEEN).filter(id => BEHAVIOURS.every(each => each.id !== id))).toEqual([]);
});

test('one that holds is as assumed', async () => {
  expect(await rowFor(async pool => same('status', (await pool.createUser(pool.newcomer())).status, 'FORCE_CHANGE_PASSWORD')))
    .toMatchObject({ id: 'contract.test.row', observed: 'it does', verdict: 'as assumed' });
});

test('one that does not differs, and says how without quoting an address', async () => {
  const { observed, verdict } = await rowFor(async pool => same('user name', (await pool.createUser(pool.newcomer())).attributes.email, 'ann'));
  expect([observed, verdict]).toEqual(['user name: "<address>", expected "ann"', 'differs']);
  expect(await rowFor(async pool => refused('AdminGetUser', () => pool.getUser('nobody'), 'ResourceNotFoundException')))
    .toMatchObject({ observed: 'AdminGetUser: UserNotFoundException, expected ResourceNotFoundException', verdict: 'differs' });
});

test('what is no answer of Cognito is a failure of the check', async () => {
  expect(await rowFor(async pool => refused('a call', () => Promise.reject(new TypeError(String(pool.pageSize))), 'x'))).toMatchObject({ verdict: 'check failed: TypeError' });
  expect(await rowFor(async pool => { await pool.getUser('nobody'); })).toMatchObject({ verdict: 'check failed: UserNotFoundException' });
});
