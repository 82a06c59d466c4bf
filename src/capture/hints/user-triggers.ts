import { AspectPriority, Aspects, CfnDeletionPolicy, CfnResource, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { queueByName } from './capture';
import { explainFindings } from '../../cdk/findings';
import { grantTable } from '../../cdk/grants';
import { HandlerFunction, TRIGGER } from '../../cdk/handler-function';
import { OnceAt } from '../../cdk/once-at';
import { warnBeforeUpdate } from '../../cdk/outside-template';
import { declinedTriggers, definitionOf, offerTrigger, templateSettings } from '../../cdk/pool-definition';
import { CAPTURE_SLOTS, CaptureSlot, LATE_WITHOUT_SLOT } from '../../cognito/capture-slots';
import { LEDGER_TRIGGER_ACTIONS } from '../../ledger/constants';
import { ENV_HINTS_QUEUE_URL, ENV_LEDGER_TABLE, ENV_POOL_HAS_MFA } from '../../runtime/environment';

/** No function has this name. */
const NONE = 'no-trigger-attached';

/** The construct whose function a pool's slots have, and which slots those are. */
const HOLDERS = new WeakMap<CfnResource, { readonly path: string; readonly slots: readonly string[] }>();

/** Triggers of a pool that tell a copy of this library's, whichever: nothing that its standby would miss. */
export function capturingTriggers(userPool: IUserPool): readonly string[] {
  const source = definitionOf(userPool);
  return (source && HOLDERS.get(source)?.slots) ?? [];
}

export interface UserTriggersProps {
  readonly userPool: IUserPool;
  readonly queueName: string;
  readonly ledgerTableName: string;
  readonly ledgerKeyArn?: string;
  readonly logRetention: RetentionDays;
}

/**
 * Lets the source pool tell when a user confirmed or signed in. It is attached when the app is synthesised, to the slots that nobody took until
 * then, so that the application may add a trigger of its own before or after.
 */
export class UserTriggers {
  /** Whether somebody else was allowed to send hints, and so does what a taken slot cannot. */
  public isCovered = false;

  /**
   * Known at the end of synthesis. An alarm is made before, and has nothing to count where no slot was free for the function. Undefined where the
   * pool is imported, and nothing can be attached to it.
   */
  public readonly functionName?: string;

  private trigger?: HandlerFunction;
  private isDone = false;

  /** What was offered to slots of the pool. */
  private offered: Record<string, string> = {};

  constructor(private readonly owner: Construct, private readonly props: UserTriggersProps) {
    const source = definitionOf(props.userPool);
    if (!source) return;
    this.functionName = Lazy.uncachedString({ produce: () => this.trigger?.functionName ?? NONE });
    Aspects.of(source).add(new OnceAt(source, () => this.settle(source)), { priority: AspectPriority.READONLY });
  }

  /** An app may be synthesised more than once; what is attached stays. */
  public attach(): void {
    if (this.isDone) return;
    this.isDone = true;
    const source = definitionOf(this.props.userPool);
    if (!source) {
      this.warn('importedPool', `the user pool ${this.props.userPool.node.path} is imported, so that nothing can be attached to it: `
        + `${lateWithout(CAPTURE_SLOTS)}; all else is copied within seconds to minutes, where a CloudTrail trail logs management events: let the `
        + 'pool\'s PostConfirmation and PostAuthentication functions send hints (grantCaptureHints), or acknowledge this');
      return;
    }
    const { properties, unavailable } = templateSettings(source);
    const known = (properties.LambdaConfig ?? {}) as Record<string, unknown>;
    const isTaken = (slot: string) => known[slot] !== undefined || unavailable.some(path => ['LambdaConfig', `LambdaConfig.${slot}`].includes(path));
    const taken = CAPTURE_SLOTS.filter(isTaken);
    const free = CAPTURE_SLOTS.filter(slot => !isTaken(slot));
    const holder = HOLDERS.get(source)?.path;
    if (free.length > 0) {
      warnBeforeUpdate(this.owner, source);
      this.make(source, free, hasMfa(properties.MfaConfiguration));
    }
    if (taken.length > 0 && holder !== undefined) {
      this.warn('triggerTaken', `the user pool ${source.node.path} has a ${taken.join(' and a ')} trigger of this library already, which tells `
        + `only ${holder}, so that ${lateWithout(taken)}: give ${holder} captureTriggers: false if this copy is the one that matters, or `
        + 'acknowledge this');
    } else if (taken.length > 0) {
      this.warn('triggerTaken', `the user pool ${source.node.path} has a ${taken.join(' and a ')} trigger of its own, which is left alone, so that `
        + `${lateWithout(taken)}: let that function send a hint (grantCaptureHints), or acknowledge this`);
    }
  }

  /** After the Aspects of the application, which may have added a trigger of its own. */
  private settle(source: CfnResource): void {
    const declined = declinedTriggers(source, this.offered);
    const late = CAPTURE_SLOTS.filter(slot => declined.includes(slot));
    if (late.length === 0) return;
    this.offered = Object.fromEntries(Object.entries(this.offered).filter(([slot]) => !declined.includes(slot)));
    HOLDERS.set(source, { path: this.owner.node.scope!.node.path, slots: Object.keys(this.offered) });
    this.warn('triggerTaken', `an Aspect gave the user pool ${source.node.path} a ${late.join(' and a ')} trigger, which is left alone, so that `
      + `${lateWithout(late)}: let that function send a hint (grantCaptureHints), or acknowledge this`);
  }

  private warn(id: string, message: string): void {
    if (!this.isCovered) Validations.of(this.owner).addWarning(`cognito-dr-replica:${id}`, message);
  }

  /**
   * In the pool's own stack: the pool refers to its triggers. What they need of this construct's stack is named, not referred to, because that
   * stack refers to the pool.
   */
  private make(source: CfnResource, slots: readonly string[], poolHasMfa: boolean): void {
    const { queueName, ledgerTableName, ledgerKeyArn, logRetention } = this.props;
    const stack = Stack.of(source);
    const scope = stack === Stack.of(this.owner) ? this.owner : new Construct(stack, `${this.owner.node.path.replace(/\//g, '-')}-Triggers`);
    const queue = queueByName(scope, 'TriggerQueue', stack, queueName);
    const trigger = this.trigger = new HandlerFunction(scope, 'Trigger', {
      handler: 'capture/hints/on-user-event',
      logRetention,
      description: 'Says which user confirmed or signed in and may have changed; never keeps a user waiting for long',
      ...TRIGGER,
      environment: { [ENV_LEDGER_TABLE]: ledgerTableName, [ENV_HINTS_QUEUE_URL]: queue.queueUrl, [ENV_POOL_HAS_MFA]: String(poolHasMfa) },
    });
    grantTable({ grantee: trigger, stack, tableName: ledgerTableName, actions: LEDGER_TRIGGER_ACTIONS, keyArn: ledgerKeyArn });
    trigger.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    // It names no pool. One that did could only be made after the pool, whose users could not sign in until then; and a pool that a deployment
    // replaced would lose it.
    const permission = new CfnPermission(scope, 'TriggerPermission', {
      action: 'lambda:InvokeFunction',
      functionName: trigger.functionArn,
      principal: 'cognito-idp.amazonaws.com',
      sourceAccount: stack.account,
      sourceArn: stack.formatArn({ service: 'cognito-idp', resource: 'userpool', resourceName: '*' }),
    });
    source.addResourceDependency(permission);
    // The pool that stays when the stack goes, or when a deployment replaces it, calls the function as before: without it nobody could sign in.
    if (isKept(source)) {
      const parts = [trigger, trigger.role!, permission].flatMap(part => part.node.findAll());
      parts.filter(part => CfnResource.isCfnResource(part)).forEach(part => part.applyRemovalPolicy(RemovalPolicy.RETAIN));
    }
    if (scope !== this.owner) explainFindings([scope]);
    HOLDERS.set(source, { path: this.owner.node.scope!.node.path, slots });
    this.offered = Object.fromEntries(slots.map(slot => [slot, trigger.functionArn]));
    for (const slot of slots) offerTrigger(source, slot, trigger.functionArn);
  }
}

/** What comes late where these slots do not tell. */
function lateWithout(slots: readonly CaptureSlot[]): string {
  return `${slots.map(slot => LATE_WITHOUT_SLOT[slot]).join(' and ')} may be copied by the next sweep only`;
}

function hasMfa(configuration: unknown): boolean {
  return configuration === 'ON' || configuration === 'OPTIONAL';
}

function isKept({ cfnOptions: { deletionPolicy, updateReplacePolicy } }: CfnResource): boolean {
  return [deletionPolicy, updateReplacePolicy].some(policy => policy !== undefined && policy !== CfnDeletionPolicy.DELETE);
}
