import { ADDRESSES, flagOf, isTrue } from '../../cognito/attribute-values';
import { isFederated } from '../../cognito/identities';
import { UserPoolId } from '../../cognito/ids';
import { DescribedUserPool } from '../../cognito/pool-settings';
import { gradeOf } from '../../ledger/directory-as-of';
import { Grade } from '../../ledger/image-at';
import { UserRow } from '../../ledger/schema';
import { ExportFormat } from '../choices';

/** One line of `users.jsonl`. Fields are only ever added. */
export interface ExportedUser {
  readonly sub: string;
  readonly username: string;
  readonly signInName?: string;
  readonly status: string;
  readonly enabled: boolean;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly modifiedAt: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly mfa?: { readonly enabled: readonly string[]; readonly preferred?: string };
  /** The `sub` that applications know, of somebody who was brought back. */
  readonly firstSub?: string;
  /** How sure it is that the user was so at the moment; absent where it is certain. */
  readonly certainty?: Exclude<Grade, 'certain'>;
}

export function exportedUser(row: UserRow, groups: readonly string[]): ExportedUser {
  const { sub, username, signInName, status, enabled, createdAt, modifiedAt, attributes, mfa, firstSub } = row;
  const grade = gradeOf(row);
  return {
    sub,
    username,
    signInName,
    status,
    enabled,
    createdAt: new Date(createdAt).toISOString(),
    modifiedAt: new Date(modifiedAt).toISOString(),
    attributes,
    groups,
    mfa: mfa && { enabled: mfa.enabled, preferred: mfa.preferred },
    firstSub,
    ...grade === 'certain' ? {} : { certainty: grade },
  };
}

/** Why Cognito's import would not take a user. */
export type LeftOut = 'federated' | 'no-verified-address' | 'line-break' | 'backslash' | 'too-long';

/**
 * What one import takes.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
 */
export const CSV_LIMITS = { ROWS: 500_000, ROW_CHARACTERS: 16_000, BYTES: 100_000_000 } as const;
const USERNAME = 'cognito:username';
const MFA = 'cognito:mfa_enabled';

/** The columns of GetCSVHeader: every attribute of the pool that an import may set. */
export function csvColumns({ SchemaAttributes = [] }: DescribedUserPool): string[] {
  const own = SchemaAttributes.flatMap(({ Name }) => Name ?? []).filter(name => name !== 'sub' && name !== 'identities');
  return [...own, MFA, USERNAME];
}

/** A row of Cognito's CSV: commas are escaped by a backslash, a date of birth is turned round; or why the user is left out. */
export function csvRow(row: UserRow, columns: readonly string[]): { readonly row: string } | { readonly leftOut: LeftOut } {
  const { attributes, username, signInName, mfa } = row;
  if (isFederated(row)) return { leftOut: 'federated' };
  if (!ADDRESSES.some(address => attributes[address] && isTrue(attributes[flagOf(address)]))) return { leftOut: 'no-verified-address' };
  const cells = columns.map(name => {
    if (name === USERNAME) return signInName ?? username;
    if (name === MFA) return String((mfa?.enabled.length ?? 0) > 0);
    const value = attributes[name] ?? '';
    return name === 'birthdate' ? value.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$2/$3/$1') : value;
  });
  if (cells.some(cell => /[\r\n]/.test(cell))) return { leftOut: 'line-break' };
  // It would escape the comma behind it, and the next column be taken for a part of this one.
  if (cells.some(cell => /\\(?:,|$)/.test(cell))) return { leftOut: 'backslash' };
  const line = cells.map(cell => cell.replace(/,/g, '\\,')).join();
  return line.length > CSV_LIMITS.ROW_CHARACTERS ? { leftOut: 'too-long' } : { row: line };
}

export interface ExportedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly lines: number;
}

/** `manifest.json`, and the document of `export --json`. Written last: without it, an export is not whole. */
export interface ExportManifest {
  readonly schemaVersion: 1;
  readonly userPoolId: UserPoolId;
  readonly format: ExportFormat;
  /** ISO 8601; the moment of the export, or the one that was asked for. */
  readonly asOf: string;
  readonly users: number;
  /** Users by how sure it is that they were so. */
  readonly certainty: Readonly<Partial<Record<Grade, number>>>;
  /** Users whom the format does not take, by reason. */
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
  readonly files: readonly ExportedFile[];
}
