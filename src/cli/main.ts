import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { CliError, EXIT, errorLine } from './cli-error';
import { exitOf, program } from './program';
import type { Format } from './terminal';

// Node 20 is enough for this command, which carries the SDK that it was tested with.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The package's own: this file is three folders below it. */
function version(): string {
  return (JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8')) as { readonly version: string }).version;
}

/** A use that is wrong is said before the format is known. */
function formatIn(argv: readonly string[]): Format {
  return argv.includes('--json') ? 'json' : argv.includes('--jsonl') ? 'jsonl' : 'text';
}

async function main(argv: readonly string[]): Promise<void> {
  let format = formatIn(argv);
  const root = program(version(), async (name, asked, where, options, args) => {
    format = asked;
    // Loaded here, as `--help` needs none of it.
    const [{ runCommand }, { Terminal }] = await Promise.all([import('./run-command.js'), import('./terminal.js')]);
    return runCommand(name, new Terminal(asked), where, options, args);
  }, exit => { process.exitCode = exit; });
  try {
    await root.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = exitOf(error);
      const { message } = error;
      // What was wrong is on stderr already, for people.
      if (process.exitCode !== EXIT.DONE && formatIn(argv) !== 'text') process.stderr.write(errorLine({ code: 'usage', message, exit: EXIT.USAGE }));
      return;
    }
    const [{ Terminal }, { cliErrorOf }] = await Promise.all([import('./terminal.js'), import('./cli-error-of.js')]);
    const shown = error instanceof CliError ? error : cliErrorOf(error);
    new Terminal(format).error(shown);
    process.exitCode = shown.exit ?? EXIT.FAILED;
  }
}

void main(process.argv);
