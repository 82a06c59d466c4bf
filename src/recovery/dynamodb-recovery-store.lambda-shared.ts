import { PLAN_KEPT } from './constants';
import { RecoveryCheckpoint } from './recovery-checkpoint';
import { recoveryKeys } from './recovery-keys';
import { PlanHead, RecoveryLine } from './recovery-line';
import { RecoveryStore } from './recovery-store';
import { Page } from '../cognito/page';
import { Item } from '../ledger/schema';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';
import { GroupCommit } from '../runtime/group-commit';
import { STATE } from '../state/constants';
import { DynamoDbRunState, DynamoDbRunStateProps } from '../state/dynamodb-run-state.lambda-shared';
import { Lease } from '../state/run-state';

interface Kept {
  readonly plan: string;
  readonly line: RecoveryLine;
  readonly until: EpochMilliseconds;
}

/** A page of lines is done within a minute or so: a slice that is killed reads few of them again. */
const LINES_PER_PAGE = 100;
const HEAD = '#head';

/** Recoveries in a table of their own, in the source pool's Region. `retention`: milliseconds for which what was replaced is kept. */
export class DynamoDbRecoveryStore implements RecoveryStore {
  private readonly run: DynamoDbRunState<RecoveryCheckpoint>;
  private readonly commit = new GroupCommit<Kept>(kept => this.put(kept));

  constructor(private readonly props: DynamoDbRunStateProps & { readonly retention: number }) {
    this.run = new DynamoDbRunState(props);
  }

  public get links(): RecoveryStore['links'] {
    return this.run.links;
  }

  public async begin(): Promise<RecoveryCheckpoint | undefined> {
    return this.run.begin();
  }

  public async lease(): Promise<Lease | undefined> {
    return this.run.lease();
  }

  public async release(): Promise<void> {
    return this.run.release();
  }

  public async save(checkpoint: RecoveryCheckpoint): Promise<void> {
    return this.run.save(checkpoint);
  }

  public async plan(name: string): Promise<PlanHead | undefined> {
    const { items } = this.props;
    const executed = await items.get(recoveryKeys.executor(name));
    const found = await items.get(recoveryKeys.head((executed?.plan as string | undefined) ?? name));
    return found?.head as PlanHead | undefined;
  }

  public async writePlan(head: PlanHead): Promise<void> {
    await this.props.items.put({ ...recoveryKeys.head(head.plan), head, [STATE.TTL]: this.goneAt(head) });
  }

  public async writeExecutor(head: PlanHead, execution: string): Promise<void> {
    if (execution === head.plan) return;
    await this.props.items.put({ ...recoveryKeys.executor(execution), plan: head.plan, [STATE.TTL]: this.goneAt(head) });
  }

  public async line(plan: string, id: string): Promise<RecoveryLine | undefined> {
    const item = await this.props.items.get(recoveryKeys.line(plan, id));
    return item && readLine(item);
  }

  public async lines(plan: string, cursor?: string): Promise<Page<RecoveryLine>> {
    const page = await this.props.items.page(recoveryKeys.plan(plan), cursor, LINES_PER_PAGE);
    return { items: page.items.filter(({ sk }) => sk !== HEAD).map(readLine), next: page.next };
  }

  public async writeLines(plan: string, lines: readonly RecoveryLine[], until: EpochMilliseconds): Promise<void> {
    if (lines.length > 0) await this.commit.add(lines.map(line => ({ plan, line, until })));
  }

  private async put(kept: readonly Kept[]): Promise<void> {
    await this.props.items.putAll(kept.map(lineItem));
  }

  /** What was executed is kept as long as the history, to be taken back. */
  private goneAt({ executionBegunAt }: PlanHead): EpochSeconds {
    return seconds(this.props.clock.now() + (executionBegunAt === undefined ? PLAN_KEPT : this.props.retention));
  }
}

/** Together with {@link readLine}, the only codec of lines. */
function lineItem({ plan, line, until }: Kept): Item {
  const list = listOf(line);
  return {
    ...recoveryKeys.line(plan, line.id),
    line,
    ...list === undefined ? {} : { [STATE.OUTCOME_INDEX_PARTITION_KEY]: recoveryKeys.list(plan, list) },
    [STATE.TTL]: seconds(until),
  };
}

function readLine({ line }: Item): RecoveryLine {
  return line as RecoveryLine;
}

/** What an operator looks up by the index. */
function listOf({ result, certainty, warnings }: RecoveryLine): string | undefined {
  if (result) return ['failed', 'skipped'].find(outcome => outcome === result.outcome);
  if (certainty === 'uncertain' || certainty === 'incomplete') return 'uncertain';
  return warnings.some(({ code }) => code === 'would-notify') ? 'would-notify' : undefined;
}

function seconds(moment: EpochMilliseconds): EpochSeconds {
  return Math.ceil(moment / 1_000);
}
