import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import { answerHeaders, Backend } from './backend';
import { DROP, Part } from './part';
import { AwsAnswer, AwsRequest, errorAnswer, header, jsonAnswer, parseHead, parseInput, regionInIds, RequestHead } from './request';

/** Services whose calls are streamed through; all others are read whole, so that parts can look into them. */
const STREAMED = new Set(['s3']);
const DEFAULT_REGION = 'us-east-1';

export type Hook = (question: Record<string, unknown>) => Promise<object>;

/** A reverse proxy before ministack, for the CDK CLI, for tests, and for the Lambdas that ministack runs. */
export class Gateway {
  private readonly server: http.Server;
  private readonly parts: Part[] = [];
  private readonly hooks = new Map<string, Hook>();
  private closed = false;

  constructor(private readonly backend: Backend, private readonly account: string) {
    this.server = http.createServer((incoming, outgoing) => {
      this.handle(incoming, outgoing).catch((error: Error) => {
        // A call that was under way when the gateway closed has no caller left.
        if (this.closed || outgoing.headersSent) {
          outgoing.destroy();
        } else {
          write(outgoing, errorAnswer('ServiceUnavailableException', `the local AWS could not forward the call: ${error.message}`, 503));
        }
      });
    });
    // No connection is closed because nothing was asked for a while: on a busy machine, a client may be about to ask just then.
    this.server.keepAliveTimeout = 0;
    this.server.requestTimeout = 0;
  }

  public use(part: Part): void {
    this.parts.push(part);
  }

  /** What ministack itself asks in the middle of a call; no part sees it. */
  public answer(hook: string, answering: Hook): void {
    this.hooks.set(`/_local-aws/${hook}`, answering);
  }

  /** One line for each part that stands in for something of AWS. */
  public get standIns(): string[] {
    return this.parts.flatMap(part => part.standIn ? [`${part.name}: ${part.standIn}`] : []);
  }

  public async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  public async close(): Promise<void> {
    this.closed = true;
    for (const part of this.parts) {
      await part.close?.();
    }
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
    this.backend.close();
  }

  private async handle(incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    const hook = this.hooks.get(incoming.url ?? '');
    if (hook) {
      write(outgoing, jsonAnswer(200, await hook(parseInput(await readAll(incoming), 'application/json'))));
      return;
    }
    const head = parseHead(incoming.url ?? '/', incoming.headers);
    const whole = head.service !== undefined && !STREAMED.has(head.service);
    const body = whole ? await readAll(incoming) : Buffer.alloc(0);
    const request = await this.parse(incoming, head, body);
    const early = await this.orDropped(request, this.before(request));
    if (early === DROP) {
      this.drop(request);
      outgoing.destroy();
      incoming.destroy();
    } else if (early) {
      incoming.resume();
      write(outgoing, await this.orDropped(request, this.after(request, early)));
    } else if (whole) {
      write(outgoing, await this.orDropped(request, this.backend.send(request).then(async answer => this.after(request, answer))));
    } else {
      await this.stream(incoming, outgoing);
    }
  }

  /** A part may hold something until the call ends, which it does where it fails as well. */
  private async orDropped<T>(request: AwsRequest, step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      this.drop(request);
      throw error;
    }
  }

  private drop(request: AwsRequest): void {
    this.parts.forEach(part => part.dropped?.(request));
  }

  private async before(request: AwsRequest): Promise<AwsAnswer | typeof DROP | undefined> {
    for (const part of this.parts) {
      const answer = await part.before?.(request);
      if (answer) {
        return answer;
      }
    }
    return undefined;
  }

  private async after(request: AwsRequest, first: AwsAnswer): Promise<AwsAnswer> {
    let answer = first;
    for (const part of [...this.parts].reverse()) {
      answer = await part.after?.(request, answer) ?? answer;
    }
    return answer;
  }

  private async parse(incoming: http.IncomingMessage, head: RequestHead, body: Buffer): Promise<AwsRequest> {
    const url = incoming.url ?? '/';
    const method = incoming.method ?? 'GET';
    const input = parseInput(body, header(incoming.headers, 'content-type'));
    const operation = head.target ?? (typeof input.Action === 'string' ? input.Action : `${method} ${url.split('?')[0]}`);
    const region = head.region ?? regionInIds(input) ?? await this.regionOfClient(input.ClientId ?? clientIdIn(url)) ?? DEFAULT_REGION;
    return {
      service: head.service ?? 'unknown', operation, region, account: head.account ?? this.account, caller: head.caller, method, url, headers: incoming.headers, body, input,
    };
  }

  /** Sign-up and sign-in are not signed; the part that knows the app clients sets this. */
  public regionOfClient: (clientId: unknown) => Promise<string | undefined> = () => Promise.resolve(undefined);

  private stream(incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: '127.0.0.1', port: this.backend.port, agent: this.backend.agent, method: incoming.method, path: incoming.url, headers: incoming.headers,
      }, response => {
        outgoing.writeHead(response.statusCode ?? 500, answerHeaders(response.headers));
        response.pipe(outgoing);
        response.on('end', resolve);
        response.on('error', reject);
      });
      request.on('error', reject);
      incoming.on('aborted', () => request.destroy());
      incoming.pipe(request);
    });
  }
}

/** The app client of a page of managed login. */
function clientIdIn(url: string): string | undefined {
  return /[?&]client_id=([\w+]+)/.exec(url)?.[1];
}

async function readAll(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function write(outgoing: http.ServerResponse, answer: AwsAnswer): void {
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  outgoing.end(answer.body);
}
