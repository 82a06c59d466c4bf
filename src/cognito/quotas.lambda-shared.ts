import { QuotaCategory } from './quotas';
import { json } from '../runtime/env.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';

/** Requests per second by quota category. The construct's type names the categories, so any other key never arrives here. */
export const quotas = z.pipe(
  json(z.record(z.string(), z.number().check(z.positive()))),
  z.transform((given: Record<string, number>) => given as Partial<Record<QuotaCategory, number>>),
);
