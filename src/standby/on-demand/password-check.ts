import { Duration } from 'aws-cdk-lib';
import { IUserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';

export interface PasswordCheckProps {
  /** The source pool. */
  readonly userPool: IUserPool;
  /** The role, in the replica stack, of the function that checks passwords. */
  readonly roleName: string;
}

/** What the source pool needs so that the standby may check passwords there: a client of its own, and a permission for one role. */
export class PasswordCheck extends Construct {
  /** Whether a client is one of this library's, of whichever copy of the pool: applications know nothing of it. */
  public static hasMade(client: IConstruct): boolean {
    return client.node.scopes.some(scope => scope instanceof PasswordCheck);
  }

  /** The standby finds the client's id in the ledger by this name. */
  public readonly clientName: string;

  constructor(scope: Construct, id: string, props: PasswordCheckProps) {
    super(scope, id);
    this.clientName = props.roleName;
    new UserPoolClient(this, 'Client', {
      userPool: props.userPool,
      userPoolClientName: this.clientName,
      // Only callers with IAM permission get anywhere with this flow; the tokens are thrown away.
      authFlows: { adminUserPassword: true },
      generateSecret: false,
      disableOAuth: true,
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.minutes(5),
      idTokenValidity: Duration.minutes(5),
      refreshTokenValidity: Duration.hours(1),
    });
    // The pool's ARN is known here, the role's name in both stacks: IAM is the same in both Regions, and no value has to cross.
    new CfnPolicy(this, 'Permission', {
      roles: [props.roleName],
      policyName: 'CheckPasswords',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'cognito-idp:AdminInitiateAuth', Resource: props.userPool.userPoolArn }],
      },
    });
  }
}
