import { randomBytes } from 'node:crypto';
import { CONTRACT_POOL_KINDS, ContractPoolKind } from '../contract/driver';

/** On everything that a run makes; the value is the run's. */
export const RUN_TAG = 'cognito-dr-replica-verify';
/** The source pool's construct. */
export const SOURCE_POOL = 'Users';
/** An immutable custom attribute of every pool. */
export const TENANT = 'tenant';

/** The names of one run. Each contains the run's own suffix, by which what is left can be found. */
export class Names {
  public readonly primaryStack: string;
  public readonly replicaStack: string;
  public readonly ledgerTable: string;
  public readonly recorder: string;
  public readonly recorderLogs: string;
  public readonly eventsQueue: string;

  /** @param run eight hexadecimal digits that no other run has */
  constructor(public readonly run: string = randomBytes(4).toString('hex')) {
    // What is removed is found by it: a shorter one would be in the names of others too.
    if (!/^[0-9a-f]{8}$/.test(run)) throw new Error(`'${run}' is no suffix of a run`);
    this.primaryStack = `CognitoDrVerify-${run}`;
    this.replicaStack = `CognitoDrVerify-${run}-replica`;
    this.ledgerTable = `cognito-dr-verify-${run}`;
    this.recorder = `cognito-dr-verify-${run}-recorder`;
    this.recorderLogs = `/cognito-dr-verify/${run}/recorder`;
    this.eventsQueue = `cognito-dr-verify-${run}-events`;
  }

  public pool(kind: string): string {
    return `cognito-dr-verify-${this.run}-${kind}`;
  }

  /** Whether something that is called so is the run's: it is one of the names above, or begins with one, as CloudFormation's do; a bucket's in small letters. */
  public owns(name: string): boolean {
    return new RegExp(`(^|[^0-9a-z-])cognito-?dr-?verify[-/]${this.run}(?![0-9a-z])`, 'i').test(name);
  }
}

const OUTPUTS = [
  'sourcePool', 'sourceClient', 'sweep', 'probePool', 'probeClient', 'aliasesPool', 'aliasesClient', 'eitherPool', 'eitherClient', 'mfaPool', 'mfaClient',
  'contractPools', 'contractClient', 'eventsQueue', 'recorder', 'recorderLogs', 'importRole', 'restore', 'drill', 'evidenceBucket', 'switch', 'standbyPool',
  'standbyClient',
] as const;

/** What the stacks say of themselves. */
export type Deployed = Readonly<Record<typeof OUTPUTS[number], string>>;

/** From the outputs of the stacks, by stack name. */
export function deployedOf(outputs: Readonly<Record<string, Readonly<Record<string, string>>>>): Deployed {
  const all: Partial<Record<string, string>> = Object.assign({}, ...Object.values(outputs));
  const missing = OUTPUTS.filter(name => !all[`Verify${name}`]);
  if (missing.length > 0) throw new Error(`the stacks have no output ${missing.join(', ')}`);
  return Object.fromEntries(OUTPUTS.map(name => [name, all[`Verify${name}`]])) as Deployed;
}

/** Of every pool of the run. */
export function poolIdsOf({ sourcePool, probePool, aliasesPool, eitherPool, mfaPool, standbyPool, contractPools }: Deployed): string[] {
  return [sourcePool, probePool, aliasesPool, eitherPool, mfaPool, standbyPool, ...contractPools.split(',')].map(poolId);
}

/** Kinds of pool of the contract that a run has. The one without passwords may want a sender of one's own for its codes, so no run makes it. */
export const DEPLOYED_KINDS: readonly ContractPoolKind[] = CONTRACT_POOL_KINDS.filter(kind => kind !== 'passwordless');

/** The contract's pool of a kind; undefined for one that no run has. */
export function contractPoolOf({ contractPools }: Pick<Deployed, 'contractPools'>, kind: ContractPoolKind): string | undefined {
  return contractPools.split(',')[DEPLOYED_KINDS.indexOf(kind)];
}

/** @throws Error for anything else: by part of one, log groups of strangers would be found */
export function poolId(id: string): string {
  if (!/^[a-z0-9-]+_[A-Za-z0-9]{5,}$/.test(id)) throw new Error(`'${id}' is no id of a user pool`);
  return id;
}
