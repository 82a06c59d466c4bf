import { DeployedStack } from '../../operations/deployment';
import { Terminal } from '../terminal';

/** A queue of dead letters. */
export interface Letters {
  readonly queueArn: string;
  readonly messages: number;
  /** The queue that they came from, and can be moved back to; absent where a stream or an event gave them up: the next sweep makes up for these. */
  readonly sourceQueue?: string;
}

/** The document of `redrive --json`. */
export interface Redriven {
  readonly schemaVersion: 1;
  readonly queues: readonly Letters[];
  /** Queues whose messages are on their way back. */
  readonly redriven: number;
}

/** Where queues are asked for. */
export interface Queues {
  resources(region: string, stackName: string, type: string, logicalIdPrefix: string): Promise<string[]>;
  /** How many messages wait, and the queue that this one gives its failures to. */
  letters(region: string, queueUrl: string): Promise<{ readonly queueArn: string; readonly messages: number; readonly deadLetterArn?: string }>;
}

/** Every queue that others give their failures to, and every one that holds something without being read. */
export async function waitingLetters(queues: Queues, stacks: readonly DeployedStack[]): Promise<Letters[]> {
  const all = await Promise.all(stacks.map(async ({ region, stackName, deployment: { logicalIdPrefix } }) => {
    const urls = await queues.resources(region, stackName, 'AWS::SQS::Queue', logicalIdPrefix);
    return Promise.all(urls.map(async url => queues.letters(region, url)));
  }));
  const found = all.flat();
  const givesTo = (arn: string) => found.find(({ deadLetterArn }) => deadLetterArn === arn)?.queueArn;
  // A queue that has a queue of dead letters is read by a function: what waits there is on its way.
  return found.filter(({ deadLetterArn }) => deadLetterArn === undefined).map(({ queueArn, messages }) => {
    const sourceQueue = givesTo(queueArn);
    return { queueArn, messages, ...sourceQueue === undefined ? {} : { sourceQueue } };
  });
}

export function showLetters(terminal: Terminal, letters: readonly Letters[]): void {
  terminal.table(['queue of dead letters', 'messages', 'goes back to'], letters.map(({ queueArn, messages, sourceQueue }) =>
    [queueName(queueArn), messages, sourceQueue === undefined ? 'nothing: the next sweep makes up for it' : queueName(sourceQueue)]));
}

function queueName(arn: string): string {
  return arn.split(':').at(-1)!;
}
