import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DrillFacts } from './drill-facts';
import { evidencePort } from './evidence-port.lambda-shared';
import { drillFacts } from './report-schema.lambda-shared';
import { S3EvidenceStore } from './s3-evidence-store.lambda-shared';
import { writeEvidence, WrittenEvidence } from './write-evidence';
import { systemClock as clock } from '../../runtime/clock';
import { readEnv } from '../../runtime/env.lambda-shared';
import { ENV_DRILL_TABLE, ENV_EVIDENCE_BUCKET, ENV_EVIDENCE_LOCK_YEARS, ENV_EVIDENCE_SUBS } from '../../runtime/environment';
import { naming } from '../../runtime/name-operations.lambda-shared';
import { withPublicErrors } from '../../runtime/public-error';
import { logger } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { mostDiffering } from '../most-differing.lambda-shared';

const text = z.string().check(z.minLength(1));
const env = readEnv(z.object({
  [ENV_DRILL_TABLE]: text,
  [ENV_EVIDENCE_BUCKET]: text,
  [ENV_EVIDENCE_LOCK_YEARS]: z.optional(z.coerce.number().check(z.positive())),
  [ENV_EVIDENCE_SUBS]: z.enum(['true', 'false']),
}));
const log = logger('write-evidence');
const store = new S3EvidenceStore(naming(new S3Client()), { bucket: env[ENV_EVIDENCE_BUCKET], lockYears: env[ENV_EVIDENCE_LOCK_YEARS], clock });
const dynamodb = naming(new DynamoDBClient());
const differing = env[ENV_EVIDENCE_SUBS] === 'true' ? async (drill: string) => mostDiffering(dynamodb, env[ENV_DRILL_TABLE], drill) : undefined;

export const handler = withPublicErrors(async ({ facts }: { readonly facts: DrillFacts }): Promise<WrittenEvidence> => {
  const written = await writeEvidence(drillFacts.parse(facts), evidencePort(store, differing));
  log.info('report written', { drill: facts.id, sequence: written.sequence });
  return written;
});
