import { FollowUp } from '../../../src/standby/on-demand/follow-up-message';
import { ConfirmationEvent, ConfirmationPorts, onConfirmed } from '../../../src/standby/on-demand/post-confirmation';
import { Link } from '../../../src/state/link';
import { identitiesAt, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const never = async () => { throw new Error('the test did not plan this call'); };
const event = (attributes: Record<string, string>, userName = 'm'): ConfirmationEvent => ({
  triggerSource: 'PostConfirmation_ConfirmSignUp', userPoolId: STANDBY, userName, request: { userAttributes: { sub: 'here', ...attributes } },
});
const FEDERATED = event({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }, 'Corp_7');

function portsOf(world: StandbyWorld, more: Partial<ConfirmationPorts>): ConfirmationPorts {
  return { switch: world.switch, directory: world.directory, linkOf: async () => undefined, followUp: never, enqueue: never, ...more };
}

describe('a confirmation', () => {
  test('of a newcomer asks for nothing: not even for the link', async () => {
    expect(await onConfirmed(event({}), portsOf(new StandbyWorld(), { linkOf: never }))).toBe('nothing');
  });

  test('of a user of a provider whom the ledger never had, or has no more, gives nothing', async () => {
    const world = new StandbyWorld();
    expect(await onConfirmed(FEDERATED, portsOf(world, {}))).toBe('nothing');
    world.user('ann', { attributes: { identities: identitiesAt('Corp', '7', false) }, deletedAt: 9 });
    expect(await onConfirmed(FEDERATED, portsOf(world, {}))).toBe('nothing');
  });

  test('that finds somebody else is done: the queue would find the same', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    const followUp = async () => ({ kind: 'failed', reason: { code: 'not-made-from-ledger' } }) as const;
    expect(await onConfirmed(event({ 'custom:source_sub': 'ann' }), portsOf(world, { followUp }))).toBe('done');
  });

  test.each([
    ['nothing is left to give', {}, 'nothing'],
    ['a second factor waits for the password', { mfa: { enabled: ['SMS_MFA'] } }, 'done'],
  ] as const)('of somebody who was brought before, after a reset: %s', async (_what, more, outcome) => {
    const world = new StandbyWorld();
    world.user('ann', more);
    const link: Link = {
      sourceSub: 'ann', targetSub: 'here', firstSub: 'ann', image: { attributes: {}, enabled: true, groups: [] }, execution: 'run', restored: false, at: 1,
    };
    const sent: FollowUp[] = [];
    const followUp = async (message: FollowUp) => { sent.push(message); return { kind: 'done' } as const; };
    const reset = { ...event({ 'custom:source_sub': 'ann' }), triggerSource: 'PostConfirmation_ConfirmForgotPassword' };
    expect(await onConfirmed(reset, portsOf(world, { linkOf: async () => link, followUp }))).toBe(outcome);
    expect(sent).toEqual(outcome === 'done' ? [{ sourceSub: 'ann', username: 'm', password: 'set' }] : []);
  });

  test('that cannot tell whom it is about leaves nothing to the queue', async () => {
    const sent: (FollowUp | undefined)[] = [];
    const ports = portsOf(new StandbyWorld(), { linkOf: async () => Promise.reject(new Error('down')), enqueue: async message => { sent.push(message); } });
    expect(await onConfirmed(FEDERATED, ports)).toBe('missed');
    expect(sent).toEqual([]);
  });

  test('gives the queue less time than the work: Cognito waits for both', async () => {
    const ports = portsOf(new StandbyWorld(), { linkOf: never, enqueue: async () => new Promise(resolve => { setTimeout(resolve, 150); }) });
    expect(await onConfirmed(event({ 'custom:source_sub': 'ann' }), ports, 100)).toBe('missed');
    expect(await onConfirmed(event({ 'custom:source_sub': 'ann' }), ports, 4_000)).toBe('queued');
  });
});
