import { EvidenceStore } from '../../../src/drill/evidence/evidence-store';

/** A bucket that never loses an answer, unless told to. */
export class InMemoryEvidence implements EvidenceStore {
  public readonly files = new Map<string, string>();
  public readonly types = new Map<string, string>();
  /** The write is done, and its answer is lost: the writer's own retry finds the name taken. */
  public losesAnswers = false;
  /** Called before each write: throws what the writer is to meet. */
  public beforeCreate: (key: string) => void = () => undefined;

  public async lastReport(): Promise<string | undefined> {
    return [...this.files.keys()].filter(key => key.startsWith('reports/')).sort().at(-1);
  }

  public async read(key: string): Promise<string> {
    const text = this.files.get(key);
    if (text === undefined) throw new Error(`no such file: ${key}`);
    return text;
  }

  public async create(key: string, text: string, contentType: string): Promise<boolean> {
    this.beforeCreate(key);
    if (this.files.has(key)) return false;
    this.files.set(key, text);
    this.types.set(key, contentType);
    return !this.losesAnswers;
  }
}
