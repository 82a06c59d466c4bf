import { ConvergePolicy } from '../../converge/policy';

/** A warm standby is kept as the ledger says: users are made again where they are gone, and lose what the source took away. */
export const WARM_POLICY: ConvergePolicy = {
  actor: { kind: 'follower', name: 'standby:warm' },
  dryRun: false,
  setPasswords: true,
  create: true,
  change: true,
  remove: 'given',
  // After the grace period, and where more than a few go at once only with an operator's word.
  delete: true,
  winner: 'ledger',
  baseline: 'last-given',
  recreate: true,
  find: 'look-up',
  // The standby waits for a name that a user gone from the source still has: the order of the stream decides, not the index of names.
  yieldToNamesakes: false,
  groups: 'made-on-demand',
  linkIdentities: true,
  unknownAttributes: 'refuse',
  completeFederated: true,
};
