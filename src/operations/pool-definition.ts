import { PoolPart } from '../cognito/source-pool';
import { digestOf } from '../ledger/schema';

/** What `pool-definition` writes of an existing pool into a file, and a standby is made from. It has no secret. */
export interface PoolDefinitionFile {
  readonly schemaVersion: 1;
  readonly userPoolId: string;
  /** As sweeps copy them. */
  readonly parts: readonly PoolPart[];
  /** Ids of the app clients that have a secret: their mirrors get one of their own. */
  readonly clientsWithSecret: readonly string[];
}

/** Parts that a standby is made from; identity providers have secrets, and are made by hand. */
const MIRRORED = /^(pool|mfa|client#.*|resource-server#.*)$/;
/** What changes while the settings stay the same. */
const NO_SETTINGS = ['EstimatedNumberOfUsers', 'LastModifiedDate', 'LambdaConfig', 'Status'];

/** Fingerprint of what a standby is made from: tells whether a file is behind the pool. */
export function definitionDigest(parts: readonly PoolPart[]): string {
  const settings = parts.filter(({ part }) => MIRRORED.test(part)).map(({ part, value }) => [
    part, Object.fromEntries(Object.entries(value as object).filter(([name]) => !NO_SETTINGS.includes(name))),
  ] as const);
  return digestOf(settings.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws when the text is no such file */
export function readPoolDefinition(text: string): PoolDefinitionFile {
  const read = JSON.parse(text) as Partial<PoolDefinitionFile>;
  const { schemaVersion, userPoolId, parts } = read;
  if (schemaVersion !== 1 || typeof userPoolId !== 'string' || !Array.isArray(parts) || !parts.some(({ part }) => part === 'pool')) {
    throw new Error('it is no definition of a user pool, as `npx cognito-dr-replica pool-definition <user pool id>` writes it');
  }
  return read as PoolDefinitionFile;
}
