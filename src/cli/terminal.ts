import { createInterface } from 'node:readline/promises';
import Table from 'cli-table3';
import pc from 'picocolors';
import { CliError, EXIT, errorLine } from './cli-error';
import { visible, visibleJson } from './visible';

/** What a command says, and to whom. Text is for people and may change; JSON is a contract. */
export type Format = 'text' | 'json' | 'jsonl';

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Where a command writes. Nothing but the result goes to stdout, so that it can be piped. */
export class Terminal {
  public readonly isInteractive: boolean;
  private readonly colors: ReturnType<typeof pc.createColors>;

  constructor(public readonly format: Format, private readonly streams: TerminalStreams = process) {
    this.isInteractive = Boolean(streams.stdin.isTTY && streams.stdout.isTTY);
    // NO_COLOR and FORCE_COLOR are picocolors' own rules.
    this.colors = pc.createColors(format === 'text' && pc.isColorSupported && (streams.stdout.isTTY || Boolean(process.env.FORCE_COLOR)));
  }

  /** A line for people, not shown beside JSON. */
  public line(text = ''): void {
    if (this.format === 'text') this.streams.stdout.write(`${visible(text)}\n`);
  }

  public table(head: readonly string[], body: readonly (readonly (string | number)[])[]): void {
    if (this.format !== 'text') return;
    const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, chars: PLAIN });
    table.push(...body.map(row => row.map(cell => visible(String(cell), ''))));
    this.line(table.toString());
  }

  /** The one document of a command, under `--json`. */
  public document(document: object): void {
    if (this.format === 'json') this.streams.stdout.write(`${visibleJson(document)}\n`);
  }

  /** One of many, under `--jsonl`. */
  public record(record: object): void {
    if (this.format === 'jsonl') this.streams.stdout.write(`${visibleJson(record)}\n`);
  }

  /** Progress and advice: beside the result, never in it. */
  public note(text: string): void {
    this.streams.stderr.write(`${visible(text)}\n`);
  }

  /** The sentence, and as the last line of stderr the same for programs. */
  public error(error: CliError): void {
    this.streams.stderr.write(`${this.colors.red('error')}: ${visible(error.message)}\n`);
    if (this.format !== 'text') this.streams.stderr.write(errorLine(error));
  }

  public good(text: string): string {
    return this.colors.green(text);
  }

  public bad(text: string): string {
    return this.colors.red(text);
  }

  public doubtful(text: string): string {
    return this.colors.yellow(text);
  }

  public strong(text: string): string {
    return this.colors.bold(text);
  }

  /** Goes on only where the expected words are typed. `unasked`: the options by which it goes on where nobody can be asked. */
  public async confirm(question: string, expected: string, unasked = '--yes'): Promise<void> {
    if (!this.isInteractive || this.format !== 'text') {
      const why = this.format === 'text' ? 'there is no terminal to ask on' : `what is asked about is not shown beside --${this.format}`;
      throw new CliError(EXIT.REFUSED, 'not-confirmed', `${why}: read the plan, and give ${unasked}`);
    }
    const prompt = createInterface({ input: this.streams.stdin, output: this.streams.stderr });
    const left = new Promise<never>((_resolve, reject) => {
      prompt.once('SIGINT', () => reject(new CliError(EXIT.INTERRUPTED, 'interrupted', 'left at the question: nothing was changed')));
      prompt.once('close', () => reject(new CliError(EXIT.REFUSED, 'not-confirmed', 'nothing was typed: nothing was changed')));
    });
    try {
      const answer = await Promise.race([left, prompt.question(`${visible(question)}\nType ${this.strong(visible(expected))} to go on: `)]);
      if (answer.trim() !== expected) throw new CliError(EXIT.REFUSED, 'not-confirmed', `"${expected}" was not typed: nothing was changed`);
    } finally {
      prompt.close();
    }
  }
}

const NONE = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid',
  'right', 'right-mid'];
/** Columns without borders: they survive a copy into a chat. */
const PLAIN = { ...Object.fromEntries(NONE.map(name => [name, ''])), middle: '  ' };
