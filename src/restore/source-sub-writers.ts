import { ClientReader } from '../cognito/client-reader';
import { Page } from '../cognito/page';
import { DescribedUserPool } from '../cognito/pool-settings';
import { CUSTOM_SOURCE_SUB, writesSourceSub } from '../cognito/source-sub';

/** At five clients a second, Cognito's quota for one pool, more could not be read before the function times out. */
const MOST_CLIENTS = 150;

/**
 * Whether `custom:source_sub` says who a user of the target is. A stranger who signs up through a client that may write it, immutable or not,
 * can claim to be any user. A mirror's clients may not write it. Other targets are not refused for it, as nobody wants to look for a client in
 * an emergency: users are then known by the state table and by their verified addresses, and the report says so.
 */
export async function sourceSubProves(target: DescribedUserPool, clients: Pick<ClientReader, 'listClients' | 'writeAttributesOf'>): Promise<boolean> {
  if (!target.SchemaAttributes?.some(({ Name }) => Name === CUSTOM_SOURCE_SUB)) return false;
  let read = 0;
  let cursor: string | undefined;
  do {
    const page: Page<string> = await clients.listClients(cursor);
    for (const id of page.items) {
      if (++read > MOST_CLIENTS) return false;
      if (writesSourceSub(await clients.writeAttributesOf(id))) return false;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return true;
}
