import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine, IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface TableGrant {
  readonly grantee: IGrantable;
  /** The stack whose Region the table is used in. */
  readonly stack: Stack;
  readonly tableName: string;
  readonly actions: readonly string[];
  /** Indexes that the grantee queries. */
  readonly indexes?: readonly string[];
  /** The key that encrypts the table in that Region, where a customer manages it. */
  readonly keyArn?: string;
}

/** Exactly these actions on exactly this table and these indexes; the actions are the ones that the handler's port calls. */
export function grantTable(grant: TableGrant): void {
  const tableArn = grant.stack.formatArn({
    service: 'dynamodb', resource: 'table', resourceName: grant.tableName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...grant.actions], resources: [tableArn] }));
  if (grant.indexes?.length) {
    grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: grant.indexes.map(index => `${tableArn}/index/${index}`),
    }));
  }
  if (grant.keyArn) {
    grant.grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      resources: [grant.keyArn],
      conditions: viaDynamoDb(grant.stack),
    }));
  }
}

/** Lets somebody read what a customer's key encrypts: of a table, or of its stream. */
export function decryptTable(grantee: IGrantable, stack: Stack, keyArn: string): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [keyArn], conditions: viaDynamoDb(stack) }));
}

/** DynamoDB uses the key on the caller's behalf; nothing else may. */
function viaDynamoDb(stack: Stack): Record<string, Record<string, string>> {
  return { StringEquals: { 'kms:ViaService': `dynamodb.${stack.region}.${stack.urlSuffix}` } };
}

/**
 * A function that gives a group a role must be allowed to pass it: exactly these roles. AWS does not document under which service Cognito passes
 * them (they are assumed through an identity pool), so no condition names one.
 */
export function passGroupRoles(groupRoles: Readonly<Record<string, string>>): PolicyStatement[] {
  const roles = [...new Set(Object.values(groupRoles))];
  return roles.length > 0 ? [new PolicyStatement({ actions: ['iam:PassRole'], resources: roles })] : [];
}

/**
 * A state machine as `scope` may name it: by its name where it is in another Region. A reference would do, too, but the CDK lets its value cross
 * where a stack says crossRegionReferences.
 *
 * @param region of the state machine, which its stack may leave open
 */
export function stateMachineArnIn(scope: Construct, stateMachine: IStateMachine, region: string): string {
  const stack = Stack.of(scope);
  if (Stack.of(stateMachine).region === stack.region) return stateMachine.stateMachineArn;
  const { stateMachineName: resourceName } = stateMachine.node.defaultChild as CfnStateMachine;
  return Stack.of(stateMachine).formatArn({
    service: 'states', region, resource: 'stateMachine', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Lets somebody of either Region start a state machine of `region`. */
export function grantStart(stateMachine: IStateMachine, region: string, grantee: IGrantable): Grant {
  const { grantPrincipal } = grantee;
  if (!Construct.isConstruct(grantPrincipal)) return stateMachine.grantStartExecution(grantee);
  const resourceArns = [stateMachineArnIn(grantPrincipal, stateMachine, region)];
  return Grant.addToPrincipal({ grantee, actions: ['states:StartExecution'], resourceArns });
}
