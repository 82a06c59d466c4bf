/** Marks an attribute that only administrators see; the same attribute otherwise. */
const DEVELOPER_ONLY = /^dev:/;

/**
 * Custom attributes that the pool has and the standby pool has not: somebody added them outside of the template. Every pool has the standard ones.
 * `known`: null where nothing is known of the standby pool.
 */
export function schemaDrift(attributes: readonly string[], known: readonly string[] | null): string[] {
  if (!known) return [];
  const custom = attributes.map(name => name.replace(DEVELOPER_ONLY, '')).filter(name => name.startsWith('custom:'));
  return custom.filter(name => !known.includes(name)).sort();
}
