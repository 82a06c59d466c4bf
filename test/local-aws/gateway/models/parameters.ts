import { Operation, Reference, ServiceModel, Shape, uriPattern } from './service-models';
import { AwsRequest, header } from '../request';

type Members = Record<string, unknown>;

/**
 * The members of a request's input, and query parameters that are none.
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function parametersOf(model: ServiceModel, operation: Operation, request: AwsRequest): { input: Members; unknown: string[] } {
  const shape = operation.input && model.shapes[operation.input.shape];
  switch (protocolOf(model, request)) {
    case 'json':
      return { input: { ...request.input }, unknown: [] };
    case 'query':
      return new QueryParameters(model, request.input).read(shape);
    default:
      return { input: shape ? restInput(model, operation, shape, request) : {}, unknown: [] };
  }
}

/** CloudWatch speaks several, and the SDK's clients choose JSON, in which the head names the operation. */
export function protocolOf({ metadata: { protocol, protocols = [] } }: ServiceModel, { headers }: AwsRequest): string {
  return protocols.includes('json') && header(headers, 'x-amz-target') !== undefined ? 'json' : protocol;
}

function restInput(model: ServiceModel, operation: Operation, shape: Shape, request: AwsRequest): Members {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const labels = uriPattern(operation.http.requestUri.split('?')[0]).exec(pathname)?.groups ?? {};
  const input: Members = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = restValue(model, name, member, { labels, searchParams, request });
    if (value !== undefined) {
      input[name] = value;
    }
  }
  // S3's bodies are XML, or the object itself.
  if (model.metadata.protocol === 'rest-json' && !shape.payload) {
    const byLocation = new Map(Object.entries(shape.members ?? {}).map(([name, member]) => [member.locationName ?? name, name]));
    for (const [name, value] of Object.entries(request.input)) {
      input[byLocation.get(name) ?? name] = value;
    }
  }
  return input;
}

interface Places {
  readonly labels: Record<string, string>;
  readonly searchParams: URLSearchParams;
  readonly request: AwsRequest;
}

function restValue(model: ServiceModel, name: string, member: Reference, { labels, searchParams, request }: Places): unknown {
  const at = member.locationName ?? name;
  const shape = model.shapes[member.shape];
  switch (member.location) {
    case 'uri': {
      const label = labels[at.replace(/\W/g, '_')];
      return label === undefined ? undefined : scalar(shape, decodeURIComponent(label));
    }
    case 'querystring':
      if (!searchParams.has(at)) {
        return undefined;
      }
      return shape.type === 'list' ? searchParams.getAll(at) : scalar(shape, searchParams.get(at)!);
    case 'header': {
      const value = header(request.headers, at.toLowerCase());
      return value === undefined || shape.type === 'list' ? undefined : scalar(shape, value);
    }
    default:
      return undefined;
  }
}

/** A value that came as text; one that is no such value stays text, and is refused for its type. */
function scalar(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

/**
 * Structures as the query protocol flattens them: `Tags.member.1.Key`.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
class QueryParameters {
  private readonly used = new Set<string>(['Action', 'Version']);
  private readonly names: readonly string[];

  constructor(private readonly model: ServiceModel, private readonly parameters: Readonly<Record<string, unknown>>) {
    this.names = Object.keys(parameters);
  }

  public read(shape: Shape | undefined): { input: Members; unknown: string[] } {
    const input = shape ? this.structure(shape, '') as Members : {};
    return { input, unknown: this.names.filter(name => !this.used.has(name)) };
  }

  private value(reference: Reference, at: string): unknown {
    const shape = this.model.shapes[reference.shape];
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, `${at}.`);
      case 'list':
        return this.list(shape, at);
      case 'map':
        return this.map(shape, at);
      default: {
        this.used.add(at);
        return scalar(shape, String(this.parameters[at]));
      }
    }
  }

  private structure(shape: Shape, prefix: string): Members {
    const members: Members = {};
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const at = `${prefix}${member.locationName ?? name}`;
      if (this.has(at)) {
        members[name] = this.value(member, at);
      }
    }
    return members;
  }

  private list(shape: Shape, at: string): unknown[] {
    // An empty list is sent as the name alone.
    this.used.add(at);
    const prefix = shape.flattened ? at : `${at}.${shape.member!.locationName ?? 'member'}`;
    const values: unknown[] = [];
    for (let index = 1; this.has(`${prefix}.${index}`); index++) {
      values.push(this.value(shape.member!, `${prefix}.${index}`));
    }
    return values;
  }

  private map(shape: Shape, at: string): Members {
    this.used.add(at);
    const prefix = shape.flattened ? at : `${at}.entry`;
    const entries: Members = {};
    for (let index = 1; this.has(`${prefix}.${index}`); index++) {
      const key = String(this.value(shape.key!, `${prefix}.${index}.${shape.key!.locationName ?? 'key'}`));
      entries[key] = this.value(shape.value!, `${prefix}.${index}.${shape.value!.locationName ?? 'value'}`);
    }
    return entries;
  }

  private has(at: string): boolean {
    return this.names.some(name => name === at || name.startsWith(`${at}.`));
  }
}
