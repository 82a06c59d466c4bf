import { Page } from './page';

/** What this library reads about a pool's app clients. */
export interface ClientReader {
  listClients(cursor?: string): Promise<Page<string>>;
  /** `WriteAttributes`; absent where the client may write every attribute. */
  writeAttributesOf(clientId: string): Promise<readonly string[] | undefined>;
  /** Seconds that an access or ID token of the client lives, whichever is longer. */
  tokenSecondsOf(clientId: string): Promise<number>;
}
