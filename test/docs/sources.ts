import { chapter } from '../helpers/documents';

/** AWS's documentation, its specification of the models of its services, and issues in public. */
const DOCUMENTATION = /^https:\/\/docs\.aws\.amazon\.com\/\S+$|^https:\/\/smithy\.io\/2\.0\/\S+$|^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+$/;
const ASSUMED = /^docs\/evidence\.md, Assumed: ([\w-]+)$/;

/** Ids of the list of what is assumed about AWS. */
export function assumptionIds(): ReadonlySet<string> {
  return new Set([...chapter('docs/evidence.md', '## Assumed').matchAll(/^- `([\w-]+)`: /gm)].map(([, id]) => id));
}

/** What is wrong with the source of a behaviour of AWS: it is documentation, an issue in public, or an entry of the list of what is assumed. */
export function sourceFault(source: string): string | undefined {
  const [, id] = ASSUMED.exec(source) ?? [];
  if (id !== undefined) return assumptionIds().has(id) ? undefined : `docs/evidence.md assumes nothing that is called ${id}`;
  return DOCUMENTATION.test(source) ? undefined : `neither documentation of AWS nor an entry of docs/evidence.md: ${source}`;
}
