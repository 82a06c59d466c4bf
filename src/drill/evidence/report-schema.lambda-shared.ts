import {
  DEVIATION_CODES, DIFFERENCE_CODES, DRILL_PHASES, DRILL_STARTS, DrillFacts, ISOLATION_CODES, KNOWN_LOSSES,
} from './drill-facts';
import { DrillReport, REPORT_VERSION } from './drill-report';
import { DELETION_STATUSES, DRILL_FAILURES, TARGET_STATUSES, VALIDATION_STATUSES } from './drill-verdict';
import * as z from '../../runtime/zod.lambda-shared';
import { OUTCOMES, ReasonCode } from '../../state/outcome';

/** What a report may hold is listed here, member by member: whatever else the facts might carry does not get in. */
const text = z.string().check(z.minLength(1), z.maxLength(2_048));
/** Codes, names of exceptions, of attributes and of settings; none is as long as 128 characters. */
const code = z.string().check(z.regex(/^[\w:.-]{1,128}$/));
/** Of an attribute: an application may call one what it likes. */
const fieldName = z.string().check(z.minLength(1), z.maxLength(128));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const utc = z.iso.datetime({ precision: 3 });
const count = z.int().check(z.nonnegative());
const number = z.number().check(z.nonnegative());
const roleArn = z.string().check(z.regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/));
/** The codes grow with the library: readers take any. */
const reason = z.optional(code as z.ZodMiniType<ReasonCode, ReasonCode>);
const digest = z.object({ sha256, users: count, groups: count, memberships: count });
const template = z.object({ stack: text, sha256: z.optional(sha256), unreadable: z.optional(code) });
const phase = z.enum(DRILL_PHASES);
const targetStatus = z.enum(TARGET_STATUSES);

const facts = {
  /** Step Functions takes more in the name of an execution, an address among it. */
  id: z.string().check(z.regex(/^[\w.-]{1,80}$/)),
  executionArn: text,
  startedAt: utc,
  endedAt: utc,
  end: z.union([
    z.object({ how: z.enum(['completed', 'yielded']) }),
    z.object({ how: z.literal('failed'), phase, error: code }),
  ]),
  versions: z.object({ library: text, ledger: count, node: text }),
  templates: z.object({ primary: template, replica: template }),
  startedBy: z.object({ how: z.enum(DRILL_STARTS), roleArn: z.optional(roleArn) }),
  approvedBy: z.optional(z.object({ roleArn })),
  scenario: text,
  objective: text,
  phases: z.array(z.object({ phase, startedAt: utc, endedAt: z.optional(utc) })),
  source: z.object({ userPoolId: text, region: text }),
  moment: z.optional(z.union([
    z.object({ choice: z.literal('latest'), at: utc }),
    z.object({ choice: z.literal('random'), at: utc, seed: text, window: z.object({ from: utc, to: utc }) }),
  ])),
  scope: z.optional(z.union([
    z.object({ of: z.literal('everybody'), population: count, users: count }),
    z.object({ of: z.literal('sample'), population: count, users: count, seed: text }),
  ])),
  scratch: z.optional(z.object({ userPoolId: text, name: text, region: text, createdAt: utc })),
  isolation: z.optional(z.array(z.object({ code: z.enum(ISOLATION_CODES), seen: z.enum(['held', 'broken', 'by-permission']) }))),
  targets: z.object({ rto: z.optional(number), rpo: z.optional(number) }),
  measured: z.optional(z.object({
    restoreSeconds: number,
    recoverySeconds: number,
    usersPerSecond: number,
    extrapolated: z.optional(z.object({ users: count, recoverySeconds: number, quotaShare: number })),
    quotaShare: number,
    copyAgeSeconds: number,
    uncertainUsers: count,
  })),
  counts: z.optional(z.object({ in: count, out: z.array(z.object({ outcome: z.enum(OUTCOMES), reason, users: count })) })),
  comparison: z.optional(z.object({
    expected: digest,
    found: digest,
    differences: z.array(z.object({ code: z.enum(DIFFERENCE_CODES), field: z.optional(fieldName), reason, count })),
  })),
  knownLosses: z.optional(z.array(z.object({ code: z.enum(KNOWN_LOSSES), users: count }))),
  signIn: z.optional(z.object({
    kinds: z.array(z.object({
      kind: code,
      expected: z.enum(['signed-in', 'refused']),
      seen: z.enum(['signed-in', 'refused', 'no-such-user', 'failed']),
      error: z.optional(code),
    })),
  })),
  removal: z.optional(z.union([
    z.object({ how: z.literal('proven'), deletedAt: utc, provenAt: utc }),
    z.object({ how: z.literal('not-proven'), deletedAt: utc }),
    z.object({ how: z.literal('failed'), error: code }),
    z.object({ how: z.literal('nothing-to-remove') }),
  ])),
};
const deviation = { code: z.enum(DEVIATION_CODES), settings: z.optional(z.array(code)) };

/** What the state machine hands over. A principal of any kind is taken; only a role gets into the report. */
export const drillFacts: z.ZodMiniType<DrillFacts> = z.object({
  ...facts,
  startedBy: z.object({ how: z.enum(DRILL_STARTS), roleArn: z.optional(text) }),
  approvedBy: z.optional(z.object({ roleArn: text })),
  deviations: z.optional(z.array(z.object(deviation))),
});

/** The form of a report without its own digest, as `schemas/drill-report-1.json` publishes it with the digest. */
const report = z.object({
  reportVersion: z.literal(REPORT_VERSION),
  sequence: z.int().check(z.positive()),
  previousSha256: z.nullable(sha256),
  verdict: z.object({
    validationStatus: z.enum(VALIDATION_STATUSES),
    failures: z.array(z.enum(DRILL_FAILURES)),
    deletionStatus: z.enum(DELETION_STATUSES),
    rto: targetStatus,
    rpo: targetStatus,
  }),
  ...facts,
  deviations: z.optional(z.array(z.object({ ...deviation, owner: z.null(), dueDate: z.null() }))),
  controls: z.array(z.object({ standard: text, clause: text, supportedBy: z.array(code) })),
});

/** What is written; any member that is not listed is left out. */
export const drillReport: z.ZodMiniType<DrillReport> = report;

/** What the next report has to know of the one before it, whatever else a later version may hold. */
export const chainEnd = z.object({ id: text, sequence: z.int().check(z.positive()), sha256, endedAt: utc });

/** JSON Schema of a report as it is in the bucket. Readers have to bear members that they do not know. */
export function publishedReportSchema(): object {
  return {
    title: 'Report of a drill of cognito-dr-replica',
    ...z.toJSONSchema(z.extend(report, { sha256 }), { io: 'input' }),
  };
}
