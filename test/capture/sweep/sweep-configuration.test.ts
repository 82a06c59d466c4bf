import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { SWEEP_STATUS } from '../../../src/capture/constants';
import { SweepAnswer, sweepSlice } from '../../../src/capture/sweep/sweep';
import { SweepCheckpoint } from '../../../src/capture/sweep/sweep-context';
import { CognitoSourcePool } from '../../../src/cognito/cognito-source-pool.lambda-shared';
import { QuotaPacer } from '../../../src/cognito/pacing';
import { keys } from '../../../src/ledger/schema';
import { cognitoError } from '../../helpers/fake-cognito';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';
import { VirtualClock } from '../../helpers/virtual-clock';

const POOL = 'us-east-1_AbCdEfGhI';
const SLICE = 840_000;
/** What a function has left when its slice is over. */
const GRACE = 60_000;

/** A pool with nothing but clients, that answers in 80 ms and refuses the sixth call of one operation within a second. */
class PoolOfClients {
  public readonly refused: string[] = [];
  private readonly recent = new Map<string, number[]>();

  constructor(private readonly clock: VirtualClock, private readonly clients: number) {}

  public async send({ constructor: { name }, input }: {
    constructor: { name: string }; input: { ClientId?: string; NextToken?: string; MaxResults?: number };
  }) {
    const now = this.clock.now();
    const starts = [...(this.recent.get(name) ?? []).filter(at => at > now - 1_000), now];
    this.recent.set(name, starts);
    await this.clock.sleep(80);
    if (starts.length > 5 && name.includes('Client')) {
      this.refused.push(name);
      throw cognitoError('TooManyRequestsException');
    }
    switch (name) {
      case 'DescribeUserPoolCommand': return { UserPool: { Name: 'users', EstimatedNumberOfUsers: 0 } };
      case 'DescribeUserPoolClientCommand': return { UserPoolClient: { ClientId: input.ClientId, ClientName: `of ${input.ClientId}` } };
      case 'ListUserPoolClientsCommand': {
        const from = Number(input.NextToken ?? 0);
        const to = Math.min(this.clients, from + input.MaxResults!);
        return {
          UserPoolClients: Array.from({ length: to - from }, (_, i) => ({ ClientId: `client${from + i}` })), NextToken: to < this.clients ? String(to) : undefined,
        };
      }
      default: return {};
    }
  }
}

test.each([
  [1_000, 1, 210],
  [10_000, 1, 2_100],
  [1_000, 0.5, 420],
])('%s clients are described at five a second at most, times the share of %s of it, in slices that end in time', async (clients, share, seconds) => {
  const clock = new VirtualClock();
  const ledger = new InMemoryLedger();
  const cognito = new PoolOfClients(clock, clients);
  const began = clock.now();
  const lengths: number[] = [];
  await clock.run(async () => {
    let checkpoint: SweepCheckpoint | undefined;
    for (;;) {
      const pacer = new QuotaPacer({ clock, share });
      const source = new CognitoSourcePool(cognito as unknown as CognitoIdentityProviderClient, POOL, pacer);
      const at = clock.now();
      const answer: SweepAnswer = await sweepSlice(
        { poolId: POOL, source, store: ledger, pacer, clock, historyDays: 35, standbyAttributes: null, sliceLength: SLICE }, { run: 'run', checkpoint });
      lengths.push(clock.now() - at);
      if (answer.status !== SWEEP_STATUS.CONTINUE) return expect(answer.status).toBe(SWEEP_STATUS.COMPLETE);
      ({ checkpoint } = answer);
    }
  });
  expect(ledger.partition(keys.poolParts(POOL)).filter(({ sk }) => sk.startsWith('client#'))).toHaveLength(clients);
  expect(Math.max(...lengths)).toBeLessThan(SLICE + GRACE);
  expect((clock.now() - began) / 1_000).toBeLessThan(seconds * 1.15);
  // Where the pacer catches up after a pause, a second may see a call more.
  expect(cognito.refused.length).toBeLessThan(clients / 400);
});
