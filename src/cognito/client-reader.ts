import { Page } from './page';

/** What is read of a pool's app clients. */
export interface ClientReader {
  listClients(cursor?: string): Promise<Page<string>>;
  /** `WriteAttributes`; absent where the client may write all. */
  writeAttributesOf(clientId: string): Promise<readonly string[] | undefined>;
}
