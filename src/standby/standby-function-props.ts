import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What every function of the standby is made with. */
export interface StandbyFunctionProps {
  readonly userPool: IUserPool;
  readonly ledgerTableName: string;
  readonly stateTableName: string;
  /** The key, in the replica Region, of both tables, where a customer manages it. */
  readonly tableKeyArn?: string;
  readonly groupRoles: Record<string, string>;
  /** By which attribute the identities of a provider are linked, by its name. */
  readonly linkAttributes: Record<string, string>;
  readonly quotas: Record<string, number>;
  readonly logRetention: RetentionDays;
}
