import { CliErrorDocument } from './cli-error';
import { Diff } from './commands/diff';
import { Examination } from './commands/doctor';
import { DrillPlan, DrillRun, ListedDrill } from './commands/drill';
import { Execution } from './commands/executions';
import { ExportManifest, ExportedUser } from './commands/export';
import { ForgetPlan, Receipt } from './commands/forget';
import { ListedGroup, ListedIncident, ListedOutcome, ListedPart, ListedRun, ListedUser, Listed } from './commands/list';
import { RestoreEstimate } from './commands/plans';
import { Redriven } from './commands/redrive';
import { ShownUser } from './commands/show';
import { Status } from './commands/status';
import { ListedHour } from './commands/timeline';
import { PoolDefinitionFile } from '../operations/pool-definition';
import { RecoveryReport } from '../recovery/recovery-report';
import { RestoreReport } from '../restore/report';

/** Goes up when a field goes or means something else; it does not when one is added. */
interface Versioned {
  readonly schemaVersion: 1;
}

/**
 * What each command prints under `--json`: a contract, and the one list of it. `schemas/` in the package has a JSON schema of each, by this name.
 * Fields are only ever added.
 */
export interface Documents {
  readonly 'status': Status;
  readonly 'list-users': Listed<ListedUser>;
  readonly 'list-groups': Listed<ListedGroup>;
  readonly 'list-incidents': Listed<ListedIncident>;
  readonly 'list-runs': Listed<ListedRun>;
  readonly 'list-outcomes': Listed<ListedOutcome>;
  readonly 'list-drills': Listed<ListedDrill>;
  readonly 'list-settings': Listed<ListedPart>;
  readonly 'list-timeline': Listed<ListedHour>;
  readonly 'show': ShownUser;
  readonly 'diff': Diff;
  readonly 'doctor': Examination;
  /** Of `recover`, `undelete`, `revert`, `undo` and `apply`, whether the plan was executed or not. `estimate`: of a plan alone, as of `restore`. */
  readonly 'recovery': Versioned & RecoveryReport & { readonly estimate?: RestoreEstimate };
  readonly 'restore': Versioned & RestoreReport & { readonly estimate?: RestoreEstimate };
  readonly 'drill-plan': DrillPlan;
  /** `report`: as `drill-report-1.json` says, which is published by itself; absent where there is none. */
  readonly 'drill': DrillRun & { readonly report?: object };
  /** Of `watch`, `open` and `close`. */
  readonly 'execution': Versioned & Execution;
  readonly 'pool-definition': PoolDefinitionFile;
  readonly 'redrive': Redriven;
  readonly 'stop': Versioned & { readonly stopped: string };
  readonly 'export': ExportManifest;
  /** One line of `users.jsonl`. */
  readonly 'exported-user': ExportedUser;
  readonly 'forget-plan': ForgetPlan;
  readonly 'forget': Receipt;
  /** The last line of stderr. */
  readonly 'error': CliErrorDocument;
}
