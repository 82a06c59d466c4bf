import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { Region } from './port';

/** A template as CloudFormation has it, which is what was deployed. */
export interface Template {
  readonly Resources: Readonly<Record<string, {
    readonly Type: string;
    readonly DeletionPolicy?: string;
    readonly Properties?: Readonly<Record<string, unknown>>;
  }>>;
}

export async function templateOf({ cloudFormation }: Region, StackName: string): Promise<Template> {
  const { TemplateBody } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  return JSON.parse(TemplateBody!) as Template;
}
