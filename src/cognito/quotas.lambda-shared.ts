import * as z from 'zod';
import { QuotaCategory } from './quotas';
import { json } from '../runtime/env.lambda-shared';

/** Requests per second by quota category. The construct's type names the categories, so any other key never arrives here. */
export const quotas = json(z.record(z.string(), z.number().positive())).transform(given => given as Partial<Record<QuotaCategory, number>>);
