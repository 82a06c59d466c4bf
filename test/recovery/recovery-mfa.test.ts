import { RecoveryReport } from '../../src/recovery/recovery-report';
import { RecoveryAnswer } from '../../src/recovery/recovery-worker';
import { RecoveryWorld } from '../helpers/recovery-world';

function reportOf(answer: RecoveryAnswer): RecoveryReport {
  if (!('report' in answer)) throw new Error(`no report: ${JSON.stringify(answer)}`);
  return answer.report;
}

const PHONE = { phone_number: '+491234567', phone_number_verified: 'true' };
const EMAIL = { email: 'a@example.com', email_verified: 'true' };
const GAINED = 'a second factor was switched on since that moment: SOFTWARE_TOKEN_MFA; it is switched off, and no undo switches it on again';
const UNKNOWN = 'a second factor is on that was never read before that moment: SOFTWARE_TOKEN_MFA; left as it is: ask the user, and switch it off by '
  + 'hand';

/** An attacker enrols an authenticator of their own, and overwrites a name; what is copied of it is as AdminGetUser shows it. */
async function attacked(before: string[] | undefined, { named = true, known = true } = {}): Promise<{ world: RecoveryWorld; asOf: number }> {
  const world = new RecoveryWorld();
  const user = world.user('a', { attributes: { ...PHONE, ...EMAIL, name: 'A' }, mfa: { enabled: before ?? [] } });
  world.knowsMfa = known;
  const asOf = await world.capture();
  world.knowsMfa = true;
  world.pool.model.enrolAuthenticator('a');
  user.mfa = { enabled: [...before ?? [], 'SOFTWARE_TOKEN_MFA'], preferred: 'SOFTWARE_TOKEN_MFA' };
  if (named) world.pool.model.updateAttributes('a', { name: 'X' });
  await world.capture();
  return { world, asOf };
}

test.each([
  ['with another change', true, 'revert'],
  ['as the only change', false, 'revert'],
  ['of a restore', false, 'restore'],
] as const)('a second factor that was switched on since is switched off, and the plan says so: %s', async (_what, named, kind) => {
  const { world, asOf } = await attacked(['SMS_MFA'], { named });
  const planned = await world.plan({ asOf, kind });
  expect(reportOf(planned)).toMatchObject({ users: { reverted: 1 }, secondFactors: { SOFTWARE_TOKEN_MFA: 1 }, warnings: { [GAINED]: 1 } });
  expect(world.named('a')!.mfa.enabled).toContain('SOFTWARE_TOKEN_MFA');
  const done = await world.execute(world.run({ do: 'execute', plan: planned.plan }));
  expect(done.status).toBe('complete');
  expect(world.named('a')!.mfa).toEqual({ enabled: ['SMS_MFA'] });
  expect(world.named('a')!.attributes.name).toBe('A');
  await world.capture();
  expect(reportOf(await world.plan({ asOf })).users.reverted).toBe(0);
  const undone = await world.execute(world.run({ do: 'undo', undone: planned.plan, dryRun: false, allowMessages: false }));
  expect(undone.status).toBe('complete');
  expect(world.named('a')!.mfa).toEqual({ enabled: ['SMS_MFA'] });
});

test('a factor that was never read before the moment may be the user\'s own: it is left on, and named', async () => {
  const { world, asOf } = await attacked(undefined, { known: false });
  const planned = await world.plan({ asOf, kind: 'revert' });
  expect(reportOf(planned)).toMatchObject({ users: { reverted: 1 }, secondFactors: {}, warnings: { [UNKNOWN]: 1 } });
  await world.execute(world.run({ do: 'execute', plan: planned.plan }));
  expect(world.named('a')!.mfa.enabled).toEqual(['SOFTWARE_TOKEN_MFA']);
  expect(world.named('a')!.attributes.name).toBe('A');
});

test('of named attributes alone, nor where users come back alone, no factor is touched', async () => {
  for (const order of [{ kind: 'revert', attributes: ['name'] }, { kind: 'undelete' }] as const) {
    const { world, asOf } = await attacked(['SMS_MFA']);
    const { plan, ...planned } = await world.plan({ asOf, ...order });
    expect(reportOf(planned)).toMatchObject({ secondFactors: {}, warnings: {} });
    await world.execute(world.run({ do: 'execute', plan }));
    expect(world.named('a')!.mfa.enabled).toContain('SOFTWARE_TOKEN_MFA');
  }
});

test('Cognito\'s refusal, as in a pool that requires one, is said, and everything else is done', async () => {
  const { world, asOf } = await attacked(['SMS_MFA']);
  const { plan } = await world.plan({ asOf });
  world.pool.before = operation => {
    if (operation === 'setMfaPreference') throw Object.assign(new Error('no'), { name: 'InvalidParameterException', $fault: 'client' });
  };
  const done = await world.execute(world.run({ do: 'execute', plan }));
  expect(done).toMatchObject({ status: 'complete', report: { warnings: { 'MFA preference refused by the target': 1 } } });
  expect(world.named('a')!.attributes.name).toBe('A');
});
