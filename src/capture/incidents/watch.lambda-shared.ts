import { randomBytes } from 'crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ChangeWatch, SweptAway } from './change-watch';
import { UserPoolId } from '../../cognito/ids';
import { DynamoDbIncidentStore } from '../../ledger/dynamodb-incident-store.lambda-shared';
import { INCIDENT_EVENT, Incident, incidentDetail } from '../../ledger/incident';
import { LedgerStore } from '../../ledger/ledger-store';
import { systemClock } from '../../runtime/clock';
import { errorName } from '../../runtime/error-name';
import { INCIDENT_METRIC } from '../../runtime/metric-names';
import { naming } from '../../runtime/name-operations.lambda-shared';
import { PublicError } from '../../runtime/public-error';
import { OnWritten } from '../row-writer';

export interface WatchProps {
  readonly poolId: UserPoolId;
  readonly ledger: LedgerStore;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly table: string;
  readonly historyDays: number;
  readonly ignoredAttributes: readonly string[];
  readonly log: Logger;
  readonly emitted: Metrics;
}

/**
 * Counts changes and raises incidents, for one function instance. It fails for nobody: the rows are written, and what was not counted is counted
 * with the next batch.
 */
export class InstanceWatch {
  private readonly watch: ChangeWatch;

  constructor(private readonly props: WatchProps) {
    const { poolId, ledger, dynamodb, table, historyDays, ignoredAttributes, log, emitted } = props;
    const events = naming(new EventBridgeClient({}));
    this.watch = new ChangeWatch({
      poolId,
      ledger,
      historyDays,
      ignoredAttributes,
      incidents: new DynamoDbIncidentStore(dynamodb, table),
      clock: systemClock,
      // Instances that live at one time must not have the same one.
      writer: randomBytes(4).toString('base64url'),
      announce: async incident => {
        log.warn('incident raised', { id: incident.id, kind: incident.kind, counts: incident.counts });
        await putEvent(events, incident);
        emitted.addMetric(INCIDENT_METRIC.INCIDENTS, MetricUnit.Count, 1);
      },
    });
  }

  public readonly written: OnWritten = async (change, seen) => this.watch.note(change, seen);

  public async flush(): Promise<void> {
    await this.watch.flush().catch(error => this.failed('changes not counted', error));
  }

  public async sweepEnded(swept: SweptAway): Promise<void> {
    await this.watch.sweepEnded(swept).catch(error => this.failed('incidents not looked for', error));
  }

  private failed(what: string, error: unknown): void {
    this.props.log.error(what, { error: errorName(error) });
  }
}

/** On the default bus of this Region. An entry may fail although the call succeeds. */
async function putEvent(client: EventBridgeClient, incident: Incident): Promise<void> {
  const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({
    Entries: [{
      Source: INCIDENT_EVENT.SOURCE,
      DetailType: INCIDENT_EVENT.DETAIL_TYPE,
      Detail: JSON.stringify(incidentDetail(incident)),
      Time: new Date(incident.noticedAt),
    }],
  }));
  if (FailedEntryCount) throw new PublicError(`EventBridge did not take the event of an incident: ${Entries?.[0]?.ErrorCode ?? 'unknown'}`);
}
