import { StandbyWorld } from '../helpers/standby-world';

const at = (email: string) => ({ attributes: { email, email_verified: 'true' } });

test('nobody is found by a name that they had until a moment ago, though an index still shows it', async () => {
  const world = new StandbyWorld({ usernameAttributes: ['email'] });
  world.user('ann', at('old@example.com'));
  world.ledger.holdIndexes();
  world.user('ann', at('new@example.com'));
  expect(await world.directory.find('old@example.com')).toBeUndefined();
  world.ledger.releaseIndexes();
  expect((await world.directory.find('new@example.com'))?.sub).toBe('ann');
});

test('who has the name now is found, not who had it when the index was written', async () => {
  const world = new StandbyWorld({ usernameAttributes: ['email'] });
  world.user('bob', at('shared@example.com'));
  world.user('ann', { ...at('shared@example.com'), observedAt: 9 });
  world.ledger.holdIndexes();
  world.user('ann', { ...at('new@example.com'), observedAt: 10 });
  expect((await world.directory.find('shared@example.com'))?.sub).toBe('bob');
});
