import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

const EMPTY = hex('');

/**
 * Signs a request without a body as S3 wants it (Signature Version 4).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function sign(request: SignedRequest, region: string, credentials: Credentials, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    'host': request.url.host,
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': time,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  };
  const names = Object.keys(headers).sort();
  const query = [...request.url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join('&');
  const canonical = [
    request.method, request.url.pathname, query, ...names.map(name => `${name}:${headers[name]}`), '', names.join(';'), EMPTY,
  ].join('\n');
  const key = [time.slice(0, 8), region, 's3', 'aws4_request'].reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hex(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  // fetch sets the host itself.
  const { host: _, ...sent } = headers;
  return { ...sent, authorization };
}

export interface Version {
  readonly key: string;
  readonly versionId: string;
}

/** Versions and delete markers in the answer to ListObjectVersions. */
export function versionsIn(xml: string): Version[] {
  const entries = xml.match(/<(Version|DeleteMarker)>.*?<\/\1>/gs) ?? [];
  return entries.map(entry => ({ key: unescaped(textOf(entry, 'Key')), versionId: textOf(entry, 'VersionId') }));
}

/**
 * The one bucket that a run may make, the trail's. It stays when its stack goes, because CloudFormation cannot delete one that has files. A few
 * calls, for which the client of S3 is not worth a dependency.
 */
export class Bucket {
  constructor(
    private readonly name: string, private readonly region: string, private readonly endpoint: string, private readonly credentials: Credentials,
  ) {}

  /** Deletes it with everything in it. */
  public async delete(): Promise<void> {
    for (;;) {
      const versions = versionsIn(await this.send('GET', '', { versions: '' }));
      if (versions.length === 0) break;
      for (const { key, versionId } of versions) await this.send('DELETE', key, { versionId });
    }
    await this.send('DELETE', '');
  }

  public async exists(): Promise<boolean> {
    return (await this.answer('GET', '', { versions: '' })).status !== 404;
  }

  private async send(method: string, key: string, query: Record<string, string> = {}): Promise<string> {
    const response = await this.answer(method, key, query);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} of the bucket ${this.name} was answered with ${response.status} ${textOf(text, 'Code')}`);
    return text;
  }

  private async answer(method: string, key: string, query: Record<string, string>): Promise<Response> {
    const url = new URL(`${this.endpoint}/${this.name}${key ? `/${key.split('/').map(encoded).join('/')}` : ''}`);
    Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, value));
    return fetch(url, { method, headers: sign({ method, url, headers: {} }, this.region, this.credentials, new Date()) });
  }
}

function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: '\'', amp: '&' })[name]!);
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
