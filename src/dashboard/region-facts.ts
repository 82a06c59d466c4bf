import { ConsoleLinks } from '../cdk/console';

/** A state machine, with the log of the function that does its work. */
export interface Machine {
  readonly stateMachineArn: string;
  readonly logGroupName: string;
}

/** What either dashboard is told. Names may be values that only CloudFormation knows, Regions are literal. */
export interface RegionFacts {
  /** Of the construct, for people. */
  readonly path: string;
  readonly region: string;
  readonly account: string;
  readonly urlSuffix: string;
  readonly console: ConsoleLinks;
  readonly other: { readonly region: string; readonly dashboardName: string };
  readonly ledgerTableName: string;
  /** How many there are in the Region. */
  readonly alarms: number;
}

/** What handlers warn of, and what ended them before they could. */
export const TROUBLE_QUERY = `fields @timestamp, level, message, error, @log
| filter level in ["WARN", "ERROR", "CRITICAL"] or @message like /Task timed out|Runtime exited/
| sort @timestamp desc
| limit 100`;

/** What slices say at their end, the newest first. */
export function progressQuery(fields: readonly string[] = []): string {
  return `fields @timestamp, execution, status${fields.map(field => `, ${field}`).join('')}
| filter ispresent(execution) and ispresent(status)
| sort @timestamp desc
| limit 50`;
}
