import { SWITCH_STATUS } from './constants';
import { SwitchInput, TurnAnswer } from './turn-switch';
import { InvalidInput, readExecutionInput } from '../../runtime/execution-input.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { SWITCH_MODES } from '../../state/switch';

/** An item of DynamoDB has room for many more; a rehearsal is for a few. */
const MOST_NAMES = 1_000;
const LONGEST = 2_048;

const A_MODE = `want ${SWITCH_MODES.map(mode => `"${mode}"`).join(' or ')}`;
const text = (what: string) => z.string(`want ${what}`).check(
  z.minLength(1, `want ${what}`), z.maxLength(LONGEST, `want at most ${LONGEST} characters`));
const listOf = (what: string, one: string) => z.array(text(what), `want a list of ${one}s`).check(
  z.minLength(1, `want at least one ${one}`), z.maxLength(MOST_NAMES, `want at most ${MOST_NAMES} ${one}s: for more, open the standby`));
const SCHEMA = z.strictObject({
  mode: z.enum(SWITCH_MODES, A_MODE),
  names: z.optional(listOf('a name that somebody signs in by', 'name')),
  clients: z.optional(listOf('the id of an app client that signs in for itself', 'app client')),
  by: z.optional(text('your name, for the record')),
  reason: z.optional(text('a sentence, for the record')),
  confirmIncidents: z.optional(listOf('the id of an incident', 'incident')),
  signOut: z.optional(z.boolean('want true or false')),
}, 'want a JSON object, such as {"mode": "open"}');

/** The input of an execution, or one sentence that names the field that is wrong. */
export function switchInput(given: unknown): SwitchInput | Extract<TurnAnswer, { readonly message: string }> {
  try {
    const input = readExecutionInput(SCHEMA, given, 'the switch');
    if (input.mode === 'rehearsal' && !input.names && !input.clients) {
      throw new InvalidInput('names: not given, and a rehearsal is for those of a list only: want at least one name');
    }
    const list = (['names', 'clients'] as const).find(name => input[name]);
    if (input.mode !== 'rehearsal' && list) throw new InvalidInput(`${list}: given with mode "${input.mode}"; only a rehearsal has a list`);
    if (input.mode === 'open' && input.signOut) {
      throw new InvalidInput('signOut: given with mode "open"; sessions are ended when the standby closes, or for a rehearsal');
    }
    return input;
  } catch (error) {
    if (error instanceof InvalidInput) return { status: SWITCH_STATUS.INVALID, message: error.message };
    throw error;
  }
}
