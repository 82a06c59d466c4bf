/** Values to look for in an event. */
export interface About {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly sub?: string;
  readonly groupName?: string;
  /** What must not be readable. */
  readonly address?: string;
  readonly challengeName?: string;
}

const PARTS = ['requestParameters', 'responseElements', 'additionalEventData'];

/**
 * What this library reads of an event, in one line: where the pool, the user and the group are named, and whether the address is masked. Where
 * `about` has no value, the line says nothing of it.
 */
export function shapeOf(detail: Readonly<Record<string, unknown>>, about: About): string {
  const said: [string, string | undefined][] = [
    ['pool', about.userPoolId], ['client', about.clientId], ['sub', about.sub], ['group', about.groupName], ['challenge', about.challengeName],
  ];
  const places = said.flatMap(([what, value]) => {
    if (!value) return [];
    const found = placesOf(detail, text => text === value);
    return [`${what} ${found.length > 0 ? `in ${found.join(' and ')}` : 'not named'}`];
  });
  const { address } = about;
  const clear = address ? placesOf(detail, text => text.toLowerCase().includes(address.toLowerCase())) : [];
  return [...places, clear.length > 0 ? `address readable in ${clear.join(' and ')}` : 'address masked', `${String(detail.eventType)}${errorOf(detail)}`].join('; ');
}

/** Paths of every text that is looked for, sorted; of a list, its name only. */
function placesOf(detail: Readonly<Record<string, unknown>>, isWanted: (text: string) => boolean): string[] {
  const found = new Set<string>();
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string' && isWanted(value)) found.add(path);
    if (Array.isArray(value)) value.forEach(each => look(each, path));
    else if (typeof value === 'object' && value !== null) Object.entries(value).forEach(([name, each]) => look(each, `${path}.${name}`));
  };
  PARTS.forEach(part => look(detail[part], part));
  return [...found].sort();
}

function errorOf({ errorCode }: Readonly<Record<string, unknown>>): string {
  return errorCode ? ` with errorCode ${String(errorCode)}` : '';
}
