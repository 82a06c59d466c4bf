/** A call of a trigger, as the recorder logs it: no value of any attribute. */
export interface TriggerRecord {
  readonly triggerSource: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Which user of the run, see people.ts. */
  readonly tag: string;
  readonly sub?: string;
  /** Names of the attributes, sorted. */
  readonly attributes: readonly string[];
}

const MARK = 'TRIGGER ';
/** Users whose tag begins so are made by UserMigration; nobody else is. */
export const MIGRATED = 'migrated';
/** A member of an event of ours that makes the recorder fail with an error of that name. */
export const FAIL_WITH = 'failWith';

/**
 * Handler of the recorder. Inline code has 4,096 characters, and the runtime's modules only. An alias pool's user name must not look like an
 * address, so the user to be made is called by the tag there.
 */
export const RECORDER_CODE = `
exports.handler = async event => {
  if (event.${FAIL_WITH}) throw Object.assign(new Error('as asked'), { name: event.${FAIL_WITH} });
  const attributes = event.request.userAttributes || {};
  const address = (attributes.email || event.userName || '').toLowerCase();
  const [, run, tag] = /\\+([0-9a-f]{8})-([\\w-]+)@/.exec(address) || [, '', ''];
  console.log('${MARK}' + JSON.stringify({
    triggerSource: event.triggerSource, at: Date.now(), tag, sub: attributes.sub, attributes: Object.keys(attributes).sort(),
  }));
  if (event.triggerSource === 'UserMigration_ForgotPassword' && tag.startsWith('${MIGRATED}')) {
    event.response.userAttributes = { email: address, email_verified: 'true', 'custom:tenant': 'migrated' };
    if (tag.endsWith('-named')) event.response.userAttributes.username = run + '-' + tag;
    event.response.messageAction = 'SUPPRESS';
  }
  return event;
};
`;

/** The records in lines of a log; whatever else is there is left out. */
export function recordsIn(lines: readonly string[]): TriggerRecord[] {
  return lines.flatMap(line => {
    const start = line.indexOf(MARK);
    return start < 0 ? [] : [JSON.parse(line.slice(start + MARK.length)) as TriggerRecord];
  });
}

/** Sources of the triggers that ran for one user, oldest first. */
export function sourcesOf(records: readonly TriggerRecord[], tag: string): string[] {
  return records.filter(record => record.tag === tag).sort((a, b) => a.at - b.at).map(record => record.triggerSource);
}
