import { Assumption, unobservable } from './assumption';
import { Behaviour, Deviation } from '../../contract/behaviour';
import { BEHAVIOURS } from '../../contract/behaviours/all';
import { Driver, NotModelled } from '../../contract/driver';
import { apiDriver } from '../../contract/drivers/cognito-api';
import { contractPoolOf } from '../names';
import { once, Port } from '../port';

const HOLDS = 'it does';
const PROVIDER = 'it takes an identity provider and a browser';
const NO_SUCH_POOL = 'a run makes no pool without passwords: it may want a sender of one\'s own for its codes';
const NO_MFA = 'the contract\'s pools have MFA off, and are refused for that reason already';

/** Behaviours that a run cannot see, and why. */
export const UNSEEN: Readonly<Record<string, string>> = {
  'creation.suppress': 'Cognito has no API for what it sent',
  'creation.passwordless': NO_SUCH_POOL,
  'creation.passwordless-with-password': NO_SUCH_POOL,
  'federated.name-and-status': PROVIDER,
  'federated.groups': PROVIDER,
  'names.federated-address-names-nobody': PROVIDER,
  'listing.empty-pages': 'Cognito makes such a page when it likes',
  'mfa.sms-without-phone': NO_MFA,
  'mfa.totp-without-enrolment': `${NO_MFA}; admin.totp-without-enrolment sees it`,
  'mfa.sms': NO_MFA,
  'mfa.not-preferred': NO_MFA,
};

const driverOf = once(async (port: Port): Promise<Driver> => apiDriver({
  name: 'AWS',
  cannot: UNSEEN,
  cognito: port.source.cognito,
  poolOf: async kind => {
    const userPoolId = contractPoolOf(port.deployed, kind);
    if (userPoolId === undefined) throw new NotModelled(NO_SUCH_POOL);
    return { userPoolId, clientId: port.deployed.contractClient };
  },
  prefix: `${port.names.run}-contract`,
  address: name => port.people.address(name.slice(port.names.run.length + 1)),
  patience: port.patience.listing,
  poll: port.patience.poll + 100,
  // Five calls a second leave others their quota.
  pause: port.patience.poll / 5,
}));

/** One row for a behaviour of the contract that every model of Cognito in the tests is held to. */
export function rowOfBehaviour({ id, what, source, kind, check }: Behaviour, driver: (port: Port) => Promise<Driver> = driverOf): Assumption {
  const rowId = `contract.${id}`;
  if (UNSEEN[id] !== undefined) return unobservable(rowId, what, HOLDS, source, UNSEEN[id]);
  return {
    id: rowId,
    what,
    assumed: HOLDS,
    source,
    check: async port => {
      try {
        await check(await (await driver(port)).open(kind));
        return { observed: HOLDS, holds: true };
      } catch (error) {
        // Quotes no address. All else is a failure of the check.
        if (error instanceof Deviation) return { observed: error.message, holds: false };
        throw error;
      }
    },
  };
}

export const CONTRACT: readonly Assumption[] = BEHAVIOURS.map(behaviour => rowOfBehaviour(behaviour));
