import { Token } from 'aws-cdk-lib';
import { AddToPrincipalPolicyResult, ManagedPolicy, PolicyDocument, PolicyStatement, Role, RoleProps } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** IAM takes 10,240 characters of inline policies of a role, separate ones included. */
const MOST_CHARACTERS = 10_000;
/** What CDK counts, too, for an ARN that is known at the deployment only. */
const UNKNOWN_ARN = 'x'.repeat(150);

/** Set by `Role.customizeRoles`: somebody else makes the roles, and the CDK reports what they have to allow. */
const CUSTOMIZED_ROLES = '@aws-cdk/iam:customizeRoles';

/**
 * A role that has in itself what it is granted. CDK's own makes a policy besides, which is one more resource of a template for each role. What refers
 * to this one cannot start before it has its permissions; and what is made after the role cannot be named in it, which would close a circle.
 */
export class InlinePolicyRole extends Role {
  private readonly permissions?: PolicyDocument;
  private characters = 0;
  private overflow?: ManagedPolicy;

  constructor(scope: Construct, id: string, props: Omit<RoleProps, 'inlinePolicies'>) {
    const permissions = scope.node.tryGetContext(CUSTOMIZED_ROLES) ? undefined : new PolicyDocument();
    super(scope, id, { ...props, inlinePolicies: permissions && { Permissions: permissions } });
    this.permissions = permissions;
    // Its policy would have no document, which CloudFormation refuses.
    this.node.addValidation({ validate: () => permissions?.isEmpty ? ['the role is granted nothing'] : [] });
  }

  public addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    if (!this.permissions) return super.addToPrincipalPolicy(statement);
    const characters = charactersOf(statement);
    if (this.characters + characters > MOST_CHARACTERS) return this.addToOverflow(statement);
    this.characters += characters;
    this.permissions.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }

  /** As CDK's role does with what its policy has no room for. */
  private addToOverflow(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.overflow ??= new ManagedPolicy(this, 'OverflowPolicy', { description: `Part of the policies for ${this.node.path}`, roles: [this] });
    this.overflow.addStatements(statement);
    return { statementAdded: true, policyDependable: this.overflow };
  }
}

function charactersOf(statement: PolicyStatement): number {
  return JSON.stringify(statement.toStatementJson(), (_key, value: unknown) => Token.isUnresolved(value) ? UNKNOWN_ARN : value).length;
}
