import validate from 'asl-validator';
import { Template } from 'aws-cdk-lib/assertions';
import { text } from './templates';

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Retry?: object[];
  readonly Choices?: { Variable: string; StringEquals?: string; BooleanEquals?: boolean; Next: string }[];
  readonly [property: string]: unknown;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Record<string, State>;
  readonly TimeoutSeconds: number;
}

/** The definition of the state machine of a template, or of that part where it has several, with a plausible ARN wherever CloudFormation puts one. */
export function definitionOf(template: Template, part = ''): Definition {
  const [, machine] = Object.entries(template.findResources('AWS::StepFunctions::StateMachine')).find(([id]) => id.includes(part))!;
  const definition = text(machine.Properties.DefinitionString)
    .replace(/\$\{AWS::Partition\}/g, 'aws')
    .replace(/\$\{(\w+)\.Arn\}/g, 'arn:aws:lambda:us-east-1:111122223333:function:$1');
  return JSON.parse(definition);
}

/** The states of one type, with their names. */
export function statesOf(definition: Definition, type: string): [string, State][] {
  return Object.entries(definition.States).filter(([, state]) => state.Type === type);
}

/** Where a Choice goes for a value of its variable. */
export function chosen(choice: State, value: string | boolean): string | undefined {
  return choice.Choices?.find(rule => (rule.StringEquals ?? rule.BooleanEquals) === value)?.Next ?? choice.Default;
}

/** What is wrong with a definition as Amazon States Language; nothing, one hopes. */
export function problemsOf(definition: Definition): string[] {
  return validate(definition).errors.map(error => JSON.stringify(error));
}
