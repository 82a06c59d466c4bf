import {
  AdminAddUserToGroupCommand, AdminConfirmSignUpCommand, AdminDisableUserCommand, AdminUpdateUserAttributesCommand, CreateGroupCommand,
  ForgotPasswordCommand, ListUsersCommand, SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, DescribeExecutionCommandOutput, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { answerOf, Assumption } from './assumption';
import { SweepReport } from '../../../src/capture/sweep/sweep';
import { isTrue } from '../../../src/cognito/attribute-values';
import { DrillVerdict } from '../../../src/drill/evidence/drill-verdict';
import { DynamoDbLedgerStore } from '../../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { UserRow } from '../../../src/ledger/schema';
import { beginningOfBuckets } from '../../../src/operator-grants';
import { RestoreReport } from '../../../src/restore/report';
import { differences, readPool, restored } from '../../helpers/compare';
import { listOf, PASSWORD, Person, valueOf } from '../people';
import { once, Port, Region, until } from '../port';
import { FAIL_WITH } from '../recorder';

/** With which names executions of the checks begin; the schedule's do not. */
const OURS = 'verify-';
const GROUP = 'verify-members';
/** At most: each is a monthly active user of the pool that the drill makes. */
const DRILLED = 25;
const PROMISED = 'docs/';

/** Users of every kind that a restore treats in its own way. */
const people = once(async (port: Port): Promise<Person[]> => {
  const { cognito } = port.source;
  const { sourcePool } = port.deployed;
  const made = [
    await port.people.confirmed(sourcePool, 'home-plain', { 'custom:note': 'plain' }),
    await port.people.confirmed(sourcePool, 'home-member', { name: 'Verify' }),
    await port.people.confirmed(sourcePool, 'home-disabled'),
    await port.people.created(sourcePool, 'home-invited'),
  ];
  await cognito.send(new CreateGroupCommand({ UserPoolId: sourcePool, GroupName: GROUP, Description: 'Verification', Precedence: 3 }));
  await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: sourcePool, GroupName: GROUP, Username: made[1].address }));
  await cognito.send(new AdminDisableUserCommand({ UserPoolId: sourcePool, Username: made[2].address }));
  return made;
});

/** The sweep that the deployment starts by itself; undefined where none came. */
const firstSweep = once(async (port: Port) => until(port, port.patience.schedule, async () => {
  const { executions } = await port.source.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: port.deployed.sweep }));
  return executions?.find(({ name }) => !name?.startsWith(OURS));
}));

const swept = once(async (port: Port) => {
  await people(port);
  const first = await firstSweep(port);
  // A second sweep beside one that runs would do nothing.
  if (first) await ended(port, port.source, first.executionArn!);
  return run(port, port.source, port.deployed.sweep, 'sweep', {});
});

const restoredAll = once(async (port: Port) => {
  await swept(port);
  for (const { sub } of await people(port)) await until(port, port.patience.ledger, async () => rowOf(port, sub));
  return run(port, port.replica, port.deployed.restore, 'restore', {});
});

/** Somebody who signs up after all that, and so comes by capture. */
const newcomer = once(async (port: Port) => {
  await restoredAll(port);
  const address = port.people.address('home-newcomer');
  const { sourcePool, sourceClient } = port.deployed;
  const { UserSub } = await port.source.cognito.send(new SignUpCommand({
    ClientId: sourceClient, Username: address, Password: PASSWORD, UserAttributes: listOf({ 'email': address, 'custom:tenant': 'verify' }),
  }));
  port.people.remember(UserSub);
  await port.source.cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: sourcePool, Username: address }));
  const row = await rowWith(port, UserSub!, ({ status }) => status === 'CONFIRMED');
  return { address, sub: UserSub!, row };
});

/** As an administrator verifies an address: no trigger runs. */
const verified = once(async (port: Port) => {
  const { address, sub } = await newcomer(port);
  await port.source.cognito.send(new AdminUpdateUserAttributesCommand({
    UserPoolId: port.deployed.sourcePool, Username: address, UserAttributes: listOf({ email_verified: 'true' }),
  }));
  const start = Date.now();
  const row = await rowWith(port, sub, ({ attributes }) => isTrue(attributes.email_verified));
  return { address, sub, seconds: row && ((Date.now() - start) / 1_000).toFixed(1) };
});

export const PRODUCT: readonly Assumption[] = [
  {
    id: 'product.first-sweep',
    what: 'EventBridge Scheduler runs a rate without a start date at once',
    assumed: 'the first sweep starts after the deployment, without anybody asking',
    source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html',
    check: async port => {
      const first = await firstSweep(port);
      return { observed: first ? `an execution that the schedule started: ${first.status}` : `none within ${port.patience.schedule / 1_000} s`, holds: first !== undefined };
    },
  },
  {
    id: 'product.sweep',
    what: 'A sweep of the source pool',
    assumed: 'SUCCEEDED, with every user in the ledger of the replica Region',
    source: PROMISED,
    check: async port => {
      const { status, error, output } = await swept(port);
      if (status !== 'SUCCEEDED') return { observed: `${status} ${error ?? ''}`, holds: false };
      const made = await people(port);
      const rows = await Promise.all(made.map(async ({ sub }) => until(port, port.patience.ledger, async () => rowOf(port, sub))));
      const report = JSON.parse(output!) as Partial<SweepReport>;
      const there = rows.filter(row => row !== undefined).length;
      return { observed: `SUCCEEDED, ${there} of ${made.length} there${report.configurationError ? `, but ${report.configurationError}` : ''}`, holds: there === made.length };
    },
  },
  {
    id: 'product.restore',
    what: 'A restore into the standby pool',
    assumed: 'SUCCEEDED, every user restored',
    source: PROMISED,
    check: async port => {
      const { status, error, output } = await restoredAll(port);
      if (status !== 'SUCCEEDED') return { observed: `${status} ${error ?? ''}`, holds: false };
      const { users, restored: done, failed } = JSON.parse(output!) as RestoreReport;
      return { observed: `SUCCEEDED, ${done} of ${users} restored, ${failed} failed`, holds: done === (await people(port)).length && failed === 0 };
    },
  },
  {
    id: 'product.differences',
    what: 'Source and standby pool compared, user by user and group by group',
    assumed: 'no difference beyond docs/what-is-kept.md',
    source: PROMISED,
    check: async port => {
      const { status } = await restoredAll(port);
      if (status !== 'SUCCEEDED') return { notObserved: `the restore ended ${status}` };
      let found: string[] = [];
      await until(port, port.patience.listing, async () => {
        const [source, standby] = await Promise.all([
          readPool(port.source.cognito, port.deployed.sourcePool), readPool(port.replica.cognito, port.deployed.standbyPool),
        ]);
        found = differences(source, standby, { user: restored({ generatedUsernames: true }) });
        return found.length === 0 ? found : undefined;
      });
      return { observed: found.length === 0 ? 'none' : `${found.length}, the first: ${found[0]}`, holds: found.length === 0 };
    },
  },
  {
    id: 'product.drill',
    what: 'A drill: a pool that is made with one tag, and every other call by that tag alone',
    assumed: 'SUCCEEDED: everybody came back, signed in, and the pool is gone',
    source: 'docs/evidence.md, Assumed: drill-tag',
    check: async port => {
      await restoredAll(port);
      const { status, error, cause, output } = await run(port, port.replica, port.deployed.drill, 'drill', { users: DRILLED });
      if (status !== 'SUCCEEDED') return { observed: `${status} ${error ?? ''}: ${cause ?? ''}`, holds: false };
      const { validationStatus = 'no drill', deletionStatus } = JSON.parse(output!) as Partial<DrillVerdict>;
      return { observed: `SUCCEEDED: validation ${validationStatus}, deletion ${deletionStatus}`, holds: validationStatus === 'SUCCESSFUL' && deletionStatus === 'SUCCESSFUL' };
    },
  },
  {
    id: 'product.bucket-name',
    what: 'The name of a bucket that CloudFormation makes',
    assumed: 'begins as its stack\'s name, in small letters',
    source: 'docs/evidence.md, Assumed: bucket-name',
    check: port => {
      const { evidenceBucket } = port.deployed;
      return Promise.resolve({ observed: evidenceBucket, holds: evidenceBucket.startsWith(beginningOfBuckets(port.names.replicaStack)) });
    },
  },
  {
    id: 'product.sign-up-captured',
    what: 'A user who signs up and is confirmed, without a sweep',
    assumed: 'in the ledger of the replica Region, by the trigger',
    source: PROMISED,
    check: async port => {
      const { row } = await newcomer(port);
      return { observed: row ? 'in the ledger' : `not there after ${port.patience.ledger / 1_000} s`, holds: row !== undefined };
    },
  },
  {
    id: 'product.change-captured',
    what: 'An attribute changed by an administrator, without a sweep',
    assumed: 'in the ledger of the replica Region, by CloudTrail\'s event',
    source: PROMISED,
    check: async port => {
      const { seconds } = await verified(port);
      if (seconds !== undefined) return { observed: `in the ledger after ${seconds} s`, holds: true };
      return port.events.heard.length > 0
        ? { observed: `not there after ${port.patience.ledger / 1_000} s`, holds: false }
        : { notObserved: `no event of Cognito at all: is there a trail in ${port.source.name} (--create-trail makes one)?` };
    },
  },
  {
    id: 'product.on-demand',
    what: 'ForgotPassword on the standby of somebody who is only in the ledger',
    assumed: 'makes the user there, with attributes and source_sub, and sends the code',
    source: PROMISED,
    check: async port => {
      const { address, sub, seconds } = await verified(port);
      if (seconds === undefined) await run(port, port.source, port.deployed.sweep, 'sweep-again', {});
      await run(port, port.replica, port.deployed.switch, 'open', { mode: 'open' });
      let medium: string | undefined;
      const answer = await answerOf(port.replica.cognito.send(new ForgotPasswordCommand({ ClientId: port.deployed.standbyClient, Username: address }))
        .then(({ CodeDeliveryDetails }) => { medium = CodeDeliveryDetails?.DeliveryMedium; }));
      const { Users } = await port.replica.cognito.send(new ListUsersCommand({ UserPoolId: port.deployed.standbyPool, Filter: `email = "${address}"` }));
      const attributes = Users?.[0]?.Attributes;
      const isIt = valueOf(attributes, 'custom:source_sub') === sub && valueOf(attributes, 'custom:tenant') === 'verify';
      return { observed: `${answer}${medium ? `, code by ${medium}` : ''}, ${isIt ? 'the user with both' : attributes ? 'the user without them' : 'nobody there'}`, holds: isIt && medium !== undefined };
    },
  },
  {
    id: 'product.input-refused',
    what: 'A restore with an unknown field',
    assumed: 'FAILED InvalidInput',
    source: PROMISED,
    check: async port => {
      const { status, error } = await run(port, port.replica, port.deployed.restore, 'refused', { unknown: true });
      return { observed: `${status} ${error ?? ''}`, holds: status === 'FAILED' && error === 'InvalidInput' };
    },
  },
  {
    id: 'product.error-name',
    what: 'The error of a function that throws, as Lambda and so a state machine\'s Catch name it',
    assumed: 'error.name',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html',
    check: async port => {
      const { Payload } = await port.source.lambda.send(new InvokeCommand({ FunctionName: port.deployed.recorder, Payload: JSON.stringify({ [FAIL_WITH]: 'VerifyError' }) }));
      const { errorType } = JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as { errorType?: string };
      return { observed: errorType === 'VerifyError' ? 'error.name' : String(errorType), holds: errorType === 'VerifyError' };
    },
  },
];

function ledger(port: Port): DynamoDbLedgerStore {
  return new DynamoDbLedgerStore(DynamoDBDocumentClient.from(port.replica.dynamodb), port.names.ledgerTable);
}

async function rowOf(port: Port, sub: string): Promise<UserRow | undefined> {
  return ledger(port).user(port.deployed.sourcePool, sub);
}

async function rowWith(port: Port, sub: string, is: (row: UserRow) => boolean): Promise<UserRow | undefined> {
  return until(port, port.patience.ledger, async () => {
    const row = await rowOf(port, sub);
    return row && is(row) ? row : undefined;
  });
}

async function run(port: Port, region: Region, stateMachineArn: string, what: string, input: object): Promise<DescribeExecutionCommandOutput> {
  const { executionArn } = await region.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name: `${OURS}${what}`, input: JSON.stringify(input) }));
  return ended(port, region, executionArn!);
}

async function ended(port: Port, { stepFunctions }: Region, executionArn: string): Promise<DescribeExecutionCommandOutput> {
  const over = await until(port, port.patience.execution, async () => {
    const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === 'RUNNING' ? undefined : execution;
  });
  if (!over) throw Object.assign(new Error(`${executionArn} still runs`), { name: 'StillRunning' });
  return over;
}
