import { createHash } from 'crypto';
import { MOST_SAMPLE_USERS, SAMPLE_USERS } from './constants';
import { DrillBeginning } from './drill-worker';
import { DRILL_STARTS, DrillFacts, DrillStart } from './evidence/drill-facts';
import { SCHEMA_VERSION } from '../ledger/schema';
import { InvalidInput, readExecutionInput, share, text } from '../runtime/execution-input.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';

const A_MOMENT = 'want "latest" or "random"';
const DAYS = 'want a number of days, at least 1';
const USERS = `want "everybody", or a number of users from 1 to ${MOST_SAMPLE_USERS}`;
const A_ROLE = 'the ARN of a role';
const SECONDS = 'want a number of seconds, above 0';
/** As much as the form of the report takes. */
const MOST_CHARACTERS = 2_048;
const reported = (what: string) =>
  z.optional(text(what).check(z.maxLength(MOST_CHARACTERS, `want ${what}, of at most ${MOST_CHARACTERS} characters`)));
const SCHEMA = z.strictObject({
  moment: z._default(z.enum(['latest', 'random'], A_MOMENT), 'latest'),
  windowDays: z.optional(z.number(DAYS).check(z.minimum(1, DAYS))),
  users: z._default(
    z.union([z.literal('everybody'), z.int(USERS).check(z.minimum(1, USERS), z.maximum(MOST_SAMPLE_USERS, USERS))], USERS), SAMPLE_USERS,
  ),
  seed: reported('a text that decides what is drawn'),
  scenario: reported('what is rehearsed, in a sentence'),
  objective: reported('what is to be shown, in a sentence'),
  startedBy: z._default(z.enum(DRILL_STARTS, `want one of ${DRILL_STARTS.join(', ')}`), 'operator'),
  startedByRole: reported(A_ROLE),
  approvedBy: reported(A_ROLE),
  targetRto: z.optional(z.number(SECONDS).check(z.positive(SECONDS))),
  targetRpo: z.optional(z.number(SECONDS).check(z.positive(SECONDS))),
  quotaShare: share(0.3),
}, 'want a JSON object, such as {}');

interface DrillInput {
  readonly moment: 'latest' | 'random';
  /** How far a random moment may lie back; absent: as far as the ledger does. */
  readonly windowDays?: number;
  readonly users: number | 'everybody';
  readonly seed?: string;
  readonly scenario?: string;
  readonly objective?: string;
  readonly startedBy: DrillStart;
  readonly startedByRole?: string;
  readonly approvedBy?: string;
  /** Seconds. */
  readonly targetRto?: number;
  readonly targetRpo?: number;
  /** Share of each Cognito quota to use, 0 < share <= 1. */
  readonly quotaShare: number;
}

/** What the state machine says of an execution. */
export interface DrillCall {
  /** Name of the execution: the id of the drill. */
  readonly execution: string;
  readonly executionArn: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly input: unknown;
}

/** What a drill's report says of where it ran. */
export interface DrillPlace {
  /** Of the source pool. */
  readonly region: string;
  /** Version of this library. */
  readonly library: string;
  readonly templates: DrillFacts['templates'];
}

/** The id is in names of files: the name of an execution may be anything, an address as well. */
const ID = /^[\w.-]{1,80}$/;
const SEED_DIGITS = 32;
const SCENARIO = 'The user pool is lost, and its users are brought back from the copy in the other Region';
const OBJECTIVE = 'Everybody whom the copy has comes back as they were, and can sign in';

/** What the drill is to do, or in one sentence why not. The seed is kept: a drill can be drawn again. */
export function drillBeginning(
  { execution, executionArn, startedAt, input: given }: DrillCall, { region, library, templates }: DrillPlace,
): DrillBeginning | { readonly message: string } {
  if (!ID.test(execution)) return { message: 'name: want letters, digits, ".", "_" and "-" in the name of the execution, which names the report' };
  const input = readDrillInput(given);
  if ('message' in input) return input;
  const { moment, windowDays, users, quotaShare, startedBy, startedByRole, approvedBy, scenario, objective, targetRto, targetRpo } = input;
  const seed = input.seed ?? createHash('sha256').update(`${executionArn}\n${startedAt}`).digest('hex').slice(0, SEED_DIGITS);
  return {
    order: { seed, moment, windowDays, users, quotaShare },
    facts: {
      id: execution,
      executionArn,
      templates,
      startedAt: new Date(startedAt).toISOString(),
      versions: { library, ledger: SCHEMA_VERSION, node: process.version },
      startedBy: { how: startedBy, roleArn: startedByRole },
      approvedBy: approvedBy === undefined ? undefined : { roleArn: approvedBy },
      scenario: scenario ?? SCENARIO,
      objective: objective ?? OBJECTIVE,
      source: { userPoolId: '', region },
      targets: { rto: targetRto, rpo: targetRpo },
    },
  };
}

function readDrillInput(given: unknown): DrillInput | { readonly message: string } {
  try {
    return readExecutionInput(SCHEMA, given, 'a drill');
  } catch (error) {
    if (error instanceof InvalidInput) return { message: error.message };
    throw error;
  }
}
