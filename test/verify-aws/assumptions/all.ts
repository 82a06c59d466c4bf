import { ADMINISTRATION } from './administration';
import { ALARMS } from './alarms';
import { Assumption } from './assumption';
import { BILLING } from './billing';
import { CLOUDTRAIL } from './cloudtrail';
import { CONTRACT } from './contract';
import { CSV_IMPORT } from './csv-import';
import { LISTING } from './listing';
import { PRODUCT } from './product';
import { REQUEST_QUOTAS } from './quotas';
import { TRIGGER_ORDER } from './triggers';

/** In the order of a run: the product first, in a source pool that nobody else has touched; last what waits for CloudTrail. */
export const ASSUMPTIONS: readonly Assumption[] = [
  ...PRODUCT, ...LISTING, ...ADMINISTRATION, ...CONTRACT, ...TRIGGER_ORDER, ...CSV_IMPORT, ...REQUEST_QUOTAS, ...BILLING, ...ALARMS, ...CLOUDTRAIL,
];
