import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Whoever gives a group a role must be allowed to pass it: exactly these roles. The service that Cognito passes them under is not documented (they
 * are assumed through an identity pool), so no condition names one.
 */
export function passGroupRoles(groupRoles: Readonly<Record<string, string>>): PolicyStatement[] {
  const roles = [...new Set(Object.values(groupRoles))];
  return roles.length > 0 ? [new PolicyStatement({ actions: ['iam:PassRole'], resources: roles })] : [];
}
