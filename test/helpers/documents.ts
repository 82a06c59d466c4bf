import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generated-files';

/** What a user of the library reads: the landing page and the chapters, by their paths. */
export const USER_DOCUMENTS: readonly string[] = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).filter(name => name.endsWith('.md')).sort().map(name => `docs/${name}`)];

export function documentText(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

/** What stands between a heading and the next one of its rank or a higher one; below a document's title, everything. */
export function chapter(name: string, heading: string): string {
  const text = `\n${documentText(name)}`;
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`${name} has no ${heading}`);
  const rest = text.slice(start + heading.length + 2);
  const rank = heading.indexOf(' ');
  // A line that begins with a single # is a comment of a shell.
  const end = rank === 1 ? -1 : rest.search(new RegExp(`^#{2,${rank}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}
