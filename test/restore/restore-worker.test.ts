import { RestoreWorld } from '../helpers/restore-world';

const sub = (n: number) => `${(n % 256).toString(16).padStart(2, '0')}00aaaa-${String(n).padStart(6, '0')}`;

describe('into an empty pool', () => {
  test('everybody ends with an outcome, as in the ledger', async () => {
    const world = new RestoreWorld({ usernameAttributes: ['email'] });
    world.group({ name: 'admins', description: 'a, "b"', precedence: 3 });
    world.group({ name: 'staff' });
    for (let n = 0; n < 300; n++) {
      world.user(sub(n), { attributes: { 'email': `u${n}@example.com`, 'email_verified': n % 2 ? 'true' : 'false', 'name': 'Ünï, "x"\n', 'cognito:user_status': 'x' }, enabled: n % 7 !== 0 }, n % 3 === 0 ? ['admins', 'staff'] : []);
    }
    world.user(sub(400), { attributes: { email: 'un@example.com' }, status: 'UNCONFIRMED' });
    world.user(sub(401), { username: 'Google_1', attributes: { email: 'fed@example.com', identities: '[]' }, status: 'EXTERNAL_PROVIDER' });
    world.user(sub(402), { attributes: { email: 'gone@example.com' }, deletedAt: 5 });

    const { status, report, message } = await world.restore();

    expect({ status, message }).toEqual({ status: 'complete', message: undefined });
    expect(report).toMatchObject({ users: 302, restored: 300, alreadyThere: 0, skipped: 2, failed: 0, memberships: 200, verified: { users: 300, memberships: 200, different: 0 } });
    expect(world.pool.users.size).toBe(300);
    for (const user of world.pool.users.values()) {
      expect(user.status).toBe('CONFIRMED');
      const n = Number(user.attributes['custom:source_sub'].slice(-6));
      expect(user.attributes).toEqual({ 'email': `u${n}@example.com`, 'email_verified': n % 2 ? 'true' : 'false', 'name': 'Ünï, "x"\n', 'custom:source_sub': sub(n) });
      expect(user.enabled).toBe(n % 7 !== 0);
      expect([...user.groups]).toEqual(n % 3 === 0 ? ['admins', 'staff'] : []);
    }
    expect(new Set([...world.pool.users.values()].map(user => user.password)).size).toBe(300);
    expect(world.pool.groups.get('admins')).toMatchObject({ description: 'a, "b"', precedence: 3 });
  });

  test('a second restore makes no write call', async () => {
    const world = new RestoreWorld();
    world.group({ name: 'staff' });
    for (let n = 0; n < 100; n++) world.user(sub(n), { attributes: { email: `u${n}@example.com` } }, ['staff']);
    await world.restore();
    world.pool.planned = new Set(['describeUserPool', 'listGroups', 'listUsers']);
    const { status, report } = await world.restore();
    expect(status).toBe('complete');
    expect(report).toMatchObject({ users: 100, restored: 0, alreadyThere: 100, reasons: { 'already-there': { unchanged: 100 } } });
  });
});
