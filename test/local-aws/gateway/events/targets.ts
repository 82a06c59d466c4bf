import { Backend } from '../backend';

/** What a rule or a schedule starts. */
export interface Target {
  readonly Id?: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Record<string, string>; readonly InputTemplate: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

/** What became of one target. */
export interface Started {
  readonly arn: string;
  readonly input: string;
  /** Of a state machine. */
  readonly executionArn?: string;
  /** Of a function. */
  readonly answer?: unknown;
}

interface RuleOf {
  readonly Name: string;
  readonly Arn: string;
}

/** A whole string of a template, or a variable that stands outside of one. */
const STRING_OR_VARIABLE = /"(?:\\.|[^"\\])*"|<[^<>]+>/g;

/**
 * What a rule gives to a target: its own input, a part of the event, or a text with parts of it; and the event as it is where the rule says nothing.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 */
export function inputOf(event: object, target: Target, rule?: RuleOf): string {
  if (target.InputTransformer) return transformed(event, target.InputTransformer, rule);
  if (target.InputPath) return JSON.stringify(at(event, target.InputPath) ?? null);
  return target.Input ?? JSON.stringify(event);
}

function at(event: object, jsonPath: string): unknown {
  return jsonPath.split('.').slice(1).reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
}

function transformed(event: object, { InputPathsMap, InputTemplate }: NonNullable<Target['InputTransformer']>, rule?: RuleOf): string {
  const values: Record<string, unknown> = {
    'aws.events.rule-name': rule?.Name,
    'aws.events.rule-arn': rule?.Arn,
    'aws.events.event': { ...event, detail: undefined },
    'aws.events.event.json': event,
    'aws.events.event.ingestion-time': new Date().toISOString(),
    ...Object.fromEntries(Object.entries(InputPathsMap ?? {}).map(([name, jsonPath]) => [name, at(event, jsonPath) ?? ''])),
  };
  const inText = (text: string) => text.replace(/<([^<>]+)>/g, (variable, name: string) => {
    if (!(name in values)) return variable;
    const value = values[name];
    // An object inside of a string loses its quotes, so that the string ends where it should.
    return typeof value === 'string' ? value : JSON.stringify(value).replace(/"/g, '');
  });
  if (!InputTemplate.includes('"')) return inText(InputTemplate);
  return InputTemplate.replace(STRING_OR_VARIABLE, found => {
    if (found.startsWith('"')) return inText(found);
    const name = found.slice(1, -1);
    return name in values ? JSON.stringify(values[name]) : found;
  });
}

/** Gives an input to a queue, a function or a state machine. */
export class Targets {
  private readonly queueUrls = new Map<string, Promise<string>>();

  constructor(private readonly backend: Backend) {}

  /** @param waiting for the function's answer, which AWS does not; without it, whoever started it never learns that it failed */
  public async start(target: Target, input: string, waiting = false): Promise<Started> {
    const { Arn: arn } = target;
    const [, , service, region] = arn.split(':');
    switch (service) {
      case 'sqs':
        await this.backend.json('sqs', 'SendMessage', region, {
          QueueUrl: await this.queueUrl(arn), MessageBody: input, MessageGroupId: target.SqsParameters?.MessageGroupId,
        });
        return { arn, input };
      case 'states': {
        const { executionArn } = await this.backend.json<{ executionArn: string }>('states', 'StartExecution', region, { stateMachineArn: arn, input });
        return { arn, input, executionArn };
      }
      case 'lambda': {
        const { status, headers, body } = await this.backend.invoke(arn, region, input, !waiting);
        const text = body.toString('utf8');
        if (status >= 300 || headers['x-amz-function-error'] !== undefined) throw new Error(`${arn} answered ${status}: ${text}`);
        return { arn, input, ...waiting ? { answer: JSON.parse(text || 'null') as unknown } : {} };
      }
      default:
        throw new Error(`the local AWS starts queues, functions and state machines, not ${arn}`);
    }
  }

  private queueUrl(arn: string): Promise<string> {
    const known = this.queueUrls.get(arn) ?? this.backend.queueUrl(arn);
    this.queueUrls.set(arn, known);
    known.catch(() => this.queueUrls.delete(arn));
    return known;
  }
}
