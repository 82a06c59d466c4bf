import { Key } from '../ledger/schema';

/** Keys of the items of recoveries, beside those that every run has (`stateKeys`). */
export const recoveryKeys = {
  /** Partition of one plan: the head, then a line for each group and each user, in the order of execution. */
  plan: (plan: string): string => `PLAN#${plan}`,
  head: (plan: string): Key => ({ pk: recoveryKeys.plan(plan), sk: '#head' }),
  line: (plan: string, id: string): Key => ({ pk: recoveryKeys.plan(plan), sk: id }),
  /** From an execution to the plan of another one that it executes. */
  executor: (execution: string): Key => ({ pk: `EXECUTES#${execution}`, sk: '#plan' }),
  /** Partition of the index of lines worth reading: `failed`, `skipped`, `uncertain` or `would-notify`. */
  list: (plan: string, list: string): string => `${plan}#${list}`,
};
