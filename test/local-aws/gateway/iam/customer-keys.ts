import { Need } from './needs';
import { absentAs } from './policies';
import { Backend } from '../backend';

/** What a service does with the key of whoever calls it. DynamoDB keeps the keys of its tables under that one: to read and to write is to decrypt. */
const USES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dynamodb: Object.fromEntries([
    'BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'GetRecords', 'PutItem', 'Query', 'Scan', 'UpdateItem',
  ].map(operation => [operation, ['kms:Decrypt']])),
  sqs: { SendMessage: ['kms:GenerateDataKey', 'kms:Decrypt'], ReceiveMessage: ['kms:Decrypt'] },
  sns: { Publish: ['kms:GenerateDataKey', 'kms:Decrypt'] },
  s3: { PutObject: ['kms:GenerateDataKey'], GetObject: ['kms:Decrypt'] },
};

/**
 * Keys of a customer's own that encrypt tables, queues, topics and buckets. A service uses such a key in the name of its caller, who needs it as well; it does
 * so for keys of AWS without asking anybody.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export class CustomerKeys {
  private readonly keys = new Map<string, Promise<string | undefined>>();

  constructor(private readonly backend: Backend) {}

  /** Somebody may have given a table another key. */
  public forget(): void {
    this.keys.clear();
  }

  /** What else the caller needs who needs this. `called`: the Region of the call, which is that of a bucket, whose ARN names none. */
  public async needsOf({ action, resource }: Need, called: string): Promise<Need[]> {
    const [service, operation] = action.split(':');
    const uses = USES[service]?.[operation];
    const region = resource.split(':')[3] || called;
    const key = uses && await this.keyOf(service === 's3' ? `arn:aws:s3:${region}::${resource.split(':::')[1].split('/')[0]}`
      : resource.split('/index/')[0].split('/stream/')[0]);
    return key ? uses.map(use => ({ action: use, resource: key, context: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } })) : [];
  }

  private keyOf(arn: string): Promise<string | undefined> {
    const known = this.keys.get(arn) ?? this.read(arn);
    this.keys.set(arn, known);
    known.catch(() => this.keys.delete(arn));
    return known;
  }

  private async read(arn: string): Promise<string | undefined> {
    const [, , service, region, account, name] = arn.split(':');
    const key = await absentAs(undefined, () => this.idOfKey(service, region, arn, name));
    // Keys of AWS have aliases of this form.
    if (!key || key.includes('alias/aws/')) return undefined;
    return key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`;
  }

  private async idOfKey(service: string, region: string, arn: string, name: string): Promise<string | undefined> {
    switch (service) {
      case 'dynamodb': {
        const { Table } = await this.backend.json<{ Table: { SSEDescription?: { KMSMasterKeyArn?: string } } }>(
          'dynamodb', 'DescribeTable', region, { TableName: name.replace('table/', '') });
        return Table.SSEDescription?.KMSMasterKeyArn;
      }
      case 'sqs': {
        const { Attributes } = await this.backend.json<{ Attributes?: { KmsMasterKeyId?: string } }>(
          'sqs', 'GetQueueAttributes', region, { QueueUrl: await this.backend.queueUrl(arn), AttributeNames: ['All'] });
        return Attributes?.KmsMasterKeyId;
      }
      case 's3':
        return /<KMSMasterKeyID>([^<]+)/.exec(await this.backend.text('s3', region, `/${name}?encryption`))?.[1];
      default: {
        const answer = await this.backend.query('sns', '2010-03-31', 'GetTopicAttributes', region, { TopicArn: arn });
        return /<key>KmsMasterKeyId<\/key>\s*<value>([^<]+)/.exec(answer)?.[1];
      }
    }
  }
}
