import { writeFileSync } from 'node:fs';
import { Aws } from './aws';
import { CliError, EXIT, ExitCode } from './cli-error';
import { Terminal } from './terminal';
import { CognitoSourcePool } from '../cognito/cognito-source-pool.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { allPages } from '../cognito/page';
import { isException } from '../cognito/refusals';
import { PoolPart } from '../cognito/source-pool';
import { PoolDefinitionFile } from '../operations/pool-definition';
import { systemClock } from '../runtime/clock';

/** Cognito's own form of an id, which begins with the Region. */
const POOL_ID = /^([\w-]+)_[0-9a-zA-Z]+$/;

/** `pool-definition`: an existing pool as a file, from which `PoolDefinition.fromFile` makes the standby. */
export async function definePool(terminal: Terminal, aws: Aws, { out }: { readonly out: string }, userPoolId: string): Promise<ExitCode> {
  const [, region] = POOL_ID.exec(userPoolId) ?? [];
  if (region === undefined) {
    throw new CliError(EXIT.USAGE, 'invalid-pool', `got "${userPoolId}", want the id of a user pool, such as us-east-1_AbCdEfGhI`);
  }
  const pool = new CognitoSourcePool(aws.cognito(region), userPoolId, new QuotaPacer({ clock: systemClock, share: 1 }));
  const parts = await describedParts(pool).catch((error: unknown) => {
    if (!isException(error, 'ResourceNotFoundException')) throw error;
    throw new CliError(EXIT.NOT_FOUND, 'no-pool', `there is no user pool ${userPoolId} in this account`);
  });
  const clientsWithSecret = (await aws.describedClients(region, userPoolId)).filter(({ ClientSecret }) => ClientSecret !== undefined)
    .map(({ ClientId }) => ClientId!);
  const definition: PoolDefinitionFile = { schemaVersion: 1, userPoolId, parts, clientsWithSecret };
  writeFileSync(out, `${JSON.stringify(definition, undefined, 2)}\n`);
  terminal.line(`${parts.length} parts of ${userPoolId}, without secrets, are in ${out}; in the app:`);
  terminal.line(`  standby: Standby.onDemand({ definition: PoolDefinition.fromFile('${out}') })`);
  terminal.document(definition);
  terminal.record(definition);
  return EXIT.DONE;
}

async function describedParts(pool: CognitoSourcePool): Promise<PoolPart[]> {
  return allPages(async cursor => pool.configuration(cursor));
}
