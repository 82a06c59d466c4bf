import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { recordsIn, sourcesOf, TriggerRecord } from './recorder';

/** What the recorder logged. */
export class TriggerLog {
  constructor(private readonly logs: CloudWatchLogsClient, private readonly logGroupName: string) {}

  public async records(): Promise<TriggerRecord[]> {
    const lines: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.logs.send(new FilterLogEventsCommand({ logGroupName: this.logGroupName, nextToken }));
      lines.push(...(page.events ?? []).flatMap(event => (event.message ?? '').split('\n')));
      nextToken = page.nextToken;
    } while (nextToken);
    return recordsIn(lines);
  }

  /** Sources of the triggers that ran for one user, oldest first. */
  public async sources(tag: string): Promise<string[]> {
    return sourcesOf(await this.records(), tag);
  }
}
