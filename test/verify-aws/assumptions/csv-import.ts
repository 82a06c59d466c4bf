import {
  AdminGetUserCommand, CreateUserImportJobCommand, DescribeUserImportJobCommand, DescribeUserPoolCommand, GetCSVHeaderCommand,
  StartUserImportJobCommand, UserImportJobType,
} from '@aws-sdk/client-cognito-identity-provider';
import { Assumption, DOCS, INFERRED, Observation } from './assumption';
import { once, Port, until } from '../port';

const IMPORT = `${DOCS}cognito-user-pools-using-import-tool.html`;
const TAG = 'imported';
const OVER = ['Succeeded', 'Failed', 'Stopped', 'Expired'];
/** In the schema and set by nobody. */
const NOT_IMPORTED = ['sub', 'identities'];
/** Since 2026 there may be one for a hash of the password. */
const OPTIONAL = 'password_hash';

/** One line of a CSV file: values by column, everything else empty. */
export function csvLine(columns: readonly string[], values: Readonly<Record<string, string>>): string {
  return columns.map(column => (values[column] ?? (column.endsWith('_verified') || column === 'cognito:mfa_enabled' ? 'false' : '')).replace(/,/g, '\\,')).join(',');
}

export function compareHeader(header: readonly string[], schema: readonly string[]): Observation {
  const expected = [...schema.filter(name => !NOT_IMPORTED.includes(name)), 'cognito:username', 'cognito:mfa_enabled'];
  const [more, fewer] = [header.filter(name => !expected.includes(name) && name !== OPTIONAL), expected.filter(name => !header.includes(name))];
  return {
    observed: more.length + fewer.length === 0 ? `${header.length} columns as assumed` : `more: ${more.join() || 'none'}; fewer: ${fewer.join() || 'none'}`,
    holds: more.length + fewer.length === 0,
  };
}

/** As bytes: with a text fetch sends a content type, for which the URL is not signed. */
export async function upload(url: string, text: string, signal: AbortSignal): Promise<void> {
  const { ok, status } = await fetch(url, { method: 'PUT', headers: { 'x-amz-server-side-encryption': 'aws:kms' }, body: Buffer.from(text), signal });
  if (!ok) throw Object.assign(new Error(`the file was answered with ${status}`), { name: `HTTP ${status}` });
}

const header = once(async (port: Port) => {
  const { CSVHeader } = await port.source.cognito.send(new GetCSVHeaderCommand({ UserPoolId: port.deployed.probePool }));
  return CSVHeader ?? [];
});

/** Imports one user into the probe pool, whose triggers are recorded. */
const imported = once(async (port: Port): Promise<UserImportJobType> => {
  const { cognito } = port.source;
  const UserPoolId = port.deployed.probePool;
  const columns = await header(port);
  const address = port.people.address(TAG);
  const { UserImportJob: job } = await cognito.send(new CreateUserImportJobCommand({
    UserPoolId, JobName: `verify-${port.names.run}`, CloudWatchLogsRoleArn: port.deployed.importRole,
  }));
  const body = `${columns.join(',')}\n${csvLine(columns, { 'cognito:username': address, 'email': address, 'email_verified': 'true', 'custom:tenant': 'verify' })}\n`;
  await upload(job!.PreSignedUrl!, body, port.signal);
  const one = { UserPoolId, JobId: job!.JobId };
  await cognito.send(new StartUserImportJobCommand(one));
  const over = await until(port, port.patience.userImport, async () => {
    const { UserImportJob: now } = await cognito.send(new DescribeUserImportJobCommand(one));
    return OVER.includes(now?.Status ?? '') ? now : undefined;
  });
  return over ?? {};
});

export const CSV_IMPORT: readonly Assumption[] = [
  {
    id: 'import.header',
    what: 'Columns of GetCSVHeader',
    assumed: 'the schema without sub, and cognito:username, cognito:mfa_enabled',
    source: IMPORT,
    check: async port => {
      const columns = await header(port);
      const { UserPool } = await port.source.cognito.send(new DescribeUserPoolCommand({ UserPoolId: port.deployed.probePool }));
      return compareHeader(columns, (UserPool?.SchemaAttributes ?? []).map(({ Name }) => Name!));
    },
  },
  {
    id: 'import.status',
    what: 'Status of an imported user',
    assumed: 'RESET_REQUIRED',
    source: IMPORT,
    check: async port => {
      const { Status, ImportedUsers } = await imported(port);
      if (ImportedUsers !== 1) return { notObserved: `the import ended ${Status ?? 'not in time'}, ${ImportedUsers ?? 0} users imported` };
      const one = { UserPoolId: port.deployed.probePool, Username: port.people.address(TAG) };
      const { UserStatus } = await port.source.cognito.send(new AdminGetUserCommand(one));
      return { observed: String(UserStatus), holds: UserStatus === 'RESET_REQUIRED' };
    },
  },
  {
    id: 'import.triggers',
    what: 'Triggers of an imported user',
    assumed: 'neither PreSignUp nor PostConfirmation',
    source: INFERRED,
    check: async port => {
      const { ImportedUsers } = await imported(port);
      if (ImportedUsers !== 1) return { notObserved: 'nobody was imported' };
      // Nothing may come: the whole time is waited for.
      const seen = await until(port, port.patience.trigger, async () => {
        const sources = await port.triggers.sources(TAG);
        return sources.length > 0 ? sources : undefined;
      }) ?? [];
      return { observed: seen.join(' → ') || 'none', holds: seen.length === 0 };
    },
  },
];
