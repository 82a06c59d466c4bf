import { readdirSync } from 'node:fs';
import { awscdk, github, javascript, release } from 'projen';

const NODE_VERSION_WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cognito-dr-replica',
  description: 'A continuously kept copy of an Amazon Cognito user pool in a second Region, with history and a rehearsed way back.',
  author: 'cognito-dr-replica contributors',
  authorAddress: 'noreply@example.com',
  repositoryUrl: 'https://github.com/cognito-dr-replica/cognito-dr-replica.git',
  license: 'MIT',
  copyrightOwner: 'cognito-dr-replica contributors',
  keywords: ['aws', 'cdk', 'cognito', 'user-pool', 'disaster-recovery', 'backup', 'restore', 'multi-region'],
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  // npm 11 checks a lock file more strictly than the npm of GitHub's runners; see addPackageResolutions below.
  projenrcTs: true,
  // projen is before 1.0 and changed its layout within a year: pinned exactly.
  projenVersion: '0.103.25',
  // 2.262.0 is the first release with Stack.addStackDependency (addDependency is deprecated) and Validations
  // (acknowledgeable warnings), both of which the construct calls.
  cdkVersion: '2.262.0',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.0',
  // TypeScript 7 is outside the range of jsii 6, ts-jest 29 and typescript-eslint 8.
  typescriptVersion: '~6.0.3',
  minNodeVersion: '20.0.0',
  // Trusted publishing needs npm 11.5.1, which comes with Node 24; the tools that make a release want Node 22.
  workflowNodeVersion: '24',

  // Somebody decides that there is a release, and starts the workflow by hand. npm and PyPI trust that workflow; Maven Central and
  // the repository of the Go module know no such thing, and need the secrets that the workflow names.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  // What publishes holds the tokens: no version of it that nobody has looked at.
  jsiiReleaseVersion: '0.2.1061',
  npmTrustedPublishing: true,
  publishToPypi: { distName: 'cognito-dr-replica', module: 'cognito_dr_replica', trustedPublishing: true },
  publishToMaven: {
    javaPackage: 'io.github.cognitodrreplica',
    mavenGroupId: 'io.github.cognitodrreplica',
    mavenArtifactId: 'cognito-dr-replica',
  },
  publishToGo: { moduleName: 'github.com/cognito-dr-replica/cognito-dr-replica-go' },
  // What was published a moment ago may be withdrawn, or an attack, tomorrow: upgrades wait a week.
  depsUpgradeOptions: {
    cooldown: 7,
    workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.MONTHLY },
  },

  disableTsconfig: true,
  eslintOptions: {
    commandOptions: { fix: false },
    dirs: ['src'],
    devdirs: ['test', 'scripts'],
    projectService: false,
    tsconfigPath: './tsconfig.dev.json',
  },
  projenrcTsOptions: { projenCodeDir: '.projen' },
  typecheckTests: true,
  // What the construct imports is compiled into lib/; handlers, and what only they use, are bundled into assets/ and stay out.
  excludeTypescript: ['src/*/**/*.ts'],
  integrationTestAutoDiscover: false,
  // Handlers are bundled below; the construct that runs one is src/cdk/handler-function.ts.
  lambdaAutoDiscover: false,
  githubOptions: { mergify: false },
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      // End-to-end suites each start a local AWS of their own, and two of them leave a part of two cores idle. With four, a trigger may take longer than
      // the five seconds that Cognito waits.
      maxWorkers: 3,
      // A worker that has seen many suites keeps what they loaded, and the collection of garbage takes longer with each: one suite took twice as long.
      // A start takes a second of a processor: with 400 MB, suites without end-to-end tests took 6 % more of it.
      workerIdleMemoryLimit: '800MB',
      // Within jest, each look at a global is a hundred times as slow (200 ns), and libraries look at `Array` at every step: these are parameters of
      // each module instead. Not those that a module may declare itself, as the CDK does with `Map`, nor the timers.
      sandboxInjectedGlobals: [
        'Array', 'Buffer', 'Error', 'JSON', 'Math', 'Number', 'Object', 'Promise', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'Uint8Array', 'WeakMap',
      ],
      // A bound on what hangs, not a claim about speed: machines are noisy, and a first run makes virtual environments.
      testTimeout: 180_000,
      // Nothing fails by it, and every run would pay for it: `npx jest --coverage` tells.
      collectCoverage: false,
      testEnvironment: '<rootDir>/test/helpers/own-tmpdir-environment.js',
      testSequencer: '<rootDir>/test/helpers/end-to-end-first.js',
      setupFilesAfterEnv: ['<rootDir>/test/helpers/quick-synthesis.ts', '<rootDir>/test/helpers/only-this-machine.ts'],
    },
  },
  devDeps: [
    '@aws-lambda-powertools/logger@^2',
    '@aws-lambda-powertools/metrics@^2',
    '@aws-sdk/client-cloudwatch@^3',
    '@aws-sdk/client-cloudwatch-logs@^3',
    '@aws-sdk/client-cognito-identity-provider@^3',
    '@aws-sdk/client-dynamodb@^3',
    '@aws-sdk/client-eventbridge@^3',
    '@aws-sdk/client-lambda@^3',
    '@aws-sdk/client-s3@^3',
    '@aws-sdk/client-service-quotas@^3',
    '@aws-sdk/client-sesv2@^3',
    '@aws-sdk/client-sfn@^3',
    '@aws-sdk/client-sns@^3',
    '@aws-sdk/client-sqs@^3',
    '@aws-sdk/client-sts@^3',
    '@aws-sdk/client-cloudformation@^3',
    '@aws-sdk/lib-dynamodb@^3',
    '@aws-sdk/util-dynamodb@^3',
    // 10 is ESM only, which jest cannot load on Node 20.
    '@faker-js/faker@^9',
    '@hpcc-js/wasm-graphviz@^1',
    '@smithy/core@^3',
    '@types/aws-lambda@^8',
    '@types/cli-progress@^3',
    '@types/mustache@^4',
    // 10 wants Node 22.
    '@stryker-mutator/core@^9',
    '@stryker-mutator/jest-runner@^9',
    'asl-validator@^4',
    'aws-jwt-verify@^5',
    // npm has had a stray 3.0.0 of the CLI as `latest`, which cannot read this aws-cdk-lib's cloud assembly.
    'aws-cdk@2.1148.1',
    'aws-sdk-client-mock@^4',
    // Judges the calls of functions and state machines on the local AWS. Its licence is the AGPL: it runs in tests, and nothing of it ships.
    '@cloud-copilot/iam-simulate@^0.1.173',
    'cdk-nag@^3',
    // Most apps still have it: what is acknowledged for 3 must be suppressed for 2 as well.
    'cdk-nag-2@npm:cdk-nag@^2',
    'cli-progress@^3',
    'cli-table3@^0.6',
    'ajv@^8',
    // 15 wants Node 22.
    'commander@^14',
    'concurrently@^9',
    'esbuild',
    'fast-check@^4',
    'mustache@^4',
    'picocolors@^1',
    // fast-check's own generator of numbers.
    'pure-rand@^8',
    'remark-cli@^12',
    'ts-json-schema-generator@^2',
    'remark-validate-links@^13',
    'spdx-license-list@^6',
    'tsx@^4',
    'zod@^4',
  ],
});

project.tsconfigDev.addInclude('.projenrc.ts');
project.tsconfigDev.addInclude('scripts/**/*.ts');
// The TypeScript consumer imports the library by its name.
project.tsconfigDev.file!.addOverride('compilerOptions.paths', { 'cognito-dr-replica': ['./src'] });

// An app with dependencies of its own, which only `test/consumers/check amplify` installs.
project.tsconfigDev.addExclude('test/consumers/amplify');
project.eslint!.addIgnorePattern('test/consumers/amplify/');

// A construct file that imports a value from a handler compiles and passes its tests here, and then breaks every
// consumer, who has none of the handlers' libraries.
project.eslint!.addOverride({
  files: ['src/**/*.ts'],
  excludedFiles: ['src/**/*.lambda.ts', 'src/**/*.lambda-shared.ts', 'src/cli/**/*.ts'],
  rules: {
    'no-restricted-imports': ['error', { patterns: ['*.lambda', '**/*.lambda', '*.lambda-shared', '**/*.lambda-shared'] }],
  },
});
project.eslint!.allowDevDeps('src/**/*.lambda.ts');
project.eslint!.allowDevDeps('src/**/*.lambda-shared.ts');
project.eslint!.allowDevDeps('src/cli/**/*.ts');
project.eslint!.addRules({ '@typescript-eslint/no-floating-promises': ['error'] });

// The direction of imports, as CONTRIBUTING has it: each folder of src/, and the folders that it may import from besides itself.
const MAY_IMPORT: Record<string, string[]> = {
  runtime: [],
  cdk: ['runtime'],
  dashboard: ['runtime', 'cdk'],
  cognito: ['runtime'],
  ledger: ['runtime', 'cdk', 'cognito'],
  state: ['runtime', 'cdk', 'cognito', 'ledger'],
  converge: ['runtime', 'cdk', 'cognito', 'ledger', 'state'],
  capture: ['runtime', 'cdk', 'cognito', 'ledger'],
  restore: ['runtime', 'cdk', 'cognito', 'ledger', 'state', 'converge'],
  recovery: ['runtime', 'cdk', 'cognito', 'ledger', 'state', 'converge', 'operations'],
  standby: ['runtime', 'cdk', 'cognito', 'ledger', 'state', 'converge', 'operations'],
  operations: ['runtime', 'cdk', 'cognito', 'ledger'],
  cli: ['runtime', 'cdk', 'cognito', 'ledger', 'state', 'converge', 'restore', 'recovery', 'operations', 'drill'],
  drill: ['runtime', 'cdk', 'cognito', 'ledger', 'state', 'converge', 'restore'],
};
// The names of AWS's exceptions are told apart in one place. A name that is only passed on, to a log, is nothing that behaviour hangs on.
const ERROR = '/^(e|err|error|cause|reason|failure|exception)$/i';
const NAME = '[property.name=\'name\']';
const ERROR_NAMES = [`MemberExpression${NAME}[object.name=${ERROR}]`, `MemberExpression${NAME}[object.expression.name=${ERROR}]`];
const EXCEPTION = 'Literal[value=/^[A-Z]\\w+(Exception|NotFound|Denied)$/]';
const COMPARED = [
  ...ERROR_NAMES.flatMap(name => [
    `BinaryExpression[operator=/^([!=]==?|in)$/] > ${name}`,
    `SwitchStatement > ${name}.discriminant`,
    `CallExpression[callee.property.name=/^(includes|has|startsWith|endsWith|test|match|indexOf)$/] > ${name}.arguments`,
    `CallExpression > MemberExpression.callee > ${name}.object`,
  ]),
  `BinaryExpression > ${EXCEPTION}`,
  `SwitchCase > ${EXCEPTION}`,
  `CallExpression[callee.property.name=/^(includes|startsWith|endsWith|indexOf)$/] > ${EXCEPTION}`,
  `CallExpression[callee.property.name=/^(includes|some)$/] > MemberExpression.callee > ArrayExpression > ${EXCEPTION}`,
];
project.eslint!.addOverride({
  files: ['src/**/*.ts'],
  rules: {
    // Strongly connected components would be sought through the declarations of aws-cdk-lib, which takes longer than all other rules.
    'import/no-cycle': ['error', { ignoreExternal: true, disableScc: true }],
    'import/no-restricted-paths': ['error', {
      zones: Object.entries(MAY_IMPORT).map(([folder, below]) => ({
        target: `./src/${folder}`,
        from: './src',
        except: [folder, ...below].map(each => `./${each}`),
        message: `src/${folder} may import ${below.length > 0 ? below.join(', ') : 'no other folder of src'}: see CONTRIBUTING`,
      })),
    }],
    '@stylistic/max-len': ['error', { code: 150, tabWidth: 2 }],
  },
});
project.eslint!.addOverride({
  files: ['src/**/*.ts'],
  excludedFiles: ['src/cognito/refusals.ts'],
  rules: {
    'no-restricted-syntax': ['error', ...COMPARED.map(selector => ({ selector, message: 'tell errors apart by the functions of src/cognito/refusals.ts' }))],
  },
});

// npm resolves two versions of unrs-resolver's bindings into a fresh lock and then refuses it in `npm ci`. The other two
// are the pair in aws-cdk-go v2.262.0's own go.mod; without them the generated Go module names versions that do not exist.
project.package.addPackageResolutions(
  'unrs-resolver@1.12.2',
  '@aws-cdk/cloud-assembly-schema@54.11.0',
  '@aws-cdk/asset-node-proxy-agent-v6@2.1.2',
);

// .NET is generated in CI, so that the API stays usable from there; nobody has compiled it yet, so it is not published.
project.package.file.addOverride('jsii.targets.dotnet', { namespace: 'CognitoDrReplica', packageId: 'CognitoDrReplica' });

// Every snippet in the README, and every example of a docstring, must compile; rosetta/default.ts-fixture is what stands around the latter.
// In one compilation: each on its own reads the CDK's types again, and all of them take five times as long for the same tablet.
project.postCompileTask.exec('jsii-rosetta extract --strict --batch');
// While the API is experimental jsii-diff lets every break pass, unless told otherwise; what is meant goes to .compatignore.
const compat = project.tasks.tryFind('compat')!;
compat.reset('.ci/compat');
project.postCompileTask.spawn(compat);
project.gitignore.exclude('.jsii.tabl.json');
// jsii writes /tsconfig.json; the pattern without a slash would ignore .projen/tsconfig.json as well.
project.gitignore.removePatterns('tsconfig.json');
project.gitignore.exclude('/tsconfig.json');
// The virtual environment, cloud assemblies and logs of the local AWS.
project.gitignore.exclude('/.local-aws/');
// What `npm run mutate` leaves.
project.gitignore.exclude('/.stryker-tmp/', '/reports/');
project.npmignore!.exclude('/.local-aws/', '/.stryker-tmp/', '/reports/', '/.ci/', '/docs/*.svg', '/docs/*.dot', '/rosetta/', '/scripts/', '/CONTRIBUTING.md', '/SECURITY.md', '/.compatignore');

project.jest!.addReporter(new javascript.JestReporter('<rootDir>/test/helpers/summary-reporter.js'));

// A function of Lambda has its credentials in the environment: the SDK's other ways to find them are imported on demand, never, and
// would be a fifth of every bundle.
const OTHER_CREDENTIALS = ['http', 'ini', 'login', 'process', 'sso', 'web-identity'].map(name => `@aws-sdk/credential-provider-${name}`);

// One runtime is tested and shipped. The SDK is in the bundle, so that a Cognito API never depends on the SDK version that the Lambda service
// happens to carry. Bundles ship minified; names stay, so that an error's name and stack still say where it came from. ES modules first: of
// CommonJS nothing that goes unused can be left out, and each bundle would be twice as large.
const bundler = javascript.Bundler.of(project)!;
for (const handler of readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.lambda.ts')).sort()) {
  bundler.addBundle(`src/${handler}`, {
    platform: 'node',
    target: 'node24',
    tsconfigPath: project.tsconfigDev.fileName,
    externals: [...OTHER_CREDENTIALS, '@smithy/credential-provider-imds'],
    sourcemap: false,
    watchTask: false,
    esbuildArgs: {
      '--minify': true,
      // A user waits for the trigger to load; what it counts are the SDK's own error names, which are text.
      ...handler.includes('on-user-event') ? {} : { '--keep-names': true },
      '--main-fields': 'module,main',
    },
  });
}

// The command line: one file without dependencies, so that `npx` has nothing to install but the package. It finds credentials wherever the AWS CLI does.
const COMMAND = 'assets/cli/main/index.js';
bundler.addBundle('src/cli/main.ts', {
  platform: 'node',
  target: 'node20',
  tsconfigPath: project.tsconfigDev.fileName,
  externals: [],
  sourcemap: false,
  watchTask: false,
  esbuildArgs: { '--minify': true, '--keep-names': true, '--main-fields': 'module,main', '--banner:js': '#!/usr/bin/env node' },
});
project.package.addBin({ 'cognito-dr-replica': COMMAND });

// projen itself asks npx, once for each task and each part of a task: that took more than half of the time of `projen bundle`.
project.tasks.addEnvironment('PATH', '$(node --print "[path.resolve(\'node_modules/.bin\'), process.env.PATH].join(path.delimiter)")');

// `npm test` from a clean clone: bundle, type-check, lint, then jest, so that its summary closes the output.
// The tasks that projen adds itself would run ESLint last and would find no bundled handlers.
const bundle = project.tasks.tryFind('bundle')!;
project.testTask.reset();
project.testTask.env('JSII_DEPRECATED', 'quiet');
// Handlers run on Node 24; that the tests' own SDK will want Node 22 in 2027 is no news for the readers of their output.
project.testTask.env(NODE_VERSION_WARNING, 'true');
// None of these needs another one, and each keeps one core busy.
project.testTask.exec('concurrently --group --kill-others-on-fail "projen bundle" "tsc --noEmit -p tsconfig.dev.json" "projen eslint"');
project.testTask.exec('jest --ci', { receiveArgs: true });

project.addTask('mutate', {
  description: 'Changes rules on purpose, and names the changes that no test notices; takes hours, or `--mutate <file>` for minutes',
  exec: 'tsx scripts/mutate.ts',
  receiveArgs: true,
  env: { [NODE_VERSION_WARNING]: 'true', JSII_DEPRECATED: 'quiet' },
});

const demo = project.addTask('demo', {
  description: 'Deploy into two Regions of a local AWS, lose one, restore',
  env: { [NODE_VERSION_WARNING]: 'true', JSII_DEPRECATED: 'quiet' },
});
demo.spawn(bundle);
demo.exec('tsx test/demo/demo.ts', { receiveArgs: true });

project.addTask('bench:restore', {
  description: 'Achieved rate of the restore against the binding Cognito quota, in virtual time',
  exec: 'node --expose-gc --import tsx test/bench/restore.bench.ts',
  receiveArgs: true,
});

project.addTask('bench:as-of', {
  description: 'What a read of all users as of a moment costs beside a read of now, in read units and memory',
  exec: 'node --expose-gc --import tsx test/bench/as-of.bench.ts',
  receiveArgs: true,
});

project.addTask('bench:first-copy', {
  description: 'How long the first copy of a pool and a sweep take, by the memory of the function, in virtual time',
  exec: 'tsx test/bench/first-copy.bench.ts',
});

const benchMemory = project.addTask('bench:memory', {
  description: 'Processor time of the bundled functions on the local AWS, and what it makes of each memory',
  env: { [NODE_VERSION_WARNING]: 'true', JSII_DEPRECATED: 'quiet' },
});
benchMemory.spawn(bundle);
benchMemory.exec('tsx test/bench/memory.bench.ts', { receiveArgs: true });

project.addTask('bench:calls', {
  description: 'Processor time of our own side of each call, which the simulations spend',
  env: { [NODE_VERSION_WARNING]: 'true' },
  exec: 'tsx test/bench/calls.bench.ts',
});

const benchSynth = project.addTask('bench:synth', {
  description: 'What the one line adds to a synthesis, warm in one process and cold as cdk synth',
  env: { [NODE_VERSION_WARNING]: 'true', JSII_DEPRECATED: 'quiet' },
});
benchSynth.spawn(project.preCompileTask);
benchSynth.spawn(project.compileTask);
benchSynth.exec('tsx test/bench/synth.bench.ts');

const benchTrigger = project.addTask('bench:trigger', { description: 'Size of the trigger function, and what a cold start costs by its own code' });
benchTrigger.spawn(bundle);
benchTrigger.exec('tsx test/bench/trigger.bench.ts');

const verifyAws = project.addTask('verify:aws', {
  description: 'Check what is assumed about AWS on an account of yours; asks before it makes anything',
  env: { [NODE_VERSION_WARNING]: 'true', JSII_DEPRECATED: 'quiet' },
});
verifyAws.spawn(bundle);
// Not by tsx's own command, which ends a child that is slow to answer Ctrl-C, while it still removes what it made.
verifyAws.exec('node --import tsx test/verify-aws/verify-aws.ts', { receiveArgs: true });

project.addTask('schemas', {
  description: 'Make the JSON schemas of what the command line prints, from the types',
  exec: 'tsx scripts/schemas.ts',
});

const docs = project.addTask('docs', {
  description: 'Make the picture of the architecture, the published schema of reports and the notices of what is bundled',
  steps: ['architecture', 'drill-report-schema', 'third-party-notices'].map(script => ({ exec: `tsx scripts/${script}.ts` })),
});
// An upgrade moves what is bundled.
project.tasks.tryFind('post-upgrade')!.spawn(docs);

/** A job of a workflow that checks out what is asked for and runs one command. */
const job = (name: string, run: string, setup: github.workflows.JobStep[] = []): github.workflows.Job => ({
  name,
  runsOn: ['ubuntu-latest'],
  permissions: { contents: github.workflows.JobPermission.READ },
  steps: [
    github.WorkflowSteps.checkout(),
    { uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '24', 'package-manager-cache': false } },
    ...setup,
    { run },
  ],
});

const gate = job('The whole gate, four languages included', '.ci/run', [
  { uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.x' } },
  { uses: 'actions/setup-java@v6.0.0', with: { 'distribution': 'corretto', 'java-version': '17' } },
  { uses: 'actions/setup-go@v7.0.0', with: { 'go-version': '^1.25.0', 'cache': false } },
]);
project.github!.tryFindWorkflow('build')!.addJobs({
  gate,
  oldest: job('The oldest Node.js', '.ci/packed-install "$PWD/dist/js" "$RUNNER_TEMP/consumer"', [
    { run: 'npm ci && npx projen bundle && npx projen compile && npx projen package:js' },
    { uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '20', 'package-manager-cache': false } },
  ]),
});
// Nothing is published that the gate did not pass.
const releasing = project.github!.tryFindWorkflow('release')!;
releasing.addJobs({ gate });
releasing.file!.addOverride('jobs.release.needs', ['gate']);

// A break upstream is found within a week, and not by somebody's pull request.
const newestCdk = new github.GithubWorkflow(project.github!, 'newest-cdk');
newestCdk.on({ schedule: [{ cron: '0 6 * * 2' }], workflowDispatch: {} });
newestCdk.addJob('newest-cdk', job('The newest aws-cdk-lib', 'npm ci && npx projen bundle && .ci/newest-cdk'));

// The gate checks links without a network: those within the project. What the web took away shows here.
const links = new github.GithubWorkflow(project.github!, 'links');
links.on({ schedule: [{ cron: '0 6 * * 1' }], workflowDispatch: {} });
links.addJob('links', job('Links to other sites', 'npx --yes linkinator@8 README.md CONTRIBUTING.md SECURITY.md API.md docs/*.md --markdown --retry'));

project.synth();
