import { once } from 'node:events';
import { localAwsEnvironment } from '../local-aws/cdk';
import { LocalAws } from '../local-aws/local-aws';
import { startGroup, stopGroup } from '../local-aws/processes';

/** Answers to what the CDK and npx ask a person at a terminal. */
const ANSWERS = { CDK_REQUIRE_APPROVAL: 'never', npm_config_yes: 'true', CI: 'true' };

/** Runs commands as a person types them, in one folder, against the local AWS; shows and answers what they print. */
export class Shell {
  constructor(private readonly aws: LocalAws, private readonly folder: string, private readonly variables: Readonly<Record<string, string>> = {}) {}

  public async run(commands: string): Promise<string> {
    process.stdout.write(`$ ${commands.replace(/\n/g, '\n$ ')}\n`);
    const environment = localAwsEnvironment({ endpoint: this.aws.endpoint, account: this.aws.account, region: this.aws.regions[0] });
    // Within `npm run`, npm tells its children to work for the project that it was started in.
    const outside = Object.entries(environment).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name));
    const env = { ...Object.fromEntries(outside), ...ANSWERS, ...this.variables };
    const child = startGroup('bash', ['-eo', 'pipefail', '-c', commands], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], env });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        process.stdout.write(chunk);
      });
    }
    const [code] = await once(child, 'close') as [number | null];
    await stopGroup(child, 0);
    if (code !== 0) throw new Error(`${commands}\nended with ${code}`);
    return output;
  }
}
