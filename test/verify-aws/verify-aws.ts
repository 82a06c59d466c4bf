import { parseArgs } from 'node:util';
import { EXIT, EXIT_CODES } from './report';
import { Refusal, Run, RunOptions } from './run';

const HELP = `Checks on an AWS account of yours what this library assumes about AWS, with stacks that are removed afterwards.

  npm run verify:aws -- --region <region> --replica-region <region> [options]

  --region <region>          where the source pool is made; bootstrapped for the CDK
  --replica-region <region>  where its copy is made; bootstrapped for the CDK
  --create-trail             make a CloudTrail trail, if no trail logs management events in the first Region
  --json <file>              write the report as JSON
  --keep                     remove nothing at the end, and give the commands that do
  --yes                      do it; without, say what would be done

${EXIT_CODES}`;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function optionsOf(args: readonly string[]): RunOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'region': { type: 'string' },
      'replica-region': { type: 'string' },
      'create-trail': { type: 'boolean', default: false },
      'json': { type: 'string' },
      'keep': { type: 'boolean', default: false },
      'yes': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const region = (name: 'region' | 'replica-region'): string => {
    const value = values[name];
    if (value === undefined || !/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(value)) throw new Refusal(`--${name} is ${value ? `'${value}'` : 'not given'}: give the name of a Region, such as us-west-2`);
    return value;
  };
  return {
    region: region('region'),
    replicaRegion: region('replica-region'),
    createTrail: values['create-trail'],
    keep: values.keep,
    yes: values.yes,
    json: values.json,
  };
}

/** @param args of the command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  const say = (text: string) => { process.stdout.write(text); };
  if (options === 'help') {
    say(HELP);
    return EXIT.AS_ASSUMED;
  }
  const interruption = new AbortController();
  const interrupt = () => {
    say(interruption.signal.aborted ? '\nRemoving: this takes some minutes; if you stop it, the stacks CognitoDrVerify-... stay.\n' : '\nStopping.\n');
    interruption.abort();
  };
  // npm may be gone by then, and nobody reads: that must not keep anything from being removed.
  process.stdout.on('error', () => undefined);
  SIGNALS.forEach(signal => process.on(signal, interrupt));
  try {
    return await new Run(options, { say, signal: interruption.signal }).run();
  } finally {
    SIGNALS.forEach(signal => process.removeListener(signal, interrupt));
  }
}

if (require.main === module) {
  main(process.argv.slice(2)).then(code => { process.exitCode = code; }, (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.FAILED;
  });
}
