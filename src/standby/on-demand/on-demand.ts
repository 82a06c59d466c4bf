import { AspectPriority, Aspects, Aws, CfnResource, Duration, Lazy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { signInWarnings } from './sign-in-warnings';
import { grantTable, passGroupRoles } from '../../cdk/grants';
import { HandlerFunction, TRIGGER } from '../../cdk/handler-function';
import { OnceAt } from '../../cdk/once-at';
import {
  declinedTriggers, offerTrigger, Properties, resourcesOf, templateSettings, USER_POOL_CLIENT, USER_POOL_DOMAIN,
} from '../../cdk/pool-definition';
import { deadLetterQueue, secureQueue } from '../../cdk/queues';
import { LEDGER, LEDGER_LOOK_UP_ACTIONS, LOOK_UP_INDEXES } from '../../ledger/constants';
import {
  ENV_FOLLOW_UP_QUEUE_URL, ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_LINK_ATTRIBUTES, ENV_MARKS_USERS, ENV_QUOTA_SHARE, ENV_QUOTAS,
  ENV_RESET_PASSWORD_AT_SIGN_IN, ENV_SOURCE_SUB_CLAIM, ENV_SOURCE_SUB_PROVES, ENV_STATE_TABLE, ENV_STANDBY_USER_POOL_ID, ENV_VERIFY_CLIENT_NAME,
} from '../../runtime/environment';
import { LINK_READ_ACTIONS, LINK_WRITE_ACTIONS, SWITCH_READ_ACTIONS } from '../../state/constants';
import { FOLLOW_UP_COGNITO_ACTIONS, MIGRATION_COGNITO_ACTIONS, SIGN_UP_COGNITO_ACTIONS, TOKEN_COGNITO_ACTIONS } from '../constants';
import { CLIENT_CREDENTIALS } from '../mirror/mirror-client';
import { sourceSubOf } from '../mirror/mirror-schema';
import { StandbyFunctionProps } from '../standby-function-props';

export interface OnDemandTriggersProps extends StandbyFunctionProps {
  /** The L1 of that pool, in this stack. */
  readonly definition: CfnResource;
  readonly sourceSubClaim: string;
  readonly resetPasswordAtSignIn: boolean;
  /** Whether users are there before they come. */
  readonly isFilled: boolean;
  /** Whether the pool, with its app clients, is a mirror of the source pool. */
  readonly isMirror: boolean;
  /** Name of the source pool's client that checks passwords. */
  readonly verifyClientName?: string;
  /**
   * Name of the role of the function that may check passwords, to which the source pool's stack adds a permission. It has the name whether it checks
   * or not: a role of another name would replace it, and IAM keeps one that still has that stack's permission.
   */
  readonly migrationRoleName: string;
  /** Where warnings go: a child of the construct that the caller knows. */
  readonly warnings: Construct;
}

/** What is lost where another function fills a trigger slot of the pool. */
const LOSSES = {
  UserMigration: 'nobody is made on demand',
  PreSignUp: 'strangers can sign up under the names of users that have not come yet and, where an app client may write custom:source_sub, as anybody',
  PostConfirmation: 'groups follow some seconds after the first sign-in, and federated users get theirs at a later one; '
    + 'so does whoever has a second factor by which alone a password can be reset, and no token before',
  PreTokenGeneration: 'tokens do not carry the sub of the source pool',
} as const;
type Slot = keyof typeof LOSSES;

/** Triggers of the standby pool that are this library's, by the names of their properties. */
export const STANDBY_SLOTS: readonly string[] = [...Object.keys(LOSSES), 'PreTokenGenerationConfig'];

/** Without one of these a standby is open to somebody at any time, whatever its switch says. */
export const GUARDS: readonly Slot[] = ['UserMigration', 'PreSignUp', 'PreTokenGeneration'];

/** Two consumers share four tenths of each quota; a restore beside them has up to eight, and either slows down where Cognito says so. */
const CONSUMERS = 2;
const QUOTA_SHARE = 0.4;
/** Retries come a minute apart: an hour, with an alarm at the end of it. */
const DELIVERIES = 60;

/** Makes the standby pool recreate each user when they come, and put the identity that applications know into their tokens. */
export class OnDemandTriggers extends Construct {
  /** What the triggers had no time or no room for. */
  public readonly followUps: Queue;
  public readonly deadLetterQueue: Queue;
  /** `true` where this library's guard keeps sign-ups from saying who they are; known at the end of synthesis. */
  public readonly sourceSubProves = Lazy.string({ produce: () => String(this.taken?.includes('PreSignUp') === false) });
  public readonly functions: Readonly<Record<Slot, LambdaFunction>>;
  /** Slots with a function of another owner; known once the triggers are attached. */
  private taken?: Slot[];
  /** What was offered to slots of the pool, by the slot's name in the template. */
  private readonly offered: Record<string, unknown> = {};

  constructor(scope: Construct, id: string, private readonly props: OnDemandTriggersProps) {
    super(scope, id);
    Aspects.of(props.definition).add(new OnceAt(props.definition, () => this.settle()), { priority: AspectPriority.READONLY });
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters');
    const queue = this.followUps = secureQueue(this, 'FollowUps', {
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: DELIVERIES },
    });

    const environment = { [ENV_LEDGER_TABLE]: props.ledgerTableName, [ENV_STATE_TABLE]: props.stateTableName };
    const groupRoles = Stack.of(this).toJsonString(props.groupRoles);
    const verify: Record<string, string> = props.verifyClientName ? { [ENV_VERIFY_CLIENT_NAME]: props.verifyClientName } : {};
    const links = { [ENV_LINK_ATTRIBUTES]: JSON.stringify(props.linkAttributes) };
    const queueUrl = { [ENV_FOLLOW_UP_QUEUE_URL]: queue.queueUrl };
    const migration = this.trigger('UserMigration', 'user-migration',
      'Finds in the ledger the user that signs in or has forgotten a password', {
        ...environment, ...queueUrl, ...verify, [ENV_RESET_PASSWORD_AT_SIGN_IN]: String(props.resetPasswordAtSignIn),
      }, props.migrationRoleName);
    const signUp = this.trigger('PreSignUp', 'pre-sign-up', 'Keeps the names of users of the source pool', environment);
    const confirmation = this.trigger('PostConfirmation', 'post-confirmation',
      'Gives a user that comes for the first time their groups and attributes', {
        ...environment, ...queueUrl, ...links, [ENV_GROUP_ROLES]: groupRoles, [ENV_SOURCE_SUB_PROVES]: this.sourceSubProves,
      });
    const tokens = this.trigger('PreTokenGeneration', 'pre-token-generation',
      'Puts the sub of the source pool and the groups of the ledger into tokens', {
        ...environment,
        ...queueUrl,
        [ENV_GROUP_ROLES]: groupRoles,
        [ENV_MARKS_USERS]: Lazy.string({ produce: () => String(sourceSubOf(templateSettings(props.definition).properties) !== 'none') }),
        [ENV_SOURCE_SUB_CLAIM]: props.sourceSubClaim,
      });
    this.functions = { UserMigration: migration, PreSignUp: signUp, PostConfirmation: confirmation, PreTokenGeneration: tokens };

    const followUp = new HandlerFunction(this, 'FollowUp', {
      handler: 'standby/on-demand/follow-up',
      logRetention: props.logRetention,
      description: 'Brings groups, MFA preferences and linked identities to users that were made on demand',
      timeout: Duration.seconds(50),
      environment: {
        ...environment,
        ...links,
        [ENV_STANDBY_USER_POOL_ID]: props.userPool.userPoolId,
        [ENV_GROUP_ROLES]: groupRoles,
        [ENV_QUOTAS]: JSON.stringify(props.quotas),
        [ENV_QUOTA_SHARE]: String(QUOTA_SHARE / CONSUMERS),
        [ENV_SOURCE_SUB_PROVES]: this.sourceSubProves,
      },
    });
    followUp.addEventSource(new SqsEventSource(queue, { batchSize: 10, maxConcurrency: CONSUMERS, reportBatchItemFailures: true }));

    for (const each of [migration, confirmation, tokens]) {
      each.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    }
    const names = Object.values(LOOK_UP_INDEXES).map(({ index }) => index);
    this.grant([migration, signUp], LEDGER_LOOK_UP_ACTIONS, names, SWITCH_READ_ACTIONS);
    this.grant([tokens], LEDGER_LOOK_UP_ACTIONS, [...names, LEDGER.MEMBERSHIP_INDEX], [...new Set([...LINK_READ_ACTIONS, ...SWITCH_READ_ACTIONS])]);
    this.grant([confirmation, followUp], LEDGER_LOOK_UP_ACTIONS, [...names, LEDGER.MEMBERSHIP_INDEX], LINK_WRITE_ACTIONS);
    this.allow('MigrationOfPool', [migration], MIGRATION_COGNITO_ACTIONS);
    this.allow('SignUpOfPool', [signUp], SIGN_UP_COGNITO_ACTIONS);
    this.allow('TokensOfPool', [tokens], TOKEN_COGNITO_ACTIONS);
    this.allow('FollowUpOfPool', [confirmation, followUp], FOLLOW_UP_COGNITO_ACTIONS);
  }

  /** Called at the beginning of synthesis: slots that have another function by then stay as they are. */
  public attach(): void {
    if (this.taken) return;
    const { definition, warnings } = this.props;
    const { properties, unavailable } = templateSettings(definition);
    const taken = this.taken = (Object.keys(LOSSES) as Slot[]).filter(slot => isTaken(slot, properties, unavailable));
    for (const [slot, lambdaFunction] of Object.entries(this.functions) as [Slot, LambdaFunction][]) {
      if (!taken.includes(slot)) this.attachTo(slot, lambdaFunction, properties);
    }
    if (taken.length > 0) {
      Validations.of(warnings).addWarning('cognito-dr-replica:standbyTriggerTaken', `the standby pool ${definition.node.path} has its own `
        + `${taken.join(', ')} trigger, which is left alone: ${taken.map(slot => LOSSES[slot]).join('; ')}: remove it, or acknowledge this`);
    }
    this.warnOfSignIn();
  }

  private warnOfSignIn(): void {
    const { definition, warnings, isFilled, isMirror, resetPasswordAtSignIn, verifyClientName } = this.props;
    const everything = Stage.of(this) ?? this.node.root;
    const asksForPasswords = { resetPasswordAtSignIn, verifyPasswordsAgainstSource: verifyClientName !== undefined };
    signInWarnings({
      pool: templateSettings(definition).properties,
      clients: resourcesOf(everything, definition, USER_POOL_CLIENT).map(client => templateSettings(client).properties),
      hasDomain: resourcesOf(everything, definition, USER_POOL_DOMAIN).length > 0,
      isFilled,
      asksForPasswords: Object.entries(asksForPasswords).filter(([, asks]) => asks).map(([name]) => name),
      clientsOf: isMirror ? 'the source pool' : `the standby pool ${definition.node.path}`,
    }).forEach(({ id, message }) => Validations.of(warnings).addWarning(`cognito-dr-replica:${id}`, message));
  }

  /** What keeps the switch from deciding about everybody: slots of others, and a flow; known at the end of synthesis. */
  public get gaps(): string[] {
    return [...(this.taken ?? []).filter(slot => GUARDS.includes(slot)), ...this.letsClientsPass() ? [CLIENT_CREDENTIALS] : []];
  }

  /** Whether app clients sign in for themselves past every trigger. An Aspect of the application may have added them. */
  private letsClientsPass(): boolean {
    const { definition } = this.props;
    return !mayAskForMachines(templateSettings(definition).properties)
      && resourcesOf(Stage.of(this) ?? this.node.root, definition, USER_POOL_CLIENT).some(signsInForItself);
  }

  private attachTo(slot: Slot, lambdaFunction: LambdaFunction, properties: Properties): void {
    const { definition } = this.props;
    // Version 2 adds the access token, which the plan Lite does not let a trigger change. Version 3 is asked about app clients, too, of which this
    // app need not know: one may be added by hand, or by another app.
    if (slot === 'PreTokenGeneration' && mayAskForMachines(properties)) {
      this.offer('PreTokenGenerationConfig', { LambdaArn: lambdaFunction.functionArn, LambdaVersion: 'V3_0' }, slot);
    } else {
      this.offer(slot, lambdaFunction.functionArn);
    }
    lambdaFunction.addPermission('UserPool', {
      principal: new ServicePrincipal('cognito-idp.amazonaws.com'), sourceArn: definition.getAtt('Arn').toString(), sourceAccount: Aws.ACCOUNT_ID,
    });
  }

  private offer(name: string, value: unknown, older?: string): void {
    this.offered[name] = value;
    offerTrigger(this.props.definition, name, value, older);
  }

  /** After the Aspects of the application, which may have added triggers of its own. */
  private settle(): void {
    const { definition, warnings } = this.props;
    const late = declinedTriggers(definition, this.offered).map(name => name.replace(/Config$/, '') as Slot);
    if (late.every(slot => this.taken?.includes(slot))) return;
    this.taken = [...this.taken ?? [], ...late];
    Validations.of(warnings).addWarning('cognito-dr-replica:standbyTriggerTaken', `an Aspect gave the standby pool ${definition.node.path} a trigger `
      + `${late.join(', ')} of its own, which is left alone: ${late.map(slot => LOSSES[slot]).join('; ')}: remove it, or acknowledge this`);
  }

  private trigger(slot: Slot, handler: string, description: string, environment: Record<string, string>, roleName?: string): LambdaFunction {
    return new HandlerFunction(this, slot, {
      handler: `standby/on-demand/${handler}`,
      description,
      logRetention: this.props.logRetention,
      roleName,
      ...TRIGGER,
      environment,
    });
  }

  private grant(grantees: LambdaFunction[], actions: readonly string[], indexes: readonly string[], stateActions: readonly string[]): void {
    const { ledgerTableName, stateTableName, tableKeyArn: keyArn } = this.props;
    for (const grantee of grantees) {
      const common = { grantee, stack: Stack.of(this), keyArn };
      grantTable({ ...common, tableName: ledgerTableName, actions, indexes });
      grantTable({ ...common, tableName: stateTableName, actions: stateActions, keyArn: undefined });
    }
  }

  /** A separate policy: the pool is made after its triggers, and these after their role with its own. */
  private allow(id: string, grantees: LambdaFunction[], actions: readonly string[]): void {
    const statements = [
      new PolicyStatement({ actions: [...actions], resources: [this.props.userPool.userPoolArn] }),
      ...actions.includes('cognito-idp:CreateGroup') ? passGroupRoles(this.props.groupRoles) : [],
    ];
    new Policy(this, id, { roles: grantees.map(grantee => grantee.role!), statements });
  }
}

function isTaken(slot: Slot, { LambdaConfig: config = {} }: Properties, unavailable: readonly string[]): boolean {
  const known = config as Record<string, unknown>;
  const names = slot === 'PreTokenGeneration' ? [slot, 'PreTokenGenerationConfig'] : [slot];
  const isUnavailable = (name: string) => unavailable.some(path => path === name || path.startsWith(`${name}.`));
  return unavailable.includes('LambdaConfig') || names.some(name => known[name] !== undefined || isUnavailable(`LambdaConfig.${name}`));
}

/** Whether an app client gets tokens without any user. */
function signsInForItself(client: CfnResource): boolean {
  const flows = templateSettings(client).properties.AllowedOAuthFlows as unknown[] | undefined;
  return flows?.includes(CLIENT_CREDENTIALS) ?? false;
}

/** Whether the pool's plan has the version of the trigger that is asked about app clients. */
function mayAskForMachines({ UserPoolTier: tier }: Properties): boolean {
  return tier !== 'LITE';
}
