import { CliError, EXIT } from './cli-error';
import { SealedDrillReport } from './commands/drill';
import { Session, silentStacks } from './session';
import { EVIDENCE_PREFIX, pageKey, reportKey } from '../drill/evidence/constants';
import { REPORT_VERSION } from '../drill/evidence/drill-report';
import { S3EvidenceStore } from '../drill/evidence/s3-evidence-store.lambda-shared';
import { systemClock } from '../runtime/clock';

/** A report, and its bytes as they are in the bucket: the digest is of those. */
export interface ReadReport {
  readonly report: SealedDrillReport;
  readonly text: string;
  readonly key: string;
  readonly pageKey: string;
}

/** Reports of drills, in the bucket of the evidence: S3 shows at once what was written, and the table of drills forgets. */
export class Evidence {
  public readonly bucket: string;
  private readonly store: S3EvidenceStore;

  /** @throws CliError where there are no drills, or where the stack that has the bucket did not answer */
  constructor(session: Pick<Session, 'aws' | 'deployment' | 'stacks' | 'whySilent'>) {
    const { aws, deployment: { replicaRegion, drillStateMachineArn, evidenceBucketName } } = session;
    if (drillStateMachineArn === undefined) throw new CliError(EXIT.NOT_FOUND, 'no-drills', NO_DRILLS);
    if (evidenceBucketName === undefined) {
      const silent = silentStacks(session).find(({ region }) => region === replicaRegion);
      throw new CliError(EXIT.FAILED, 'stack-unread', `${silent?.sentence ?? `${replicaRegion} names no bucket`}: where reports are is not known`);
    }
    this.bucket = evidenceBucketName;
    this.store = new S3EvidenceStore(aws.objects(replicaRegion), { bucket: evidenceBucketName, clock: systemClock });
  }

  /** From the newest on: each names its place in the chain, and so the one before it. */
  public async *reports(): AsyncGenerator<ReadReport> {
    const last = await this.store.lastReport();
    for (let sequence = last === undefined ? 0 : sequenceOf(last); sequence > 0; sequence -= 1) {
      const key = reportKey(sequence);
      const text = await this.store.read(key);
      yield { report: readReport(text, key), text, key, pageKey: pageKey(sequence) };
    }
  }

  public async last(): Promise<ReadReport | undefined> {
    const { value } = await this.reports().next();
    return value as ReadReport | undefined;
  }

  /** Of a drill that ended a moment ago: the last ones are enough to look at. */
  public async ofDrill(id: string): Promise<ReadReport | undefined> {
    let looked = 0;
    for await (const read of this.reports()) {
      if (read.report.id === id) return read;
      looked += 1;
      if (looked === LOOKED_AT) break;
    }
    return undefined;
  }

  public async page({ pageKey: key }: ReadReport): Promise<string> {
    return this.store.read(key);
  }
}

export const NO_DRILLS = 'this deployment has no drills: give the construct drill: Drill.schedule(), and deploy it';

/** Drills end one after the other, but for those that another one refuses. */
const LOOKED_AT = 20;

function sequenceOf(key: string): number {
  return Number(key.slice(EVIDENCE_PREFIX.REPORTS.length).split('.')[0]);
}

function readReport(text: string, key: string): SealedDrillReport {
  const read = JSON.parse(text) as SealedDrillReport;
  if ((read.reportVersion as number) === REPORT_VERSION) return read;
  throw new CliError(EXIT.FAILED, 'report-unknown', `${key} is of a later release: run the command of the release that wrote it`);
}
