import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parametersOf, protocolOf } from './parameters';
import { AwsRequest, header } from '../request';

export interface Reference {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
}

export interface Shape {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'character' | 'integer' | 'long' | 'float' | 'double' | 'boolean' | 'timestamp' | 'blob';
  readonly members?: Readonly<Record<string, Reference>>;
  readonly required?: readonly string[];
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly payload?: string;
  readonly flattened?: boolean;
  /** Any JSON. */
  readonly document?: boolean;
}

export interface Operation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string };
  readonly input?: Reference;
  /** `none` where a call needs no credentials. */
  readonly authtype?: string;
}

/** A description of one service, as AWS publishes it. */
export interface ServiceModel {
  readonly metadata: { readonly protocol: string; readonly protocols?: readonly string[]; readonly targetPrefix?: string };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Where a model's directory is not called after the signing name of its service. */
const DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  states: ['stepfunctions'],
  dynamodb: ['dynamodb', 'dynamodbstreams'],
  monitoring: ['cloudwatch'],
  tagging: ['resourcegroupstaggingapi'],
  servicequotas: ['service-quotas'],
};

/** What a request asks for, in the words of its service's model. */
export interface ModelledCall {
  readonly model: ServiceModel;
  readonly operation: Operation;
  /** Members that were sent, wherever in the request they stand. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Query parameters that belong to no member. */
  readonly unknown: readonly string[];
}

/**
 * The models of AWS's services, as botocore carries them. They are in the virtual environment of ministack, which needs botocore itself.
 * @see https://smithy.io/2.0/spec/http-bindings.html
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export class ServiceModels {
  /** Of the environment of that Python. */
  public static of(python: string): ServiceModels {
    const lib = path.join(path.dirname(path.dirname(python)), 'lib');
    const version = readdirSync(lib).find(name => name.startsWith('python'))!;
    return new ServiceModels(path.join(lib, version, 'site-packages', 'botocore', 'data'));
  }

  private readonly read = new Map<string, readonly ServiceModel[]>();

  /** @param directory botocore's `data` */
  constructor(private readonly directory: string) {}

  /** `undefined` where AWS has no such operation, as far as its models say. */
  public call(request: AwsRequest): ModelledCall | undefined {
    for (const model of this.modelsOf(request.service)) {
      const operation = operationOf(model, request);
      if (operation) {
        return { model, operation, ...parametersOf(model, operation, request) };
      }
    }
    return undefined;
  }

  /** `undefined` where there is none. */
  public operation(service: string, name: string): Operation | undefined {
    return this.modelsOf(service).flatMap(model => model.operations[name] ?? [])[0];
  }

  private modelsOf(service: string): readonly ServiceModel[] {
    const known = this.read.get(service);
    if (known) {
      return known;
    }
    const models = (DIRECTORIES[service] ?? [service]).flatMap(name => this.newest(name));
    this.read.set(service, models);
    return models;
  }

  private newest(name: string): ServiceModel[] {
    // The signing name comes from the request.
    if (!/^[\w-]+$/.test(name)) {
      return [];
    }
    let versions: string[];
    try {
      versions = readdirSync(path.join(this.directory, name)).sort();
    } catch {
      return [];
    }
    const file = path.join(this.directory, name, versions.at(-1)!, 'service-2.json.gz');
    return [JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as ServiceModel];
  }
}

function operationOf(model: ServiceModel, request: AwsRequest): Operation | undefined {
  const protocol = protocolOf(model, request);
  if (protocol === 'json') {
    const target = header(request.headers, 'x-amz-target') ?? '';
    const at = target.lastIndexOf('.');
    return target.slice(0, at) === model.metadata.targetPrefix ? model.operations[target.slice(at + 1)] : undefined;
  }
  if (protocol === 'query') {
    return model.operations[request.operation];
  }
  return restOperation(model, request);
}

/** The operation whose template names most of what the request's path and query say. */
function restOperation(model: ServiceModel, { method, url, headers }: AwsRequest): Operation | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  let best: { operation: Operation; score: number } | undefined;
  for (const operation of Object.values(model.operations)) {
    const [template, query = ''] = operation.http.requestUri.split('?');
    if (operation.http.method !== method || !uriPattern(template).test(pathname)) {
      continue;
    }
    const wanted = [...new URLSearchParams(query)];
    if (!wanted.every(([name, value]) => searchParams.get(name) === value)) {
      continue;
    }
    const { members = {}, required = [] } = model.shapes[operation.input?.shape ?? ''] ?? {};
    const at = (place: Reference['location']) => required.filter(name => members[name].location === place).map(name => members[name].locationName ?? name);
    const needed = at('querystring');
    // S3 copies and uploads at one address; a header says which of them it is.
    const heads = at('header');
    if (!needed.every(name => searchParams.has(name)) || (model.metadata.protocol === 'rest-xml' && !heads.every(name => name.toLowerCase() in headers))) {
      continue;
    }
    const literal = template.split('/').filter(part => part && !part.startsWith('{')).length;
    const score = literal * 100 + (wanted.length + needed.length + heads.length) * 10 + template.split('/').length;
    if (!best || score > best.score) {
      best = { operation, score };
    }
  }
  return best?.operation;
}

const PATTERNS = new Map<string, RegExp>();

/** A path of that template, its labels as groups of the same name. */
export function uriPattern(template: string): RegExp {
  const known = PATTERNS.get(template);
  if (known) {
    return known;
  }
  const source = template.replace(/\/+$/, '').split(/(\{[^}]+\})/).map(part => part.startsWith('{')
    ? `(?<${part.replace(/[{}+]/g, '').replace(/\W/g, '_')}>${part.includes('+') ? '.+' : '[^/]+'})`
    : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${source.join('')}/?$`);
  PATTERNS.set(template, pattern);
  return pattern;
}
