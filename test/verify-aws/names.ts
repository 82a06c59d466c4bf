import { randomBytes } from 'node:crypto';

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

  /** @param run eight digits that no other run has */
  constructor(public readonly run: string = randomBytes(4).toString('hex')) {
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
}

/** What the stacks say of themselves. */
export interface Deployed {
  readonly sourcePool: string;
  readonly sourceClient: string;
  readonly sweep: string;
  readonly probePool: string;
  readonly probeClient: string;
  readonly aliasesPool: string;
  readonly aliasesClient: string;
  readonly eitherPool: string;
  readonly eitherClient: string;
  readonly mfaPool: string;
  readonly mfaClient: string;
  readonly eventsQueue: string;
  readonly recorder: string;
  readonly recorderLogs: string;
  readonly importRole: string;
  readonly restore: string;
  readonly standbyPool: string;
  readonly standbyClient: string;
}

/** From the outputs of the stacks, by stack name. */
export function deployedOf(outputs: Readonly<Record<string, Readonly<Record<string, string>>>>): Deployed {
  const all = Object.values(outputs).flatMap(each => Object.entries(each)).filter(([name]) => name.startsWith('Verify'));
  return Object.fromEntries(all.map(([name, value]) => [name.slice('Verify'.length), value])) as unknown as Deployed;
}
