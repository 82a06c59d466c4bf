import { cognitoError } from './fake-cognito';
import { DrillTableFake } from './in-memory-drill-store';
import { StateTableFake } from './in-memory-run-state';
import { lifeOf } from './life';
import { RestoreWorld, SOURCE, WorldOptions } from './restore-world';
import { untilEnd } from './until-end';
import { QuotaPacer } from '../../src/cognito/pacing';
import { TargetPool } from '../../src/cognito/target-pool';
import { DRILL_TAG } from '../../src/drill/constants';
import { DrillDiffering } from '../../src/drill/drill-checkpoint';
import { DrillContext } from '../../src/drill/drill-context';
import { DrillAnswer, DrillNews, drillSlice } from '../../src/drill/drill-worker';
import { DrillFacts } from '../../src/drill/evidence/drill-facts';
import { DrillVerdict } from '../../src/drill/evidence/drill-verdict';
import { ScratchPools } from '../../src/drill/scratch-pools';
import { DescribedScratchPool } from '../../src/drill/scratch-settings';
import { items } from '../../src/ledger/schema';

export const OWNER = 'Auth-Dr-us-east-1-drill';
export const SEED = 'seed';

interface FakeScratch extends DescribedScratchPool {
  readonly Id: string;
  readonly Name: string;
}

export interface DrillOptions {
  readonly users?: number | 'everybody';
  readonly moment?: 'latest' | 'random';
  readonly execution?: string;
  readonly quotaShare?: number;
}

type EndOfDrill = Exclude<DrillAnswer, { status: 'continue' }>;

interface Evidence {
  readonly facts: DrillFacts;
  readonly differing: readonly DrillDiffering[];
}

/** A ledger, pools that drills make, and the loop of the state machine around the real worker: what does not end leads to its clean-up. */
export class DrillWorld extends RestoreWorld {
  public readonly states = new Map<string, StateTableFake>();
  public readonly drills = new DrillTableFake(() => this.clock.now());
  /** By id; all those of the account, others' as well. */
  public readonly pools = new Map<string, FakeScratch>();
  public readonly created: Readonly<Record<string, unknown>>[] = [];
  public readonly deleted: string[] = [];
  public readonly reports: Evidence[] = [];
  public readonly emitted: { readonly facts: DrillFacts; readonly verdict: DrillVerdict }[] = [];
  public isRestoreRunning = false;
  /** So many looks at a pool find no tag, as IAM learns of it later. */
  public untagged = 0;
  /** Pools whose deletion protection somebody turned on: Cognito refuses to delete them. */
  public readonly protectedPools = new Set<string>();
  /** So many lists still have a pool that was deleted. */
  public lingering = 0;
  private readonly ghosts: { readonly id: string; readonly name: string }[] = [];
  /** Called before each phase is begun, with the checkpoint that a slice saves. */
  public onPhase: (phase: string) => unknown;
  private made = 0;
  private drillsBegun = 0;

  constructor(private readonly drillOptions: WorldOptions = {}) {
    super(drillOptions);
    this.onPhase = () => undefined;
    this.ledger.put(items.source({ poolId: SOURCE, sweptAt: 10, sweepStartedAt: 9, firstSweptAt: 1, historyDays: 35, users: 0 }));
    const { Id: _id, ...settings } = this.pool.model.describe() as Record<string, unknown>;
    this.ledger.put(items.poolPart({
      poolId: SOURCE, part: 'pool', value: { ...settings, Name: 'users', Id: SOURCE, LambdaConfig: { PreSignUp: 'arn' } }, digest: '', observedAt: 3,
    }));
  }

  public get latest(): Evidence {
    return this.reports[this.reports.length - 1];
  }

  /** What the state machine does. */
  public async drill(options: DrillOptions = {}): Promise<EndOfDrill> {
    const execution = options.execution ?? `drill-${++this.drillsBegun}`;
    const startedAt = this.clock.now();
    const until = async (news: DrillNews = {}) =>
      untilEnd(this.clock, async () => this.drillSlice(execution, startedAt, options, news), () => { this.retries++; });
    let answer: EndOfDrill;
    try {
      answer = await until();
    } catch {
      try {
        answer = await until({ failed: 'Killed' });
      } catch {
        answer = await until({ failed: 'Killed', unremoved: 'KilledAgain' });
      }
    }
    if (!('facts' in answer)) return answer;
    // What the writer of the report does.
    this.reports.push({ facts: answer.facts, differing: [...this.drills.differing.get(execution)?.values() ?? []] });
    return until({ written: { sequence: 1, sha256: 'a', report: 'reports/1.json', page: 'pages/1.html' } });
  }

  public async drillSlice(execution: string, startedAt: number, options: DrillOptions = {}, news: DrillNews = {}): Promise<DrillAnswer> {
    const life = lifeOf(this.lives.shift() ?? Infinity);
    const { users = 'everybody', moment = 'latest', quotaShare = 1 } = options;
    const at = new Date(startedAt).toISOString();
    const context = this.contextOf(execution, { life, quotaShare });
    return Promise.race([life.end, drillSlice(context, {
      order: { seed: SEED, moment, users, quotaShare },
      facts: {
        id: execution,
        executionArn: `arn:${execution}`,
        startedAt: at,
        versions: { library: '0.0.0', ledger: 1, node: 'v24' },
        templates: { primary: { stack: 'Auth', sha256: 'a' }, replica: { stack: 'AuthReplica', sha256: 'b' } },
        startedBy: { how: 'operator' },
        scenario: 's',
        objective: 'o',
        source: { userPoolId: '', region: '' },
        targets: {},
      },
    }, news)]);
  }

  /** What a slice of this drill works with. */
  public contextOf(execution: string, { life = lifeOf(Infinity), quotaShare = 1 } = {}): DrillContext {
    const deadline = this.clock.now() + (this.drillOptions.sliceSeconds ?? 300) * 1_000;
    const store = this.drills.storeOf(execution);
    const { save } = store;
    return {
      execution,
      owner: OWNER,
      region: 'us-west-2',
      ledger: this.ledger,
      sweeps: { lastEndedBy: async () => undefined },
      store: life.bind({
        ...store,
        save: async checkpoint => {
          await this.onPhase(checkpoint.phase);
          await save(checkpoint);
        },
      }),
      pools: life.bind(this.scratchPools()),
      targetOf: () => life.bind<TargetPool>(this.pool),
      stateOf: run => life.bind(this.stateOf(run.targetUserPoolId).stateOf(run.execution)),
      pacer: new QuotaPacer({ clock: this.clock, share: quotaShare, until: deadline + 40_000 }),
      quotas: {},
      isRestoreRunning: async () => this.isRestoreRunning,
      emit: (facts, verdict) => { this.emitted.push({ facts, verdict }); },
      clock: this.clock,
      deadline,
    };
  }

  public stateOf(userPoolId: string): StateTableFake {
    const known = this.states.get(userPoolId) ?? new StateTableFake(() => this.clock.now());
    this.states.set(userPoolId, known);
    return known;
  }

  /** One target stands for every scratch pool: it is emptied with each. */
  private scratchPools(): ScratchPools {
    return {
      named: async beginning => {
        const ghosts = this.ghosts.length > 0 && this.lingering-- > 0 ? this.ghosts : [];
        const there = [...this.pools.values()].map(({ Id: id, Name: name }) => ({ id, name }));
        return [...there, ...ghosts].filter(({ name }) => name.startsWith(beginning));
      },
      create: async request => {
        this.created.push(request);
        const Id = `us-west-2_Scratch${++this.made}`;
        const { PoolName, UserPoolTags, MfaConfiguration } = request as Record<string, string> & { UserPoolTags: Record<string, string> };
        this.pools.set(Id, { Id, Name: PoolName, UserPoolTags, MfaConfiguration });
        return Id;
      },
      describe: async id => this.untagged-- > 0 ? undefined : this.pools.get(id),
      clients: async () => [],
      createClient: async () => 'client',
      delete: async id => {
        if (this.protectedPools.has(id)) throw cognitoError('InvalidParameterException', 'deletion protection is activated');
        this.ghosts.push({ id, name: this.pools.get(id)!.Name });
        this.pools.delete(id);
        this.deleted.push(id);
        this.pool.model.users.clear();
        this.pool.model.groups.clear();
      },
      signIn: async (_id, _client, { username, name, password }) => {
        this.pool.model.setPermanentPassword(username, password);
        const user = this.pool.model.find(name);
        return user.enabled && user.password === password ? { sub: user.sub } : { error: 'NotAuthorizedException' };
      },
    };
  }

  /** A pool of somebody else, with a name and a tag of the test's choice. */
  public seedPool(id: string, name: string, owner?: string): void {
    this.pools.set(id, { Id: id, Name: name, UserPoolTags: owner ? { [DRILL_TAG]: owner } : {} });
  }
}

const address = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });

/** Users of every kind, and two groups. */
export function inhabited(world = new DrillWorld({ usernameAttributes: ['email'] }), users = 20): DrillWorld {
  world.group({ name: 'staff', description: 'all', precedence: 1 });
  world.group({ name: 'empty' });
  for (let i = 0; i < users; i++) world.user(`aa${String(i).padStart(2, '0')}-user`, { attributes: address(`user${i}`) }, i % 2 ? ['staff'] : []);
  world.user('bb00-disabled', { attributes: address('disabled'), enabled: false });
  world.user('bb01-unconfirmed', { attributes: address('unconfirmed'), status: 'UNCONFIRMED' });
  world.user('bb02-federated', { username: 'Corp_1', status: 'EXTERNAL_PROVIDER', attributes: { identities: '[{"providerName":"Corp","userId":"1"}]' } });
  return world;
}

/** No pool, no item that says something of a user, nobody's right to drill, and no message. */
export function expectNothingLeft(world: DrillWorld): void {
  expect([...world.pools.keys()]).toEqual([]);
  expect(world.drills.isEmpty).toBe(true);
  expect(world.drills.holder).toBeUndefined();
  expect(world.pool.messagesSent).toBe(0);
}
