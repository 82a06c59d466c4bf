import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** Why findings of cdk-nag stay, by the rule's name without its pack's; `where` is a part of the path of the only resources that it holds for. */
interface Reason {
  readonly packs: readonly string[];
  readonly rule: string;
  /** What of the resource the rule names, where it names more than one thing. */
  readonly finding?: string;
  /** Every resource with a wildcard that the policy names is a finding of its own. */
  readonly ofWildcards?: boolean;
  readonly where?: RegExp;
  /** At least 10 characters, as cdk-nag 2 wants it, none of which is outside of Latin-1. */
  readonly reason: string;
}

const SOLUTIONS = ['AwsSolutions'];
const SERVERLESS = ['Serverless'];
const COMPLIANCE = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];
const DEAD_LETTERS = /\/(DeadLetters|EventDeadLetters|DeadLetterQueue|SetAside)\/Resource$/;

const FUNCTION_ROLE: Reason = {
  packs: COMPLIANCE, rule: 'IAMNoInlinePolicy', reason: 'each role has the policy of one function, or of one state machine, and goes with it',
};

/** Why a bucket has no log of readers, no replica, no default lock and no key of a customer. */
function onBucket(where: RegExp, { log, replication, lock, key }: Readonly<Record<'log' | 'replication' | 'lock' | 'key', string>>): Reason[] {
  return [
    { packs: SOLUTIONS, rule: 'S1', where, reason: log },
    { packs: COMPLIANCE, rule: 'S3BucketLoggingEnabled', where, reason: log },
    { packs: COMPLIANCE, rule: 'S3BucketReplicationEnabled', where, reason: replication },
    { packs: COMPLIANCE, rule: 'S3BucketDefaultLockEnabled', where, reason: lock },
    { packs: COMPLIANCE, rule: 'S3DefaultEncryptionKMS', where, reason: key },
  ];
}

/** The source pool's own findings are the caller's; its standby has them as well, and what the caller said of them. */
const REASONS: Record<string, readonly Reason[]> = {
  'AWS::CloudTrail::Trail': [
    { packs: COMPLIANCE, rule: 'CloudTrailCloudWatchLogsEnabled', reason: 'it is there so that EventBridge gets the events; nobody reads its files' },
    { packs: COMPLIANCE, rule: 'CloudTrailEncryptionEnabled', reason: 'the files are encrypted by S3, and go after a month unread' },
  ],
  'AWS::Events::Rule': [
    { packs: SERVERLESS, rule: 'EventBusDLQ', reason: 'a schedule comes again, and what it starts finds what was missed' },
  ],
  'AWS::IAM::Policy': [FUNCTION_ROLE],
  'AWS::IAM::Role': [
    FUNCTION_ROLE,
    {
      packs: SOLUTIONS,
      rule: 'IAM5',
      finding: 'Resource::*',
      where: /\/StateMachineRole\//,
      reason: 'Step Functions delivers its logs by actions that support no narrower resource',
    },
    {
      packs: SOLUTIONS,
      rule: 'IAM5',
      ofWildcards: true,
      where: /\/Drill\/Workflow\/(Slice|Watch|Begin)Role\//,
      reason: 'a pool that is being made has no ARN, and lists have none; every other action asks for the tag of a pool that a drill made',
    },
    {
      packs: SERVERLESS,
      rule: 'LambdaStarPermissions',
      where: /\/Drill\/Workflow\/(Slice|Watch)Role\//,
      reason: 'a pool that is being made has no ARN, and lists have none',
    },
    {
      packs: SOLUTIONS,
      rule: 'IAM5',
      ofWildcards: true,
      where: /\/Drill\/Evidence\/WriterRole\//,
      reason: 'each report is an object of its own, below a prefix that nobody else may write to',
    },
    {
      packs: SOLUTIONS,
      rule: 'IAM5',
      ofWildcards: true,
      where: /\/RegionSwitch\/StepRole\//,
      reason: 'each call of a plan starts an execution of its own, and looks at those that it named',
    },
  ],
  'AWS::Lambda::EventInvokeConfig': [
    { packs: SERVERLESS, rule: 'LambdaAsyncFailureDestination', reason: 'whoever calls the function repeats the call, or keeps what failed' },
  ],
  'AWS::Lambda::EventSourceMapping': [
    { packs: SERVERLESS, rule: 'LambdaEventSourceMappingDestination', reason: 'the queue that it reads has a dead-letter queue' },
  ],
  'AWS::Lambda::Function': [
    { packs: COMPLIANCE, rule: 'LambdaInsideVPC', reason: 'it calls AWS only, whose endpoints are reached by TLS and signed requests' },
    { packs: COMPLIANCE, rule: 'LambdaConcurrency', reason: 'a reservation would take from the other functions of the account; callers bound it' },
    { packs: [...COMPLIANCE, ...SERVERLESS], rule: 'LambdaDLQ', reason: 'whoever calls the function repeats the call, or keeps what failed' },
    { packs: SERVERLESS, rule: 'LambdaTracing', reason: 'metrics and logs say what a call did and how long it took' },
  ],
  'AWS::Logs::LogGroup': [
    { packs: COMPLIANCE, rule: 'CloudWatchLogGroupEncrypted', reason: 'encrypted by CloudWatch Logs; it holds counts and ids, and no names' },
  ],
  'AWS::S3::Bucket': [
    ...onBucket(/\/Capture\/Trail\//, {
      log: 'nobody reads the files of the trail; a log of readers would need another bucket',
      replication: 'nobody reads the files of the trail, which go after a month',
      lock: 'nobody reads the files of the trail, which go after a month',
      key: 'the files are encrypted by S3, and go after a month unread',
    }),
    ...onBucket(/\/Drill\/Evidence\//, {
      log: 'reports hold no personal data; a log of readers would need another bucket',
      replication: 'a report is about this Region, and each says which came before it',
      lock: 'a lock is by report: a default would keep the subs of users, which have to expire',
      key: 'encrypted by S3 where encryption names no key of the customer, so that auditors need no right to one',
    }),
  ],
  'AWS::SQS::Queue': [
    { packs: SOLUTIONS, rule: 'SQS3', where: DEAD_LETTERS, reason: 'it is a dead-letter queue itself, of what cdk-nag does not look at' },
    { packs: SERVERLESS, rule: 'SQSRedrivePolicy', where: DEAD_LETTERS, reason: 'it is a dead-letter queue itself' },
  ],
  'AWS::StepFunctions::StateMachine': [
    { packs: SOLUTIONS, rule: 'SF2', reason: 'an execution calls one function at a time, and its log says how long each call took' },
    { packs: SERVERLESS, rule: 'StepFunctionStateMachineXray', reason: 'an execution calls one function at a time; its log says how long each took' },
  ],
};

/** A suppression as cdk-nag 2 reads it from a template's metadata. */
interface Suppression {
  readonly id: string;
  readonly reason: string;
  readonly applies_to?: unknown[];
}

/** The same for cdk-nag 3: what CDK's Validations write of an acknowledged rule. Reading the ids it strips the prefix, in any case of letters. */
const ACKNOWLEDGED = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
const PREFIX = 'annotation::';

/** Says of everything in `made` why cdk-nag's findings on it stay: an app that is clean stays so. cdk-nag itself is not needed for it. */
export function explainFindings(made: readonly IConstruct[]): void {
  for (const node of made.flatMap(each => each.node.findAll())) {
    if (!CfnResource.isCfnResource(node)) continue;
    const reasons = (REASONS[node.cfnResourceType] ?? []).filter(({ where }) => !where || where.test(node.node.path));
    const rules = reasons.flatMap(({ packs, rule, finding, ofWildcards, ...why }) => packs.flatMap(pack =>
      (ofWildcards ? wildcardsOf(node) : [finding]).map(each => ({ id: `${pack}-${rule}`, finding: each, ...why }))));
    suppress(node, rules.map(({ id, reason, finding }) => ({ id, reason, ...finding && { applies_to: [finding] } })));
    acknowledge(node, Object.fromEntries(rules.map(({ id, reason, finding }) => [`${PREFIX}${id}${finding ? `[${finding}]` : ''}`, reason])));
  }
}

/** Resources with a wildcard of a role's own policies, as cdk-nag writes them: references in angle brackets. */
function wildcardsOf(node: CfnResource): string[] {
  const { policies = [] } = node as CfnRole;
  type Policy = { readonly policyDocument: { readonly Statement: readonly { readonly Resource: unknown }[] } };
  const statements = (Stack.of(node).resolve(policies) as readonly Policy[]).flatMap(({ policyDocument }) => policyDocument.Statement);
  const resources = statements.flatMap(({ Resource: resource }) => [resource].flat()).map(inBrackets);
  return [...new Set(resources)].filter(resource => resource.includes('*')).map(resource => `Resource::${resource}`);
}

function inBrackets(value: unknown): string {
  if (typeof value === 'string') return value;
  type Intrinsic = { readonly 'Ref'?: string; readonly 'Fn::GetAtt'?: string[]; readonly 'Fn::Join'?: [string, unknown[]] };
  const { 'Ref': ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Intrinsic;
  if (join) return join[1].map(inBrackets).join(join[0]);
  return `<${ref ?? attribute?.join('.') ?? ''}>`;
}

/** What was said of the findings on `source`, or on all of its stack, is true of its mirror in another stack. */
export function carryFindings(source: CfnResource, mirror: CfnResource): void {
  const ofStack = Stack.of(source) === Stack.of(mirror) ? undefined : Stack.of(source).templateOptions.metadata?.[NAG];
  suppress(mirror, [...suppressions(source.getMetadata(NAG)), ...suppressions(ofStack)]);
  // Version 3 looks at everything that a resource is in.
  for (const scope of source.node.scopes.filter(each => !mirror.node.scopes.includes(each))) {
    scope.node.metadata.filter(({ type }) => type === ACKNOWLEDGED).forEach(({ data }) => acknowledge(mirror, data));
  }
}

const NAG = 'cdk_nag';

function suppressions(metadata: { rules_to_suppress?: Suppression[] } | undefined): Suppression[] {
  return metadata?.rules_to_suppress ?? [];
}

function suppress(resource: CfnResource, rules: Suppression[]): void {
  const existing = suppressions(resource.getMetadata(NAG));
  const isNew = (rule: Suppression) => !existing.some(other => JSON.stringify(other) === JSON.stringify(rule));
  if (rules.some(isNew)) resource.addMetadata(NAG, { rules_to_suppress: [...existing, ...rules.filter(isNew)] });
}

function acknowledge(resource: CfnResource, rules: Record<string, string>): void {
  const isThere = resource.node.metadata.some(({ type, data }) => type === ACKNOWLEDGED && JSON.stringify(data) === JSON.stringify(rules));
  if (Object.keys(rules).length > 0 && !isThere) resource.node.addMetadata(ACKNOWLEDGED, rules);
}
