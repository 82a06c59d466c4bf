import { FakePoolOptions, FakeUserPool } from './fake-cognito';
import { InMemoryIncidents } from './in-memory-incidents';
import { InMemoryLedger } from './in-memory-ledger';
import { writeLink } from './write-link';
import { FirstSub, SourceSub, TargetSub } from '../../src/cognito/ids';
import { poolSettingsOf } from '../../src/cognito/pool-settings';
import { lookUpNamesOf, signInNameOf } from '../../src/cognito/sign-in-name';
import { StandbyPool } from '../../src/cognito/target-pool';
import { GroupImage, SourceUser } from '../../src/cognito/user';
import { Incident, incidentItem } from '../../src/ledger/incident';
import { linkedIdentityItems } from '../../src/ledger/linked-identities';
import { UserRow, digestOfUser, items } from '../../src/ledger/schema';
import { FollowUp } from '../../src/standby/on-demand/follow-up-message';
import { TokenPorts } from '../../src/standby/on-demand/token-claims';
import { SourceDirectory } from '../../src/standby/source-directory';
import { StandbyContext } from '../../src/standby/standby-context';
import { StandbyLedger } from '../../src/standby/standby-ledger';
import { Link } from '../../src/state/link';
import { RemovableLinks } from '../../src/state/links';
import { NEVER_TURNED, SwitchState } from '../../src/state/switch';

export const SOURCE = 'us-east-1_Source';
export const STANDBY = 'us-west-2_Target';

/** The attribute `identities` of a profile that Cognito made for the identity, or that is linked with it. */
export function identitiesAt(provider: string, subject: string, primary: boolean): string {
  return JSON.stringify([{ userId: subject, providerName: provider, providerType: 'SAML', issuer: null, primary: String(primary), dateCreated: '1' }]);
}

/** The pool in memory, with what only the standby does to it. */
export class FakeStandbyPool extends FakeUserPool implements StandbyPool {
  /** User names, in the order of the calls. */
  public readonly signedOut: string[] = [];

  public async deleteUser(username: string): Promise<void> {
    this.model.deleteUser(username);
  }

  public async deleteGroup(name: string): Promise<void> {
    this.model.deleteGroup(name);
  }

  public async signOutUser(username: string): Promise<void> {
    this.signedOut.push(this.model.find(username).username);
  }
}

/** The links of the state table, in memory. */
export class InMemoryLinks implements RemovableLinks {
  public readonly all = new Map<TargetSub, Link>();
  public readonly firstSubs = new Map<FirstSub, TargetSub>();

  public async ofTargets(subs: readonly TargetSub[]): Promise<Map<TargetSub, Link>> {
    return new Map(subs.flatMap(sub => this.all.has(sub) ? [[sub, this.all.get(sub)!]] : []));
  }

  public async targetSubOf(sourceSub: SourceSub): Promise<TargetSub | undefined> {
    return [...this.all.values()].find(link => link.sourceSub === sourceSub)?.targetSub;
  }

  public async targetSubOfFirst(firstSub: FirstSub): Promise<TargetSub | undefined> {
    return this.firstSubs.get(firstSub);
  }

  public async write(link: Link): Promise<Link> {
    return writeLink(this.all, link);
  }

  public async remove({ targetSub }: Pick<Link, 'sourceSub' | 'targetSub'>): Promise<void> {
    this.all.delete(targetSub);
  }
}

/** A ledger and a standby pool with the same settings. */
export class StandbyWorld {
  public readonly ledger = new InMemoryLedger();
  public readonly pool: FakeStandbyPool;
  public readonly links = new InMemoryLinks();
  public time = 1_000_000;
  /** What a restore holds the standby at. */
  public moment?: number;
  public readonly standbyLedger = new StandbyLedger(this.ledger, async () => this.moment, { now: () => this.time });
  public readonly directory = new SourceDirectory(this.standbyLedger, { now: () => this.time });
  /** Open since the beginning: what a closed one does is what `switch/` is about. */
  public state: SwitchState = { ...NEVER_TURNED, mode: 'open' };
  public readonly switch = { of: async () => this.state };
  /** Users that tokens asked to have compared again. */
  public readonly compared: FollowUp[] = [];

  constructor(private readonly options: FakePoolOptions = { usernameAttributes: ['email'] }) {
    this.pool = new FakeStandbyPool({ userPoolId: STANDBY, customAttributes: { source_sub: { mutable: false } }, ...options, now: () => this.time });
    this.ledger.put(items.source({ poolId: SOURCE, sweptAt: 1 }));
    const value = {
      UsernameAttributes: options.usernameAttributes,
      AliasAttributes: options.aliasAttributes,
      UsernameConfiguration: { CaseSensitive: options.caseSensitive ?? false },
    };
    this.ledger.put(items.poolPart({ poolId: SOURCE, part: 'pool', value, digest: 'd', observedAt: 1 }));
  }

  public async incidents(poolId: string): Promise<Incident[]> {
    return new InMemoryIncidents(this.ledger).incidents(poolId);
  }

  /** Whether app clients may write `custom:source_sub`. */
  public async mayWriteSourceSub(): Promise<boolean> {
    return true;
  }

  public user(sub: string, more: Partial<UserRow> = {}, groups: readonly string[] = []): UserRow {
    const base: SourceUser = {
      sub,
      username: sub,
      attributes: { email: `${sub}@example.com`, email_verified: 'true' },
      enabled: true,
      status: 'CONFIRMED',
      createdAt: 1,
      modifiedAt: 2,
      ...more,
    };
    const settings = {
      usernameAttributes: this.options.usernameAttributes ?? [],
      aliasAttributes: this.options.aliasAttributes,
      caseSensitive: this.options.caseSensitive ?? false,
    };
    const row: UserRow = {
      poolId: SOURCE,
      observedAt: 3,
      digest: digestOfUser(base),
      signInName: signInNameOf(settings, base),
      lookUp: lookUpNamesOf(settings, base),
      ...base,
    };
    [items.user(row), ...linkedIdentityItems(row)].forEach(item => this.ledger.put(item));
    for (const group of groups) this.ledger.put(items.membership({ poolId: SOURCE, group, sub, observedAt: 3 }));
    return row;
  }

  public group(group: GroupImage): void {
    this.ledger.put(items.group({ poolId: SOURCE, observedAt: 3, ...group }));
  }

  /** An incident that capture raised, of which the last change was noticed at once. */
  public incident(what: Partial<Incident> & Pick<Incident, 'kind' | 'first' | 'last'>): Incident {
    const incident: Incident = {
      poolId: SOURCE,
      id: `incident-${what.kind}-${what.first}`,
      subject: 's',
      before: what.first,
      raisedAt: what.last,
      noticedAt: what.last,
      counts: { deleted: 60 },
      causes: [{ event: 'AdminDeleteUser', count: 60 }],
      limit: 50,
      poolUsers: 1_000,
      version: 1,
      expiresAt: 9,
      ...what,
    };
    this.ledger.put(incidentItem(incident));
    return incident;
  }

  public leave(group: string, sub: string): void {
    this.ledger.put(items.membership({ poolId: SOURCE, group, sub, observedAt: 4, deletedAt: 4, expiresAt: 9 }));
  }

  /** Reads as the token trigger does them; memberships by the rows themselves. */
  public get tokenPorts(): TokenPorts {
    return {
      switch: this.switch,
      directory: this.directory,
      linkOf: async (_pool, sub) => this.links.all.has(sub) ? { ...this.links.all.get(sub)!, sourceUserPoolId: SOURCE } : undefined,
      row: async (poolId, sub) => this.standbyLedger.user(poolId, sub),
      isOfAnother: async (row, sub) => this.standbyLedger.isOfAnother(row, sub),
      candidates: async (poolId, sub) => this.standbyLedger.candidateGroups(poolId, sub),
      memberships: async (poolId, sub, groups, isHeld) => this.standbyLedger.memberships(poolId, sub, groups, isHeld),
      incidents: async poolId => this.incidents(poolId),
      hasSecondFactor: async (_pool, username) => (await this.pool.getUser(username)).mfa.enabled.length > 0,
      compareAgain: async message => { this.compared.push(message); },
    };
  }

  public async context(): Promise<StandbyContext<FakeStandbyPool> & { readonly links: InMemoryLinks }> {
    return {
      ledger: this.standbyLedger,
      directory: this.directory,
      links: this.links,
      pool: this.pool,
      userPoolId: STANDBY,
      settings: poolSettingsOf(await this.pool.describeUserPool()),
      groupRow: async (poolId, name) => this.standbyLedger.group(poolId, name),
      groupRoles: {},
      linkAttributes: {},
      sourceSubProves: true,
      clock: { now: () => this.time, sleep: async () => undefined },
    };
  }
}
