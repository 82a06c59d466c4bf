import { CfnOutput, CfnResource, Duration, Lazy, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { IUserPool, IUserPoolClient, UserPool, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DEFAULT_SOURCE_SUB_CLAIM } from './constants';
import { CLIENT_CREDENTIALS, RedirectUrls } from './mirror/mirror-client';
import { customAttributeNames, sourceSubOf } from './mirror/mirror-schema';
import { MirrorUserPool } from './mirror/mirror-user-pool';
import { endpointOf, SwitchParameters } from './mirror/switch-parameters';
import { GUARDS, OnDemandTriggers, STANDBY_SLOTS } from './on-demand/on-demand';
import { StandbyAlarms } from './on-demand/on-demand-alarms';
import { PasswordCheck } from './on-demand/password-check';
import { StandbyFunctionProps } from './standby-function-props';
import { SwitchWorkflow } from './switch/switch-workflow';
import { FollowerAlarms, FollowerAlarmsProps } from './warm/warm-alarms';
import { WarmFollower } from './warm/warm-follower';
import { warnBeforeUpdate } from '../cdk/outside-template';
import { clientDefinitionOf, definitionOf, resourcesOf, templateSettings, USER_POOL_CLIENT } from '../cdk/pool-definition';
import { CUSTOM_SOURCE_SUB, SOURCE_SUB_ATTRIBUTE, writesSourceSub } from '../cognito/source-sub';

/** Addresses by the name of an app client. */
type UrlsByClient = { readonly [clientName: string]: string[] };

/** What the user of the library chose for the standby; the public options say what each field means. */
export interface StandbyChoice {
  readonly exists: boolean;
  readonly options: {
    readonly userPool?: IUserPool;
    readonly definition?: { readonly _source: CfnResource; readonly _userPoolId: string; readonly _digest: string };
    readonly email?: UserPoolEmail;
    readonly callbackUrls?: UrlsByClient;
    readonly logoutUrls?: UrlsByClient;
    readonly sourceSubClaim?: string;
    readonly resetPasswordAtSignIn?: boolean;
    readonly verifyPasswordsAgainstSource?: boolean;
    readonly unguarded?: boolean;
  };
  /** Where the standby is kept filled. */
  readonly warm?: { readonly deletionGracePeriod: Duration; readonly quotaShare: number };
}

export interface StandbyPartsProps extends Omit<StandbyFunctionProps, 'userPool'> {
  readonly choice: StandbyChoice;
  readonly sourcePool: IUserPool;
  /** The source pool's L1; asked for only where the standby is a mirror of it. */
  readonly source: () => CfnResource;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  /** A concrete name of at most 64 characters. */
  readonly roleName: string;
  readonly parameterPrefix: string;
  /** A concrete name of at most 80 characters. */
  readonly switchName: string;
  readonly topics: ITopic[];
}

/** Everything of the replica Region that users sign in to: the pool, its triggers, and what applications read to find it. */
export class StandbyParts {
  public readonly userPool?: IUserPool;
  public readonly mirrorUserPool?: UserPool;
  public readonly alarms: Alarm[];
  public readonly issuer?: string;
  /** Opens and closes the pool; none where there is no pool whose triggers are this library's. */
  public readonly switch?: IStateMachine;
  public readonly triggers?: OnDemandTriggers;
  /** Keeps a warm standby filled. */
  public follower?: WarmFollower;
  private readonly mirror?: MirrorUserPool;
  /** The pool that the user brought, where triggers can be attached to it. */
  private readonly ownPool?: CfnResource;
  private readonly parameters?: SwitchParameters;
  /** A path that the user of the library can name, to acknowledge warnings ahead. */
  private readonly warnings: Construct;

  /** @param owner the construct of the user @param replica the scope in the replica stack */
  constructor(private readonly owner: Construct, replica: Construct, private readonly props: StandbyPartsProps) {
    const { exists, options } = props.choice;
    this.warnings = new Construct(owner, 'Mirror');
    const check = options.verifyPasswordsAgainstSource
      ? new PasswordCheck(owner, 'VerifyPasswords', { userPool: props.sourcePool, roleName: props.roleName })
      : undefined;
    if (exists && !options.userPool) {
      this.mirror = new MirrorUserPool(replica, 'StandbyUserPool', {
        source: props.source(),
        email: options.email,
        redirectUrls: redirectUrls(options.callbackUrls, options.logoutUrls),
        heldTriggers: STANDBY_SLOTS,
        removalPolicy: props.removalPolicy,
        deletionProtection: props.deletionProtection,
        warnings: this.warnings,
        outputs: replica,
        isLeftOut: PasswordCheck.hasMade,
        onClient: (name, clientId) => this.parameters!.addClient(name, clientId),
      });
    }
    this.mirrorUserPool = this.mirror?.userPool;
    this.userPool = this.mirrorUserPool ?? options.userPool;
    this.alarms = [];
    if (!this.userPool) return;

    this.issuer = endpointOf(Stack.of(replica), this.userPool).issuer;
    this.parameters = new SwitchParameters(replica, 'StandbyParameters', props.parameterPrefix, this.userPool);
    new CfnOutput(replica, 'StandbyUserPoolId', { description: 'User pool that a restore fills', value: this.userPool.userPoolId });
    const definition = definitionOf(this.userPool);
    if (!definition || Stack.of(definition) !== Stack.of(replica)) {
      Validations.of(this.warnings).addWarning('cognito-dr-replica:standbyTriggers', `the standby pool ${this.userPool.node.path} is `
        + `${definition ? `defined in another stack than ${Stack.of(replica).node.path}` : 'imported'}, so that no triggers can be attached to `
        + 'it: users come in by a restore only, and tokens do not carry the sub of the source pool: define the pool, with an immutable '
        + `custom:${SOURCE_SUB_ATTRIBUTE}, in the replica stack${definitionOf(props.sourcePool) ? ', leave userPool out to have one made' : ''}, or `
        + 'acknowledge this');
      owner.node.addValidation({ validate: () => this.openAtAnyTime(['no trigger can be attached to it']) });
      return;
    }
    owner.node.addValidation({ validate: () => this.openAtAnyTime(this.triggers!.gaps.map(gapInWords)) });
    if (!this.mirror) {
      this.ownPool = definition;
      owner.node.addValidation({ validate: () => this.problems(definition) });
    }
    this.triggers = new OnDemandTriggers(replica, 'StandbyTriggers', {
      userPool: this.userPool,
      definition,
      ledgerTableName: props.ledgerTableName,
      stateTableName: props.stateTableName,
      tableKeyArn: props.tableKeyArn,
      groupRoles: props.groupRoles,
      linkAttributes: props.linkAttributes,
      quotas: props.quotas,
      logRetention: props.logRetention,
      sourceSubClaim: options.sourceSubClaim ?? DEFAULT_SOURCE_SUB_CLAIM,
      resetPasswordAtSignIn: options.resetPasswordAtSignIn ?? false,
      isFilled: props.choice.warm !== undefined,
      isMirror: this.mirror !== undefined,
      verifyClientName: check?.clientName,
      migrationRoleName: props.roleName,
      warnings: this.warnings,
    });
    const { stateMachine } = new SwitchWorkflow(replica, 'Switch', {
      ...props, userPool: this.userPool, stateMachineName: props.switchName, gaps: () => this.triggers!.gaps,
    });
    this.switch = stateMachine;
    const value = stateMachine.stateMachineArn;
    new CfnOutput(replica, 'StandbySwitchStateMachineArn', { description: 'Opens and closes the standby user pool', value });
    const { followUps, deadLetterQueue, functions } = this.triggers;
    const { ledgerTableName, topics } = props;
    this.alarms = new StandbyAlarms(replica, 'StandbyAlarms', { followUps, deadLetterQueue, functions, ledgerTableName, topics }).alarms;
  }

  /** What the switch cannot close, known at the end of synthesis: slots of triggers, all of them where none can be attached, and a flow. */
  public get gaps(): readonly string[] {
    if (!this.userPool) return [];
    return this.triggers ? this.triggers.gaps : GUARDS;
  }

  /** Follows the ledger, where the standby is a warm one. */
  public follow(
    replica: Construct, ledgerTable: TableV2, restore: IStateMachine, swept: Pick<FollowerAlarmsProps, 'sweepInterval' | 'sliceDuration'>,
  ): void {
    const { choice: { warm }, ledgerTableName, topics } = this.props;
    if (!warm || !this.userPool) return;
    const sourceSubProves = this.triggers?.sourceSubProves ?? 'false';
    const follower = this.follower = new WarmFollower(replica, 'Follower', {
      ...this.props, ...warm, userPool: this.userPool, ledgerTable, restore, sourceSubProves,
    });
    this.alarms.push(...new FollowerAlarms(replica, 'FollowerAlarms', { follower, ...swept, ledgerTableName, topics }).alarms);
  }

  /**
   * JSON, at the end of synthesis, when no construct adds an attribute any more: the custom attributes of the standby pool; `null` where there is
   * none or it is imported. A mirror has the attributes of its source, as the template has them.
   */
  public get attributes(): string {
    return Lazy.string({ produce: () => JSON.stringify(this.attributeNames()) });
  }

  private attributeNames(): string[] | null {
    const definition = this.mirror ? this.props.source() : this.userPool && definitionOf(this.userPool);
    if (!definition) return null;
    const { properties, unavailable } = templateSettings(definition);
    return unavailable.some(path => path === 'Schema' || path.startsWith('Schema[')) ? null : customAttributeNames(properties);
  }

  /** Called at the beginning of synthesis. @param capturing triggers of the source that this library attached itself */
  public complete(capturing: readonly string[]): void {
    // First the mirror, which warns about triggers that the source has and it has not.
    this.mirror?.complete(capturing);
    if (this.ownPool) warnBeforeUpdate(this.warnings, this.ownPool);
    this.triggers?.attach();
    this.warnOfClaims();
    if (this.ownPool && sourceSubOf(templateSettings(this.ownPool).properties) === 'none') {
      Validations.of(this.warnings).addWarning('cognito-dr-replica:sourceSub', `the standby pool ${this.ownPool.node.path} has no `
        + `custom:${SOURCE_SUB_ATTRIBUTE}: tokens of users that come on demand carry no sub of the source pool, and their groups do not follow: `
        + 'add it as an immutable string, or acknowledge this');
    }
  }

  /** A source pool that was a standby once has `custom:source_sub`, by which applications know its users. */
  private warnOfClaims(): void {
    const { sourcePool, choice: { options } } = this.props;
    const source = this.triggers && (definitionOf(sourcePool) ?? options.definition?._source);
    if (!source || sourceSubOf(templateSettings(source).properties) === 'none') return;
    const mayWrite = (client: CfnResource) => writesSourceSub(templateSettings(client).properties.WriteAttributes as string[] | undefined);
    const writers = resourcesOf(Stage.of(source) ?? source.node.root, source, USER_POOL_CLIENT)
      .filter(client => !PasswordCheck.hasMade(client) && mayWrite(client));
    if (writers.length === 0) return;
    Validations.of(this.warnings).addWarning('cognito-dr-replica:sourceSubWritable', `app clients of ${source.node.path} let users write `
      + `${CUSTOM_SOURCE_SUB}: ${writers.map(({ node }) => node.path).join(', ')}. By one of them, whoever signs up can claim to be a user of the `
      + 'pool before, and applications take them for that one: leave it out of their writeAttributes, or acknowledge this');
  }

  /** A pool that the switch cannot close lets people in who were disabled, demoted or deleted at the source, in the middle of peace. */
  private openAtAnyTime(gaps: readonly string[]): string[] {
    if (this.props.choice.options.unguarded || gaps.length === 0) return [];
    return [`the standby pool ${this.userPool!.node.path} cannot be closed, because ${gaps.join(', and ')}: anybody with an account there gets `
      + 'tokens at any time, with the rights that they once had: leave the slots UserMigration, PreSignUp and PreTokenGeneration of a pool in the '
      + 'replica stack to this library, leave userPool out to have a pool made, or say that you accept it with unguarded: true'];
  }

  private problems(ownPool: CfnResource): string[] {
    return sourceSubOf(templateSettings(ownPool).properties) === 'changeable'
      ? [`the standby pool ${ownPool.node.path} has a custom:${SOURCE_SUB_ATTRIBUTE} that is not an immutable string, so that users could change `
        + 'who they are to your applications: define it as new StringAttribute({ mutable: false })']
      : [];
  }

  /** The mirror of a client of the source pool. */
  public clientOf(sourceClient: IUserPoolClient): IUserPoolClient {
    const { path } = this.owner.node;
    if (!this.mirror) {
      throw new Error(`${path}: standbyClient(${sourceClient.node.path}) was called, but this construct made no standby user pool: its clients are `
        + 'the ones that you define yourself');
    }
    if (CfnResource.isCfnResource(sourceClient)) {
      throw new Error(`${path}: standbyClient got ${sourceClient.node.path}, an L1; give a client as of UserPoolClient.fromUserPoolClientId(this, `
        + "'Client', cfnUserPoolClient.ref), whose settings are found all the same");
    }
    const client = clientDefinitionOf(sourceClient);
    if (!client) {
      throw new Error(`${path}: standbyClient got ${sourceClient.node.path}, an imported client, which has no settings to mirror: define it in `
        + 'this app, as a client of the source user pool');
    }
    const standbyClient = this.mirror.clientOf(client);
    if (!standbyClient) {
      throw new Error(`${path}: standbyClient got ${sourceClient.node.path}, a client of another user pool: give a client of the source user pool`);
    }
    return standbyClient;
  }
}

function gapInWords(gap: string): string {
  return gap === CLIENT_CREDENTIALS ? `the plan Lite asks no trigger about app clients with ${gap}` : `another function is its ${gap} trigger`;
}

function redirectUrls(callbackUrls: UrlsByClient = {}, logoutUrls: UrlsByClient = {}): Record<string, RedirectUrls> {
  return Object.fromEntries(Object.keys({ ...callbackUrls, ...logoutUrls })
    .map(name => [name, { callbackUrls: callbackUrls[name], logoutUrls: logoutUrls[name] }]));
}
