import { CommanderError } from 'commander';
import { CliError, EXIT } from './cli-error';
import { exitOf, program } from './program';
import type { Format } from './terminal';

// Node 20 is enough for this command, which carries the SDK that it was tested with.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const VERSION = process.env.COGNITO_DR_REPLICA_VERSION ?? '0.0.0';

async function main(argv: readonly string[]): Promise<void> {
  let format: Format = 'text';
  const root = program(VERSION, async (name, asked, where, options, args) => {
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
      return;
    }
    const [{ Terminal }, { cliErrorOf }] = await Promise.all([import('./terminal.js'), import('./cli-error-of.js')]);
    const shown = error instanceof CliError ? error : cliErrorOf(error);
    new Terminal(format).error(shown);
    process.exitCode = shown.exit ?? EXIT.FAILED;
  }
}

void main(process.argv);
