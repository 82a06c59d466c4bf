import { releaseLease, takeLease } from '../../src/runtime/lease.lambda-shared';

test('a lease is taken, or extended, where nobody else has it', () => {
  expect(takeLease('run', 100, 200)).toEqual({
    UpdateExpression: 'SET #leaseOwner = :leaseOwner, #leaseUntil = :leaseUntil',
    ConditionExpression: 'attribute_not_exists(#leaseOwner) OR #leaseOwner = :leaseOwner OR #leaseUntil < :now',
    ExpressionAttributeNames: { '#leaseOwner': 'leaseOwner', '#leaseUntil': 'leaseUntil' },
    ExpressionAttributeValues: { ':leaseOwner': 'run', ':leaseUntil': 200, ':now': 100 },
  });
});

test('a lease is given back by its owner, with what was done under it', () => {
  expect(releaseLease('run')).toEqual({
    UpdateExpression: 'REMOVE #leaseOwner, #leaseUntil',
    ConditionExpression: '#leaseOwner = :leaseOwner',
    ExpressionAttributeNames: { '#leaseOwner': 'leaseOwner', '#leaseUntil': 'leaseUntil' },
    ExpressionAttributeValues: { ':leaseOwner': 'run' },
  });
  expect(releaseLease('run', { users: 3 })).toMatchObject({
    UpdateExpression: 'SET #users = :users REMOVE #leaseOwner, #leaseUntil',
    ExpressionAttributeNames: { '#users': 'users' },
    ExpressionAttributeValues: { ':users': 3, ':leaseOwner': 'run' },
  });
});
