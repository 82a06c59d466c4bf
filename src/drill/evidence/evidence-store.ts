/** Names and texts of files. One implementation is S3's, one is in memory for tests. */
export interface EvidenceStore {
  /** Name of the last report of the chain, by the order of names; undefined where there is none. */
  lastReport(): Promise<string | undefined>;
  read(key: string): Promise<string>;
  /** Writes a file that is not there yet. @returns false where there is one of that name, which stays as it is */
  create(key: string, text: string, contentType: string): Promise<boolean>;
}
