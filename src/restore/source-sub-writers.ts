import { ClientReader } from '../cognito/client-reader';
import { unlessStopped } from '../cognito/pacing';
import { eachOfPages } from '../cognito/page';
import { DescribedUserPool } from '../cognito/pool-settings';
import { CUSTOM_SOURCE_SUB, writesSourceSub } from '../cognito/source-sub';

/**
 * Milliseconds from the beginning of the validating function on in which clients are looked at: two hundred, at the five a second that Cognito takes
 * for one pool. The rest of the function's minute is for a call in flight and the answer.
 */
export const LOOKS_AT_CLIENTS = 40_000;

/**
 * Whether `custom:source_sub` says who a user of the target is. A stranger who signs up through a client that may write it, immutable or not,
 * can claim to be any user. A mirror's clients may not write it. Other targets are not refused for it, as nobody wants to look for a client in
 * an emergency: users are then known by the state table and by their verified addresses, and the report says so.
 */
export async function sourceSubProves(target: DescribedUserPool, clients: Pick<ClientReader, 'listClients' | 'writeAttributesOf'>): Promise<boolean> {
  if (!target.SchemaAttributes?.some(({ Name }) => Name === CUSTOM_SOURCE_SUB)) return false;
  // A client for which there was no time may be one that may write it.
  return await unlessStopped(async () => noneWrites(clients)) ?? false;
}

async function noneWrites(clients: Pick<ClientReader, 'listClients' | 'writeAttributesOf'>): Promise<boolean> {
  for await (const id of eachOfPages(async cursor => clients.listClients(cursor))) {
    if (writesSourceSub(await clients.writeAttributesOf(id))) return false;
  }
  return true;
}
