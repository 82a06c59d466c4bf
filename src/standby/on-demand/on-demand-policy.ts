import { ConvergePolicy } from '../../converge/policy';

/**
 * Cognito made the user, from the migration trigger's answer or at a federated sign-in. What neither has room for follows: only differences
 * are written, and what was given once and the ledger no longer has is taken away: somebody may have come long before.
 */
export const ON_DEMAND_POLICY: ConvergePolicy = {
  actor: { kind: 'follower', name: 'standby:on-demand' },
  dryRun: false,
  setPasswords: false,
  create: false,
  change: true,
  remove: 'given',
  delete: false,
  winner: 'ledger',
  baseline: 'last-given',
  recreate: false,
  find: 'look-up',
  yieldToNamesakes: false,
  groups: 'made-on-demand',
  linkIdentities: true,
  unknownAttributes: 'leave-out',
  completeFederated: true,
};
