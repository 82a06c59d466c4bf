import { Backend, BackendError } from '../backend';

export interface NamedPolicy {
  readonly name: string;
  readonly policy: unknown;
}

/** A role as it is deployed: CloudFormation has resolved every reference in it. */
export interface RolePolicies {
  readonly trust: unknown;
  readonly identity: readonly NamedPolicy[];
  readonly boundary: readonly NamedPolicy[];
}

const IAM_VERSION = '2010-05-08';
const IAM_REGION = 'us-east-1';

/**
 * Policies as ministack has them, which reads them from the synthesized templates; remembered until somebody may have changed one.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
 */
export class Policies {
  private readonly roles = new Map<string, Promise<RolePolicies | undefined>>();
  private readonly resources = new Map<string, Promise<unknown>>();
  private readonly partitionKeys = new Map<string, Promise<string | undefined>>();

  constructor(private readonly backend: Backend) {}

  public forget(): void {
    this.roles.clear();
    this.resources.clear();
    this.partitionKeys.clear();
  }

  /** `undefined` where there is no such role. */
  public role(roleArn: string): Promise<RolePolicies | undefined> {
    return remembered(this.roles, roleArn, () => absentAs(undefined, () => this.readRole(roleArn.split('/').pop()!)));
  }

  /**
   * The policy on a function, queue, table, key or bucket; `undefined` where there is none, or its kind has none. `called`: the Region of the call, which
   * is that of a bucket, whose ARN names none.
   */
  public resource(resourceArn: string, called: string): Promise<unknown> {
    return remembered(this.resources, `${called} ${resourceArn}`, () => absentAs(undefined, () => this.readResource(resourceArn, called)));
  }

  /**
   * The tags of a user pool, as condition keys; nobody else's are asked for. A pool that is not there has none.
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
   */
  public async tags(resourceArn: string): Promise<Record<string, string>> {
    const [, region, UserPoolId] = /^arn:aws:cognito-idp:([^:]+):[^:]*:userpool\/(.+)$/.exec(resourceArn) ?? [];
    if (UserPoolId === undefined || UserPoolId === '*') return {};
    const described = await absentAs(undefined, () =>
      this.backend.json<{ UserPool?: { UserPoolTags?: Record<string, string> } }>('cognito-idp', 'DescribeUserPool', region, { UserPoolId }));
    return Object.fromEntries(Object.entries(described?.UserPool?.UserPoolTags ?? {}).map(([name, value]) => [`aws:ResourceTag/${name}`, value]));
  }

  /** Name of the partition key of a table, or of an index of it. */
  public partitionKey(tableArn: string): Promise<string | undefined> {
    return remembered(this.partitionKeys, tableArn, () => absentAs(undefined, async () => {
      const [, region, TableName, index] = /^arn:aws:dynamodb:([^:]+):[^:]*:table\/([^/]+)(?:\/index\/(.+))?$/.exec(tableArn)!;
      type Keyed = { readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[] };
      const { Table } = await this.backend.json<{ Table: Keyed & { GlobalSecondaryIndexes?: (Keyed & { IndexName: string })[] } }>(
        'dynamodb', 'DescribeTable', region, { TableName });
      const keyed = index === undefined ? Table : Table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
      return keyed?.KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
    }));
  }

  private async readRole(RoleName: string): Promise<RolePolicies> {
    const role = await this.iam('GetRole', { RoleName });
    const identity: NamedPolicy[] = [];
    for (const PolicyName of all(/<member>([^<]+)<\/member>/g, await this.iam('ListRolePolicies', { RoleName }))) {
      identity.push({ name: PolicyName, policy: document(await this.iam('GetRolePolicy', { RoleName, PolicyName }), 'PolicyDocument') });
    }
    for (const arn of all(/<PolicyArn>([^<]+)/g, await this.iam('ListAttachedRolePolicies', { RoleName }))) {
      identity.push({ name: arn, policy: await this.managed(arn) });
    }
    const [boundary] = all(/<PermissionsBoundaryArn>([^<]+)/g, role);
    return {
      trust: document(role, 'AssumeRolePolicyDocument'),
      identity,
      boundary: boundary ? [{ name: boundary, policy: await this.managed(boundary) }] : [],
    };
  }

  private async managed(PolicyArn: string): Promise<unknown> {
    const [VersionId] = all(/<DefaultVersionId>([^<]+)/g, await this.iam('GetPolicy', { PolicyArn }));
    return document(await this.iam('GetPolicyVersion', { PolicyArn, VersionId }), 'Document');
  }

  private async readResource(arn: string, called: string): Promise<unknown> {
    const [, , service, region, , ...rest] = arn.split(':');
    switch (service) {
      case 'sqs': {
        const { QueueUrl } = await this.backend.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', region, { QueueName: rest[0] });
        const { Attributes } = await this.backend.json<{ Attributes?: { Policy?: string } }>('sqs', 'GetQueueAttributes', region, { QueueUrl, AttributeNames: ['Policy'] });
        return Attributes?.Policy ? JSON.parse(Attributes.Policy) as unknown : undefined;
      }
      case 'dynamodb': {
        // That of a table covers its indexes.
        const table = arn.replace(/\/(index|stream)\/.*$/, '');
        const { Policy } = await this.backend.json<{ Policy?: string }>('dynamodb', 'GetResourcePolicy', region, { ResourceArn: table });
        return Policy ? JSON.parse(Policy) as unknown : undefined;
      }
      case 'lambda': {
        const { Policy } = await this.backend.get<{ Policy: string }>('lambda', region, `/2015-03-31/functions/${encodeURIComponent(arn)}/policy`);
        return JSON.parse(Policy) as unknown;
      }
      case 'kms': {
        const { Policy } = await this.backend.json<{ Policy: string }>('kms', 'GetKeyPolicy', region, { KeyId: arn, PolicyName: 'default' });
        return JSON.parse(Policy) as unknown;
      }
      case 's3': {
        return this.backend.get<unknown>('s3', called, `/${arn.split(':::')[1].split('/')[0]}?policy`);
      }
      case 'sns': {
        const [Policy] = all(/<key>Policy<\/key>\s*<value>([^<]+)/g, await this.backend.query('sns', '2010-03-31', 'GetTopicAttributes', region, { TopicArn: arn }));
        return Policy ? JSON.parse(Policy.replace(/&quot;/g, '"').replace(/&amp;/g, '&')) as unknown : undefined;
      }
      default:
        return undefined;
    }
  }

  private iam(operation: string, input: Record<string, string>): Promise<string> {
    return this.backend.query('iam', IAM_VERSION, operation, IAM_REGION, input);
  }
}

function remembered<T>(memory: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known) {
    return known;
  }
  const reading = read();
  memory.set(key, reading);
  reading.catch(() => memory.delete(key));
  return reading;
}

/** What is read, or `absent` where AWS says that there is no such thing. */
export async function absentAs<T>(absent: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BackendError && /^404$|NoSuchEntity|NotFound|NonExistent|NoSuchQueue|DoesNotExist/i.test(error.type)) {
      return absent;
    }
    throw error;
  }
}

function all(pattern: RegExp, xml: string): string[] {
  return [...xml.matchAll(pattern)].map(([, value]) => value);
}

/** IAM encodes the documents in its answers as in a URL. */
function document(xml: string, element: string): unknown {
  const [encoded] = all(new RegExp(`<${element}>([^<]+)`, 'g'), xml);
  return JSON.parse(decodeURIComponent(encoded)) as unknown;
}
