import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { ListedOutcomes } from './choices';
import { CliError, EXIT } from './cli-error';
import { ListedOutcome } from './commands/list';
import { Session, silentStacks } from './session';
import { sentenceOf } from '../converge/sentences';
import { recoveryTableName } from '../operations/deployment';
import { recoveryKeys } from '../recovery/recovery-keys';
import { RecoveryLine } from '../recovery/recovery-line';
import { systemClock } from '../runtime/clock';
import { STATE } from '../state/constants';
import { stateKeys } from '../state/keys';
import { Reason, UserOutcome } from '../state/outcome';
import { StateItems } from '../state/state-items.lambda-shared';

/** An item of either table that the index of outcomes has. */
interface Found {
  readonly sk: string;
  readonly line?: RecoveryLine;
  readonly sub?: string;
  readonly reason?: UserOutcome['reason'];
  readonly difference?: Reason;
}

/** Users and groups of a restore, a recovery or a plan, that are in one of its lists. */
export async function* listedOutcomes(session: Session, run: string, list: ListedOutcomes): AsyncGenerator<ListedOutcome> {
  const { deployment: { primaryRegion, replicaRegion, ledgerTableName, stateTableName, recoveryStateMachineArn } } = session;
  const [execution] = run.split(':').slice(-1);
  const plans = recoveryTableName(ledgerTableName);
  const silent = silentStacks(session).find(({ region }) => region === primaryRegion);
  let isKnown = (await itemsIn(session, replicaRegion, stateTableName).get(stateKeys.run(execution))) !== undefined;
  yield* listed(session, replicaRegion, stateTableName, stateKeys.outcomeList(execution, list));
  if (recoveryStateMachineArn !== undefined && !silent) {
    const items = itemsIn(session, primaryRegion, plans);
    // Lines are the plan's, whichever execution is named.
    const plan = (await items.get(recoveryKeys.executor(execution)))?.plan as string | undefined ?? execution;
    isKnown ||= (await items.get(recoveryKeys.head(plan))) !== undefined;
    yield* listed(session, primaryRegion, plans, recoveryKeys.list(plan, list));
  }
  if (!isKnown) {
    throw new CliError(EXIT.NOT_FOUND, 'no-run', `no restore, recovery or plan is named ${execution}${silent
      ? `, or it is one of ${primaryRegion}: ${silent.sentence}` : ': they are forgotten after 90 days, and plans after 31'}`);
  }
}

function itemsIn({ aws }: Session, region: string, table: string): StateItems {
  return new StateItems(aws.table(region), table, systemClock);
}

async function* listed({ aws }: Session, region: string, TableName: string, key: string): AsyncGenerator<ListedOutcome> {
  const pages = paginateQuery({ client: aws.table(region) }, {
    TableName,
    IndexName: STATE.OUTCOME_INDEX,
    KeyConditionExpression: '#list = :list',
    ExpressionAttributeNames: { '#list': STATE.OUTCOME_INDEX_PARTITION_KEY },
    ExpressionAttributeValues: { ':list': key },
  });
  for await (const { Items = [] } of pages) yield* (Items as Found[]).map(shown);
}

function shown({ sk, line, sub = sk, reason, difference }: Found): ListedOutcome {
  const why = line ? whyOf(line) : reason ?? difference;
  const whose = line?.of === 'group' ? { group: line.id.slice('G#'.length) } : { sub: line ? line.sub : sub };
  return typeof why === 'object' ? { ...whose, code: why.code, sentence: sentenceOf(why) } : { ...whose, code: why ?? 'none', sentence: '' };
}

/** Of a line that is executed what came of it, of a planned one what it is listed for: how sure it is, or that Cognito would send a code. */
function whyOf({ result, warnings, certainty }: RecoveryLine): Reason | string | undefined {
  if (result) return result.reason;
  return certainty === 'uncertain' || certainty === 'incomplete' ? certainty : warnings.find(({ code }) => code === 'would-notify');
}
