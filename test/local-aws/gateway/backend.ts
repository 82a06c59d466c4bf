import * as http from 'node:http';
import { AwsAnswer } from './request';

const TARGETS = {
  'cognito-idp': { prefix: 'AWSCognitoIdentityProviderService', contentType: 'application/x-amz-json-1.1' },
  'dynamodb': { prefix: 'DynamoDB_20120810', contentType: 'application/x-amz-json-1.0' },
  'events': { prefix: 'AWSEvents', contentType: 'application/x-amz-json-1.1' },
  'kms': { prefix: 'TrentService', contentType: 'application/x-amz-json-1.1' },
  'sqs': { prefix: 'AmazonSQS', contentType: 'application/x-amz-json-1.0' },
  'states': { prefix: 'AWSStepFunctions', contentType: 'application/x-amz-json-1.0' },
  'cloudtrail': { prefix: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101', contentType: 'application/x-amz-json-1.1' },
} as const;

const RACE_ATTEMPTS = 50;

export type BackendService = keyof typeof TARGETS;

export class BackendError extends Error {
  public readonly name = 'BackendError';

  constructor(public readonly type: string, message: string) {
    super(`${type}: ${message}`);
  }
}

export interface BackendCall {
  readonly method: string;
  readonly url: string;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body?: Buffer;
}

/** ministack as the gateway's parts call it: past every part, so uncounted and unlimited. */
export class Backend {
  public readonly agent: http.Agent;

  constructor(
    public readonly port: number, public readonly account: string, private readonly extraHeaders: http.OutgoingHttpHeaders = {}, agent?: http.Agent,
  ) {
    // Hypercorn closes idle connections after 75 s.
    this.agent = agent ?? new http.Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256, timeout: 60_000 });
  }

  /** One operation of a service with the JSON protocol. */
  public async json<T>(service: BackendService, operation: string, region: string, input: object): Promise<T> {
    const target = TARGETS[service];
    const answer = await this.send({
      method: 'POST',
      url: '/',
      headers: { 'content-type': target.contentType, 'x-amz-target': `${target.prefix}.${operation}`, 'authorization': this.authorization(service, region) },
      body: Buffer.from(JSON.stringify(input)),
    });
    const content = JSON.parse(answer.body.toString('utf8') || '{}') as { __type?: string; message?: string; Message?: string };
    if (answer.status >= 300) {
      throw new BackendError((content.__type ?? 'Unknown').split('#').pop()!, content.message ?? content.Message ?? '');
    }
    return content as T;
  }

  /** The address of a queue, which every operation of SQS wants in place of its ARN. */
  public async queueUrl(arn: string): Promise<string> {
    const [, , , region, , QueueName] = arn.split(':');
    const { QueueUrl } = await this.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', region, { QueueName });
    return QueueUrl;
  }

  /** One reading operation of a service with the REST protocol. */
  public async get<T>(service: string, region: string, url: string): Promise<T> {
    return JSON.parse(await this.text(service, region, url)) as T;
  }

  /** The same, of a service that answers something else, such as XML. */
  public async text(service: string, region: string, url: string): Promise<string> {
    const answer = await this.send({ method: 'GET', url, headers: { authorization: this.authorization(service, region) } });
    const text = answer.body.toString('utf8');
    if (answer.status >= 300) {
      throw new BackendError(String(answer.status), text);
    }
    return text;
  }

  /** The same, with further headers on each call. */
  public with(headers: http.OutgoingHttpHeaders): Backend {
    return new Backend(this.port, this.account, { ...this.extraHeaders, ...headers }, this.agent);
  }

  /** One operation of CloudFormation; the XML of its answer. */
  public async cloudFormation(operation: string, region: string, input: Record<string, string>): Promise<string> {
    return this.query('cloudformation', '2010-05-15', operation, region, input);
  }

  /** One operation of a service with the query protocol; the XML of its answer. */
  public async query(service: string, version: string, operation: string, region: string, input: Record<string, string>): Promise<string> {
    const answer = await this.send({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'authorization': this.authorization(service, region) },
      body: Buffer.from(new URLSearchParams({ Action: operation, Version: version, ...input }).toString()),
    });
    const xml = answer.body.toString('utf8');
    if (answer.status >= 300) {
      throw new BackendError(/<Code>([^<]*)/.exec(xml)?.[1] ?? 'Unknown', /<Message>([^<]*)/.exec(xml)?.[1] ?? '');
    }
    return xml;
  }

  /** Invokes a function; with `asynchronous` it is not waited for. */
  public async invoke(functionArn: string, region: string, payload: string, asynchronous = false): Promise<AwsAnswer> {
    return this.send({
      method: 'POST',
      url: `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
      headers: {
        'content-type': 'application/json',
        'x-amz-invocation-type': asynchronous ? 'Event' : 'RequestResponse',
        'authorization': this.authorization('lambda', region),
      },
      body: Buffer.from(payload),
    });
  }

  /** Forwards a call whole. */
  public async send(call: BackendCall): Promise<AwsAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.once(call);
      // A thread of ministack looked through a pool's users while another added one; it has changed nothing then.
      if (answer.status !== 500 || attempt === RACE_ATTEMPTS || !answer.body.includes('changed size during iteration')) {
        return answer;
      }
    }
  }

  public close(): void {
    this.agent.destroy();
  }

  private once(call: BackendCall, retried = false): Promise<AwsAnswer> {
    return new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, agent: retried ? false : this.agent, method: call.method, path: call.url, headers: this.headersOf(call) }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 500, headers: answerHeaders(response.headers), body: Buffer.concat(chunks) }));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The backend closed a kept connection just then; nothing of the call was handled. It closes all that are as old, so the next is a new one.
        if (request.reusedSocket && !retried && error.code === 'ECONNRESET') {
          this.once(call, true).then(resolve, reject);
        } else {
          reject(error);
        }
      });
      request.end(call.body);
    });
  }

  private headersOf(call: BackendCall): http.OutgoingHttpHeaders {
    const headers: http.OutgoingHttpHeaders = { ...call.headers, ...this.extraHeaders };
    // The signature is not checked, and the body is sent as one piece.
    delete headers['transfer-encoding'];
    delete headers.connection;
    delete headers['keep-alive'];
    delete headers.expect;
    headers['content-length'] = call.body?.length ?? 0;
    return headers;
  }

  private authorization(service: string, region: string): string {
    return `AWS4-HMAC-SHA256 Credential=${this.account}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;
  }
}

export function answerHeaders(headers: http.IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !['connection', 'keep-alive', 'transfer-encoding', 'content-length'].includes(name)) {
      kept[name] = value;
    }
  }
  return kept;
}
