import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Ask } from './ask';
import { ExportFormat } from './choices';
import { CliError, EXIT, ExitCode } from './cli-error';
import { CSV_LIMITS, ExportManifest, ExportedFile, LeftOut, csvColumns, csvRow, exportedUser } from './commands/export';
import { inUtcAndLocal, momentGiven } from './moments';
import { checkReachable, ledgerOf } from './read-ledger';
import { DescribedUserPool } from '../cognito/pool-settings';
import { gradeOf, ledgerAt } from '../ledger/directory-as-of';
import { Grade } from '../ledger/image-at';
import { SHARDS, UserRow } from '../ledger/schema';
import { systemClock } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';

const READS_AT_ONCE = 16;
/** Nobody else on the machine: it is everybody's data. */
const OWN_FILE = 0o600;
const OWN_DIRECTORY = 0o700;

interface ExportOptions {
  readonly out: string;
  readonly asOf?: string;
  readonly format: ExportFormat;
}

/** `export`: the copy in files, without secrets, which it does not have. */
export async function exportUsers(ask: Ask): Promise<ExitCode> {
  const { terminal, session } = ask;
  const { out, asOf, format } = ask.options as ExportOptions;
  const { ledger, poolId, source } = await ledgerOf(session);
  const now = systemClock.now();
  const moment = asOf === undefined || asOf === 'now' ? undefined : momentGiven(asOf, '--as-of', now);
  if (moment !== undefined) checkReachable(moment, '--as-of', source, now);
  const reader = ledgerAt(ledger, moment);
  const parts = (await reader.poolParts(poolId)).filter(({ deletedAt }) => deletedAt === undefined);
  const groups = (await reader.groups(poolId)).filter(({ deletedAt }) => deletedAt === undefined);
  const columns = csvColumns((parts.find(({ part }) => part === 'pool')?.value ?? {}) as DescribedUserPool);

  makeEmpty(out);
  const files = new Files(out, format === 'csv' ? columns.join() : undefined);
  const certainty: Partial<Record<Grade, number>> = {};
  const leftOut: Partial<Record<LeftOut, number>> = {};
  let users = 0;
  for (const shard of SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await reader.usersOfShard(poolId, shard, cursor);
      const rows = page.items.filter(({ deletedAt }) => deletedAt === undefined);
      const groupsOf = new Map<string, string[]>();
      if (format === 'jsonl') {
        await forEachConcurrently(rows, READS_AT_ONCE, async ({ sub }) => { groupsOf.set(sub, await reader.groupsOfUser(poolId, sub)); });
      }
      for (const row of rows) {
        const line = lineOf(row, format, columns, groupsOf.get(row.sub) ?? []);
        users += 1;
        certainty[gradeOf(row)] = (certainty[gradeOf(row)] ?? 0) + 1;
        if ('leftOut' in line) leftOut[line.leftOut] = (leftOut[line.leftOut] ?? 0) + 1;
        else files.write(line.row);
      }
      cursor = page.next;
    } while (cursor !== undefined);
  }
  const written = files.end();
  if (format === 'jsonl') {
    const group = groups.map(({ name, description, precedence, roleArn }) => JSON.stringify({ name, description, precedence, roleArn }));
    written.push(writeWhole(out, 'groups.jsonl', group));
    written.push(writeWhole(out, 'settings.jsonl', parts.map(({ part, value }) => JSON.stringify({ part, value }))));
  }
  const manifest: ExportManifest = {
    schemaVersion: 1, userPoolId: poolId, format, asOf: new Date(moment ?? now).toISOString(), users, certainty, leftOut, files: written,
  };
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: OWN_FILE, flag: 'wx' });

  terminal.line(`${users} users as of ${inUtcAndLocal(moment ?? now)}`);
  terminal.table(['file', 'lines', 'SHA-256'], written.map(({ name, lines, sha256 }) => [join(out, name), lines, sha256]));
  for (const [why, count] of Object.entries(leftOut)) terminal.line(`left out, ${why}: ${count}`);
  terminal.line('Passwords, second factors, passkeys and sessions are in no copy: Cognito shows them to nobody.');
  terminal.document(manifest);
  terminal.record(manifest);
  return EXIT.DONE;
}

function lineOf(row: UserRow, format: ExportFormat, columns: readonly string[], groups: readonly string[]) {
  return format === 'csv' ? csvRow(row, columns) : { row: JSON.stringify(exportedUser(row, groups)) };
}

/** @throws CliError where something is in the directory: an older export's files would be taken for this one's */
function makeEmpty(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: OWN_DIRECTORY });
  if (readdirSync(directory).length === 0) return;
  throw new CliError(EXIT.USAGE, 'not-empty', `--out: ${directory} is not empty; name a directory that is, or that there is not yet`);
}

/** `users.jsonl`; or as many files of users as imports need. */
class Files {
  private readonly done: ExportedFile[] = [];
  private open?: { readonly file: number; readonly name: string; readonly hash: ReturnType<typeof createHash>; bytes: number; lines: number };

  /** @param header first line of each file; without one, there is one file */
  constructor(private readonly directory: string, private readonly header: string | undefined) {
    this.begin();
  }

  public write(line: string): void {
    const { bytes, lines } = this.open!;
    const isFull = this.header !== undefined && (lines >= CSV_LIMITS.ROWS || bytes + Buffer.byteLength(line) >= CSV_LIMITS.BYTES);
    if (isFull) this.begin();
    this.append(line);
    this.open!.lines += 1;
  }

  public end(): ExportedFile[] {
    const { file, name, hash, bytes, lines } = this.open!;
    closeSync(file);
    this.done.push({ name, bytes, lines, sha256: hash.digest('hex') });
    return this.done;
  }

  private begin(): void {
    if (this.open) this.end();
    const name = this.header === undefined ? 'users.jsonl' : `users-${this.done.length + 1}.csv`;
    this.open = { file: openSync(join(this.directory, name), 'wx', OWN_FILE), name, hash: createHash('sha256'), bytes: 0, lines: 0 };
    if (this.header !== undefined) this.append(this.header);
  }

  private append(line: string): void {
    const text = Buffer.from(`${line}\n`);
    writeSync(this.open!.file, text);
    this.open!.hash.update(text);
    this.open!.bytes += text.length;
  }
}

function writeWhole(directory: string, name: string, lines: readonly string[]): ExportedFile {
  const text = lines.map(line => `${line}\n`).join('');
  writeFileSync(join(directory, name), text, { mode: OWN_FILE, flag: 'wx' });
  return { name, bytes: Buffer.byteLength(text), lines: lines.length, sha256: createHash('sha256').update(text).digest('hex') };
}
