import { CATEGORY_OF, TargetPool } from './target-pool';
import { Pacer } from './pacing';
import { QuotaCategory } from './quotas';

/** What keeping single users of the standby right takes beyond a restore, which never removes anything. */
export interface StandbyPool extends TargetPool {
  removeUserFromGroup(username: string, group: string): Promise<void>;
  deleteAttributes(username: string, names: readonly string[]): Promise<void>;
  deleteUser(username: string): Promise<void>;
  deleteGroup(name: string): Promise<void>;
  /** Has the identity of a provider sign in as this user. */
  linkProvider(username: string, identity: ProviderIdentity): Promise<void>;
}

export interface ProviderIdentity {
  readonly provider: string;
  readonly subject: string;
}

const CATEGORIES: Readonly<Record<keyof StandbyPool, QuotaCategory>> = {
  ...CATEGORY_OF,
  removeUserFromGroup: 'UserUpdate',
  deleteAttributes: 'UserUpdate',
  deleteUser: 'UserUpdate',
  deleteGroup: 'UserPoolResourceUpdate',
  linkProvider: 'UserUpdate',
};

/** The same pool, with every call waiting for its turn. */
export function pacedStandby(pool: StandbyPool, pacer: Pacer): StandbyPool {
  const wrapped = Object.entries(CATEGORIES).map(([name, category]) => {
    const call = pool[name as keyof StandbyPool].bind(pool) as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => pacer.run(category, () => call(...args))];
  });
  return Object.fromEntries(wrapped) as unknown as StandbyPool;
}

/** Identities of other providers that a local user signs in with, as Cognito lists them in the attribute `identities`. */
export function identitiesOf(attributes: Readonly<Record<string, string>>): ProviderIdentity[] {
  if (!attributes.identities) return [];
  try {
    const listed = JSON.parse(attributes.identities) as { providerName?: string; userId?: string }[];
    return listed.flatMap(({ providerName, userId }) => providerName && userId ? [{ provider: providerName, subject: userId }] : []);
  } catch {
    return [];
  }
}
