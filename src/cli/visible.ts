/** Colours that this command sets: nothing else is left for a terminal to obey. */
const OBEYED = /\u001b\[(?:1|22|3[1239])m|\p{Cc}|\p{Bidi_Control}/gu;

/**
 * Values come from users, and a terminal obeys control characters: one in a name could move the cursor over a warning or turn text around. They are
 * shown as what they are. `keep`: those that the text itself has.
 */
export function visible(text: string, keep = '\n\t'): string {
  return text.replace(OBEYED, found => found.length > 1 || keep.includes(found) ? found : escaped(found));
}

/** As JSON has them, which leaves some of them as they are. */
export function visibleJson(document: object): string {
  return JSON.stringify(document).replace(/\p{Cc}|\p{Bidi_Control}/gu, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
