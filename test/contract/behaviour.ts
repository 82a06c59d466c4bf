import { ContractPool, ContractPoolKind, NotModelled } from './driver';

/** Something that a user pool does, and that the product or a test of it relies on. */
export interface Behaviour {
  readonly id: string;
  /** One sentence. */
  readonly what: string;
  /** Where AWS says so; or the id of an entry of the list "Assumed" of docs/evidence.md. */
  readonly source: string;
  readonly kind: ContractPoolKind;
  /** @throws Deviation where the pool does something else */
  check(pool: ContractPool): Promise<void>;
}

const GUIDE = 'https://docs.aws.amazon.com/cognito/latest/developerguide/';
const REFERENCE = 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_';

export const guide = (page: string) => `${GUIDE}${page}.html`;
export const api = (operation: string) => `${REFERENCE}${operation}.html`;
export const assumed = (id: string) => `docs/evidence.md, Assumed: ${id}`;

/** A model does something else than the contract says. Its message quotes no address. */
export class Deviation extends Error {
  public readonly name = 'Deviation';

  constructor(message: string) {
    super(message.replace(/[^\s"']+@[^\s"']+/g, '<address>'));
  }
}

export function same(what: string, actual: unknown, expected: unknown): void {
  const [left, right] = [actual, expected].map(sorted);
  if (left !== right) throw new Deviation(`${what}: ${left}, expected ${right}`);
}

/** What a call is answered with: the name of its error, or `accepted`. */
async function answerOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'accepted';
  } catch (error) {
    // Only Cognito, or a model of it, refuses; all else is a failure of the check.
    if (error instanceof NotModelled || !(error as { $fault?: string }).$fault) throw error;
    return (error as Error).name;
  }
}

/** @param names any of which is right */
export async function refused(what: string, call: () => Promise<unknown>, ...names: string[]): Promise<void> {
  const answer = await answerOf(call);
  if (!names.includes(answer)) throw new Deviation(`${what}: ${answer}, expected ${names.join(' or ')}`);
}

/** What a pool must let pass: a refusal is a deviation, not an error of the check. */
export async function accepted(what: string, call: () => Promise<unknown>): Promise<void> {
  const answer = await answerOf(call);
  if (answer !== 'accepted') throw new Deviation(`${what}: ${answer}, expected accepted`);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => typeof each === 'object' && each !== null && !Array.isArray(each)
    ? Object.fromEntries(Object.entries(each).filter(([, member]) => member !== undefined).sort()) : each) ?? 'undefined';
}
