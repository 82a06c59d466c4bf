import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { Need } from './needs';
import { Policies, RolePolicies } from './policies';
import { Principal, principalArn } from './principals';
import { isMatch } from '../../../../src/cdk/outside-template';

export interface Denial {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly message: string;
  /**
   * It was allowed before: the policy or the role was deleted since, as CloudFormation deletes those of a stack while a queue of it is still polled.
   * AWS refuses such a call, and no template lacks anything, unless the role stays: {@link Judge.takenFromWhoStayed}.
   */
  readonly isTakenAway?: true;
}

interface KeyPattern {
  readonly text: string;
  /** That it is compared as it stands: by an operator for texts, and without a variable of a policy, which stands for something else. */
  readonly isPlain: boolean;
}

/**
 * Decides about one need, as IAM does: an explicit denial first, then what the role's own policies or, in the same account, those of the resource allow.
 * The evaluation is that of `@cloud-copilot/iam-simulate`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export class Judge {
  /** Milliseconds in which policies were read and judged; calls that were answered from memory are not in it. */
  public readonly spent = { decisions: 0, remembered: 0, milliseconds: 0 };
  private readonly allowed = new Set<string>();
  /** By which policies each need of a role was allowed last. */
  private readonly everAllowed = new Map<string, string | undefined>();
  /** Refused by other policies than those that had allowed it. */
  private readonly taken = new Map<string, { readonly principal: Principal; readonly need: Need; readonly region: string }>();
  private readonly keyPatterns = new WeakMap<RolePolicies, readonly KeyPattern[]>();

  constructor(private readonly policies: Policies, private readonly account: string) {}

  /** Somebody may have changed a policy. */
  public forget(): void {
    this.allowed.clear();
    this.policies.forget();
  }

  /** `undefined` where it is allowed. */
  public async denial(principal: Principal, asked: Need, region: string): Promise<Denial | undefined> {
    const { need, kinds } = await this.withLeadingKeys(principal, asked);
    const key = JSON.stringify([principal, kinds ? { ...need, context: { ...asked.context, kinds } } : need, region]);
    if (this.allowed.has(key)) {
      this.spent.remembered++;
      return undefined;
    }
    const start = performance.now();
    try {
      let denial = await this.judge(principal, need, region);
      if (denial) {
        // What was remembered may be older than what was deployed since: nobody is refused for that.
        this.forget();
        denial = await this.judge(principal, need, region);
      }
      // Every start of a function is another session of the same role.
      const ofRole = JSON.stringify(['roleArn' in principal ? principal.roleArn : principal.service, need]);
      if (!denial) {
        this.allowed.add(key);
        this.everAllowed.set(ofRole, await this.policiesFor(principal, need, region));
        return undefined;
      }
      if (await this.isOfDeletedRole(principal, need)) return { ...denial, isTakenAway: true };
      if (!this.everAllowed.has(ofRole)) return denial;
      // By the same policies as before it is refused where what it is about has gone, with its tags.
      if (await this.policiesFor(principal, need, region) !== this.everAllowed.get(ofRole)) this.taken.set(ofRole, { principal, need, region });
      return { ...denial, isTakenAway: true };
    } finally {
      this.spent.decisions++;
      this.spent.milliseconds += performance.now() - start;
    }
  }

  /**
   * What an update took from a role, or from the policy of a resource, that is still there and still lacks it: the template lacks it. To be asked at
   * the end, as a stack that is being deleted loses its policies before its roles.
   */
  public async takenFromWhoStayed(): Promise<(Denial & { readonly region: string })[]> {
    const taken = [...this.taken.values()];
    this.taken.clear();
    this.forget();
    const denials: (Denial & { readonly region: string })[] = [];
    for (const { principal, need, region } of taken) {
      const denial = await this.policiesFor(principal, need, region) === undefined ? undefined : await this.judge(principal, need, region);
      if (denial) denials.push({ ...denial, region });
    }
    return denials;
  }

  /** What allows it: a role's own policies or, for a service, those of what it calls. `undefined` where the role, or the policy, is not there. */
  private async policiesFor(principal: Principal, { action, resource }: Need, region: string): Promise<string | undefined> {
    if ('roleArn' in principal) return JSON.stringify(await this.policies.role(principal.roleArn));
    return JSON.stringify(action === 'sts:AssumeRole' ? (await this.policies.role(resource))?.trust : await this.policies.resource(resource, region));
  }

  /**
   * Only where a policy of the role speaks of them: otherwise no decision would ever be remembered. `kinds`: what the decision can depend on, which of
   * the role's patterns each key matches.
   */
  private async withLeadingKeys(principal: Principal, need: Need): Promise<{ need: Need; kinds?: readonly string[] }> {
    const { leadingKeys, ...others } = need;
    if (!leadingKeys || !('roleArn' in principal)) return { need: others };
    const role = await this.policies.role(principal.roleArn);
    const patterns = role && this.keyPatternsOf(role);
    if (!patterns?.length) return { need: others };
    const partitionKey = await this.policies.partitionKey(need.resource);
    if (partitionKey === undefined) return { need: others };
    const keys = leadingKeys(partitionKey);
    const kinds = new Set(keys.map(key => patterns.map(({ text }) => key === text ? 'equal' : isMatch(text, key) ? 'like' : 'other').join()));
    return {
      need: { ...others, context: { ...need.context, 'dynamodb:LeadingKeys': keys } },
      kinds: patterns.some(({ isPlain }) => !isPlain) ? keys : [...kinds].sort(),
    };
  }

  private keyPatternsOf(role: RolePolicies): readonly KeyPattern[] {
    const known = this.keyPatterns.get(role) ?? patternsIn([role.identity, role.boundary]);
    this.keyPatterns.set(role, known);
    return known;
  }

  /**
   * Lambda makes no function with a role that it cannot take on, and nobody has a session of a role that never was: one that is not there was deleted
   * since, maybe before the function was ever called, maybe while it worked.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
   */
  private async isOfDeletedRole(principal: Principal, { action, resource }: Need): Promise<boolean> {
    const isTaken = 'service' in principal && principal.service === 'lambda.amazonaws.com' && action === 'sts:AssumeRole';
    const role = 'roleArn' in principal ? principal.roleArn : isTaken ? resource : undefined;
    return role !== undefined && await this.policies.role(role) === undefined;
  }

  private async judge(principal: Principal, need: Need, region: string): Promise<Denial | undefined> {
    const { action, resource, context = {} } = need;
    const arn = principalArn(principal);
    const refuse = (because: string) => ({
      principal: arn, action, resource, message: `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because ${because}`,
    });
    const role = 'roleArn' in principal ? await this.policies.role(principal.roleArn) : undefined;
    if ('roleArn' in principal && !role) {
      return refuse(`there is no role ${principal.roleArn}`);
    }
    const resourcePolicy = action === 'sts:AssumeRole' ? (await this.policies.role(resource))?.trust : await this.policies.resource(resource, region);
    const result = await simulate({
      request: {
        principal: arn,
        action,
        resource: { resource, accountId: this.account },
        contextVariables: { ...contextOf(principal, region), ...await this.policies.tags(resource), ...context } as Record<string, string>,
      },
      identityPolicies: [...role?.identity ?? []],
      permissionBoundaryPolicies: role?.boundary.length ? [...role.boundary] : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    });
    if (result === 'Allowed') {
      return undefined;
    }
    return refuse(result === 'ExplicitlyDenied' ? 'of an explicit deny' : 'roleArn' in principal
      ? `no identity-based policy allows the ${action} action` : `no resource-based policy allows the ${action} action`);
  }
}

/** What conditions of policies say of `dynamodb:LeadingKeys`, wherever in them. */
function patternsIn(value: unknown, operator = ''): KeyPattern[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => name === 'dynamodb:LeadingKeys' ? [inner as string | string[]].flat().map(text => ({
    text,
    isPlain: /^(ForA\w+Values:)?String(Not)?(Like|Equals)(IfExists)?$/.test(operator) && !text.includes('${'),
  })) : patternsIn(inner, name));
}

/** Calls come over HTTPS on AWS. */
function contextOf(principal: Principal, region: string): Record<string, string> {
  const common = { 'aws:SecureTransport': 'true', ...region ? { 'aws:RequestedRegion': region } : {} };
  if ('service' in principal) {
    return {
      ...common,
      'aws:PrincipalIsAWSService': 'true',
      ...principal.sourceArn ? { 'aws:SourceArn': principal.sourceArn } : {},
      ...principal.sourceAccount ? { 'aws:SourceAccount': principal.sourceAccount } : {},
    };
  }
  return { ...common, 'aws:PrincipalIsAWSService': 'false', ...principal.functionArn ? { 'lambda:SourceFunctionArn': principal.functionArn } : {} };
}

/** @throws when there is no answer: an action that AWS does not have, or a policy that it would not take */
async function simulate(simulation: Simulation): Promise<string> {
  let result = await runSimulation(simulation, {});
  if (result.resultType === 'error' && result.errors.message === 'must.use.wildcard') {
    // The action has no resource of its own; a policy must name all of them.
    result = await runSimulation({
      ...simulation, request: { ...simulation.request, resource: { ...simulation.request.resource, resource: '*' } },
    }, {});
  }
  if (result.resultType === 'error') {
    throw new Error(`${simulation.request.action} on ${simulation.request.resource.resource} cannot be judged: ${JSON.stringify(result.errors)}`);
  }
  return result.overallResult;
}
