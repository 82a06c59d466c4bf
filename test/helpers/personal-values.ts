import { Person } from '../local-aws/seed/people';

/** Of every value as many characters are looked up at each place of a text: a text of megabytes is read once for all values. */
const BEGINNING = 3;

/** What of a person must be in no log, output or event: not what says nothing about whose it is, such as a language. */
export function personalValues({ email, phone, note, attributes: { name, address, website, birthdate } }: Person): string[] {
  const values = [email, phone, name, address, website, birthdate, note.length > 4 ? note : undefined];
  return values.filter(value => value !== undefined);
}

/** The values that are in a text, as they are or as JSON has them, once or twice over. */
export function valuesIn(text: string, values: Iterable<string>): string[] {
  const forms = new Map<string, Set<string>>();
  const quoted = (value: string) => JSON.stringify(value).slice(1, -1);
  for (const value of values) {
    for (const form of [value, quoted(value), quoted(quoted(value))]) {
      const beginning = form.slice(0, BEGINNING);
      forms.set(beginning, (forms.get(beginning) ?? new Set()).add(form));
    }
  }
  const found = new Set<string>();
  for (let at = 0; at + BEGINNING <= text.length; at++) {
    for (const form of forms.get(text.slice(at, at + BEGINNING)) ?? []) {
      if (text.startsWith(form, at)) found.add(form);
    }
  }
  return [...found];
}
