import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DRILL_MOMENTS, EXPORT_FORMATS, FAIL_ON, LISTED, LISTED_OUTCOMES } from './choices';
import { CliError, EXIT, ExitCode } from './cli-error';
import type { Where } from './session';
import type { Format } from './terminal';

interface GlobalOptions extends Where {
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly profile?: string;
  readonly showValues?: boolean;
}

/** What runs a command, loaded when it is called: `--help` must not load the SDK. */
export type Runner = (
  name: string, format: Format, where: Where & { readonly showValues: boolean }, options: object, args: readonly string[],
) => Promise<ExitCode>;

const A_POOL = 'us-east-1_AbCdEfGhI';
const A_SUB = '5e0c2a4e-7d0e-4d3b-9a52-0c1f7c8b7f10';
const examples = (...lines: readonly string[]) => `\nExamples:\n${lines.map(line => `  $ npx cognito-dr-replica ${line}`).join('\n')}\n`;

/** The commands and their options. Unknown flags are errors; commander ends with a sentence, and the exit code says that the use was wrong. */
export function program(version: string, run: Runner, ended: (exit: ExitCode) => void): Command {
  const root = new Command('cognito-dr-replica')
    .description('The copy of an Amazon Cognito user pool: how good it is, who is in it, and the way back.')
    .version(version)
    .option('--region <region>', 'Region of the source pool or of its copy (default: that of the environment or the profile)')
    .option('--stack <name>', 'one of the two stacks, or the path of the construct, where an account has more than one deployment')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--json', 'one JSON document on stdout, with a schemaVersion')
    .option('--jsonl', 'one JSON document for each row')
    .option('--show-values', 'names and addresses of people in full, on a terminal')
    .exitOverride()
    .showHelpAfterError('(--help shows the options)');

  const add = (command: Command) => {
    command.copyInheritedSettings(root).action(async (...given: unknown[]) => {
      const { json, jsonl, profile, region, stack, showValues } = command.optsWithGlobals<GlobalOptions>();
      if (json && jsonl) throw new CliError(EXIT.USAGE, 'two-formats', '--json and --jsonl: give one of them');
      // The SDK reads it when its first client is made.
      if (profile !== undefined) process.env.AWS_PROFILE = profile;
      const args = given.slice(0, command.registeredArguments.length).flat() as string[];
      const format = json ? 'json' : jsonl ? 'jsonl' : 'text';
      ended(await run(command.name(), format, { region, stack, showValues: showValues ?? false }, command.opts(), args));
    });
    root.addCommand(command);
  };

  add(new Command('status')
    .description('whether the copy is good, and why not; what it can restore; what runs')
    .option('--max-age <duration>', 'exit with 5 if the last whole sweep began longer ago than this, such as 26h')
    .addHelpText('after', examples('status', 'status --region us-west-2 --json --max-age 26h')));
  add(new Command('doctor')
    .description('what an outage would find: trail, triggers, backups, protection, alarms, quotas, senders, settings; one command for each')
    .addHelpText('after', examples('doctor', 'doctor --json --region us-west-2')));
  add(new Command('list')
    .description('users, groups, incidents, executions, whom an execution could not help, drills, settings, or changes by the hour')
    .addArgument(new Command().createArgument('<what>', 'what to list').choices(LISTED))
    .option('--deleted', 'those that are gone, instead of those that are there')
    .option('--run <execution>', 'of which restore, recovery or plan outcomes are listed: its name')
    .addOption(new Option('--outcome <outcome>', 'which users and groups of that run').choices(LISTED_OUTCOMES).default('failed'))
    .option('--since <moment>', 'changed or deleted since then, such as "2h ago"')
    .addOption(new Option('--limit <rows>', 'most rows to show').default(1_000).argParser(wholeNumber))
    .addHelpText('after', examples('list users --deleted --since "2h ago"', 'list outcomes --run 9b2e7c10-run --outcome skipped')));
  add(new Command('show')
    .description('one user: row, groups, earlier subs, the user of the standby, and every image that the history has')
    .argument('<user>', 'sub, e-mail address, phone number or user name')
    .addHelpText('after', examples('show greta@example.com', `show ${A_SUB} --show-values`)));
  add(new Command('diff')
    .description('what differs between the copy at a moment and now, another moment, the pool itself, or the standby')
    .option('--as-of <moment>', 'the copy as it was, such as 2026-11-02T10:15:00Z or "2h ago"')
    .option('--to <moment>', 'against the copy as it was at another moment, instead of now')
    .option('--pool', 'against the source pool itself')
    .option('--standby', 'against the standby pool')
    .option('--settings', 'settings of the pool, instead of users')
    .addOption(new Option('--fail-on <what>', 'when to exit with 2').choices(FAIL_ON).default('any'))
    .addOption(new Option('--limit <users>', 'most users to name; all are counted (default: 20, and 1000 with --json)').argParser(wholeNumber))
    .addHelpText('after', examples('diff --as-of "2h ago"', 'diff --standby --fail-on deleted')));
  add(new Command('export')
    .description('the copy in files for you alone, without secrets, and a manifest with checksums')
    .requiredOption('--out <directory>', 'a directory that is empty, or that there is not yet')
    .option('--as-of <moment>', 'the copy as it was')
    .addOption(new Option('--format <format>', 'JSON lines, or the CSV that Cognito imports').choices(EXPORT_FORMATS).default('jsonl'))
    .addHelpText('after', examples('export --out users', 'export --out users --format csv --as-of "2h ago"')));
  const planned = (command: Command) => command
    .option('--plan-only', 'make the plan, and change nothing')
    .option('--out <file>', 'a new file for the plan, and for the report in its place once it was executed')
    .option('--yes', 'do not ask; needs --max-users')
    .addOption(new Option('--max-users <number>', 'most users that may be written').argParser(wholeNumber))
    .addOption(new Option('--quota-share <share>', 'share of Cognito\'s quotas to use, above 0 and up to 1').argParser(quotaShare));
  const scoped = (command: Command) => planned(command)
    .option('--as-of <moment>', 'the moment to go back to, such as 2026-11-02T10:15:00Z or "2h ago"')
    .option('--before <incident>', 'the moment before an incident, and whose changes to take back')
    .option('--everybody', 'every user')
    .option('--sub <sub...>', 'these users')
    .option('--group <name...>', 'members of these groups')
    .option('--changed-by <arn>', 'users whom this IAM role or user has changed since')
    .option('--allow-messages', 'write addresses that were not verified, too: Cognito may send a code to them');
  add(planned(new Command('restore'))
    .description('fill the standby pool, or one of restoreTargets, from the copy')
    .option('--as-of <moment>', 'as of a moment, at which the standby is held; `now` lets it go')
    .option('--sub <sub...>', 'these users only')
    .option('--group <name...>', 'members of these groups only')
    .option('--source <pool>', 'id of the pool whose users to bring, where another one has replaced it')
    .option('--target <pool>', 'id of the pool to fill')
    .option('--restore-deleted', 'users, too, who were deleted in the target since an earlier restore')
    .addHelpText('after', examples('restore', 'restore --as-of 2026-11-02T10:15:00Z --plan-only')));
  add(planned(new Command('drill'))
    .description('rehearse the restore: into a pool that is made for it, compared with the copy, and removed')
    .addOption(new Option('--users <number>', 'so many users, drawn at random (default: as the schedule has it)').argParser(wholeNumber))
    .option('--everybody', 'everybody')
    .addOption(new Option('--moment <which>', 'the latest one, or one drawn at random (default: as the schedule has it)').choices(DRILL_MOMENTS))
    .addOption(new Option('--window-days <days>', 'how far a random moment may lie back').argParser(wholeNumber))
    .option('--seed <text>', 'what decides the draws: the same one draws the same')
    .option('--approved-by <arn>', 'the role that approved it, for the report')
    .addHelpText('after', examples('drill', 'drill --users 100 --moment latest --yes --max-users 100 --out drill.json')));
  add(scoped(new Command('recover'))
    .description('take back in the source pool what happened to its users: `undelete` and `revert` in one')
    .addHelpText('after', examples('recover --before 20261102T103000Z-users-gone-x7Qa', 'recover --as-of "2h ago" --everybody --plan-only')));
  add(scoped(new Command('undelete'))
    .description('bring users back who were deleted in the source pool, in the source pool')
    .addHelpText('after', examples('undelete --before 20261102T103000Z-users-gone-x7Qa', 'undelete --as-of "2h ago" --everybody --plan-only')));
  add(scoped(new Command('revert'))
    .description('give users of the source pool back what they were at a moment')
    .option('--attribute <name...>', 'these attributes only')
    .addHelpText('after', examples('revert --before 20261102T103000Z-attributes-changed-Q2ab', 'revert --as-of "2h ago" --group staff --plan-only')));
  add(planned(new Command('apply'))
    .description('execute exactly the plan that a run has made')
    .argument('<run>', 'name of the execution that made the plan')
    .addHelpText('after', examples('apply 3f1c2d8a-plan', 'apply 3f1c2d8a-plan --yes --max-users 400')));
  add(planned(new Command('undo'))
    .description('take back what an executed plan has written')
    .argument('<run>', 'name of the execution that executed the plan')
    .addHelpText('after', examples('undo 9b2e7c10-run', 'undo 9b2e7c10-run --plan-only')));
  add(new Command('forget')
    .description('delete every trace of one person who is in neither pool any more; reads whole tables')
    .argument('<sub>', 'the sub of the user in the source pool')
    .option('--plan-only', 'count the traces, and change nothing')
    .option('--confirm <sub>', 'the sub once more, instead of typing it')
    .option('--out <file>', 'write the receipt to a file')
    .addHelpText('after', examples(`forget ${A_SUB} --plan-only`, `forget ${A_SUB} --out receipt.json`)));
  add(new Command('pool-definition')
    .description('the settings of an existing user pool as a file, from which its standby can be made; needs no deployment')
    .argument('<user-pool-id>', 'the id of the source pool, such as us-east-1_AbCdEfGhI')
    .requiredOption('--out <file>', 'the file to write')
    .addHelpText('after', examples(`pool-definition ${A_POOL} --out pool.json`, `pool-definition ${A_POOL} --out pool.json --profile prod`)));
  add(new Command('redrive')
    .description('dead letters, and the way back to the queues that they came from')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('redrive', 'redrive --yes --json')));
  add(new Command('watch')
    .description('follow an execution to its end')
    .argument('[execution]', 'its name or ARN, also of one that has ended; the one that runs, if there is one only')
    .addHelpText('after', examples('watch', 'watch restore-2026-11-02')));
  add(new Command('stop')
    .description('stop an execution; what it has done stays, and the next one goes on from there')
    .argument('[execution]', 'its name or ARN; the one that runs, if there is one only')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('stop', 'stop restore-2026-11-02 --yes')));
  add(new Command('open')
    .description('let users into the standby pool')
    .option('--by <name>', 'your name, for the record')
    .option('--reason <sentence>', 'why, for the record')
    .option('--rehearsal <name...>', 'let in those users only, by a name that they sign in by')
    .option('--confirm-incident <id...>', 'the deletions of this incident were meant, and count on the standby')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('open --by greta --reason "us-east-1 is dark"', 'open --rehearsal tester@example.com')));
  add(new Command('close')
    .description('let nobody into the standby pool')
    .option('--by <name>', 'your name, for the record')
    .option('--reason <sentence>', 'why, for the record')
    .option('--sign-out', 'end every session of the standby pool')
    .option('--confirm-incident <id...>', 'the deletions of this incident were meant, and count on the standby')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('close --by greta --reason "us-east-1 is back"', 'close --sign-out --yes')));
  return root;
}

function wholeNumber(given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('want a whole number above 0');
  return value;
}

function quotaShare(given: string): number {
  const value = Number(given);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('want a number above 0 and up to 1');
  return value;
}

/** What commander says of a wrong use is 64; help and version are no error. */
export function exitOf(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
}
