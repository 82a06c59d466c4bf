import { createHash } from 'crypto';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { BEGIN_STATUS } from './constants';
import { DrillCall, drillBeginning } from './drill-input.lambda-shared';
import { DrillBeginning } from './drill-worker';
import { TemplateDigest } from './evidence/drill-facts';
import { limitedTo } from '../runtime/call-limits';
import { json, readEnv } from '../runtime/env.lambda-shared';
import { ENV_DRILL_STACKS, ENV_LIBRARY_VERSION } from '../runtime/environment';
import { errorName } from '../runtime/error-name';
import { withPublicErrors } from '../runtime/public-error';
import * as z from '../runtime/zod.lambda-shared';

const STACK = z.object({ stack: z.string(), region: z.string() });
const env = readEnv(z.object({ [ENV_DRILL_STACKS]: json(z.object({ primary: STACK, replica: STACK })), [ENV_LIBRARY_VERSION]: z.string() }));
const { primary, replica } = env[ENV_DRILL_STACKS];

/** A Region that does not answer must not hold a drill up: it is one of those that drills are for. Milliseconds. */
const TIMEOUT = 5_000;
const MAX_ATTEMPTS = 2;

type Begun =
  | { readonly status: typeof BEGIN_STATUS.BEGUN; readonly beginning: DrillBeginning }
  | { readonly status: typeof BEGIN_STATUS.REFUSED; readonly message: string };

export const handler = withPublicErrors(async (call: DrillCall): Promise<Begun> => {
  const library = env[ENV_LIBRARY_VERSION];
  const templates = { primary: await templateDigest(primary), replica: await templateDigest(replica) };
  const beginning = drillBeginning(call, { region: primary.region, library, templates });
  return 'message' in beginning ? { status: BEGIN_STATUS.REFUSED, ...beginning } : { status: BEGIN_STATUS.BEGUN, beginning };
});

/** The digest of a template as CloudFormation has it, or why it could not be read. */
async function templateDigest({ stack, region }: z.infer<typeof STACK>): Promise<TemplateDigest> {
  const client = new CloudFormationClient({ region, ...limitedTo({ attempts: MAX_ATTEMPTS, connection: TIMEOUT, answer: TIMEOUT }) });
  try {
    const { TemplateBody: body = '' } = await client.send(new GetTemplateCommand({ StackName: stack }));
    return { stack, sha256: createHash('sha256').update(body).digest('hex') };
  } catch (error) {
    return { stack, unreadable: errorName(error) };
  }
}
