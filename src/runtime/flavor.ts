declare const flavor: unique symbol;

/**
 * A string or number that must not be mixed up with others of its type. It exists for the compiler alone: a plain value fits every flavor, and a
 * value of one flavor fits no other.
 */
export type Flavor<T extends string | number, Name extends string> = T & { readonly [flavor]?: Name };

/** A moment, in milliseconds since the epoch. */
export type EpochMilliseconds = Flavor<number, 'EpochMilliseconds'>;

/** A moment, in seconds since the epoch, as DynamoDB's TTL wants it. */
export type EpochSeconds = Flavor<number, 'EpochSeconds'>;
