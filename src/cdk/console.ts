import { RegionInfo } from 'aws-cdk-lib/region-info';

/** Where the consoles of a partition are. */
const DOMAINS: Record<string, string> = {
  'aws': 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/** Links into the console of one Region, known by name. What they name may be a value that only CloudFormation knows. */
export class ConsoleLinks {
  private readonly host: string;

  constructor(private readonly region: string) {
    this.host = `https://${region}.${DOMAINS[RegionInfo.get(region).partition ?? ''] ?? DOMAINS.aws}`;
  }

  public dashboard(name: string): string {
    return this.home('cloudwatch', `dashboards/dashboard/${name}`);
  }

  public executions(stateMachineArn: string): string {
    return this.home('states', `/statemachines/view/${stateMachineArn}`);
  }

  public function(functionName: string): string {
    return this.home('lambda', `/functions/${functionName}?tab=monitoring`);
  }

  public queue(queueUrl: { readonly account: string; readonly urlSuffix: string; readonly queueName: string }): string {
    const { account, urlSuffix, queueName } = queueUrl;
    return this.home('sqs/v3', `/queues/https%3A%2F%2Fsqs.${this.region}.${urlSuffix}%2F${account}%2F${queueName}`);
  }

  public users(userPoolId: string): string {
    return `${this.host}/cognito/v2/idp/user-pools/${userPoolId}/users?region=${this.region}`;
  }

  public objects(bucketName: string, prefix: string): string {
    return `${this.host}/s3/buckets/${bucketName}?region=${this.region}&prefix=${prefix}`;
  }

  /**
   * A query of CloudWatch Logs Insights over the last day, ready to be run. AWS documents no such link; this is what the console itself makes: an
   * object in a notation of its own, whose signs are escaped twice, and whose texts have `*` for `%`.
   */
  public logs(logGroupNames: readonly string[], query: string): string {
    const text = query.replace(/[^A-Za-z0-9._-]/g, sign => `*${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
    const detail = [
      ['end', '0'], ['start', '-86400'], ['timeType', "'RELATIVE"], ['unit', "'seconds"], ['editorString', `'${text}`], ['isLiveTail', 'false'],
      ['source', `(${logGroupNames.map(name => `~'${name}`).join('')})`],
    ];
    const escaped = `~(${detail.flat().join('~')})`.replace(/[~'()]/g, sign => `$25${sign.charCodeAt(0).toString(16).toUpperCase()}`);
    return this.home('cloudwatch', `logsV2:logs-insights$3FqueryDetail$3D${escaped}`);
  }

  private home(service: string, fragment: string): string {
    return `${this.host}/${service}/home?region=${this.region}#${fragment}`;
  }
}
