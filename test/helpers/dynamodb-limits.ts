import { LEDGER, LOOK_UP_INDEXES } from '../../src/ledger/constants';

/**
 * Sizes that DynamoDB does not exceed.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const ITEM_BYTES = 400 * 1_024;
export const PARTITION_KEY_BYTES = 2_048;
export const SORT_KEY_BYTES = 1_024;

/** A key of the table or of one of its indexes, and how much of it DynamoDB takes. An item without the attribute is not in that index. */
export interface KeyLimit {
  readonly attribute: string;
  readonly bytes: number;
}

/** The keys of the ledger's table and of its indexes, whose sort keys are the table's keys. */
export const LEDGER_KEYS: readonly KeyLimit[] = [
  ...[
    LEDGER.PARTITION_KEY, LEDGER.DIGEST_INDEX_PARTITION_KEY, LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY,
    ...Object.values(LOOK_UP_INDEXES).map(({ key }) => key),
  ].map(attribute => ({ attribute, bytes: PARTITION_KEY_BYTES })),
  { attribute: LEDGER.SORT_KEY, bytes: SORT_KEY_BYTES },
];

/** Whether DynamoDB would refuse an item of plain values, whatever is stored so far. */
export function isRefused(item: Readonly<Record<string, unknown>>, keys: readonly KeyLimit[]): boolean {
  return sizeOfFields(item) > ITEM_BYTES || keys.some(({ attribute, bytes }) => isTooLong(item[attribute], bytes));
}

function isTooLong(key: unknown, bytes: number): boolean {
  return typeof key === 'string' && Buffer.byteLength(key) > bytes;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  // A byte for two digits, and one more.
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, one) => sum + 1 + sizeOf(one), 0);
  if (value !== null && typeof value === 'object') return 3 + Object.keys(value).length + sizeOfFields(value);
  return 1;
}

/** Bytes of an item, or of a part of it. */
export function sizeOfFields(fields: object): number {
  return Object.entries(fields).filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
}
