import { HistoryKind, Key, idOfRow } from './schema';
import { PublicError } from '../runtime/public-error';

/** How a log names the kinds of rows. */
const KINDS: Readonly<Record<HistoryKind, string>> = { U: 'user', G: 'group', M: 'membership', C: 'setting' };

/**
 * DynamoDB will never take this row, however often it is written: the item or one of its keys is too large. The error says which row it is, and
 * nothing about its content.
 */
export class RowRefusedError extends PublicError {
  public readonly name = 'RowRefusedError';
  public readonly kind: HistoryKind;
  /** The `sub` of a user, the name of a group, `<group>#<sub>` of a membership, or the name of a part of the configuration. */
  public readonly id: string;
  /** Whether the row that stays says that it is not what there is; where there is none, Cognito's own dates say so of users and groups. */
  public isKnown: boolean;

  constructor(key: Key) {
    const { kind, id } = idOfRow(key);
    super(`DynamoDB does not take the row of ${KINDS[kind]} ${id}`);
    this.kind = kind;
    this.id = id;
    this.isKnown = false;
  }

  /** The row in two words, for a log. */
  public get row(): string {
    return `${KINDS[this.kind]} ${this.id}`;
  }
}
