import { createHash } from 'crypto';
import { chooseSample } from './choose-sample';
import { DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { DrillFailedError } from './drill-failed-error';
import { DrillDeviation, IsolationCheck } from './evidence/drill-facts';
import { CapturedPool, DescribedScratchPool, isScratchPool, scratchSettings } from './scratch-settings';
import { DescribedUserPool, poolSettingsOf } from '../cognito/pool-settings';
import { DirectoryAsOf } from '../ledger/directory-as-of';
import { RESTORE_QUOTA_SHARE } from '../restore/constants';

/** Somebody else's, or somebody's by now: its name or its tag is not a drill's. */
export const NOT_OWN_POOL = 'NotOwnPool';
/** Enough of a hash to tell the drills of one state machine apart. */
const NAME_DIGITS = 16;

/** The name of the pool of this drill, however often a slice asks: a creation whose answer was lost is found by it. */
export function scratchNameOf({ owner, execution }: Pick<DrillContext, 'owner' | 'execution'>, { facts: { startedAt } }: DrillCheckpoint): string {
  return `${owner}-${createHash('sha256').update(`${execution}\n${startedAt}`).digest('hex').slice(0, NAME_DIGITS)}`;
}

/**
 * The pool from the settings that were captured at the moment, a client to sign in by, and the users of a sample. They are kept once it is known that
 * there is a pool, whatever happens then: what is kept of users goes with their pool.
 */
export async function makePool(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint> {
  const { ledger, pools, store, owner, execution, region, clock } = context;
  const { sourceUserPoolId, moment } = at.chosen!;
  const { order: { users, seed } } = at;
  const directory = new DirectoryAsOf(ledger, moment);
  const part = await directory.poolPart(sourceUserPoolId, 'pool');
  if (!part || part.deletedAt !== undefined) {
    throw new DrillFailedError('NoSettings', `drill ${execution}: the ledger has no settings of ${sourceUserPoolId} at the moment`);
  }
  const name = scratchNameOf(context, at);
  const captured = part.value as CapturedPool;
  const { request, leftOut } = scratchSettings(captured, { owner, name });
  const [made] = await pools.named(name);
  const userPoolId = made?.id ?? await pools.create(request);
  await store.noteScratch({ userPoolId, sourceUserPoolId, execution });
  const described = await pools.describe(userPoolId);
  // IAM allows it by the pool's tag, of which it may learn a little later: the next try of the slice looks again.
  if (!described) throw new Error(`drill ${execution}: the pool ${userPoolId} was made, and cannot be looked at yet`);
  if (!isScratchPool(described, owner)) {
    throw new DrillFailedError(NOT_OWN_POOL, `drill ${execution}: the pool ${userPoolId} has not the name and the tag of a drill`);
  }
  if (users !== 'everybody') await store.saveSample(await chooseSample(directory, sourceUserPoolId, { users, seed }));
  const [client] = await pools.clients(userPoolId);
  return {
    ...at,
    clientId: client ?? await pools.createClient(userPoolId),
    byPassword: poolSettingsOf(captured as DescribedUserPool).signsInByPassword,
    facts: {
      ...at.facts,
      scratch: { userPoolId, name, region, createdAt: new Date(clock.now()).toISOString() },
      isolation: isolationOf(described, owner),
      deviations: deviationsOf(at, captured, leftOut),
    },
  };
}

/** What Cognito itself says of the pool, and nothing that is only meant. */
export function isolationOf(pool: DescribedScratchPool, owner: string): IsolationCheck[] {
  const hasSender = pool.EmailConfiguration?.EmailSendingAccount === 'DEVELOPER' || pool.EmailConfiguration?.SourceArn !== undefined;
  const sends = (pool.AutoVerifiedAttributes?.length ?? 0) > 0 || (pool.MfaConfiguration ?? 'OFF') !== 'OFF';
  return [
    { code: 'own-name-and-tag', seen: seen(isScratchPool(pool, owner)) },
    { code: 'no-triggers', seen: seen(Object.keys(pool.LambdaConfig ?? {}).length === 0) },
    { code: 'no-email-sender', seen: seen(!hasSender) },
    { code: 'no-sms-role', seen: seen(pool.SmsConfiguration?.SnsCallerArn === undefined) },
    { code: 'no-domain', seen: seen(pool.Domain === undefined && pool.CustomDomain === undefined) },
    { code: 'no-message-sent', seen: seen(!sends) },
    // The drill has no permission on the source pool, on a standby or on anybody's links.
    { code: 'source-untouched', seen: 'by-permission' },
    { code: 'standby-untouched', seen: 'by-permission' },
    { code: 'links-untouched', seen: 'by-permission' },
  ];
}

function seen(isHeld: boolean): IsolationCheck['seen'] {
  return isHeld ? 'held' : 'broken';
}

function deviationsOf({ order, facts }: DrillCheckpoint, { MfaConfiguration: mfa }: CapturedPool, leftOut: readonly string[]): DrillDeviation[] {
  return [
    ...leftOut.length > 0 ? [{ code: 'setting-left-out', settings: leftOut } as const] : [],
    ...mfa === 'ON' ? [{ code: 'mfa-not-required' } as const] : [],
    ...order.users === 'everybody' ? [] : [{ code: 'sample-only' } as const],
    ...order.quotaShare < RESTORE_QUOTA_SHARE ? [{ code: 'quota-share-smaller' } as const] : [],
    { code: 'messages-not-sent' },
    { code: 'app-not-rehearsed' },
    ...Object.values(facts.templates).some(({ unreadable }) => unreadable !== undefined) ? [{ code: 'template-unreadable' } as const] : [],
    ...facts.approvedBy ? [] : [{ code: 'approval-missing' } as const],
  ];
}
