import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { program } from '../../src/cli/program';

const COMMAND = require.resolve('../../assets/cli/main/index.js');
/** Milliseconds of processor time: how long it takes on a machine that has nothing else to do. */
const MOST_MILLISECONDS = 300;
/** Of one file with the SDK's clients, the parser and the tables, as `npx` fetches it with the package. */
const MOST_KB = 1_450;
const RUNS = 5;

test('the command says its help in less than 300 ms', () => {
  const measured = 'process.on("exit", () => { const { user, system } = process.cpuUsage(); process.stderr.write(`${(user + system) / 1000}`); });'
    + `process.argv = [process.argv[0], "${COMMAND}", "--help"]; require("${COMMAND}");`;
  const times = Array.from({ length: RUNS }, () => Number(spawnSync(process.execPath, ['-e', measured], { encoding: 'utf8' }).stderr));
  const size = statSync(COMMAND).size / 1_024;
  process.stdout.write(`command line: --help in ${Math.min(...times).toFixed(0)} ms of processor time, ${size.toFixed(0)} KB in one file\n`);
  expect(Math.min(...times)).toBeLessThan(MOST_MILLISECONDS);
  expect(size).toBeLessThan(MOST_KB);
});

const root = program('1.2.3', async () => 0, () => undefined);

test.each(root.commands.map(command => [command.name(), command] as const))('%s --help shows two examples, and they can be typed', async (name, command) => {
  let help = '';
  command.configureOutput({ writeOut: text => { help += text; } });
  command.outputHelp();
  const examples = [...help.matchAll(/\$ npx cognito-dr-replica (.*)/g)].map(([, line]) => line);
  expect(examples).toHaveLength(2);
  for (const line of examples) {
    const ran: string[] = [];
    const typed = program('1.2.3', async given => { ran.push(given); return 0; }, () => undefined);
    await typed.parseAsync(['node', 'cognito-dr-replica', ...[...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)]);
    expect(ran).toEqual([name]);
  }
});
